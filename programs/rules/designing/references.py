"""What a field of the terms may name: entries of other lists, conditions, questions. As (key, words) pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from programs.rules.conditions import CONDITION_WORDS
from programs.rules.kinds.advantages import COMPUTED_WORDS
from programs.rules.selfcheck import ANSWERS, QUESTIONS
from programs.rules.terms import TIE_RULES

Options = list[tuple[str, str]]


def rows(data: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a list of the terms; none when what is there is no list."""
    entries = data.get(name)
    for entry in entries if isinstance(entries, (list, tuple)) else ():
        if isinstance(entry, Mapping):
            yield entry


def _listed(data: Mapping[str, Any], name: str, key: str, label: str) -> Options:
    return [(str(r[key]), f"{r.get(label) or r[key]}") for r in rows(data, name) if r.get(key)]


def options(refers: str, data: Mapping[str, Any]) -> Options:
    """The choices for ``refers`` (metadata of a field, see ``reader.words``) within ``data``. Never raises."""
    if refers == "rules":
        return [(str(r["id"]), f"{r['id']} {r.get('title', '')}") for r in rows(data, "rules") if r.get("id")]
    if refers == "documents":
        return [
            (str(r["code"]), f"{r['code']} {r.get('label', '')}")
            for r in rows(data, "documents")
            if r.get("code")
        ]
    if refers == "conditions":
        return list(CONDITION_WORDS.items())
    if refers == "questions":
        return [(key, words) for key, (words, _) in QUESTIONS.items()]
    if refers == "question_options":
        return [*ANSWERS.items(), *((p, f"{p} 開頭的代碼") for p in _prefixes(data))]
    if refers == "computed_advantages":
        return list(COMPUTED_WORDS.items())
    if refers == "tie_rules":
        criteria = _listed(data, "criteria", "id", "label")
        return [
            *((f"criterion:{key}", f"「{label}」分數較高者在前") for key, label in criteria),
            *TIE_RULES.items(),
        ]
    return _listed(data, refers, "key", "label")


def _prefixes(data: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for rule in rows(data, "rules"):
        params = rule.get("params")
        if rule.get("kind") == "code_prefixes" and isinstance(params, Mapping):
            for group in rows(params, "groups"):
                found.update(dict.fromkeys(str(p) for p in group.get("prefixes") or ()))
    return list(found)
