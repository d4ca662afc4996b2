"""The applicant's list of cases, the start of one, and its home."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications import selectors
from applications.enums import UNDECIDED, CaseState
from applications.selectors.pages import TONES
from applications.selectors.progress import days_words
from applications.services.cases import start_case
from applications.views.frame import case_frame
from core import clock
from core.findings import Severity
from core.rocdate import roc_datetime
from programs.models import Call
from programs.rules.sections import sections_of
from programs.selectors import open_calls


def user_of(request: HttpRequest) -> User:
    """The logged-in account, typed."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases of my companies, and the calls that are open now."""
    user, now = user_of(request), clock.now()
    cases = selectors.case_list(user)
    mine = {(case.call_id, case.organisation_id) for case in cases if case.state == CaseState.DRAFT}
    writable = [o.pk for o in selectors.startable(user)]
    calls = [
        {
            "call": call,
            "closes": roc_datetime(call.effective_closes_at),
            "left": days_words(call.effective_closes_at, now),
        }
        for call in open_calls(now)
        if any((call.pk, pk) not in mine for pk in writable)
    ]
    rows = [
        {
            "case": case,
            "tone": TONES.get(CaseState(case.state), "waiting"),
            "step": selectors.next_step(case, now, mine=True) if case.state == CaseState.DRAFT else None,
        }
        for case in cases
    ]
    many = len({case.organisation_id for case in cases}) > 1
    return render(
        request,
        "applications/case_list.html",
        {"rows": rows, "calls": calls, "many": many, "is_member": bool(user.organisation_roles)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def case_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a case for one of my companies, or open the draft that it has already."""
    user, now = user_of(request), clock.now()
    call = get_object_or_404(Call.objects.visible_to(user).with_terms(), slug=slug)
    organisations = selectors.startable(user)
    error = ""
    if request.method == "POST":
        wanted = request.POST.get("organisation", "")
        organisation = next((o for o in organisations if str(o.pk) == wanted), None)
        if organisation is None and len(organisations) == 1 and not wanted:
            organisation = organisations[0]
        if organisation is None:
            error = "請選擇以哪一個公司或單位申請。"
        else:
            try:
                case = start_case(call=call, organisation=organisation, actor=user, now=now)
            except ValidationError as refused:
                error = "".join(refused.messages)
            else:
                return redirect("cases:detail", case.pk)
    context = {
        "call": call,
        "organisations": organisations,
        "section_count": len(sections_of(call.terms)) if call.current_terms else 0,
        "is_open": call.is_open(now),
        "closes": roc_datetime(call.effective_closes_at),
        "left": days_words(call.effective_closes_at, now),
        "is_member": bool(user.organisation_roles),
        "error": error,
        "errors": [{"text": error, "href": "#organisations"}] if error else [],
        "form_errors": bool(error),
    }
    return render(request, "applications/case_start.html", context, status=422 if error else 200)


@require_safe
def case_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The home of a case: where it is on its way, what is next, and its sections."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    page = selectors.case_page(case, user)
    context = case_frame(request, case, now) | page
    warnings = [f for f in context["findings"] if f.severity is Severity.WARNING]
    general = [f for f in context["findings"] if f.severity is Severity.ERROR and f.section == "submission"]
    context["notes"] = [*general, *warnings]
    context["may_wait"] = case.state in UNDECIDED and bool(case.__dict__["budget_frozen"])
    context["freeze_rule"] = case.terms.terms.rule("X6") if case.terms.terms.has_rule("X6") else None
    return render(request, "applications/case_detail.html", context)
