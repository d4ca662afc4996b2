"""The checklist and the comparison of hand-ins, without a database."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from programs.rules.casefile import from_json
from programs.rules.check import check
from programs.rules.facts import CaseFacts, DocumentFact
from review.rules import changes
from review.rules.checklist import FAIL, PASS, SUPPLEMENT, Line, checklist, place_label, tally
from tests.programs.rules import builders as b


def lines_of(facts: CaseFacts) -> dict[str, Line]:
    return {line.code: line for line in checklist(b.terms(), facts, check(b.terms(), facts))}


def test_a_missing_document_is_needed_and_words_are_ready() -> None:
    facts = b.facts()
    without = replace(facts, documents=tuple(d for d in facts.documents or () if d.code != "D6"))
    line = lines_of(without)["D6"]
    assert line.needed
    assert line.objected
    assert any(words.startswith("未檢附") for words in line.snippets)
    assert line.opens == ("documents.D6",)


def test_an_optional_document_needs_a_verdict_only_when_it_is_there() -> None:
    facts = b.facts()
    assert not lines_of(facts)["D3"].needed
    added = replace(facts, documents=(*(facts.documents or ()), DocumentFact("D3", 1)))
    assert lines_of(added)["D3"].needed


def test_the_rulebooks_objection_is_the_first_ready_reason_and_opens_its_section() -> None:
    line = lines_of(b.with_company(codes=("F401010",)))["E4"]
    assert line.objected
    assert "不在補助範圍" in line.snippets[0]
    assert line.opens == ("company",)
    assert dict(line.choices) == {"company": "公司資料", "documents.D4": "文件 D4"}


def test_E4a_E3b_apply_only_where_they_speak() -> None:
    assert not lines_of(b.facts())["E4a"].needed
    service = b.with_company(codes=("I301010",))
    assert lines_of(service)["E4a"].needed
    assert lines_of(service)["D5"].needed


def test_warnings_about_the_plan_stand_beside_the_plan_book() -> None:
    facts = b.facts()
    dear = tuple(replace(c, fee_per_hour=9_999) for c in facts.courses or ())
    plan = lines_of(replace(facts, courses=dear))["D2"]
    assert {f.rule for f in plan.findings} >= {"W1"}
    assert plan.opens == ("courses",)
    assert "avoid_reviewers" not in plan.places


def test_what_was_opened_touches_the_items_that_rest_on_it() -> None:
    lines = lines_of(b.facts())
    touched = {code for code, line in lines.items() if line.touched_by(["documents.D6"])}
    assert touched == {"D6", "E3", "E3a", "E3b"}
    assert {"E1", "E4"} <= {code for code, line in lines.items() if line.touched_by(["company"])}
    assert not lines["D7"].touched_by(["company"])
    assert lines["D7"].touched_by(["documents"])


def test_the_decision_follows_from_the_verdicts() -> None:
    lines = list(lines_of(b.facts()).values())
    needed = {line.code: PASS for line in lines if line.needed}
    assert tally(lines, needed).decision == "qualify"
    assert tally(lines, needed | {"D6": SUPPLEMENT}).decision == "supplement"
    assert tally(lines, needed | {"D6": SUPPLEMENT, "E2": FAIL}).decision == "return"
    # A verdict on an item that does not apply counts as well: the officer knows better.
    assert tally(lines, needed | {"D5": SUPPLEMENT}).decision == "supplement"
    del needed["D7"]
    assert tally(lines, needed).decision == ""
    assert tally(lines, needed).missing == 1
    assert tally([], {}).decision == ""


def test_places_have_names() -> None:
    assert place_label("documents.D6") == "文件 D6"
    assert place_label("budget") == "經費編列"


# ---- before and after ---------------------------------------------------------------------------


def example() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(b.EXAMPLE.read_text(encoding="utf-8"))
    from_json(data)
    return data


def differences(change: Any) -> dict[str, tuple[changes.Change, ...]]:
    before = example()
    after = copy.deepcopy(before)
    change(after)
    return {s.key: s.changes for s in changes.compare(before, after, b.terms())}


def test_equal_hand_ins_have_no_changes() -> None:
    assert differences(lambda data: None) == {}


def test_fields_are_shown_by_their_labels_and_as_people_read_them() -> None:
    def change(data: dict[str, Any]) -> None:
        data["eligibility"]["net_worth"] = 1_234_567
        data["eligibility"]["bank_rejected"] = True
        data["eligibility"]["founded_on"] = "2010-05-06"
        data["company"]["codes"] = ["CC01080", "I301010"]

    found = differences(change)
    by_label = {c.label: c for c in found["eligibility"]}
    assert by_label["公司淨值（元）"].after == "1,234,567"
    assert (by_label["為銀行拒絕往來戶"].before, by_label["為銀行拒絕往來戶"].after) == ("否", "是")
    assert by_label["設立日期"].after == "99/5/6"
    assert found["company"][0].after == "CC01080、I301010"


def test_rows_are_matched_by_name_so_that_a_new_row_does_not_shift_the_rest() -> None:
    def change(data: dict[str, Any]) -> None:
        first = copy.deepcopy(data["trainees"][0])
        data["trainees"][0]["planned_hours"] = 151
        data["trainees"].insert(0, first | {"name": "新加入"})

    found = [(c.label, c.after) for c in differences(change)["trainees"]]
    name = example()["trainees"][0]["name"]
    assert (f"{name}：預計培訓時數", "151") in found
    assert [label for label, _ in found if label.startswith("新增")] == ["新增 新加入"]
    assert len(found) == 2


def test_a_removed_row_says_what_it_was() -> None:
    def change(data: dict[str, Any]) -> None:
        data["budget"].pop()

    [gone] = differences(change)["budget"]
    assert gone.label.startswith("移除 ")
    assert gone.before
    assert gone.after == ""


def test_long_texts_show_the_clause_that_changed() -> None:
    before = "第一句不變，" * 30 + "這裡原本這樣寫。" + "結尾不變。"
    parts = changes.text_parts(before, before.replace("原本", "改成"))
    assert (changes.OUT, "這裡原本這樣寫。") in parts
    assert (changes.IN, "這裡改成這樣寫。") in parts
    assert sum(len(text) for _, text in parts) < 120


def test_html_and_odd_values_are_only_text() -> None:
    def change(data: dict[str, Any]) -> None:
        data["plan"]["title"] = "<script>alert(1)</script>"

    [title] = differences(change)["plan"]
    assert title.after == "<script>alert(1)</script>"
    assert changes.compare({}, {"company": None, "trainees": None}, b.terms()) == []
