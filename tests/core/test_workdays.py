"""Working days against the official calendars of 2024 to 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.workdays import MAKEUP, OFF, WorkCalendar, add_months, seed_calendar

ROWS = seed_calendar([2024, 2025, 2026])
OFFICIAL = WorkCalendar(
    off=frozenset(day for day, kind, _ in ROWS if kind == OFF),
    makeup=frozenset(day for day, kind, _ in ROWS if kind == MAKEUP),
)
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(("year", "expected"), [(2024, 251), (2025, 247), (2026, 245)])
def test_working_days_of_a_year(year, expected):
    assert OFFICIAL.between(date(year - 1, 12, 31), date(year, 12, 31)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2025, 4, 1), date(2025, 4, 8)),
        (date(2025, 1, 24), date(2025, 2, 5)),
        (date(2024, 2, 7), date(2024, 2, 17)),
    ],
)
def test_Q2_three_working_days_across_holidays_and_make_up_saturdays(start, expected):
    assert OFFICIAL.add(start, 3) == expected


def test_the_seed_names_its_days_in_order_and_without_doubles():
    assert sorted(ROWS) == ROWS
    assert len({day for day, _, _ in ROWS}) == len(ROWS)
    assert [day for day, kind, _ in ROWS if kind == MAKEUP] == [date(2024, 2, 17), date(2025, 2, 8)]
    assert all(name for _, _, name in ROWS)
    assert all(day.weekday() < 5 for day, kind, _ in ROWS if kind == OFF)


def test_a_typhoon_day_moves_the_deadline():
    typhoon = WorkCalendar(OFFICIAL.off | {date(2025, 4, 7)}, OFFICIAL.makeup)
    assert typhoon.add(date(2025, 4, 1), 3) == date(2025, 4, 9)


def test_a_typhoon_on_a_make_up_saturday_makes_it_a_day_off():
    saturday = date(2025, 2, 8)
    assert OFFICIAL.is_working(saturday)
    assert not WorkCalendar(OFFICIAL.off | {saturday}, OFFICIAL.makeup).is_working(saturday)


@settings(deadline=None)
@given(days, st.integers(0, 60))
def test_add_and_between_undo_each_other(day, count):
    end = OFFICIAL.add(day, count)
    assert OFFICIAL.between(day, end) == count
    assert OFFICIAL.between(end, day) == -count
    assert count == 0 or OFFICIAL.is_working(end)


@settings(deadline=None)
@given(days, st.integers(1, 30))
def test_going_back_lands_on_a_working_day_before(day, count):
    start = OFFICIAL.add(day, -count)
    assert OFFICIAL.is_working(start)
    assert OFFICIAL.between(start, day - timedelta(days=1)) == count - 1


def test_X4_one_month_before_the_end():
    assert add_months(date(2025, 7, 10), -1) == date(2025, 6, 10)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 5, 5), 0, date(2025, 5, 5)),
    ],
)
def test_months_are_clamped_to_the_last_day(day, months, expected):
    assert add_months(day, months) == expected
