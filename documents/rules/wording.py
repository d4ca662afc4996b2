"""The wording that the office edits: fields such as ``{案號}`` and Chinese outline levels, nothing else.

Not a template language on purpose: no tags, no attribute access, no expressions. What is not an allowed
name is refused when the office saves, with the nearest right one, so that no letter can go out half filled.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{[ \t　]*([^{}\n]*?)[ \t　]*\}")
_STRAY = re.compile(r"[{}｛｝]")
# How alike a typed name and the one that is suggested have to be; below, no name is better than a wrong one.
_ALIKE = 2 / 5

_DIGITS = "〇一二三四五六七八九"
_HAN = "[一二三四五六七八九十百]+"
_LEVELS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (0, re.compile(rf"^第{_HAN}條[\s　]*")),
    (2, re.compile(rf"^[(（]{_HAN}[)）][\s　]*")),
    (1, re.compile(rf"^{_HAN}、[\s　]*")),
    (4, re.compile(r"^[(（]\d+[)）][\s　]*")),
    (3, re.compile(r"^\d+(?:、|\.\s)[\s　]*")),
)
PLAIN = -1
BLOCK = -2


class WordingRefused(ValueError):
    """The wording cannot be used; the message tells the office what to mend, in Chinese."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: ``level`` 0 第一條, 1 一、, 2 (一), 3 1、, 4 (1), PLAIN, or BLOCK (a table's name)."""

    level: int
    number: str
    text: str

    @property
    def css(self) -> str:
        """The class that indents it."""
        return {PLAIN: "plain", BLOCK: "block"}.get(self.level, f"level-{self.level}")


def han(number: int) -> str:
    """1 → 一, 12 → 十二, 25 → 二十五; 1 ≤ number ≤ 99, as outline numbers are written."""
    if not 1 <= number <= 99:
        raise ValueError("outline numbers run from 1 to 99")
    tens, units = divmod(number, 10)
    text = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return text + (_DIGITS[units] if units else "")


def placeholders(text: str) -> list[str]:
    """The names used, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def nearest(name: str, known: Mapping[str, str]) -> str:
    """The known name that was probably meant, by its own letters or by what it is for; "" when none is near."""
    holding = [one for one, hint in known.items() if name and (name in one or name in hint)]
    if holding:
        return min(holding, key=len)
    alike = difflib.get_close_matches(name, list(known), n=1, cutoff=_ALIKE)
    return alike[0] if alike else ""


def check(
    text: str,
    fields: Mapping[str, str],
    tables: Mapping[str, str] | None = None,
    *,
    takes_tables: bool = True,
) -> None:
    """Raise :class:`WordingRefused` when ``text`` uses anything but its fields and tables, or can't be numbered.

    ``fields`` and ``tables``: names with what they are for. A table stands alone on its line, where
    ``takes_tables``.
    """
    tables = tables or {}
    wrong = []
    for name in placeholders(text):
        if name in fields or name in tables:
            continue
        near = nearest(name, {**fields, **(tables if takes_tables else {})})
        meant = f"，是不是要用「{{{near}}}」？" if near else "。"
        wrong.append(f"沒有「{{{name}}}」這個欄位{meant}")
    if wrong:
        raise WordingRefused(f"{''.join(wrong)}請從「可以用的欄位」點選。")
    stray = _STRAY.search(_PLACEHOLDER.sub("", text))
    if stray:
        raise WordingRefused(
            f"有單獨的或全形的大括號「{stray.group()}」。欄位請寫成 {{案號}} 這樣，前後各一個半形大括號。"
        )
    for line in text.splitlines():
        for name in _PLACEHOLDER.findall(line):
            if name in tables and not (takes_tables and _PLACEHOLDER.fullmatch(line.strip().strip("　"))):
                raise WordingRefused(f"「{{{name}}}」是表格，請放在說明或辦法裡，自己一行，前面不加編號。")
    try:
        outline(text)
    except ValueError:
        raise WordingRefused(
            "同一層的條或項超過 99 個，無法編號。請合併，或改用「1、」「(1)」編號。"
        ) from None


def fill(text: str, values: Mapping[str, str], tables: Iterable[str] = ()) -> str:
    """``text`` with every field replaced by its value; tables' names stay for :func:`outline`.

    Values are inserted once and never looked at again, so a company called ``{總經費}`` stays itself.
    A line that consists of fields only, all of them empty, disappears. Raises WordingRefused.
    """
    kept = dict.fromkeys(tables, "")
    check(text, dict.fromkeys(values, ""), kept)
    lines = []
    for line in text.splitlines():
        names = [name for name in _PLACEHOLDER.findall(line) if name not in kept]
        bare = _PLACEHOLDER.sub("", _strip_number(line)).strip()
        if names and not bare and not any(values[name] for name in names):
            continue
        lines.append(
            _PLACEHOLDER.sub(
                lambda m: m.group() if m.group(1) in kept else values[m.group(1)].replace("\n", " "), line
            )
        )
    return "\n".join(lines)


def _strip_number(line: str) -> str:
    text = line.strip().strip("　")
    for _, pattern in _LEVELS:
        match = pattern.match(text)
        if match:
            return text[match.end() :]
    return text


def outline(text: str, tables: Mapping[str, str] | None = None) -> list[Line]:
    """Paragraphs with their level, numbered anew: 1, 2, 3 … whatever the typed numbers were.

    A line that is just the name of one of ``tables`` (name → what a template calls it) becomes a BLOCK line
    with the latter. A level restarts under each line of a higher level.
    """
    known = tables or {}
    counters = [0] * 5
    result = []
    for raw in text.splitlines():
        line = raw.strip().strip("　").strip()
        if not line:
            continue
        alone = _PLACEHOLDER.fullmatch(line)
        if alone and alone.group(1) in known:
            result.append(Line(BLOCK, "", known[alone.group(1)]))
            continue
        for level, pattern in _LEVELS:
            match = pattern.match(line)
            if match:
                counters[level] += 1
                counters[level + 1 :] = [0] * (4 - level)
                result.append(Line(level, _number(level, counters[level]), line[match.end() :]))
                break
        else:
            result.append(Line(PLAIN, "", line))
    return result


def _number(level: int, count: int) -> str:
    if level > 2:
        return f"{count}、" if level == 3 else f"（{count}）"
    return (f"第{han(count)}條", f"{han(count)}、", f"（{han(count)}）")[level]
