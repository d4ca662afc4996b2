"""Decision meetings for office and supervisor: the list, opening one, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.rocdate import TAIPEI, roc
from core.text import clean_line
from core.workflow import TransitionRefused
from programs.models import Call
from review.enums import MeetingState
from review.forms.meetings import (
    MeetingFilter,
    OpenForm,
)
from review.models import Confirmation, DecisionMeeting
from review.rules.ranking import Method
from review.selectors import decision as read
from review.services import confirmation, meetings, outgoing, scenarios
from review.services.guard import CONFIRM, PROPOSE, VIEW, meeting_refusal, own_meetings
from review.views.common import posted_number

PAGE = 50
TONES = {MeetingState.PREPARING: "mine", MeetingState.ADOPTED: "waiting", MeetingState.CONFIRMED: "done"}


def get_meeting(pk: int) -> DecisionMeeting:
    """The meeting with call, terms and adopted scenario; else 404. One query."""
    return get_object_or_404(
        DecisionMeeting.objects.select_related("call__current_terms", "adopted", "minutes", "confirmed_by"),
        pk=pk,
    )


def guarded(request: HttpRequest, meeting: DecisionMeeting, code: str) -> None:
    """403 with the reason unless the visitor may act on the meeting, or with ``VIEW`` look at it.

    Scores and amounts of one's own company are not read by its members, whatever office they hold besides.
    """
    if reason := meeting_refusal(request.user, code, meeting):  # type: ignore[arg-type]
        raise PermissionDenied(reason)


@require_safe
@needs(VIEW)
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Every meeting, filtered by what stands in the address."""
    calls = list(Call.objects.filter(meetings__isnull=False).distinct().values_list("slug", "name"))
    form = MeetingFilter(request.GET, calls=calls)
    chosen = form.chosen()
    page = Paginator(read.meeting_list(**chosen), PAGE).get_page(request.GET.get("page"))
    totals = read.adopted_totals(page.object_list)  # type: ignore[arg-type]
    own = own_meetings(request.user)  # type: ignore[arg-type]
    for row in page.object_list:
        row.tone = TONES[MeetingState(row.state)]  # type: ignore[attr-defined]
        row.total = None if row.pk in own else totals.get(row.pk)  # type: ignore[attr-defined]
    may_open = request.user.has_permission(PROPOSE)  # type: ignore[union-attr]
    return render(
        request,
        "review/meetings/list.html",
        {
            "form": form,
            "page_obj": page,
            "clear_url": reverse("meetings:list") if any(chosen.values()) else "",
            "may_open": may_open,
            "waiting": sum(read.waiting_cases().values()) if may_open else 0,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PROPOSE)
def meeting_open(request: HttpRequest) -> HttpResponse:
    """Open a meeting over the reviewed cases of a call."""
    waiting = read.waiting_cases()
    if request.method == "POST":
        form = OpenForm(request.POST, waiting=waiting | _named_before(request))
        if form.is_valid():
            try:
                meeting = meetings.open_meeting(
                    call=form.cleaned_data["call"],
                    name=form.cleaned_data["name"],
                    actor=request.user,  # type: ignore[arg-type]
                    now=clock.now(),
                )
            except ValidationError as error:
                form.add_error("call", error)
            else:
                return redirect("meetings:detail", meeting.pk)
    else:
        form = OpenForm(waiting=waiting, initial={"name": _next_name(waiting)})
    status = 422 if form.errors else 200
    return render(request, "review/meetings/open.html", {"form": form, "waiting": waiting}, status=status)


def _named_before(request: HttpRequest) -> dict[int, int]:
    # A replay finds its call though no case waits any more, because the first POST took them.
    call = posted_number(request, "call")
    name = clean_line(request.POST.get("name", ""))
    return {call: 0} if DecisionMeeting.objects.filter(call=call, name=name).exists() else {}


def _next_name(waiting: dict[int, int]) -> str:
    call = Call.objects.filter(pk__in=waiting).first()
    if call is None:
        return ""
    return f"{call.roc_year} 年度決審會議（第 {call.meetings.count() + 1} 次）"


def _stages(meeting: DecisionMeeting) -> list[dict[str, str]]:
    order = [MeetingState.PREPARING, MeetingState.ADOPTED, MeetingState.CONFIRMED]
    at = order.index(MeetingState(meeting.state))
    labels = ("排序與試算", "採用方案", "核定", "公告與發函")
    dates = (meeting.created_at, meeting.adopted_at, meeting.confirmed_at, meeting.confirmed_at)
    done = at + (1 if at == 0 else 2)  # an adopted meeting waits at the confirmation
    current = {0: 0, 1: 2, 2: 3}[at]
    return [
        {
            "label": label,
            "state": "done" if n < current else "current" if n == current else "todo",
            "date": roc(moment.astimezone(TAIPEI).date()) if moment and n < done else "",
        }
        for n, (label, moment) in enumerate(zip(labels, dates, strict=True))
    ]


@require_safe
@needs(VIEW)
def meeting_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: where it is, its scenarios side by side, the ranking with its reasoning, its record."""
    confirming_of = _latest_confirmation(pk)
    meeting = get_meeting(pk)
    guarded(request, meeting, VIEW)
    frozen = read.table(meeting)
    boards = read.boards(meeting, frozen)
    for board in boards:
        board.words = scenarios.describe(board.scenario)
    why_not_propose = meeting_refusal(request.user, PROPOSE, meeting)  # type: ignore[arg-type]
    why_not_confirm = meeting_refusal(request.user, CONFIRM, meeting)  # type: ignore[arg-type]
    may_propose, may_confirm = not why_not_propose, not why_not_confirm
    adopted = next((b for b in boards if b.scenario.pk == meeting.adopted_id), None)
    context: dict[str, Any] = {
        "meeting": meeting,
        "tone": TONES[MeetingState(meeting.state)],
        "stages": _stages(meeting),
        "table": frozen,
        "criteria": frozen.criteria,
        "boards": boards,
        "board": adopted,
        "method": Method(meeting.ranking_method).label if meeting.ranking_method else "",
        "by_rank_sum": meeting.ranking_method == Method.RANK_SUM,
        "tie_words": [str(rule.label) for rule in read.ranking_terms(frozen.terms).tie_rules],
        "may_propose": may_propose and meeting.preparing,
        "may_reconsider": may_propose and meeting.state == MeetingState.ADOPTED,
        "may_confirm": may_confirm and meeting.state == MeetingState.ADOPTED,
        "stale": meeting.preparing and read.basis(meeting.call, meeting) != meeting.basis,
        "gaps": confirmation.record_gaps(meeting) if meeting.preparing else [],
        "people": list(meeting.attendance.all()),
        "history": list(meeting.transitions.all()),
        "letters": [],
    }
    if meeting.state == MeetingState.CONFIRMED:
        counts = outgoing.letter_counts(meeting)
        context["letters"] = [
            {
                "kind": kind.value,
                "label": kind.label,
                "done": counts[kind.value][0],
                "total": counts[kind.value][1],
            }
            for kind in outgoing.kinds_of(meeting)
        ]
    context |= _confirming(meeting, confirming_of)
    context["next"] = _next(context)
    return render(request, "review/meetings/detail.html", context)


def _latest_confirmation(pk: int) -> Confirmation | None:
    """The meeting's newest confirmation. One query.

    Read it before the meeting: both end in one transaction, so a meeting that still waits beside a confirmation
    that has ended would show a page with neither bar nor result, which nothing loads anew.
    """
    return Confirmation.objects.filter(meeting=pk).select_related("requested_by").last()


def _confirming(meeting: DecisionMeeting, latest: Confirmation | None) -> dict[str, Any]:
    """The progress of a confirmation that is on its way, or why the last one failed."""
    if latest is None or (not latest.is_open and meeting.state != MeetingState.ADOPTED):
        return {"confirming": None, "not_confirmed": None}
    if not latest.is_open:
        current = latest.error and latest.seen == confirmation.decision_key(meeting)
        return {"confirming": None, "not_confirmed": latest if current else None}
    return {
        "not_confirmed": None,
        "confirming": {
            "id": "confirming",
            # One transaction for all of them: nothing in between could be counted.
            "whole": f"{latest.total} 件會同時完成",
            "label": f"{latest.requested_by or '主管'}已核定，正在產生各案結果",
            "note": latest.error,
            "finished": False,
            "poll_url": reverse("meetings:confirming", args=[meeting.pk]),
            "refresh_url": reverse("meetings:detail", args=[meeting.pk]),
        },
    }


@require_safe
@needs(VIEW)
def meeting_confirming(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar of a confirmation alone, for htmx; the page is loaded anew when it has ended."""
    latest = _latest_confirmation(pk)
    meeting = get_meeting(pk)
    guarded(request, meeting, VIEW)
    context = _confirming(meeting, latest)["confirming"]
    if context is not None:
        return render(request, "components/progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


def _next(context: dict[str, Any]) -> dict[str, Any]:
    """Words, audience and button of the stage line."""
    meeting = context["meeting"]
    if meeting.state == MeetingState.PREPARING:
        url = reverse("meetings:scenario", args=[meeting.pk, context["boards"][0].scenario.pk])
        return {
            "turn": "輪到計畫辦公室",
            "mine": context["may_propose"],
            "words": "試算各方案、填寫會議紀錄，再採用一個方案。",
            "url": url,
            "label": "開啟試算畫面" if context["may_propose"] else "檢視試算畫面",
        }
    if context["confirming"]:
        return {
            "turn": "系統處理中",
            "mine": False,
            "words": "各案結果會在同一刻一起生效並公告，完成之前不會有任何一案先有結果。",
            "url": "",
            "label": "",
        }
    if meeting.state == MeetingState.ADOPTED:
        may = context["may_confirm"]
        return {
            "turn": "輪到主辦單位核定",
            "mine": may,
            "words": f"已採用「{meeting.adopted.name}」，核定後才會產生結果並公告。",
            "url": reverse("meetings:confirm", args=[meeting.pk]) if may else "",
            "label": "核定這個方案",
        }
    left = sum(item["total"] - item["done"] for item in context["letters"])
    return {
        "turn": "輪到計畫辦公室" if left else "",
        "mine": False,
        "words": f"已核定並公告，還有 {left} 份公文待發。"
        if left
        else "已核定並公告，公文都已發出或製作中。",
        "url": reverse("meetings:letters", args=[meeting.pk, "approval"]),
        "label": "發函" if left else "檢視公文",
    }


@require_POST
@needs(PROPOSE)
def meeting_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the list anew."""
    meeting = get_meeting(pk)
    try:
        meetings.refresh(meeting=meeting, actor=request.user, now=clock.now())  # type: ignore[arg-type]
        messages.success(request, "名單與排序已更新，已填的金額保留不變；新增的案件從 0 元開始。")
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    return redirect("meetings:detail", pk)
