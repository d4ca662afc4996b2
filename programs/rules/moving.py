"""Terms moved in time: the same call, so many days later. For next year's call and for the demo season."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\+\d{2}:\d{2})?)?$")
_WORDS = re.compile(r"(\d{3})( ?年 ?)(\d{1,2})( ?月 ?)(\d{1,2})( ?日)")
_SLASHES = re.compile(r"(?<!\d)(\d{3})/(\d{1,2})/(\d{1,2})(?!\d)")
# Tables by date of law (the minimum wage) belong to the calendar, not to the call.
_FIXED_KEYS = frozenset({"since"})


def moved(data: Mapping[str, Any], *, days: int) -> dict[str, Any]:
    """A copy of the terms with every date of the call ``days`` later, in fields and in sentences.

    The timetable's words for its dates are dropped in favour of the dates themselves. Pure.
    """
    copy: dict[str, Any] = _moved(dict(data), days)
    for stage in copy.get("timetable", []):
        starts, ends = (_roc(date.fromisoformat(stage[name])) for name in ("starts_on", "ends_on"))
        stage["when"] = starts if starts == ends else f"{starts}–{ends}"
    return copy


def _moved(value: Any, days: int) -> Any:
    if isinstance(value, Mapping):
        return {k: v if k in _FIXED_KEYS else _moved(v, days) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(item, days) for item in value]
    if isinstance(value, str):
        return _text(value, timedelta(days=days))
    return value


def _text(text: str, shift: timedelta) -> str:
    if _ISO.match(text):
        if "T" in text:
            return (datetime.fromisoformat(text) + shift).isoformat()
        return (date.fromisoformat(text) + shift).isoformat()

    def in_words(match: re.Match[str]) -> str:
        year, y, month, m, day, d = match.groups()
        new = date(int(year) + 1911, int(month), int(day)) + shift
        return f"{new.year - 1911}{y}{new.month}{m}{new.day}{d}"

    def in_slashes(match: re.Match[str]) -> str:
        year, month, day = (int(g) for g in match.groups())
        return _roc(date(year + 1911, month, day) + shift)

    return _SLASHES.sub(in_slashes, _WORDS.sub(in_words, text))


def _roc(day: date) -> str:
    return f"{day.year - 1911}/{day.month}/{day.day}"
