"""What the notice promises once a case is over: results told (A2, A3), the contract (C1, C3), nothing returned (S3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Case, CaseOutcome
from applications.services import cases
from core.rocdate import TAIPEI
from documents.services import load_letter_templates
from review.services import outgoing
from tests import personas
from tests.factories import make_call, make_case, now
from tests.review.decision.builders import keep_record, open_with
from tests.review.decision.test_confirmation import adopt, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    load_letter_templates(now=now())
    return confirm(adopt(keep_record(open_with([90, 85, 60], call=make_call(envelope=1_000_000)))))


def letters(meeting, kind):
    wanted = [row.outcome.case_id for row in outgoing.letter_rows(meeting, kind)]
    batch = outgoing.issue_letters(
        meeting=meeting, kind=kind, cases=wanted, actor=personas.make_office(), now=now()
    )
    return list(batch.documents.all())


def test_A2_every_applicant_is_told_with_the_suggestions(meeting):
    told = letters(meeting, "approval") + letters(meeting, "rejection")
    assert {letter.reference for letter in told} == set(
        meeting.meeting_cases.values_list("case__number", flat=True)
    )
    for letter in told:
        texts = [line["text"] for line in letter.context["data"]["suggestions"]]
        assert texts == [f"請補充評量方式 {letter.reference}"]


def test_A3_the_approved_are_announced_and_nobody_else(meeting):
    numbers = {
        row["number"] for row in Client().get(reverse("results:json", args=["ipas-114"])).json()["results"]
    }
    assert numbers == set(Case.objects.filter(state="approved").values_list("number", flat=True)) != set()


def test_C1_the_letter_sets_the_period_to_sign(meeting):
    outcome = CaseOutcome.objects.filter(result="approved").first()
    days = outcome.case.terms.terms.settings.days_to_sign
    assert outcome.sign_by == now().astimezone(TAIPEI).date() + timedelta(days=days)
    assert letters(meeting, "approval")[0].context["data"]["sign_by"] == outcome.sign_by.isoformat()
    assert not CaseOutcome.objects.filter(result="rejected").exclude(sign_by=None).exists()


def test_C3_the_contract_lists_its_nine_papers(meeting):
    letters(meeting, "approval")
    annexes = letters(meeting, "contract")[0].context["data"]["annexes"]
    assert list(annexes) == [
        item.label for item in make_call().terms.contract_documents if item.key != "contract"
    ]
    assert len(annexes) == 8  # the nine of C3 without the contract itself


@pytest.mark.parametrize("state", ["submitted", "in_review"])
def test_S3_what_was_handed_in_stays_after_a_withdrawal(state):
    case = make_case(state=state)
    files = list(case.case_documents.values_list("file__sha256", flat=True))
    cases.withdraw(case=case, reason="公司調整", actor=personas.make_company(), now=now())
    case = Case.objects.get(pk=case.pk)
    assert case.state == "withdrawn"
    assert case.submissions.count() == 1
    assert list(case.case_documents.values_list("file__sha256", flat=True)) == files
