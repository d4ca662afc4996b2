"""The calls of the other schemes: what an invented applicant writes there, and how its cases are spread over the states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from applications.enums import CaseState as S
from ipas_portal.demo import content, people
from ipas_portal.demo.plans import PLAN_108, PLAN_112
from programs.rules import facts as f
from programs.rules.terms import Terms

FIELDS = ("智慧機械", "半導體製程", "生技新藥", "綠能系統", "資通訊", "循環經濟")


@dataclass(frozen=True, slots=True)
class Small:
    """One call of another scheme. ``decided``: cases before the meeting that is held; ``waiting``: states of the rest.

    ``envelope``: in the call's unit, so tight that the meeting has to draw a line. ``paid_from``: plan, part and
    year that it is set aside from. ``released``: what the best applicant gives back after the decision.
    """

    scheme: str
    panel: str
    facts: Callable[..., f.CaseFacts]
    applicant: Callable[..., people.DemoCompany]
    decided: int
    waiting: tuple[str, ...]
    envelope: int
    paid_from: tuple[str, str, int]
    released: int = 0


def recruit(
    rng: Random,
    terms: Terms,
    company: people.DemoCompany,
    *,
    starts_on: date,
    ends_on: date,
    applied_on: date,
) -> f.CaseFacts:
    """A case of RECRUIT-112: students of four years, one university, 2 or 3 months with their hours (RE2, RE3)."""
    months, hours = rng.choice(((2, 250), (3, 380)))
    starts_on = content.months_before(ends_on, months)
    base = content.case_facts(
        rng, terms, company, starts_on=starts_on, ends_on=ends_on, applied_on=applied_on
    )
    students = tuple(
        replace(
            t,
            level=rng.choice(("university3", "university4", "master1", "master2")),
            planned_hours=hours + rng.choice((0, 0, 10)),
            hourly_wage=rng.choice((220, 240, 260)),
        )
        for t in base.trainees or ()
        if t.kind == "student"
    )
    heads = len(students)
    courses = tuple(
        replace(c, hours=hours + 10 - 60) if c.kind == "practice" else c for c in base.courses or ()
    )
    return replace(
        base,
        plan=content.texts(terms, base.plan or {}),
        partners=(
            f.Partner(people.school(rng), "university", "共同規劃課程模組，推薦並甄選學生，派教師輔導"),
        ),
        trainees=students,
        courses=courses,
        outcomes=(
            f.Outcome("exam_entries", "0", str(heads), "人次"),
            f.Outcome("exam_passes", "0", str(max(1, heads * 2 // 3)), "人次"),
            f.Outcome("posts", "0", str(heads), "個"),
            f.Outcome("starting_pay", "31000", str(rng.choice((34_000, 36_000, 38_000))), "元／月"),
            f.Outcome("hiring_rate", "0", str(rng.choice((80, 90, 95))), "%"),
            f.Outcome("pay_rise", "0", "10", "%"),
        ),
        advantages=(),
        documents=tuple(f.DocumentFact(code) for code in ("D4", "D5", "D6", "D7")),
    )


def raising(
    rng: Random,
    terms: Terms,
    company: people.DemoCompany,
    *,
    starts_on: date,
    ends_on: date,
    applied_on: date,
) -> f.CaseFacts:
    """A case of RAISE: a university or institute that asks for heads with two partners (RA1–RA4, RA9)."""
    field = rng.choice(FIELDS)
    first, second = rng.randint(3, 6), rng.randint(2, 5)
    heads = first + second
    partners = tuple(
        f.Partner(
            f"{name}股份有限公司",
            "company",
            f"{field}研發與導入",
            number,
            12,
            rng.choice((6, 7, 8)),
            rng.choice((90_000, 100_000, 120_000)),
        )
        for name, number in zip(rng.sample(content.PARTNERS, 2), (first, second), strict=True)
    )
    lines = [
        ("stipend", "訓儲菁英培訓酬金", "人", heads, 60_000, 12),
        ("insurance", "勞健保與離職儲金雇主負擔", "人", heads, 7_000, 12),
        ("staff", "專任助理", "人月", 1, 45_000, 12),
        ("supplies", "教材、耗材與國內差旅", "人", heads, 80_000, 1),
        ("overhead", "管理費", "式", 1, heads * 40_000, 1),
    ]
    return f.CaseFacts(
        title=f"{field}博士級產業訓儲菁英培訓計畫",
        applied_on=applied_on,
        company=content.applicant(company),
        eligibility=f.Eligibility(),
        plan=content.texts(terms, {}, subject=field),
        partners=partners,
        budget=tuple(
            f.BudgetLine(account, item, unit, quantity, price, months, subsidy=quantity * price * months)
            for account, item, unit, quantity, price, months in lines
        ),
        outcomes=(
            f.Outcome("placements", "0", str(heads * 3 // 4), "人"),
            f.Outcome("placement_rate", "0", "75", "%"),
        ),
        documents=(f.DocumentFact("D4"),),
    )


def by_size(
    rng: Random,
    terms: Terms,
    company: people.DemoCompany,
    *,
    starts_on: date,
    ends_on: date,
    applied_on: date,
) -> f.CaseFacts:
    """A case of the call by company size: carried in full up to 50 people, half above (5+2)."""
    base = content.case_facts(
        rng, terms, company, starts_on=starts_on, ends_on=ends_on, applied_on=applied_on
    )
    people_in = rng.randint(8, 20)
    trainees = []
    for _ in range(people_in):
        who = people.person(rng)
        trainees.append(f.Trainee(name=who.name, kind="employee", gender=who.gender, post=people.post(rng)))
    cost = rng.choice((160_000, 240_000, 320_000))
    small = company.heads <= 50
    return replace(
        base,
        title="製造現場數位工具在職訓練計畫",
        eligibility=f.Eligibility(consultant_visited=True if small else None),
        plan=content.texts(terms, base.plan or {}),
        trainees=tuple(trainees),
        budget=(f.BudgetLine("training", "講師鐘點與教材", "式", 1, cost, 1, cost if small else cost // 2),),
        outcomes=(f.Outcome("trained", "0", str(people_in), "人次"),),
        advantages=(),
        documents=(f.DocumentFact("D2"),),
    )


SMALL = (
    Small(
        "recruit_112", "招募式培育審查小組", recruit, people.company, 7,
        (S.DRAFT, S.SUBMITTED, S.SUPPLEMENTING, S.QUALIFIED, S.IN_REVIEW, S.REVIEWED, S.RETURNED, S.WITHDRAWN),
        1_400_000, (PLAN_112, "3", 112),
    ),
    Small(
        "raise", "高階人才審查小組", raising, people.institute, 7,
        (S.DRAFT, S.SUBMITTED, S.SUPPLEMENTING, S.QUALIFIED, S.IN_REVIEW, S.RETURNED, S.WITHDRAWN),
        22, (PLAN_108, "1", 108), released=3,
    ),
    Small(
        "size_band", "在職訓練審查小組", by_size, people.company, 4,
        (S.DRAFT, S.SUBMITTED, S.QUALIFIED, S.IN_REVIEW, S.REVIEWED),
        300_000, (PLAN_112, "3", 114),
    ),
)  # fmt: skip
