"""A KPI's value in a year from what was reported, and its status against the share of time passed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

MIDTERM, FINAL = 13, 14
#: The last month that a closing period speaks for.
SPEAKS_UNTIL = {MIDTERM: 6, FINAL: 12}
PERIODS = (*range(1, 13), MIDTERM, FINAL)


def period_label(period: int) -> str:
    """What people call a period of a year."""
    return {MIDTERM: "期中", FINAL: "期末"}.get(period, f"{period} 月")


def months_of(period: int) -> int:
    """The last month that the period speaks for."""
    return SPEAKS_UNTIL.get(period, period)


def last_day(year: int, period: int) -> date:
    """The last day of a period of a ROC year."""
    month = months_of(period)
    return date(year + 1911, month, monthrange(year + 1911, month)[1])


def in_time_order(periods: Mapping[int, object]) -> list[int]:
    """The periods by the month they speak for; a closing stands behind the month it closes with."""
    return sorted(periods, key=lambda p: (months_of(p), p))


def year_value(values: Mapping[int, Decimal], *, cumulative: bool, until: int = 12) -> Decimal | None:
    """The year's value so far from reported values by period; None while nothing was reported.

    Cumulative: months add up; a closing (mid-term, final) states the year so far and replaces all months up to
    the one that it speaks for. Otherwise the latest value counts. ``until`` leaves out later months.
    """
    known = {p: v for p, v in values.items() if months_of(p) <= until}
    if not known:
        return None
    if not cumulative:
        return known[in_time_order(known)[-1]]
    closings = [p for p in known if p in SPEAKS_UNTIL]
    last = max(closings, key=months_of, default=None)
    base = known[last] if last is not None else Decimal(0)
    after = months_of(last) if last is not None else 0
    return base + sum((v for p, v in known.items() if p <= 12 and p > after), Decimal(0))


class Status(StrEnum):
    """How a KPI stands against the time passed."""

    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    REACHED = "reached"
    MISSED = "missed"
    NOT_BEGUN = "not_begun"
    NO_VALUE = "no_value"
    NO_TARGET = "no_target"

    @property
    def label(self) -> str:
        """The word beside the colour."""
        return {
            "ahead": "超前",
            "on_track": "符合進度",
            "behind": "落後",
            "at_risk": "嚴重落後",
            "reached": "達成",
            "missed": "未達成",
            "not_begun": "尚未開始",
            "no_value": "尚未填報",
            "no_target": "未訂目標",
        }[self.value]

    @property
    def asks_for_remedy(self) -> bool:
        """Whether cause and remedy are asked for (112 伍.二(一); RAISE 審查意見)."""
        return self in (Status.BEHIND, Status.AT_RISK, Status.MISSED)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Percentages of the target's due share at which a KPI is ahead, on track or behind (below: at risk)."""

    ahead: int = 110
    on_track: int = 90
    behind: int = 70


def share_passed(year: int, today: date, *, begins: date | None = None, ends: date | None = None) -> Fraction:
    """The share of the ROC year that has passed at the end of ``today``: 0 before it, 1 after it.

    ``begins`` and ``ends``: the plan's own days; only the days of the year that lie within them count.
    """
    first, last = date(year + 1911, 1, 1), date(year + 1911, 12, 31)
    first, last = max(first, begins or first), min(last, ends or last)
    if today < first:
        return Fraction(0)
    if today >= last:
        return Fraction(1)
    return Fraction((today - first).days + 1, (last - first).days + 1)


def due_by_now(target: Decimal, passed: Fraction, *, cumulative: bool) -> Fraction:
    """What the target asks for by now: its share of the time passed, or all of it where values don't add up."""
    return Fraction(target) * (passed if cumulative else 1)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a KPI is held to in a year: the ``target`` of ``year``, and the ``share`` of its time that has passed.

    ``due``: what it asks for by now. For a running total ``year`` may be a later one than that looked at.
    """

    year: int
    target: Decimal
    share: Fraction
    due: Fraction


def aim_of(
    targets: Mapping[int, Decimal], year: int, *, passed: Fraction, cumulative: bool, running_from: int | None
) -> Aim | None:
    """What a KPI is held to in ``year``, None without a target. ``passed``: the share of that year.

    ``running_from``: the plan's first year where targets are running totals over the plan, else None. A running
    total is held to the next target from ``year`` on; between two targets it grows evenly with the years.
    """
    if running_from is None:
        if year not in targets:
            return None
        target = targets[year]
        return Aim(year, target, passed, due_by_now(target, passed, cumulative=cumulative))
    ahead = [y for y in targets if y >= year]
    if not ahead:
        return None
    held = min(ahead)
    before = max((y for y in targets if y < year), default=running_from - 1)
    base = targets.get(before, Decimal(0))
    share = (year - before - 1 + passed) / (held - before)
    due = Fraction(base) + Fraction(targets[held] - base) * share
    return Aim(held, targets[held], share, due if cumulative else Fraction(targets[held]))


def status(
    value: Decimal | None,
    target: Decimal | None,
    *,
    passed: Fraction,
    cumulative: bool,
    up: bool,
    thresholds: Thresholds,
    due: Fraction | None = None,
) -> Status:
    """The status of one KPI in one year. A year that is over has only 達成 or 未達成.

    ``due``: what is asked for by now, when it is not the target's share of the time (see ``aim_of``).

    Falling KPIs (``up`` False) are judged by target ÷ value; a target of 0 is reached by 0 (or by anything,
    where more is better).
    """
    if target is None:
        return Status.NO_TARGET
    if passed == 0:
        return Status.NOT_BEGUN
    if value is None:
        return Status.NO_VALUE
    done = value >= target if up else value <= target
    if passed == 1:
        return Status.REACHED if done else Status.MISSED
    if due is None:
        due = due_by_now(target, passed, cumulative=cumulative)
    actual = Fraction(value)
    if up:
        percent = actual * 100 / due if due else Fraction(100)
    elif actual:
        percent = due * 100 / actual
    else:
        percent = Fraction(max(thresholds.ahead, 100))
    if percent >= thresholds.ahead:
        return Status.AHEAD
    if percent >= thresholds.on_track:
        return Status.ON_TRACK
    return Status.BEHIND if percent >= thresholds.behind else Status.AT_RISK


def share_goal(text: str) -> Fraction | None:
    """A goal such as ``1/3`` or ``30%`` as a share; None for "" or what is no share between 0 and 1."""
    try:
        share = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return share if 0 < share <= 1 else None
