"""Freezes and cuts on a tree of budgets, in whole dollars."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from programs.rules.plans.ledger import (
    Balance,
    Reduction,
    ancestry,
    budget_of,
    descendants,
    reduction_at,
)

# 1 the plan · 2, 3 sub-programmes · 4 an item of 2
PARENTS = {1: None, 2: 1, 3: 1, 4: 2}
BASES = {1: 1_000, 2: 600, 3: 400, 4: 250}


def test_the_tree():
    assert ancestry(PARENTS, 4) == [4, 2, 1]
    assert descendants(PARENTS, 2) == {2, 4}
    assert budget_of(PARENTS, {3: 40, 4: 25, 2: 35}, 1) == 100


def test_a_share_falls_on_every_part_below_and_rounds_against_spending():
    freeze = [Reduction(1, "freeze", percent=Decimal("33.33"))]
    assert reduction_at(PARENTS, BASES, freeze, 1) == {"cut": 0, "freeze": 334}
    assert reduction_at(PARENTS, BASES, freeze, 3) == {"cut": 0, "freeze": 134}
    assert reduction_at(PARENTS, BASES, freeze, 4) == {"cut": 0, "freeze": 84}


def test_an_amount_falls_on_parts_below_by_their_share():
    cut = [Reduction(1, "cut", amount=100)]
    assert reduction_at(PARENTS, BASES, cut, 2) == {"cut": 60, "freeze": 0}
    assert reduction_at(PARENTS, BASES, cut, 3) == {"cut": 40, "freeze": 0}


def test_a_measure_below_counts_in_full_above():
    cut = [Reduction(4, "cut", amount=50)]
    assert reduction_at(PARENTS, BASES, cut, 1)["cut"] == 50
    assert reduction_at(PARENTS, BASES, cut, 3)["cut"] == 0


def test_never_more_than_there_is_and_cuts_count_first():
    both = [Reduction(3, "cut", amount=300), Reduction(3, "freeze", percent=Decimal(100))]
    assert reduction_at(PARENTS, BASES, both, 3) == {"cut": 300, "freeze": 100}
    assert reduction_at(PARENTS, BASES, [Reduction(3, "cut", amount=401)], 3)["cut"] == 400


@given(
    st.integers(0, 10**12),
    st.lists(
        st.one_of(
            st.builds(
                Reduction,
                st.just(1),
                st.sampled_from(["cut", "freeze"]),
                percent=st.decimals(0, 100, places=2),
            ),
            st.builds(
                Reduction, st.just(1), st.sampled_from(["cut", "freeze"]), amount=st.integers(0, 10**12)
            ),
        ),
        max_size=5,
    ),
)
def test_what_is_taken_lies_between_nothing_and_all(base, reductions):
    taken = reduction_at({1: None}, {1: base}, reductions, 1)
    assert 0 <= taken["cut"] <= base
    assert 0 <= taken["cut"] + taken["freeze"] <= base


def test_a_balance_adds_up():
    balance = Balance(base=1_000, frozen=100, cut=50, enveloped=700, committed=500, paid=250, returned=30)
    assert balance.available == 850
    assert balance.free == 150
    assert balance.uncommitted == 200
    assert balance.outstanding == 250
    assert balance.spent == 220
