"""Budget arithmetic in whole dollars: approved, frozen or cut, given to calls, committed, paid, returned, free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import floor_ratio

THOUSAND = 1000
CUT, FREEZE = "cut", "freeze"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A freeze or cut in force: a share of a part's budget of a year, or an amount in dollars."""

    part: int
    kind: str
    percent: Decimal | None = None
    amount: int | None = None

    def of(self, base: int) -> int:
        """Dollars taken from ``base``: never more than it; a share rounds up, against spending."""
        if self.percent is not None:
            return min(base, _ceil(Fraction(self.percent) * base / 100))
        return min(base, self.amount or 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """Dollars that measures take: cuts count first, together never more than there is."""

    cut: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.cut + self.frozen


@dataclass(frozen=True, slots=True)
class Balance:
    """One part's money of one year, in dollars.

    ``approved``: its whole budget (B005). ``base``: what of it calls may give, before measures. ``enveloped``:
    set aside for calls; what a closed call did not award is not set aside any more. ``committed``: awarded.
    """

    approved: int = 0
    base: int = 0
    frozen: int = 0
    cut: int = 0
    enveloped: int = 0
    committed: int = 0
    paid: int = 0
    returned: int = 0

    @property
    def available(self) -> int:
        """What remains after measures."""
        return self.base - self.frozen - self.cut

    @property
    def free(self) -> int:
        """What another call may still take; negative when a measure took more than was left."""
        return self.available - self.enveloped

    @property
    def uncommitted(self) -> int:
        """Set aside for calls but not awarded."""
        return self.enveloped - self.committed

    @property
    def outstanding(self) -> int:
        """Awarded and not yet paid."""
        return self.committed - self.paid

    @property
    def spent(self) -> int:
        """Paid less returned."""
        return self.paid - self.returned


def ancestry(parents: Mapping[int, int | None], part: int) -> list[int]:
    """The part and everything above it, itself first."""
    chain: list[int] = []
    here: int | None = part
    while here is not None and here not in chain:
        chain.append(here)
        here = parents.get(here)
    return chain


class Tree:
    """Parts of a plan: what lies above and below each, itself included."""

    def __init__(self, parents: Mapping[int, int | None]) -> None:
        self.above = {part: ancestry(parents, part) for part in parents}
        self.below: dict[int, set[int]] = {part: set() for part in parents}
        for part, chain in self.above.items():
            for upper in chain:
                self.below[upper].add(part)

    def sums(self, own: Mapping[int, int]) -> dict[int, int]:
        """What each part has with everything below it, of what each has by itself."""
        total = dict.fromkeys(self.above, 0)
        for part, value in own.items():
            for upper in self.above[part]:
                total[upper] += value
        return total


def taken(tree: Tree, approved: Mapping[int, int], reductions: Iterable[Reduction]) -> dict[int, Taken]:
    """Dollars cut and frozen at each part, of its whole budget.

    A measure on a part above falls on this one by its share of that part's budget, rounded up; a measure on a
    part below counts in full. Several add up, each taken of the budget as it was approved.
    """
    sums = {part: {CUT: 0, FREEZE: 0} for part in tree.above}
    for reduction in reductions:
        whole = approved.get(reduction.part, 0)
        dollars = reduction.of(whole)
        if not dollars:
            continue
        for part in tree.above[reduction.part]:
            sums[part][reduction.kind] += dollars
        for part in tree.below[reduction.part] - {reduction.part}:
            share = approved.get(part, 0)
            sums[part][reduction.kind] += (
                reduction.of(share)
                if reduction.percent is not None
                else _ceil(Fraction(dollars * share, whole))
            )
    found = {}
    for part, kinds in sums.items():
        most = approved.get(part, 0)
        cut = min(most, kinds[CUT])
        found[part] = Taken(cut, min(most - cut, kinds[FREEZE]))
    return found


def falls_on(whole: Taken, *, approved: int, base: int) -> Taken:
    """What of ``whole``, taken from an approved budget, falls on the ``base`` that calls may give: its share, rounded up."""
    if not approved:
        return Taken()
    cut = min(base, _ceil(Fraction(whole.cut * base, approved)))
    both = min(base, _ceil(Fraction(whole.total * base, approved)))
    return Taken(cut, max(0, both - cut))


def covered(held: int, chain: Sequence[Balance]) -> int:
    """Dollars of the ``held`` ones of a call that its part, and every part above, still have.

    Where less is available than was set aside, each call bears it by its share; rounds down.
    """
    return min(
        held,
        *(
            floor_ratio(held, Fraction(max(0, at.available), at.enveloped))
            for at in chain
            if at.enveloped > at.available
        ),
        held,
    )


def may_still_award(held: int, committed: int, chain: Sequence[Balance]) -> int:
    """Dollars that a call may award besides ``committed``: within its own share, and within what is not awarded yet."""
    room = [at.available - at.committed for at in chain]
    return max(0, min(covered(held, chain) - committed, *room, held))


def _ceil(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)
