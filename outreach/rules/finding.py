"""What a search shows of a text: the words around the first hit, cut into pieces that are hits or are not."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_WORDS = 5


def words_of(question: str) -> list[str]:
    """The words of a question, longest first, at most five; each must be found."""
    words = list(dict.fromkeys(question.split()))[:MAX_WORDS]
    return sorted(words, key=len, reverse=True)


def pieces(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in order, as (piece, whether it is one of the words); upper and lower case are the same."""
    if not words:
        return [(text, False)] if text else []
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
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
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE) if words else None
    hit = pattern.search(text) if pattern else None
    start = max(hit.start() - length // 3, 0) if hit else 0
    end = min(start + length, len(text))
    shown = pieces(text[start:end], words)
    before = [("…", False)] if start else []
    after = [("…", False)] if end < len(text) else []
    return [*before, *shown, *after]
