"""Geometry of a schedule: months as shares of the width, bars by their days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

WIDTH = 1000
_FORMAL = "零壹貳參肆伍陸柒捌玖"


class _Bar(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def checkpoint(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Month:
    """A month's strip: ``x`` and ``width`` in thousandths; ``label`` such as 114/3."""

    label: str
    x: int
    width: int

    @property
    def short(self) -> str:
        """As much of the label as fits: 114/3, the month alone, or nothing."""
        if self.width >= 110:
            return self.label
        return self.label.partition("/")[2] if self.width >= 45 else ""

    @property
    def middle(self) -> int:
        """Where its label is centred."""
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with its place in thousandths of the width."""

    name: str
    starts_on: date
    ends_on: date
    checkpoint: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A whole schedule, ready to draw."""

    months: tuple[Month, ...]
    rows: tuple[Row, ...]


def chart(starts_on: date, ends_on: date, bars: Sequence[_Bar]) -> Chart:
    """Place bars between two days, both included; what reaches outside is cut at the edge."""
    days = (ends_on - starts_on).days + 1

    def at(day: date) -> int:
        return max(0, min(WIDTH, (day - starts_on).days * WIDTH // days))

    months = []
    first = starts_on
    while first <= ends_on:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        x = at(first)
        months.append(Month(f"{first.year - 1911}/{first.month}", x, at(following) - x))
        first = following
    rows = []
    for bar in bars:
        x = at(bar.starts_on)
        width = max(6, at(bar.ends_on + timedelta(days=1)) - x)
        rows.append(Row(bar.name, bar.starts_on, bar.ends_on, bar.checkpoint, min(x, WIDTH - 6), width))
    return Chart(tuple(months), tuple(rows))


def chapter_number(number: int) -> str:
    """1 → 壹, 12 → 拾貳: how chapters of plan books are numbered; 1 to 99."""
    tens, units = divmod(number, 10)
    text = "" if tens == 0 else ("拾" if tens == 1 else _FORMAL[tens] + "拾")
    return text + (_FORMAL[units] if units else "")
