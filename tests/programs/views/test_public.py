"""Public pages of calls: what anybody may read, and nothing of a draft."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.rocdate import TAIPEI
from programs.models import Call, CallTerms
from programs.selectors import timetable
from programs.services import extend_window, new_terms_version
from tests import factories, personas

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_calls(
    client: Client, count: int, django_assert_max_num_queries
) -> None:
    for number in range(count):
        factories.make_call(slug=f"call-{number}")
    with django_assert_max_num_queries(4):
        page = client.get(reverse("calls:list"))
    assert page.content.decode().count("自我檢查</a>") == count


def test_calls_stand_under_what_one_can_do_with_them(client: Client) -> None:
    present = factories.now()
    factories.make_call(slug="open-now")
    factories.make_call(
        slug="to-come", opens_at=present + timedelta(days=3), closes_at=present + timedelta(days=9)
    )
    factories.make_call(
        slug="gone-by", opens_at=present - timedelta(days=9), closes_at=present - timedelta(days=3)
    )
    groups = client.get(reverse("calls:list")).context["groups"]
    assert [c.slug for c in groups["open"]] == ["open-now"]
    assert [c.slug for c in groups["coming"]] == ["to-come"]
    assert [c.slug for c in groups["over"]] == ["gone-by"]


def test_a_draft_call_is_unknown_to_the_public_and_known_to_its_editor(client: Client) -> None:
    call = factories.make_call(slug="secret", publish=False)
    for name in ("detail", "self_check", "rules", "terms"):
        assert client.get(reverse(f"calls:{name}", args=[call.slug])).status_code == 404
    assert b"secret" not in client.get(reverse("calls:list")).content
    editor = personas.client_for(personas.make_administrator())
    assert editor.get(reverse("calls:detail", args=[call.slug])).status_code == 200


def test_a_call_shows_dates_envelope_rules_criteria_and_documents(client: Client) -> None:
    call = factories.make_call()
    text = client.get(reverse("calls:detail", args=[call.slug])).content.decode()
    for expected in (
        "20,000,000 元",
        "計畫目標與實施策略",
        "申請計畫書（附件三）",
        "B3 · 貳.三(二)",
        "智慧生產",
    ):
        assert expected in text


def test_a_rule_has_an_address_with_and_without_its_call(client: Client) -> None:
    call = factories.make_call()
    page = client.get(reverse("calls:rule", args=[call.slug, "B3"]))
    assert "100,000" in page.content.decode()
    found = client.get(reverse("rule", args=["B3"]))
    assert found.url == reverse("calls:rule", args=[call.slug, "B3"])
    assert client.get(reverse("calls:rule", args=[call.slug, "Z9"])).status_code == 404
    assert client.get(reverse("rule", args=["Z9"])).status_code == 404


def test_the_terms_come_as_the_data_that_the_rulebook_reads(client: Client) -> None:
    call = factories.make_call()
    response = client.get(reverse("calls:terms", args=[call.slug]))
    assert response.json() == call.current_terms.data
    assert "attachment" in response["Content-Disposition"]


def test_an_extension_shows_its_reason_and_opens_the_call_again(client: Client) -> None:
    present = factories.now()
    call = factories.make_call(opens_at=present - timedelta(days=9), closes_at=present - timedelta(hours=1))
    assert "開始申請" not in client.get(reverse("calls:detail", args=[call.slug])).content.decode()
    extend_window(
        call=call,
        closes_at=present + timedelta(days=1),
        reason="系統中斷四十分鐘",
        actor=personas.make_office(),
        now=present,
    )
    text = client.get(reverse("calls:detail", args=[call.slug])).content.decode()
    assert "系統中斷四十分鐘" in text
    assert "開始申請" in text


def test_a_new_version_is_listed_with_its_note_and_the_old_one_stays(client: Client) -> None:
    call = factories.make_call()
    first = call.current_terms
    data = factories.scheme()
    data["settings"]["pass_mark"] = 75
    new_terms_version(call=call, data=data, change_note="及格分數改為 75 分", actor=None, now=factories.now())
    assert "及格分數改為 75 分" in client.get(reverse("calls:detail", args=[call.slug])).content.decode()
    assert CallTerms.objects.get(pk=first.pk).terms.settings.pass_mark == 70
    assert Call.objects.get(pk=call.pk).terms.settings.pass_mark == 75


def test_the_timetable_shows_the_day_of_an_extension_in_taipei() -> None:
    end = datetime(2026, 4, 2, 7, 30, tzinfo=TAIPEI)  # still 1 April in UTC
    call = factories.make_call(opens_at=end - timedelta(days=9), closes_at=end)
    apply = next(s for s in timetable(Call.objects.get(pk=call.pk), end.date()) if s["label"] == "申請")
    assert apply["title"].endswith("2026-04-02")
    assert apply["state"] == "current"
