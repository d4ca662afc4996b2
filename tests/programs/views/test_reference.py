"""Reference tables and window extensions: kept by the office, closed to everybody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core.rocdate import roc
from programs.models import CalendarDay, Call, PassRate, Region
from programs.selectors import work_calendar, zones
from programs.services import load_calendar, load_regions
from tests import factories, personas

pytestmark = pytest.mark.django_db


def office():
    return personas.client_for(personas.make_office())


def test_the_seeded_calendar_counts_the_official_working_days() -> None:
    load_calendar([2024, 2025, 2026])
    calendar = work_calendar()
    for year, expected in ((2024, 251), (2025, 247), (2026, 245)):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        assert sum(calendar.is_working(day) for day in days if day.year == year) == expected


def test_a_typhoon_day_moves_a_deadline() -> None:
    load_calendar([2025])
    before = work_calendar().add(date(2025, 7, 7), 3)
    office().post(
        reverse("reference:day_save"), {"day-date": "114/7/8", "day-kind": "typhoon", "day-name": "颱風停班"}
    )
    assert before == date(2025, 7, 10)
    assert work_calendar().add(date(2025, 7, 7), 3) == date(2025, 7, 11)


def test_a_day_can_be_removed_and_a_second_click_does_no_harm() -> None:
    day = CalendarDay.objects.create(date=date(2025, 7, 8), kind="typhoon", name="颱風停班")
    client = office()
    for _ in range(2):
        assert client.post(reverse("reference:day_remove", args=[day.pk])).status_code == 302
    assert not CalendarDay.objects.exists()


def test_a_pass_rate_can_be_removed_and_a_second_click_does_no_harm() -> None:
    rate = PassRate.objects.create(
        item="智慧生產", level="初級", session="114-1", sat=9, passed=4, source="官網"
    )
    client = office()
    for _ in range(2):
        assert client.post(reverse("reference:rate_remove", args=[rate.pk])).status_code == 302
    assert not PassRate.objects.exists()


def test_regions_hold_whole_cities_and_single_townships() -> None:
    load_regions()
    table = zones()
    assert table["臺中市", ""] == {"centre"}
    assert table["澎湖縣", ""] == {"south", "offshore"}
    assert table["屏東縣", "琉球鄉"] == {"offshore"}
    assert load_regions() == 0


def test_the_two_ways_of_writing_tai_are_one() -> None:
    office().post(reverse("reference:region_save"), {"region-city": "台中市", "region-zone": "centre"})
    assert Region.objects.get().city == "臺中市"


def test_more_passed_than_sat_is_refused_at_the_field() -> None:
    page = office().post(
        reverse("reference:rate_save"),
        {"rate-item": "AI應用規劃", "rate-level": "初級", "rate-session": "114-1", "rate-sat": "10",
         "rate-passed": "11", "rate-source": "公告"},
    )  # fmt: skip
    assert page.status_code == 422
    assert "不能多於到考人數" in page.content.decode()
    assert not PassRate.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_rows(rows: int, django_assert_max_num_queries) -> None:
    year = factories.now().year
    for number in range(rows):
        CalendarDay.objects.create(date=date(year, 3, number + 1), kind="off", name="放假")
        Region.objects.create(city=f"縣{number}", zone="south")
    client = office()
    with django_assert_max_num_queries(9):
        assert client.get(reverse("reference:home")).status_code == 200


@pytest.mark.parametrize("year", ["abc", "-5", "99999", "1"])
def test_a_strange_year_is_an_empty_page(year: str) -> None:
    assert office().get(reverse("reference:home"), {"year": year}).status_code == 200


def test_the_window_is_extended_for_everybody() -> None:
    call = factories.make_call()
    end = (call.effective_closes_at + timedelta(days=2)).date()
    answer = office().post(
        reverse("calls:extend", args=[call.slug]),
        {"closes_on": roc(end), "closes_at_time": "17:00", "reason": "颱風停班"},
    )
    assert answer.status_code == 302
    changed = Call.objects.get(pk=call.pk)
    assert changed.effective_closes_at > call.effective_closes_at
    assert changed.closes_at == call.closes_at


@pytest.mark.parametrize("change", [{"closes_on": "100/1/1"}, {"reason": ""}, {"closes_on": "明天"}])
def test_a_wrong_extension_keeps_what_was_typed(change: dict[str, str]) -> None:
    call = factories.make_call()
    end = roc((call.effective_closes_at + timedelta(days=2)).date())
    data = {"closes_on": end, "closes_at_time": "17:00", "reason": "颱風停班"} | change
    page = office().post(reverse("calls:extend", args=[call.slug]), data)
    assert page.status_code == 422
    assert data["closes_on"] in page.content.decode()
    assert Call.objects.get(pk=call.pk).effective_closes_at == call.effective_closes_at


@pytest.mark.parametrize("persona", ["company", "reviewer", "chair", "supervisor", "auditor"])
def test_others_are_refused(persona: str) -> None:
    call = factories.make_call()
    client = personas.client_for(personas.EVERYBODY[persona]())
    assert client.get(reverse("reference:home")).status_code == 403
    assert client.get(reverse("calls:extend", args=[call.slug])).status_code == 403
