"""T1–T8 and W1, both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.findings import Severity
from programs.rules.check import is_missing
from programs.rules.facts import Course, Milestone, Outcome

from .builders import bent, employee, facts, faults, found, people, student, terms

LEVELS = ["college4", "college5", "university3", "university4", "postgraduate"]


@pytest.mark.parametrize("level", LEVELS)
def test_T1_accepts_each_student_level(level: str) -> None:
    assert faults("T1", facts(trainees=people(2, 0, level=level))) == []


@pytest.mark.parametrize("level", ["college3", "university2", "大四"])
def test_T1_refuses_other_levels(level: str) -> None:
    faulty = (student(), student(level=level))
    assert [f.where for f in faults("T1", facts(trainees=faulty))] == ["trainees[1].level"]


def test_T1_the_list_of_levels_is_that_of_the_notice() -> None:
    assert [c.label for c in terms().student_levels] == ["專四", "專五", "大三", "大四", "碩士以上"]


def test_T1_refuses_another_kind_of_person_and_asks_for_particulars() -> None:
    case = facts(trainees=(student(), employee(kind="visitor"), student(school=""), employee(post="")))
    wrong = faults("T1", case)
    assert [f.where for f in wrong] == ["trainees[1].kind", "trainees[2].school", "trainees[3].post"]
    assert [is_missing(f) for f in wrong] == [False, True, True]
    assert [f.where for f in faults("T1", case, full=False)] == ["trainees[1].kind"]


@pytest.mark.parametrize(("students", "wrong"), [(1, True), (2, False), (3, False)])
def test_T2_at_least_two_students(students: int, wrong: bool) -> None:
    got = faults("T2", facts(trainees=people(students, 5)))
    assert bool(got) is wrong
    if wrong:
        assert "請再增加 1 位" in got[0].message


def test_T2_without_any_trainee_asks_for_them() -> None:
    assert [is_missing(f) for f in faults("T2", facts(trainees=()))] == [True]
    assert found("T2", facts(trainees=None), full=False) == []


@pytest.mark.parametrize(("hours", "wrong"), [(119, True), (120, False), (121, False)])
def test_T3_each_trainee_has_at_least_120_hours(hours: int, wrong: bool) -> None:
    trainees = (student(), student(planned_hours=hours))
    errors = [f for f in faults("T3", facts(trainees=trainees)) if f.severity is Severity.ERROR]
    assert bool(errors) is wrong
    if wrong:
        assert errors[0].where == "trainees[1].planned_hours"
        assert "119 小時" in errors[0].message
        assert "請增加 1 小時" in errors[0].message


def test_T3_another_persons_extra_hours_do_not_help() -> None:
    case = facts(trainees=(student(planned_hours=119), student(planned_hours=500)))
    assert any(f.where == "trainees[0].planned_hours" for f in faults("T3", case))


def test_T3_asks_for_hours_that_are_not_planned() -> None:
    case = facts(trainees=(student(planned_hours=None),))
    assert [is_missing(f) for f in faults("T3", case)] == [True]
    assert faults("T3", case, full=False) == []


def test_T3_project_practice_is_part_of_the_training() -> None:
    lecture, practice = facts().courses or ()
    assert [f.where for f in faults("T3", facts(courses=(replace(lecture, hours=120),)))] == ["courses"]
    assert faults("T3", facts(courses=(lecture, practice))) == []


@pytest.mark.parametrize(("hours", "warned"), [(59, True), (60, False)])
def test_T3_warns_when_courses_cannot_fill_the_planned_hours(hours: int, warned: bool) -> None:
    lecture, practice = facts().courses or ()
    got = faults("T3", facts(courses=(lecture, replace(practice, hours=hours))))
    assert [f.severity for f in got] == ([Severity.WARNING] if warned else [])


OWN = (
    "智慧生產 物聯網 資安 營運智慧 感知 工具機 3D列印 智慧聯網 "
    "天線 電磁相容 電動車 電路板 色彩 食品品保 AI應用規劃"
)
PRIVATE = "機器人 自動化 電控系統 機械 機械設計"


def test_T4_the_roles_are_those_of_the_notice() -> None:
    groups = {label: [name for _, name in roles] for label, roles in terms().job_role_choices()}
    assert groups == {"自辦項目": OWN.split(), "民間採認項目": PRIVATE.split()}


@pytest.mark.parametrize("role", [r.key for r in terms().job_roles])
def test_T4_accepts_each_role(role: str) -> None:
    assert faults("T4", facts(trainees=people(2, 0, job_role=role))) == []


def test_T4_refuses_another_role_and_asks_for_a_missing_one() -> None:
    got = faults("T4", facts(trainees=(student(job_role="cook"), student(job_role=None))))
    assert [(f.where, is_missing(f)) for f in got] == [
        ("trainees[0].job_role", False),
        ("trainees[1].job_role", True),
    ]


@pytest.mark.parametrize(("day", "wrong"), [(9, False), (10, False), (11, True)])
def test_T5_ends_on_114_07_10_at_the_latest(day: int, wrong: bool) -> None:
    case = facts(ends_on=date(2025, 7, day), schedule=())
    got = [f for f in faults("T5", case) if f.where == "schedule.ends_on"]
    assert bool(got) is wrong
    if wrong:
        assert "114/7/11" in got[0].message
        assert "114/7/10" in got[0].message


def test_T5_start_comes_before_the_end() -> None:
    day = date(2025, 5, 1)
    assert faults("T5", facts(starts_on=day, ends_on=day, schedule=())) == []
    late = facts(starts_on=date(2025, 5, 2), ends_on=day, schedule=())
    assert [f.where for f in faults("T5", late)] == ["schedule.starts_on"]


def test_T5_begins_with_the_contract_and_so_after_the_day_of_applying() -> None:
    # The builder's case applies on 114/3/20.
    same_day = facts(starts_on=date(2025, 3, 20), schedule=())
    (fault,) = faults("T5", same_day)
    assert fault.where == "schedule.starts_on"
    assert "114/3/20" in fault.message
    assert faults("T5", facts(starts_on=date(2025, 3, 21), schedule=())) == []


def test_T5_every_bar_lies_within_the_plan() -> None:
    inside = Milestone("課程", date(2025, 5, 1), date(2025, 7, 10), "發表")
    assert faults("T5", facts(schedule=(inside,))) == []
    late = replace(inside, ends_on=date(2025, 7, 11))
    early = replace(inside, starts_on=date(2025, 4, 30))
    turned = replace(inside, starts_on=date(2025, 6, 2), ends_on=date(2025, 6, 1))
    assert [f.where for f in faults("T5", facts(schedule=(late, early, turned)))] == [
        "schedule.milestones[0].ends_on",
        "schedule.milestones[1].starts_on",
        "schedule.milestones[2].starts_on",
    ]


def test_T5_asks_for_both_days() -> None:
    got = faults("T5", facts(starts_on=None, ends_on=None, schedule=()))
    assert [f.where for f in got] == ["schedule.starts_on", "schedule.ends_on"]


@pytest.mark.parametrize("key", [t.key for t in terms().plan_texts if t.required])
def test_T6_every_text_of_the_plan_is_there(key: str) -> None:
    plan = {**(facts().plan or {}), key: "  "}
    got = faults("T6", facts(plan=plan))
    assert [(f.where, is_missing(f)) for f in got] == [(f"plan.{key}", True)]
    assert faults("T6", facts(plan=plan), full=False) == []


@pytest.mark.parametrize(("length", "wrong"), [(5000, False), (5001, True)])
def test_T6_a_text_has_a_greatest_length(length: int, wrong: bool) -> None:
    plan = {**(facts().plan or {}), "goals": "字" * length}
    assert bool(faults("T6", facts(plan=plan))) is wrong


def test_T6_optional_texts_may_stay_empty() -> None:
    assert "earlier_grants" not in (facts().plan or {})
    assert faults("T6", facts()) == []


def test_T6_needs_a_title_courses_schedule_and_outcomes() -> None:
    case = facts(title=" ", courses=(), schedule=(), outcomes=())
    assert [f.where for f in faults("T6", case)] == [
        "plan.title",
        "courses",
        "schedule.milestones",
        "outcomes",
    ]


def test_T6_names_what_a_row_lacks() -> None:
    case = facts(courses=(Course("課程", "lecture", 0, "", "", "", None),), schedule=(Milestone("課程"),))
    assert [f.where for f in faults("T6", case)] == [
        "courses[0].site",
        "courses[0].lecturer",
        "courses[0].hours",
        "schedule.milestones[0].starts_on",
        "schedule.milestones[0].ends_on",
        "schedule.milestones[0].checkpoint",
    ]


def test_T6_trainees_sit_ipas_exams() -> None:
    base = facts().outcomes or ()
    none = (replace(base[0], target="0"), *base[1:])
    one = (replace(base[0], target="1"), *base[1:])
    assert [f.where for f in faults("T6", facts(outcomes=none))] == ["outcomes[0].target"]
    for nothing in ("0 人次", "０", "00", "-3", "0.0"):
        written = (replace(base[0], target=nothing), *base[1:])
        assert [f.where for f in faults("T6", facts(outcomes=written))] == ["outcomes[0].target"], nothing
    assert faults("T6", facts(outcomes=one)) == []
    assert [f.where for f in faults("T6", facts(outcomes=base[1:]))] == ["outcomes"]
    assert faults("T6", facts(outcomes=(*base, Outcome("magic", "", "1"))))


@pytest.mark.parametrize(("wage", "wrong"), [(249, True), (250, False), (251, False)])
def test_T7_students_earn_at_least_250_an_hour(wage: int, wrong: bool) -> None:
    got = faults("T7", facts(trainees=(student(), student(hourly_wage=wage), employee(hourly_wage=190))))
    assert [f.where for f in got] == (["trainees[1].hourly_wage"] if wrong else [])


def test_T7_asks_for_a_students_wage_only() -> None:
    case = facts(trainees=(student(hourly_wage=None), employee(hourly_wage=None, monthly_wage=40_000)))
    assert [f.where for f in faults("T7", case)] == ["trainees[0].hourly_wage"]
    assert faults("T8", case) == []


@pytest.mark.parametrize(
    ("ends_on", "hour", "month"),
    [
        (date(2024, 12, 31), 183, 27_470),
        (date(2025, 1, 1), 190, 28_590),
        (date(2025, 12, 31), 190, 28_590),
        (date(2026, 1, 1), 196, 29_500),
    ],
)
def test_T8_pay_is_never_below_the_minimum_wage_of_the_day(ends_on: date, hour: int, month: int) -> None:
    def wrong(**pay: int | None) -> list[str]:
        return [f.where for f in faults("T8", facts(ends_on=ends_on, trainees=(employee(**pay),)))]

    assert wrong(hourly_wage=hour) == []
    assert wrong(hourly_wage=hour - 1) == ["trainees[0].hourly_wage"]
    assert wrong(hourly_wage=None, monthly_wage=month) == []
    assert wrong(hourly_wage=None, monthly_wage=month - 1) == ["trainees[0].monthly_wage"]


def test_T8_every_trainee_is_insured() -> None:
    got = faults("T8", facts(trainees=(student(insured=False), student(insured=None), student())))
    assert [(f.where, is_missing(f)) for f in got] == [
        ("trainees[0].insured", False),
        ("trainees[1].insured", True),
    ]


def test_T8_an_employee_has_pay() -> None:
    got = faults("T8", facts(trainees=(employee(hourly_wage=None),)))
    assert [is_missing(f) for f in got] == [True]


@pytest.mark.parametrize(
    ("affiliation", "ceiling"),
    [("outside", 2000), ("affiliated", 1500), ("inside", 1000), ("示範大學", 2000)],
)
def test_W1_warns_above_the_reference_fee_and_never_stops(affiliation: str, ceiling: int) -> None:
    course = Course("課程", "practice", 120, "教室", "講師", affiliation, ceiling)
    assert faults("W1", facts(courses=(course,))) == []
    over = replace(course, fee_per_hour=ceiling + 1)
    assert [f.severity for f in faults("W1", facts(courses=(over,)))] == [Severity.WARNING]


def test_W1_a_lecturer_of_the_company_itself_is_inside() -> None:
    course = Course("課程", "practice", 120, "教室", "講師", "示範精密機械股份有限公司", 1001)
    assert faults("W1", facts(courses=(course,)))


def test_W1_ceilings_are_data_of_the_call() -> None:
    course = Course("課程", "practice", 120, "教室", "講師", "outside", 2500)
    case = facts(courses=(course,))
    generous = bent("W1", ceilings={"outside": 2500})
    assert faults("W1", case)
    assert faults("W1", case, of=generous) == []
