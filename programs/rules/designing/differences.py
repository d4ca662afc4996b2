"""Two versions of a call's terms side by side, in words: what the office compares and the public is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from programs.rules.designing import values
from programs.rules.designing.parts import BY_KEY, part_of
from programs.rules.designing.references import called, options
from programs.rules.designing.shapes import Shape, Spec, key_of, params_class, specs, value_spec
from programs.rules.reader import as_ratio
from programs.rules.terms import RawRule, Terms


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. ``place``: B3 每人的補助上限 › 在學學生. An empty side says that there was nothing."""

    part: str
    place: str
    before: str
    after: str

    @property
    def part_title(self) -> str:
        return BY_KEY[self.part].title

    @property
    def text(self) -> str:
        """The change as a line of a note: B3 … 100,000 元 → 110,000 元."""
        if not self.before:
            return f"{self.place}：新增 {self.after}"
        if not self.after:
            return f"{self.place}：刪除 {self.before}"
        return f"{self.place}：{self.before} → {self.after}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Every change from ``old`` to ``new``, in the order of the designer's parts. Never raises."""
    walk = _Walk(old, new)
    found = [
        change
        for one in specs(Terms)
        if not one.is_made
        for change in walk.field(
            one, old.get(one.name, one.default), new.get(one.name, one.default), "", one.name
        )
    ]
    found += walk.rules()
    order = list(BY_KEY)
    return sorted(found, key=lambda change: order.index(change.part))


def silent_rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """IDs of the rules whose parameters changed while the words that people read stayed. Never raises."""
    walk, before = _Walk(old, new), _keyed(old.get("rules"), "id")
    found = []
    for code, rule in _keyed(new.get("rules"), "id").items():
        was = before.get(code)
        if was is None or was.get("kind") != rule.get("kind"):
            continue
        cls = params_class(rule.get("kind"))
        said_same = all(_same(was.get(name), rule.get(name)) for name in ("title", "text"))
        if said_same and any(walk.group(cls, was.get("params"), rule.get("params"), "", "rules")):
            found.append(code)
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def field(self, one: Spec, before: Any, after: Any, place: str, path: str) -> Iterator[Difference]:
        """Changes of one field, named below ``place``."""
        if _same(before, after) or (one.shape is Shape.RATIO and _same_share(before, after)):
            return
        label, _ = called(one, self.new)
        here = f"{place} › {label}" if place else label
        if one.shape is Shape.GROUP:
            yield from self.group(one.inner, before, after, here, path)
        elif one.shape is Shape.ROWS:
            yield from self.rows(one, before, after, here, path)
        elif one.shape is Shape.MAP:
            yield from self.map(one, before, after, here, path)
        else:
            yield Difference(
                part_of(path), here, self.words(one, before, self.old), self.words(one, after, self.new)
            )

    def group(self, cls: type, before: Any, after: Any, place: str, path: str) -> Iterator[Difference]:
        """Changes inside one dataclass."""
        before = before if isinstance(before, Mapping) else {}
        after = after if isinstance(after, Mapping) else {}
        for one in specs(cls):
            if not one.is_made:
                yield from self.field(
                    one, before.get(one.name, one.default), after.get(one.name, one.default), place, path
                )

    def rows(self, one: Spec, before: Any, after: Any, place: str, path: str) -> Iterator[Difference]:
        """Rows that came, went or changed; rows are the same when their keys are."""
        key = key_of(one.inner)
        old, new = _keyed(before, key), _keyed(after, key)
        for name, row in old.items():
            if name not in new:
                yield Difference(part_of(path), place, self.title(one.inner, row), "")
            elif not _same(row, new[name]):
                yield from self.group(
                    one.inner, row, new[name], f"{place}「{self.title(one.inner, new[name])}」", path
                )
        for name, row in new.items():
            if name not in old:
                yield Difference(part_of(path), place, "", self.title(one.inner, row))
        if [n for n in old if n in new] != [n for n in new if n in old]:
            order = "、".join(self.title(one.inner, row) for row in new.values())
            yield Difference(part_of(path), f"{place}的順序", "原順序", order)

    def map(self, one: Spec, before: Any, after: Any, place: str, path: str) -> Iterator[Difference]:
        """Changes by entry of the list that the map refers to."""
        before = before if isinstance(before, Mapping) else {}
        after = after if isinstance(after, Mapping) else {}
        labels = dict(options(str(one.meta.get("refers", "")), self.old))
        labels |= dict(options(str(one.meta.get("refers", "")), self.new))
        inner = value_spec(one)
        for key in dict.fromkeys([*before, *after]):
            if _same(before.get(key), after.get(key)):
                continue
            here = f"{place} › {labels.get(key, key)}"
            if inner.shape is Shape.GROUP:
                yield from self.group(inner.inner, before.get(key), after.get(key), here, path)
            else:
                yield Difference(
                    part_of(path),
                    here,
                    self.words(inner, before.get(key), self.old),
                    self.words(inner, after.get(key), self.new),
                )

    def rules(self) -> Iterator[Difference]:
        """Rules that came, went or changed, each under its ID."""
        old, new = _keyed(self.old.get("rules"), "id"), _keyed(self.new.get("rules"), "id")
        for code, rule in old.items():
            if code not in new:
                yield Difference("rules", "規則", f"{code} {rule.get('title', '')}", "")
                continue
            after = new[code]
            yield from self.group(RawRule, rule, after, code, "rules")
            if rule.get("kind") == after.get("kind"):
                yield from self.group(
                    params_class(rule.get("kind")), rule.get("params"), after.get("params"), code, "rules"
                )
            else:
                yield Difference("rules", f"{code} › 規則種類", str(rule.get("kind")), str(after.get("kind")))
        for code, rule in new.items():
            if code not in old:
                yield Difference("rules", "規則", "", f"{code} {rule.get('title', '')}")

    def title(self, cls: type, row: Mapping[str, Any]) -> str:
        """What a row is called: its label, else the first text in it."""
        names = ["label", "text", *(s.name for s in specs(cls) if not s.is_made)]
        return next((str(row[n]) for n in names if isinstance(row.get(n), str) and row[n]), "（空白）")

    def words(self, one: Spec, value: Any, terms: Mapping[str, Any]) -> str:
        """A value as people read it; "" for nothing."""
        if one.shape is Shape.CHECK:
            return "是" if value else "否"
        if _nothing(value):
            return ""
        if one.shape in (Shape.CHECKS, Shape.PICKS, Shape.LINES, Shape.CAPTIONS):
            entries = value if isinstance(value, (list, tuple)) else [value]
            texts = [
                e.get("text", "") if isinstance(e, Mapping) else self.choice(one, e, terms) for e in entries
            ]
            return "、".join(map(str, texts))
        if one.shape is Shape.SELECT:
            return self.choice(one, value, terms)
        _, unit = called(one, terms)
        shown = values.show(one, value)
        if one.shape is Shape.NUMBER and isinstance(value, int):
            shown = f"{value:,}"
        return f"{shown} {unit}" if unit else shown

    def choice(self, one: Spec, value: Any, terms: Mapping[str, Any]) -> str:
        """The words of one choice; an unknown one as it is."""
        code = str(getattr(value, "value", value))
        refers = one.meta.get("refers") or one.meta.get("known")
        found = dict(options(str(refers), terms)) if refers else {}
        found |= one.meta.get("options", {}) | one.meta.get("labels", {})
        return str(found.get(code, code))


def _nothing(value: Any) -> bool:
    """Whether there is no value; the number 0 is one."""
    return value is None or value is False or (isinstance(value, (str, list, tuple, Mapping)) and not value)


def _same(before: Any, after: Any) -> bool:
    if _nothing(before) and _nothing(after):
        return True
    return bool(_plain(before) == _plain(after))


def _same_share(before: Any, after: Any) -> bool:
    """Whether two shares are one, however they are written: 1/2 and 50%."""
    try:
        return as_ratio(before) == as_ratio(after)
    except ValueError:
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return getattr(value, "value", value)


def _keyed(entries: Any, key: str) -> dict[str, Mapping[str, Any]]:
    rows = [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, (list, tuple)) else []
    return {str(row.get(key, n)) if key else str(n): row for n, row in enumerate(rows)}
