"""Balanced assignment: never a conflict, filled where it can be, even, skilled; compared with brute force."""

import random
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.rules.assignment import AssignmentError, Expert, ReviewJob, assign


def loads_of(plan, keys):
    return {k: sum(k in given for given in plan.assigned.values()) for k in keys}


def test_three_cases_three_experts_two_each_are_even():
    plan = assign([ReviewJob(c) for c in "xyz"], [Expert(k) for k in "abc"], per_case=2)
    assert plan.loads == {"a": 2, "b": 2, "c": 2}
    assert not plan.unfilled
    assert plan.imbalance == 0


def test_skills_decide_among_equal_loads():
    jobs = [ReviewJob("x", frozenset({"AI"})), ReviewJob("y", frozenset({"資安"}))]
    experts = [Expert("a", frozenset({"資安"})), Expert("b", frozenset({"AI"}))]
    plan = assign(jobs, experts, per_case=1)
    assert plan.assigned == {"x": ("b",), "y": ("a",)}
    assert plan.unmatched == ()


def test_balance_goes_before_skills_and_unskilled_cases_are_named():
    jobs = [ReviewJob(f"c{i}", frozenset({"AI"})) for i in range(4)]
    plan = assign(jobs, [Expert("a", frozenset({"AI"})), Expert("b")], per_case=1)
    assert plan.loads == {"a": 2, "b": 2}
    assert len(plan.unmatched) == 2


def test_one_skilled_expert_for_each_case_is_better_than_two_for_one():
    jobs = [ReviewJob("x", frozenset({"AI"})), ReviewJob("y", frozenset({"AI"}))]
    experts = [Expert(k, frozenset({"AI"}) if k in "bd" else frozenset()) for k in "abcd"]
    # Only d can bring the skill to x; y could have both b and d.
    plan = assign(jobs, experts, per_case=2, conflicts={("x", "b"), ("y", "c")})
    assert plan.assigned == {"x": ("c", "d"), "y": ("a", "b")}
    assert plan.unmatched == ()


def test_others_move_to_make_room_for_a_case_with_few_choices():
    conflicts = {("z", "b"), ("z", "c")}
    experts = [Expert("a", capacity=1), Expert("b", capacity=1), Expert("c", capacity=1)]
    plan = assign([ReviewJob(c) for c in "xyz"], experts, per_case=1, conflicts=conflicts)
    assert plan.assigned["z"] == ("a",)
    assert not plan.unfilled


def test_unfilled_slots_are_explained():
    conflicts = {("x", "a"), ("x", "b")}
    plan = assign([ReviewJob("x")], [Expert(k) for k in "abc"], per_case=2, conflicts=conflicts)
    assert plan.assigned == {"x": ("c",)}
    assert plan.unfilled[0].missing == 1
    assert plan.unfilled[0].reason == "尚缺 1 位：委員庫共 3 位，其中 2 位須迴避，可審的委員均已指派。"
    full = assign([ReviewJob("x"), ReviewJob("y")], [Expert("a", capacity=1)], per_case=1)
    assert "均已達件數上限" in full.unfilled[0].reason
    assert assign([ReviewJob("x")], [], per_case=1).unfilled[0].missing == 1


def test_fixed_reviewers_stay_and_count():
    jobs = [ReviewJob("x", fixed=frozenset({"a"})), ReviewJob("y")]
    plan = assign(jobs, [Expert(k) for k in "ab"], per_case=1)
    assert plan.assigned == {"x": ("a",), "y": ("b",)}
    assert plan.loads == {"a": 1, "b": 1}


def test_earlier_loads_are_evened_out():
    plan = assign([ReviewJob(c) for c in "xyz"], [Expert("a", load=3), Expert("b")], per_case=1)
    assert plan.loads == {"a": 3, "b": 3}


def test_contradictions_are_refused():
    for jobs, experts, k, conflicts in (
        ([ReviewJob("x"), ReviewJob("x")], [], 1, set()),
        ([], [Expert("a"), Expert("a")], 1, set()),
        ([], [], -1, set()),
        ([ReviewJob("x", fixed=frozenset({"a"}))], [Expert("a")], 1, {("x", "a")}),
    ):
        with pytest.raises(AssignmentError):
            assign(jobs, experts, per_case=k, conflicts=conflicts)


def test_nothing_to_do_is_fine():
    assert assign([], [], per_case=3).assigned == {}
    assert assign([ReviewJob("x")], [Expert("a")], per_case=0).assigned == {"x": ()}


def test_a_real_season_is_even_and_conflict_free():
    rng = random.Random(114)
    roles = [f"role{i}" for i in range(12)]
    jobs = [ReviewJob(f"114-{i:03}", frozenset(rng.sample(roles, 2))) for i in range(300)]
    experts = [Expert(f"r{i:02}", frozenset(rng.sample(roles, 4)), 100) for i in range(12)]
    conflicts = {(j.case, e.key) for j in jobs for e in experts if rng.random() < 0.08}
    plan = assign(jobs, experts, per_case=3, conflicts=conflicts)
    assert not plan.unfilled
    assert plan.imbalance <= 1
    assert all(len(set(given)) == 3 for given in plan.assigned.values())
    assert not any((case, r) in conflicts for case, given in plan.assigned.items() for r in given)
    assert len(plan.unmatched) <= 3


@st.composite
def problems(draw):
    cases = draw(st.integers(1, 4))
    people = draw(st.integers(1, 4))
    jobs = [ReviewJob(f"c{i}", frozenset(draw(st.sets(st.sampled_from("AB"))))) for i in range(cases)]
    experts = [
        Expert(f"r{i}", frozenset(draw(st.sets(st.sampled_from("AB")))), draw(st.integers(0, 4)), 0)
        for i in range(people)
    ]
    pairs = [(j.case, e.key) for j in jobs for e in experts]
    return jobs, experts, draw(st.integers(1, 3)), draw(st.sets(st.sampled_from(pairs)))


def brute(jobs, experts, k, conflicts):
    """Most slots that can be filled, and among those the least sum of squared loads and least imbalance."""
    choices = []
    for job in jobs:
        able = [e.key for e in experts if (job.case, e.key) not in conflicts]
        choices.append([c for size in range(min(k, len(able)) + 1) for c in combinations(able, size)])
    best = None
    for picked in product(*choices):
        loads = {e.key: sum(e.key in p for p in picked) for e in experts}
        if all(loads[e.key] <= e.capacity for e in experts):
            values = loads.values()
            score = (-sum(values), sum(v * v for v in values))
            if best is None or score < best:
                best = score
    return -best[0], best[1]


@given(problems())
@settings(max_examples=150, deadline=None)
def test_against_brute_force(problem):
    jobs, experts, k, conflicts = problem
    plan = assign(jobs, experts, per_case=k, conflicts=conflicts)
    keys = [e.key for e in experts]
    assert all(len(set(r)) == len(r) <= k for r in plan.assigned.values())
    assert not any((case, r) in conflicts for case, given in plan.assigned.items() for r in given)
    loads = loads_of(plan, keys)
    assert loads == plan.loads
    assert all(loads[e.key] <= e.capacity for e in experts)
    filled, squares = brute(jobs, experts, k, conflicts)
    assert sum(loads.values()) == filled
    missing = {u.case: u.missing for u in plan.unfilled}
    assert all(len(plan.assigned[j.case]) + missing.get(j.case, 0) == k for j in jobs)
    if not plan.unfilled:
        # Sum of squares is least only where loads are as even as they can be.
        assert sum(v * v for v in loads.values()) == squares


@given(problems(), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_input_never_matters(problem, rng):
    jobs, experts, k, conflicts = problem
    again = assign(
        rng.sample(jobs, len(jobs)), rng.sample(experts, len(experts)), per_case=k, conflicts=set(conflicts)
    )
    assert again == assign(jobs, experts, per_case=k, conflicts=conflicts)
