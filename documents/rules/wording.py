"""The wording that the office edits: ``{{name}}`` placeholders and Chinese outline levels, nothing else.

Not a template language on purpose: no tags, no attribute access, no expressions. What is not an allowed
name is refused when the office saves, in words that name it, so that no letter can go out half filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")

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


def check(text: str, allowed: Iterable[str]) -> None:
    """Raise :class:`WordingRefused` when ``text`` uses anything but allowed placeholders, or can't be numbered."""
    names = set(allowed)
    unknown = [name for name in placeholders(text) if name not in names]
    if unknown:
        listed = "、".join(f"{{{{{name}}}}}" for name in unknown)
        raise WordingRefused(f"範本裡有無法辨識的欄位：{listed}。請改用這一頁「可以使用的欄位」列出的代號。")
    stray = _STRAY.search(_PLACEHOLDER.sub("", text))
    if stray:
        raise WordingRefused(
            f"範本裡有不完整的欄位符號「{stray.group()}」。欄位請寫成 {{{{欄位名稱}}}}，前後各兩個大括號。"
        )
    try:
        outline(text)
    except ValueError:
        raise WordingRefused(
            "同一層的條或項超過 99 個，無法編號。請合併，或改用「1、」「(1)」編號。"
        ) from None


def fill(text: str, values: Mapping[str, str], blocks: Iterable[str] = ()) -> str:
    """``text`` with every placeholder replaced; block names stay for :func:`outline`.

    Values are inserted once and never looked at again, so a company called ``{{total}}`` stays itself.
    A line that consists of placeholders only, all of them empty, disappears. Raises WordingRefused.
    """
    kept = set(blocks)
    check(text, [*values, *kept])
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


def outline(text: str, blocks: Iterable[str] = ()) -> list[Line]:
    """Paragraphs with their level, numbered anew: 1, 2, 3 … whatever the typed numbers were.

    A line that is just ``{{block}}`` for a name in ``blocks`` becomes a BLOCK line. A level restarts
    under each line of a higher level.
    """
    known = set(blocks)
    counters = [0] * 5
    result = []
    for raw in text.splitlines():
        line = raw.strip().strip("　").strip()
        if not line:
            continue
        alone = _PLACEHOLDER.fullmatch(line)
        if alone and alone.group(1) in known:
            result.append(Line(BLOCK, "", alone.group(1)))
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
