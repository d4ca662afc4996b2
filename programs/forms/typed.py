"""What was typed on the designer's forms, as data of the terms again: the way back of ``designing``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.text import clean, clean_line, storable
from programs.forms.designing import MOST_ROWS, Drawing
from programs.rules.designing import values
from programs.rules.designing.references import options
from programs.rules.designing.shapes import Shape, Spec, key_of, specs, value_spec


class Typed:
    """Data as typed, from a POST. ``terms``: the whole terms as stored, for references and keys."""

    def __init__(self, post: Mapping[str, Any], terms: Mapping[str, Any]) -> None:
        self.post = post
        self.terms = terms
        self.drawing = Drawing(terms)

    def _one(self, name: str) -> str:
        return storable(str(self.post.get(name, "")))

    def _many(self, name: str) -> list[str]:
        getlist = getattr(self.post, "getlist", None)
        found = getlist(name) if getlist else self.post.get(name, [])
        return [storable(str(v)) for v in found]

    def data(self, cls: type, stored: Any, name: str, only: Iterable[str] | None = None) -> dict[str, Any]:
        """The fields of ``cls`` as typed; what the portal gives by itself stays as stored."""
        wanted = None if only is None else set(only)
        stored = stored if isinstance(stored, Mapping) else {}
        found: dict[str, Any] = {}
        for one in specs(cls):
            if wanted is not None and one.name not in wanted:
                continue
            if one.is_made:
                if one.name in stored:
                    found[one.name] = stored[one.name]
                continue
            value = self.value(one, stored.get(one.name), f"{name}-{one.name}" if name else one.name)
            if value is not None:
                found[one.name] = value
        return found

    def value(self, one: Spec, stored: Any, name: str) -> Any:
        """The value of one field as typed; None for an optional one that is left empty."""
        if one.shape is Shape.CHECK:
            return name in self.post
        if one.shape is Shape.CHECKS:
            order = [key for key, _ in self.drawing.choices(one, self._many(name))]
            chosen = set(self._many(name))
            if isinstance(stored, (list, tuple)) and set(map(str, stored)) == chosen:
                return list(stored)
            return [key for key in order if key in chosen]
        if one.shape is Shape.PICKS:
            picked = (
                clean_line(self._one(f"{name}-{n}")) for n in range(MOST_ROWS) if f"{name}-{n}" in self.post
            )
            return list(dict.fromkeys(p for p in picked if p))
        if one.shape is Shape.LINES:
            return _lines(self._one(name))
        if one.shape is Shape.CAPTIONS:
            return self._captions(one, stored, name)
        if one.shape is Shape.GROUP:
            return self.data(one.inner, stored, name)
        if one.shape is Shape.MAP:
            return self._map(one, stored, name)
        if one.shape is Shape.ROWS:
            return self._rows(one, stored, name)
        return values.parse(one, self._one(name))[0]

    def _captions(self, one: Spec, stored: Any, name: str) -> list[dict[str, Any]]:
        key, text = key_of(one.inner), next(s.name for s in specs(one.inner) if not s.is_made)
        before = [e for e in stored if isinstance(e, Mapping)] if isinstance(stored, (list, tuple)) else []
        by_text = {str(e.get(text)): str(e.get(key)) for e in before}
        lines = _lines(self._one(name))
        used = {by_text[line] for line in lines if line in by_text}
        found: list[dict[str, Any]] = []
        for n, line in enumerate(lines):
            same = by_text.get(line) or (str(before[n].get(key)) if n < len(before) else "")
            if not same or (line not in by_text and same in used) or same in {f[key] for f in found}:
                same = new_key(
                    name.rsplit("-", 1)[-1], used | {f[key] for f in found} | set(by_text.values())
                )
            found.append({key: same, text: line})
        return found

    def _map(self, one: Spec, stored: Any, name: str) -> dict[str, Any]:
        inner = value_spec(one)
        current = stored if isinstance(stored, Mapping) else {}
        found: dict[str, Any] = {}
        for key, _ in self.drawing.keys(one, current):
            value = self.value(inner, current.get(key), f"{name}-{key}")
            if value not in (None, "", [], {}) and not _is_empty(value):
                found[key] = value
        return found

    def _rows(self, one: Spec, stored: Any, name: str) -> list[dict[str, Any]]:
        before = [e for e in stored if isinstance(e, Mapping)] if isinstance(stored, (list, tuple)) else []
        total = self._one(f"{name}-TOTAL_FORMS")
        count = min(int(total), MOST_ROWS) if total.isascii() and total.isdigit() and len(total) < 6 else 0
        indexes = [n for n in range(count) if f"{name}-{n}-DELETE" not in self.post]
        known = str(one.meta.get("known", ""))
        key = next((s.name for s in specs(one.inner) if s.is_made), "")
        claimed = {self._one(f"{name}-{n}-{key}-was") for n in indexes} if key else set()
        found: list[dict[str, Any]] = []
        for n in indexes:
            was = self._one(f"{name}-{n}-{key}-was") if key else ""
            same = next((e for e in before if key and was and e.get(key) == was), None)
            if same is None and n < len(before) and str(before[n].get(key)) not in claimed:
                same = before[n]  # a page that saves again does not know the key of a row that it added
            row = self.data(one.inner, same, f"{name}-{n}")
            if key:
                row[key] = self._key(one, key, known, f"{name}-{n}", was or str((same or {}).get(key, "")))
            found.append(row)
        while found and _is_blank(one.inner, found[-1], key):
            found.pop()
        return self._named(found, key, before, name) if key and not known else found

    def _key(self, one: Spec, key: str, known: str, name: str, was: str) -> str:
        """The key of a row: chosen where keys mean something, else the one that it had."""
        spec = next(s for s in specs(one.inner) if s.name == key)
        if known:
            return clean_line(self._one(f"{name}-{key}"))
        if "known" in spec.meta:
            chosen = clean_line(self._one(f"{name}-{key}"))
            meaningful = {k for k, _ in options(spec.meta["known"], self.terms)}
            return chosen or ("" if was in meaningful else was)
        return clean_line(was)

    def _named(
        self, found: list[dict[str, Any]], key: str, before: list[Any], name: str
    ) -> list[dict[str, Any]]:
        """Rows without a key get a new one; the keys of rows that are gone are not given again."""
        used = {str(e.get(key)) for e in before} | {str(f[key]) for f in found}
        for row in found:
            if not row[key]:
                row[key] = new_key(name.rsplit("-", 1)[-1], used)
                used.add(row[key])
        return found


def new_key(stem: str, used: set[str]) -> str:
    """A key that nothing bears yet: ``documents_3``."""
    stem = re.sub(r"[^a-z_]", "", stem) or "entry"
    number = 1
    while f"{stem}_{number}" in used:
        number += 1
    return f"{stem}_{number}"


def _lines(text: str) -> list[str]:
    return [line for line in (clean_line(raw) for raw in clean(text).split("\n")) if line]


def _is_empty(value: Any) -> bool:
    """A group of a map in which nothing was filled in."""
    return isinstance(value, Mapping) and not any(v not in (None, "", [], {}, False) for v in value.values())


def _is_blank(cls: type, row: Mapping[str, Any], key: str) -> bool:
    """Whether nothing was typed into a row: every field empty, or as in a new row."""
    by_name = {s.name: s for s in specs(cls)}
    for name, value in row.items():
        if name == key or value in (None, "", [], {}, False):
            continue
        default = by_name[name].default
        if value != (list(default) if isinstance(default, tuple) else getattr(default, "value", default)):
            return False
    return True
