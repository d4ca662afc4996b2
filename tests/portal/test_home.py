"""Homes, search, fixed pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from applications.enums import CaseState
from ipas_portal.pages import PAGES
from tests import factories, personas
from tests.personas import EVERYBODY, acme, client_for, rival

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_visitor_reads_what_it_is_and_which_calls_are_open(client: Any) -> None:
    assert "目前沒有受理中的徵案" in text(client.get("/"))
    call = factories.make_call()
    page = text(client.get("/"))
    assert call.name in page
    assert call.terms.summary in page
    assert "截止" in page
    assert 'action="/find/"' in page
    assert reverse("calls:self_check", args=[call.slug]) in page
    assert reverse("verify") in page


@pytest.mark.parametrize("slug", PAGES)
def test_every_fixed_page_is_public_and_has_its_title(client: Any, slug: str) -> None:
    assert f"<h1>{PAGES[slug]}</h1>" in text(client.get(reverse("page", args=[slug])))


def test_an_unknown_page_is_not_found(client: Any) -> None:
    assert client.get("/pages/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("office", "/office/"),
        ("reviewer", "/review/"),
        ("chair", "/review/"),
        ("supervisor", "/supervisor/"),
        ("auditor", "/auditor/"),
        ("administrator", "/administrator/"),
    ],
)
def test_each_role_lands_on_its_own_home(who: str, where: str) -> None:
    client = client_for(EVERYBODY[who]())
    assert client.get("/").headers["Location"] == where


def test_a_newcomer_is_told_to_register_the_company(newcomer: User) -> None:
    assert "先登錄您的公司或單位" in text(client_for(newcomer).get("/"))


def test_the_home_shows_what_waits_oldest_first_with_the_next_step(company: User) -> None:
    call = factories.make_call()
    supplement = factories.make_case(call=call, state=CaseState.SUPPLEMENTING)
    draft = factories.make_case(call=call, valid=False)
    page = client_for(company).get("/")
    tasks = page.context["home"].tasks
    assert {task.action for task in tasks} == {"查看補件事項", "繼續填寫"}
    assert [task.since for task in tasks] == sorted(task.since for task in tasks)
    assert str(supplement.pk) in page.content.decode()
    assert str(draft.pk) in page.content.decode()


def test_a_viewer_is_not_told_to_write_and_outsiders_see_nothing(viewer: User, outsider: User) -> None:
    case = factories.make_case(valid=False)
    page = client_for(viewer).get("/")
    assert page.context["home"].tasks == []
    assert len(page.context["home"].waiting) == 1
    assert str(case.pk) not in text(client_for(outsider).get("/"))


def test_a_draft_whose_window_is_over_is_not_a_task(company: User) -> None:
    case = factories.make_case(valid=False)
    type(case.call).objects.filter(pk=case.call.pk).update(
        opens_at=factories.now() - timedelta(days=9),
        closes_at=factories.now() - timedelta(days=2),
        effective_closes_at=factories.now() - timedelta(days=2),
    )
    home = client_for(company).get("/").context["home"]
    assert home.tasks == []
    assert home.finished[0].label == "逾期未送出"


@pytest.mark.parametrize("count", [1, 3])
def test_the_home_costs_the_same_for_one_and_three(
    count: int, company: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        factories.make_case(call=factories.make_call(slug=f"call-{number}"), valid=False)
    client = client_for(company)
    with django_assert_max_num_queries(15):
        page = client.get("/")
    assert len(page.context["home"].tasks) == count


@pytest.mark.parametrize("count", [1, 3])
def test_searching_costs_the_same_for_one_and_three(
    count: int, company: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        factories.make_case(call=factories.make_call(slug=f"call-{number}"), valid=False)
    client = client_for(company)
    with django_assert_max_num_queries(8):
        page = client.get("/search/", {"q": "範例"})
    assert len(page.context["rows"]) == count


def test_searching_finds_only_what_one_may_know_of(
    company: User, outsider: User, office: User, administrator: User, reviewer: User
) -> None:
    case = factories.make_case(state=CaseState.SUBMITTED)
    draft = factories.make_case(call=case.call, valid=False)
    for word in (case.number[:-1], acme().name[:3], acme().ubn[:5], case.title[:4]):
        assert str(case.pk) in text(client_for(company).get("/search/", {"q": word})), word
        for person in (outsider, administrator, reviewer):
            assert str(case.pk) not in text(client_for(person).get("/search/", {"q": word}))
    rows = client_for(office).get("/search/", {"q": acme().ubn}).context["rows"]
    assert [row["case"].pk for row in rows] == [case.pk]  # a draft is the company's own
    assert draft.pk != case.pk
    assert rival().name not in text(client_for(company).get("/search/", {"q": "對照"}))


def test_a_whole_case_number_goes_straight_to_the_case(company: User) -> None:
    case = factories.make_case(state=CaseState.SUBMITTED)
    response = client_for(company).get("/search/", {"q": case.number.lower()})
    assert response.headers["Location"] == reverse("cases:detail", args=[case.pk])


@pytest.mark.parametrize("q", ["", " ", "\x00", "%", "_", "<script>", "😀", "'", "長" * 101, "１１４"])
def test_any_search_text_is_answered(company: User, q: str) -> None:
    assert client_for(company).get("/search/", {"q": q, "page": "x"}).status_code == 200


def test_nobody_searches_without_login(client: Any) -> None:
    assert client.get("/search/").status_code == 302


@pytest.mark.parametrize("who", ["company", "newcomer", "office", "reviewer", "auditor", "administrator"])
def test_the_supervisors_home_is_for_the_supervisor(who: str) -> None:
    assert client_for(personas.EVERYBODY[who]()).get("/supervisor/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_supervisor_sees_money_and_states_at_the_same_cost(
    count: int, supervisor: User, company: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        call = factories.make_call(slug=f"call-{number}")
        factories.make_case(call=call, state=CaseState.SUBMITTED)
    client = client_for(supervisor)
    with django_assert_max_num_queries(13):
        page = client.get("/supervisor/")
    rows = page.context["rows"]
    assert len(rows) == count
    assert rows[0]["requested"] == 400_000
    assert rows[0]["counts"][0] == rows[0]["total"] == 1
    assert rows[0]["left"] == rows[0]["call"].envelope


def test_an_adopted_meeting_waits_for_the_supervisor(supervisor: User) -> None:
    from review.models import Allocation, DecisionMeeting, Scenario

    case = factories.make_case(state=CaseState.SUBMITTED)
    moment = factories.now()
    meeting = DecisionMeeting.objects.create(call=case.call, name="第一次決審會議", created_at=moment)
    scenario = Scenario.objects.create(
        meeting=meeting, name="甲案", envelope=1_000_000, created_at=moment, saved_at=moment
    )
    for account, amount in (("personnel", 100_000), ("operations", 50_000)):
        Allocation.objects.create(scenario=scenario, case=case, account=account, amount=amount)
    DecisionMeeting.objects.filter(pk=meeting.pk).update(state="adopted", adopted=scenario, adopted_at=moment)
    page = text(client_for(supervisor).get("/supervisor/"))
    assert "第一次決審會議" in page
    assert "擬補助 1 件，共 150,000 元" in page


def test_several_open_calls_are_offered_alike_on_the_landing(client: Any) -> None:
    first, second = factories.make_call(), factories.make_call(slug="ipas-115")
    page = text(client.get("/"))
    assert "現在有 2 個徵案受理中" in page
    lead, rows = page.split('class="open-calls"')
    assert first.terms.summary not in lead, "the words of one call must not speak for all of them"
    for call in (first, second):
        assert reverse("calls:self_check", args=[call.slug]) in rows
    assert rows.count(first.terms.summary) == 2


def test_a_registered_company_without_a_case_is_shown_the_next_step(company: User) -> None:
    factories.make_call()
    page = text(client_for(company).get("/"))
    assert "選擇徵案，開始申請" in page
    assert "目前沒有需要您處理的事" not in page


@pytest.mark.parametrize(
    ("kind", "menu", "title"),
    [("company", "公司與成員", "公司資料"), ("university", "單位與成員", "單位資料")],
)
def test_a_university_is_not_called_a_company(company: User, kind: str, menu: str, title: str) -> None:
    Organisation.objects.update(kind=kind)
    page = text(client_for(company).get(reverse("organisation:detail")))
    assert f">{menu}<" in page
    assert f"<h2>{title}</h2>" in page
