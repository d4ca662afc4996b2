"""RECRUIT-112: each rule by its ID, with both sides of its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.findings import Finding, Severity
from programs.rules.check import check, required_documents, sections_of
from programs.rules.facts import CaseFacts, Partner
from programs.rules.selfcheck import selfcheck

from .builders import faults as faults_of
from .builders import found, line, student
from .others import recruit, recruit_facts


def faults(rule: str, case: CaseFacts) -> list[Finding]:
    return faults_of(rule, case, of=recruit())


def test_a_complete_case_has_no_fault() -> None:
    wrong = [f for f in check(recruit(), recruit_facts()) if f.severity in (Severity.ERROR, Severity.WARNING)]
    assert wrong == []


def test_the_sections_follow_from_the_terms() -> None:
    sections = list(sections_of(recruit()))
    assert "partners" in sections
    assert "advantages" not in sections


def test_RE1_any_company_whatever_its_business() -> None:
    case = recruit_facts()
    assert case.company.codes == ()
    assert faults("RE1", case) == []
    assert recruit().of_kind("code_prefixes", "service_proof") == []


def test_RE1_no_other_kind_of_body_and_no_false_number() -> None:
    base = recruit_facts()
    university = replace(base, company=replace(base.company, kind="university"))
    assert [f.where for f in faults("RE1", university)] == ["company.kind"]
    misspelt = replace(base, company=replace(base.company, ubn="04595258"))
    assert [f.where for f in faults("RE1", misspelt)] == ["company.ubn"]


@pytest.mark.parametrize(("worth", "wrong"), [(0, True), (1, False)])
def test_RE1_E3_net_worth_positive(worth: int, wrong: bool) -> None:
    base = recruit_facts()
    case = replace(base, eligibility=replace(base.eligibility, net_worth=worth))
    assert bool(faults("E3", case)) is wrong


def test_RE2_one_university_is_enough_and_none_is_not() -> None:
    assert faults("RE2", recruit_facts()) == []
    nothing = faults("RE2", recruit_facts(partners=()))
    assert [f.where for f in nothing] == ["partners"]
    nameless = faults("RE2", recruit_facts(partners=(Partner(kind="university", subject="課程"),)))
    assert [f.where for f in nameless] == ["partners[0].name"]


def test_RE2_an_unknown_kind_of_partner_is_named() -> None:
    strange = faults("RE2", recruit_facts(partners=(Partner("甲", "club", "乙"),)))
    assert [f.where for f in strange] == ["partners[0].kind", "partners"]


@pytest.mark.parametrize(
    ("level", "wrong"),
    [
        ("university3", False),
        ("university4", False),
        ("master1", False),
        ("master2", False),
        ("college5", True),
        ("postgraduate", True),
        ("university2", True),
    ],
)
def test_RE2a_students_of_the_four_years_only(level: str, wrong: bool) -> None:
    case = recruit_facts(trainees=(student(level=level, planned_hours=250),))
    assert [f.where for f in faults("RE2a", case)] == (["trainees[0].level"] if wrong else [])


def test_RE2a_no_employees() -> None:
    case = recruit_facts(trainees=(student(kind="employee", planned_hours=250),))
    assert [f.where for f in faults("RE2a", case)] == ["trainees[0].kind"]


@pytest.mark.parametrize(
    ("ends_on", "hours", "least"),
    [
        (date(2023, 8, 31), 249, 250),
        (date(2023, 8, 31), 250, None),
        (date(2023, 9, 1), 379, 380),
        (date(2023, 9, 1), 380, None),
        (date(2023, 9, 30), 379, 380),
        (date(2023, 9, 30), 380, None),
        (date(2023, 10, 1), 509, 510),
        (date(2023, 10, 1), 510, None),
        (date(2023, 10, 31), 509, 510),
        (date(2023, 10, 31), 510, None),
    ],
)
def test_RE3_the_period_decides_the_least_hours(ends_on: date, hours: int, least: int | None) -> None:
    case = recruit_facts(ends_on=ends_on, trainees=(student(level="master2", planned_hours=hours),))
    wrong = faults("RE3", case)
    assert [f.numbers["minimum"] for f in wrong] == ([] if least is None else [least])
    assert all(f.where == "trainees[0].planned_hours" for f in wrong)


def test_RE3_longer_than_four_months_is_refused() -> None:
    assert (
        faults("RE3", recruit_facts(ends_on=date(2023, 10, 31), trainees=(student(planned_hours=510),))) == []
    )
    late = faults("RE3", recruit_facts(ends_on=date(2023, 11, 1), trainees=(student(planned_hours=510),)))
    assert [f.where for f in late] == ["schedule.ends_on"]
    assert "112/10/31" in late[0].message


@pytest.mark.parametrize(("ends_on", "wrong"), [(date(2023, 7, 31), True), (date(2023, 8, 1), False)])
def test_RE3_two_months_are_the_shortest_period(ends_on: date, wrong: bool) -> None:
    got = faults("RE3", recruit_facts(ends_on=ends_on, trainees=(student(planned_hours=600),)))
    assert [f.where for f in got] == (["schedule.ends_on"] if wrong else [])
    if wrong:
        assert "不到 2 個月" in got[0].message
        assert "112/8/31" in got[0].remedy


def test_RE3_unknown_dates_are_the_other_rules_matter() -> None:
    assert found("RE3", recruit_facts(ends_on=None), of=recruit()) == []
    assert [f.where for f in faults("RE3a", recruit_facts(ends_on=None))] == ["schedule.ends_on"]


@pytest.mark.parametrize(("day", "wrong"), [(date(2023, 11, 30), False), (date(2023, 12, 1), True)])
def test_RE3a_within_the_programme(day: date, wrong: bool) -> None:
    case = recruit_facts(starts_on=date(2023, 10, 1), ends_on=day, schedule=())
    assert bool(faults("RE3a", case)) is wrong


def test_RE3b_the_plan_is_complete() -> None:
    assert faults("RE3b", recruit_facts()) == []
    assert [f.where for f in faults("RE3b", recruit_facts(courses=()))] == ["courses"]


def test_RE4_a_digital_role_of_ipas() -> None:
    assert faults("RE4", recruit_facts()) == []
    case = recruit_facts(trainees=(student(job_role="chef", planned_hours=250),))
    assert [f.where for f in faults("RE4", case)] == ["trainees[0].job_role"]


def promising(key: str, target: str) -> CaseFacts:
    base = recruit_facts()
    return replace(
        base, outcomes=tuple(replace(o, target=target) if o.key == key else o for o in base.outcomes or ())
    )


@pytest.mark.parametrize(
    ("pay", "wrong"),
    [("30,000", True), ("30000.5", False), ("30,001", False), ("29,999", True), ("面議", True)],
)
def test_RE4a_posts_above_an_average_of_30000(pay: str, wrong: bool) -> None:
    assert [f.where for f in faults("RE4a", promising("starting_pay", pay))] == (
        ["outcomes[2].target"] if wrong else []
    )


@pytest.mark.parametrize(("wage", "wrong"), [(175, True), (176, False)])
def test_RE4b_never_below_the_minimum_wage_of_the_year(wage: int, wrong: bool) -> None:
    case = recruit_facts(trainees=(student(planned_hours=250, hourly_wage=wage),))
    assert bool(faults("RE4b", case)) is wrong


def test_RE5_criteria_35_30_25_10() -> None:
    assert [c.weight for c in recruit().criteria] == [35, 30, 25, 10]
    assert [c.label for c in recruit().criteria] == [
        "計畫目標與實施策略",
        "培育內容",
        "預期成效",
        "經費編列合理性",
    ]


@pytest.mark.parametrize(
    ("key", "rule", "below", "at"), [("hiring_rate", "RE6", "89", "90"), ("pay_rise", "RE6a", "9", "10")]
)
def test_RE6_RE6a_goals_only_warn(key: str, rule: str, below: str, at: str) -> None:
    short = faults(rule, promising(key, below))
    assert [f.severity for f in short] == [Severity.WARNING]
    assert faults(rule, promising(key, at)) == []


def test_RE6a_a_promise_in_words_is_asked_for_in_figures() -> None:
    assert "不是數字" in faults("RE6a", promising("pay_rise", "很多"))[0].message


@pytest.mark.parametrize(("subsidy", "wrong"), [(1000, False), (1001, True)])
def test_B1_a_line_asks_for_no_more_than_it_costs(subsidy: int, wrong: bool) -> None:
    case = recruit_facts(budget=(line("operations", 1000, subsidy),))
    assert [f.where for f in faults("B1", case)] == (["budget[0].subsidy"] if wrong else [])


def test_RE7_three_stages_and_the_papers() -> None:
    assert recruit().rule("RE7").kind == "notice"
    needed = [item.code for item, required, _ in required_documents(recruit(), recruit_facts()) if required]
    assert needed == ["D1", "D2", "D4", "D5", "D6", "D7"]


GOOD: dict[str, Any] = {
    "registered": True,
    "bank_rejected": False,
    "net_worth": "positive",
    "has_partner": True,
    "students": 3,
    "period_months": 3,
    "hours": 380,
    "starting_pay": 30_001,
}


def test_the_self_check_of_a_good_company() -> None:
    result = selfcheck(recruit(), GOOD)
    assert result.eligible
    assert result.unanswered == ()
    assert result.maximum is None  # the plan names no ceiling


@pytest.mark.parametrize(
    ("key", "answer", "rule"),
    [
        ("registered", False, "RE1"),
        ("has_partner", False, "RE2"),
        ("hours", 379, "RE3"),
        ("period_months", 5, "RE3"),
        ("period_months", 1, "RE3"),
        ("period_months", 0, "RE3"),
        ("students", 0, "RE2a"),
        ("starting_pay", 30_000, "RE4a"),
    ],
)
def test_the_self_check_names_the_rule(key: str, answer: Any, rule: str) -> None:
    result = selfcheck(recruit(), {**GOOD, key: answer})
    assert [f.rule for f in result.findings if f.severity is Severity.ERROR] == [rule]
