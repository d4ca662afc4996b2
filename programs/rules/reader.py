"""Plain data (YAML or JSON) into frozen dataclasses, strictly, with every problem named by its path.

Terms, rule parameters and case files are all read here, so that a wrong key or a wrong type is
refused in the same words everywhere. Constraints stand in the dataclass field's ``metadata``:
``min``/``max`` for numbers, ``choices`` for closed lists, ``not_empty`` for texts and lists.
Beside them stand the words that the call designer shows for the field: see ``words``.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

#: No amount, count or number of hours in a case or a call comes near this; larger ones are slips.
LARGEST_INT = 10**12


class ReadError(ValueError):
    """Data that cannot be read. ``problems`` lists every ``path: reason`` (Chinese, for the user)."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class _Bad:
    """Stands for a value that could not be read; the reason is in the problem list already."""


BAD = _Bad()


def read(cls: type[T], data: object, problems: list[str], path: str = "") -> T | None:
    """Read ``data`` into the dataclass ``cls``; append to ``problems`` and return None if that fails."""
    value = _dataclass(cls, data, problems, path)
    return None if isinstance(value, _Bad) else typing.cast(T, value)


def words(label: str, help: str = "", **more: Any) -> dict[str, Any]:
    """Metadata of a field that office staff fill in: what it is called, what it does, and constraints.

    Besides the constraints: ``unit`` (``unit_of``: the field that says name and unit instead); ``long`` (several lines); ``labels`` (words of ``choices``); ``options``
    (a closed list as key → words); ``refers`` (the list of the terms that the value names); ``blank`` (words for
    "none of them"); ``made`` (a key that the portal gives by itself); ``part`` (the designer's page); ``wide`` (a sentence, which needs room); ``sum_of`` and
    ``makes`` (the column of a list that adds up, and to how much).
    """
    return {"label": label, "help": help, **more}


def as_ratio(value: object) -> Fraction:
    """A share written ``"1/2"``, ``"50%"`` or a whole number, as an exact Fraction. Never a float.

    Raises ValueError for anything else.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, (bool, float)):
        raise ValueError("比率請寫成「1/2」或「50%」")
    if isinstance(value, int):
        return Fraction(value)
    if not isinstance(value, str):
        raise ValueError("比率請寫成「1/2」或「50%」")
    text = value.strip()
    try:
        if text.endswith("%"):
            return Fraction(text[:-1].strip()) / 100
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError("比率請寫成「1/2」或「50%」") from None


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _dataclass(cls: type, data: object, problems: list[str], path: str) -> object:
    if not isinstance(data, Mapping):
        return _refuse(problems, path, "應為一組欄位（物件）")
    before = len(problems)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init and not f.metadata.get("computed")}
    for key in data:
        if key not in fields:
            problems.append(f"{_join(path, str(key))}: 不認得的欄位")
    values: dict[str, object] = {}
    for name, spec in fields.items():
        here = _join(path, name)
        if name not in data:
            if spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
                problems.append(f"{here}: 缺少這個欄位")
            continue
        value = _value(_hints(cls)[name], data[name], problems, here)
        if not isinstance(value, _Bad):
            _constrain(spec.metadata, value, problems, here)
            values[name] = value
    if len(problems) > before:
        return BAD
    return cls(**values)


def _constrain(metadata: Mapping[str, Any], value: object, problems: list[str], path: str) -> None:
    if "choices" in metadata:
        wrong = [v for v in (value if isinstance(value, tuple) else (value,)) if v not in metadata["choices"]]
        if wrong:
            problems.append(f"{path}: 只能是 {'、'.join(map(str, metadata['choices']))}")
    if "min" in metadata and isinstance(value, (int, Fraction)) and value < metadata["min"]:
        problems.append(f"{path}: 不可小於 {_bound(metadata['min'], value)}")
    if "max" in metadata and isinstance(value, (int, Fraction)) and value > metadata["max"]:
        problems.append(f"{path}: 不可大於 {_bound(metadata['max'], value)}")
    if metadata.get("not_empty") and not value:
        problems.append(f"{path}: 不可空白")


def _bound(bound: int | Fraction, value: int | Fraction) -> str:
    """A bound as people write the value that it holds: a share in percent, a number with its commas."""
    if isinstance(value, Fraction):
        share = Fraction(bound) * 100
        return f"{share}%" if share.denominator == 1 else str(bound)
    return f"{bound:,}"


def _refuse(problems: list[str], path: str, reason: str) -> _Bad:
    problems.append(f"{path or '（檔案）'}: {reason}")
    return BAD


def _value(hint: Any, data: object, problems: list[str], path: str) -> object:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if data is None and type(None) in typing.get_args(hint):
            return None
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
        origin = typing.get_origin(hint)
    if origin is tuple:
        return _tuple(hint, data, problems, path)
    if origin in (dict, Mapping):
        return _mapping(hint, data, problems, path)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, data, problems, path)
    return _scalar(hint, data, problems, path)


def _tuple(hint: Any, data: object, problems: list[str], path: str) -> object:
    if not isinstance(data, Sequence) or isinstance(data, (str, bytes)):
        return _refuse(problems, path, "應為清單")
    item = typing.get_args(hint)[0]
    values = [_value(item, entry, problems, f"{path}[{i}]") for i, entry in enumerate(data)]
    return BAD if any(isinstance(v, _Bad) for v in values) else tuple(values)


def _mapping(hint: Any, data: object, problems: list[str], path: str) -> object:
    if not isinstance(data, Mapping):
        return _refuse(problems, path, "應為一組欄位（物件）")
    item = typing.get_args(hint)[1]
    values = {str(k): _value(item, v, problems, _join(path, str(k))) for k, v in data.items()}
    return BAD if any(isinstance(v, _Bad) for v in values.values()) else values


def _scalar(hint: Any, data: object, problems: list[str], path: str) -> object:
    if hint is Any:
        return data
    if hint is str:
        if not isinstance(data, str):
            return _refuse(problems, path, "應為文字")
        if "\x00" in data:
            return _refuse(problems, path, "含有無法使用的控制字元（NUL）")
        return data
    if hint is bool:
        return data if isinstance(data, bool) else _refuse(problems, path, "應為 true 或 false")
    if hint is int:
        if isinstance(data, bool) or not isinstance(data, int):
            return _refuse(problems, path, "應為整數（不含小數、引號或逗號）")
        return data if abs(data) < LARGEST_INT else _refuse(problems, path, "數字過大")
    if hint is Fraction:
        try:
            return as_ratio(data)
        except ValueError as error:
            return _refuse(problems, path, str(error))
    if hint is datetime:
        return _datetime(data, problems, path)
    if hint is date:
        return _date(data, problems, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(data)
        except ValueError:
            return _refuse(problems, path, f"只能是 {'、'.join(str(m.value) for m in hint)}")
    raise TypeError(f"the reader does not know the type {hint!r} at {path}")


def _date(data: object, problems: list[str], path: str) -> object:
    if isinstance(data, date) and not isinstance(data, datetime):
        return data
    if isinstance(data, str):
        try:
            return date.fromisoformat(data)
        except ValueError:
            pass
    return _refuse(problems, path, "應為日期，例如 2025-03-28")


def _datetime(data: object, problems: list[str], path: str) -> object:
    value: object = data
    if isinstance(data, str):
        try:
            value = datetime.fromisoformat(data)
        except ValueError:
            value = None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    return _refuse(problems, path, "應為含時區的時間，例如 2025-03-28T23:59:59+08:00")


def plain(value: object) -> Any:
    """The JSON-ready copy of what ``read`` made: dataclasses to dicts (None left out), dates to ISO text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init)
        return {name: plain(entry) for name, entry in pairs if entry is not None}
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    return value
