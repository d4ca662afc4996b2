"""The ranking file: what is read, what is refused and where, what is answered."""

import copy
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.rules.allocation import AllocationError
from review.rules.rankfile import RankFileError, load, parse
from review.rules.rankreport import as_text, report
from review.rules.scoring import ScoringError

EXAMPLE = Path(__file__).parents[3] / "fixtures/examples/ranking.json"
TEXT = EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture
def data():
    return json.loads(TEXT)


def problems(data):
    with pytest.raises(RankFileError) as caught:
        parse(data)
    return {p.path: p.message for p in caught.value.problems}


def test_the_example_is_ranked_and_shared_out():
    answer = report(load(TEXT))
    rows = answer["ranking"]["rows"]
    assert [(r["number"], r["rank"], r["average"], r["passed"]) for r in rows] == [
        ("114-002", 1, "82.17", True),
        ("114-001", 2, "82.17", True),
        ("114-003", 3, "77.03", True),
        ("114-004", 4, "64.50", False),
    ]
    assert rows[0]["explanations"] == [
        "與 114-001 同為 82.17 分，依『R1 分數較高』排序在前（本案 83.00 分，該案 82.33 分）。"
    ]
    assert [r["differs"] for r in rows] == [False, False, True, False]
    allocation = answer["allocation"]
    assert [a["amount"] for a in allocation["awards"]] == [1_163_333, 775_000, 311_667, 0]
    assert (allocation["envelope"], allocation["remaining"], allocation["funded"]) == (2_250_000, 0, 3)
    assert allocation["findings"] == []
    assert json.loads(json.dumps(answer)) == answer


def test_the_text_form_tells_the_same(data):
    text = as_text(report(parse(data)))
    assert "排序（平均分數，及格 70 分）" in text
    assert "可用 2,250,000 元（原 2,500,000，刪減 10%）" in text
    assert "114-003：可補助 550,000 元，經費僅餘 311,667 元，補助餘額。" in text
    data["ranking"]["method"] = "rank_sum"
    del data["allocation"]
    text = as_text(report(parse({**data, "cases": [{**c, "heads": {}} for c in data["cases"]]})))
    assert "序位和" in text
    assert "分配" not in text


def test_other_ways_and_broken_limits_are_reported(data):
    data["allocation"] |= {"way": "proportional"}
    allocation = report(parse(data))["allocation"]
    assert allocation["spent"] == 2_250_000
    assert allocation["ratio"].startswith("0.9")
    data["allocation"] |= {"way": "by_hand", "by_hand": {"114-004": {"personnel": 350_001}}}
    answer = report(parse(data))
    assert {f["rule"] for f in answer["allocation"]["findings"]} == {"A1-request", "B2", "A1"}
    assert "[B2 貳.三(二)]" in as_text(answer)


def test_the_lower_of_two_case_caps_holds(data):
    data["cases"][0] |= {"case_cap": 100}
    assert parse(data).cases[0].cap == 100
    data["cases"][0] |= {"case_cap": 9_000_000}
    assert parse(data).cases[0].cap == 840_000
    del data["cases"][0]["case_cap"], data["cases"][0]["heads"]
    assert parse(data).cases[0].cap is None


def test_what_may_be_left_out_may_be_empty(data):
    data["cases"][0] |= {"company": "", "name": " "}
    assert (parse(data).cases[0].company, parse(data).cases[0].name) == ("", "")


def test_an_accounts_own_recommendation_goes_before_the_sheets(data):
    data["cases"][0]["accounts"][0]["recommended"] = 7
    asks = parse(data).cases[0].asks
    assert [a.recommended for a in asks] == [7, 295_000, 90_000]


@pytest.mark.parametrize(
    ("path", "value", "where", "words"),
    [
        (("schema",), "ipas-rank/2", "schema", "ipas-rank/1"),
        (("extra",), 1, "$.extra", "不認得的欄位"),
        (("cases",), {}, "cases", "陣列"),
        (("cases", 0), 7, "cases[0]", "物件"),
        (("cases", 0, "number"), " ", "cases[0].number", "不可空白"),
        (("cases", 0, "number"), "x" * 201, "cases[0].number", "過長"),
        (("cases", 0, "number"), "a\0", "cases[0].number", "控制字元"),
        (("cases", 1, "number"), "114-001", "cases[1].number", "重複"),
        (("cases", 0, "submitted_at"), "114/3/28", "cases[0].submitted_at", "ISO 8601"),
        (("cases", 0, "submitted_at"), "0001-01-01T00:00:00+14:00", "cases[0].submitted_at", "ISO 8601"),
        (("cases", 0, "students"), -1, "cases[0].students", "整數"),
        (("cases", 0, "accounts", 0, "requested"), 1.5, "cases[0].accounts[0].requested", "整數"),
        (("cases", 0, "accounts", 0, "requested"), "100", "cases[0].accounts[0].requested", "整數"),
        (("cases", 0, "accounts", 0, "requested"), True, "cases[0].accounts[0].requested", "整數"),
        (("cases", 0, "accounts", 0, "requested"), 10**13, "cases[0].accounts[0].requested", "整數"),
        (("cases", 0, "accounts", 0, "total"), 1, "cases[0].accounts[0].total", "不得低於"),
        (("cases", 0, "accounts", 1, "code"), "personnel", "cases[0].accounts[1].code", "重複"),
        (("cases", 0, "sheets", 0, "scores", "R1"), 101, "cases[0].sheets[0].scores.R1", "0 與 100"),
        (("cases", 0, "sheets", 0, "scores", "R1"), "八十", "cases[0].sheets[0].scores.R1", "數字"),
        (("cases", 0, "sheets", 0, "scores", "R1"), "1/0", "cases[0].sheets[0].scores.R1", "數字"),
        (("cases", 0, "sheets", 0, "scores", "R9"), 1, "cases[0].sheets[0].scores.R9", "評分項目"),
        (("cases", 0, "sheets", 0, "recommended"), {"gift": 1}, "cases[0].accounts", "gift"),
        (("cases", 0, "sheets", 1, "reviewer"), "委員甲", "cases[0].sheets[1].reviewer", "兩份"),
        (("cases", 0, "heads"), {"guest": 1}, "cases[0].heads.guest", "每人上限"),
        (("scoring", "criteria", 0, "weight"), 41, "scoring", "101"),
        (("scoring", "scale"), 0, "scoring", "大於 0"),
        (("ranking", "method"), "luck", "ranking.method", "average、rank_sum"),
        (("ranking", "method"), [], "ranking.method", "average、rank_sum"),
        (("ranking", "pass_mark"), 101, "ranking.pass_mark", "0 與 100"),
        (("ranking", "tie_rules", 0), "luck", "ranking.tie_rules[0]", "luck"),
        (("ranking", "tie_rules", 0), "criterion:R9", "ranking.tie_rules", "R9"),
        (("allocation", "envelope"), None, "allocation.envelope", "整數"),
        (("allocation", "cut"), "110%", "allocation.cut", "100%"),
        (("allocation", "account_ratio"), 2, "allocation.account_ratio", "100%"),
        (("allocation", "by_hand"), {"9": {}}, "allocation.by_hand.9", "沒有這個案號"),
        (("allocation", "way"), "by_hand", "allocation.by_hand", "須有"),
    ],
)
def test_bad_input_is_refused_at_its_path(data, path, value, where, words):
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert words in problems(data)[where]


def test_all_problems_are_told_at_once(data):
    data["cases"][0]["number"] = 5
    data["cases"][2]["sheets"] = "none"
    data["allocation"]["envelope"] = -1
    assert {"cases[0].number", "cases[2].sheets", "allocation.envelope"} <= set(problems(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[" * 100_000,
        '{"schema": "ipas-rank/1", "schema": "ipas-rank/1"}',
        '{"a": NaN}',
        '{"a": 1' + "0" * 10_000 + "}",
        "[]",
        "null",
        "{}",
        '{"schema": "ipas-rank/1"}',
        TEXT.replace('"weight": 40', '"weight": 1e999999999'),
        TEXT.replace('"weight": 40', '"weight": 1e-999999999'),
    ],
)
def test_broken_text_is_refused_with_words(text):
    with pytest.raises(RankFileError) as caught:
        load(text)
    assert all(p.path and p.message for p in caught.value.problems)


def test_decimal_scores_stay_exact(data):
    data["cases"] = data["cases"][:1]
    data["cases"][0]["sheets"][0]["scores"]["R1"] = "81.1"
    text = json.dumps(data).replace('"81.1"', "81.1")
    assert str(load(text).cases[0].entry.sheets[0].scores["R1"]) == "811/10"


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["R1", "1/2", "-1", "9%"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["code", "R1", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


SPOTS = [p for p in places(json.loads(TEXT)) if p]


@given(st.lists(st.tuples(st.sampled_from(SPOTS), junk), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_anywhere_is_answered_or_refused_never_a_crash(changes):
    data = copy.deepcopy(json.loads(TEXT))
    for path, value in changes:
        place = data
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    with suppress(RankFileError, ScoringError, AllocationError):
        assert as_text(report(parse(data))).startswith("排序")
