"""A supplement that breaks a rule elsewhere opens that place too, so that it can be answered rightly (Q2, B3)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications import permissions
from applications.models import Case, SupplementItem
from applications.services import submission as service
from applications.services.sections import save_section
from review.letters import reasons_of_expiry
from tests import factories, personas

pytestmark = pytest.mark.django_db


def asked_for_trainees():
    """A case in order (400,000 of at most 520,000) whose list of trainees alone is asked for."""
    case = factories.make_case(state="supplementing")
    factories.open_supplement(case, "trainees")
    return case


def save(case, section, content, user, **changes):
    version = case.section_states.get(section=section).version
    return save_section(
        case=Case.objects.get(pk=case.pk),
        section=section,
        cleaned=content,
        base_version=version,
        actor=user,
        now=factories.now(),
    )


def three_students(case):
    return {"fields": {}, "rows": [factories.student(n) for n in (1, 2, 3)]}


def opened(case, user):
    return permissions.editable_sections(user, Case.objects.get(pk=case.pk), factories.now())


def hand_in(case, user):
    case, now = Case.objects.get(pk=case.pk), factories.now()
    token = service.confirmation_token(case=case, now=now)
    return service.submit(case=case, token=token, actor=user, now=now)


def test_fewer_trainees_open_the_budget_and_the_answer_waits_until_it_fits(company):
    case = asked_for_trainees()
    assert opened(case, company) == {"trainees"}
    save(case, "trainees", three_students(case), company)
    item = SupplementItem.objects.get(follows=True)
    assert (item.where, item.rule) == ("budget", "B3")
    assert "300,000" in item.reason
    assert opened(case, company) == {"trainees", "budget"}
    with pytest.raises(service.SubmissionRefused) as refused:
        hand_in(case, company)
    assert {f.rule for f in refused.value.findings} == {"B3"}
    save(case, "budget", factories.contents(case.call, subsidy=300_000)["budget"], company)
    assert opened(case, company) == {"trainees", "budget"}, "what was changed stays open"
    assert hand_in(case, company).kind == "supplement"


def test_what_holds_again_closes_again(company):
    case = asked_for_trainees()
    save(case, "trainees", three_students(case), company)
    save(case, "trainees", factories.contents(case.call)["trainees"], company)
    assert opened(case, company) == {"trainees"}
    assert not SupplementItem.objects.filter(follows=True).exists()


def test_what_was_wrong_before_is_for_the_office_to_ask(company):
    case = factories.make_case()
    case.budget_lines.filter(account="personnel").update(subsidy=1_900_000)
    case = factories.advance(case, "supplementing")
    factories.open_supplement(case, "trainees")
    save(case, "trainees", three_students(case), company)
    assert opened(case, company) == {"trainees"}


def test_a_document_that_an_answer_makes_necessary_opens_alone(company):
    case = factories.make_case(state="supplementing")
    factories.open_supplement(case, "eligibility")
    content = factories.contents(case.call)["eligibility"]
    content["fields"]["public_servant_related"] = True
    save(case, "eligibility", content, company)
    fresh = Case.objects.get(pk=case.pk)
    assert permissions.editable_documents(company, fresh, factories.now()) == {"D8"}


def test_the_page_says_what_follows_and_leads_there_and_no_letter_reproaches_it(company):
    case = asked_for_trainees()
    save(case, "trainees", three_students(case), company)
    client = personas.client_for(company)
    page = client.get(reverse("cases:section", args=[case.pk, "trainees"])).content.decode()
    assert "「經費編列」已一併開放修改" in page
    assert reverse("cases:section", args=[case.pk, "budget"]) in page
    listed = client.get(reverse("cases:supplement", args=[case.pk])).content.decode()
    assert "這裡也要跟著調整" in listed
    notice = case.supplements.select_related("case__terms").get()
    assert [r.rule for r in reasons_of_expiry(notice)] == ["Q1"]
