"""Freezes and cuts (X6): drafted with their effect shown, confirmed as seen, lifted with a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from core.workflow import TransitionRefused
from programs.models import BudgetMeasure, Call
from programs.selectors.ledger import ledger
from programs.selectors.measures import effect_of, measured
from programs.services import measures
from tests import personas
from tests.programs.budget.builders import (
    YEAR,
    available_for,
    award,
    drafted,
    funded,
    in_force,
    now,
    plan_with_money,
)
from tests.programs.plans.builders import part
from tests.races import at_once

pytestmark = pytest.mark.django_db


def problems(plan, **fields):
    with pytest.raises(ValidationError) as caught:
        drafted(plan, **fields)
    assert not BudgetMeasure.objects.exists()
    return caught.value.message_dict


@pytest.mark.parametrize(("percent", "amount"), [("0.01", None), ("100", None), (None, 1), (None, 2_000_000)])
def test_X6_the_least_and_the_most(percent, amount):
    measure = drafted(plan_with_money(), percent=percent and Decimal(percent), amount=amount)
    assert measure.state == "draft"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"percent": Decimal(0), "amount": None}, "percent"),
        ({"percent": Decimal("100.01")}, "percent"),
        ({"percent": Decimal(-5)}, "percent"),
        ({"amount": 2_000_001}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": 5, "percent": Decimal(5)}, "percent"),
        ({"kind": "melt"}, "kind"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_X6_what_is_refused_and_where(fields, field):
    assert field in problems(plan_with_money(), **fields)


def test_X6_neither_share_nor_amount_a_year_outside_and_a_part_without_money():
    plan = plan_with_money()
    values = {"kind": "cut", "reason": "決議", "actor": personas.make_supervisor(), "now": now()}
    for fields, field in (
        ({"year": YEAR, "percent": None, "amount": None}, "percent"),
        ({"year": 120, "percent": Decimal(5), "amount": None}, "year"),
        ({"year": 113, "percent": Decimal(5), "amount": None}, "year"),
    ):
        with pytest.raises(ValidationError) as caught:
            measures.draft_measure(part=part(plan, "2"), **values, **fields)
        assert field in caught.value.message_dict


def test_X6_a_draft_takes_nothing_and_is_made_once():
    plan = plan_with_money()
    assert drafted(plan) == drafted(plan)
    assert BudgetMeasure.objects.count() == 1
    assert ledger(plan).at(part(plan, "2"), YEAR).free == 1_000_000


def test_X6_the_effect_names_parts_and_calls_before_it_is_confirmed():
    plan = plan_with_money()
    touched, alone = funded(plan, 800_000), funded(plan, 100_000, number="1", slug="alone")
    effect = effect_of(drafted(plan, percent=50))
    assert {p.part.number: (p.before.available, p.after.available) for p in effect.parts} == {
        "": (2_500_000, 1_500_000),
        "2": (1_000_000, 500_000),
        "2.1": (500_000, 250_000),
    }
    assert {p.part.number: p.after.free for p in effect.parts}["2"] == -300_000
    assert [(c.call, c.before.covered, c.after.covered, c.lost) for c in effect.calls] == [
        (touched, 800_000, 500_000, 300_000)
    ]
    assert alone not in [c.call for c in effect.calls]
    assert effect.calls[0].stage == "公告受理或審查中"


def test_X6_a_measure_that_free_money_bears_touches_no_call():
    plan = plan_with_money()
    funded(plan, 600_000)
    assert effect_of(drafted(plan, percent=40)).calls == []
    assert [c.lost for c in effect_of(drafted(plan, percent=Decimal("40.01"))).calls] == [100]


def test_X6_awards_beyond_what_is_left_are_named_the_last_first_in_danger():
    plan = plan_with_money()
    call = funded(plan, 900_000)
    award(call, 500_000)
    second = award(call, 400_000, first=50, rank=2)
    effect = effect_of(drafted(plan, percent=40))
    (award_,) = effect.calls[0].uncovered
    assert second.number in award_.row.label
    assert (award_.dollars, award_.uncovered, effect.uncovered) == (400_000, 300_000, 300_000)
    assert str(second.pk) in award_.row.url


def test_X6_in_force_it_takes_and_lifted_it_gives_back():
    plan = plan_with_money()
    call = funded(plan, 800_000)
    assert measured(call) is None
    assert available_for(call) == 800_000
    measure = in_force(plan, percent=50)
    standing = measured(call)
    assert (standing.frozen, standing.cut, standing.covered) == (300_000, 0, 500_000)
    assert available_for(call) == 500_000
    with pytest.raises(ValidationError):
        measures.lift_measure(measure=measure, reason=" ", actor=personas.make_supervisor(), now=now())
    lifted = measures.lift_measure(
        measure=measure, reason="立法院同意解凍", actor=personas.make_supervisor(), now=now()
    )
    assert lifted.state == "lifted"
    assert [t.action for t in measure.transitions.all()] == ["confirm", "lift"]
    assert measure.transitions.last().reason == "立法院同意解凍"
    assert available_for(call) == 800_000
    with pytest.raises(TransitionRefused):
        measures.lift_measure(measure=measure, reason="再一次", actor=personas.make_supervisor(), now=now())


def test_X6_calls_of_one_part_bear_it_by_their_share():
    plan = plan_with_money()
    first, second = funded(plan, 600_000), funded(plan, 400_000, slug="two")
    in_force(plan, kind="cut", percent=50)
    assert (available_for(first), available_for(second)) == (300_000, 200_000)
    award(first, 300_000)
    assert (available_for(first), available_for(second)) == (300_000, 200_000)


def test_X6_confirmed_again_nothing_changes_and_a_dropped_one_stays_dropped():
    plan = plan_with_money()
    measure = in_force(plan)
    again = measures.confirm_measure(
        measure=measure, seen="whatever", actor=personas.make_supervisor(), now=now()
    )
    assert again.state == "in_force"
    assert measure.transitions.count() == 1
    other = drafted(plan, percent=5)
    measures.drop_measure(measure=other, actor=personas.make_supervisor(), now=now())
    with pytest.raises(TransitionRefused):
        measures.confirm_measure(
            measure=other, seen=effect_of(other).key, actor=personas.make_supervisor(), now=now()
        )


def test_X6_what_changed_since_it_was_looked_at_is_looked_at_again():
    plan = plan_with_money()
    call = funded(plan, 800_000)
    measure = drafted(plan, percent=50)
    seen = effect_of(measure).key
    award(call, 100_000)
    with pytest.raises(measures.EffectChanged):
        measures.confirm_measure(measure=measure, seen=seen, actor=personas.make_supervisor(), now=now())
    assert BudgetMeasure.objects.get().state == "draft"
    measures.confirm_measure(
        measure=measure, seen=effect_of(measure).key, actor=personas.make_supervisor(), now=now()
    )


def test_X6_a_call_of_no_plan_is_touched_by_nothing():
    from tests.factories import make_call

    plan = plan_with_money()
    in_force(plan, "", percent=100)
    call = make_call(slug="alone", envelope=700)
    assert measured(call) is None
    assert available_for(call) == 700


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite database in memory has one connection")
def test_X6_two_supervisors_at_once_confirm_once():
    plan = plan_with_money()
    funded(plan, 800_000)
    measure = drafted(plan, percent=50)
    seen = effect_of(measure).key
    supervisor = personas.make_supervisor()

    def run():
        mine = BudgetMeasure.objects.select_related("part").get(pk=measure.pk)
        return measures.confirm_measure(measure=mine, seen=seen, actor=supervisor, now=now()).state

    results = at_once(run, run)
    assert results == ["in_force", "in_force"]
    assert measure.transitions.count() == 1
    assert Call.objects.get().envelope == 800_000
