"""The reviewer's score sheet beside the case: fill in, save, hand in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.permissions import needs
from core import clock
from core.findings import Finding
from core.rocdate import TAIPEI
from core.text import half_width
from programs.rules.terms import Terms
from review import permissions
from review.enums import AssignmentState, PanelCaseState
from review.forms.sheet import SheetForm
from review.models import Assignment, ScoreSheet
from review.rules import scoring
from review.selectors import reviewing as selectors
from review.services import panels as panel_services
from review.services import sheets
from review.views.common import SHOWN, case_name, mine, user_of


def _form(data: Any, assignment: Assignment, requested: dict[str, int], **kwargs: Any) -> SheetForm:
    return SheetForm(data, terms=assignment.panel_case.case.terms.terms, requested=requested, **kwargs)


def _criteria(form: SheetForm, values: selectors.SheetValues, scheme: scoring.Scheme) -> list[dict[str, Any]]:
    """One block for each criterion: what to look at, the two fields, the points reached."""
    exact = values.exact()
    return [
        {
            "item": c,
            "score": form[f"score-{c.id}"],
            "comment": form[f"comment-{c.id}"],
            "value": values.scores.get(c.id),
            "points": scoring.display(exact[c.id] * c.weight / scheme.scale) if c.id in exact else None,
        }
        for c in form.terms.criteria
    ]


def _accounts(form: SheetForm, totals: list[Any]) -> list[dict[str, Any]]:
    by_key = {t.key: t for t in totals}
    return [
        {"account": a, "total": by_key.get(a.key), "field": form[f"amount-{a.key}"]}
        for a in form.terms.award_lines
    ]


def _total_context(terms: Terms, values: selectors.SheetValues, found: list[Finding]) -> dict[str, Any]:
    known = [c.id for c in terms.criteria if c.id in values.scores]
    return {
        "total": selectors.running_total(values, terms),
        "scored": len(known),
        "needed": len(terms.criteria),
        "todo": found,
        "pass_mark": terms.settings.pass_mark,
    }


@needs(permissions.SCORE)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The case beside its sheet. A POST saves without JavaScript; then on to the check, or back here."""
    assignment = mine(request, pk)
    if assignment.state == AssignmentState.ASSIGNED:
        return redirect("review:declare", pk)
    if assignment.state not in SHOWN:
        messages.info(request, "您已聲明迴避這件。")
        return redirect("review:home")
    facts = selectors.sheet_facts(assignment.panel_case.case)
    if request.method == "POST":
        return _save_page(request, assignment, facts)
    values = selectors.sheet_values(assignment)
    initial = SheetForm.initial_from(values)
    draft = bool(values.sheet and values.sheet.draft)
    form = (
        _form({k: "" if v is None else str(v) for k, v in initial.items()}, assignment, facts.requested)
        if draft
        else _form(None, assignment, facts.requested, initial=initial)
    )
    return _sheet_page(request, assignment, facts, values, form)


def _save_page(request: HttpRequest, assignment: Assignment, facts: selectors.SheetFacts) -> HttpResponse:
    form = _form(request.POST, assignment, facts.requested)
    try:
        saved = _save(request, assignment, form)
    except sheets.SheetConflict as conflict:
        values = selectors.values_of(conflict.sheet)
        return _sheet_page(
            request, assignment, facts, values, form, conflict=_differences(form, values), status=409
        )
    if form.errors:
        values = selectors.values_of(saved)
        return _sheet_page(request, assignment, facts, values, form, status=422)
    if request.POST.get("then") == "submit":
        return redirect("review:submit", assignment.pk)
    messages.success(request, "已儲存。")
    return redirect("review:sheet", assignment.pk)


def _save(request: HttpRequest, assignment: Assignment, form: SheetForm, tab: str = "") -> ScoreSheet:
    return sheets.save_sheet(
        assignment=assignment,
        data=form.understood(),
        base_version=_version(request),
        actor=user_of(request),
        now=clock.now(),
        tab=tab,
    )


def _version(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return -1


def _sheet_page(
    request: HttpRequest,
    assignment: Assignment,
    facts: selectors.SheetFacts,
    values: selectors.SheetValues,
    form: SheetForm,
    *,
    conflict: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    today = clock.today()
    rows = selectors.work_rows(user, today)
    live = [r for r in rows if r.live and r.assignment.state != AssignmentState.RECUSED]
    seat = assignment.panel_case
    found = sheets.problems(assignment, values, facts.requested)
    closed = permissions.score_refusal(user, assignment)
    context = {
        **case_name(assignment),
        **sheet_context(form, facts, values, found),
        "saved_at": _time(values.sheet.saved_at) if values.sheet and values.version else "",
        "seat": seat,
        "book": seat.book,
        "closed": closed,
        "may_print": bool(
            assignment.state == AssignmentState.SUBMITTED and values.sheet and values.sheet.document_id
        ),
        "may_sign": seat.state == PanelCaseState.SIGNING and assignment.state == AssignmentState.SUBMITTED,
        "reopened": _reopen_reason(assignment) if assignment.state == AssignmentState.DECLARED else "",
        "next": selectors.next_row(rows, after=assignment.pk),
        "done": sum(r.assignment.state == AssignmentState.SUBMITTED for r in live),
        "all": len(live),
        "today": today,
        "conflict": conflict,
    }
    return render(request, "review/reviewer/sheet.html", context, status=status)


def sheet_context(
    form: SheetForm, facts: selectors.SheetFacts, values: selectors.SheetValues, found: list[Finding]
) -> dict[str, Any]:
    """What the sheet itself shows; no query."""
    return {
        **_total_context(form.terms, values, found),
        "form": form,
        "form_errors": bool(form.is_bound and form.errors),
        "criteria": _criteria(form, values, selectors.scheme_of(form.terms)),
        "accounts": _accounts(form, facts.totals),
        "recommended": sum(values.amounts.values()),
        "facts": facts,
        "grant": form.terms.grant,
        "scale": form.terms.settings.scoring_scale,
        "values": values,
        "version": values.version,
    }


def _time(moment: Any) -> str:
    return f"{moment.astimezone(TAIPEI):%H:%M}"


def _reopen_reason(assignment: Assignment) -> str:
    """Why the chair gave the sheet back, if that was the last thing that happened. One query."""
    last = assignment.transitions.order_by("-at", "-pk").first()
    return str(last.reason) if last is not None and last.action == "reopen" else ""


def _differences(form: SheetForm, values: selectors.SheetValues) -> list[dict[str, str]]:
    """Where the stored sheet and what was just sent differ, in words."""
    stored = SheetForm.initial_from(values)
    rows = []
    for name, field in form.fields.items():
        mine, theirs = str(form.data.get(name, "")).strip(), str(stored.get(name, "") or "")
        if half_width(mine).replace(",", "") != half_width(theirs).replace(",", ""):
            words = {"yes": "建議補助", "no": "不建議補助"} if name == "recommends" else {}
            rows.append(
                {
                    "label": str(field.label),
                    "mine": words.get(mine, mine),
                    "theirs": words.get(theirs, theirs),
                }
            )
    return rows


@require_POST
@needs(permissions.SCORE)
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet, saved while one types (docs/design-system.md, Autosave)."""
    assignment = mine(request, pk)
    requested = selectors.requested_amounts(assignment.panel_case.case)
    form = _form(request.POST, assignment, requested)
    try:
        saved = _save(request, assignment, form, tab=request.headers.get("X-Autosave-Tab", "")[:40])
    except sheets.SheetConflict as conflict:
        values = selectors.values_of(conflict.sheet)
        return _conflict(request, conflict=_differences(form, values), version=conflict.sheet.version)
    except PermissionDenied as denied:
        return _conflict(request, reason=str(denied))
    values = selectors.values_of(saved)
    found = sheets.problems(assignment, values, requested)
    context = _total_context(assignment.panel_case.case.terms.terms, values, found)
    fragments = {
        "#sheet-total": render_to_string("review/reviewer/_total.html", context, request),
        "#sheet-todo": render_to_string("review/reviewer/_todo.html", context, request),
    }
    for name in form.fields:
        fragments[f"#error-{name}"] = render_to_string(
            "review/reviewer/_field_error.html", {"name": name, "errors": form.errors.get(name, [])}, request
        )
    return JsonResponse(
        {
            "status": "kept" if form.errors else "saved",
            "version": saved.version,
            "saved_at": _time(saved.saved_at),
            "fragments": fragments,
        },
        status=422 if form.errors else 200,
    )


def _conflict(request: HttpRequest, **context: Any) -> HttpResponse:
    html = render_to_string("review/reviewer/_conflict.html", context, request)
    return JsonResponse({"status": "conflict", "fragments": {"#conflict": html}}, status=409)


@needs(permissions.SCORE)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Look once more, then hand in."""
    assignment = mine(request, pk)
    user = user_of(request)
    if assignment.state == AssignmentState.SUBMITTED:
        return redirect("review:sheet", pk)
    if reason := permissions.score_refusal(user, assignment):
        raise PermissionDenied(reason)
    values = selectors.sheet_values(assignment)
    requested = selectors.requested_amounts(assignment.panel_case.case)
    if request.method == "POST":
        try:
            sheets.submit_sheet(assignment=assignment, version=_version(request), actor=user, now=clock.now())
        except sheets.SheetConflict:
            messages.warning(request, "評分表剛才在別的視窗改過，請再看一次內容後送出。")
            return redirect("review:submit", pk)
        except sheets.SheetIncomplete:
            return redirect("review:submit", pk)
        return _after_submit(request, assignment)
    found = sheets.problems(assignment, values, requested)
    terms = assignment.panel_case.case.terms.terms
    form = _form(None, assignment, requested, initial=SheetForm.initial_from(values))
    errors = [
        {"text": f.message, "href": f"{reverse('review:sheet', args=[pk])}#id_{f.where}"} for f in found
    ]
    if values.sheet and values.sheet.draft:
        where = {name: str(field.label) for name, field in form.fields.items()}
        covered = {f.where for f in found}
        errors += [
            {
                "text": f"「{where.get(name, name)}」填的內容需要修正。",
                "href": f"{reverse('review:sheet', args=[pk])}#id_{name}",
            }
            for name in values.sheet.draft
            if name not in covered
        ]
    return render(
        request,
        "review/reviewer/submit.html",
        {
            **case_name(assignment),
            "errors": errors,
            "form_errors": bool(errors),
            "criteria": _criteria(form, values, selectors.scheme_of(terms)),
            "total": selectors.running_total(values, terms),
            "accounts": [
                {"label": a.label, "requested": requested.get(a.key, 0), "amount": values.amounts.get(a.key)}
                for a in terms.award_lines
            ],
            "grant": terms.grant,
            "requested": sum(requested.values()),
            "recommended": sum(values.amounts.values()),
            "sheet": values.sheet,
            "version": values.version,
        },
    )


def _after_submit(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    rows = selectors.work_rows(user_of(request), clock.today())
    following = selectors.next_row(rows, after=assignment.pk)
    number = assignment.panel_case.case.number
    if following is None:
        messages.success(request, f"{number} 的評分表已送出。您的案件都處理完了，謝謝您。")
        return redirect("review:home")
    messages.success(request, f"{number} 的評分表已送出。")
    return redirect("review:sheet", assignment.pk)


@require_POST
@needs(permissions.SCORE)
def make_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the merged case made where it is missing; pressing twice makes one."""
    assignment = mine(request, pk)
    if assignment.state not in SHOWN:
        raise PermissionDenied("請先簽署利益迴避聲明。")
    panel_services.ensure_book(seat=assignment.panel_case, actor=None, now=clock.now())
    messages.success(request, "已排入製作，通常一分鐘內完成，請稍後重新整理。")
    return redirect("review:sheet", pk)
