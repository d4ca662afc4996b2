"""The office enters that an applicant gives back what it was granted, so that others may get it (C1, RA8)."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import needs
from applications.enums import CaseState
from applications.models import Case
from applications.services.outcome import RELEASE, give_back
from core import clock
from core.workflow import TransitionRefused
from programs.rules import granting
from review.forms.giveback import GiveBackForm
from review.selectors import cases as selectors


def _consequences(case: Case) -> list[str]:
    terms = case.terms.terms
    if case.state == CaseState.RESERVED:
        return ["案件改為「放棄」，不再排入遞補。"]
    lines = [
        f"釋出的{terms.grant.pool}回到這個徵案可分配的額度。",
        "全部放棄時，案件改為「放棄」，不能再恢復。",
    ]
    if granting.refills(terms):
        lines.append("要遞補給其他單位，請召開一場決審會議：名單依審查排序，遞補後不超過各單位的原申請數。")
    return lines


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RELEASE)
def page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How much, and why. A part only where the call fills up others with it."""
    user: Any = request.user
    case = selectors.get_case(user, pk)
    if case.state not in (CaseState.APPROVED, CaseState.RESERVED):
        messages.info(request, f"這件案件目前是「{case.get_state_display()}」，沒有可以釋出的核定。")
        return redirect("office:case", pk)
    if case.organisation_id in user.organisation_roles:
        raise PermissionDenied("您是這家公司的成員，依利益迴避原則不能辦理這件案件，請由其他同仁處理。")
    outcome = getattr(case, "outcome", None)
    if outcome is None:
        raise Http404
    terms = case.terms.terms
    form = GiveBackForm(
        request.POST or None, granted=outcome.granted, grant=terms.grant, partly=granting.refills(terms)
    )
    if request.method == "POST" and form.is_valid():
        try:
            after = give_back(
                case=case,
                amount=form.amount(),
                reason=form.cleaned_data["reason"],
                actor=user,
                now=clock.now(),
            )
        except ValidationError as refused:
            _tell(form, refused)
        except TransitionRefused as moved:
            messages.info(request, str(moved))
            return redirect("office:case", pk)
        else:
            words = (
                f"目前核定 {terms.grant.say(after.granted)}。" if after.granted else "案件已改為「放棄」。"
            )
            messages.success(request, f"{case.number} 已登錄。{words}")
            return redirect("office:case", pk)
    context = {
        "title": f"登錄 {case.number} 釋出或放棄",
        "intro": f"{case.company_name}　核定{terms.grant.noun} {terms.grant.say(outcome.granted)}"
        if outcome.granted
        else f"{case.company_name}　備取中",
        "consequences": _consequences(case),
        "form": form,
        "form_errors": bool(form.errors),
        "submit_label": "登錄",
        "cancel_url": reverse("office:case", args=[pk]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _tell(form: forms.Form, refused: ValidationError) -> None:
    """What the service refuses, at its field."""
    errors = refused.message_dict if hasattr(refused, "error_dict") else {None: refused.messages}
    for name, texts in errors.items():
        form.add_error(name if name in form.fields else None, texts)
