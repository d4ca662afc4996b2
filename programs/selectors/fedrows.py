"""The rows behind a fed KPI, and from a row's case back to the KPIs that count it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from programs import feeds
from programs.feeds import Fed, Feed, FeedRow
from programs.models import Call, CallFunding, Kpi, PlanPart
from programs.rules.plans.ledger import ancestry
from programs.selectors.kpis import Figure


@dataclass(frozen=True, slots=True)
class FedRows:
    """Rows behind a fed number. ``total`` is their sum: the number itself, or what a share is a share by."""

    feed: Feed
    calls: tuple[Call, ...]
    chosen: Call | None
    number: Fed
    total: Decimal
    rows: Sequence[FeedRow]


def fed_rows(figure: Figure, *, call: str = "") -> FedRows:
    """The rows that a fed figure is counted from, of all its calls or of the one with this slug. Bounded queries.

    Raises KeyError for a KPI that names no feed, or an unknown one.
    """
    feed = feeds.feeds()[figure.kpi.feed]
    calls = tuple(Call.objects.filter(pk__in=figure.calls).order_by("pk"))
    chosen = next((one for one in calls if one.slug == call), None)
    keys = [one.pk for one in calls if chosen in (None, one)]
    by_call = feeds.counts([feed.key], keys)[feed.key]
    number = feeds.number(feed, by_call, keys)
    return FedRows(
        feed=feed,
        calls=calls,
        chosen=chosen,
        number=number,
        total=sum((fed.value for fed in by_call.values()), Decimal(0)) if feed.share else number.value,
        rows=feeds.rows(feed.key, keys),
    )


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one case counts for a KPI of a year. For a share: ``value`` of ``of``."""

    kpi: Kpi
    year: int
    feed: Feed
    value: Decimal
    of: Decimal | None


def contributions(case: UUID, call: int) -> list[Contribution]:
    """Every fed KPI that counts a case of this call, and how much of it. At most eight queries; none but one
    while the call belongs to no plan."""
    funding = CallFunding.objects.filter(call=call).select_related("part").first()
    if funding is None:
        return []
    parents = dict(PlanPart.objects.filter(plan=funding.part.plan_id).order_by().values_list("pk", "parent"))
    kpis = list(
        Kpi.objects.filter(part__in=ancestry(parents, funding.part_id), feed__in=feeds.feeds())
        .select_related("part__plan")
        .order_by("part__position", "position")
    )
    counted = feeds.counts({k.feed for k in kpis}, [call], case=case) if kpis else {}
    found = []
    for kpi in kpis:
        feed = feeds.feeds()[kpi.feed]
        fed = counted[kpi.feed].get(call, Fed())
        value = Decimal(len(fed.ones)) if feed.distinct else fed.value
        if value or fed.of:
            found.append(Contribution(kpi, funding.year, feed, value, fed.of if feed.share else None))
    return found
