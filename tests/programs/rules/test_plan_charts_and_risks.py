"""Risk bands as the document's own matrix counts them; positions of charts; shares that are goals."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from programs.rules.plans.charts import bullet, percent, stacks
from programs.rules.plans.kpis import aim_of, share_goal
from programs.rules.plans.risks import Band, band
from programs.services.plans import read_plan


@pytest.mark.parametrize(
    ("likelihood", "impact", "expected"),
    [
        (1, 1, Band.LOW),
        (2, 1, Band.LOW),
        (1, 3, Band.MIDDLE),
        (2, 2, Band.MIDDLE),
        (3, 2, Band.HIGH),
        (3, 3, Band.EXTREME),
    ],
)
def test_bands(likelihood, impact, expected):
    assert band(likelihood, impact) is expected
    assert band(impact, likelihood) is expected


@pytest.mark.parametrize("grades", [(0, 1), (1, 4), (-1, 2)])
def test_other_grades_have_no_band(grades):
    with pytest.raises(ValueError, match="1 到 3"):
        band(*grades)


def test_the_residual_risks_of_112_fall_into_the_bands_that_the_document_counts():
    risks = read_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml").risks
    after = Counter(band(r.likelihood_after, r.impact_after) for r in risks)
    assert after == {Band.MIDDLE: 1, Band.LOW: 4}


def test_a_bullet_is_zero_based_and_nothing_is_divided_by_zero():
    drawn = bullet(Decimal(26), Decimal(52), due=Fraction(13), challenge=Decimal(104))
    assert (drawn.value, drawn.due, drawn.target, drawn.challenge) == ("24.04", "12.02", "48.08", "96.15")
    assert bullet(Decimal(0), Decimal(0)) is None
    assert bullet(None, None) is None
    assert bullet(Decimal(5), Decimal(0)).target == "0"
    assert bullet(None, Decimal(10), due=Decimal(10)).due == ""


def test_stacks_share_one_scale_and_name_what_has_room():
    big, small = stacks([("112", [30, 70]), ("113", [5, 0])], [("1", "甲"), ("2", "乙")])
    assert [(p.start, p.width, p.short) for p in big.pieces] == [("0", "30", "1"), ("30", "70", "2")]
    assert [(p.width, p.short) for p in small.pieces] == [("5", "")]
    assert stacks([("112", [0])], [("1", "甲")])[0].pieces == ()


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2))
def test_positions_stay_on_the_chart(value, whole):
    assert 0 <= float(percent(value, whole)) <= 100


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("1/3", Fraction(1, 3)),
        ("30%", Fraction(3, 10)),
        ("0.5", Fraction(1, 2)),
        ("", None),
        ("三分之一", None),
        ("1/0", None),
        ("5", None),
        ("0%", None),
    ],
)
def test_a_share_as_a_goal(text, share):
    assert share_goal(text) == share


def test_a_running_total_grows_evenly_between_its_targets():
    targets = {112: Decimal(30), 114: Decimal(90)}

    def aim(year, passed):
        return aim_of(targets, year, passed=Fraction(passed), cumulative=True, running_from=110)

    assert [aim(y, 1).due for y in (110, 111, 112, 113, 114)] == [10, 20, 30, 60, 90]
    assert aim(113, Fraction(1, 2)).due == 45
    assert (aim(113, 1).year, aim(113, 1).share) == (114, Fraction(1, 2))
    assert aim(115, 1) is None
    assert aim_of(targets, 113, passed=Fraction(1), cumulative=True, running_from=None) is None
