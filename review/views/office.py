"""The office's home, its list of cases, and the page of one case."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from applications import selectors as applications
from applications.enums import CaseState, SupplementState
from applications.models import Case
from applications.services.outcome import RELEASE
from applications.workflow import CASE
from core import clock
from core.findings import Severity
from core.rocdate import TAIPEI, roc
from documents.enums import DocumentState
from documents.responses import file_response
from documents.services import FileDamaged
from outreach.selectors import inquiries
from programs.selectors import work_calendar
from programs.selectors.fedrows import contributions
from review.forms.qualification import CaseFilter
from review.selectors import cases as selectors
from review.selectors import qualification
from review.services.qualification import PERMISSION, is_over

VIEW_ALL = "case.view_all"
PAGE = 50
TONES = {
    CaseState.SUBMITTED: "mine",
    CaseState.SUPPLEMENTING: "waiting",
    CaseState.QUALIFIED: "mine",
    CaseState.IN_REVIEW: "waiting",
    CaseState.REVIEWED: "mine",
    CaseState.APPROVED: "done",
    CaseState.REJECTED: "neutral",
    CaseState.RESERVED: "waiting",
    CaseState.FORFEITED: "neutral",
    CaseState.RETURNED: "neutral",
    CaseState.WITHDRAWN: "neutral",
}
DOCUMENT_TONES = {
    DocumentState.PENDING: "waiting",
    DocumentState.RENDERING: "waiting",
    DocumentState.ISSUED: "done",
    DocumentState.FAILED: "problem",
}


def user_of(request: HttpRequest) -> Any:
    """Whoever is logged in; the middleware lets nobody else here."""
    return request.user


def today_of(now: datetime) -> date:
    """The day in Taipei."""
    return now.astimezone(TAIPEI).date()


def _row(case: Any, today: date) -> dict[str, Any]:
    """A row of a list: who, what, since when, until when. Takes a case of ``selectors.rows``."""
    since = case.since.astimezone(TAIPEI).date()
    check = getattr(case, "qualification_check", None)
    return {
        "case": case,
        "company": case.company_name,
        "url": reverse("office:case", args=[case.pk]),
        "tone": TONES[CaseState(case.state)],
        "days": (today - since).days,
        "late": bool(case.due_on and case.due_on < today),
        "officer": check.officer if check else None,
        "check_url": reverse("office:qualification", args=[case.pk])
        if case.state == CaseState.SUBMITTED
        else "",
    }


@require_safe
@needs(PERMISSION)
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the office, oldest first, on one screen."""
    now = clock.now()
    data = selectors.home(user_of(request), now)
    base = reverse("office:cases")
    answers = user_of(request).has_permission("inquiry.answer")
    groups = [
        {
            "view": group["view"],
            "count": group["count"],
            "more": group["count"] - len(group["rows"]),
            "url": f"{base}?view={group['view'].key}",
            "rows": [_row(case, data["today"]) for case in group["rows"]],
            "mine": group["view"].key in ("to_check", "qualified", "to_send"),
        }
        for group in data["groups"]
    ]
    context = {
        "groups": groups,
        "total": sum(group["count"] for group in groups),
        "calls": data["calls"],
        "failed_documents": data["failed_documents"],
        "inquiries": inquiries.view_counts(user_of(request), data["today"]) if answers else None,
    }
    return render(request, "review/office/home.html", context)


def _address(request: HttpRequest, **changes: str) -> str:
    """The list's address with other parameters; empty ones go, and the page starts anew."""
    query = QueryDict(mutable=True)
    for name in ("view", "q", "call", "state", "officer", "sort"):
        value = changes.get(name, request.GET.get(name, ""))
        if value:
            query[name] = value
    base = reverse("office:cases")
    return f"{base}?{query.urlencode()}" if query else base


COLUMNS = (
    ("number", "案號", ""),
    ("company", "公司", ""),
    ("", "計畫名稱", ""),
    ("", "狀態", ""),
    ("since", "進入此狀態", ""),
    ("due", "補件期限", ""),
    ("", "承辦", ""),
    ("requested", "申請補助款", "元"),
)


def _columns(request: HttpRequest, sort: str) -> list[dict[str, Any]]:
    """Heads of the table: a second click on the sorted column turns the order round."""
    found = []
    for key, label, unit in COLUMNS:
        active = bool(key) and sort.removeprefix("-") == key
        wanted = f"-{key}" if active and not sort.startswith("-") else key
        found.append(
            {
                "label": label,
                "unit": unit,
                "url": _address(request, sort=wanted) if key else "",
                "order": ("descending" if sort.startswith("-") else "ascending") if active else "",
            }
        )
    return found


@require_safe
@needs(VIEW_ALL)
def case_list(request: HttpRequest) -> HttpResponse:
    """Every submitted case; view, filters, order and page stand in the address."""
    today = today_of(clock.now())
    form = CaseFilter(request.GET)
    chosen = form.chosen()
    narrowed = selectors.filtered(selectors.submitted_cases(user_of(request)), **chosen)
    number = selectors.counts(narrowed, today)
    found = selectors.rows(narrowed, key=form.view, today=today, sort=form.sort)
    # The aggregate above has counted the view already: pagination need not ask again.
    paginator = Paginator(found, PAGE)
    paginator.count = number[form.view]
    page = paginator.get_page(request.GET.get("page"))
    views = [
        {
            "label": one.label,
            "url": _address(request, view=one.key),
            "count": number[one.key],
            "active": one.key == form.view,
            "problem": one.problem,
        }
        for one in (selectors.ALL, *selectors.VIEWS)
    ]
    filtering = any(chosen.values())
    extra = [{"name": "view", "value": form.view}] if form.view != "all" else []
    if form.sort != "since":
        extra.append({"name": "sort", "value": form.sort})
    context = {
        "form": form,
        "views": views,
        "view": selectors.view(form.view),
        "page_obj": page,
        "rows": [_row(case, today) for case in page.object_list],
        "columns": _columns(request, form.sort),
        "extra": extra,
        "clear_url": _address(request, q="", call="", state="", officer="") if filtering else "",
        "may_take_in": user_of(request).has_permission("case.intake_paper"),
        "may_extend": user_of(request).has_permission("case.extend_window"),
    }
    return render(request, "review/office/cases.html", context)


def next_step(case: Case, page: dict[str, Any], now: datetime, *, may_decide: bool) -> dict[str, Any]:
    """Whose turn it is, what is to be done and by when, with the one primary button. One query at most."""
    qualification_url = reverse("office:qualification", args=[case.pk])
    step: dict[str, Any] = {"turn": "", "mine": False, "next": ""}
    if case.state == CaseState.SUBMITTED:
        step |= {"turn": "輪到計畫辦公室", "mine": may_decide, "next": "逐項核對申請資格與應備文件。"}
        label = "進行初審" if may_decide else "查看初審"
        step |= {"action_url": qualification_url, "action_label": label}
    elif case.state == CaseState.SUPPLEMENTING:
        notice = next((s for s in page["supplements"] if s.state == SupplementState.OPEN), None)
        step |= {"turn": "申請單位處理中", "next": "等待補件。"}
        if notice is not None:
            today = today_of(now)
            left = work_calendar().between(today, notice.due_on)
            words = (
                "今天截止" if notice.due_on == today else f"還有 {left} 個工作天" if left > 0 else "已逾期"
            )
            step |= {"due": f"{roc(notice.due_on)}（{words}）", "due_title": notice.due_on.isoformat()}
            if is_over(notice, now):
                step |= {
                    "turn": "輪到計畫辦公室",
                    "mine": may_decide,
                    "next": "補件期限已過，系統會自動退件。",
                }
    elif case.state == CaseState.QUALIFIED:
        step |= {"turn": "輪到計畫辦公室", "mine": may_decide, "next": "把案件編入審查小組，送專業審查。"}
        step |= {"action_url": reverse("review:panels"), "action_label": "前往審查小組"} if may_decide else {}
    elif case.state == CaseState.IN_REVIEW:
        step |= {"turn": "審查委員處理中", "next": "專業審查進行中。"}
    elif case.state == CaseState.REVIEWED:
        step |= {"turn": "輪到計畫辦公室", "mine": may_decide, "next": "排入決審會議。"}
        step |= {"action_url": reverse("meetings:list"), "action_label": "前往決審會議"} if may_decide else {}
    elif case.state == CaseState.APPROVED:
        step |= {"turn": "申請單位處理中", "next": "依核定函辦理簽約。"}
    elif case.state == CaseState.RESERVED:
        step |= {"turn": "計畫辦公室處理中", "next": "備取中；有單位釋出時，召開會議依審查排序遞補。"}
    elif case.state in (
        CaseState.REJECTED,
        CaseState.RETURNED,
        CaseState.WITHDRAWN,
        CaseState.FORFEITED,
    ):
        step |= {"next": f"案件已結束（{case.get_state_display()}）。"}
    return step


ACTIONS = {(row.action): row.label for row in CASE.transitions}


@require_safe
@needs(VIEW_ALL)
def case_page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One case for the office: where it is, what happened, what was handed in, sent and found."""
    user: Any = request.user
    now = clock.now()
    case = selectors.get_case(user, pk, content=True)
    page = selectors.case_page(case)
    handed = qualification.handed_in(case)
    found = qualification.findings_of(case, handed)
    own = case.organisation_id in user.organisation_roles
    may_decide = user.has_permission(PERMISSION) and not own
    for letter in page["letters"]:
        letter.tone = DOCUMENT_TONES[DocumentState(letter.document.state)]
    open_notice = next((s for s in page["supplements"] if s.state == SupplementState.OPEN), None)
    if open_notice is not None:
        open_notice.case = case
    context = {
        "case": case,
        "company": getattr(case, "company", None),
        "tone": TONES[CaseState(case.state)],
        "stages": applications.stages(case, now),
        "step": next_step(case, page, now, may_decide=may_decide),
        "next_case": _next_to_check(user, case, now) if may_decide else None,
        "own": own and user.has_permission(PERMISSION),
        "may_decide": may_decide,
        "may_extend_notice": may_decide and open_notice is not None,
        "may_expire": may_decide and open_notice is not None and is_over(open_notice, now),
        "open_notice": open_notice,
        "check": page["check"],
        "submissions": page["submissions"],
        "transitions": [
            {"row": row, "label": ACTIONS.get(row.action, row.action)}
            for row in reversed(page["transitions"])
        ],
        "supplements": page["supplements"],
        "letters": page["letters"],
        "objections": [f for f in found if f.severity in (Severity.ERROR, Severity.WARNING)],
        "passed": [f for f in found if f.severity is Severity.OK],
        "summary": _summary(case, handed),
        "grant": case.terms.terms.grant,
        **_decision(case, user),
        "sees_kpis": case.state == CaseState.APPROVED and user.has_permission("plan.view"),
        "rule_base": applications.rule_base(case),
    }
    return render(request, "review/office/case.html", context)


def _next_to_check(user: Any, case: Case, now: datetime) -> Case | None:
    """The next case of the queue, on the page of one that has just left it or is still in it."""
    if case.state not in (
        CaseState.SUBMITTED,
        CaseState.SUPPLEMENTING,
        CaseState.QUALIFIED,
        CaseState.RETURNED,
    ):
        return None
    return selectors.next_to_check(user, case, today_of(now))


def _decision(case: Case, user: Any) -> dict[str, Any]:
    """What was granted and how that changed since; nothing before the decision. One query after it."""
    outcome = getattr(case, "outcome", None)
    if outcome is None:
        return {}
    open_end = case.state in (CaseState.APPROVED, CaseState.RESERVED)
    own = case.organisation_id in user.organisation_roles
    return {
        "outcome": outcome,
        "changes": list(outcome.changes.all()),
        "may_give_back": open_end and not own and user.has_permission(RELEASE),
    }


def _summary(case: Case, handed: qualification.HandedIn) -> list[dict[str, Any]]:
    """The case in figures, for the head of its page."""
    from programs.rules.budget_sums import heads_of
    from programs.rules.check import requested_subsidy, total_cost
    from programs.rules.granting import requested

    facts, terms = handed.facts, case.terms.terms
    figures: list[dict[str, Any]] = []
    if not terms.in_dollars:
        figures.append(
            {"label": f"申請{terms.grant.noun}", "amount": requested(terms, facts), "unit": terms.grant.unit}
        )
    figures += [
        {"label": "申請補助款", "amount": requested_subsidy(facts), "unit": "元"},
        {"label": "計畫總經費", "amount": total_cost(facts), "unit": "元"},
    ]
    heads = heads_of(terms, facts)
    return figures + [
        {"label": choice.label, "amount": heads[choice.key], "unit": "人"} for choice in terms.trainee_kinds
    ]


@require_safe
@needs(VIEW_ALL)
@needs("plan.view")
def case_kpis(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The KPIs of plans that count this case and how much; only approved cases count. A part of the case's page."""
    case = selectors.get_case(user_of(request), pk)
    counted = contributions(case.pk, case.call_id) if case.state == CaseState.APPROVED else []
    part = request.htmx  # type: ignore[attr-defined]
    template = "review/office/_kpis.html" if part else "review/office/kpis.html"
    return render(request, template, {"case": case, "kpis": counted})


@require_safe
@needs(VIEW_ALL)
def case_file(request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
    """A file of a hand-in; ``?inline=1`` shows PDFs and pictures in the page."""
    case = selectors.get_case(user_of(request), pk)
    stored = qualification.file_of_case(case, file)
    try:
        return cast(HttpResponse, file_response(stored, inline="inline" in request.GET))
    except FileDamaged as error:
        return render(request, "documents/damaged.html", {"error": error}, status=503)
