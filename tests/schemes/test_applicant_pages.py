"""The other schemes as their applicants meet them: sections by the terms, forms, self-check, hand-in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import letters, planbook, selectors
from applications.enums import Section
from applications.forms.editors import Editor
from applications.models import Case, Partner
from applications.services.cases import copy_case, start_case
from applications.services.submission import confirmation_token, submit
from core import clock
from core.findings import Severity
from tests import factories, personas
from tests.schemes import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return stage.raise_case(stage.call_of("raise"))


@pytest.fixture
def client(case: Case) -> Client:
    return personas.client_for(factories._owner(case.organisation))


def url(case: Case, section: str) -> str:
    return reverse("cases:section", args=[case.pk, section])


def test_a_case_has_the_sections_that_its_terms_ask_for(case: Case, client: Client) -> None:
    labels = [line.key for line in client.get(reverse("cases:detail", args=[case.pk])).context["sections"]]
    assert labels == [
        "company", "eligibility", "plan", "partners", "budget", "outcomes", "avoid_reviewers", "documents",
    ]  # fmt: skip
    for section in Section.values:
        assert client.get(url(case, section)).status_code == (200 if section in labels else 404)


@pytest.mark.parametrize("section", ["company", "eligibility", "plan", "partners", "budget", "outcomes"])
def test_saving_what_is_there_changes_nothing(case: Case, client: Client, section: str) -> None:
    before = selectors.section_states(Case.objects.get(pk=case.pk)).get(section)
    payload = Editor(Case.objects.get(pk=case.pk), section).payload()
    client.post(url(case, section), payload | {"version": before.version if before else 0})
    after = selectors.section_states(Case.objects.get(pk=case.pk))[section]
    assert after.version == (before.version if before else 1)


def test_only_what_the_call_asks_is_asked(case: Case, client: Client) -> None:
    eligibility = client.get(url(case, "eligibility")).content.decode()
    assert "專案核定" in eligibility
    assert "淨值" not in eligibility
    company = client.get(url(case, "company")).content.decode()
    assert "申請單位名稱" in company
    assert "公私立大學校院" in company
    assert "business_codes" not in company


def test_partners_are_saved_with_the_only_kind_there_is(case: Case, client: Client) -> None:
    page = client.get(url(case, "partners"))
    assert "partners-0-kind" not in page.content.decode()
    payload = Editor(Case.objects.get(pk=case.pk), "partners").payload()
    payload |= {"partners-0-heads": "7", "partners-0-bonus": "９０，０００", "version": 1}
    client.post(url(case, "partners"), payload)
    assert list(Partner.objects.values_list("kind", "heads", "bonus")) == [("company", 7, 90_000)]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("heads", "4", "至少 5 名"),
        ("bonus", "89999", "低於 90,000 元"),
        ("practice_months", "12", "不可全部"),
    ],
)
def test_a_finding_stands_at_its_row(case: Case, client: Client, name: str, value: str, words: str) -> None:
    payload = Editor(Case.objects.get(pk=case.pk), "partners").payload()
    client.post(url(case, "partners"), payload | {f"partners-0-{name}": value, "version": 1})
    assert words in client.get(url(case, "partners")).content.decode()


@pytest.mark.parametrize("bad", ["-1", "十", "1.5", "99999999999"])
def test_bad_input_is_kept_and_named(case: Case, client: Client, bad: str) -> None:
    payload = Editor(Case.objects.get(pk=case.pk), "partners").payload()
    answer = client.post(url(case, "partners"), payload | {"partners-0-heads": bad, "version": 1})
    assert answer.status_code == 422
    assert bad in answer.content.decode()
    assert Partner.objects.get().heads == 10


def test_pages_stay_within_twenty_queries_however_many_partners(
    case: Case, client: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20) as counted:
        client.get(url(case, "partners"))
    for number in range(20):
        Partner.objects.create(case=case, position=number + 1, **stage.partner_row(5, name=f"廠商{number}"))
    with django_assert_num_queries(len(counted)):
        assert client.get(url(case, "partners")).status_code == 200


def test_the_plan_book_tells_partners_and_heads(case: Case) -> None:
    facts = selectors.facts(case)
    cover = {pair.label: pair.value for pair in planbook.cover(case.terms.terms, facts)}
    assert cover["申請培訓員額"] == "10 名"
    assert cover["申請補助款"] == "10,500,000 元"
    titles = [chapter.title for chapter in letters.plan_context(case, facts).chapters]
    assert titles == [
        "申請單位的規模與實績", "甄選方式", "職務訓練", "實習訓練", "就業輔導", "合作單位",
        "培訓期間的福利與管理", "預期效益", "經費編列",
    ]  # fmt: skip


def test_a_complete_case_is_handed_in(case: Case) -> None:
    owner, now = factories._owner(case.organisation), clock.now()
    assert not [f for f in selectors.findings(case, now) if f.severity is Severity.ERROR]
    submission = submit(case=case, token=confirmation_token(case=case, now=now), actor=owner, now=now)
    assert submission.case.number == "RAISE-0001"
    assert submission.snapshot["partners"][0]["heads"] == 10
    kinds = set(case.letters.values_list("document__kind", flat=True))
    assert kinds == {"receipt", "plan", "self_check"}


def test_a_company_may_not_apply_without_approval() -> None:
    call = stage.call_of("raise")
    owner = personas.make_company()
    case = start_case(call=call, organisation=personas.acme(), actor=owner, now=clock.now())
    wrong = [f for f in selectors.findings(case, clock.now()) if f.rule == "RA1"]
    assert [f.where for f in wrong if "不在可申請的類別" in f.message] == ["eligibility.special_approval"]


def test_what_the_new_call_does_not_ask_is_not_copied(case: Case) -> None:
    other = factories.make_case(call=factories.make_call())
    call = stage.call_of("raise", code="raise-2")
    made, copied = copy_case(source=other, call=call, actor=personas.make_company(), now=clock.now())
    assert "課程、場域與講師" not in copied
    assert not made.courses.exists()


@pytest.mark.parametrize("name", stage.SCHEMES)
def test_the_public_pages_of_every_scheme(name: str, client: Client) -> None:
    call = stage.call_of(name, code=f"{name.replace('_', '-')}-2")
    for page in ("calls:detail", "calls:rules", "calls:self_check"):
        assert client.get(reverse(page, args=[call.slug])).status_code == 200


def test_the_self_check_of_heads(client: Client) -> None:
    answers = "applicant_kind=university&asked_heads=5&partner_bonus=90000&practice_months=6"
    page = client.get(f"{reverse('calls:self_check', args=['raise'])}?{answers}").content.decode()
    assert "5,250,000" in page


@pytest.mark.parametrize("name", ["recruit_112", "size_band"])
def test_a_table_asks_only_for_what_the_rules_judge(name: str) -> None:
    call = stage.call_of(name)
    owner = personas.make_company()
    case = start_case(call=call, organisation=personas.acme(), actor=owner, now=clock.now())
    heads = [column.label for column in Editor(case, "trainees").arrange([]).tables[0].columns]
    shown = {
        "recruit_112": ["姓名", "身分／性別", "學校／科系", "年級或職稱", "職務類別", "時數", "薪資", "勞保"],
        "size_band": ["姓名", "身分／性別", "年級或職稱"],
    }
    assert heads == shown[name]
    page = personas.client_for(owner).get(url(case, "trainees"))
    assert page.status_code == 200
    assert "trainees-0-kind" not in page.content.decode()
