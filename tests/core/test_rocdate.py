"""ROC dates: shown, read back, refused."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rocdate import parse_date, roc, roc_datetime, roc_long, roc_year

DAY = date(2025, 3, 28)


def test_a_date_is_shown_in_roc_years():
    assert roc(DAY) == "114/3/28"
    assert roc_long(date(2025, 2, 10)) == "中華民國114年2月10日"
    assert roc_year(DAY) == 114


def test_dates_before_the_republic_are_counted_backwards():
    assert roc(date(1911, 3, 1)) == "民國前1/3/1"
    assert roc_long(date(1900, 3, 1)) == "民國前12年3月1日"


def test_a_moment_is_shown_in_taipei():
    assert roc_datetime(datetime(2025, 3, 28, 6, 3, tzinfo=UTC)) == "114/3/28 14:03"
    assert roc(datetime(2025, 3, 28, 17, 0, tzinfo=UTC)) == "114/3/29"
    assert roc_datetime(datetime(2025, 3, 28, 14, 3)) == "114/3/28 14:03"


@pytest.mark.parametrize(
    "text",
    [
        "114/3/28",
        "114-03-28",
        "114.3.28",
        "2025-03-28",
        "2025/3/28",
        "1140328",
        "20250328",
        "１１４／３／２８",
        " 114年3月28日 ",
        "民國114年3月28日",
        "中華民國 114 年 3 月 28 日",
        "2025年3月28日",
    ],
)
def test_every_usual_way_to_write_a_date_is_read(text):
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "看不懂"),
        ("明天", "看不懂"),
        ("114/3-28", "看不懂"),
        ("114/3", "看不懂"),
        ("45744", "看不懂"),
        ("114/2/29", "沒有 2 月 29 日"),
        ("114/13/1", "沒有 13 月 1 日"),
        ("0/1/1", "年份 0"),
        ("1140/3/28", "年份 1140"),
        ("9999-01-01", "年份 9999"),
    ],
)
def test_a_wrong_date_is_refused_with_a_reason_and_an_example(text, message):
    with pytest.raises(ValueError, match=f"{message}.*例如 114/3/28"):
        parse_date(text)


@given(st.dates(date(1912, 1, 1), date(2199, 12, 31)))
def test_what_is_shown_can_be_read_back(day):
    assert parse_date(roc(day)) == parse_date(roc_long(day)) == parse_date(day.isoformat()) == day
    assert parse_date(f"{roc_year(day):03}{day:%m%d}") == day


@given(st.text())
def test_any_text_is_a_date_or_refused(text):
    with suppress(ValueError):
        assert isinstance(parse_date(text), date)
