"""Reopening, confirming, closing; who leads where the chair is barred."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.services.errors import Refused
from applications.models import Case
from applications.workflow import CASE
from core import workflow
from documents.models import OutgoingMail
from review.models import ReviewerTie, SignOff
from review.selectors import chairing
from review.services import assignments, chair
from tests import personas
from tests.review.panel.conftest import Stage


def test_the_figures_over_all_sheets(collected: Stage):
    summary = chairing.case_summary(collected.seat())
    assert summary is not None
    assert [str(c.total) for c in summary.columns] == ["75.00", "86.28", "75.00"]
    assert str(summary.mean) == "78.76"
    assert str(summary.median) == "75.00"
    assert str(summary.spread) == "11.28"
    assert not summary.differs
    assert summary.recommended_mean == (123_457 + 100_000 * 2) // 3 + (98_761 + 50_000 * 2) // 3 + 33_331 // 3


@pytest.mark.parametrize(("low", "flag"), [(60, False), (59, True)])
def test_a_spread_above_the_calls_setting_raises_the_flag(scoring: Stage, low: int, flag: bool):
    """spread_flag is 15: a difference of exactly 15 points is not yet clear."""
    from decimal import Decimal

    codes = ("R1", "R2", "R3", "R4")
    scoring.submit(scoring.one, scores=dict.fromkeys(codes, Decimal(75)))
    scoring.submit(scoring.two, scores=dict.fromkeys(codes, Decimal(75)))
    scoring.submit(scoring.chair, scores=dict.fromkeys(codes, Decimal(low)))
    summary = chairing.case_summary(scoring.seat())
    assert summary is not None
    assert summary.differs is flag


def test_reopening_needs_a_reason_by_mail_and_hides_everything_again(collected: Stage):
    row = collected.assignment(collected.one)
    for _ in range(2):
        chair.reopen_sheet(assignment=row, reason="R3 請再確認", actor=collected.chair, now=collected.now)
    assert collected.assignment(collected.one).state == "declared"
    assert chairing.case_summary(collected.seat()) is None
    letters = OutgoingMail.objects.filter(to=collected.one.email, subject__contains="重新檢視")
    assert letters.count() == 1
    assert "R3 請再確認" in letters.get().body
    collected.submit(collected.one)
    assert chairing.case_summary(collected.seat()) is not None


def test_a_sheet_is_not_reopened_before_all_are_in(scoring: Stage):
    scoring.submit(scoring.one)
    with pytest.raises(Refused, match="還沒有收齊"):
        chair.reopen_sheet(
            assignment=scoring.assignment(scoring.one), reason="x", actor=scoring.chair, now=scoring.now
        )


def test_closing_takes_everyones_confirmation(collected: Stage):
    seat = collected.seat()
    with pytest.raises(Refused, match="目前不需要確認"):
        collected.sign(collected.one)
    collected.collect(seat)
    collected.collect(seat)
    for user in (collected.one, collected.two):
        collected.sign(user)
        collected.sign(user)
    with pytest.raises(Refused, match="孫召集"):
        chair.close_case(seat=seat, actor=collected.chair, now=collected.now)
    collected.sign(collected.chair)
    for _ in range(2):
        chair.close_case(seat=seat, actor=collected.chair, now=collected.now)
    case = collected.case()
    assert case.state == "reviewed"
    assert case.transitions.filter(action="close_review").count() == 1


def _close(stage: Stage) -> None:
    stage.collect(stage.seat())
    for user in (stage.one, stage.two, stage.chair):
        stage.sign(user)
    chair.close_case(seat=stage.seat(), actor=stage.chair, now=stage.now)


def test_reopening_a_sheet_withdraws_every_confirmation(collected: Stage):
    collected.collect(collected.seat())
    collected.sign(collected.two)
    chair.reopen_sheet(
        assignment=collected.assignment(collected.one), reason="x", actor=collected.chair, now=collected.now
    )
    assert collected.seat().state == "open"
    assert not SignOff.objects.exists()


def test_a_closed_case_comes_back_with_a_reason(collected: Stage):
    _close(collected)
    chair.close_panel(panel=collected.panel, actor=collected.chair, now=collected.now)
    for _ in range(2):
        chair.reopen_case(seat=collected.seat(), reason="發現錯誤", actor=collected.chair, now=collected.now)
    seat = collected.seat()
    assert (seat.state, seat.case.state, seat.panel.state) == ("open", "in_review", "scoring")
    assert seat.closed_at is None
    assert not SignOff.objects.exists()


def test_after_the_decision_nothing_is_reopened(collected: Stage):
    _close(collected)
    workflow.apply(CASE, collected.case(), "approve", actor=None, at=collected.now)
    with pytest.raises(Refused, match="不能重啟"):
        chair.reopen_case(seat=collected.seat(), reason="x", actor=collected.chair, now=collected.now)


def test_a_panel_ends_with_its_last_case(collected: Stage):
    with pytest.raises(Refused, match="還有 1 件"):
        chair.close_panel(panel=collected.panel, actor=collected.chair, now=collected.now)
    _close(collected)
    with pytest.raises(PermissionDenied):
        chair.close_panel(panel=collected.panel, actor=collected.one, now=collected.now)
    assert (
        chair.close_panel(panel=collected.panel, actor=collected.chair, now=collected.now).state == "closed"
    )


def test_a_withdrawn_case_does_not_hold_up_the_panel(collected: Stage):
    workflow.apply(CASE, collected.case(), "withdraw", actor=None, at=collected.now, closed_at=collected.now)
    with pytest.raises(Refused, match="已撤案"):
        collected.collect(collected.seat())
    assert (
        chair.close_panel(panel=collected.panel, actor=collected.chair, now=collected.now).state == "closed"
    )


def test_fewer_experts_than_the_call_wants_need_a_reason(scoring: Stage):
    assignments.remove(
        assignment=scoring.assignment(scoring.two), reason="病假", actor=scoring.office, now=scoring.now
    )
    scoring.submit(scoring.one)
    scoring.submit(scoring.chair)
    with pytest.raises(Refused, match="少於規定的 3 位"):
        scoring.collect(scoring.seat())
    assert scoring.collect(scoring.seat(), reason="其餘委員均須迴避").state == "signing"


@pytest.mark.parametrize("who", ["one", "two", "office"])
def test_only_the_chair_leads(collected: Stage, who: str):
    with pytest.raises(PermissionDenied):
        chair.collect(seat=collected.seat(), reason="", actor=getattr(collected, who), now=collected.now)


def test_where_the_chair_is_barred_the_office_leads(collected: Stage):
    ReviewerTie.objects.create(reviewer=collected.profiles[0], organisation_name="範例精密股份有限公司")
    with pytest.raises(PermissionDenied, match="迴避"):
        collected.collect(collected.seat())
    chair.collect(seat=collected.seat(), reason="", actor=collected.office, now=collected.now)
    assert collected.seat().state == "signing"


def test_staff_of_the_applicant_never_lead(collected: Stage):
    ReviewerTie.objects.create(reviewer=collected.profiles[0], organisation_name="範例精密股份有限公司")
    insider = personas.join(collected.office, personas.acme(), "viewer")
    with pytest.raises(PermissionDenied):
        chair.collect(seat=collected.seat(), reason="", actor=insider, now=collected.now)


def test_a_chair_who_does_not_score_declares_first(stage: Stage):
    from tests.review.panel.conftest import expert

    stage.profiles.append(expert(1, gender="male"))
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.start()
    for profile in stage.profiles[1:]:
        assignments.assign(seat=seat, reviewer=profile, actor=stage.office, now=stage.now)
        stage.declare(profile.user)
        stage.submit(profile.user)
    with pytest.raises(PermissionDenied, match="聲明"):
        stage.collect(seat)
    for _ in range(2):
        assignments.declare_as_chair(
            seat=seat,
            has_conflict=False,
            explanation="",
            signed_name="孫召集",
            actor=stage.chair,
            now=stage.now,
        )
    stage.collect(seat)
    assert stage.seat().state == "signing"
    assert Case.objects.get(pk=seat.case_id).state == "in_review"
