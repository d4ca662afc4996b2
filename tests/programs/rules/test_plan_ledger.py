"""Freezes and cuts on a tree of budgets, in whole dollars."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules.plans.ledger import (
    Balance,
    Reduction,
    Taken,
    Tree,
    ancestry,
    covered,
    falls_on,
    may_still_award,
    taken,
)

# 1 the plan · 2, 3 sub-programmes · 4 an item of 2
PARENTS = {1: None, 2: 1, 3: 1, 4: 2}
APPROVED = {1: 1_000, 2: 600, 3: 400, 4: 250}
TREE = Tree(PARENTS)
DOLLARS = st.integers(0, 10**12)
KINDS = st.sampled_from(["cut", "freeze"])


def at(part, *reductions):
    found = taken(TREE, APPROVED, reductions)[part]
    return found.cut, found.frozen


def test_the_tree():
    assert ancestry(PARENTS, 4) == [4, 2, 1]
    assert TREE.below[2] == {2, 4}
    assert TREE.sums({3: 40, 4: 25, 2: 35}) == {1: 100, 2: 60, 3: 40, 4: 25}


def test_X6_a_share_falls_on_every_part_below_and_rounds_against_spending():
    freeze = Reduction(1, "freeze", percent=Decimal("33.33"))
    assert at(1, freeze) == (0, 334)
    assert at(3, freeze) == (0, 134)
    assert at(4, freeze) == (0, 84)


def test_X6_an_amount_falls_on_parts_below_by_their_share():
    cut = Reduction(1, "cut", amount=100)
    assert [at(part, cut)[0] for part in (1, 2, 3, 4)] == [100, 60, 40, 25]


def test_X6_a_measure_below_counts_in_full_above_and_not_beside():
    cut = Reduction(4, "cut", amount=50)
    assert [at(part, cut)[0] for part in (1, 2, 3, 4)] == [50, 50, 0, 50]


def test_X6_never_more_than_there_is_and_cuts_count_first():
    whole = Reduction(3, "freeze", percent=Decimal(100))
    assert at(3, Reduction(3, "cut", amount=300), whole) == (300, 100)
    assert at(3, Reduction(3, "cut", amount=400)) == (400, 0)
    assert at(3, Reduction(3, "cut", amount=401)) == (400, 0)
    assert at(3, Reduction(3, "cut", percent=Decimal("0.01"))) == (1, 0)


def test_X6_a_part_without_a_budget_loses_nothing():
    assert taken(TREE, {1: 0}, [Reduction(1, "cut", amount=5), Reduction(4, "cut", percent=Decimal(50))])[
        4
    ] == Taken(0, 0)


@pytest.mark.parametrize(
    ("cut", "frozen", "base", "found"),
    [(100, 0, 500, (50, 0)), (1, 0, 500, (1, 0)), (0, 1_000, 500, (0, 500)), (1_000, 0, 1_200, (1_200, 0))],
)
def test_X6_the_subsidy_bears_its_share_of_what_its_part_loses(cut, frozen, base, found):
    falls = falls_on(Taken(cut, frozen), approved=1_000, base=base)
    assert (falls.cut, falls.frozen) == found


REDUCTIONS = st.lists(
    st.one_of(
        st.builds(Reduction, st.sampled_from([1, 2, 3, 4]), KINDS, percent=st.decimals(0, 100, places=2)),
        st.builds(Reduction, st.sampled_from([1, 2, 3, 4]), KINDS, amount=DOLLARS),
    ),
    max_size=5,
)


@given(st.dictionaries(st.sampled_from([2, 3, 4]), DOLLARS), REDUCTIONS, st.integers(0, 10**12))
def test_X6_what_is_taken_lies_between_nothing_and_all_and_no_part_bears_less_than_its_share(
    own, reductions, subsidy
):
    approved = TREE.sums(own)
    found = taken(TREE, approved, reductions)
    for part, whole in found.items():
        assert 0 <= whole.cut <= whole.total <= approved[part]
        base = min(subsidy, approved[part])
        falls = falls_on(whole, approved=approved[part], base=base)
        assert 0 <= falls.cut <= falls.total <= base
        assert falls.total * approved[part] >= whole.total * base
    # What the plan loses, its parts lose together (each rounds up), when it is taken from the plan itself.
    above = [r for r in reductions if r.part == 1]
    found = taken(TREE, approved, above)
    assert found[2].total + found[3].total >= found[1].total


@given(st.dictionaries(st.sampled_from([1, 2, 3, 4]), DOLLARS))
def test_parts_add_up(own):
    sums = TREE.sums(own)
    for part in PARENTS:
        children = [child for child, parent in PARENTS.items() if parent == part]
        assert sums[part] == own.get(part, 0) + sum(sums[child] for child in children)


def test_a_balance_adds_up():
    balance = Balance(base=1_000, frozen=100, cut=50, enveloped=700, committed=500, paid=250, returned=30)
    assert balance.available == 850
    assert balance.free == 150
    assert balance.uncommitted == 200
    assert balance.outstanding == 250
    assert balance.spent == 220


def test_X6_calls_bear_a_shortage_by_their_share():
    short = [Balance(base=150, enveloped=200)]
    assert covered(100, short) == 75
    assert covered(100, [Balance(base=200, enveloped=200)]) == 100
    assert covered(100, [Balance(base=199, enveloped=200)]) == 99
    assert covered(100, [Balance(base=100, cut=100, enveloped=200)]) == 0
    assert covered(100, [Balance(base=100, cut=120, enveloped=200)]) == 0  # taken below what was set aside


def test_X6_what_is_awarded_already_is_not_awarded_again():
    # Another call of the part awarded all of its 100 before the part fell to 150: of this one's 75 only 50 are there.
    part = [Balance(base=150, enveloped=200, committed=100)]
    assert may_still_award(100, 0, part) == 50
    assert may_still_award(100, 100, part) == 0


@given(st.lists(st.tuples(DOLLARS, DOLLARS), min_size=1, max_size=6), DOLLARS)
def test_X6_calls_that_award_all_they_may_never_exceed_what_is_available(calls, available):
    """Whatever each has awarded so far, one after another takes all that it may: the part is not overdrawn by it."""
    held = [h for h, _ in calls]
    committed = [min(h, c) for h, c in calls]
    before = sum(committed)
    for at, mine in enumerate(held):
        now = [Balance(base=available, enveloped=sum(held), committed=sum(committed))]
        more = may_still_award(mine, committed[at], now)
        assert 0 <= more <= mine
        committed[at] += more
    assert sum(committed) <= max(available, before)
