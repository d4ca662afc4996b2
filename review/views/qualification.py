"""The qualification screen: document left, checklist right (what it leads to: qualification_outcome.py)."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from applications.models import Case
from applications.selectors import rule_base
from applications.services.guard import require_office
from core import clock
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents.enums import DocumentKind
from review.enums import Verdict
from review.forms.qualification import VerdictForm
from review.rules.checklist import place_label
from review.selectors import cases
from review.selectors import qualification as selectors
from review.selectors.qualification import Sheet
from review.services import qualification as service
from review.services.qualification import PERMISSION, VerdictConflict
from review.views.office import VIEW_ALL, user_of

WORDS = dict(Verdict.choices)
KEYS = [
    {"key": "p", "label": "符合"},
    {"key": "s", "label": "需補件"},
    {"key": "f", "label": "不符合"},
    {"key": "n", "label": "下一件待初審"},
]


# ---- what the screen shows ----------------------------------------------------------------------


def _tabs(
    case: Case, sheet: Sheet, request: HttpRequest, changed: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Every paper of the case: the portal's own first, then the files as handed in.

    Open is the one that was asked for, else the first that a supplement brought (``changed``: keys).
    """
    found: list[dict[str, Any]] = []
    codes = {d.code: d.label for d in case.terms.terms.documents}
    portal = [d for d in case.terms.terms.documents if d.made_by == "portal"]
    for paper in selectors.portal_papers(case):
        plan = paper.kind == DocumentKind.PLAN
        code = (portal[-1] if plan else portal[0]).code if portal else ""
        found.append(
            {
                "key": f"doc-{paper.pk}",
                "code": code,
                "name": paper.get_kind_display(),
                "show": "pdf" if paper.is_issued else "waiting" if paper.is_open else "failed",
                "document": paper,
                "src": reverse("documents:download", args=[paper.pk]) + "?inline=1",
                "download": reverse("documents:download", args=[paper.pk]),
            }
        )
    for code, files in selectors.files_by_item(sheet.handed).items():
        for file in files:
            url = reverse("office:file", args=[case.pk, file["key"]])
            entry = file | {"src": f"{url}?inline=1", "download": url, "title": codes.get(code, code)}
            found.append(entry)
    wanted = request.GET.get("file", "")
    active = next((t for t in found if t["key"] == wanted), None)
    if active is None:
        active = next((t for t in found if t["key"] in changed), None)
    if active is None:
        # An uploaded paper is what the officer compares with; the plan when there is none.
        active = next((t for t in found if not t["key"].startswith("doc-")), found[0] if found else None)
    for tab in found:
        tab["active"] = tab is active
    return found


def _why_locked(request: HttpRequest, sheet: Sheet) -> str:
    """Why the person may not give verdicts here now; "" when they may."""
    try:
        require_office(user_of(request), PERMISSION, sheet.case)
    except PermissionDenied as reason:
        return (
            str(reason)
            if sheet.case.organisation_id in user_of(request).organisation_roles
            else "您可以閱讀，不能判定。"
        )
    if not sheet.is_open:
        return f"案件目前是「{sheet.case.get_state_display()}」，判定只供閱讀。"
    return ""


def _context(request: HttpRequest, case: Case, sheet: Sheet, now: datetime) -> dict[str, Any]:
    terms = case.terms.terms
    locked = _why_locked(request, sheet)
    sections, files = selectors.changes(case, sheet.handed)
    tabs = _tabs(case, sheet, request, frozenset(str(one["key"]) for f in files for one in f.come))
    by_code: dict[str, list[dict[str, Any]]] = {}
    for tab in tabs:
        by_code.setdefault(tab["code"], []).append(tab)
    for item in sheet.items:
        codes = item.line.documents
        item.files = [tab for code in codes for tab in by_code.get(code, [])]
    return {
        "case": case,
        "sheet": sheet,
        "rules": [i for i in sheet.items if i.line.is_rule],
        "documents": [i for i in sheet.items if not i.line.is_rule],
        "tabs": tabs,
        "shown": next((t for t in tabs if t["active"]), None),
        "locked": locked,
        "changed_sections": sections,
        "changed_files": files,
        "keys": KEYS,
        "rule_base": rule_base(case),
        "supplement_days": terms.settings.supplement_working_days,
    } | summary_context(request, sheet, now, locked=locked)


def summary_context(request: HttpRequest, sheet: Sheet, now: datetime, *, locked: str) -> dict[str, Any]:
    """The panel that counts, and writes the letter as one goes."""
    decision = sheet.tally.decision
    due_on = None
    if sheet.tally.supplements and not sheet.tally.failed:
        days = sheet.case.terms.terms.settings.supplement_working_days
        due_on = selectors.due_after(now.astimezone(TAIPEI).date(), days)
    labels = {
        "qualify": ("初審符合", reverse("office:qualify", args=[sheet.case.pk])),
        "supplement": ("預覽並發出補件通知", reverse("office:request_supplement", args=[sheet.case.pk])),
        "return": ("預覽並退件", reverse("office:return", args=[sheet.case.pk])),
    }
    label, url = labels.get(decision, ("", ""))
    return {
        "case": sheet.case,
        "sheet": sheet,
        "tally": sheet.tally,
        "decision": decision,
        "decision_label": label,
        "decision_url": url,
        "letter": [
            {
                "code": item.code,
                "title": item.line.title,
                "reason": item.reason,
                "opens": "、".join(place_label(p) for p in item.verdict.opens) if item.verdict else "",
            }
            for item in sheet.against
        ],
        "letter_kind": "退件函" if sheet.tally.failed else "補件通知函",
        "due_on": due_on,
        "locked": locked,
    }


def case_and_sheet(request: HttpRequest, pk: uuid.UUID) -> tuple[Case, Sheet]:
    """The case as this person may see it, and its checklist."""
    case = cases.get_case(user_of(request), pk, content=True)
    return case, selectors.sheet(case)


@needs(VIEW_ALL)
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole screen; its POST saves every verdict at once, for browsers without JavaScript."""
    now = clock.now()
    case, sheet = case_and_sheet(request, pk)
    status = 200
    if request.method == "POST":
        forms = [VerdictForm(request.POST, item) for item in sheet.items]
        status = _save_all(request, case, sheet, [f for f in forms if f.touched], now)
        if status == 200:
            return redirect("office:qualification", pk)
        fresh = selectors.sheet(case)
        _keep(sheet, fresh)
        sheet = fresh
    context = _context(request, case, sheet, now)
    if not context["locked"]:
        context["next_case"] = cases.next_to_check(user_of(request), case, now.astimezone(TAIPEI).date())
    context["errors"] = [
        {"text": f"{i.code}：{i.error}", "href": f"#item-{i.code}"} for i in sheet.items if i.error
    ]
    context["form_errors"] = bool(context["errors"])
    return render(request, "review/office/qualification.html", context, status=status)


def _save_all(request: HttpRequest, case: Case, sheet: Sheet, forms: list[VerdictForm], now: datetime) -> int:
    """Write what can be written; what can't stays with the items. The status of the answer."""
    judgements = []
    for form in forms:
        if form.is_valid():
            judgements.append(form.judgement())
        else:
            _mark(form, " ".join(str(e) for errors in form.errors.values() for e in errors))
    try:
        results = service.judge_many(case=case, judgements=judgements, actor=user_of(request), now=now)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return 200
    by_code = {form.item.code: form for form in forms}
    for code, refusal in results.refused.items():
        if isinstance(refusal, VerdictConflict):
            _conflict(by_code[code], refusal)
        else:
            _mark(by_code[code], " ".join(refusal.messages))
    if any(item.error for item in sheet.items):
        return 409 if any(item.conflict for item in sheet.items) else 422
    messages.success(
        request, f"已儲存 {len(results.saved)} 項判定。" if results.saved else "沒有需要儲存的判定。"
    )
    return 200


def _mark(form: VerdictForm, message: str) -> None:
    form.item.error = message
    form.item.typed = form.typed()


def _conflict(form: VerdictForm, refusal: VerdictConflict) -> None:
    """Show what stands, and beside it what this person wanted."""
    typed, stands = form.typed(), refusal.item
    form.item.verdict = stands
    form.item.error = "這一項剛剛由另一位承辦人判定，您的判定還沒有存入。"
    form.item.conflict = {
        "who": str(stands.judged_by or "另一位承辦人"),
        "at": stands.judged_at,
        "theirs": WORDS[stands.verdict],
        "their_reason": stands.reason,
        "mine": WORDS.get(typed["verdict"], typed["verdict"]),
        "my_reason": typed["reason"],
        "again": json.dumps(
            {
                f"{form.item.code}-verdict": typed["verdict"],
                f"{form.item.code}-reason": typed["reason"],
                f"{form.item.code}-version": stands.version,
            }
        ),
    }


def _keep(before: Sheet, after: Sheet) -> None:
    for item in after.items:
        old = before.item(item.code)
        item.error, item.conflict, item.typed = old.error, old.conflict, old.typed


@require_POST
@needs(PERMISSION)
def judge(request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
    """One verdict, saved at once; answers with the item and the panel."""
    now = clock.now()
    case, sheet = case_and_sheet(request, pk)
    require_office(user_of(request), PERMISSION, case)
    try:
        form = VerdictForm(request.POST, sheet.item(code))
    except KeyError:
        raise Http404("這件案件沒有這個查核項目。") from None
    if not form.is_valid():
        _mark(form, " ".join(str(e) for errors in form.errors.values() for e in errors))
    else:
        try:
            service.judge(case=case, judgement=form.judgement(), actor=user_of(request), now=now)
        except VerdictConflict as refusal:
            _conflict(form, refusal)
        except ValidationError as refused:
            _mark(form, " ".join(refused.messages))
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return _reload(request, reverse("office:qualification", args=[pk]))
    if not request.htmx:  # type: ignore[attr-defined]
        if form.item.error:
            messages.error(request, f"{code}：{form.item.error}")
        return redirect(f"{reverse('office:qualification', args=[pk])}#item-{code}")
    fresh = selectors.sheet(case)
    _keep(sheet, fresh)
    context = _context(request, case, fresh, now)
    context |= {"item": fresh.item(code), "oob": True}
    return render(request, "review/office/_judged.html", context)


def _reload(request: HttpRequest, url: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse()
        response["HX-Redirect"] = url
        return response
    return redirect(url)


@require_safe
@needs(VIEW_ALL)
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The left side alone, with another paper shown."""
    case, sheet = case_and_sheet(request, pk)
    tabs = _tabs(case, sheet, request)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(
            f"{reverse('office:qualification', args=[pk])}?file={request.GET.get('file', '')[:80]}"
        )
    shown = next((t for t in tabs if t["active"]), None)
    return render(request, "review/office/_document.html", {"case": case, "tabs": tabs, "shown": shown})


@require_POST
@needs(PERMISSION)
def take(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Become the officer of the case."""
    case = cases.get_case(user_of(request), pk)
    service.take_over(case=case, actor=user_of(request), now=clock.now())
    messages.success(request, "這件案件現在由您承辦。")
    return redirect("office:case", pk)
