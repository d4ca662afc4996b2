"""Budget arithmetic in whole dollars: approved, frozen or cut, given to calls, committed, paid, returned, free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

THOUSAND = 1000


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
            exact = Fraction(self.percent) * base / 100
            return min(base, -(-exact.numerator // exact.denominator))
        return min(base, self.amount or 0)


@dataclass(frozen=True, slots=True)
class Balance:
    """One part's money of one year, in dollars. ``base``: what may be given by calls before measures.

    ``enveloped``: set aside for calls; ``committed``: awarded; a call's free part of its envelope stays
    set aside until the call is closed. ``free``: what another call may still take; negative when a measure
    took more than was left.
    """

    base: int
    frozen: int
    cut: int
    enveloped: int
    committed: int
    paid: int
    returned: int

    @property
    def available(self) -> int:
        """What remains after measures."""
        return self.base - self.frozen - self.cut

    @property
    def free(self) -> int:
        return self.available - self.enveloped

    @property
    def uncommitted(self) -> int:
        """Set aside for calls but not awarded."""
        return self.enveloped - self.committed

    @property
    def outstanding(self) -> int:
        """Awarded and not yet paid, less what came back."""
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


def descendants(parents: Mapping[int, int | None], part: int) -> set[int]:
    """The part and everything below it."""
    return {other for other in parents if part in ancestry(parents, other)}


def budget_of(parents: Mapping[int, int | None], leaves: Mapping[int, int], part: int) -> int:
    """千元 of a part: its own leaves and those below it."""
    return sum(leaves.get(other, 0) for other in descendants(parents, part))


def reduction_at(
    parents: Mapping[int, int | None], bases: Mapping[int, int], reductions: Iterable[Reduction], part: int
) -> dict[str, int]:
    """Dollars frozen and cut at ``part``, by kind.

    A measure on a part above falls on this one by its share of that part's base, rounded up; a measure on a
    part below counts in full. Together never more than the part's base; cuts count first.
    """
    base = bases.get(part, 0)
    above = ancestry(parents, part)
    below = descendants(parents, part)
    taken = {"cut": 0, "freeze": 0}
    for reduction in reductions:
        if reduction.part in above:
            whole = bases.get(reduction.part, 0)
            if reduction.percent is not None:
                taken[reduction.kind] += reduction.of(base)
            elif whole:
                exact = Fraction(reduction.of(whole)) * base / whole
                taken[reduction.kind] += -(-exact.numerator // exact.denominator)
        elif reduction.part in below:
            taken[reduction.kind] += reduction.of(bases.get(reduction.part, 0))
    cut = min(base, taken["cut"])
    return {"cut": cut, "freeze": min(base - cut, taken["freeze"])}
