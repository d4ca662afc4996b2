"""Working days: a calendar given as data, so that staff can add a typhoon day and deadlines follow."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

OFF = "off"
MAKEUP = "makeup"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Monday to Friday, less the days off, plus the make-up days. A day that is in both sets is off."""

    off: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return day not in self.off and (day.weekday() < 5 or day in self.makeup)

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it when negative); ``day`` itself for 0.

        The first day isn't counted: a period starts on the day after the notice.
        """
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` comes first."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + _DAY * n) for n in range(1, (end - start).days + 1))


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months (back when negative), clamped to the last day of a shorter month (X4)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def seed_calendar(years: Iterable[int]) -> list[tuple[date, str, str]]:
    """Rows ``(date, OFF or MAKEUP, name)`` of the official calendar, in order, to fill the stored one.

    Holidays that fall on a weekend are left out: they change nothing.
    """
    import holidays  # slow to import, and needed only here

    wanted = sorted(set(years))
    taiwan = holidays.country_holidays("TW", years=wanted, language="zh_TW")
    rows = [(day, OFF, name.replace("; ", "、")) for day, name in taiwan.items() if day.weekday() < 5]
    makeup = [day for day in taiwan.weekend_workdays if day.year in wanted]
    rows += [(day, MAKEUP, "補行上班日") for day in makeup]
    return sorted(row for row in rows if row[0].year in wanted)
