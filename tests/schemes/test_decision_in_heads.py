"""RAISE from the ranked list to letters and back: heads allocated, reserved, given back and filled up (RA5, RA8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.enums import CaseState
from applications.models import AwardChange, Case, CaseOutcome
from applications.services.outcome import give_back
from core import clock
from core.workflow import TransitionRefused
from documents.services import load_letter_templates
from documents.services.templates import resolve_wording
from programs import feeds
from programs.models import Call
from review.models import DecisionMeeting
from review.selectors import decision as read
from review.services import confirmation, meetings, outgoing
from tests import personas
from tests.review.decision.builders import keep_record
from tests.review.decision.test_confirmation import adopt, confirm
from tests.schemes import stage

pytestmark = pytest.mark.django_db
# (score, heads asked for, heads recommended): 24 are recommended to those that passed, 20 are there.
ROWS = [(95, 10, 9), (90, 8, 8), (85, 6, 6), (80, 5, 5), (60, 5, 5)]


@pytest.fixture
def call(db: None) -> Call:
    load_letter_templates(now=clock.now())
    return stage.call_of("raise", envelope=20)


@pytest.fixture
def meeting(call: Call) -> DecisionMeeting:
    stage.reviewed(call, ROWS)
    return meetings.open_meeting(call=call, name="複審會議", actor=personas.make_office(), now=clock.now())


@pytest.fixture
def decided(meeting: DecisionMeeting) -> DecisionMeeting:
    return confirm(adopt(keep_record(meeting)))


def outcome(number: int) -> CaseOutcome:
    return CaseOutcome.objects.select_related("case").get(case__number=f"RAISE-{number:04d}")


def heads(meeting: DecisionMeeting) -> list[int]:
    return [row.amount for row in read.board(meeting.scenarios.first()).rows]  # type: ignore[arg-type]


def back(number: int, amount: int, reason: str = "未能足額錄取", actor: Any = None) -> CaseOutcome:
    case = Case.objects.get(number=f"RAISE-{number:04d}")
    return give_back(
        case=case, amount=amount, reason=reason, actor=actor or personas.make_office(), now=clock.now()
    )


def refill(call: Call, name: str = "缺額遞補會議") -> DecisionMeeting:
    return meetings.open_meeting(call=call, name=name, actor=personas.make_office(), now=clock.now())


# ---- the first decision ---------------------------------------------------------------------------------


def test_heads_are_shared_out_in_the_order_of_the_review(meeting: DecisionMeeting) -> None:
    assert heads(meeting) == [9, 8, 3, 0, 0]
    board = read.board(meeting.scenarios.get())
    assert [cell.account for cell in board.rows[0].cells] == ["heads"]
    assert board.money.available == 20
    assert board.limits.unit == "名"
    assert "員額僅餘 3 名" in " ".join(
        reason for award in read.allocate(
            read.candidates(board.table.rows, "mean"), board.limits, meeting.scenarios.get()
        ).awards for reason in award.reasons
    )  # fmt: skip


def test_RA8_nobody_gets_more_heads_than_it_asked_for(meeting: DecisionMeeting) -> None:
    scenario = meeting.scenarios.get()
    cell = read.board(scenario).rows[0].cells[0]
    from review.services.scenarios import save_amounts

    for amount, wrong in ((10, False), (11, True)):
        scenario.refresh_from_db()
        scenario.meeting = meeting
        save_amounts(
            scenario=scenario, amounts={cell.pk: amount}, base_version=scenario.version,
            actor=personas.make_office(), now=clock.now(),
        )  # fmt: skip
        found = [f for f in read.board(scenario).findings if "高於申請" in f.message]
        assert bool(found) is wrong
    assert found[0].rule == "RA8"
    assert "11 名" in found[0].message


def test_the_decision_leaves_heads_dollars_and_a_reserve_list(decided: DecisionMeeting) -> None:
    got = [(o.result, o.granted, o.approved_total) for o in CaseOutcome.objects.order_by("rank")]
    assert got == [
        ("approved", 9, 9 * 1_050_000),
        ("approved", 8, 8 * 1_050_000),
        ("approved", 3, 3 * 1_050_000),
        ("reserved", 0, 0),
        ("rejected", 0, 0),
    ]
    assert outcome(4).case.state == CaseState.RESERVED
    assert feeds.committed([decided.call_id]) == {decided.call_id: 20}
    assert decided.call.dollars(20) == 20 * 1_050_000


def test_the_minutes_speak_of_heads(decided: DecisionMeeting) -> None:
    data = decided.minutes.context["data"]
    assert (data["unit"], data["noun"]) == ("名", "培訓員額")
    text = json.dumps(data, ensure_ascii=False)
    assert "合計 20 名" in text
    assert "新臺幣" not in text


# ---- letters --------------------------------------------------------------------------------------------


def letter(meeting: DecisionMeeting, kind: str, number: int) -> Any:
    context, _ = outgoing.preview(meeting=meeting, kind=kind, case=outcome(number).case_id, now=clock.now())
    return resolve_wording(context=context)


def test_an_approval_names_heads_worth_reserve_and_that_there_is_no_appeal(decided: DecisionMeeting) -> None:
    words = letter(decided, "approval", 1)
    assert "核定貴單位" in words.subject
    assert "培訓員額9名" in words.subject
    assert "申請10名" in words.body
    assert "新臺幣玖佰肆拾伍萬元整為上限" in words.body
    assert "另備取培訓員額1名" in words.body
    assert "審查結果不受理申覆（作業要點七）" in words.body
    assert "配合款" not in words.body
    assert "申請須知" not in words.body
    # Fewer heads than asked for are no broken promise: the terms have no such rule (C2).
    assert "不得低於原申請" not in words.measures


def test_a_reserve_letter_tells_the_place(decided: DecisionMeeting) -> None:
    words = letter(decided, "reserve", 4)
    assert "備取第1順位" in words.subject
    assert "申請培訓員額5名" in words.body


def test_a_rejection_tells_that_there_is_no_appeal(decided: DecisionMeeting) -> None:
    assert "不受理申覆" in letter(decided, "rejection", 5).body


def test_the_kinds_of_letters_follow_the_rules_of_the_call(decided: DecisionMeeting) -> None:
    assert [kind.value for kind in outgoing.kinds_of(decided)] == ["approval", "rejection", "reserve"]
    client = personas.client_for(personas.make_office())
    assert client.get(reverse("meetings:letters", args=[decided.pk, "contract"])).status_code == 404
    assert client.get(reverse("meetings:letters", args=[decided.pk, "reserve"])).status_code == 200
    counts = outgoing.letter_counts(decided)
    assert counts == {"approval": (0, 3), "rejection": (0, 1), "reserve": (0, 1)}


# ---- given back, and filled up --------------------------------------------------------------------------


def test_RA8_what_is_given_back_goes_to_the_others_in_order(decided: DecisionMeeting) -> None:
    after = back(1, 4)
    assert (after.granted, after.approved_total, after.result) == (5, 5 * 1_050_000, "approved")
    second = refill(decided.call)
    board = read.board(second.scenarios.get())
    # The unit that gave heads back gets none of them; the third asked for 6 and has 3, then the reserve list.
    assert [(row.number, row.requested, row.amount) for row in board.rows] == [
        ("RAISE-0003", 3, 3),
        ("RAISE-0004", 5, 1),
    ]
    assert board.money.available == 4
    confirm(adopt(keep_record(second)))
    assert [(outcome(n).granted, outcome(n).case.state) for n in (1, 3, 4)] == [
        (5, CaseState.APPROVED),
        (6, CaseState.APPROVED),
        (1, CaseState.APPROVED),
    ]
    assert sum(CaseOutcome.objects.values_list("granted", flat=True)) == 20
    assert list(AwardChange.objects.values_list("before", "after")) == [(9, 5), (3, 6), (0, 1)]


def test_RA8_a_unit_that_was_filled_up_gets_another_letter(decided: DecisionMeeting) -> None:
    cases = [row.outcome.case_id for row in outgoing.letter_rows(decided, "approval")]
    office = personas.make_office()
    outgoing.issue_letters(meeting=decided, kind="approval", cases=cases, actor=office, now=clock.now())
    back(1, 4)
    second = confirm(adopt(keep_record(refill(decided.call))))
    rows = outgoing.letter_rows(second, "approval")
    assert [(row.outcome.case.number, row.issuable) for row in rows] == [
        ("RAISE-0003", True),
        ("RAISE-0004", True),
    ]
    assert "培訓員額6名" in letter(second, "approval", 3).subject
    assert [row.issuable for row in outgoing.letter_rows(decided, "approval")] == [False] * 3


def test_C1_all_given_back_is_a_forfeit(decided: DecisionMeeting) -> None:
    after = back(2, 8, "逾期未簽約視同放棄")
    assert (after.result, after.granted, after.approved_total, after.sign_by) == ("forfeited", 0, 0, None)
    assert outcome(2).case.state == CaseState.FORFEITED
    assert feeds.committed([decided.call_id]) == {decided.call_id: 12}
    with pytest.raises(TransitionRefused):
        back(2, 1)


@pytest.mark.parametrize(("amount", "ok"), [(0, False), (1, True), (9, True), (10, False), (-1, False)])
def test_never_more_than_was_granted(decided: DecisionMeeting, amount: int, ok: bool) -> None:
    if ok:
        assert back(1, amount).granted == 9 - amount
    else:
        with pytest.raises(ValidationError):
            back(1, amount)


def test_a_place_on_the_reserve_list_can_be_given_up(decided: DecisionMeeting) -> None:
    assert back(4, 0, "不再參加").result == "forfeited"
    back(1, 4)
    assert [row.number for row in read.board(refill(decided.call).scenarios.get()).rows] == ["RAISE-0003"]


def test_a_reason_is_needed_and_the_right_person(decided: DecisionMeeting) -> None:
    with pytest.raises(ValidationError):
        back(1, 1, " ")
    with pytest.raises(PermissionDenied):
        back(1, 1, actor=personas.make_supervisor())


def test_a_refill_waits_for_the_supervisor_like_every_decision(decided: DecisionMeeting) -> None:
    back(1, 4)
    second = adopt(keep_record(refill(decided.call)))
    assert outcome(4).granted == 0
    back(3, 1)  # whoever is on the adopted list gives something back meanwhile
    with pytest.raises(confirmation.AdoptionRefused, match="退回重議"):
        confirm(second)


# ---- pages ----------------------------------------------------------------------------------------------


def test_every_page_of_the_meeting_speaks_of_heads(
    meeting: DecisionMeeting, django_assert_max_num_queries: Any
) -> None:
    client = personas.client_for(personas.make_office())
    scenario = meeting.scenarios.get()
    for name, args in (
        ("meetings:detail", [meeting.pk]),
        ("meetings:scenario", [meeting.pk, scenario.pk]),
        ("meetings:list", []),
    ):
        with django_assert_max_num_queries(20):
            page = client.get(reverse(name, args=args)).content.decode()
        assert "名" in page
        assert '<span class="unit">元</span>' not in page
        assert 'money-unit">元' not in page


def test_the_public_list_and_its_files(decided: DecisionMeeting, client: Any) -> None:
    page = client.get(reverse("results:page", args=["raise"])).content.decode()
    assert "20 名" in page
    assert "不受理申覆" in page
    data = client.get(reverse("results:json", args=["raise"])).json()
    assert (data["unit"], data["total_granted"], data["total"]) == ("名", 20, 21_000_000)
    assert data["results"][0] | {"approved_on": ""} == {
        "number": "RAISE-0001", "company": "第1示範大學", "plan": "培訓計畫 1", "granted": 9,
        "approved_subsidy": 9_450_000, "approved_on": "",
    }  # fmt: skip
    csv = client.get(reverse("results:csv", args=["raise"])).content.decode("utf-8-sig")
    assert csv.splitlines()[0] == "案號,申請單位名稱,計畫名稱,核定培訓員額（名）,補助經費上限（元）,核定日期"


def test_the_office_enters_what_is_given_back(decided: DecisionMeeting) -> None:
    client = personas.client_for(personas.make_office())
    case = outcome(1).case
    url = reverse("office:give_back", args=[case.pk])
    assert "最多 9 名" in client.get(url).content.decode()
    assert client.post(url, {"amount": "10", "reason": "未錄取"}).status_code == 422
    assert client.post(url, {"amount": "2", "reason": ""}).status_code == 422
    assert client.post(url, {"amount": "２", "reason": "未錄取"}).status_code == 302
    assert outcome(1).granted == 7
    page = client.get(reverse("office:case", args=[case.pk])).content.decode()
    assert "9 → 7 名" in page


def test_RA3_the_budget_page_says_at_what_a_head_is_counted(decided: DecisionMeeting) -> None:
    client = personas.client_for(personas.make_office())
    page = client.get(reverse("budget:call", args=[decided.call.slug])).content.decode()
    assert "每名補助上限 1,050,000 元計（RA3，五）" in page


def test_an_applicant_reads_its_heads_or_its_place(decided: DecisionMeeting) -> None:
    for number, words in ((1, ["9", "可備取", "9,450,000 元", "不受理申覆"]), (4, ["第 1 順位", "備取"])):
        case = outcome(number).case
        owner = personas.join(
            personas.make_user(f"u{number}@example.test", f"承辦{number}"), case.organisation, "owner"
        )
        page = personas.client_for(owner).get(reverse("cases:detail", args=[case.pk])).content.decode()
        for word in words:
            assert word in page


def test_the_supervisor_sees_heads(meeting: DecisionMeeting) -> None:
    adopt(keep_record(meeting))
    page = personas.client_for(personas.make_supervisor()).get(reverse("home"), follow=True).content.decode()
    assert "共 20 名" in page
