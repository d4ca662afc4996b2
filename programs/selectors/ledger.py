"""A plan's money: what each part has, what measures took, what calls hold, what is free. Dollars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from programs import feeds
from programs.enums import BudgetStage, EntryKind, MeasureKind, MeasureState
from programs.models import (
    BudgetAmount,
    BudgetMeasure,
    Call,
    CallFunding,
    MoneyEntry,
    Plan,
    PlanPart,
    SubsidyBudget,
)
from programs.rules.plans import ledger as rules
from programs.rules.plans.ledger import THOUSAND, Balance, Reduction, Tree
from programs.rules.terms import Rule


@dataclass(frozen=True, slots=True)
class Standing:
    """A call's money in dollars. ``held``: set aside; ``covered``: of it, what its part and those above still have.

    ``cut`` and ``frozen``: how much of ``held`` measures took; ``left``: what may be awarded besides ``committed``.
    ``reasons``: of the measures that took it, as those concerned may read them.
    """

    funding: CallFunding
    held: int
    committed: int
    covered: int
    cut: int
    frozen: int
    left: int
    reasons: tuple[str, ...] = ()

    @property
    def short(self) -> int:
        """Set aside but not there any more."""
        return self.held - self.covered

    @property
    def overdrawn(self) -> int:
        """Awarded but not there any more."""
        return max(0, self.committed - self.covered)

    @property
    def rule(self) -> Rule | None:
        """The call's own rule about cuts and freezes (X6), where it has one."""
        terms = self.funding.call.terms
        return terms.rule("X6") if terms.has_rule("X6") else None

    @property
    def measured(self) -> bool:
        """Whether a freeze or cut in force has taken from it."""
        return bool(self.cut or self.frozen)

    @property
    def may_award_in_all(self) -> int:
        return self.committed + self.left


@dataclass(frozen=True, slots=True)
class Ledger:
    """A plan's balances by (part, year) in dollars, and what they were made from. Amounts by call are dollars."""

    plan: Plan
    parts: Mapping[int, PlanPart]
    tree: Tree
    approved: Mapping[int, Mapping[int, int]]
    subsidies: Mapping[int, Mapping[int, SubsidyBudget]]
    fundings: tuple[CallFunding, ...]
    committed: Mapping[int, int]
    paid: Mapping[int, int]
    returned: Mapping[int, int]
    measures: tuple[BudgetMeasure, ...]
    balances: Mapping[tuple[int, int], Balance] = field(default_factory=dict)

    def under(self, measures: Iterable[BudgetMeasure]) -> Ledger:
        """The same rows under other measures, to try some out. No query."""
        book = replace(self, measures=tuple(measures), balances={})
        return replace(book, balances=_balances(book))

    def at(self, part: PlanPart, year: int) -> Balance:
        """The balance of a part in a year; all 0 where nothing is known."""
        return self.balances.get((part.pk, year), Balance())

    def chain(self, part: PlanPart, year: int) -> list[tuple[PlanPart, Balance]]:
        """The part and all above it, itself first, with their balances."""
        above = self.tree.above.get(part.pk, [])
        return [(self.parts[pk], self.balances.get((pk, year), Balance())) for pk in above]

    def fundings_of(self, part: PlanPart, year: int) -> list[CallFunding]:
        """Calls that take from the part or a part below it in that year."""
        below = self.tree.below.get(part.pk, set())
        return [f for f in self.fundings if f.part_id in below and f.year == year]

    def measures_on(self, part: PlanPart, year: int) -> list[BudgetMeasure]:
        """Measures in force that fall on the part: on itself, above or below."""
        touched = self.tree.below.get(part.pk, set()) | set(self.tree.above.get(part.pk, []))
        return [m for m in self.measures if m.part_id in touched and m.year == year]

    def standing(self, funding: CallFunding) -> Standing:
        """How a call stands after the measures."""
        chain = [balance for _, balance in self.chain(funding.part, funding.year)]
        committed = self.committed.get(funding.call_id, 0)
        held = funding.held(committed)
        without = rules.covered(held, [replace(b, cut=0, frozen=0) for b in chain])
        after_cut = rules.covered(held, [replace(b, frozen=0) for b in chain])
        covered = rules.covered(held, chain)
        taking = self.measures_on(funding.part, funding.year)
        return Standing(
            funding=funding,
            held=held,
            committed=committed,
            covered=covered,
            cut=without - after_cut,
            frozen=after_cut - covered,
            left=rules.may_still_award(held, committed, chain),
            reasons=tuple(f"{m.words}：{m.reason}" for m in taking) if covered < held else (),
        )


def approved_dollars(plan: Plan) -> dict[int, dict[int, int]]:
    """Year → part → dollars approved for the part itself (B005), without those below it. One query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = BudgetAmount.objects.filter(part__plan=plan, stage=BudgetStage.APPROVED).order_by()
    for part, year, amount in rows.values_list("part", "year").annotate(total=Sum("amount")):
        found[year][part] = amount * THOUSAND
    return found


def ledger(plan: Plan, *, without_call: int | None = None) -> Ledger:
    """Every balance of the plan under the measures in force. Seven queries, whatever the rows.

    ``without_call``: leave out what this call holds, to ask what it may take.
    """
    subsidies: dict[int, dict[int, SubsidyBudget]] = defaultdict(dict)
    for row in SubsidyBudget.objects.filter(part__plan=plan):
        subsidies[row.year][row.part_id] = row
    fundings = [
        f
        for f in CallFunding.objects.filter(part__plan=plan).select_related("call__current_terms", "part")
        if f.call_id != without_call
    ]
    moved: dict[str, dict[int, int]] = {EntryKind.PAID: {}, EntryKind.RETURNED: {}}
    entries = MoneyEntry.objects.filter(call__in=[f.call_id for f in fundings]).order_by()
    for call, kind, total in entries.values_list("call", "kind").annotate(total=Sum("amount")):
        moved[kind][call] = total
    leaves = approved_dollars(plan)
    return _book(
        plan,
        parts=PlanPart.objects.filter(plan=plan),
        approved={year: leaves[year] for year in plan.years},
        subsidies=subsidies,
        fundings=fundings,
        measures=_in_force(plan).select_related("part"),
        paid=moved[EntryKind.PAID],
        returned=moved[EntryKind.RETURNED],
    )


def _in_force(plan: Plan) -> QuerySet[BudgetMeasure]:
    return BudgetMeasure.objects.filter(part__plan=plan, state=MeasureState.IN_FORCE)


def _book(
    plan: Plan,
    *,
    parts: Iterable[PlanPart],
    approved: Mapping[int, Mapping[int, int]],
    subsidies: Mapping[int, Mapping[int, SubsidyBudget]],
    fundings: Iterable[CallFunding],
    measures: Iterable[BudgetMeasure],
    paid: Mapping[int, int],
    returned: Mapping[int, int],
) -> Ledger:
    """The ledger of these rows. ``approved``: year → part → dollars of the part alone. One query (what is awarded)."""
    by_key = {part.pk: part for part in parts}
    tree = Tree({pk: part.parent_id for pk, part in by_key.items()})
    fundings = tuple(fundings)
    calls = {f.call_id: f.call for f in fundings}
    book = Ledger(
        plan=plan,
        parts=by_key,
        tree=tree,
        approved={year: tree.sums(own) for year, own in approved.items()},
        subsidies=subsidies,
        fundings=fundings,
        committed={pk: calls[pk].dollars(units) for pk, units in feeds.committed(list(calls)).items()},
        paid=paid,
        returned=returned,
        measures=(),
    )
    return book.under(measures)


def _balances(book: Ledger) -> dict[tuple[int, int], Balance]:
    """(part, year) → balance, of the book's own rows."""
    found = {}
    for year, approved in book.approved.items():
        reductions = [
            Reduction(m.part_id, m.kind, m.percent, m.amount) for m in book.measures if m.year == year
        ]
        taken = rules.taken(book.tree, approved, reductions)
        here = [f for f in book.fundings if f.year == year]
        held = _by_part(book.tree, here, {f.call_id: f.held(book.committed.get(f.call_id, 0)) for f in here})
        committed, paid, returned = (
            _by_part(book.tree, here, by_call) for by_call in (book.committed, book.paid, book.returned)
        )
        for pk in book.parts:
            subsidy = book.subsidies.get(year, {}).get(pk)
            base = approved[pk] if subsidy is None else subsidy.amount * THOUSAND
            falls = rules.falls_on(taken[pk], approved=approved[pk], base=base)
            found[pk, year] = Balance(
                approved=approved[pk],
                base=base,
                frozen=falls.frozen,
                cut=falls.cut,
                enveloped=held[pk],
                committed=committed[pk],
                paid=paid[pk],
                returned=returned[pk],
            )
    return found


def _by_part(tree: Tree, fundings: list[CallFunding], by_call: Mapping[int, int]) -> dict[int, int]:
    own: dict[int, int] = defaultdict(int)
    for funding in fundings:
        own[funding.part_id] += by_call.get(funding.call_id, 0)
    return tree.sums(own)


@dataclass(frozen=True, slots=True)
class Room:
    """Dollars that a call may take from a part in a year, and the part (itself or one above) that bounds it."""

    free: int
    bound: PlanPart


def room_for_call(part: PlanPart, year: int, *, call: int | None) -> Room:
    """The least that is free at the part and above it, without what the call holds itself. Eight queries."""
    chain = ledger(part.plan, without_call=call).chain(part, year)
    bound, balance = min(chain, key=lambda pair: pair[1].free)
    return Room(max(0, balance.free), bound)


def standing_of(call: Call) -> Standing | None:
    """How a call stands after the measures; None for a call out of no plan's budget.

    Four queries, one without a plan: of the ledger only the call's own year, and nothing of what was paid.
    """
    of_call = CallFunding.objects.filter(call=call)
    fundings = list(
        CallFunding.objects.filter(
            part__plan=Subquery(of_call.values("part__plan")), year=Subquery(of_call.values("year"))
        ).select_related("call__current_terms", "part__plan")
    )
    own = next((f for f in fundings if f.call_id == call.pk), None)
    if own is None:
        return None
    plan, year = own.part.plan, own.year
    approved = BudgetAmount.objects.filter(part=OuterRef("pk"), year=year, stage=BudgetStage.APPROVED)
    subsidy = SubsidyBudget.objects.filter(part=OuterRef("pk"), year=year)
    parts = list(
        PlanPart.objects.filter(plan=plan).annotate(
            own=Subquery(approved.order_by().values("part").annotate(total=Sum("amount")).values("total")),
            subsidy=Subquery(subsidy.values("amount")),
        )
    )
    subsidies = {
        part.pk: SubsidyBudget(part=part, year=year, amount=part.subsidy)
        for part in parts
        if part.subsidy is not None
    }
    book = _book(
        plan,
        parts=parts,
        approved={year: {part.pk: part.own * THOUSAND for part in parts if part.own}},
        subsidies={year: subsidies},
        fundings=fundings,
        measures=_in_force(plan).filter(year=year),
        paid={},
        returned={},
    )
    return book.standing(own)


def freezing(call: Any) -> QuerySet[CallFunding]:
    """For an Exists: whether a freeze in force falls on the budget of ``call`` (an OuterRef), on its part, above or below."""
    part = "part__plan__parts"
    touches = Q(**{part: F("part")}) | Q(**{f"{part}__parent": F("part")})
    touches |= Q(**{f"{part}__parent__parent": F("part")})
    touches |= Q(**{part: F("part__parent")}) | Q(**{part: F("part__parent__parent")})
    return CallFunding.objects.filter(
        touches,
        call=call,
        **{
            f"{part}__measures__state": MeasureState.IN_FORCE,
            f"{part}__measures__kind": MeasureKind.FREEZE,
            f"{part}__measures__year": F("year"),
        },
    )


def may_award(call: Call, standing: Standing | None) -> int:
    """What the call may award in all, in its own unit: its envelope, less what measures took (X6).

    Never below what it has awarded. Rounds down to whole units.
    """
    if standing is None:
        return call.envelope
    return standing.may_award_in_all // max(1, call.dollars(1))
