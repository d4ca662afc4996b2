"""From a scenario to the decision: the office adopts it or takes it back, the supervisor confirms it or sends it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import needs
from core import clock
from core.workflow import TransitionRefused
from review.enums import MeetingState
from review.forms.meetings import (
    AdoptForm,
    ReasonForm,
)
from review.selectors import decision as read
from review.services import confirmation, confirming, scenarios
from review.services.guard import CONFIRM, PROPOSE
from review.views.common import posted_number
from review.views.meetings import get_meeting, guarded


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PROPOSE)
def meeting_adopt(request: HttpRequest, pk: int, scenario: int) -> HttpResponse:
    """Adopt a scenario: what it means, what is wrong with it, and the button."""
    meeting = get_meeting(pk)
    guarded(request, meeting, PROPOSE)
    chosen = get_object_or_404(meeting.scenarios, pk=scenario)
    chosen.meeting = meeting
    form = AdoptForm(request.POST or None)
    reasons: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            confirmation.adopt(
                meeting=meeting,
                scenario=chosen,
                base_version=posted_number(request, "version"),
                acknowledged=form.cleaned_data["acknowledged"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except confirmation.AdoptionRefused as refused:
            reasons = refused.reasons
        except scenarios.ScenarioConflict:
            reasons = ["這個方案剛才有別人改過，請看過下面的最新金額再採用。"]
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return redirect("meetings:detail", pk)
        else:
            messages.success(request, f"已採用「{chosen.name}」，會議紀錄製作中，等待主辦單位核定。")
            return redirect("meetings:detail", pk)
        chosen.refresh_from_db()
        chosen.meeting = meeting
    board = read.board(chosen)
    gaps = [] if reasons else confirmation.record_gaps(meeting)
    if meeting.state != MeetingState.PREPARING:
        messages.info(request, f"這場會議目前是「{meeting.get_state_display()}」。")
        return redirect("meetings:detail", pk)
    return render(
        request,
        "review/meetings/adopt.html",
        {"meeting": meeting, "board": board, "form": form, "reasons": reasons, "gaps": gaps},
        status=422 if reasons else 200,
    )


def _with_reason(
    request: HttpRequest, pk: int, code: str, act: Any, *, title: str, intro: str, label: str, done: str
) -> HttpResponse:
    meeting = get_meeting(pk)
    guarded(request, meeting, code)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(meeting=meeting, reason=form.cleaned_data["reason"], actor=request.user, now=clock.now())
            messages.success(request, done)
        except TransitionRefused as refused:
            messages.info(request, str(refused))
        return redirect("meetings:detail", pk)
    back = reverse("meetings:detail", args=[pk])
    context = {"title": title, "intro": intro, "form": form, "submit_label": label, "cancel_url": back}
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PROPOSE)
def meeting_reconsider(request: HttpRequest, pk: int) -> HttpResponse:
    """The office takes the adopted scenario back."""
    return _with_reason(
        request, pk, PROPOSE, confirmation.reconsider, title="重新審議這場會議？",
        intro="採用的方案會撤回，金額與紀錄可以再改；再次採用時會重新製作會議紀錄。",
        label="重新審議", done="已回到試算，可以再調整方案。",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CONFIRM)
def meeting_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The supervisor sends the meeting back."""
    return _with_reason(
        request, pk, CONFIRM, confirmation.send_back, title="退回計畫辦公室重議？",
        intro="計畫辦公室會看到您的理由，調整後再送核定。", label="退回重議", done="已退回計畫辦公室重議。",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CONFIRM)
def meeting_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The supervisor confirms the adopted scenario; the worker carries it out, the meeting's page shows how far it is."""
    meeting = get_meeting(pk)
    guarded(request, meeting, CONFIRM)
    refused_by: confirmation.AdoptionRefused | None = None
    if request.method == "POST":
        try:
            confirming.request_confirmation(
                meeting=meeting,
                seen=request.POST.get("seen", "")[:60],
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except confirmation.AdoptionRefused as refused:
            refused_by, meeting = refused, get_meeting(pk)
        except TransitionRefused as refused:
            messages.info(request, str(refused))
            return redirect("meetings:detail", pk)
        else:
            return redirect("meetings:detail", pk)
    if meeting.confirmations.open().exists():
        return redirect("meetings:detail", pk)
    if meeting.state != MeetingState.ADOPTED or meeting.adopted is None:
        messages.info(request, f"這場會議目前是「{meeting.get_state_display()}」。")
        return redirect("meetings:detail", pk)
    meeting.adopted.meeting = meeting
    board = read.board(meeting.adopted)
    return render(
        request,
        "review/meetings/confirm.html",
        {
            "meeting": meeting,
            "board": board,
            "refused": refused_by,
            "seen": confirmation.decision_key(meeting),
            "withdrawn": confirmation.withdrawn_since(meeting),
            "days_to_sign": meeting.call.terms.settings.days_to_sign,
        },
        status=422 if refused_by else 200,
    )
