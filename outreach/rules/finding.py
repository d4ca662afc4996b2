"""What a search shows of a text: the words around the first hit, cut into pieces that are hits or are not."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_WORDS = 5
# Between words: white space, and marks that end a question or a phrase however they were typed.
_BETWEEN = re.compile(r"[\s?？!！,，。、;；:：「」『』\"“”]+")


def words_of(question: str) -> list[str]:
    """The words of a question, longest first, at most five; each must be found."""
    words = list(dict.fromkeys(filter(None, _BETWEEN.split(question))))[:MAX_WORDS]
    return sorted(words, key=len, reverse=True)


def spellings(word: str) -> set[str]:
    """The word as it may be written: 台 and 臺 are the same."""
    return {word, word.replace("臺", "台"), word.replace("台", "臺")}


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    either = ("[台臺]".join(map(re.escape, re.split("[台臺]", word))) for word in words)
    return re.compile("|".join(either), re.IGNORECASE)


def has_all(words: Sequence[str], text: str) -> bool:
    """Whether every word stands in the text; upper and lower case, 台 and 臺 are the same."""
    return all(_pattern([word]).search(text) for word in words)


def pieces(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in order, as (piece, whether it is one of the words); upper and lower case are the same."""
    if not words:
        return [(text, False)] if text else []
    pattern = _pattern(words)
    found: list[tuple[str, bool]] = []
    done = 0
    for hit in pattern.finditer(text):
        if hit.start() > done:
            found.append((text[done : hit.start()], False))
        found.append((hit[0], True))
        done = hit.end()
    if done < len(text):
        found.append((text[done:], False))
    return found


def excerpt(text: str, words: Sequence[str], *, length: int = 90) -> list[tuple[str, bool]]:
    """About ``length`` characters around the first hit, with … where something was left out."""
    hit = _pattern(words).search(text) if words else None
    start = max(hit.start() - length // 3, 0) if hit else 0
    end = min(start + length, len(text))
    shown = pieces(text[start:end], words)
    before = [("…", False)] if start else []
    after = [("…", False)] if end < len(text) else []
    return [*before, *shown, *after]
