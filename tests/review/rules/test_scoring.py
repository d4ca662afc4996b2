"""Totals, rounding, completeness and statistics (R1–R4)."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.rules.scoring import (
    Criterion,
    Scheme,
    ScoringError,
    Sheet,
    Thresholds,
    completeness,
    display,
    display_root,
    mean_recommendation,
    plain,
    running_total,
    statistics,
    summarise,
    weighted_total,
)

IPAS = Scheme(tuple(Criterion(f"R{i}", F(w)) for i, w in enumerate((40, 30, 20, 10), 1)))


def sheet(reviewer, *scores):
    return Sheet(reviewer, {f"R{i}": F(s) for i, s in enumerate(scores, 1)})


def test_R1_R2_R3_R4_weigh_40_30_20_10():
    assert weighted_total(sheet("a", 85, 80, 80, 85).scores, IPAS) == F("82.5")
    assert weighted_total(sheet("a", 100, 100, 100, 100).scores, IPAS) == 100
    assert weighted_total(sheet("a", 0, 0, 0, 0).scores, IPAS) == 0


def test_a_scale_of_ten_gives_the_same_points_of_100():
    tens = Scheme(IPAS.criteria, F(10))
    assert weighted_total(sheet("a", F("8.5"), 8, 8, F("8.5")).scores, tens) == F("82.5")


def test_weights_that_do_not_sum_to_100_are_refused():
    with pytest.raises(ScoringError, match="99"):
        Scheme((Criterion("R1", F(99)),))
    thirds = tuple(Criterion(c, F(100, 3)) for c in "abc")
    assert weighted_total({c: F(70) for c in "abc"}, Scheme(thirds)) == 70


@pytest.mark.parametrize(
    "criteria",
    [(), (Criterion("A", F(50)), Criterion("A", F(50))), (Criterion("A", F(0)), Criterion("B", F(100)))],
)
def test_senseless_criteria_are_refused(criteria):
    with pytest.raises(ScoringError):
        Scheme(criteria)


def test_an_incomplete_sheet_has_a_running_total_but_no_total():
    scores = {"R1": F(80), "R3": F(101), "X": F(1)}
    state = completeness(scores, IPAS)
    assert (state.given, state.needed, state.complete) == (2, 4, False)
    assert (state.missing, state.out_of_range, state.unknown) == (("R2", "R4"), ("R3",), ("X",))
    assert running_total({"R1": F(80)}, IPAS) == 32
    with pytest.raises(ScoringError, match="R2、R4、R3、X"):
        weighted_total(scores, IPAS)


@pytest.mark.parametrize(("score", "ok"), [(0, True), (100, True), (-1, False), (F("100.01"), False)])
def test_scores_end_at_the_scale(score, ok):
    assert completeness(sheet("a", score, 1, 1, 1).scores, IPAS).complete is ok


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (F("82.505"), "82.51"),
        (F("82.5049999"), "82.50"),
        (F(1, 3), "0.33"),
        (F(2, 3), "0.67"),
        (F("-0.005"), "-0.01"),
        (100, "100.00"),
        (Decimal("2.675"), "2.68"),
    ],
)
def test_display_rounds_half_up_to_two_decimals(value, shown):
    assert str(display(value)) == shown


def test_plain_drops_idle_zeros():
    assert [plain(v) for v in (F(7), F("2.5"), F(0), F(100), F(1, 3))] == ["7", "2.5", "0", "100", "0.33"]


@given(st.fractions(-1000, 1000))
def test_display_is_never_half_a_cent_off(value):
    assert abs(F(display(value)) - value) <= F(1, 200)


@given(st.fractions(0, 10_000))
def test_root_is_the_nearest_hundredth(value):
    root = F(display_root(value))
    assert (root - F(1, 200)) ** 2 <= value or root == 0
    assert value < (root + F(1, 200)) ** 2


def test_statistics_of_even_and_odd_counts():
    three = statistics([F(70), F(90), F(80)])
    assert (three.mean, three.median, three.spread) == (80, 80, 20)
    assert three.deviation == Decimal("8.16")
    four = statistics([F(1), F(2), F(3), F(10)])
    assert (four.mean, four.median) == (4, F(5, 2))
    with pytest.raises(ScoringError):
        statistics([])


def test_reviewers_clearly_differ_only_above_the_threshold():
    pair = [sheet("a", 80, 80, 80, 80), sheet("b", 65, 65, 65, 65)]
    assert not summarise(pair, IPAS, Thresholds(F(15))).differs
    assert summarise(pair, IPAS, Thresholds(F("14.99"))).differs
    assert not summarise(pair, IPAS).differs


def test_one_criterion_alone_can_raise_the_flag():
    summary = summarise(
        [sheet("a", 80, 80, 80, 90), sheet("b", 80, 80, 80, 40)], IPAS, Thresholds(F(15), F(30))
    )
    assert summary.differs
    assert summary.differing == ("R4",)


def test_incomplete_sheets_count_for_nothing_and_are_named():
    summary = summarise([sheet("a", 80, 80, 80, 80), sheet("b", 10)], IPAS, Thresholds(F(0), F(0)))
    assert summary.total.mean == 80
    assert summary.incomplete == ("b",)
    assert not summary.differs
    assert summarise([], IPAS).total is None


def test_a_duplicate_review_never_bends_the_average():
    with pytest.raises(ScoringError):
        summarise([sheet("a", 1, 1, 1, 1), sheet("a", 2, 2, 2, 2)], IPAS)


def test_recommended_amounts_are_averaged_down():
    given = [{"personnel": 100, "equipment": 5}, {"personnel": 101}]
    assert mean_recommendation(given) == {"equipment": 2, "personnel": 100}
    assert mean_recommendation([]) == {}
