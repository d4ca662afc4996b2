"""Single values between what people type and what the terms hold. What can't be read stays as typed."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from core.rocdate import EXAMPLE, TAIPEI, parse_date, roc
from core.text import clean, clean_line, half_width
from programs.rules.designing.shapes import Shape, Spec
from programs.rules.reader import LARGEST_INT, as_ratio

_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)")
_MOMENT = re.compile(r"(?P<day>\S+)[\sT]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)")
_EMPTY = "請填寫這一欄"


def parse(one: Spec, text: str) -> tuple[Any, str]:
    """(value for the terms, what is wrong with it or ""). A text that can't be read is itself the value."""
    if one.shape is Shape.LONG:
        return clean(text), ""
    text = clean_line(text)
    if one.shape in (Shape.TEXT, Shape.SELECT):
        return text, ""
    plain = half_width(text).strip()
    if not plain:
        return (None, "") if one.optional else ("", _EMPTY)
    try:
        return _PARSERS[one.shape](plain, str(one.meta.get("unit", ""))), ""
    except ValueError as refused:
        return text, str(refused)


def wrong(one: Spec, value: Any) -> str:
    """What is wrong with a stored value that is still text as typed; "" when the reader can judge it."""
    if one.shape in _PARSERS and isinstance(value, str):
        parsed, reason = parse(one, show(one, value))
        return "" if reason == "" and parsed is not None else reason
    return ""


def show(one: Spec, value: Any) -> str:
    """What stands in the input for a stored value; text that could not be read comes back as typed."""
    if value is None:
        return ""
    if one.shape is Shape.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if one.meta.get("unit") == "元" else str(value)
    if one.shape is Shape.DATE:
        return _shown_day(value)
    if one.shape is Shape.MOMENT:
        return _shown_moment(value)
    return str(value)


def _shown_day(value: Any) -> str:
    try:
        return roc(value if isinstance(value, date) else date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _shown_moment(value: Any) -> str:
    found = moment(value)
    if found is None:
        return str(value)
    local = found.astimezone(TAIPEI)
    return f"{roc(local.date())} {local:%H:%M:%S}" if local.second else f"{roc(local.date())} {local:%H:%M}"


def moment(value: Any) -> datetime | None:
    """The stored value as a time; None for what is still text as typed."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _number(text: str, unit: str) -> int:
    text = text.removesuffix(unit).strip() if unit else text
    if re.fullmatch(r"[-+]?[\d,]*\.\d*", text):
        raise ValueError("請填整數，不含小數")
    if not _NUMBER.fullmatch(text):
        raise ValueError("請填整數，只用阿拉伯數字，例如 12")
    number = int(text.replace(",", "")) if len(text) < 20 else LARGEST_INT
    if abs(number) >= LARGEST_INT:
        raise ValueError("數字太大，請再確認")
    return number


def _ratio(text: str, unit: str) -> str:
    as_ratio(text)
    return text


def _day(text: str, unit: str) -> str:
    return parse_date(text).isoformat()


def _moment(text: str, unit: str) -> str:
    match = _MOMENT.fullmatch(text)
    if match is None:
        parse_date(text)
        raise ValueError("請寫到幾點幾分，例如 114/3/28 17:00")
    day = parse_date(match["day"])
    try:
        hour = match["clock"].zfill(5) if match["clock"].count(":") == 1 else match["clock"].zfill(8)
        clock = time.fromisoformat(hour)
    except ValueError:
        raise ValueError(f"時間看不懂，{EXAMPLE}，再寫幾點幾分") from None
    return datetime.combine(day, clock, TAIPEI).isoformat()


_PARSERS = {Shape.NUMBER: _number, Shape.RATIO: _ratio, Shape.DATE: _day, Shape.MOMENT: _moment}
