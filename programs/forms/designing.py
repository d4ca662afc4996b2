"""The designer's forms, drawn from the dataclasses of the terms: a new field or rule kind needs no new page.

``Drawing`` turns stored data into what the templates show; ``typed.Typed`` turns a POST into data again, as
typed. Both walk the same specs, so that every name on the page has its place in the terms (``Control.path``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from programs.rules.designing import values
from programs.rules.designing.parts import Problem
from programs.rules.designing.references import called, options
from programs.rules.designing.shapes import Shape, Spec, specs, value_spec

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

    def choices(self, one: Spec, current: Iterable[str] = ()) -> list[tuple[str, str]]:
        """(key, words) of what a field may hold, and of what it holds although the list has it no more."""
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
        return self.choices(replace(one, meta={"refers": one.meta["refers"]}), current)

    def _select(self, control: Control, one: Spec, value: Any) -> None:
        current = "" if value is None else str(getattr(value, "value", value))
        choices = self.choices(one, [current] if not one.is_made else [])
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
        control.options = [Option(k, label, k in current) for k, label in self.choices(one, current)]

    def _picks(self, control: Control, one: Spec, value: Any) -> None:
        current = [str(v) for v in value] if isinstance(value, (list, tuple)) else []
        choices = self.choices(one, current)
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
