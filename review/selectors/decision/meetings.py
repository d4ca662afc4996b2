"""Lists of decision meetings, and the cases that wait for one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from applications.enums import CaseState
from applications.models import AwardChange, Case
from review.enums import MeetingState
from review.models import Allocation, DecisionMeeting, MeetingCase
from review.selectors.decision.ranking import may_get_more


def meeting_list(*, q: str = "", call: str = "", state: str = "") -> QuerySet[DecisionMeeting]:
    """The office's list with counts and the adopted sum, newest first. One query."""
    rows = DecisionMeeting.objects.select_related("call__current_terms", "adopted").annotate(
        cases=Count("meeting_cases", distinct=True), plans=Count("scenarios", distinct=True)
    )
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(call__name__icontains=q))
    if call:
        rows = rows.filter(call__slug=call)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-created_at", "-pk")


def adopted_totals(meetings: Sequence[DecisionMeeting]) -> dict[int, int]:
    """Meeting → what the adopted scenario gives, in the unit of its call. One query."""
    return dict(
        Allocation.objects.filter(scenario__in=[m.adopted_id for m in meetings if m.adopted_id])
        .order_by()
        .values_list("scenario__meeting")
        .annotate(total=Sum("amount"))
    )


def waiting_cases() -> dict[int, int]:
    """Call → cases to decide on that lie before no open meeting: reviewed ones, and where something was given back,
    those that may get more (RA8). One query."""
    taken = MeetingCase.objects.exclude(meeting__state=MeetingState.CONFIRMED)
    freed = AwardChange.objects.filter(outcome__case__call=OuterRef("call"), after__lt=F("before"))
    return dict(
        Case.objects.filter(Q(state=CaseState.REVIEWED) | (may_get_more() & Q(Exists(freed))))
        .exclude(pk__in=taken.values("case"))
        .order_by()
        .values_list("call")
        .annotate(count=Count("pk"))
    )
