"""A freeze or cut of the plan's budget bounds what a meeting may divide, adopt and confirm (X6)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from programs.models import Call
from programs.services.budgets import fund_call
from programs.services.measures import lift_measure
from review.selectors import decision as read
from review.services import confirmation, scenarios
from tests import personas
from tests.factories import make_call
from tests.programs.budget.builders import YEAR, in_force, now, plan_with_money
from tests.programs.plans.builders import part
from tests.review.decision.builders import keep_record, open_with, reviewed_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    plan = plan_with_money(subsidy=None)
    made = make_call(envelope=2_000_000)
    fund_call(call=made, part=part(plan, "2"), year=YEAR, amount=2_000_000)
    return Call.objects.get(pk=made.pk)


def plan_of(call):
    return call.funding.part.plan


def adopt(meeting):
    scenario = meeting.scenarios.get()
    scenario.meeting = meeting
    return confirmation.adopt(
        meeting=meeting,
        scenario=scenario,
        base_version=scenario.version,
        acknowledged=True,
        actor=personas.make_office(),
        now=now(),
    )


def test_X6_a_new_scenario_divides_what_is_left(call):
    in_force(plan_of(call), percent=50)
    meeting = open_with([90, 85], call=call)
    board = read.board(meeting.scenarios.get())
    assert (board.money.full, board.money.withheld, board.money.available) == (
        2_000_000,
        1_000_000,
        1_000_000,
    )
    assert board.spent == 1_000_000


def test_X6_a_foreseen_cut_and_the_real_one_count_once(call):
    in_force(plan_of(call), kind="cut", percent=10)
    meeting = open_with([90, 85], call=call)
    scenario = scenarios.add_scenario(
        meeting=meeting, name="刪減", actor=personas.make_office(), now=now(), cut_percent=Decimal(10)
    )
    scenario.meeting = meeting
    assert read.board(scenario).money.available == 1_800_000


def test_X6_what_was_adopted_before_a_freeze_is_not_confirmed_in_it(call):
    meeting = keep_record(open_with([90, 85], call=call))
    meeting = adopt(meeting)
    measure = in_force(plan_of(call), percent=50)
    supervisor = personas.make_supervisor()
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        confirmation.confirm(meeting=meeting, actor=supervisor, now=now())
    assert [finding.rule for finding in caught.value.findings] == ["A1"]
    lift_measure(measure=measure, reason="同意解凍", actor=supervisor, now=now())
    assert confirmation.confirm(meeting=meeting, actor=supervisor, now=now()).state == "confirmed"


def test_X6_nothing_is_adopted_above_what_is_left(call):
    meeting = keep_record(open_with([90, 85], call=call))
    in_force(plan_of(call), percent=50)
    with pytest.raises(confirmation.AdoptionRefused) as caught:
        adopt(meeting)
    assert "A1" in [finding.rule for finding in caught.value.findings]


def test_X6_the_workspace_says_what_is_left(call):
    meeting = open_with([90, 85], call=call)
    client = personas.client_for(personas.make_office())
    pages = [
        reverse("meetings:detail", args=[meeting.pk]),
        reverse("meetings:scenario", args=[meeting.pk, meeting.scenarios.get().pk]),
    ]
    for page in pages:
        assert "還可核定" not in client.get(page).content.decode()
    in_force(plan_of(call), percent=50)
    for page in pages:
        words = client.get(page).content.decode()
        assert "112 年度預算部分凍結" in words
        assert "還可核定 <strong>1,000,000 元</strong>" in words


@pytest.mark.parametrize(("kind", "waits"), [("freeze", True), ("cut", False)])
def test_X6_an_applicant_reads_that_the_decision_waits(call, kind, waits):
    case = reviewed_cases([90], call=call)[0]
    person = personas.join(personas.make_user("c1@example.test", "申請人"), case.organisation, "owner")
    client: Client = personas.client_for(person)
    page = reverse("cases:detail", args=[case.pk])
    assert "核定可能要等預算解除凍結" not in client.get(page).content.decode()
    in_force(plan_of(call), kind=kind, percent=50)
    assert ("核定可能要等預算解除凍結" in client.get(page).content.decode()) is waits
