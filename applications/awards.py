"""What confirmed awards commit of a plan's budget: a number for each call, and the awards behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.urls import reverse

from applications.enums import UNDECIDED, CaseState, OutcomeResult
from applications.models import Case, CaseOutcome
from core.rocdate import roc_datetime
from programs.feeds import Awards, FeedRow


def _confirmed(calls: Collection[int]) -> QuerySet[CaseOutcome]:
    return CaseOutcome.objects.filter(
        result=OutcomeResult.APPROVED, case__state=CaseState.APPROVED, case__call__in=calls
    )


def _count(calls: Collection[int]) -> Mapping[int, int]:
    """Units of the confirmed awards by call (A1). One query."""
    rows = _confirmed(calls).order_by().values_list("case__call")
    return dict(rows.annotate(total=Sum("granted")))


def waiting(call: int) -> str:
    """Cases of a call that were handed in and whose decision is still to come. One query."""
    count = Case.objects.filter(call=call, state__in=UNDECIDED).count()
    return f"還有 {count} 件已送件的案件沒有結果，請先完成審查與決審，或退件、撤案" if count else ""


def _rows(calls: Collection[int]) -> Iterable[FeedRow]:
    """The awards, first decided and best ranked first. One query."""
    for outcome in (
        _confirmed(calls)
        .select_related("case__organisation")
        .order_by("case__call", "decided_at", "rank", "case__number")
    ):
        yield FeedRow(
            f"{outcome.case.number} {outcome.case.organisation.name}",
            f"第 {outcome.rank} 名・{roc_datetime(outcome.decided_at)} 核定" if outcome.rank else "",
            Decimal(outcome.granted),
            reverse("office:case", args=[outcome.case_id]),
            outcome.case.call_id,
        )


SOURCE = Awards(_count, _rows)
