"""What a KPI is worth in a year: reported, corrected, counted from calls, or a running total over the plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from applications.enums import CaseState
from programs import feeds
from programs.models import Kpi
from programs.rules.plans.kpis import FINAL, MIDTERM, Status
from programs.selectors.kpis import figures
from tests import factories, personas
from tests.programs.plans import builders

pytestmark = pytest.mark.django_db
MID_112 = date(2023, 6, 30)
AFTER = date(2026, 1, 1)


def look(years=(112,), today=MID_112):
    kpis = Kpi.objects.select_related("part__plan").order_by("position")
    return {(f.kpi.code, f.year): f for f in figures(kpis, years, today=today).values()}


def test_months_add_up_and_superseded_values_do_not_count():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 100})
    wrong = builders.add_value(kpi, 112, 1, 90)
    wrong.superseded_at = wrong.reported_at
    wrong.save()
    builders.add_value(kpi, 112, 1, 20, version=2)
    builders.add_value(kpi, 112, 3, 10, note="三月", cause="招生晚", remedy="加開一班")
    found = look()["K1", 112]
    assert found.value == 30
    assert found.status is Status.AT_RISK
    assert found.reached == Fraction(3, 10)
    assert (found.words.label, found.words.cause) == ("3 月", "招生晚")
    assert not found.asks_for_words


def test_what_is_reported_of_later_months_is_not_known_on_a_day():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 100, 113: 100})
    builders.add_value(kpi, 112, 6, 50)
    builders.add_value(kpi, 112, 7, 50, cause="七月的話")
    builders.add_value(kpi, 113, 1, 5)
    then, later = look((112, 113)), look((112, 113), AFTER)
    assert (then["K1", 112].value, later["K1", 112].value) == (50, 100)
    assert then["K1", 112].words.period == 6
    assert (then["K1", 113].value, then["K1", 113].status) == (None, Status.NOT_BEGUN)
    assert (later["K1", 113].value, later["K1", 113].status) == (5, Status.MISSED)


def test_a_kpi_behind_asks_for_cause_and_remedy_until_both_stand_with_the_latest_report():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 100})
    builders.add_value(kpi, 112, 1, 10, cause="招生晚", remedy="加開一班")
    assert not look()["K1", 112].asks_for_words
    builders.add_value(kpi, 112, 2, 1, cause="招生晚")
    assert look()["K1", 112].asks_for_words


def test_without_target_or_with_a_target_of_zero_nothing_is_divided():
    plan = builders.make_plan()
    for code, targets in (("K1", {}), ("K2", {112: 0})):
        builders.add_value(builders.add_kpi(plan, code=code, targets=targets), 112, 1, 3)
    found = look()
    assert (found["K1", 112].status, found["K1", 112].reached) == (Status.NO_TARGET, None)
    assert found["K1", 112].aim is None
    assert (found["K2", 112].reached, found["K2", 112].value) == (None, 3)
    assert found["K2", 112].status is Status.ON_TRACK


def test_gender_follows_the_same_closings_and_undisclosed_people_count_as_other():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 100}, by_gender=True)
    builders.add_value(kpi, 112, 1, 10, men=4, women=6, other=0)
    builders.add_value(kpi, 112, MIDTERM, 30, men=10, women=15, other=5)
    builders.add_value(kpi, 112, 7, 8)
    people = look(today=AFTER)["K1", 112].people
    assert (people.men, people.women, people.other, people.total) == (10, 15, 13, 38)
    assert people.women_share == Fraction(15, 38)
    builders.add_value(kpi, 112, FINAL, 40)
    assert look(today=AFTER)["K1", 112].people.other == 40


def test_nobody_told_apart_is_no_split_at_all():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 100}, by_gender=True)
    builders.add_value(kpi, 112, FINAL, 40)
    assert look(today=AFTER)["K1", 112].people is None


def test_the_latest_rate_counts():
    kpi = builders.add_kpi(builders.make_plan(), targets={112: 80}, unit="%", accumulation="latest")
    builders.add_value(kpi, 112, 1, 70)
    builders.add_value(kpi, 112, 4, "80.5")
    assert (look()["K1", 112].value, look()["K1", 112].status) == (Decimal("80.5"), Status.ON_TRACK)


def test_a_running_total_adds_the_years_and_is_held_to_the_next_target():
    kpi = builders.add_kpi(builders.make_plan(), targets={114: 30}, span="plan")
    builders.add_value(kpi, 112, 3, 10)
    builders.add_value(kpi, 113, 3, 11)
    found = look((112, 113, 114), AFTER)
    assert [found["K1", y].value for y in (112, 113, 114)] == [10, 21, 21]
    assert [found["K1", y].aim.due for y in (112, 113, 114)] == [10, 20, 30]
    assert [found["K1", y].status for y in (112, 113, 114)] == [
        Status.ON_TRACK,
        Status.ON_TRACK,
        Status.MISSED,
    ]
    middle = look((112,), MID_112)["K1", 112]
    assert middle.aim.due == Fraction(10) * Fraction(181, 365)


def test_the_year_of_a_plan_that_ends_early_is_over_on_its_last_day():
    plan = builders.make_plan(ends_on=date(2025, 8, 31))
    builders.add_value(builders.add_kpi(plan, targets={114: 10}), 114, 8, 9)
    assert look((114,), date(2025, 8, 30))["K1", 114].status is Status.ON_TRACK
    assert look((114,), date(2025, 8, 31))["K1", 114].status is Status.MISSED


def test_a_fed_kpi_counts_the_calls_of_its_part_and_below_in_that_year_to_the_last_row():
    plan = builders.make_plan()
    for number, code in (("", "root"), ("1", "aside"), ("2", "above"), ("2.1", "own")):
        builders.add_kpi(plan, number, code, {112: 10}, feed="trainees", by_gender=True)
    builders.add_kpi(plan, "2", "companies", {112: 10}, feed="companies")
    calls = [factories.make_call(slug=f"call-{n}") for n in range(3)]
    for call, number, year in zip(calls, ("2", "2.1", "2.1"), (112, 112, 113), strict=True):
        builders.fund(call, plan, number, year)
        factories.make_case(call=call, state=CaseState.APPROVED)
    factories.make_case(call=calls[0], state=CaseState.REVIEWED, organisation=personas.rival())
    found = look((112, 113))
    assert {code: found[code, 112].value for code in ("root", "above", "own")} == {
        "root": 12,
        "above": 12,
        "own": 6,
    }
    assert found["aside", 112].value is None
    assert found["companies", 112].value == 1
    for figure in found.values():
        if figure.fed:
            rows = list(feeds.rows(figure.kpi.feed, figure.calls))
            assert sum(row.value for row in rows) == figure.value
    assert found["root", 112].people.total == 12
    assert found["own", 113].calls == (calls[2].pk,)


def test_before_any_call_a_fed_kpi_shows_what_the_document_reports():
    kpi = builders.add_kpi(builders.make_plan(), "2", targets={112: 100}, feed="trainees")
    builders.add_value(kpi, 112, FINAL, 96)
    found = look(today=AFTER)["K1", 112]
    assert (found.value, found.fed) == (96, False)


@pytest.mark.parametrize("times", [1, 10])
def test_queries_grow_with_nothing(django_assert_num_queries, times):
    for n in range(times):
        plan = builders.make_plan(f"plan-{n}")
        call = factories.make_call(slug=f"call-{n}")
        builders.fund(call, plan, "2.1", 112)
        for m, feed in enumerate((*feeds.feeds(), "")):
            kpi = builders.add_kpi(plan, "2", f"K{m}", {112: 10, 113: 20}, feed=feed)
            builders.add_value(kpi, 112, 1 + n, 3)
    kpis = Kpi.objects.select_related("part__plan")
    with django_assert_num_queries(5 + 5):
        assert len(figures(kpis, range(112, 115), today=AFTER)) == times * 10 * 3
