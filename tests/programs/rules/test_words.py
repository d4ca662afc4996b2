"""Everything that the call designer shows has words: fields of the terms, rule kinds, and closed lists."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from enum import Enum

import pytest

from documents.enums import WORDED_KINDS
from programs.rules.conditions import CONDITION_WORDS, CONDITIONS
from programs.rules.kinds import KINDS
from programs.rules.kinds.advantages import _COMPUTED, COMPUTED_WORDS
from programs.rules.kinds.registry import GROUPS
from programs.rules.selfcheck import QUESTIONS
from programs.rules.term_parts import LETTERS
from programs.rules.terms import RawRule, Terms
from tests.programs.rules.others import SCHEMES, scheme_terms


def _classes(hint: object) -> Iterator[type]:
    """The dataclasses inside a type such as ``tuple[Stage, ...]``."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
        return
    for part in typing.get_args(hint):
        if part is not type(None) and part is not Ellipsis:
            yield from _classes(part)


def _walk(cls: type, seen: dict[str, dataclasses.Field]) -> None:
    hints = typing.get_type_hints(cls)
    for spec in dataclasses.fields(cls):
        name = f"{cls.__name__}.{spec.name}"
        if name in seen or not spec.init:
            continue
        seen[name] = spec
        if spec.metadata.get("computed"):
            continue
        for inner in _classes(hints[spec.name]):
            _walk(inner, seen)


def every_field() -> dict[str, dataclasses.Field]:
    found: dict[str, dataclasses.Field] = {}
    for cls in (Terms, RawRule, *(kind.params for kind in KINDS.values())):
        _walk(cls, found)
    return found


@pytest.mark.parametrize("name", every_field())
def test_every_field_of_the_terms_and_of_every_kind_has_words(name: str) -> None:
    said = every_field()[name].metadata
    assert said.get("label"), f"{name} has no label: write metadata=words(…)"
    bare = {"starts_on", "ends_on"}
    explained = said.get("help") or said.get("unit") or said.get("made") or said.get("labels")
    assert explained or name.rsplit(".", 1)[1] in bare, f"{name} does not say what it does"


def test_every_field_of_the_terms_belongs_to_a_part_of_the_designer() -> None:
    assert [f.name for f in dataclasses.fields(Terms) if not f.metadata.get("part")] == []


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_says_in_plain_words_what_it_does(name: str) -> None:
    kind = KINDS[name]
    assert 3 <= len(kind.title) <= 20
    assert kind.says.endswith("。")
    assert not kind.says.isascii()
    assert kind.group in GROUPS


def test_every_closed_list_has_words_for_each_choice() -> None:
    for name, spec in every_field().items():
        labels = spec.metadata.get("labels")
        if labels:
            choices = spec.metadata.get("choices") or [m.value for m in _enum(name)]
            assert set(labels) == set(choices), name
    assert set(CONDITION_WORDS) == set(CONDITIONS)
    asked = {q.key: q.answer for name in SCHEMES for q in scheme_terms(name).selfcheck}
    assert asked == {k: answer for k, (_, answer) in QUESTIONS.items()}
    assert {str(kind.value): str(kind.label) for kind in WORDED_KINDS} == LETTERS
    assert set(COMPUTED_WORDS) == set(_COMPUTED)


def _enum(name: str) -> type[Enum]:
    cls = next(c for c in (RawRule, Terms) if c.__name__ == name.split(".")[0])
    hint = typing.get_type_hints(cls)[name.split(".")[1]]
    assert issubclass(hint, Enum)
    return hint
