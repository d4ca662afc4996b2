"""The office: paper applications (S2), and a longer window for one case."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from accounts.permissions import needs
from accounts.services.errors import OrganisationExists, Refused
from accounts.services.organisations import register_organisation
from applications import permissions, selectors
from applications.enums import CaseState
from applications.forms.handing_in import ArrivalForm, ExtendCaseForm, IntakeForm
from applications.models import Case
from applications.selectors.intake import is_paper, paper_drafts, received_on
from applications.services import intake as service
from applications.services.windows import extend_case_window
from applications.views.cases import user_of
from core import clock
from core.rocdate import TAIPEI, roc, roc_datetime
from core.workdays import WorkCalendar
from programs.enums import CallState
from programs.models import Call
from programs.selectors import work_calendar


def _calls() -> list[Call]:
    """Calls that may still get paper: those that are public, the latest first. One query."""
    return list(Call.objects.filter(state=CallState.PUBLISHED).order_by("-closes_at")[:20])


def _refuse(form: forms.Form, refused: ValidationError, names: dict[str, str] | None = None) -> None:
    """Put a service's refusal beside its field; ``names``: where a field is called otherwise."""
    fields = getattr(refused, "error_dict", None)
    if not fields:
        form.add_error(None, refused)
        return
    for name, errors in fields.items():
        target = (names or {}).get(name, name)
        form.add_error(target if target in form.fields else None, errors)


@needs("case.intake_paper")
@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    """Paper that is still being typed in, and the form for what has just come."""
    user, now = user_of(request), clock.now()
    form = IntakeForm(request.POST or None, calls=_calls())
    if request.method == "POST" and form.is_valid():
        case = _enter(form, user, now)
        if case is not None:
            return redirect("cases:intake_case", case.pk)
    calendar = work_calendar()
    rows = [_row(case, calendar) for case in paper_drafts()[:200]]
    context = {"form": form, "rows": rows}
    return render(request, "applications/submit/intake.html", context, status=422 if form.errors else 200)


def _enter(form: IntakeForm, user: Any, now: Any) -> Case | None:
    """The paper's draft; None with the reasons in the form, and then no company is left behind either."""
    data = form.cleaned_data
    with transaction.atomic():
        organisation = _organisation(form, user, now)
        if organisation is None:
            return None
        try:
            return service.enter_paper(
                call=data["call"],
                organisation=organisation,
                channel=data["channel"],
                posted_on=data["posted_on"],
                arrived_at=data["arrived_at"],
                actor=user,
                now=now,
                agreed=data["agreed"],
                agreed_reason=data["agreed_reason"],
            )
        except ValidationError as refused:
            transaction.set_rollback(True)
            _refuse(form, refused, {"arrived_at": "arrived_on"})
    return None


def _organisation(form: IntakeForm, user: Any, now: Any) -> Organisation | None:
    """The company of the number, made when it is new; None with the reason at the field."""
    data = form.cleaned_data
    found = Organisation.objects.filter(ubn=data["ubn"]).first()
    if found is not None:
        return found
    if not data["company_name"]:
        form.add_error("company_name", "系統還沒有這個統一編號，請填單位名稱，會一併建立它的資料")
        return None
    try:
        return register_organisation(
            ubn=data["ubn"],
            company={"name": data["company_name"]},
            codes=[],
            actor=user,
            now=now,
            as_owner=False,
            ubn_override_reason=data["ubn_override_reason"],
        )
    except OrganisationExists:  # somebody was quicker by a moment
        return Organisation.objects.get(ubn=data["ubn"])
    except Refused as refused:
        form.add_error("ubn", str(refused))
        return None


def _row(case: Case, calendar: WorkCalendar) -> dict[str, Any]:
    day = received_on(case, calendar)
    last = case.closes_at().astimezone(TAIPEI).date()
    return {"case": case, "received": roc(day), "in_time": day <= last}


@needs("case.intake_paper")
@require_http_methods(["GET", "HEAD", "POST"])
def intake_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One paper application: the day that counts and why, whether it is in time, what is still to be typed."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    if not is_paper(case):
        raise Http404("這件申請案不是紙本送件。")
    local = case.arrived_at.astimezone(TAIPEI) if case.arrived_at else None
    initial = {
        "channel": case.channel,
        "posted_on": case.posted_on,
        "arrived_on": local.date() if local else None,
        "arrived_time": f"{local:%H:%M}" if local else "",
    }
    form = ArrivalForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            service.correct_paper(
                case=case,
                channel=data["channel"],
                posted_on=data["posted_on"],
                arrived_at=data["arrived_at"],
                actor=user,
                now=now,
            )
        except ValidationError as refused:
            _refuse(form, refused, {"arrived_at": "arrived_on"})
        else:
            messages.success(request, "收件資料已更新，收件日期重新計算。")
            return redirect("cases:intake_case", case.pk)
    day = received_on(case)
    last = selectors.closes_at(case).astimezone(TAIPEI)
    found = selectors.findings(case, now)
    context = {
        "case": case,
        "form": form,
        "received": day,
        "last": last.date(),
        "in_time": day <= last.date(),
        "by_postmark": case.posted_on is not None,
        "moved": bool(local and not case.posted_on and day != local.date()),
        "arrived": roc_datetime(local) if local else "",
        "remaining": sum(1 for f in found if f.severity.stops_submission),
        "draft": case.state == CaseState.DRAFT,
        "may_type": permissions.types_paper(user, case),
    }
    return render(
        request, "applications/submit/intake_case.html", context, status=422 if form.errors else 200
    )


@needs("case.extend_window")
@require_http_methods(["GET", "HEAD", "POST"])
def extend_case(request: HttpRequest) -> HttpResponse:
    """A longer window for one company's draft; staff name the company, they don't see its draft."""
    user, now = user_of(request), clock.now()
    form = ExtendCaseForm(request.POST or None, calls=_calls())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        draft = (
            Case.objects.filter(call=data["call"], organisation__ubn=data["ubn"], state=CaseState.DRAFT)
            .for_list()
            .first()
        )
        if draft is None:
            form.add_error(
                "ubn", "這個單位在這個徵案沒有未送出的草稿。請對方先開始申請；受理已截止則改延長整個徵案。"
            )
        else:
            try:
                extend_case_window(
                    case=draft, closes_at=data["closes_at"], reason=data["reason"], actor=user, now=now
                )
            except ValidationError as refused:
                _refuse(form, refused, {"closes_at": "closes_on"})
            else:
                messages.success(
                    request, f"{draft.organisation.name} 可以送件到 {roc_datetime(data['closes_at'])}。"
                )
                return redirect("cases:intake")
    return render(
        request, "applications/submit/extend.html", {"form": form}, status=422 if form.errors else 200
    )
