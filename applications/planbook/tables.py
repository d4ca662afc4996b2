"""The tables of the plan book, a function for each section of the case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.enums import Gender
from applications.enums import CourseKind, TraineeKind
from core.money import fmt
from core.rocdate import roc
from documents import contexts as c
from programs.rules.check import (
    AdvantageFact,
    account_totals,
    requested_heads,
)
from programs.rules.facts import CaseFacts, Course
from programs.rules.sections import partner_fields
from programs.rules.terms import Terms

BLANK = "—"


def heads(terms: Terms, counts: Mapping[Any, int]) -> str:
    """How many trainees there are, and of which kind: 「6 人（學生 4 人、在職員工 2 人）」."""
    parts = [
        f"{choice.label} {counts[choice.key]} 人" for choice in terms.trainee_kinds if counts[choice.key]
    ]
    return f"{sum(counts.values())} 人（{'、'.join(parts)}）" if parts else "0 人"


def partners(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """The bodies that the plan is carried out with, in the columns that the call asks about."""
    asked = partner_fields(terms)
    columns = [
        ("name", "名稱", "start", 30),
        ("kind", "種類", "center", 14),
        ("subject", "合作內容", "start", 30),
    ]
    columns += [("heads", "申請員額", "end", 12), ("months", "培訓（月）", "end", 12)]
    columns += [("practice_months", "其中實習（月）", "end", 14), ("bonus", "每人每年獎金（元）", "end", 16)]
    shown = [column for column in columns if column[0] in asked]
    whole = sum(width for *_, width in shown)
    rows = [
        tuple(
            terms.label("partner_kinds", partner.kind)
            if name == "kind"
            else _number(value)
            if isinstance(value := getattr(partner, name), int)
            else value or BLANK
            for name, *_ in shown
        )
        for partner in facts.partners or ()
    ]
    totals = tuple(
        fmt(requested_heads(facts)) if name == "heads" else "合計" if name == "name" else ""
        for name, *_ in shown
    )
    return [
        c.table(
            "合作單位",
            [c.Column(label, align, width * 100 // whole) for _, label, align, width in shown],
            rows,
            totals=totals if "heads" in asked else (),
        )
    ]


def trainees(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """Head-counts by kind, gender and role, then the list of trainees (T1–T4, T7)."""
    people = facts.trainees or ()
    genders = Counter(t.gender for t in people)
    roles = Counter(t.job_role for t in people)
    by_kind = Counter(t.kind for t in people)
    summary = c.facts(
        [
            ("人數", heads(terms, by_kind)),
            (
                "性別",
                "、".join(f"{label} {genders[key]} 人" for key, label in Gender.choices if genders[key]),
            ),
            (
                "職務類別",
                "、".join(f"{terms.label('job_roles', key)} {n} 人" for key, n in roles.most_common() if key),
            ),
        ],
        "人數統計",
    )
    rows = []
    for number, person in enumerate(people, 1):
        is_student = person.kind == TraineeKind.STUDENT
        wage = (
            f"時薪 {fmt(person.hourly_wage)}"
            if person.hourly_wage
            else f"月薪 {fmt(person.monthly_wage)}"
            if person.monthly_wage
            else BLANK
        )
        rows.append(
            (
                str(number),
                "學生" if is_student else "員工" if person.kind == TraineeKind.EMPLOYEE else BLANK,
                person.name or BLANK,
                dict(Gender.choices).get(person.gender or "", BLANK),
                f"{person.school} {person.department}".strip() if is_student else person.post or BLANK,
                terms.label("student_levels", person.level) if is_student and person.level else BLANK,
                terms.label("job_roles", person.job_role) or BLANK,
                _number(person.planned_hours),
                wage,
            )
        )
    table = c.table(
        "受培育者名單",
        [
            c.Column("序", "center", 5),
            c.Column("身分", "center", 9),
            c.Column("姓名", "start", 12),
            c.Column("性別", "center", 8),
            c.Column("學校科系／職稱", "start", 19),
            c.Column("年級", "center", 10),
            c.Column("職務類別", "start", 13),
            c.Column("時數", "end", 9),
            c.Column("薪資（元）", "end", 15),
        ],
        rows,
        totals=(
            "",
            "合計",
            f"{len(people)} 人",
            "",
            "",
            "",
            "",
            fmt(sum(p.planned_hours or 0 for p in people)),
            "",
        ),
    )
    return [summary, table]


def _number(value: int | None) -> str:
    return BLANK if value is None else fmt(value)


def courses(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """Courses with site and lecturer, and how much of them is practice (T3, T6)."""
    courses = facts.courses or ()
    kinds = dict(CourseKind.choices)
    rows = [
        (
            course.name or BLANK,
            {"lecture": "講授", "practice": "實作"}.get(
                course.kind or "", kinds.get(course.kind or "", BLANK)
            ),
            _number(course.hours),
            course.site or BLANK,
            _lecturer(terms, course),
            _number(course.fee_per_hour),
        )
        for course in courses
    ]
    practice = sum(x.hours or 0 for x in courses if x.kind == CourseKind.PRACTICE)
    return [
        c.table(
            "課程、場域與講師",
            [
                c.Column("課程名稱", "start", 28),
                c.Column("類型", "center", 8),
                c.Column("時數", "end", 8),
                c.Column("場域", "start", 21),
                c.Column("講師", "start", 21),
                c.Column("鐘點費（元）", "end", 14),
            ],
            rows,
            totals=("合計", "", fmt(sum(x.hours or 0 for x in courses)), "", "", ""),
            note=f"其中專案實作 {fmt(practice)} 小時。",
        )
    ]


def _lecturer(terms: Terms, course: Course) -> str:
    where = terms.label("lecturer_kinds", course.lecturer_affiliation)
    name = course.lecturer or BLANK
    return f"{name}（{where}）" if where else name


def schedule(facts: CaseFacts) -> list[c.Block]:
    """The drawing of the schedule, where something can be drawn, and its table."""
    bars = [
        c.Bar(m.name or BLANK, m.starts_on, m.ends_on, m.checkpoint)
        for m in facts.schedule or ()
        if m.starts_on and m.ends_on and m.starts_on <= m.ends_on
    ]
    blocks: list[c.Block] = []
    days = [d for b in bars for d in (b.starts_on, b.ends_on)]
    days += [d for d in (facts.starts_on, facts.ends_on) if d]
    if bars:
        blocks.append(c.gantt("預定進度", min(days), max(days), bars))
    rows = [
        (
            m.name or BLANK,
            roc(m.starts_on) if m.starts_on else BLANK,
            roc(m.ends_on) if m.ends_on else BLANK,
            m.checkpoint or BLANK,
        )
        for m in facts.schedule or ()
    ]
    columns = [
        c.Column("工作項目", "start", 30),
        c.Column("開始", "center", 16),
        c.Column("結束", "center", 16),
        c.Column("查核點", "start", 38),
    ]
    blocks.append(c.table("工作項目與查核點", columns, rows))
    return blocks


def outcomes(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """What is promised, of the outcomes that the call asks about (R3)."""
    promised = {o.key: o for o in facts.outcomes or ()}
    rows = []
    for item in terms.outcomes:
        outcome = promised.get(item.key)
        if outcome is None or not (outcome.baseline or outcome.target or outcome.note):
            continue
        label = f"{item.label}（{item.unit}）" if item.unit else item.label
        rows.append((label, _grouped(outcome.baseline), _grouped(outcome.target), outcome.note or BLANK))
    columns = [
        c.Column("指標", "start", 36),
        c.Column("現況", "end", 15),
        c.Column("目標", "end", 15),
        c.Column("說明", "start", 34),
    ]
    return [c.table("預期成效指標", columns, rows)]


def _grouped(text: str) -> str:
    """41000 → 41,000; words stay words."""
    return fmt(int(text)) if text.isascii() and text.isdigit() and len(text) < 13 else text or BLANK


def budget(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """All accounts with their share of subsidy, then the lines of each in dollars (B1, B2)."""
    totals = account_totals(terms, facts)
    subsidy, cost = sum(t.subsidy for t in totals), sum(t.amount for t in totals)
    money = [
        c.Column("補助款", "end", 17),
        c.Column("配合款", "end", 17),
        c.Column("合計", "end", 17),
        c.Column("補助比例", "end", 14),
    ]
    summary = c.table(
        "經費總表",
        [c.Column("會計科目", "start", 35), *money],
        [
            (t.label, fmt(t.subsidy), fmt(t.company_share), fmt(t.amount), share_words(t.subsidy, t.amount))
            for t in totals
        ],
        totals=("合計", fmt(subsidy), fmt(cost - subsidy), fmt(cost), share_words(subsidy, cost)),
        note="單位：新臺幣元。",
    )
    blocks = [summary]
    for total in totals:
        lines = [(facts.budget or ())[i] for i in total.lines]
        if not lines:
            continue
        rows = [
            (
                line.item or BLANK,
                f"{_number(line.quantity)} {line.unit}".strip(),
                _number(line.unit_price),
                _number(line.months),
                _number(line.amount),
                _number(line.subsidy),
                _number(line.company_share),
            )
            for line in lines
        ]
        blocks.append(
            c.table(
                f"{total.label}明細",
                [
                    c.Column("項目", "start", 27),
                    c.Column("數量", "end", 12),
                    c.Column("單價", "end", 13),
                    c.Column("月數", "end", 8),
                    c.Column("金額", "end", 14),
                    c.Column("補助款", "end", 13),
                    c.Column("配合款", "end", 13),
                ],
                rows,
                totals=("小計", "", "", "", fmt(total.amount), fmt(total.subsidy), fmt(total.company_share)),
                note="單位：新臺幣元；金額＝數量×單價×月數。",
            )
        )
    return blocks


def share_words(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded up: more than half never reads as half."""
    if whole <= 0:
        return BLANK
    tenths = -(-part * 1000 // whole)
    return f"{tenths // 10}.{tenths % 10}%"


def advantages(found: Sequence[AdvantageFact]) -> list[c.Block]:
    """The advantages with what they rest on (R5, R6); nothing without any."""
    rows = [
        (fact.group, fact.label, {True: "是", False: "否", None: BLANK}[fact.holds], fact.text or BLANK)
        for fact in found
    ]
    columns = [
        c.Column("類別", "center", 11),
        c.Column("項目", "start", 37),
        c.Column("符合", "center", 9),
        c.Column("依據", "start", 43),
    ]
    return [c.table("審查優勢", columns, rows)] if rows else []


def other_funding(facts: CaseFacts) -> list[c.Block]:
    """Other public money for the same plan, or the words that there is none (G1)."""
    rows = [
        (x.agency or BLANK, x.programme or BLANK, _number(x.amount), x.period or BLANK)
        for x in facts.other_funding or ()
    ]
    if not rows:
        return (
            [c.text("本計畫未申請或接受其他政府機關補助。", "其他政府補助")]
            if (facts.declared_no_other_funding)
            else []
        )
    columns = [
        c.Column("補助機關", "start", 28),
        c.Column("計畫名稱", "start", 36),
        c.Column("金額（元）", "end", 16),
        c.Column("期間", "start", 20),
    ]
    return [c.table("其他政府補助", columns, rows)]
