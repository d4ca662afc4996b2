"""Comparing two versions of the terms in words."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from programs.rules.designing.differences import differences, silent_rules
from tests.programs.rules.builders import scheme


@pytest.fixture
def new() -> dict[str, Any]:
    return copy.deepcopy(scheme())


def said(new: dict[str, Any]) -> list[str]:
    return [change.text for change in differences(scheme(), new)]


def rule(data: dict[str, Any], code: str) -> dict[str, Any]:
    return next(r for r in data["rules"] if r["id"] == code)


def test_the_same_terms_have_no_difference(new: dict[str, Any]) -> None:
    assert said(new) == []


def test_B3_a_parameter_is_told_with_its_rule_its_words_and_its_unit(new: dict[str, Any]) -> None:
    rule(new, "B3")["params"]["per_head"]["student"] = 110_000
    assert said(new) == ["B3 › 每人的補助上限 › 在學學生：100,000 元 → 110,000 元"]


def test_rows_and_rules_that_come_and_go_are_told(new: dict[str, Any]) -> None:
    gone = new["outcomes"].pop(3)
    new["rules"].append({"id": "T9", "kind": "job_roles", "clause": "新", "title": "新規則", "text": "x"})
    assert said(new) == [f"預期成效：刪除 {gone['label']}", "規則：新增 T9 新規則"]


def test_weights_dates_and_choices_are_told_as_people_read_them(new: dict[str, Any]) -> None:
    new["criteria"][0]["weight"] = 35
    new["window"]["closes_at"] = "2025-04-01T17:00:00+08:00"
    new["documents"][2]["condition"] = "always"
    new["settings"]["tie_rules"] = ["criterion:R1"]
    text = "\n".join(said(new))
    assert "審查項目與權重「計畫目標與實施策略」 › 權重：40 % → 35 %" in text
    assert "受理截止：114/3/28 23:59:59 → 114/4/1 17:00" in text
    assert "什麼時候要附：可以附，也可以不附 → 每件申請都要附" in text
    assert "同時比較" not in text
    assert "→ 「計畫目標與實施策略」分數較高者在前" in text


def test_a_share_written_otherwise_is_the_same(new: dict[str, Any]) -> None:
    rule(new, "B2")["params"]["ratio"] = "50%"
    assert said(new) == []


def test_numbers_that_change_without_their_words_are_known(new: dict[str, Any]) -> None:
    rule(new, "B3")["params"]["per_head"]["student"] = 30_000
    rule(new, "T3")["params"]["minimum"] = 150
    rule(new, "T3")["text"] = "每人至少 150 小時。"
    assert silent_rules(scheme(), new) == ["B3"]


@pytest.mark.parametrize("rubbish", [None, 3, "x", [], {"a": 1}, [1, None], {"key": {}}])
def test_rubbish_is_compared_without_an_error(new: dict[str, Any], rubbish: Any) -> None:
    for field in list(new):
        differences(scheme(), {**new, field: rubbish})
        differences({**new, field: rubbish}, scheme())
        silent_rules(scheme(), {**new, field: rubbish})
