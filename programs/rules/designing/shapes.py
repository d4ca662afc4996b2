"""How a field of the terms is filled in, read off its type and metadata: the seam between data and forms."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cache
from typing import Any

from programs.rules.kinds import KINDS
from programs.rules.kinds.registry import NoParams
from programs.rules.terms import RawRule, Terms


class Shape(StrEnum):
    """What stands on the page for a field."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    RATIO = "ratio"
    DATE = "date"
    MOMENT = "moment"
    CHECK = "check"
    SELECT = "select"
    CHECKS = "checks"  # several of a closed list
    PICKS = "picks"  # several of another list of the terms, in an order
    LINES = "lines"  # texts, one a line
    CAPTIONS = "captions"  # rows that have but one text beside their key, one a line
    ROWS = "rows"
    GROUP = "group"
    MAP = "map"  # one value for each entry of another list of the terms


@dataclass(frozen=True, slots=True)
class Spec:
    """One field: its name, shape, words, and the type of what lies inside (rows, groups, maps)."""

    name: str
    shape: Shape
    meta: Mapping[str, Any]
    inner: Any = None
    default: Any = None
    optional: bool = False
    enum: type[Enum] | None = None

    @property
    def label(self) -> str:
        return str(self.meta.get("label", self.name))

    @property
    def is_made(self) -> bool:
        """Whether the portal gives the value by itself."""
        return bool(self.meta.get("made"))


@cache
def specs(cls: type) -> tuple[Spec, ...]:
    """The fields of a dataclass in order, computed ones left out."""
    hints = typing.get_type_hints(cls)
    return tuple(
        _spec(field, hints[field.name])
        for field in dataclasses.fields(cls)
        if field.init and not field.metadata.get("computed")
    )


def spec(cls: type, name: str) -> Spec:
    """One field of a dataclass. Raises KeyError."""
    for one in specs(cls):
        if one.name == name:
            return one
    raise KeyError(name)


def params_class(kind: object) -> type:
    """The parameters of a rule kind; a kind that does not exist has none."""
    known = KINDS.get(str(kind))
    return known.params if known else NoParams


def key_of(cls: type) -> str:
    """The field by which rows of a class are told apart: key, id, code; "" for rows without one."""
    names = [f.name for f in dataclasses.fields(cls)]
    return next((name for name in ("key", "id", "code") if name in names), "")


def _spec(field: dataclasses.Field[Any], hint: Any) -> Spec:
    optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        optional = True
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    default: Any = None
    if field.default is not dataclasses.MISSING:
        default = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    shape, inner = _shape(hint, field.metadata)
    enum = hint if isinstance(hint, type) and issubclass(hint, Enum) else None
    return Spec(field.name, shape, field.metadata, inner, default, optional, enum)


def _shape(hint: Any, meta: Mapping[str, Any]) -> tuple[Shape, Any]:
    if dataclasses.is_dataclass(hint):
        return Shape.GROUP, hint
    origin = typing.get_origin(hint)
    if origin is tuple:
        item = typing.get_args(hint)[0]
        if dataclasses.is_dataclass(item) and isinstance(item, type):
            visible = [s for s in specs(item) if not s.is_made]
            alone = len(visible) == 1 and visible[0].shape is Shape.TEXT
            return (Shape.CAPTIONS if alone else Shape.ROWS), item
        return (Shape.CHECKS if "options" in meta else Shape.PICKS if "refers" in meta else Shape.LINES), str
    if origin is dict:
        return Shape.MAP, typing.get_args(hint)[1]
    if hint is bool:
        return Shape.CHECK, None
    if any(name in meta for name in ("choices", "options", "refers", "known")) or _is_enum(hint):
        return Shape.SELECT, None
    scalars: dict[Any, Shape] = {
        int: Shape.NUMBER,
        Fraction: Shape.RATIO,
        datetime: Shape.MOMENT,
        date: Shape.DATE,
    }
    return scalars.get(hint, Shape.LONG if meta.get("long") else Shape.TEXT), None


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def value_spec(one: Spec) -> Spec:
    """The field that stands for one entry of a map: its words, and the shape of a single value."""
    meta = {k: v for k, v in one.meta.items() if k not in ("refers", "not_empty")}
    shape, inner = _shape(one.inner, meta)
    return Spec(one.name, shape, meta, inner, None, True)


def by_name(path: str) -> Spec | None:
    """The field at the top of a path of the terms; None for the rules and for what is no field."""
    for one in specs(Terms):
        if one.name == path:
            return one
    return None


__all__ = [
    "RawRule",
    "Shape",
    "Spec",
    "Terms",
    "by_name",
    "key_of",
    "params_class",
    "spec",
    "specs",
    "value_spec",
]
