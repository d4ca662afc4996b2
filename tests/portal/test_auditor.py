"""The log: who, what, when, from what to what; masked; exported."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from accounts import audit
from accounts.models import Organisation, User
from tests.personas import EVERYBODY, acme, client_for

pytestmark = pytest.mark.django_db

LOG = reverse("auditor:log")
EXPORT = reverse("auditor:log_export")


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who not in ("auditor", "administrator")])
def test_others_are_told_that_the_log_is_not_theirs(who: str) -> None:
    client = client_for(EVERYBODY[who]())
    assert client.get(LOG).status_code == client.get(reverse("auditor:home")).status_code == 403
    assert client.post(EXPORT).status_code == 403


def test_a_change_is_shown_with_person_field_before_and_after(company: User, auditor: User) -> None:
    client = client_for(company)
    url = reverse("organisation:edit", args=[acme().pk])
    form = {
        "name": acme().name,
        "place": "臺中市西屯區",
        "address": "工業區一路 1 號",
        "heads": "87",
        "codes": "CC01080",
        "representative": "林新任",
        "contact_name": "陳範例",
        "contact_phone": "04-2345-6789",
        "contact_email": "contact@example.test",
        "revision": "0",
    }
    assert client.post(url, form, REMOTE_ADDR="192.0.2.7").status_code == 302
    page = client_for(auditor).get(LOG, {"kind": "accounts.organisation", "event": "1"})
    line = page.context["lines"][0]
    assert (line.who, line.action, line.kind, line.address) == ("王○主", "修改", "申請單位", "192.0.2.7")
    shown = {change.field: (change.before, change.after) for change in line.changes}
    assert shown["員工人數"] == ("86", "87")
    assert shown["負責人"] == ("林○範", "林○任")
    assert "林新任" not in page.content.decode()


def test_personal_data_is_masked(company: User, auditor: User) -> None:
    acme_row = acme()
    acme_row.contact_phone = "0912-345-678"
    acme_row.contact_email = "someone@example.test"
    acme_row.save()
    company.name = "王大業"
    company.save()
    page = client_for(auditor).get(LOG).content.decode()
    for secret in ("0912-345-678", "someone@example.test", "王大業", company.email):
        assert secret not in page.split("<main", 1)[1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_costs_the_same_for_one_and_three(
    count: int, auditor: User, company: User, django_assert_max_num_queries: Any
) -> None:
    client = client_for(auditor)
    LogEntry.objects.all().delete()
    for number in range(count):
        audit.record(acme(), actor=company, event="bulk_change", rows=number)
    with django_assert_max_num_queries(6):
        page = client.get(LOG)
    assert len(page.context["lines"]) == count


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "%'<script>"},
        {"q": "長" * 200},
        {"kind": "nonsense"},
        {"event": "nonsense"},
        {"actor": "99999999999999999999999"},
        {"actor": "x"},
        {"start": "114/13/40"},
        {"start": "114/3/2", "end": "114/3/1"},
        {"page": "-1"},
    ],
)
def test_any_filter_is_answered(auditor: User, query: dict[str, str]) -> None:
    client = client_for(auditor)
    assert client.get(LOG, query).status_code == 200
    assert client.post(EXPORT, query).status_code == 200


def test_filters_by_person_day_and_event(auditor: User, company: User) -> None:
    client = client_for(auditor)
    client_for(company).post("/accounts/logout/")
    assert {line.who for line in client.get(LOG, {"actor": company.pk}).context["lines"]} == {"王○主"}
    assert {line.action for line in client.get(LOG, {"event": "logout"}).context["lines"]} == {"登出"}
    assert client.get(LOG, {"end": "113/1/1"}).context["lines"] == []
    assert client.get(LOG, {"q": "王業主"}).context["lines"]


def rows(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_export_holds_the_filtered_lines_masked_and_is_itself_logged(
    auditor: User, company: User
) -> None:
    Organisation.objects.filter(pk=acme().pk)
    changed = acme()
    changed.name = "=HYPERLINK(1)"
    changed.save()
    client = client_for(auditor)
    table = rows(client.post(EXPORT, {"kind": "accounts.organisation"}))
    assert table[0][:3] == ["時間", "人員", "動作"]
    assert {row[3] for row in table[1:]} == {"申請單位"}
    assert not any(cell.startswith("=") for row in table for cell in row)
    logged = LogEntry.objects.get(additional_data__event="log_exported")
    assert logged.actor == auditor
    assert client.get(EXPORT).status_code == 405


def test_bulk_changes_leave_one_entry_each(auditor: User, company: User) -> None:
    count = audit.record_bulk([acme()], actor=company, changes={"heads": (86, 90)})
    assert count == 1
    line = client_for(auditor).get(LOG, {"event": "bulk_change"}).context["lines"][0]
    assert (line.changes[0].before, line.changes[0].after) == ("86", "90")


def test_the_auditors_home_counts_the_week_and_links_into_the_log(auditor: User, administrator: User) -> None:
    page = client_for(auditor).get(reverse("auditor:home"))
    assert page.status_code == 200
    assert "最近 7 天" in page.content.decode()
    assert "kind=applications.awardline" in page.content.decode()
    assert "kind=review.allocation" not in page.content.decode(), "scenarios keep a log of their own"
    assert client_for(administrator).get(LOG).status_code == 200
    assert client_for(administrator).get(reverse("auditor:home")).status_code == 403
