"""The public self-check, and how complete each section of a case is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Severity
from programs.rules.check import SECTIONS, Completeness, check, completeness, sections_of, subsidy_caps
from programs.rules.facts import CaseFacts, Company
from programs.rules.selfcheck import SelfCheckError, selfcheck

from .builders import facts, line, people, student, terms
from .others import partner, raise_facts, raising

GOOD: dict[str, Any] = {
    "registered": True,
    "bank_rejected": False,
    "net_worth": "positive",
    "industry": "C",
    "serves_manufacturing": None,
    "students": 4,
    "employees": 2,
    "hours": 120,
    "student_wage": 250,
    "finishes_in_time": True,
}


def test_a_company_that_meets_all_is_told_the_highest_subsidy() -> None:
    result = selfcheck(terms(), GOOD)
    assert result.eligible
    assert result.unanswered == ()
    assert result.maximum == 520_000
    assert {f.severity for f in result.findings} == {Severity.OK}


@pytest.mark.parametrize(
    ("key", "answer", "rule"),
    [
        ("registered", False, "E1"),
        ("bank_rejected", True, "E2"),
        ("net_worth", "negative", "E3"),
        ("industry", "none", "E4"),
        ("students", 1, "T2"),
        ("hours", 119, "T3"),
        ("student_wage", 249, "T7"),
        ("finishes_in_time", False, "T5"),
    ],
)
def test_each_answer_is_judged_by_its_rule_and_clause(key: str, answer: Any, rule: str) -> None:
    result = selfcheck(terms(), {**GOOD, key: answer})
    wrong = [f for f in result.findings if f.severity is Severity.ERROR]
    assert [f.rule for f in wrong] == [rule]
    assert wrong[0].clause == terms().rule(rule).clause
    assert not result.eligible


@pytest.mark.parametrize("industry", ["I1", "I3", "IF", "IG"])
def test_E4a_technical_services_are_asked_for_their_proof(industry: str) -> None:
    open_question = selfcheck(terms(), {**GOOD, "industry": industry})
    assert open_question.unanswered == ("serves_manufacturing",)
    assert selfcheck(terms(), {**GOOD, "industry": industry, "serves_manufacturing": True}).eligible
    assert not selfcheck(terms(), {**GOOD, "industry": industry, "serves_manufacturing": False}).eligible


def test_E3b_increase_counts_as_positive() -> None:
    assert selfcheck(terms(), {**GOOD, "net_worth": "after_increase"}).eligible


def test_no_answer_no_verdict() -> None:
    result = selfcheck(terms(), {})
    assert result.findings == ()
    assert result.maximum is None
    assert len(result.unanswered) == 10


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("registered", "yes"),
        ("industry", "Z"),
        ("students", -1),
        ("students", 1001),
        ("hours", "120"),
        ("hours", True),
        ("colour", 1),
    ],
)
def test_answers_of_the_wrong_kind_are_refused_at_the_question(key: str, answer: Any) -> None:
    with pytest.raises(SelfCheckError) as error:
        selfcheck(terms(), {**GOOD, key: answer})
    assert list(error.value.problems) == [key]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200), st.integers(0, 500))
def test_the_self_check_never_contradicts_the_full_check(s: int, e: int, hours: int, wage: int) -> None:
    result = selfcheck(terms(), {**GOOD, "students": s, "employees": e, "hours": hours, "student_wage": wage})
    trainees = tuple(
        replace(t, planned_hours=hours, hourly_wage=wage if t.kind == "student" else 300)
        for t in people(s, e)
    )
    full = {f.rule for f in check(terms(), facts(trainees=trainees)) if f.severity is Severity.ERROR}
    said = {f.rule for f in result.findings if f.severity is Severity.ERROR}
    assert said <= full | {"T1"}
    assert full & {"T2", "T3", "T7"} <= said | ({"T2"} if s + e == 0 else set())


@given(st.integers(0, 60), st.integers(0, 60))
def test_B3_B4_the_self_checks_highest_subsidy_is_what_the_budget_allows(s: int, e: int) -> None:
    allowed = min(cap.limit for cap in subsidy_caps(terms(), facts(trainees=people(s, e))))
    assert selfcheck(terms(), {**GOOD, "students": s, "employees": e}).maximum == allowed
    asked = facts(trainees=people(s, e), budget=(line("personnel", 2 * allowed, allowed),))
    more = facts(trainees=people(s, e), budget=(line("personnel", 2 * allowed + 2, allowed + 1),))
    assert not [
        f for f in check(terms(), asked) if f.rule in ("B2", "B3", "B4") and f.severity is Severity.ERROR
    ]
    assert {f.rule for f in check(terms(), more) if f.severity is Severity.ERROR} & {"B3", "B4"}


@given(st.integers(0, 200), st.integers(0, 200))
def test_RA3_the_self_checks_highest_subsidy_is_what_the_budget_allows(first: int, second: int) -> None:
    case = raise_facts(partners=(partner(first), partner(second)))
    (cap,) = subsidy_caps(raising(), case)
    assert selfcheck(raising(), {"asked_heads": first + second}).maximum == cap.limit


def states(case: CaseFacts) -> dict[str, Completeness]:
    return {k: s.state for k, s in completeness(check(terms(), case), case, sections_of(terms())).items()}


def test_nothing_entered_is_not_started() -> None:
    assert set(states(CaseFacts()).values()) == {Completeness.EMPTY}
    assert list(states(CaseFacts())) == [key for key in SECTIONS if key != "partners"]


def test_a_complete_case_is_complete() -> None:
    got = states(facts())
    assert {k for k, s in got.items() if s is not Completeness.COMPLETE} == {"avoid_reviewers"}
    assert got["avoid_reviewers"] is Completeness.EMPTY


def test_something_missing_is_in_progress_and_something_wrong_needs_mending() -> None:
    partial = facts(trainees=(student(), student(school="")))
    wrong = facts(trainees=(student(), student(school="", hourly_wage=249)))
    assert states(partial)["trainees"] is Completeness.PARTIAL
    assert states(wrong)["trainees"] is Completeness.WRONG
    assert states(CaseFacts(company=Company(name="示範公司")))["company"] is Completeness.PARTIAL


def test_the_words_of_the_states_and_the_counts() -> None:
    assert [s.label for s in Completeness] == ["未開始", "填寫中", "完成", "需修正"]
    case = facts(trainees=(student(), student(school="", hourly_wage=249)))
    status = completeness(check(terms(), case), case)["trainees"]
    assert (status.missing, status.errors, status.findings) == (1, 1, 2)
