"""What a field of the terms may name: entries of other lists, conditions, questions. As (key, words) pairs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from programs.rules.conditions import CONDITION_WORDS
from programs.rules.designing.shapes import Spec
from programs.rules.kinds.advantages import COMPUTED_WORDS
from programs.rules.selfcheck import ANSWERS, QUESTIONS
from programs.rules.term_parts import Grant
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


def called(one: Spec, data: Mapping[str, Any]) -> tuple[str, str]:
    """What a field is called and its unit; what the call grants decides both where ``unit_of`` says so. Never raises."""
    if "unit_of" not in one.meta:
        return one.label, str(one.meta.get("unit", ""))
    raw = data.get(one.meta["unit_of"])
    texts = {k: v for k, v in raw.items() if isinstance(v, str)} if isinstance(raw, Mapping) else {}
    grant = Grant(**{f.name: texts[f.name] for f in dataclasses.fields(Grant) if f.name in texts})
    return f"{grant.verb}總{grant.pool}", grant.unit


def _prefixes(data: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for rule in rows(data, "rules"):
        params = rule.get("params")
        if rule.get("kind") == "code_prefixes" and isinstance(params, Mapping):
            for group in rows(params, "groups"):
                found.update(dict.fromkeys(str(p) for p in group.get("prefixes") or ()))
    return list(found)
