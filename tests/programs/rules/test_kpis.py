"""What a KPI's year is worth, and when it is ahead, on track, behind or at risk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules.plans.kpis import FINAL, MIDTERM, Status, Thresholds, share_passed, status, year_value

D = Decimal


def judged(value, target=100, *, passed=Fraction(1, 2), cumulative=True, up=True):
    return status(
        None if value is None else D(value),
        None if target is None else D(target),
        passed=passed,
        cumulative=cumulative,
        up=up,
        thresholds=Thresholds(),
    )


def test_months_add_up_and_the_latest_counts():
    months = {1: D(10), 2: D(0), 3: D(5)}
    assert year_value(months, cumulative=True) == 15
    assert year_value(months, cumulative=False) == 5
    assert year_value({}, cumulative=True) is None


def test_a_closing_replaces_the_months_it_speaks_for():
    values = {1: D(10), 6: D(10), MIDTERM: D(18), 7: D(4)}
    assert year_value(values, cumulative=True) == 22
    assert year_value({**values, FINAL: D(40)}, cumulative=True) == 40
    assert year_value({6: D(3), MIDTERM: D(4)}, cumulative=False) == 4


def test_until_a_month_later_values_are_not_known_yet():
    values = {1: D(1), 6: D(2), MIDTERM: D(9), 8: D(4)}
    assert year_value(values, cumulative=True, until=5) == 1
    assert year_value(values, cumulative=True, until=6) == 9


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2022, 12, 31), Fraction(0)),
        (date(2023, 1, 1), Fraction(1, 365)),
        (date(2023, 12, 30), Fraction(364, 365)),
        (date(2023, 12, 31), Fraction(1)),
        (date(2024, 1, 1), Fraction(1)),
    ],
)
def test_the_share_of_the_year_that_has_passed(day, share):
    assert share_passed(112, day) == share


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (55, Status.AHEAD),
        ("54.99", Status.ON_TRACK),
        (45, Status.ON_TRACK),
        ("44.99", Status.BEHIND),
        (35, Status.BEHIND),
        ("34.99", Status.AT_RISK),
        (0, Status.AT_RISK),
        (None, Status.NO_VALUE),
    ],
)
def test_half_the_year_asks_for_half_the_target(value, expected):
    assert judged(value) is expected


def test_rates_are_asked_for_in_full_at_any_time():
    assert judged(80, 80, cumulative=False) is Status.ON_TRACK
    assert judged("71.9", 80, cumulative=False) is Status.BEHIND


def test_a_year_that_is_over_is_reached_or_missed():
    over = Fraction(1)
    assert judged(100, passed=over) is Status.REACHED
    assert judged(99, passed=over) is Status.MISSED
    assert judged(5, 5, passed=over, up=False) is Status.REACHED
    assert judged(6, 5, passed=over, up=False) is Status.MISSED


def test_without_target_or_before_the_year_there_is_nothing_to_judge():
    assert judged(5, None) is Status.NO_TARGET
    assert judged(5, passed=Fraction(0)) is Status.NOT_BEGUN
    assert judged(0, 0) is Status.ON_TRACK
    assert judged(0, 5, cumulative=False, up=False) is Status.AHEAD


@given(st.dictionaries(st.integers(1, 14), st.decimals(0, 10**6, places=2), max_size=14))
def test_more_reports_never_lose_a_closing(values):
    if FINAL in values:
        assert year_value(values, cumulative=True) == values[FINAL]
    elif MIDTERM not in values and values:
        assert year_value(values, cumulative=True) == sum(values.values())
