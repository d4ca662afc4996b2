"""Verdicts and the three decisions (Q1, Q2, Q3)."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from applications.enums import CaseState
from applications.models import Case, CaseLetter, Supplement
from core.findings import Severity
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents.models import OfficialDocument, OutgoingMail
from review.enums import CheckState, Verdict
from review.models import QualificationCheck, QualificationItem
from review.services import qualification as service
from review.services.qualification import CheckChanged, VerdictConflict
from tests import factories, personas
from tests.review.qualification.support import (
    answer,
    ask_for,
    fresh,
    look,
    pass_all,
    say,
)


def letters_of(case: Case, kind: str) -> list[OfficialDocument]:
    return [
        row.document
        for row in CaseLetter.objects.filter(case=case, document__kind=kind).select_related("document")
    ]


def test_Q1_every_eligibility_rule_and_every_document_is_on_the_list(case: Case) -> None:
    items = {item.code: item.line for item in look(case).items}
    assert set(items) == {"E1", "E2", "E3", "E3a", "E3b", "E4", "E4a", *(f"D{n}" for n in range(1, 9))}
    assert not items["E3b"].needed
    assert not items["E4a"].needed
    assert {code for code, line in items.items() if line.needed} == {
        "E1", "E2", "E3", "E3a", "E4", "D1", "D2", "D4", "D6", "D7",
    }  # fmt: skip
    assert items["E4"].documents == ("D4",)


def test_everything_passes_then_the_case_is_qualified(case: Case, office: User) -> None:
    version = pass_all(case, office)
    assert look(case).tally.decision == "qualify"
    service.qualify(case=case, version=version, actor=office, now=factories.now())
    assert fresh(case).state == CaseState.QUALIFIED
    check = QualificationCheck.objects.get(case=case)
    assert (check.state, check.officer) == (CheckState.DECIDED, office)


@pytest.mark.parametrize("verdict", [Verdict.SUPPLEMENT, Verdict.FAIL])
def test_a_verdict_against_needs_a_reason(case: Case, office: User, verdict: str) -> None:
    with pytest.raises(ValidationError, match="理由"):
        say(case, office, "D6", verdict, "  ")
    assert not QualificationItem.objects.exists()


def test_a_supplement_of_a_rule_needs_a_place_to_open(case: Case, office: User) -> None:
    with pytest.raises(ValidationError, match="開放修改"):
        say(case, office, "E4", "supplement", "請更正", opens=())
    with pytest.raises(ValidationError, match="開放修改"):
        say(case, office, "E4", "supplement", "請更正", opens=("budget",))
    assert say(case, office, "E4", "supplement", "請更正", opens=("company", "budget")).opens == ["company"]


def test_unknown_items_and_verdicts_are_refused(case: Case, office: User) -> None:
    with pytest.raises(ValidationError):
        say(case, office, "D4", "maybe")
    judgement = service.Judgement("Z9", "pass")
    with pytest.raises(ValidationError, match="沒有這個查核項目"):
        service.judge(case=case, judgement=judgement, actor=office, now=factories.now())


def test_no_decision_while_a_verdict_is_missing(case: Case, office: User) -> None:
    version = pass_all(case, office, but=("D7",))
    for decide in (service.qualify, service.send_return):
        with pytest.raises(ValidationError, match="還有 1 項"):
            decide(case=case, version=version, actor=office, now=factories.now())
    assert fresh(case).state == CaseState.SUBMITTED


def test_no_decision_against_the_verdicts(case: Case, office: User) -> None:
    pass_all(case, office, but=("D7",))
    say(case, office, "D7", "supplement", "請用印")
    version = look(case).version
    for decide in (service.qualify, service.send_return):
        with pytest.raises(ValidationError, match="通知補件"):
            decide(case=case, version=version, actor=office, now=factories.now())
    say(case, office, "E2", "fail", "是拒絕往來戶")
    with pytest.raises(ValidationError, match="退件"):
        service.send_supplement(
            case=case, version=look(case).version, note="", actor=office, now=factories.now()
        )


def test_Q2_a_supplement_opens_what_was_asked_and_sends_letter_and_mail(case: Case, office: User) -> None:
    pass_all(case, office, but=("D6", "E3a"))
    say(case, office, "D6", "supplement", "缺會計師簽章頁")
    say(case, office, "E3a", "supplement", "請改附個體報告", opens=("documents.D6", "eligibility"))
    OutgoingMail.objects.all().delete()
    sent = service.send_supplement(
        case=case, version=look(case).version, note="謝謝", actor=office, now=factories.now()
    )
    assert fresh(case).state == CaseState.SUPPLEMENTING
    assert {(i.where, i.rule) for i in sent.items.all()} == {
        ("documents.D6", "D6"),
        ("documents.D6", "E3a"),
        ("eligibility", "E3a"),
    }
    [letter] = letters_of(case, "supplement")
    assert sent.notice == letter
    assert letter.series == "產推"
    assert letter.number
    assert "缺會計師簽章頁" in str(letter.context)
    mails = {mail.to: mail for mail in OutgoingMail.objects.all()}
    assert set(mails) == {"contact@example.test", "company@example.test"}
    assert all(case.number in mail.subject and "會計師" not in mail.body for mail in mails.values())


def test_Q3_a_return_names_its_reasons_and_ends_the_case(case: Case, office: User) -> None:
    pass_all(case, office, but=("E2", "D7"))
    say(case, office, "D7", "supplement", "請用印")
    say(case, office, "E2", "fail", "票據交換所查有拒絕往來紀錄")
    service.send_return(case=case, version=look(case).version, actor=office, now=factories.now())
    returned = fresh(case)
    assert returned.state == CaseState.RETURNED
    assert returned.closed_at is not None
    [letter] = letters_of(case, "return")
    reasons = letter.context["data"]["reasons"]
    assert [r["rule"] for r in reasons] == ["E2"]
    assert reasons[0]["text"] == "票據交換所查有拒絕往來紀錄"
    assert "票據交換所" in case.transitions.get(action="return").reason


def test_decisions_may_be_replayed(case: Case, office: User) -> None:
    ask_for(case, office, "D6")
    version = look(case).version
    again = service.send_supplement(case=case, version=version, note="", actor=office, now=factories.now())
    assert Supplement.objects.count() == 1
    assert again.pk == Supplement.objects.get().pk
    assert len(letters_of(case, "supplement")) == 1


def test_qualify_and_return_may_be_replayed(case: Case, office: User) -> None:
    version = pass_all(case, office)
    for _ in range(2):
        service.qualify(case=case, version=version, actor=office, now=factories.now())
    assert case.transitions.filter(action="qualify").count() == 1
    other = _returned(office)
    service.send_return(case=other, version=0, actor=office, now=factories.now())
    assert len(letters_of(other, "return")) == 1


def _returned(office: User) -> Case:
    from tests.review.qualification.support import handed_in

    other = handed_in(organisation=personas.rival())
    pass_all(other, office, but=("E2",))
    say(other, office, "E2", "fail", "拒絕往來")
    service.send_return(case=other, version=look(other).version, actor=office, now=factories.now())
    return other


def test_a_page_opened_before_a_change_does_not_decide(
    case: Case, office: User, second_officer: User
) -> None:
    version = pass_all(case, office)
    say(case, second_officer, "D7", "supplement", "請用印")
    with pytest.raises(CheckChanged):
        service.qualify(case=case, version=version, actor=office, now=factories.now())
    assert fresh(case).state == CaseState.SUBMITTED


def test_two_officers_on_the_same_item_are_told(case: Case, office: User, second_officer: User) -> None:
    seen = look(case).item("D6").version
    say(case, second_officer, "D6", "fail", "不是這家公司的報告")
    with pytest.raises(VerdictConflict) as told:
        say(case, office, "D6", "pass", base=seen)
    assert (told.value.item.verdict, told.value.item.judged_by) == ("fail", second_officer)
    assert look(case).item("D6").value == "fail"


def test_two_officers_on_different_items_do_not_disturb_each_other(
    case: Case, office: User, second_officer: User
) -> None:
    say(case, second_officer, "D6", "pass", base=0)
    say(case, office, "D7", "pass", base=0)
    say(case, office, "D6", "pass", base=0)  # the same verdict is no conflict
    assert look(case).tally.passed == 2


def test_nobody_decides_on_a_case_of_their_own_organisation(case: Case) -> None:
    member = personas.join(
        personas.make_user("both@example.test", "兼任", roles=("office",)), personas.acme(), "viewer"
    )
    for act in (
        lambda: say(case, member, "E1", "pass"),
        lambda: service.qualify(case=case, version=0, actor=member, now=factories.now()),
        lambda: service.send_supplement(case=case, version=0, note="", actor=member, now=factories.now()),
        lambda: service.send_return(case=case, version=0, actor=member, now=factories.now()),
        lambda: service.take_over(case=case, actor=member, now=factories.now()),
    ):
        with pytest.raises(PermissionDenied, match="利益迴避"):
            act()


@pytest.mark.parametrize("who", ["company", "reviewer", "chair", "supervisor", "auditor", "administrator"])
def test_only_the_office_judges(case: Case, who: str) -> None:
    with pytest.raises(PermissionDenied):
        say(case, personas.EVERYBODY[who](), "E1", "pass")


def test_no_verdict_outside_the_check(case: Case, office: User) -> None:
    version = pass_all(case, office)
    service.qualify(case=case, version=version, actor=office, now=factories.now())
    with pytest.raises(TransitionRefused):
        say(case, office, "D6", "fail", "太晚了")
    with pytest.raises(TransitionRefused):
        service.send_return(case=case, version=version, actor=office, now=factories.now())


def test_after_a_supplement_only_what_was_touched_is_judged_again(case: Case, office: User) -> None:
    ask_for(case, office, "D6")
    factories.make_document(case, "D6", name="新報告.pdf", content=factories.pdf_bytes("new"))
    answer(case)
    present = look(case)
    assert {i.code for i in present.items if i.line.needed and i.verdict is None} == {"D6", "E3", "E3a"}
    assert present.item("D6").asked == ["請重新上傳清楚的掃描檔。"]
    assert present.item("D6").earlier is not None
    assert present.item("D4").value == "pass"
    version = pass_all(case, office)
    service.qualify(case=fresh(case), version=version, actor=office, now=factories.now())
    assert QualificationItem.objects.filter(code="D6").count() == 2
    check = QualificationCheck.objects.get(case=case)
    assert [t.action for t in check.transitions.all()] == ["decide", "reopen", "decide"]


def test_a_second_supplement_after_the_first(case: Case, office: User) -> None:
    ask_for(case, office, "D6")
    answer(case)
    second = ask_for(case, office, "D6", "D7")
    assert second.sequence == 2
    assert len(letters_of(case, "supplement")) == 2


def test_while_a_company_mends_the_office_sees_what_was_handed_in(case: Case, office: User) -> None:
    ask_for(case, office, "D6")
    added = factories.make_document(case, "D6", name="未送出.pdf", content=factories.pdf_bytes("draft"))
    names = [f["name"] for f in look(case).item("D6").files]
    assert names == ["D6.pdf"]
    from django.http import Http404

    from review.selectors.qualification import file_of_case

    with pytest.raises(Http404):
        file_of_case(case, added.file_id)


def test_S2_paper_posted_on_the_first_day_is_not_early_for_the_office(case: Case) -> None:
    opens = case.call.opens_at.astimezone(TAIPEI)
    snapshot = case.submissions.get()
    snapshot.snapshot["submission"]["applied_on"] = opens.date().isoformat()
    snapshot.save(update_fields=["snapshot"])
    start_of_day = datetime.combine(opens.date(), time(), TAIPEI)  # what S2 gives a postmark
    Case.objects.filter(pk=case.pk).update(
        channel="registered_post", posted_on=opens.date(), received_at=start_of_day
    )
    found = [f for f in look(case).findings if f.rule == "S1"]
    assert [f.severity for f in found] == [Severity.OK]
