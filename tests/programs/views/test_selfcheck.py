"""The public self-check: the rulebook's answer to ten questions."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db

GOOD = {
    "registered": "yes",
    "bank_rejected": "no",
    "net_worth": "positive",
    "industry": "C",
    "students": "4",
    "employees": "2",
    "hours": "120",
    "student_wage": "250",
    "finishes_in_time": "yes",
}


def ask(client: Client, **changes: Any) -> Any:
    call = factories.make_call()
    return client.get(reverse("calls:self_check", args=[call.slug]), GOOD | changes)


def test_a_fitting_company_is_told_so_with_its_highest_subsidy(client: Client) -> None:
    text = ask(client).content.decode()
    assert "依您的回答，可以申請" in text
    assert "520,000 元" in text  # 4 × 100,000 + 2 × 60,000 (B3)


def test_the_company_cap_holds_for_many_heads_B4(client: Client) -> None:
    assert "2,500,000 元" in ask(client, students="40").content.decode()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"registered": "no"}, "E1"),
        ({"bank_rejected": "yes"}, "E2"),
        ({"net_worth": "negative"}, "E3"),
        ({"industry": "none"}, "E4"),
        ({"students": "1"}, "T2"),
        ({"hours": "119"}, "T3"),
        ({"student_wage": "249"}, "T7"),
        ({"finishes_in_time": "no"}, "T5"),
    ],
)
def test_each_rule_says_no_with_its_id(client: Client, change: dict[str, str], rule: str) -> None:
    page = ask(client, **change)
    assert not page.context["result"].eligible
    assert rule in {f.rule for f in page.context["problems"]}
    assert "還不符合申請條件" in page.content.decode()


def test_open_questions_are_named(client: Client) -> None:
    page = ask(client, hours="")
    assert [number for number, _ in page.context["unanswered"]] == [8]


@pytest.mark.parametrize("bad", ["-1", "abc", "1.5", "１２３４５６７", "9" * 40, "1001", "4\x00x"])
def test_a_count_that_is_none_gets_words_at_its_field(client: Client, bad: str) -> None:
    page = ask(client, students=bad)
    assert page.status_code == 200
    assert page.context["form"].errors["students"]


def test_full_width_digits_count(client: Client) -> None:
    assert ask(client, students="４").context["result"].maximum == 520_000


def test_it_leaves_no_trace(client: Client) -> None:
    call = factories.make_call()
    before = LogEntry.objects.count()
    client.get(reverse("calls:self_check", args=[call.slug]), GOOD)
    assert LogEntry.objects.count() == before
