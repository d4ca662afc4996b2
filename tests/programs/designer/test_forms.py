"""The designer's forms: what the page shows and what it sends back are the same terms."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from programs.forms.designing import Drawing, flat, told
from programs.forms.typed import Typed
from programs.rules.designing import parts
from programs.rules.designing.differences import differences
from programs.rules.designing.parts import PARTS, fields_of, problems
from programs.rules.designing.shapes import params_class, specs
from programs.rules.kinds import KINDS
from programs.rules.reader import plain
from programs.rules.terms import RawRule, Terms, parse_terms
from tests.programs.designer.pages import changed, posted
from tests.programs.rules.builders import ROOT, scheme

DATA_PARTS = [part.key for part in PARTS if part.key != "rules"]


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(scheme())


def controls_of(data: dict[str, Any], part: str) -> list[Any]:
    names = [f.name for f in fields_of(part)]
    return Drawing(data, problems(data, scheme())).controls(Terms, data, "", "", names)


def retyped(data: dict[str, Any], part: str, **changes: Any) -> dict[str, Any]:
    names = [f.name for f in fields_of(part)]
    post = changed(posted(controls_of(data, part)), changes)
    return {**data, **Typed(post, data).data(Terms, data, "", names)}


@pytest.mark.parametrize("part", DATA_PARTS)
def test_a_page_that_is_sent_as_it_stands_changes_nothing(data: dict[str, Any], part: str) -> None:
    assert parse_terms(retyped(data, part)) == parse_terms(data)


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "schemes").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_scheme_of_the_installation_goes_through_every_page_unchanged(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert problems(data, data) == []
    again = data
    for part in DATA_PARTS:
        again = retyped(again, part)
    assert parse_terms(again) == parse_terms(data)


@pytest.mark.parametrize("number", range(len(scheme()["rules"])))
def test_a_rule_that_is_sent_as_it_stands_changes_nothing(data: dict[str, Any], number: int) -> None:
    rule = data["rules"][number]
    params = params_class(rule["kind"])
    drawing = Drawing(data)
    shown = [
        *drawing.controls(RawRule, rule, f"rules[{number}]", "rule"),
        *drawing.controls(params, rule.get("params"), f"rules[{number}].params", "params"),
    ]
    typed = Typed(posted(shown), data)
    again = {**typed.data(RawRule, rule, "rule"), "params": typed.data(params, rule.get("params"), "params")}
    rules = [*data["rules"][:number], again, *data["rules"][number + 1 :]]
    assert plain(parse_terms({**data, "rules": rules}).rules[number]) == plain(
        parse_terms(data).rules[number]
    )


def _fields(cls: type) -> Iterator[Any]:
    for one in specs(cls):
        if not one.is_made:
            yield one
            if dataclasses.is_dataclass(one.inner) and isinstance(one.inner, type):
                yield from _fields(one.inner)


def test_every_control_says_what_it_does() -> None:
    classes = [Terms, RawRule, *(kind.params for kind in KINDS.values())]
    assert [one.label for cls in classes for one in _fields(cls) if not one.meta.get("help")] == []


@pytest.mark.parametrize(
    ("name", "days"), [("supplement_working_days", 10**9), ("days_to_sign", 366), ("reviewers_per_case", 31)]
)
def test_a_setting_that_no_calendar_holds_is_refused(data: dict[str, Any], name: str, days: int) -> None:
    data["settings"][name] = days
    assert [p.path for p in problems(data, scheme())] == [f"settings.{name}"]


@pytest.mark.parametrize(("code", "name", "value", "words"), [
    ("B2", "ratio", "500%", "不可大於 100%"),
    ("T3", "minimum", -120, "不可小於 0"),
    ("T3", "minimum", 8761, "不可大於 8,760"),
])  # fmt: skip
def test_an_absurd_parameter_is_told_in_its_own_unit(
    data: dict[str, Any], code: str, name: str, value: Any, words: str
) -> None:
    rule = next(r for r in data["rules"] if r["id"] == code)
    rule["params"][name] = value
    assert [p.reason for p in problems(data, scheme())] == [words]


def test_rows_with_many_sentences_are_cards_in_which_they_can_be_read(data: dict[str, Any]) -> None:
    (advantages,) = controls_of(data, "advantages")
    assert not advantages.is_table
    assert {c.field for c in advantages.rows[0].cells if c.is_wide} == {"label", "prompt"}
    stages = next(c for c in controls_of(data, "timetable") if c.name == "timetable")
    assert stages.is_table


def test_the_envelope_is_called_by_what_the_call_grants() -> None:
    data = yaml.safe_load((ROOT / "fixtures" / "schemes" / "raise.yaml").read_text(encoding="utf-8"))
    envelope = next(c for c in controls_of(data, "money") if c.name == "envelope")
    assert (envelope.label, envelope.unit) == ("核配總培訓員額", "名")
    assert differences(data, data | {"envelope": 300})[0].text == "核配總培訓員額：330 名 → 300 名"


def test_a_problem_is_told_with_the_row_in_which_it_lies(data: dict[str, Any]) -> None:
    data["criteria"][2]["weight"] = "20.5"
    said = [words for _, words in told(controls_of(data, "criteria"))]
    assert said == ["審查項目與權重第 3 項 › 權重：請填整數，不含小數"]


def test_what_cannot_be_read_stays_as_typed_and_is_named_at_its_place(data: dict[str, Any]) -> None:
    data = retyped(data, "criteria", **{"criteria-0-weight": "39.5"})
    assert data["criteria"][0]["weight"] == "39.5"
    weight = next(c for c in flat(controls_of(data, "criteria")) if c.name == "criteria-0-weight")
    assert (weight.value, weight.problems) == ("39.5", ["請填整數，不含小數"])


def test_weights_that_do_not_make_100_are_named_at_the_list(data: dict[str, Any]) -> None:
    data = retyped(data, "criteria", **{"criteria-0-weight": "39"})
    (criteria,) = controls_of(data, "criteria")
    assert criteria.problems == ["各審查項目權重合計應為 100，現為 99"]


def test_a_sum_is_judged_although_another_page_cannot_be_read(data: dict[str, Any]) -> None:
    data = retyped(data, "criteria", **{"criteria-0-weight": "39"})
    data = retyped(data, "settings", **{"settings-pass_mark": "七十"})
    said = {p.path: p.reason for p in problems(data, scheme())}
    assert said["criteria"].endswith("現為 99")
    assert "settings.pass_mark" in said


def test_a_new_row_gets_a_key_and_keeps_it_when_the_page_saves_again(data: dict[str, Any]) -> None:
    more = {"outcomes-TOTAL_FORMS": "15", "outcomes-14-label": "新指標", "outcomes-14-better": "up"}
    once = retyped(data, "plan", **more)
    key = once["outcomes"][14]["key"]
    assert key not in {o["key"] for o in data["outcomes"]}
    post = changed(posted(controls_of(data, "plan")), {**more, "outcomes-14-label": "新指標二"})
    names = [f.name for f in fields_of("plan")]
    twice = Typed(post, once).data(Terms, once, "", names)
    assert (twice["outcomes"][14]["key"], twice["outcomes"][14]["label"]) == (key, "新指標二")


def test_rows_left_blank_at_the_end_do_not_count(data: dict[str, Any]) -> None:
    again = retyped(data, "plan", **{"outcomes-TOTAL_FORMS": "17"})
    assert len(again["outcomes"]) == 14


def test_a_reworded_aspect_keeps_its_key(data: dict[str, Any]) -> None:
    before = data["criteria"][0]["aspects"]
    lines = [a["text"] for a in before]
    lines[1] = "改寫的重點"
    again = retyped(data, "criteria", **{"criteria-0-aspects": "\n".join([*lines, "新的重點"])})
    keys = [a["key"] for a in again["criteria"][0]["aspects"]]
    assert keys[: len(before)] == [a["key"] for a in before]
    assert len(set(keys)) == len(before) + 1


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("115/3/27 17:00", "2026-03-27T17:00:00+08:00"),
        ("2026-03-27 17:00:59", "2026-03-27T17:00:59+08:00"),
        ("115/3/27", "115/3/27"),
        ("很快", "很快"),
        ("115/2/30 10:00", "115/2/30 10:00"),
    ],
)
def test_moments_are_typed_in_years_of_the_republic(data: dict[str, Any], text: str, stored: str) -> None:
    again = retyped(data, "timetable", **{"window-closes_at": text})
    assert again["window"]["closes_at"] == stored


def test_every_part_of_the_terms_can_be_taken_apart_and_put_together(data: dict[str, Any]) -> None:
    assert parts.join(parts.split(data).values(), data["rules"]) == {
        k: data[k] for k in parts.join(parts.split(data).values(), data["rules"])
    }
    assert set(parts.join(parts.split(data).values(), data["rules"])) == set(data)


@pytest.mark.parametrize("rubbish", [None, 3, "x", [], {"a": 1}, [1, None, "x"], {"key": {}}])
def test_rubbish_in_a_field_is_drawn_and_named(data: dict[str, Any], rubbish: Any) -> None:
    for part in DATA_PARTS:
        for field in fields_of(part):
            broken = {**data, field.name: rubbish}
            list(flat(controls_of(broken, part)))
            retyped(broken, part)
