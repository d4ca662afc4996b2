"""From a scenario to a decision: adoption, minutes, confirmation, and what may never happen."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from applications.models import Case, CaseOutcome
from core.workflow import TransitionRefused
from documents.models import OfficialDocument
from programs.models import Call
from programs.services.budgets import set_promulgated
from review.models import Allocation, CriterionScore, DecisionMeeting, ScoreSheet
from review.selectors import decision as read
from review.services import confirmation, meetings, scenarios
from tests import personas
from tests.factories import make_call, now
from tests.races import at_once
from tests.review.decision.builders import keep_record, open_with, reviewed_cases

pytestmark = pytest.mark.django_db


def adopt(meeting, scenario=None, *, version=None, acknowledged=False, actor=None):
    scenario = scenario or meeting.scenarios.first()
    return confirmation.adopt(
        meeting=meeting,
        scenario=scenario,
        base_version=scenario.version if version is None else version,
        acknowledged=acknowledged,
        actor=actor or personas.make_office(),
        now=now(),
    )


def adopted(scores=(90, 85, 60), **kwargs):
    meeting = open_with(scores, **kwargs)
    return adopt(keep_record(meeting))


def confirm(meeting, actor=None):
    return confirmation.confirm(meeting=meeting, actor=actor or personas.make_supervisor(), now=now())


def give(meeting, number, **amounts):
    for account, amount in amounts.items():
        changed = Allocation.objects.filter(
            scenario=meeting.scenarios.first(), case__number=number, account=account
        ).update(amount=amount)
        assert changed == 1


def broken(meeting):
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        adopt(meeting)
    assert meeting.transitions.filter(action="adopt").count() == 0
    return [finding.rule for finding in caught.value.findings]


# ---- what prevents an adoption ------------------------------------------------------------------


def test_a_record_that_lacks_something_prevents_it():
    meeting = open_with([90])
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        adopt(meeting)
    assert "會議紀錄還沒有填「開會日期」。" in caught.value.reasons
    assert "會議紀錄還沒有填出席人員。" in caught.value.reasons


def test_B2_more_than_half_of_an_account_prevents_it():
    meeting = keep_record(open_with([90]))
    # The request itself is half of the account; with a smaller company share the limit falls below it.
    meeting.meeting_cases.get().asks.filter(account="equipment").update(total=199_999)
    assert broken(meeting) == ["B2"]
    give(meeting, "IPAS-114-0001", equipment=99_999)
    assert adopt(meeting).state == "adopted"


def test_B3_more_than_the_head_count_allows_prevents_it():
    meeting = keep_record(open_with([90], students=9))
    assert adopt(meeting).state == "adopted"
    meeting = confirmation.reconsider(meeting=meeting, reason="測試", actor=personas.make_office(), now=now())
    meeting.meeting_cases.update(cap=899_999)
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        adopt(meeting)
    assert [f.rule for f in caught.value.findings] == ["B3"]


def test_B4_one_company_above_its_cap_over_several_cases_prevents_it():
    meeting = keep_record(open_with([90, 85, 80], companies=1))
    board = read.board(meeting.scenarios.get())
    assert [row.amount for row in board.rows] == [900_000, 900_000, 700_000]
    give(meeting, "IPAS-114-0003", personnel=500_000, operations=200_001, equipment=0)
    assert broken(meeting) == ["B4"]


def test_B4_counts_what_the_company_was_granted_before():
    confirm(adopted((90, 85), companies=1, request=(700_000, 300_000, 0)))
    call = make_call()
    company = Case.objects.first().organisation
    reviewed_cases([88], first=50, request=(700_000, 300_000, 0))
    Case.objects.filter(number="IPAS-114-0050").update(organisation=company)
    second = meetings.open_meeting(call=call, name="第 2 次", actor=personas.make_office(), now=now())
    assert [row.amount for row in read.board(second.scenarios.get()).rows] == [500_000]
    keep_record(second)
    give(second, "IPAS-114-0050", personnel=500_001, operations=0, equipment=0)
    assert broken(second) == ["B4"]


def test_more_than_the_request_prevents_it():
    meeting = keep_record(open_with([90], request=(100_000, 100_000, 100_000)))
    give(meeting, "IPAS-114-0001", personnel=100_001)
    assert set(broken(meeting)) == {"A1", "B2"}


def test_A1_more_than_the_envelope_prevents_it():
    meeting = keep_record(open_with([90, 85], call=make_call(envelope=1_000_000)))
    give(meeting, "IPAS-114-0002", personnel=100_001, operations=0, equipment=0)
    assert broken(meeting) == ["A1"]
    give(meeting, "IPAS-114-0002", personnel=100_000)
    assert adopt(meeting).state == "adopted"


def test_a_grant_below_the_pass_mark_prevents_it():
    meeting = keep_record(open_with([90, 69]))
    give(meeting, "IPAS-114-0002", personnel=1)
    assert broken(meeting) == ["A1"]


def test_a_better_case_left_out_has_to_be_acknowledged():
    meeting = keep_record(open_with([90, 85]))
    give(meeting, "IPAS-114-0001", personnel=0, operations=0, equipment=0)
    with pytest.raises(confirmation.AdoptionRefused, match="討論紀要"):
        adopt(meeting)
    assert adopt(meeting, acknowledged=True).state == "adopted"


def test_scores_that_changed_since_prevent_it():
    meeting = keep_record(open_with([90]))
    ScoreSheet.objects.update(version=3)
    with pytest.raises(confirmation.AdoptionRefused, match="重新整理名單"):
        adopt(meeting)


def test_a_version_that_one_has_not_seen_prevents_it():
    meeting = keep_record(open_with([90]))
    with pytest.raises(scenarios.ScenarioConflict):
        adopt(meeting, version=0)


@pytest.mark.parametrize("who", ["supervisor", "auditor", "reviewer", "chair", "company", "administrator"])
def test_only_the_office_adopts(who):
    meeting = keep_record(open_with([90]))
    with pytest.raises(PermissionDenied):
        adopt(meeting, actor=personas.EVERYBODY[who]())


# ---- minutes, back and forth --------------------------------------------------------------------


def test_the_minutes_tell_what_was_decided(tmp_path, django_capture_on_commit_callbacks):
    meeting = keep_record(open_with([90, 85, 60], call=make_call(envelope=1_000_000)))
    with django_capture_on_commit_callbacks(execute=True):
        meeting = adopt(meeting)
    document = OfficialDocument.objects.get(pk=meeting.minutes_id)
    assert document.is_issued
    path = Path(tmp_path) / "minutes.pdf"
    with document.file.file.open() as stored:
        path.write_bytes(stored.read())
    text = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    flat = "".join(text.split())
    for words in (
        "第1次決審會議紀錄",
        "計畫辦公室第一會議室",
        "方召集人",
        "葉委員",
        "本次提會3案，依平均分數排序；及格分數70分，達及格分數者2案",
        "可分配1,000,000元",
        "第三案因經費用罄未能核列",
        "採用「依名次」：補助2案，合計1,000,000元（新臺幣壹佰萬元整），未獲補助1案",
        "IPAS-114-0001",
        "900,000",
    ):
        assert words in flat, words
    assert "專家0" not in flat


def test_adopting_again_changes_nothing():
    meeting = adopted()
    again = adopt(meeting)
    assert (again.state, again.minutes_id) == ("adopted", meeting.minutes_id)
    assert OfficialDocument.objects.filter(kind="minutes").count() == 1


def test_the_office_takes_it_back_and_the_supervisor_sends_it_back_with_a_reason():
    meeting = adopted()
    office, supervisor = personas.make_office(), personas.make_supervisor()
    with pytest.raises(ValidationError):
        confirmation.send_back(meeting=meeting, reason=" ", actor=supervisor, now=now())
    meeting = confirmation.send_back(meeting=meeting, reason="請再檢視第二案", actor=supervisor, now=now())
    assert (meeting.state, meeting.adopted) == ("preparing", None)
    meeting = confirmation.reconsider(meeting=adopt(meeting), reason="補充說明", actor=office, now=now())
    assert meeting.preparing
    assert [t.reason for t in meeting.transitions.filter(action__in=["send_back", "reconsider"])] == [
        "請再檢視第二案",
        "補充說明",
    ]


# ---- confirmation -------------------------------------------------------------------------------


def test_confirming_gives_every_case_its_outcome_and_publishes():
    meeting = confirm(adopted(call=make_call(envelope=1_000_000)))
    outcomes = list(CaseOutcome.objects.order_by("rank"))
    assert [(o.case.state, o.result, o.approved_total, o.average) for o in outcomes] == [
        ("approved", "approved", 900_000, Decimal(90)),
        ("approved", "approved", 100_000, Decimal(85)),
        ("rejected", "rejected", 0, Decimal(60)),
    ]
    assert [(a.account, a.requested, a.approved) for a in outcomes[0].awards.all()] == [
        ("personnel", 500_000, 500_000),
        ("operations", 300_000, 300_000),
        ("equipment", 100_000, 100_000),
    ]
    assert outcomes[0].sign_by is not None
    assert outcomes[2].sign_by is None
    assert meeting.state == "confirmed"
    assert Call.objects.get(pk=meeting.call_id).results_published_at is not None


def test_suggestions_are_the_experts_words_without_names():
    meeting = adopted()
    CriterionScore.objects.filter(criterion="R4").update(comment="單價請附估算依據")
    confirm(meeting)
    suggestions = CaseOutcome.objects.order_by("rank").first().suggestions
    assert suggestions == [
        {"criterion": "經費編列", "text": "單價請附估算依據"},
        {"criterion": "", "text": "請補充評量方式 IPAS-114-0001"},
    ]
    assert "小組參考" not in str(suggestions)
    assert "專家" not in str(suggestions)


@pytest.mark.parametrize("who", ["office", "auditor", "reviewer", "chair", "company", "administrator"])
def test_only_the_supervisor_confirms(who):
    meeting = adopted()
    with pytest.raises(PermissionDenied):
        confirm(meeting, actor=personas.EVERYBODY[who]())
    assert not CaseOutcome.objects.exists()


def test_nobody_confirms_their_own_proposal():
    both = personas.make_user("both@example.test", "雙重", roles=("office", "supervisor"))
    meeting = adopt(keep_record(open_with([90])), actor=both)
    with pytest.raises(PermissionDenied, match="另一位主管"):
        confirm(meeting, actor=both)


def test_a_member_of_an_applicant_company_does_not_confirm():
    meeting = adopted()
    member = personas.join(personas.make_supervisor(), Case.objects.first().organisation, "viewer")
    with pytest.raises(PermissionDenied, match="利益迴避"):
        confirm(meeting, actor=member)


def test_what_is_not_adopted_is_not_confirmed():
    with pytest.raises(TransitionRefused):
        confirm(open_with([90]))


def test_confirming_again_changes_nothing():
    meeting = confirm(adopted())
    assert confirm(meeting).confirmed_at == meeting.confirmed_at
    assert CaseOutcome.objects.count() == 3


def test_a_case_that_was_withdrawn_meanwhile_stops_the_confirmation():
    meeting = adopted()
    Case.objects.filter(number="IPAS-114-0002").update(state="withdrawn", closed_at=now())
    with pytest.raises(confirmation.AdoptionRefused, match="IPAS-114-0002"):
        confirm(meeting)
    assert not CaseOutcome.objects.exists()


def two_meetings(envelope):
    """Two adopted meetings of one call that together ask for more than there is."""
    call = make_call(envelope=envelope)
    found = []
    for number, first in enumerate((1, 20), 1):
        reviewed_cases([90], call=call, first=first)
        meeting = meetings.open_meeting(
            call=call, name=f"第 {number} 次", actor=personas.make_office(), now=now()
        )
        found.append(adopt(keep_record(meeting)))
    return found


def test_the_same_dollar_is_not_spent_twice():
    first, second = two_meetings(1_000_000)
    confirm(first)
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        confirm(second)
    assert [f.rule for f in caught.value.findings] == ["A1"]
    assert sum(CaseOutcome.objects.values_list("approved_total", flat=True)) == 900_000


def test_a_confirmed_meeting_still_shows_its_own_envelope():
    meeting = confirm(adopted(call=make_call(envelope=1_000_000)))
    meeting = DecisionMeeting.objects.get(pk=meeting.pk)
    board = read.board(meeting.adopted)
    assert (board.money.available, board.spent, board.errors) == (1_000_000, 1_000_000, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite database in memory has one connection")
def test_two_confirmations_at_once_never_exceed_the_envelope():
    first, second = two_meetings(1_000_000)
    supervisor = personas.make_supervisor()

    def run(meeting):
        try:
            confirmation.confirm(meeting=meeting, actor=supervisor, now=now())
        except confirmation.AdoptionRefused as refused:
            return refused.findings[0].rule
        return "confirmed"

    results = at_once(lambda: run(first), lambda: run(second))
    assert sorted(results) == ["A1", "confirmed"]
    assert sum(CaseOutcome.objects.values_list("approved_total", flat=True)) == 900_000


def test_before_the_national_budget_is_promulgated_nothing_is_confirmed():
    """114 註4: what follows on the review waits too."""
    meeting = adopted()
    set_promulgated(call=meeting.call, promulgated=False)
    with pytest.raises(confirmation.AdoptionRefused, match="總預算尚未公布"):
        confirm(meeting)
    assert not CaseOutcome.objects.exists()
    set_promulgated(call=meeting.call, promulgated=True)
    confirm(meeting)
    assert CaseOutcome.objects.exists()
