"""Approval and rejection letters and contracts after the confirmation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.models import Case, CaseLetter
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents.models import OfficialDocument, OutgoingMail
from documents.services import load_letter_templates
from review.services import outgoing
from tests import personas
from tests.factories import make_call, now
from tests.review.decision.builders import keep_record, open_with
from tests.review.decision.test_confirmation import adopt, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(db):
    load_letter_templates(now=now())
    opened = open_with([90, 85, 60], call=make_call(envelope=1_000_000))
    return confirm(adopt(keep_record(opened)))


def issue(meeting, kind, cases=None, actor=None):
    cases = cases or [row.outcome.case_id for row in outgoing.letter_rows(meeting, kind)]
    return outgoing.issue_letters(
        meeting=meeting, kind=kind, cases=cases, actor=actor or personas.make_office(), now=now()
    )


def test_approvals_go_to_the_approved_with_amounts_and_suggestions(meeting):
    batch = issue(meeting, "approval")
    documents = list(batch.documents.order_by("batch_position"))
    assert [d.reference for d in documents] == ["IPAS-114-0001", "IPAS-114-0002"]
    data = documents[1].context["data"]
    assert [(a["account"], a["subsidy"], a["own_share"]) for a in data["amounts"]] == [
        ("人事費", 55_556, 500_000),
        ("業務費", 33_333, 300_000),
        ("設備使用費及維護費", 11_111, 100_000),
    ]
    assert data["suggestions"] == [{"text": "請補充評量方式 IPAS-114-0002", "criterion": ""}]
    assert CaseLetter.objects.filter(document__in=documents, for_applicant=True).count() == 2
    assert "新臺幣壹拾萬元整" in documents[1].subject


def test_C1_the_signing_period_runs_from_the_day_of_the_letter(meeting):
    rows = outgoing.letter_rows(meeting, "approval")
    later = now() + timedelta(days=30)  # the period counted from the decision would be over
    context, _ = outgoing.preview(meeting=meeting, kind="approval", case=rows[0].outcome.case_id, now=later)
    batch = outgoing.issue_letters(
        meeting=meeting,
        kind="approval",
        cases=[row.outcome.case_id for row in rows],
        actor=personas.make_office(),
        now=later,
    )
    wanted = later.astimezone(TAIPEI).date() + timedelta(days=meeting.call.terms.settings.days_to_sign)
    assert context.sign_by == wanted
    for document in batch.documents.all():
        assert document.context["data"]["sign_by"] == wanted.isoformat()
    outcomes = [row.outcome for row in outgoing.letter_rows(meeting, "approval")]
    assert {outcome.sign_by for outcome in outcomes} == {wanted}


def test_rejections_go_to_the_others_with_a_reason(meeting):
    (document,) = issue(meeting, "rejection").documents.all()
    assert document.reference == "IPAS-114-0003"
    assert "未達及格分數 70 分" in document.context["data"]["reasons"][0]["text"]


def test_a_mark_that_only_rounding_reaches_is_still_the_reason(meeting):
    row = meeting.meeting_cases.get(passed=False)
    row.case.outcome.average = 70  # 69.997, as it is stored and shown
    row.case.outcome.save(update_fields=["average"])
    (document,) = issue(meeting, "rejection").documents.all()
    assert "未達及格分數 70 分" in document.context["data"]["reasons"][0]["text"]


def test_a_contract_waits_for_the_approval_and_names_it(meeting):
    with pytest.raises(ValidationError, match="核定補助函"):
        issue(meeting, "contract")
    issue(meeting, "approval")
    documents = issue(meeting, "contract").documents.order_by("batch_position")
    approval = OfficialDocument.objects.get(kind="approval", reference="IPAS-114-0001")
    contract = documents[0]
    assert contract.context["data"]["approval_number"] == approval.full_number
    assert len(contract.context["data"]["annexes"]) == 8  # the contract is not its own annex
    assert [a.source_id for a in contract.attachments.all()] == [approval.pk]


def test_issuing_again_makes_no_second_letter(meeting):
    first = issue(meeting, "approval")
    assert issue(meeting, "approval").pk == first.pk
    assert OfficialDocument.objects.filter(kind="approval").count() == 2


def test_the_rest_is_issued_later(meeting):
    cases = list(Case.objects.filter(state="approved").order_by("number").values_list("pk", flat=True))
    issue(meeting, "approval", cases[:1])
    assert [d.reference for d in issue(meeting, "approval", cases).documents.all()] == ["IPAS-114-0002"]
    assert outgoing.letter_counts(meeting) == {"approval": (2, 2), "rejection": (0, 1), "contract": (0, 2)}


def test_nothing_is_issued_before_the_confirmation():
    opened = adopt(keep_record(open_with([90])))
    with pytest.raises(TransitionRefused):
        issue(opened, "approval", ["x"])


@pytest.mark.parametrize("who", ["supervisor", "auditor", "reviewer", "company"])
def test_only_the_office_issues(meeting, who):
    with pytest.raises(PermissionDenied):
        issue(meeting, "approval", actor=personas.EVERYBODY[who]())


def test_the_mail_comes_with_the_issued_letter_and_tells_nothing_of_it(
    meeting, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        issue(meeting, "rejection")
    document = OfficialDocument.objects.get(kind="rejection")
    assert document.is_issued
    mail = OutgoingMail.objects.get(once_key=f"letter:{document.pk}")
    assert mail.to == "c3@example.test"
    assert mail.subject == "IPAS-114-0003：有一份公文請您登入查收"
    assert "未獲補助" not in mail.body
    assert "分" not in mail.body.replace("一份", "")


def test_the_company_reads_its_own_letter_and_nobody_elses(meeting):
    from documents.access import may_read

    issue(meeting, "approval")
    document = OfficialDocument.objects.get(kind="approval", reference="IPAS-114-0001")
    owner = personas.join(
        personas.make_newcomer(), Case.objects.get(number="IPAS-114-0001").organisation, "owner"
    )
    assert may_read(owner, document)
    assert not may_read(personas.make_outsider(), document)
