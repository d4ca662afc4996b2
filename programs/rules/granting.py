"""What a case asks for and what a decision is worth, in the unit that the call grants: dollars or heads."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from core.money import floor_ratio
from programs.rules.budget_sums import account_totals, requested_heads
from programs.rules.facts import CaseFacts

if TYPE_CHECKING:
    from programs.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Ask:
    """One line of a request, in the call's unit. ``total``: with the company share; the same for heads."""

    key: str
    label: str
    requested: int
    total: int


def asks(terms: Terms, facts: CaseFacts) -> list[Ask]:
    """What the case asks for in each line of ``terms.award_lines``, in its order."""
    if terms.in_dollars:
        return [Ask(t.key, t.label, t.subsidy, t.amount) for t in account_totals(terms, facts)]
    heads = requested_heads(facts)
    return [Ask(line.key, line.label, heads, heads) for line in terms.award_lines]


def requested(terms: Terms, facts: CaseFacts) -> int:
    """The whole request in the call's unit."""
    return sum(ask.requested for ask in asks(terms, facts))


def worth(terms: Terms, *, subsidy: int, requested: int, granted: int) -> int:
    """Dollars that ``granted`` units stand for, where ``requested`` units ask for ``subsidy`` dollars.

    Money is itself. Of heads each is worth the same part of the subsidy asked for; rounds down (RA3).
    """
    if terms.in_dollars:
        return granted
    return floor_ratio(subsidy, Fraction(granted, requested)) if requested else 0


def unit_price(terms: Terms) -> int:
    """Dollars that one unit of the envelope costs at most: 1 for money, for heads their cap (RA3).

    0 where the terms cap no head: then nobody can say what the envelope costs.
    """
    if terms.in_dollars:
        return 1
    return min((rule.params.maximum for rule in terms.of_kind("per_head_cap")), default=0)


def reserve_places(terms: Terms, granted: int) -> int | None:
    """How many on a reserve list an applicant may keep beside ``granted`` (RA8), rounded down; None: no list."""
    rule = next(iter(terms.of_kind("reserve")), None)
    return floor_ratio(granted, rule.params.ratio) if rule is not None else None


def refills(terms: Terms) -> bool:
    """Whether what one applicant leaves unused goes to the others in the order of the review (RA8)."""
    return any(rule.params.refill for rule in terms.of_kind("reserve"))
