"""A call that changed its terms: each case is scored, capped and written to by the version that it began with."""

from __future__ import annotations

import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import BudgetLine, CaseOutcome
from core.rocdate import TAIPEI
from documents.services import load_letter_templates
from programs.services import new_terms_version
from review.models import CriterionScore, DecisionMeeting, RecommendedAmount
from review.selectors import decision as read
from review.services import meetings, outgoing
from tests import personas
from tests.factories import make_call, now
from tests.review.decision.builders import keep_record, reviewed_cases
from tests.review.decision.test_confirmation import adopt, confirm

pytestmark = pytest.mark.django_db
OLD, OLD_FAILED, NEW, NEW_FAILED = (f"IPAS-114-000{n}" for n in (1, 2, 3, 4))


def newer(data: dict) -> dict:
    """Other weights, pass mark, shares, company cap, accounts and days to sign than the 114 notice."""
    data = copy.deepcopy(data)
    for criterion, weight in zip(data["criteria"], (10, 20, 30, 40), strict=True):
        criterion["weight"] = weight
    data["criteria"][0]["label"] = "新的目標"
    data["settings"] |= {"pass_mark": 80, "days_to_sign": 30}
    rules = {rule["id"]: rule for rule in data["rules"]}
    rules["B2"]["params"]["ratio"] = "1/3"
    rules["B4"]["params"]["maximum"] = 300_000
    data["accounts"] = data["accounts"][:2]
    return data


def mark(number: str, r1: int, rest: int) -> None:
    """R1 gets ``r1``, the other criteria ``rest``."""
    scores = CriterionScore.objects.filter(sheet__assignment__panel_case__case__number=number)
    scores.update(score=Decimal(rest))
    scores.filter(criterion="R1").update(score=Decimal(r1), comment="目標請再具體")


@pytest.fixture
def meeting(db: None) -> DecisionMeeting:
    """Two cases of version 1 and two of version 2, pairwise with the same marks."""
    load_letter_templates(now=now())
    call = make_call(envelope=10_000_000)
    reviewed_cases([0, 0], call=call)
    new_terms_version(
        call=call, data=newer(call.current_terms.data), change_note="條件調整", actor=None, now=now()
    )
    call.refresh_from_db()
    reviewed_cases([0, 0], call=call, first=3)
    for number, r1, rest in ((OLD, 100, 60), (OLD_FAILED, 60, 60), (NEW, 80, 80), (NEW_FAILED, 100, 60)):
        mark(number, r1, rest)
    # What version 2 has no account for, its cases do not ask for.
    for model, path in (
        (BudgetLine, "case__number"),
        (RecommendedAmount, "sheet__assignment__panel_case__case__number"),
    ):
        model.objects.filter(**{f"{path}__in": (NEW, NEW_FAILED)}, account="equipment").delete()
    return meetings.open_meeting(call=call, name="決審會議", actor=personas.make_office(), now=now())


def test_each_case_is_scored_by_its_own_weights_and_pass_mark(meeting: DecisionMeeting) -> None:
    rows = {row.case.number: row for row in meeting.meeting_cases.select_related("case")}
    assert {number: (float(row.average), row.passed) for number, row in rows.items()} == {
        OLD: (76.0, True),  # 40 × 100% + 60 × 60%, of 70
        OLD_FAILED: (60.0, False),
        NEW: (80.0, True),
        NEW_FAILED: (64.0, False),  # 10 × 100% + 90 × 60%, of 80
    }
    assert "計畫目標與實施策略 40" in rows[OLD].reasoning
    assert "及格分數 70 分" in rows[OLD].reasoning
    assert "版本" not in rows[NEW].reasoning
    assert any(note.startswith("2 案開始申請時適用較早版本") for note in meeting.ranking_notes)


def test_B2_B4_each_case_gets_what_its_own_version_allows(meeting: DecisionMeeting) -> None:
    board = read.board(meeting.scenarios.get())
    rows = {row.number: row for row in board.rows}
    assert rows[OLD].amount == 900_000  # half of each account, 2,500,000 for the company
    assert rows[NEW].amount == 300_000  # a third: 250,000 + 150,000, then the company's 300,000
    assert [cell.most for cell in rows[NEW].cells] == [250_000, 150_000]
    assert board.errors == []
    assert [label for _, label in board.table.accounts] == ["人事費", "業務費", "設備使用費及維護費"]


def test_C1_A2_letters_say_what_the_cases_own_version_says(meeting: DecisionMeeting) -> None:
    decided = confirm(adopt(keep_record(meeting)))
    today = now().astimezone(TAIPEI).date()
    outcomes = {o.case.number: o for o in CaseOutcome.objects.select_related("case")}
    assert outcomes[OLD].sign_by == today + timedelta(days=14)
    assert outcomes[NEW].sign_by == today + timedelta(days=30)
    said = {number: {s["criterion"] for s in o.suggestions} for number, o in outcomes.items()}
    assert said[OLD] == {"計畫目標與實施策略", ""}
    assert said[NEW] == {"新的目標", ""}

    def letter(kind: str, number: str):
        context, _ = outgoing.preview(meeting=decided, kind=kind, case=outcomes[number].case_id, now=now())
        return context

    assert [a.account for a in letter("approval", OLD).amounts] == ["人事費", "業務費", "設備使用費及維護費"]
    assert letter("approval", OLD).sign_by == today + timedelta(days=14)
    assert letter("approval", NEW).sign_by == today + timedelta(days=30)
    assert "未達及格分數 70 分" in letter("rejection", OLD_FAILED).reasons[0].text
    assert "未達及格分數 80 分" in letter("rejection", NEW_FAILED).reasons[0].text


def test_the_page_of_the_meeting_shows_both_versions(client, meeting: DecisionMeeting) -> None:
    client.force_login(personas.make_office())
    body = client.get(reverse("meetings:detail", args=[meeting.pk])).content.decode()
    assert "較早版本的條件" in body


def test_earlier_versions_cost_one_query(meeting: DecisionMeeting, django_assert_num_queries) -> None:
    meeting = DecisionMeeting.objects.select_related("call__current_terms").get(pk=meeting.pk)
    with django_assert_num_queries(4):
        read.table(meeting)
