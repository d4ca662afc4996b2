"""Average, rank sum, tie rules and their explanation; never the order of the input."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction as F
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.rules.ranking import (
    DEFAULT_TIE_RULES,
    Entry,
    Method,
    Terms,
    TieRule,
    average_ranks,
    natural_key,
    rank,
)
from review.rules.scoring import Criterion, Scheme, ScoringError, Sheet

SCHEME = Scheme((Criterion("R1", F(60)), Criterion("R2", F(40))))
START = datetime(2025, 3, 20, 1, 30, tzinfo=UTC)


def entry(case, *scores, students=0, at=0, requested=None):
    """Scores are (R1, R2) of reviewers a, b, c …"""
    sheets = tuple(
        Sheet(name, {"R1": F(one), "R2": F(two)}) for name, (one, two) in zip("abcdef", scores, strict=False)
    )
    return Entry(case, sheets, students, START + timedelta(seconds=at), requested)


def terms(method=Method.AVERAGE, *rules, mark=None):
    return Terms(SCHEME, method, tuple(TieRule.parse(r) for r in rules), mark)


def order(ranking):
    return [row.case for row in ranking.rows]


def test_higher_average_comes_first_and_the_pass_mark_is_met_exactly():
    ranking = rank([entry("1", (69, 69)), entry("2", (70, 70)), entry("3", (90, 90))], terms(mark=F(70)))
    assert [(r.case, r.rank, r.passed) for r in ranking.rows] == [
        ("3", 1, True),
        ("2", 2, True),
        ("1", 3, False),
    ]


def test_a_hundredth_of_a_point_below_the_mark_fails():
    assert not rank([entry("1", (F("69.99"), F("69.99")))], terms(mark=F(70))).rows[0].passed


def test_an_average_that_only_rounding_lifts_to_the_mark_fails_and_says_so():
    (row,) = rank([entry("1", (F("69.99"), F("69.99")), (70, 70), (70, 70))], terms(mark=F(70))).rows
    assert not row.passed
    assert row.explanations == ("平均 69.997 分，四捨五入為 70.00 分，實際未達及格分數 70 分。",)
    (near,) = rank([entry("1", (F("69.99"), F("69.99")))], terms(mark=F(70))).rows
    assert near.explanations == ()


def test_without_a_pass_mark_everyone_scored_passes():
    assert rank([entry("1", (1, 1))], terms()).rows[0].passed


@pytest.mark.parametrize(
    ("rule", "first", "second", "words"),
    [
        (
            "criterion:R1",
            entry("2", (90, 70)),
            entry("1", (82, 82)),
            "依『R1 分數較高』排序在前（本案 90.00 分",
        ),
        (
            "students",
            entry("2", (82, 82), students=5),
            entry("1", (82, 82), students=4),
            "『培訓學生人數較多』",
        ),
        (
            "smaller_request",
            entry("2", (82, 82), requested=5),
            entry("1", (82, 82), requested=6),
            "『申請金額較低』",
        ),
        ("earlier_submission", entry("2", (82, 82)), entry("1", (82, 82), at=1), "該案 03/20 09:30:01"),
        ("number", entry("9", (82, 82)), entry("10", (82, 82)), "依『案號較前』排序在前（其他條件均相同）"),
    ],
)
def test_each_tie_rule_decides_and_says_so(rule, first, second, words):
    ranking = rank([second, first], terms(Method.AVERAGE, rule))
    assert order(ranking) == [first.case, second.case]
    text = ranking.rows[0].explanations[0]
    assert text.startswith(f"與 {second.case} 同為 82.00 分")
    assert words in text
    assert f"與 {first.case} 同為 82.00 分" in ranking.rows[1].explanations[0]
    assert "排序在後" in ranking.rows[1].explanations[0]


def test_tie_rules_are_tried_in_the_calls_order():
    a = entry("1", (90, 70), students=1)
    b = entry("2", (80, 85), students=9)
    assert order(rank([a, b], terms(Method.AVERAGE, "criterion:R1", "students"))) == ["1", "2"]
    assert order(rank([a, b], terms(Method.AVERAGE, "students", "criterion:R1"))) == ["2", "1"]


def test_missing_facts_come_last_in_their_rule():
    late = Entry("1", entry("1", (80, 80)).sheets)
    assert order(rank([late, entry("2", (80, 80), at=99)], terms(Method.AVERAGE, "earlier_submission"))) == [
        "2",
        "1",
    ]
    both = [late, Entry("2", late.sheets)]
    assert order(rank(both, terms(Method.AVERAGE, "earlier_submission", "smaller_request"))) == ["1", "2"]


def test_a_tie_only_of_the_rounded_figures_is_explained_too():
    ranking = rank([entry("1", (F("80.001"), 80)), entry("2", (F("80.002"), 80))], terms())
    assert order(ranking) == ["2", "1"]
    assert "四捨五入後同為 80.00 分，以未進位的實際數值排序在前" in ranking.rows[0].explanations[0]


def test_no_tie_no_words():
    assert all(not r.explanations for r in rank([entry("1", (80, 80)), entry("2", (70, 80))], terms()).rows)


def test_tied_ranks_share_their_mean():
    ranks = average_ranks({"a": F(90), "b": F(80), "c": F(80), "d": F(70)})
    assert ranks == {"a": 1, "b": F(5, 2), "c": F(5, 2), "d": 4}


def test_rank_sum_compares_places_not_points():
    # a lifts case 1 far above by points; two of three reviewers place case 2 first.
    one = entry("1", (100, 100), (70, 70), (70, 70))
    two = entry("2", (60, 60), (71, 71), (71, 71))
    assert order(rank([one, two], terms())) == ["1", "2"]
    ranking = rank([one, two], terms(Method.RANK_SUM))
    assert order(ranking) == ["2", "1"]
    assert [r.rank_sum for r in ranking.rows] == [4, 5]
    assert not ranking.uses_mean_rank


def test_rank_sum_ties_are_broken_by_the_higher_average():
    one, two = entry("1", (70, 70), (90, 90)), entry("2", (75, 75), (80, 80))
    ranking = rank([one, two], terms(Method.RANK_SUM, "average"))
    assert order(ranking) == ["1", "2"]
    assert "與 2 同為序位和 3，依『平均分數較高』" in ranking.rows[0].explanations[0]


def test_mean_rank_replaces_the_sum_when_cases_have_different_numbers_of_sheets():
    few = entry("1", (70, 70))
    many = entry("2", (90, 90), (90, 90), (90, 90))
    ranking = rank([few, many, entry("3", (60, 60), (50, 50), (50, 50))], terms(Method.RANK_SUM))
    assert ranking.uses_mean_rank
    assert order(ranking) == ["2", "1", "3"]
    assert any("平均序位" in note for note in ranking.notes)


def test_unequal_loads_are_not_corrected_and_the_ranking_says_what_that_does():
    busy = [Sheet("a", {c: F(v) for c in ("R1", "R2")}) for v in (90, 80, 70)]
    calm = Sheet("b", {"R1": F(60), "R2": F(60)})
    entries = [Entry("1", (busy[0],)), Entry("2", (busy[1],)), Entry("3", (busy[2],)), Entry("4", (calm,))]
    ranking = rank(entries, terms(Method.RANK_SUM))
    assert [r.rank_sum for r in ranking.rows] == [1, 1, 2, 3], "the only case of b is b's first, at 60 points"
    (note,) = [n for n in ranking.notes if "件數不同（1 至 3 件）" in n]
    assert "系統不換算" in note
    assert "參考平均分數" in note
    even = [Entry(e.case, e.sheets) for e in entries[:3]]
    assert not any("件數不同" in n for n in rank(even, terms(Method.RANK_SUM)).notes)


def test_cases_without_a_complete_sheet_are_last_and_unranked():
    half = Entry("1", (Sheet("a", {"R1": F(99)}),))
    ranking = rank([half, entry("2", (10, 10))], terms())
    assert [(r.case, r.rank, r.passed) for r in ranking.rows] == [("2", 1, True), ("1", None, False)]
    assert "1 有 1 份評分表尚未完成，未列入計算。" in ranking.notes


def test_an_empty_list_ranks_nothing():
    assert rank([], terms()).rows == ()
    with pytest.raises(KeyError):
        rank([], terms()).row("1")


def test_duplicates_and_unknown_criteria_are_refused():
    with pytest.raises(ScoringError):
        rank([entry("1", (1, 1)), entry("1", (2, 2))], terms())
    with pytest.raises(ScoringError, match="R9"):
        terms(Method.AVERAGE, "criterion:R9")
    for text in ("criterion", "students:R1", "luck"):
        with pytest.raises(ValueError, match=text):
            TieRule.parse(text)


def test_tie_rules_survive_writing_and_reading():
    assert [TieRule.parse(str(rule)) for rule in DEFAULT_TIE_RULES] == list(DEFAULT_TIE_RULES)


def test_case_numbers_sort_as_people_read_them():
    assert sorted(["114-10", "114-9", "A-1", "114-009"], key=natural_key) == [
        "114-009",
        "114-9",
        "114-10",
        "A-1",
    ]


marks = st.tuples(st.integers(78, 82), st.integers(78, 82))
pools = st.lists(
    st.builds(
        lambda scores, students, at, req: (tuple(scores), students, at, req),
        st.lists(marks, max_size=4),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
)


@given(pools, st.sampled_from(list(Method)), st.randoms())
def test_the_order_of_the_input_never_matters(pool, method, random):
    entries = [entry(f"114-{i}", *s, students=n, at=t, requested=q) for i, (s, n, t, q) in enumerate(pool, 1)]
    shuffled = [
        Entry(e.case, tuple(random.sample(e.sheets, len(e.sheets))), e.students, e.submitted_at, e.requested)
        for e in random.sample(entries, len(entries))
    ]
    rules = terms(
        method, "average", "criterion:R1", "students", "smaller_request", "earlier_submission", mark=F(80)
    )
    assert rank(entries, rules) == rank(shuffled, rules)


@given(pools, st.sampled_from(list(Method)))
def test_ranks_are_1_to_n_and_better_first(pool, method):
    entries = [entry(f"114-{i}", *s, students=n, at=t, requested=q) for i, (s, n, t, q) in enumerate(pool, 1)]
    ranking = rank(entries, terms(method, "students"))
    ranked = [r for r in ranking.rows if r.rank is not None]
    assert [r.rank for r in ranked] == list(range(1, len(ranked) + 1))
    assert {r.case for r in ranking.rows} == {e.case for e in entries}
    for better, worse in pairwise(ranked):
        if method is Method.AVERAGE:
            assert better.average >= worse.average
        elif ranking.uses_mean_rank:
            assert better.mean_rank <= worse.mean_rank
        else:
            assert better.rank_sum <= worse.rank_sum
        tied = (
            better.average == worse.average
            if method is Method.AVERAGE
            else better.mean_rank == worse.mean_rank
        )
        if tied:
            assert any(worse.case in text for text in better.explanations)
