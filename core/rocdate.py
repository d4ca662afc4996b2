"""Dates in the years of the Republic (民國): year = AD year − 1911."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.text import half_width

TAIPEI = ZoneInfo("Asia/Taipei")
EXAMPLE = "請填年/月/日，例如 114/3/28 或 2025-03-28"

_SEPARATED = re.compile(r"([0-9]{1,4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
_WORDS = re.compile(r"(?:(?:中華)?民國)?\s*([0-9]{1,4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日")
_COMPACT = re.compile(r"([0-9]{2,4})([0-9]{2})([0-9]{2})")


def _local(day: date) -> date:
    """An aware datetime's day is the one in Taipei."""
    return day.astimezone(TAIPEI) if isinstance(day, datetime) and day.tzinfo else day


def roc_year(day: date) -> int:
    """The ROC year of ``day``: 114 for 2025. Zero and below before 1912."""
    return _local(day).year - 1911


def roc(day: date) -> str:
    """The short form: ``114/3/28``; before 1912 ``民國前1/3/28``."""
    day = _local(day)
    year = roc_year(day)
    return f"{year if year > 0 else f'民國前{1 - year}'}/{day.month}/{day.day}"


def roc_long(day: date) -> str:
    """The form of official letters: ``中華民國114年2月10日``."""
    day = _local(day)
    year = roc_year(day)
    return f"{f'中華民國{year}' if year > 0 else f'民國前{1 - year}'}年{day.month}月{day.day}日"


def roc_datetime(moment: datetime) -> str:
    """Date and minute in Taipei: ``114/3/28 14:03``."""
    return f"{roc(moment)} {_local(moment):%H:%M}"


def parse_date(text: str) -> date:
    """The date that somebody typed: ``114/3/28``, ``114.3.28``, ``2025-03-28``, ``1140328``, 114年3月28日.

    Years up to 288 are ROC years, those from 1900 to 2199 AD years. Raises ValueError with a message for
    the user.
    """
    text = half_width(text).strip()
    if match := _SEPARATED.fullmatch(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    elif match := _WORDS.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    else:
        raise ValueError(f"日期看不懂，{EXAMPLE}")
    if 1 <= year <= 288:
        year += 1911
    elif not 1900 <= year <= 2199:
        raise ValueError(f"年份 {year} 不合理，{EXAMPLE}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"沒有 {month} 月 {day} 日這一天，{EXAMPLE}") from None
