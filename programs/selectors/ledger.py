"""A plan's money: what each part has, what measures took, what calls hold, what is free. Dollars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Sum

from programs import feeds
from programs.enums import BudgetStage, EntryKind, MeasureKind, MeasureState
from programs.models import (
    BudgetAmount,
    BudgetMeasure,
    CallFunding,
    MoneyEntry,
    Plan,
    PlanPart,
    SubsidyBudget,
)
from programs.rules.plans.ledger import (
    THOUSAND,
    Balance,
    Reduction,
    budget_of,
    descendants,
    reduction_at,
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A plan's balances by (part, year) in dollars, and what they were made from."""

    parts: Mapping[int, PlanPart]
    parents: Mapping[int, int | None]
    balances: Mapping[tuple[int, int], Balance]
    fundings: tuple[CallFunding, ...]
    committed: Mapping[int, int]
    paid: Mapping[int, int]
    returned: Mapping[int, int]
    measures: tuple[BudgetMeasure, ...]
    extra: tuple[Reduction, ...] = field(default=())

    def at(self, part: PlanPart, year: int) -> Balance:
        """The balance of a part in a year; all 0 where nothing is known."""
        return self.balances.get((part.pk, year), Balance(0, 0, 0, 0, 0, 0, 0))

    def below(self, part: PlanPart) -> set[int]:
        """Keys of the part and all parts below it."""
        return descendants(self.parents, part.pk)

    def fundings_of(self, part: PlanPart, year: int) -> list[CallFunding]:
        """Calls that take from the part or a part below it in that year."""
        below = self.below(part)
        return [f for f in self.fundings if f.part_id in below and f.year == year]


def ledger(plan: Plan, *, also: tuple[BudgetMeasure, ...] = (), without_call: int | None = None) -> Ledger:
    """Every balance of the plan. ``also``: measures tried out as if they were in force.

    ``without_call``: leave out what this call holds, to ask what it may take. About eight queries, whatever the rows.
    """
    parts = {p.pk: p for p in PlanPart.objects.filter(plan=plan)}
    parents = {pk: p.parent_id for pk, p in parts.items()}
    leaves: dict[int, dict[int, int]] = defaultdict(dict)
    approved = BudgetAmount.objects.filter(part__plan=plan, stage=BudgetStage.APPROVED)
    for part, year, amount in approved.values_list("part", "year").annotate(total=Sum("amount")).order_by():
        leaves[year][part] = amount * THOUSAND
    subsidies: dict[int, dict[int, int]] = defaultdict(dict)
    for part, year, amount in SubsidyBudget.objects.filter(part__plan=plan).values_list(
        "part", "year", "amount"
    ):
        subsidies[year][part] = amount * THOUSAND
    measures = (
        *BudgetMeasure.objects.filter(part__plan=plan, state=MeasureState.IN_FORCE).select_related("part"),
        *also,
    )
    fundings = tuple(
        f
        for f in CallFunding.objects.filter(part__plan=plan).select_related("call", "part")
        if f.call_id != without_call
    )
    calls = [f.call_id for f in fundings]
    committed = feeds.committed(calls)
    moved: dict[str, dict[int, int]] = {EntryKind.PAID: {}, EntryKind.RETURNED: {}}
    for call, kind, total in (
        MoneyEntry.objects.filter(call__in=calls)
        .values_list("call", "kind")
        .annotate(total=Sum("amount"))
        .order_by()
    ):
        moved[kind][call] = total
    balances: dict[tuple[int, int], Balance] = {}
    for year in plan.years:
        bases = {pk: budget_of(parents, leaves[year], pk) for pk in parts}
        bases.update(subsidies[year])
        reductions = [Reduction(m.part_id, m.kind, m.percent, m.amount) for m in measures if m.year == year]
        for pk in parts:
            below = descendants(parents, pk)
            here = [f for f in fundings if f.year == year and f.part_id in below]
            taken = reduction_at(parents, bases, reductions, pk)
            balances[pk, year] = Balance(
                base=bases[pk],
                frozen=taken[MeasureKind.FREEZE],
                cut=taken[MeasureKind.CUT],
                enveloped=sum(f.amount for f in here),
                committed=sum(committed.get(f.call_id, 0) for f in here),
                paid=sum(moved[EntryKind.PAID].get(f.call_id, 0) for f in here),
                returned=sum(moved[EntryKind.RETURNED].get(f.call_id, 0) for f in here),
            )
    return Ledger(
        parts=parts,
        parents=parents,
        balances=balances,
        fundings=fundings,
        committed=committed,
        paid=moved[EntryKind.PAID],
        returned=moved[EntryKind.RETURNED],
        measures=measures,
    )


def free_for_call(part: PlanPart, year: int, *, call: int | None) -> int:
    """Dollars that a call may take from a part in a year: the least that is free there and above it."""
    book = ledger(part.plan, without_call=call)
    chain = []
    here: PlanPart | None = part
    while here is not None:
        chain.append(book.at(here, year))
        here = book.parts.get(here.parent_id) if here.parent_id else None
    return max(0, min(balance.free for balance in chain))
