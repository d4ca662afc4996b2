"""The second of two people waits for the first one's lock, and must then see what the first has done."""

from __future__ import annotations

import pytest

from accounts.services.errors import Refused
from documents.models import OfficialDocument
from review.enums import PanelCaseState, PanelState
from review.models import Panel, PanelCase, PanelMember, ReviewerProfile
from review.services import assignments, chair, panels, pool
from tests.races import held, needs_row_locks
from tests.review.panel.conftest import Stage

pytestmark = needs_row_locks


@pytest.fixture
def stage(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("documents.services.requests.enqueue", lambda document: None)
    stage = Stage()
    stage.seat_everybody()
    return stage


@pytest.fixture
def signed(stage: Stage) -> Stage:
    """Every sheet in and signed: the chair may close the case."""
    [seat] = stage.add_cases()
    stage.assign_all(seat)
    stage.start()
    experts = (stage.chair, stage.one, stage.two)
    for user in experts:
        stage.declare(user)
    for user in experts:
        stage.submit(user)
    stage.collect(stage.seat())
    for user in experts:
        stage.sign(user)
    return stage


def reopen(stage: Stage) -> str:
    chair.reopen_case(seat=stage.seat(), reason="R3 請再確認", actor=stage.chair, now=stage.now)
    return "reopened"


def test_a_case_reopened_while_it_is_closed_goes_back_into_review(signed: Stage):
    seat = signed.seat()
    with held(lambda: chair.close_case(seat=seat, actor=signed.chair, now=signed.now)) as begin:
        said = begin(lambda: reopen(signed))
    assert said == ["reopened"]
    assert PanelCase.objects.get().state == PanelCaseState.OPEN
    assert signed.case().state == "in_review", "else a meeting would decide on a case whose sheets are open"


def test_a_case_reopened_while_its_panel_is_closed_opens_the_panel(signed: Stage):
    chair.close_case(seat=signed.seat(), actor=signed.chair, now=signed.now)
    with held(lambda: chair.close_panel(panel=signed.panel, actor=signed.chair, now=signed.now)) as begin:
        said = begin(lambda: reopen(signed))
    assert said == ["reopened"]
    assert PanelCase.objects.get().state == PanelCaseState.OPEN
    assert Panel.objects.get().state == PanelState.SCORING


def test_a_panel_closed_while_a_case_is_reopened_stays_open(signed: Stage):
    chair.close_case(seat=signed.seat(), actor=signed.chair, now=signed.now)
    with held(lambda: reopen(signed)) as begin:
        said = begin(lambda: chair.close_panel(panel=signed.panel, actor=signed.chair, now=signed.now))
    assert said == ["Refused"]
    assert Panel.objects.get().state == PanelState.SCORING


def test_a_case_has_one_book_whoever_asks_for_it(stage: Stage):
    [seat] = stage.add_cases()

    def ask() -> OfficialDocument:
        return panels.ensure_book(seat=seat, actor=stage.office, now=stage.now)

    made = []
    with held(lambda: made.append(ask())) as begin:
        said = begin(ask)
    assert said == made
    assert OfficialDocument.objects.filter(kind="case_book").count() == 1


def test_nobody_is_assigned_who_leaves_the_panel_in_the_same_moment(stage: Stage):
    [seat] = stage.add_cases()

    def assign(profile: ReviewerProfile) -> object:
        return assignments.assign(seat=seat, reviewer=profile, actor=stage.office, now=stage.now)

    member = stage.member(stage.one)
    with held(lambda: panels.remove_member(member=member, actor=stage.office, now=stage.now)) as begin:
        said = begin(lambda: assign(stage.profiles[1]))
    assert said == ["Refused"]
    other = stage.member(stage.two)
    with held(lambda: assign(stage.profiles[2])) as begin:
        said = begin(
            lambda: panels.answer_invitation(
                member=other, accept=False, note="", actor=stage.two, now=stage.now
            )
        )
    assert said == ["Refused"]
    assert PanelMember.objects.get(pk=other.pk).state == "accepted"


def test_nobody_is_assigned_who_is_taken_out_of_the_pool_in_the_same_moment(stage: Stage):
    [seat] = stage.add_cases()
    profile = stage.profiles[1]

    def assign() -> object:
        return assignments.assign(seat=seat, reviewer=profile, actor=stage.office, now=stage.now)

    def take_out(row: object) -> object:
        return pool.set_in_pool(reviewer=row, active=False, reason="x", actor=stage.office, now=stage.now)

    with held(lambda: take_out(profile)) as begin:
        said = begin(assign)
    assert said == ["Refused"]
    pool.set_in_pool(reviewer=profile, active=True, reason="x", actor=stage.office, now=stage.now)
    with held(assign) as begin:
        said = begin(lambda: take_out(profile))
    assert said == ["Refused"]


def test_one_case_assigned_by_hand_and_automatically_at_once_has_each_expert_once(stage: Stage):
    [seat] = stage.add_cases()
    from review.selectors import assignments as selectors

    digest = selectors.plan(stage.panel).digest

    def by_hand() -> None:
        for profile in stage.profiles:
            assignments.assign(seat=seat, reviewer=profile, actor=stage.office, now=stage.now)

    with held(by_hand) as begin:
        said = begin(
            lambda: assignments.assign_automatically(
                panel=stage.panel, digest=digest, actor=stage.office, now=stage.now
            )
        )
    assert said in ([[]], [Refused.__name__])
