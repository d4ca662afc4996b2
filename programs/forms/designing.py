"""The designer's forms, drawn from the dataclasses of the terms: a new field or rule kind needs no new page.

``controls`` turns stored data into what the templates show; ``typed`` turns a POST into data again, as
typed. Both walk the same specs, so that every name on the page has its place in the terms (``Control.path``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.text import clean, clean_line
from programs.rules.designing import values
from programs.rules.designing.parts import Problem
from programs.rules.designing.references import called, options
from programs.rules.designing.shapes import Shape, Spec, key_of, specs, value_spec

MOST_ROWS = 200
MOST_WORDY = 4  # columns of words that can still be read beside each other; more, and rows become cards
SPARE = 2  # blank rows of a list inside a row, and of every list without JavaScript
_SCALARS = (Shape.TEXT, Shape.NUMBER, Shape.RATIO, Shape.DATE, Shape.MOMENT)


@dataclass(slots=True)
class Option:
    """One choice; ``name`` for checkboxes that each have their own."""

    value: str
    label: str
    chosen: bool = False


@dataclass(slots=True)
class Row:
    """One row of a list: its cells, its key, and how many it is."""

    number: int
    name: str
    cells: list[Control]
    hidden: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        return bool(self.problems) or any(c.has_problems for c in self.cells)


@dataclass(slots=True)
class Control:
    """What stands on the page for one field of the terms."""

    shape: str
    path: str
    name: str
    label: str
    help: str = ""
    unit: str = ""
    value: str = ""
    chosen: bool = False
    options: list[Option] = field(default_factory=list)
    children: list[Control] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank: Row | None = None
    is_table: bool = False
    is_nested: bool = False
    in_table: bool = False
    is_wide: bool = False
    is_folded: bool = False
    makes: int = 0
    sum_of: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def has_problems(self) -> bool:
        """Whether anything is wrong here or inside."""
        return (
            bool(self.problems)
            or any(c.has_problems for c in self.children)
            or any(r.has_problems for r in self.rows)
        )

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def field(self) -> str:
        """The name of the field itself, by which ``js/totals.js`` adds up a column."""
        return self.name.rsplit("-", 1)[-1]

    @property
    def lines(self) -> int:
        """How high a text of several lines stands."""
        return max(3, min(14, len(self.value) // 60 + self.value.count("\n") + 2))

    @property
    def says(self) -> list[tuple[str, str]]:
        """What the columns of a table are for."""
        return [(c.label, c.help) for c in self.blank.cells if c.help] if self.blank else []

    @property
    def sum_label(self) -> str:
        """The words of the column that is added up."""
        cells = self.blank.cells if self.blank else []
        return next((c.label for c in cells if c.field == self.sum_of), "")

    @property
    def sum_now(self) -> int:
        """The sum of that column as stored; what is no number counts as 0."""
        texts = (c.value for r in self.rows for c in r.cells if c.field == self.sum_of)
        return sum(int(t) for t in texts if t.isascii() and t.isdigit())

    @property
    def is_narrow(self) -> bool:
        """Numbers, dates and ratios need little room."""
        return self.shape in (Shape.NUMBER, Shape.RATIO, Shape.DATE)


def flat(controls: Iterable[Control]) -> Iterable[Control]:
    """Every control, those inside rows and groups included."""
    for control in controls:
        yield control
        yield from flat(control.children)
        for row in control.rows:
            yield from flat(row.cells)


def told(controls: Iterable[Control], trail: str = "") -> Iterator[tuple[str, str]]:
    """(id on the page, words) of every problem, with the rows and groups in which it lies: 第 1 項「課程」權重：…"""
    for control in controls:
        here = f"{trail}{control.label}"
        for reason in control.problems:
            yield control.id, f"{here}：{reason}"
        yield from told(control.children, f"{here} › ")
        for row in control.rows:
            place = f"{here}第 {row.number} 項"
            for reason in row.problems:
                yield row.name, f"{place}：{reason}"
            yield from told(row.cells, f"{place} › ")


# From data to the page ---------------------------------------------------------------------------------


class Drawing:
    """Controls of data within whole terms (``terms``: where references lead), with problems by path."""

    def __init__(self, terms: Mapping[str, Any], problems: Iterable[Problem] = ()) -> None:
        self.terms = terms
        self.problems: dict[str, list[str]] = {}
        for problem in problems:
            self.problems.setdefault(problem.path, []).append(problem.reason)

    def controls(
        self, cls: type, data: Any, path: str, name: str, only: Iterable[str] | None = None
    ) -> list[Control]:
        """One control for each field of ``cls`` (``only``: of these); fields that the portal gives are left out."""
        wanted = None if only is None else set(only)
        data = data if isinstance(data, Mapping) else {}
        return [
            self.control(
                one,
                data.get(one.name, one.default),
                f"{path}.{one.name}" if path else one.name,
                f"{name}-{one.name}" if name else one.name,
            )
            for one in specs(cls)
            if not one.is_made and (wanted is None or one.name in wanted)
        ]

    def control(self, one: Spec, value: Any, path: str, name: str, *, nested: bool = False) -> Control:
        """The control of one field. Problems that fit no inner control stay here."""
        label, unit = called(one, self.terms)
        control = Control(
            one.shape.value,
            path,
            name,
            label,
            str(one.meta.get("help", "")),
            unit,
            is_nested=nested,
            is_wide=bool(one.meta.get("wide")),
        )
        getattr(self, f"_{one.shape.value}", self._scalar)(control, one, value)
        own = values.wrong(one, value)
        said = self._said(control)
        control.problems = [own] if own else said
        return control

    def _said(self, control: Control) -> list[str]:
        """Problems at this path, and those below it that no inner control shows."""
        inner = {c.path for c in flat(control.children)}
        inner |= {c.path for row in control.rows for c in flat(row.cells)}
        rows = {f"{control.path}[{n}]" for n in range(len(control.rows))}
        found: list[str] = []
        for path, reasons in self.problems.items():
            below = path == control.path or path.startswith((f"{control.path}.", f"{control.path}["))
            covered = path in rows or any(path == i or path.startswith((f"{i}.", f"{i}[")) for i in inner)
            if below and not covered:
                found += reasons
        if control.shape == Shape.SELECT and not control.value and found:
            return ["請選擇"]
        return list(dict.fromkeys(found))

    def _scalar(self, control: Control, one: Spec, value: Any) -> None:
        control.value = values.show(one, value)

    def _check(self, control: Control, one: Spec, value: Any) -> None:
        control.chosen = bool(value)

    def _choices(self, one: Spec, current: Iterable[str] = ()) -> list[tuple[str, str]]:
        meta = one.meta
        labels = meta.get("labels", {})
        if "options" in meta:
            found = list(meta["options"].items())
        elif "refers" in meta or "known" in meta:
            found = options(meta.get("refers") or meta["known"], self.terms)
        elif one.enum is not None:
            found = [(str(m.value), labels.get(m.value, str(m.value))) for m in one.enum if m.value != "ok"]
        else:
            found = [(str(c), labels.get(c, str(c))) for c in meta.get("choices", ())]
        known = {key for key, _ in found}
        return found + [(c, f"（清單裡已沒有：{c}）") for c in current if c and c not in known]

    def keys(self, one: Spec, current: Iterable[str]) -> list[tuple[str, str]]:
        """The entries for which a map may hold a value, and those that it holds although they are gone."""
        return self._choices(replace(one, meta={"refers": one.meta["refers"]}), current)

    def _select(self, control: Control, one: Spec, value: Any) -> None:
        current = "" if value is None else str(getattr(value, "value", value))
        choices = self._choices(one, [current] if not one.is_made else [])
        if one.is_made and current not in {key for key, _ in choices}:
            current = ""
        closed = one.enum is not None or "choices" in one.meta
        if "" not in dict(choices) and ("blank" in one.meta or one.is_made or not closed or not current):
            words = one.meta.get("blank", "不由系統計算" if one.is_made else "請選擇")
            choices = [("", f"（{words}）"), *choices]
        control.value = current
        control.options = [Option(key, label, key == current) for key, label in choices]

    def _checks(self, control: Control, one: Spec, value: Any) -> None:
        current = [str(v) for v in value] if isinstance(value, (list, tuple)) else []
        control.options = [Option(k, label, k in current) for k, label in self._choices(one, current)]

    def _picks(self, control: Control, one: Spec, value: Any) -> None:
        current = [str(v) for v in value] if isinstance(value, (list, tuple)) else []
        choices = self._choices(one, current)
        for n, chosen in enumerate([*current, ""]):
            child = Control(
                Shape.SELECT.value,
                f"{control.path}[{n}]",
                f"{control.name}-{n}",
                f"第 {n + 1} 順位",
                value=chosen,
            )
            child.options = [Option("", "（不使用）"), *(Option(k, w, k == chosen) for k, w in choices)]
            child.problems = self._said(child) if chosen else []
            control.children.append(child)

    def _lines(self, control: Control, one: Spec, value: Any) -> None:
        control.value = (
            "\n".join(str(v) for v in value) if isinstance(value, (list, tuple)) else str(value or "")
        )

    def _captions(self, control: Control, one: Spec, value: Any) -> None:
        text = next(s.name for s in specs(one.inner) if not s.is_made)
        entries = value if isinstance(value, (list, tuple)) else ()
        control.value = "\n".join(str(e.get(text, "")) for e in entries if isinstance(e, Mapping))

    def _group(self, control: Control, one: Spec, value: Any) -> None:
        control.children = self.controls(one.inner, value, control.path, control.name)

    def _map(self, control: Control, one: Spec, value: Any) -> None:
        current = value if isinstance(value, Mapping) else {}
        inner = value_spec(one)
        for key, label in self.keys(one, current):
            child = self.control(
                inner, current.get(key), f"{control.path}.{key}", f"{control.name}-{key}", nested=True
            )
            child.label, child.help = label, ""
            control.children.append(child)

    def _rows(self, control: Control, one: Spec, value: Any) -> None:
        entries = list(value)[:MOST_ROWS] if isinstance(value, (list, tuple)) else []
        if control.is_nested:
            entries += [{}] * SPARE
        known = one.meta.get("known", "")
        for n, entry in enumerate(entries):
            control.rows.append(self._row(one.inner, entry, control, str(n), n + 1, known))
        control.blank = self._row(one.inner, {}, control, "__prefix__", 0, known)
        plain = {*_SCALARS, Shape.SELECT, Shape.CHECK}
        cells = [s for s in specs(one.inner) if not s.is_made]
        sentences = [s for s in cells if s.shape in (Shape.TEXT, Shape.SELECT)]
        control.is_table = (
            len(cells) <= 6 and len(sentences) <= MOST_WORDY and all(s.shape in plain for s in cells)
        )
        control.makes, control.sum_of = one.meta.get("makes", 0), one.meta.get("sum_of", "")
        control.is_folded = control.is_nested and len(entries) == SPARE
        for row in [*control.rows, control.blank]:
            for cell in row.cells:
                cell.in_table = control.is_table

    def _row(self, cls: type, entry: Any, control: Control, index: str, number: int, known: str) -> Row:
        entry = entry if isinstance(entry, Mapping) else {}
        path, name = f"{control.path}[{index}]", f"{control.name}-{index}"
        row = Row(number, name, [])
        for one in specs(cls):
            value = entry.get(one.name, one.default)
            if one.is_made and known:  # the list that holds the row says what its keys mean
                one = replace(
                    one,
                    shape=Shape.SELECT,
                    meta={**one.meta, "label": "判讀為", "refers": known, "made": False},
                )
            if one.is_made:
                row.hidden.append((f"{name}-{one.name}-was", str(value or "")))
                if "known" not in one.meta:
                    continue
            row.cells.append(
                self.control(one, value, f"{path}.{one.name}", f"{name}-{one.name}", nested=True)
            )
        row.problems = list(self.problems.get(path, ()))
        return row


# From the page to data ---------------------------------------------------------------------------------


class Typed:
    """Data as typed, from a POST. ``terms``: the whole terms as stored, for references and keys."""

    def __init__(self, post: Mapping[str, Any], terms: Mapping[str, Any]) -> None:
        self.post = post
        self.terms = terms
        self.drawing = Drawing(terms)

    def _one(self, name: str) -> str:
        return str(self.post.get(name, ""))

    def _many(self, name: str) -> list[str]:
        getlist = getattr(self.post, "getlist", None)
        found = getlist(name) if getlist else self.post.get(name, [])
        return [str(v) for v in found]

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
            order = [key for key, _ in self.drawing._choices(one, self._many(name))]
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
