"""The list of cases, the start of one, and its home."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.enums import CaseState
from applications.models import Case
from tests import factories, personas

pytestmark = pytest.mark.django_db


def test_starting_twice_opens_the_same_draft() -> None:
    call, company = factories.make_call(), personas.make_company()
    client = personas.client_for(company)
    start = reverse("cases:start", args=[call.slug])
    assert "範例精密股份有限公司" in client.get(start).content.decode()
    first = client.post(start, {"organisation": personas.acme().pk})
    second = client.post(start, {"organisation": personas.acme().pk})
    assert first.headers["Location"] == second.headers["Location"]
    case = Case.objects.get()
    assert case.company.name == "範例精密股份有限公司"
    assert case.company.codes == ("CC01080",)


def test_nobody_starts_for_another_company() -> None:
    call = factories.make_call()
    client = personas.client_for(personas.make_outsider())
    response = client.post(reverse("cases:start", args=[call.slug]), {"organisation": personas.acme().pk})
    assert response.status_code == 422
    assert not Case.objects.exists()


def test_viewers_and_newcomers_are_told_what_to_do() -> None:
    start = reverse("cases:start", args=[factories.make_call().slug])
    assert "檢視者" in personas.client_for(personas.make_viewer()).get(start).content.decode()
    assert "登錄公司或單位" in personas.client_for(personas.make_newcomer()).get(start).content.decode()


def test_a_closed_call_cannot_be_started() -> None:
    past = factories.now() - timedelta(days=1)
    call = factories.make_call(opens_at=past - timedelta(days=9), closes_at=past)
    client = personas.client_for(personas.make_company())
    start = reverse("cases:start", args=[call.slug])
    assert "不在受理期間" in client.get(start).content.decode()
    response = client.post(start, {"organisation": personas.acme().pk})
    assert response.status_code == 422
    assert "受理期間是" in response.content.decode()


@pytest.mark.parametrize("state", CaseState.values)
def test_the_home_says_where_the_case_is(state: str) -> None:
    case = factories.make_case(state=state)
    page = personas.client_for(personas.make_company()).get(reverse("cases:detail", args=[case.pk]))
    assert page.status_code == 200
    assert "案件進度" in page.content.decode()


def test_the_home_leads_to_what_is_unfinished_first() -> None:
    case = factories.make_case(valid=False)
    page = personas.client_for(personas.make_company()).get(reverse("cases:detail", args=[case.pk]))
    assert "開始填寫：申請資格" in page.content.decode()


def test_outsiders_and_staff_know_nothing_of_a_draft_and_staff_see_a_submitted_case() -> None:
    case = factories.make_case()
    home = reverse("cases:detail", args=[case.pk])
    assert personas.client_for(personas.make_outsider()).get(home).status_code == 404
    office = personas.client_for(personas.make_office())
    assert office.get(home).status_code == 404
    factories.advance(case, CaseState.SUBMITTED)
    page = office.get(home)
    assert page.status_code == 200
    assert "資格初審中" in page.content.decode()
    assert personas.client_for(personas.make_reviewer()).get(home).status_code == 404


def test_the_list_shows_own_cases_and_what_fills_it_when_empty() -> None:
    newcomer = personas.client_for(personas.make_newcomer()).get(reverse("cases:list"))
    assert "您還沒有加入任何公司或單位" in newcomer.content.decode()
    client = personas.client_for(personas.make_company())
    assert "還沒有申請案" in client.get(reverse("cases:list")).content.decode()
    case = factories.make_case()
    assert case.title in client.get(reverse("cases:list")).content.decode()
    outsider = personas.client_for(personas.make_outsider()).get(reverse("cases:list"))
    assert case.title not in outsider.content.decode()


def test_the_list_needs_no_more_queries_for_more_cases(
    django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = personas.client_for(personas.make_company())
    factories.make_case()
    with django_assert_max_num_queries(20) as counted:
        client.get(reverse("cases:list"))
    factories.make_case()
    factories.make_case(state=CaseState.SUBMITTED)
    with django_assert_num_queries(len(counted)):
        client.get(reverse("cases:list"))


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.SUPPLEMENTING, CaseState.SUBMITTED])
def test_the_home_stays_within_twenty_queries(state: str, django_assert_max_num_queries: Any) -> None:
    case = factories.make_case(state=state, students=40, employees=20)
    if state == CaseState.SUPPLEMENTING:
        factories.open_supplement(case, "trainees")
    client = personas.client_for(personas.make_company())
    with django_assert_max_num_queries(20):
        assert client.get(reverse("cases:detail", args=[case.pk])).status_code == 200
