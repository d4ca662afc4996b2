"""R5, R6 (what reviewers are shown) and C2 (a contract promises no less than the application)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Severity, stops_submission
from programs.rules.check import AdvantageFact, advantage_facts, check, compare_promises
from programs.rules.facts import Advantage, CaseFacts, Course, Outcome, Trainee
from programs.rules.kinds.promises import as_number

from .builders import REGIONS, employee, facts, faults, found, people, student, terms, with_company


def fact(key: str, case: CaseFacts) -> AdvantageFact:
    return next(f for f in advantage_facts(terms(), case, REGIONS) if f.key == key)


@pytest.mark.parametrize(
    ("students", "employees", "held"),
    [(3, 7, False), (4, 9, True), (2, 5, False), (31, 69, True), (30, 70, False)],
)
def test_R5_students_are_strictly_more_than_30_percent(students: int, employees: int, held: bool) -> None:
    assert fact("student_share", facts(trainees=people(students, employees))).holds is held


@pytest.mark.parametrize(
    ("city", "township", "held"),
    [
        ("臺中市", "西屯區", True),
        ("台中市", "西屯區", True),
        ("臺南市", "", True),
        ("屏東縣", "琉球鄉", True),
        ("臺東縣", "綠島鄉", True),
        ("臺東縣", "臺東市", False),
        ("臺北市", "信義區", False),
        (None, None, None),
    ],
)
def test_R5_location_in_centre_south_or_offshore(
    city: str | None, township: str | None, held: bool | None
) -> None:
    assert fact("location", with_company(city=city, township=township)).holds is held


def test_R5_offshore_townships_name_all_their_zones() -> None:
    assert fact("location", with_company(city="屏東縣", township="琉球鄉")).text == "屏東縣琉球鄉屬南部、離島"


def test_R5_student_list_is_complete_when_every_student_is_named_with_school() -> None:
    assert fact("student_list", facts()).holds is True
    assert fact("student_list", facts(trainees=(student(), student(name="")))).holds is False
    assert fact("student_list", facts(trainees=(employee(),))).holds is None


def test_R5_claims_are_shown_as_claimed_with_their_proof() -> None:
    assert fact("university_cooperation", facts()).text == "與臺中示範科技大學簽約"
    assert fact("first_time", facts()).holds is False
    assert fact("first_time", facts(advantages=None)).holds is None


def test_R5_a_claim_without_proof_warns_and_never_stops() -> None:
    case = facts(advantages=(Advantage("first_time", True, " "), Advantage("wizardry", True, "x")))
    got = faults("R5", case)
    assert [(f.where, f.severity) for f in got] == [
        ("advantages[0].note", Severity.WARNING),
        ("advantages[1].key", Severity.WARNING),
    ]
    assert not stops_submission(check(terms(), case))


@pytest.mark.parametrize(("wage", "held"), [(250, False), (251, True), (None, None)])
def test_R6_student_pay_is_above_250(wage: int | None, held: bool | None) -> None:
    assert fact("student_wage", facts(trainees=(student(hourly_wage=wage),))).holds is held


@pytest.mark.parametrize(
    ("bachelor", "master", "held"),
    [
        ("40000", None, True),
        ("39999", None, False),
        ("40,000 元", "45000", True),
        ("40000", "44999", False),
        (None, "45,000", True),
        (None, None, False),
        ("面議", None, False),
    ],
)
def test_R6_starting_pay_thresholds(bachelor: str | None, master: str | None, held: bool) -> None:
    outcomes = []
    if bachelor is not None:
        outcomes.append(Outcome("starting_pay_bachelor", "", bachelor))
    if master is not None:
        outcomes.append(Outcome("starting_pay_master", "", master))
    assert fact("starting_pay", facts(outcomes=tuple(outcomes))).holds is held


def test_R6_a_claim_without_proof_warns() -> None:
    case = facts(advantages=(Advantage("ipas_link", True, ""), Advantage("pass_rate", False, "")))
    assert [f.where for f in faults("R6", case)] == ["advantages[0].note"]


def test_C2_is_silent_on_an_application() -> None:
    assert found("C2", facts()) == []


def test_C2_the_same_plan_keeps_its_promises() -> None:
    assert [f.severity for f in compare_promises(terms(), facts(), facts())] == [Severity.OK]


def test_C2_fewer_people_hours_or_pay_are_less() -> None:
    contract = facts(trainees=(student(planned_hours=119, hourly_wage=250), *people(2, 2)))
    said = [
        f.message for f in compare_promises(terms(), facts(trainees=people(4, 2, hourly_wage=260)), contract)
    ]
    assert any("在學學生人數由申請時的 4 位降為 3 位" in m for m in said)
    assert any("最低時薪由申請時的 260 元降為 250 元" in m for m in said)
    assert any("培訓總時數由申請時的 720 小時降為 599 小時" in m for m in said)
    assert any("每人最少時數由申請時的 120 小時降為 119 小時" in m for m in said)


def _contract(before: tuple[Trainee, ...], after: tuple[Trainee, ...]) -> list[str]:
    found = compare_promises(terms(), facts(trainees=before), facts(trainees=after))
    return [f.message for f in found if f.severity is Severity.ERROR]


def test_C2_hours_taken_from_students_are_not_made_up_by_employees() -> None:
    before = (student(planned_hours=160), student(planned_hours=160), employee(planned_hours=120))
    after = (student(planned_hours=160), student(planned_hours=159), employee(planned_hours=121))
    (said,) = _contract(before, after)
    assert said.startswith("在學學生規劃時數達 160 小時者由申請時的 2 位降為 1 位")
    assert _contract(before, tuple(reversed(before))) == []


def test_C2_whoever_was_promised_more_pay_is_still_promised_it() -> None:
    before = (student(hourly_wage=250), student(hourly_wage=400))
    (said,) = _contract(before, (student(hourly_wage=399), student(hourly_wage=399)))
    assert "時薪達 400 元者由申請時的 1 位降為 0 位" in said
    assert _contract(before, (student(hourly_wage=400), student(hourly_wage=250), student())) == []


def test_C2_pay_by_the_month_may_not_turn_into_nothing() -> None:
    before = (employee(hourly_wage=None, monthly_wage=45_000),)
    (said,) = _contract(before, (employee(hourly_wage=260),))
    assert "申請時承諾的正職在職員工月薪（最低 45,000 元）不見了" in said


def test_C2_fewer_course_hours_are_less() -> None:
    contract = facts(courses=(Course("課程", "practice", 119),))
    assert [f.where for f in compare_promises(terms(), facts(), contract)] == ["courses"]


@pytest.mark.parametrize(
    ("key", "before", "after", "wrong"),
    [
        ("exam_entries", "6", "5", True),
        ("exam_entries", "6", "6", False),
        ("exam_entries", "6", "7", False),
        ("retention_rate", "75%", "74.9%", True),
        ("lead_time", "30", "31", True),
        ("lead_time", "30", "29", False),
        ("sales", "成長一成", "持平", False),
        ("exam_passes", "4", " ", True),
    ],
)
def test_C2_outcomes_are_compared_by_their_direction(key: str, before: str, after: str, wrong: bool) -> None:
    application = facts(outcomes=(Outcome(key, "", before),))
    contract = facts(outcomes=(Outcome(key, "", after),))
    got = compare_promises(terms(), application, contract)
    assert stops_submission(got) is wrong


def test_C2_a_promise_may_not_vanish() -> None:
    (fault,) = compare_promises(
        terms(), facts(outcomes=(Outcome("exam_entries", "", "6"),)), facts(outcomes=())
    )
    assert "不見了" in fault.message


@given(st.integers(0, 10**9))
def test_numbers_in_promises_are_read_with_and_without_separators(number: int) -> None:
    assert as_number(f"{number:,} 元") == number
    assert as_number(f" {number}%") == number
    assert as_number(f"約 {number}") is None


@given(st.integers(1, 40), st.integers(0, 20), st.integers(1, 40), st.integers(0, 20))
def test_C2_more_of_everything_is_never_less(s1: int, e1: int, s2: int, e2: int) -> None:
    small, large = facts(trainees=people(s1, e1)), facts(trainees=people(s1 + s2, e1 + e2))
    assert not stops_submission(compare_promises(terms(), small, large))
    assert stops_submission(compare_promises(terms(), large, replace(small)))
