"""What a freeze or cut does: every part after it, the calls that it touches, awards that would not be covered (X6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from programs import feeds
from programs.enums import CallState
from programs.feeds import FeedRow
from programs.models import BudgetMeasure, Call, PlanPart
from programs.rules.plans.ledger import Balance
from programs.selectors.ledger import Ledger, Standing, ledger, standing_of


@dataclass(frozen=True, slots=True)
class PartEffect:
    """A part's money before and after the measure."""

    part: PlanPart
    before: Balance
    after: Balance

    @property
    def taken(self) -> int:
        return self.before.available - self.after.available

    @property
    def missing(self) -> int:
        """Dollars set aside that are not there any more."""
        return max(0, -self.after.free)


@dataclass(slots=True)
class Award:
    """A confirmed award in dollars; ``uncovered``: how much of it the money no longer reaches."""

    row: FeedRow
    dollars: int
    uncovered: int


@dataclass(slots=True)
class CallEffect:
    """A call that loses something: how it stood, how it would stand, and awards beyond what is left."""

    before: Standing
    after: Standing
    stage: str
    uncovered: list[Award] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.after.funding.call

    @property
    def lost(self) -> int:
        return self.before.covered - self.after.covered


@dataclass(frozen=True, slots=True)
class Effect:
    """What a measure would do. ``key`` names what was looked at: anything else has another key."""

    parts: list[PartEffect]
    calls: list[CallEffect]
    key: str

    @property
    def uncovered(self) -> int:
        """Dollars of awards that would not be covered."""
        return sum(award.uncovered for call in self.calls for award in call.uncovered)


def stage_of(call: Call) -> str:
    """In words, how far a call is: drafted, taking applications, in review, decided, closed."""
    if call.state == CallState.DRAFT:
        return "尚未公告"
    if not call.may_award:
        return "已結案"
    return "已核定" if call.results_published_at else "公告受理或審查中"


def effect_of(measure: BudgetMeasure) -> Effect:
    """The plan's year without the measure and with it, beside all others in force. Eight queries, whatever the rows."""
    book = ledger(measure.part.plan)
    others = [m for m in book.measures if m.pk != measure.pk]
    before, after = book.under(others), book.under([*others, measure])
    year = measure.year
    parts = [
        PartEffect(part, before.at(part, year), after.at(part, year))
        for part in after.parts.values()
        if before.at(part, year).available != after.at(part, year).available
    ]
    calls = [
        CallEffect(then, now, stage_of(now.funding.call))
        for then, now in zip(_standings(before, year), _standings(after, year), strict=True)
        if then.covered != now.covered or then.left != now.left
    ]
    _spread(calls)
    told = [(p.part.pk, p.after.available, p.after.enveloped, p.after.committed) for p in parts]
    held = [(c.call.pk, c.after.held, c.after.committed, c.after.covered, c.after.left) for c in calls]
    return Effect(parts, calls, hashlib.sha256(repr((told, held)).encode()).hexdigest()[:32])


def _standings(book: Ledger, year: int) -> list[Standing]:
    return [book.standing(f) for f in book.fundings if f.year == year]


def _spread(effects: Iterable[CallEffect]) -> None:
    """Lay what is left over each call's awards in the order of the decision: the last ones are not reached. One query."""
    over = {effect.call.pk: effect for effect in effects if effect.after.overdrawn}
    left = {pk: effect.after.covered for pk, effect in over.items()}
    for row in feeds.awards(list(over)) if over else []:
        effect = over[row.call]
        dollars = effect.call.dollars(int(row.value))
        missing = dollars - min(dollars, left[row.call])
        left[row.call] -= dollars - missing
        if missing:
            effect.uncovered.append(Award(row, dollars, missing))


def measured(call: Call) -> Standing | None:
    """How a call stands that a measure in force has taken from; None for all others. Four queries at most."""
    standing = standing_of(call)
    return standing if standing is not None and standing.measured else None
