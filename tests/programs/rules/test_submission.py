"""S1 and S2: the window to the second, and the day that counts for paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from core.workdays import WorkCalendar
from programs.rules.check import Context, received_date
from programs.rules.kinds.submission import ReceivedDateParams

from .builders import facts, faults, found, terms

TAIPEI = timezone(timedelta(hours=8))
LAST = datetime(2025, 3, 28, 23, 59, 59, 999_999, tzinfo=TAIPEI)
FIRST = datetime(2025, 2, 10, 9, 0, 0, tzinfo=TAIPEI)
TICK = timedelta(microseconds=1)


def late(moment: datetime, closes_at: datetime | None = None) -> bool:
    context = Context(terms(), submitted_at=moment, closes_at=closes_at)
    return bool(faults("S1", facts(applied_on=None), context=context))


@pytest.mark.parametrize(
    ("moment", "wrong"), [(FIRST - TICK, True), (FIRST, False), (LAST, False), (LAST + TICK, True)]
)
def test_S1_window_to_the_second(moment: datetime, wrong: bool) -> None:
    assert late(moment) is wrong
    assert late(moment.astimezone(UTC)) is wrong
    assert terms().window.is_open(moment) is not wrong


def test_S1_an_extension_moves_the_end_only_outwards() -> None:
    extended = datetime(2025, 4, 1, 12, 0, 0, tzinfo=TAIPEI)
    assert late(LAST + TICK, extended) is False
    assert late(extended + timedelta(seconds=1), extended) is True
    assert late(LAST, datetime(2025, 3, 1, tzinfo=TAIPEI)) is False
    assert terms().window.is_open(LAST + TICK, closes_at=extended)


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        (date(2025, 2, 9), True),
        (date(2025, 2, 10), False),
        (date(2025, 3, 28), False),
        (date(2025, 3, 29), True),
    ],
)
def test_S1_paper_counts_by_its_received_date(day: date, wrong: bool) -> None:
    assert bool(faults("S1", facts(applied_on=day))) is wrong


def test_S1_is_silent_before_anything_is_handed_in() -> None:
    assert found("S1", facts(applied_on=None)) == []


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2025, 3, day, hour, minute, second, tzinfo=TAIPEI)


def test_S2_registered_post_counts_by_the_postmark() -> None:
    posted = date(2025, 3, 28)
    assert received_date("registered_post", posted, at(31, 10)) == posted
    with pytest.raises(ValueError, match="郵戳"):
        received_date("registered_post", None, at(31, 10))


@pytest.mark.parametrize(
    ("arrived", "counts"),
    [
        (at(28, 8, 59), date(2025, 3, 28)),  # Friday, before the office opens: received that day
        (at(28, 9), date(2025, 3, 28)),
        (at(28, 18), date(2025, 3, 28)),
        (at(28, 18, 0, 1), date(2025, 3, 31)),  # after hours: Monday
        (at(29, 10), date(2025, 3, 31)),  # Saturday
        (at(30, 10), date(2025, 3, 31)),  # Sunday
        (at(31, 10), date(2025, 3, 31)),
    ],
)
def test_S2_in_person_and_couriers_count_by_arrival_in_office_hours(arrived: datetime, counts: date) -> None:
    for channel in ("in_person", "carrier"):
        assert received_date(channel, date(2025, 3, 20), arrived) == counts
    with pytest.raises(ValueError, match="送達"):
        received_date("in_person", date(2025, 3, 28), None)


def test_S2_days_off_do_not_receive_and_saturdays_never_do() -> None:
    calendar = WorkCalendar(off=frozenset({date(2025, 3, 31)}), makeup=frozenset({date(2025, 3, 29)}))
    assert received_date("in_person", None, at(29, 10), calendar) == date(2025, 4, 1)


def test_S2_office_hours_are_data() -> None:
    hours = ReceivedDateParams(opens="08:00", closes="17:00")
    assert received_date("in_person", None, at(27, 17, 0, 1), params=hours) == date(2025, 3, 28)
    assert found("S2", facts()) == []
