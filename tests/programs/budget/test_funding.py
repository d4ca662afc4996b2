"""A call's envelope out of a plan's budget: never more than is free there and above, to the dollar."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from core import clock
from programs.models import Call, CallFunding, SubsidyBudget
from programs.selectors.ledger import ledger, room_for_call, standing_of
from programs.services import load_scheme
from programs.services.budgets import fund_call, keep_funded, set_subsidy
from tests.factories import make_call
from tests.programs.budget.builders import (
    YEAR,
    available_for,
    award,
    budget,
    funded,
    in_force,
    plan_with_money,
)
from tests.programs.plans.builders import add_part, part
from tests.races import at_once

pytestmark = pytest.mark.django_db
RAISE = Path(__file__).resolve().parents[3] / "fixtures" / "schemes" / "raise.yaml"


def refusal(function, **values):
    with pytest.raises(ValidationError) as caught:
        function(**values)
    return caught.value.message_dict


def test_exactly_what_is_free_and_one_dollar_more():
    plan = plan_with_money()
    call = make_call(envelope=5)
    place = {"call": call, "part": part(plan, "2"), "year": YEAR}
    words = refusal(fund_call, **place, amount=1_000_001)["amount"][0]
    assert "1,000,001" in words
    assert "可用的 1,000,000 元" in words
    assert "請減少 1 元" in words
    assert not CallFunding.objects.exists()
    fund_call(**place, amount=1_000_000)
    assert Call.objects.get().envelope == 1_000_000
    assert ledger(plan).at(part(plan, "2"), YEAR).free == 0
    assert room_for_call(part(plan, "2"), YEAR, call=None).free == 0
    assert room_for_call(part(plan, "2"), YEAR, call=call.pk).free == 1_000_000


def test_a_call_takes_from_every_part_above_as_well():
    plan = plan_with_money()
    funded(plan, 600_000)
    other = make_call(slug="other", envelope=5)
    words = refusal(fund_call, call=other, part=part(plan, "2.1"), year=YEAR, amount=400_001)["amount"][0]
    assert "部分 2」" in words  # the part above bounds it, though 2.1 has 500,000 of its own
    assert "可用的 400,000 元" in words
    fund_call(call=other, part=part(plan, "2.1"), year=YEAR, amount=400_000)
    beside = make_call(slug="beside", envelope=5)
    fund_call(call=beside, part=part(plan, "1"), year=YEAR, amount=500_000)
    book = ledger(plan)
    assert book.at(part(plan, ""), YEAR).enveloped == 1_500_000
    assert book.at(part(plan, "2"), YEAR).free == 0
    assert book.at(part(plan, "2.1"), YEAR).free == 100_000


@pytest.mark.parametrize(
    ("year", "amount", "field"), [(111, 5, "year"), (115, 5, "year"), (112, 0, "amount")]
)
def test_a_year_outside_the_plan_and_nothing_at_all(year, amount, field):
    plan = plan_with_money()
    call = make_call(envelope=5)
    assert list(refusal(fund_call, call=call, part=part(plan, "2"), year=year, amount=amount)) == [field]
    assert Call.objects.get().envelope == 5


def test_moving_a_call_gives_back_what_it_held():
    plan = plan_with_money()
    call = funded(plan, 1_000_000)
    fund_call(call=call, part=part(plan, "1"), year=YEAR, amount=500_000)
    book = ledger(plan)
    assert (book.at(part(plan, "2"), YEAR).free, book.at(part(plan, "1"), YEAR).free) == (1_000_000, 0)
    assert Call.objects.get().envelope == 500_000


def test_an_envelope_never_falls_below_what_is_awarded():
    plan = plan_with_money()
    call = funded(plan, 600_000)
    award(call, 400_000)
    place = {"call": call, "part": part(plan, "2"), "year": YEAR}
    assert "已核定 400,000 元" in refusal(fund_call, **place, amount=399_999)["amount"][0]
    fund_call(**place, amount=400_000)
    balance = ledger(plan).at(part(plan, "2"), YEAR)
    assert (balance.enveloped, balance.committed, balance.free) == (400_000, 400_000, 600_000)


def test_a_closed_call_gives_back_what_it_did_not_award():
    plan = plan_with_money()
    call = funded(plan, 600_000)
    award(call, 400_000)
    Call.objects.filter(pk=call.pk).update(state="closed")
    assert ledger(plan).at(part(plan, "2"), YEAR).free == 600_000
    assert Call.objects.get().envelope == 600_000  # what was announced stays
    with pytest.raises(ValidationError, match="已經結案"):
        fund_call(call=call, part=part(plan, "2"), year=YEAR, amount=600_000)


def test_an_envelope_that_grew_is_held_to_what_is_free():
    plan = plan_with_money()
    call = funded(plan, 600_000)
    Call.objects.filter(pk=call.pk).update(envelope=1_000_000)
    keep_funded(Call.objects.get())
    Call.objects.filter(pk=call.pk).update(envelope=1_000_001)
    with pytest.raises(ValidationError, match="1,000,001"):
        keep_funded(Call.objects.get())
    assert keep_funded(make_call(slug="free", envelope=10**9)) is None


def test_heads_set_aside_what_they_cost_at_most():
    plan = plan_with_money(subsidy=None)
    budget(plan, "2", 1_150, category="material")  # 3,150 千元: three heads
    call = load_scheme(RAISE, actor=None, now=clock.now())
    place = {"call": call, "part": part(plan, "2"), "year": YEAR}
    assert "匡列 4,200,000 元" in refusal(fund_call, **place, amount=4)["amount"][0]
    fund_call(**place, amount=3)
    assert Call.objects.get().envelope == 3
    assert ledger(plan).at(part(plan, "2"), YEAR).enveloped == 3_150_000
    in_force(plan, percent=40)
    assert standing_of(call).covered == 1_890_000
    assert available_for(Call.objects.get()) == 1  # whole heads, rounded down


def test_free_never_grows_by_funding():
    plan = plan_with_money()
    parts = [part(plan, number) for number in ("", "1", "2", "2.1")]
    before = {p.pk: ledger(plan).at(p, YEAR).free for p in parts}
    for number, place in enumerate(parts[1:]):
        call = make_call(slug=f"c{number}", envelope=5)
        fund_call(call=call, part=place, year=YEAR, amount=123_457)
        after = {p.pk: ledger(plan).at(p, YEAR).free for p in parts}
        assert all(after[pk] <= before[pk] for pk in before)
        assert min(after.values()) >= 0
        before = after


# ---- the subsidy of a part ------------------------------------------------------------------------


def test_the_subsidy_is_never_above_the_budget_nor_below_what_is_set_aside():
    plan = plan_with_money(subsidy=None)
    funded(plan, 600_000)
    place = {"part": part(plan, "2"), "year": YEAR, "source": "預算書 第 3 頁"}
    assert "核定經費 2,000,000 元" in refusal(set_subsidy, **place, amount=2_001)["amount"][0]
    assert "已匡列給徵案的 600,000 元" in refusal(set_subsidy, **place, amount=599)["amount"][0]
    assert not SubsidyBudget.objects.exists()
    set_subsidy(**place, amount=600)
    assert ledger(plan).at(part(plan, "2"), YEAR).free == 0
    assert set_subsidy(**place, amount=None) is None
    assert ledger(plan).at(part(plan, "2"), YEAR).free == 1_400_000


def test_the_subsidy_counts_what_measures_took():
    plan = plan_with_money()
    funded(plan, 600_000)
    in_force(plan, percent=25)
    place = {"part": part(plan, "2"), "year": YEAR, "source": "函"}
    assert "剩 599,250 元" in refusal(set_subsidy, **place, amount=799)["amount"][0]
    set_subsidy(**place, amount=800)
    set_subsidy(**place, amount=900)


def test_the_subsidy_needs_a_source_and_a_year_of_the_plan():
    plan = plan_with_money()
    place = {"part": part(plan, "2"), "amount": 5}
    assert list(refusal(set_subsidy, **place, year=YEAR, source=" ")) == ["source"]
    assert list(refusal(set_subsidy, **place, year=120, source="函")) == ["year"]


# ---- speed ----------------------------------------------------------------------------------------


def test_the_number_of_queries_grows_with_nothing(django_assert_num_queries):
    plan = plan_with_money()
    funded(plan, 1_000)
    with django_assert_num_queries(7):
        ledger(plan)
    for number in range(3, 20):
        add_part(plan, f"{number}", part(plan, ""))
        budget(plan, f"{number}", 9_000)
        funded(plan, 1_000, number=f"{number}", slug=f"call-{number}")
    in_force(plan, percent=1)
    in_force(plan, "1", percent=1)
    with django_assert_num_queries(7):
        ledger(plan)


# ---- two at once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite database in memory has one connection")
def test_two_calls_at_once_never_take_the_same_dollar():
    plan = plan_with_money()
    calls = [make_call(slug=f"c{number}", envelope=5) for number in range(4)]
    place = part(plan, "2")

    def run(call):
        try:
            fund_call(call=call, part=place, year=YEAR, amount=400_000)
        except ValidationError as refused:
            return "refused" if "amount" in refused.message_dict else "?"
        return "funded"

    results = at_once(*[partial(run, call) for call in calls])
    assert sorted(results) == ["funded", "funded", "refused", "refused"]
    assert ledger(plan).at(place, YEAR).free == 200_000
