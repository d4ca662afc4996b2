"""Handing in: the window to the second, numbers without gaps, files read again, replays."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile

from applications import letters
from applications.enums import CaseState
from applications.models import Case, CaseLetter, Submission
from applications.services import submission as service
from applications.services.cases import withdraw
from applications.services.sections import save_section
from applications.services.windows import extend_case_window
from core.rocdate import TAIPEI, roc_datetime
from documents.models import OutgoingMail
from documents.services import FileDamaged
from programs.models import Call
from programs.services import extend_window
from tests import factories, personas

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def hand_in(case, user, now=None, began=None):
    now = now or factories.now()
    token = service.confirmation_token(case=case, now=began or now)
    return service.submit(case=case, token=token, actor=user, now=now)


def end_of(case):
    return Call.objects.get(pk=case.call_id).effective_closes_at


def test_a_submission_gives_number_time_snapshot_and_papers(company):
    case = factories.make_case()
    now = factories.now()
    submission = hand_in(case, company, now)
    case.refresh_from_db()
    assert case.number == "IPAS-114-0001"
    assert case.state == "submitted"
    assert case.submitted_at == case.received_at == now
    assert submission.snapshot["number"] == "IPAS-114-0001"
    assert submission.snapshot["submission"]["applied_on"] == now.date().isoformat()
    assert [f.item for f in submission.files.all()] == ["D4", "D6", "D7"]
    kinds = set(CaseLetter.objects.filter(case=case).values_list("document__kind", flat=True))
    assert kinds == {"plan", "self_check", "receipt"}
    assert submission.receipt.kind == "receipt"
    mail = OutgoingMail.objects.get(to="contact@example.test")
    assert "IPAS-114-0001" in mail.subject
    assert str(case.pk) in mail.body
    assert "400,000" not in mail.body


def test_the_receipt_lists_every_file_with_size_and_hash_and_the_data_itself(company):
    case = factories.make_case()
    submission = hand_in(case, company)
    listed = submission.receipt.context["data"]["files"]
    by_name = {row["name"]: row for row in listed}
    for document in case.case_documents.select_related("file"):
        row = by_name[document.file.original_name]
        assert (row["size"], row["sha256"]) == (document.file.size, document.file.sha256)
    data = letters.snapshot_bytes(Submission.objects.get(pk=submission.pk))
    assert by_name["IPAS-114-0001-1.json"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert by_name["IPAS-114-0001-1.json"]["size"] == len(data)


def test_the_same_confirmation_twice_makes_one_submission(company):
    case = factories.make_case()
    now = factories.now()
    token = service.confirmation_token(case=case, now=now)
    first = service.submit(case=case, token=token, actor=company, now=now)
    again = service.submit(case=case, token=token, actor=company, now=now + timedelta(hours=1))
    assert first.pk == again.pk
    assert Call.objects.get().next_case_number == 2
    assert CaseLetter.objects.count() == 3


def test_a_second_confirmation_page_cannot_hand_in_again(company):
    case = factories.make_case()
    now = factories.now()
    one = service.confirmation_token(case=case, now=now)
    two = service.confirmation_token(case=case, now=now + SECOND)
    service.submit(case=case, token=one, actor=company, now=now)
    with pytest.raises(PermissionDenied, match="不需要再送出"):
        service.submit(case=case, token=two, actor=company, now=now)


def test_a_forged_or_foreign_token_is_refused(company):
    case = factories.make_case()
    with pytest.raises(ValidationError, match="失效"):
        service.submit(case=case, token="x", actor=company, now=factories.now())
    other = factories.make_case(call=factories.make_call(slug="ipas-115"))
    token = service.confirmation_token(case=other, now=factories.now())
    with pytest.raises(ValidationError, match="另一件"):
        service.submit(case=case, token=token, actor=company, now=factories.now())


def test_S1_the_closing_second_itself_counts(company):
    case = factories.make_case()
    assert hand_in(case, company, end_of(case) + timedelta(microseconds=999_999))


def test_S1_one_second_later_is_too_late(company):
    case = factories.make_case()
    with pytest.raises(ValidationError, match="截止"):
        hand_in(case, company, end_of(case) + SECOND)
    case.refresh_from_db()
    assert case.number is None
    assert case.state == "draft"


def test_S1_what_began_in_time_is_not_lost_within_the_grace(company):
    case = factories.make_case()
    grace = timedelta(minutes=case.terms.terms.settings.grace_minutes)
    ends = end_of(case)
    submission = hand_in(case, company, ends + grace + timedelta(microseconds=999_999), began=ends)
    case.refresh_from_db()
    assert case.received_at == ends  # the moment at which it began
    assert submission.at > ends


def test_S1_the_receipt_says_which_moment_counts(company):
    case = factories.make_case()
    ends = end_of(case)
    submission = hand_in(case, company, ends + timedelta(minutes=5), began=ends)
    data = submission.receipt.context["data"]
    assert data["received"] == roc_datetime(ends)
    assert data["submitted_at"] == (ends + timedelta(minutes=5)).astimezone(TAIPEI).isoformat()
    assert roc_datetime(ends) in OutgoingMail.objects.get(to="contact@example.test").body


def test_S1_the_grace_is_not_for_work_done_after_the_end(company):
    case = factories.make_case()
    ends = end_of(case)
    token = service.confirmation_token(case=case, now=ends)
    content = factories.contents(case.call)["plan"]
    content["fields"]["goals"] = "截止後才想到的目標"
    later = ends + timedelta(minutes=3)
    save_section(case=case, section="plan", cleaned=content, base_version=1, actor=company, now=later)
    with pytest.raises(ValidationError, match="寬限"):
        service.submit(case=case, token=token, actor=company, now=later + SECOND)
    case.refresh_from_db()
    assert case.state == "draft"


def test_S1_changes_behind_the_confirmation_page_count_while_the_window_is_open(company):
    case = factories.make_case()
    now = factories.now()
    token = service.confirmation_token(case=case, now=now)
    content = factories.contents(case.call)["plan"]
    content["fields"]["goals"] = "還在期間內的修改"
    save_section(case=case, section="plan", cleaned=content, base_version=1, actor=company, now=now + SECOND)
    assert service.submit(case=case, token=token, actor=company, now=now + 2 * SECOND)


def test_S1_the_grace_ends_as_well(company):
    case = factories.make_case()
    grace = timedelta(minutes=case.terms.terms.settings.grace_minutes)
    with pytest.raises(ValidationError, match="截止"):
        hand_in(case, company, end_of(case) + grace + SECOND, began=end_of(case))


def test_S1_not_before_the_window_opens(company):
    case = factories.make_case()
    opens = case.call.opens_at
    with pytest.raises(ValidationError, match="開始"):
        hand_in(case, company, opens - SECOND)
    assert hand_in(case, company, opens)


def test_S1_an_extension_for_everybody_counts(company, office):
    case = factories.make_case()
    ends = end_of(case)
    extend_window(
        call=case.call, closes_at=ends + timedelta(days=1), reason="颱風", actor=office, now=factories.now()
    )
    assert hand_in(case, company, ends + timedelta(hours=3))


def test_S1_an_extension_for_one_case_is_for_it_alone(company, office, outsider):
    case = factories.make_case()
    other = factories.make_case(organisation=personas.rival())
    ends = end_of(case)
    extend_case_window(
        case=case, closes_at=ends + timedelta(days=1), reason="系統中斷", actor=office, now=factories.now()
    )
    later = ends + timedelta(hours=3)
    assert hand_in(Case.objects.get(pk=case.pk), company, later)
    with pytest.raises(ValidationError, match="截止"):
        hand_in(other, outsider, later)


def test_numbers_have_no_gap_when_one_fails_in_between(company, monkeypatch):
    call = factories.make_call()
    first = hand_in(factories.make_case(call=call), company)
    second, third = factories.make_case(call=call), factories.make_case(call=call, subsidy=100_000)

    def broken(**kwargs):
        raise RuntimeError("the printer is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(letters, "request_submission_papers", broken)
        with pytest.raises(RuntimeError):
            hand_in(second, company)
    second.refresh_from_db()
    assert second.state == "draft"
    assert hand_in(third, company).case.number == "IPAS-114-0002"
    assert first.case.number == "IPAS-114-0001"
    assert hand_in(second, company).case.number == "IPAS-114-0003"


def test_a_damaged_file_stops_the_submission(company):
    case = factories.make_case()
    stored = case.case_documents.get(item="D6").file
    stored.file.storage.delete(stored.file.name)
    stored.file.storage.save(stored.file.name, ContentFile(b"something else"))
    with pytest.raises(FileDamaged, match=r"D6\.pdf"):
        hand_in(case, company)
    case.refresh_from_db()
    assert case.state == "draft"
    assert case.number is None


def test_findings_stop_a_submission(company):
    case = factories.make_case(documents=False)
    with pytest.raises(service.SubmissionRefused) as refused:
        hand_in(case, company)
    assert {f.rule for f in refused.value.findings} == {"D4", "D6", "D7"}


def test_a_replaced_file_is_not_handed_in(company):
    from applications.services.files import replace_document

    case = factories.make_case()
    old = case.case_documents.get(item="D4")
    replace_document(
        document=old,
        upload=factories.pdf_upload("新證明.pdf", "newer"),
        actor=company,
        now=factories.now(),
    )
    submission = hand_in(case, company)
    assert [f.name for f in submission.files.filter(item="D4")] == ["新證明.pdf"]


@pytest.mark.parametrize("who", ["viewer", "outsider", "office"])
def test_only_writers_of_the_company_hand_in(who, company):
    case = factories.make_case()
    with pytest.raises(PermissionDenied):
        hand_in(case, personas.EVERYBODY[who]())


def test_a_supplement_opens_only_what_was_asked_and_gives_a_second_receipt(company, office):
    case = factories.make_case()
    hand_in(case, company)
    notice = _notice(case, office, "plan")
    case = Case.objects.get(pk=case.pk)
    content = factories.contents(case.call)
    with pytest.raises(PermissionDenied):
        save_section(
            case=case,
            section="budget",
            cleaned=content["budget"],
            base_version=1,
            actor=company,
            now=factories.now(),
        )
    content["plan"]["fields"]["goals"] = "補充後的目標"
    save_section(
        case=case, section="plan", cleaned=content["plan"], base_version=1, actor=company, now=factories.now()
    )
    second = hand_in(Case.objects.get(pk=case.pk), company)
    case.refresh_from_db()
    notice.refresh_from_db()
    assert (case.state, notice.state) == ("submitted", "answered")
    assert second.sequence == 2
    assert second.receipt.context["data"]["version"] == 2
    assert case.number == "IPAS-114-0001"
    first = case.submissions.get(sequence=1)
    assert first.snapshot["plan"]["goals"] != second.snapshot["plan"]["goals"] == "補充後的目標"
    assert first.snapshot["budget"] == second.snapshot["budget"]


def _notice(case, office, *wheres):
    from applications.services.supplements import Asked, request_supplement

    return request_supplement(
        case=Case.objects.get(pk=case.pk),
        items=[Asked(where, "Q1", "請補正。") for where in wheres],
        note="",
        actor=office,
        now=factories.now(),
    )


def test_Q2_the_last_day_counts_to_midnight_and_what_began_then_within_the_grace(company, office):
    from datetime import datetime, time

    from core.rocdate import TAIPEI

    case = factories.make_case()
    hand_in(case, company)
    notice = _notice(case, office, "plan")
    case = Case.objects.get(pk=case.pk)
    midnight = datetime.combine(notice.due_on + timedelta(days=1), time(), TAIPEI)
    grace = service.grace(case)
    ask = {"supplement": notice, "grace": grace}
    assert service.in_supplement_time(began=midnight - SECOND, now=midnight - SECOND, **ask)
    assert service.in_supplement_time(began=midnight - SECOND, now=midnight + grace - SECOND, **ask)
    assert not service.in_supplement_time(began=midnight - SECOND, now=midnight + grace, **ask)
    assert not service.in_supplement_time(began=midnight, now=midnight, **ask)
    with pytest.raises(ValidationError, match="補件期限"):
        hand_in(case, company, midnight)
    Case.objects.filter(pk=case.pk).update(updated_at=midnight + SECOND)
    with pytest.raises(ValidationError, match="寬限"):
        hand_in(case, company, midnight + 2 * SECOND, began=midnight - SECOND)
    Case.objects.filter(pk=case.pk).update(updated_at=midnight - 2 * SECOND)
    assert hand_in(case, company, midnight + 2 * SECOND, began=midnight - SECOND)


def test_an_old_confirmation_page_cannot_answer_a_supplement(company, office):
    case = factories.make_case()
    now = factories.now()
    stale = service.confirmation_token(case=case, now=now)
    hand_in(case, company, now + SECOND)
    _notice(case, office, "plan")
    with pytest.raises(ValidationError, match="上一次"):
        service.submit(case=case, token=stale, actor=company, now=now)


@pytest.mark.parametrize(
    "state", ["draft", "submitted", "supplementing", "qualified", "in_review", "reviewed"]
)
def test_withdrawing_is_possible_until_the_decision(state, company):
    case = factories.make_case(state=state)
    if state == "supplementing":
        factories.open_supplement(case, "plan")
    gone = withdraw(case=case, reason="不辦了", actor=company, now=factories.now())
    assert gone.state == "withdrawn"
    assert gone.closed_at
    assert gone.transitions.last().reason == "不辦了"
    assert not gone.supplements.filter(state="open").exists()
    assert withdraw(case=case, reason="再一次", actor=company, now=factories.now()).pk == case.pk


@pytest.mark.parametrize("state", ["approved", "rejected", "returned"])
def test_after_the_decision_there_is_nothing_to_withdraw(state, company):
    from core.workflow import TransitionRefused

    case = factories.make_case(state=state)
    with pytest.raises(TransitionRefused):
        withdraw(case=case, reason="不辦了", actor=company, now=factories.now())


def test_withdrawing_needs_a_reason_and_a_writer(company, viewer):
    case = factories.make_case()
    with pytest.raises(ValidationError):
        withdraw(case=case, reason="  ", actor=company, now=factories.now())
    with pytest.raises(PermissionDenied):
        withdraw(case=case, reason="不辦了", actor=viewer, now=factories.now())


def test_the_number_of_a_call_with_the_longest_address_fits():
    call = factories.make_call(slug="c" * 50)
    case = factories.make_case(call=call, state=CaseState.SUBMITTED)
    assert case.number == f"{'C' * 50}-0001"
