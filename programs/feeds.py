"""Numbers that plans take from above: KPIs fed by the calls' own rows, and money committed.

``programs`` knows no case. Whoever holds the rows registers a :class:`Feed`; its number and the rows that it
is counted from come from the same query, so that they can't disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, overload
from uuid import UUID

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Fed:
    """A number with its split by gender where people are counted.

    ``of``: the whole, for a share. ``ones``: whom a distinct count has counted, so that sums count nobody twice.
    """

    value: Decimal = Decimal(0)
    men: int = 0
    women: int = 0
    other: int = 0
    of: Decimal = Decimal(0)
    ones: frozenset[int] = frozenset()

    def __add__(self, more: Fed) -> Fed:
        return Fed(
            self.value + more.value,
            self.men + more.men,
            self.women + more.women,
            self.other + more.other,
            self.of + more.of,
            self.ones | more.ones,
        )


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row that a fed number is counted from: what it is, how much it counts, and where it stands."""

    label: str
    detail: str
    value: Decimal
    url: str
    call: int


class RowsOf(Sequence[FeedRow]):
    """Rows made from a queryset only as far as they are looked at, so that a page costs what a page holds."""

    def __init__(self, found: QuerySet[Any], make: Callable[[Any], FeedRow]) -> None:
        self._found, self._make = found, make
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self._found.count()
        return self._count

    @overload
    def __getitem__(self, index: int) -> FeedRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[FeedRow]: ...
    def __getitem__(self, index: int | slice) -> FeedRow | list[FeedRow]:
        if isinstance(index, slice):
            return [self._make(one) for one in self._found[index]]
        return self._make(self._found[index])

    def __iter__(self) -> Any:
        return (self._make(one) for one in self._found)


@dataclass(frozen=True, slots=True)
class Feed:
    """One number that calls feed. ``people``: split by gender.

    ``share``: value ÷ of, in percent, is the number. ``distinct``: whoever appears twice counts once.

    ``explanation`` says in the user's words what is counted and where it stands in the documents.
    """

    key: str
    label: str
    unit: str
    explanation: str
    people: bool = False
    share: bool = False
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: calls, and of them one ``case`` only (its key) where a case asks what it counts for."""

    calls: Collection[int]
    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Feeds that are counted together. Each number is the sum over the rows of the same scope, to the last row.

    ``count``: scope → feed key → call → number, in a bounded number of queries. ``rows``: the rows behind
    one feed of the scope, in a stable order.
    """

    feeds: tuple[Feed, ...]
    count: Callable[[Scope], Mapping[str, Mapping[int, Fed]]]
    rows: Callable[[str, Scope], Sequence[FeedRow]]


_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Add a source. Raises ValueError when one of its keys is taken."""
    for feed in source.feeds:
        if feed.key in feeds():
            raise ValueError(f"the feed {feed.key!r} is registered twice")
    _SOURCES.append(source)


def feeds() -> dict[str, Feed]:
    """Every feed by key, in the order of registration."""
    return {feed.key: feed for source in _SOURCES for feed in source.feeds}


def counts(
    keys: Collection[str], calls: Collection[int], *, case: UUID | None = None
) -> dict[str, Mapping[int, Fed]]:
    """Numbers by feed and call, asking only the sources that have one of ``keys``; ``case``: of one case only."""
    found: dict[str, Mapping[int, Fed]] = {}
    for source in _SOURCES:
        if any(feed.key in keys for feed in source.feeds):
            found.update(source.count(Scope(calls, case)))
    return found


def rows(key: str, calls: Collection[int], *, case: UUID | None = None) -> Sequence[FeedRow]:
    """The rows behind a feed of these calls. Raises KeyError for a key that nobody registered."""
    for source in _SOURCES:
        if any(feed.key == key for feed in source.feeds):
            return source.rows(key, Scope(calls, case))
    raise KeyError(key)


def number(feed: Feed, by_call: Mapping[int, Fed], calls: Iterable[int]) -> Fed:
    """The sum over ``calls``; for a share, ``value`` is the percentage (0 while there is nothing)."""
    total = sum((by_call.get(call, Fed()) for call in calls), Fed())
    if feed.distinct:
        return replace(total, value=Decimal(len(total.ones)))
    if feed.share and total.of:
        return replace(total, value=(total.value * 100 / total.of).quantize(Decimal("0.01")))
    return total


@dataclass(frozen=True, slots=True)
class Awards:
    """Confirmed awards in the unit that each call grants. ``count``: calls → call → units, in one query.

    ``rows``: the awards behind them, call by call in the order of the decision, the last of the list last.
    """

    count: Callable[[Collection[int]], Mapping[int, int]]
    rows: Callable[[Collection[int]], Iterable[FeedRow]]


_AWARDS: list[Awards] = []


def register_awards(source: Awards) -> None:
    """Say what the calls' confirmed awards commit."""
    _AWARDS.append(source)


def committed(calls: Collection[int]) -> dict[int, int]:
    """Units awarded by call, from everybody who registered."""
    total: dict[int, int] = {}
    for source in _AWARDS:
        for call, units in source.count(calls).items():
            total[call] = total.get(call, 0) + units
    return total


#: What still waits in a call for its decision, in the user's words; "" for nothing.
Waiting = Callable[[int], str]
_WAITING: list[Waiting] = []


def register_waiting(source: Waiting) -> None:
    """Say what of a call still waits for its decision."""
    _WAITING.append(source)


def waiting(call: int) -> list[str]:
    """What waits for a decision in a call, from everybody who registered. Nobody decides once it is closed."""
    return [words for source in _WAITING if (words := source(call))]


def awards(calls: Collection[int]) -> list[FeedRow]:
    """The awards of these calls; each call's sum is its number in :func:`committed`."""
    return [row for source in _AWARDS for row in source.rows(calls)]
