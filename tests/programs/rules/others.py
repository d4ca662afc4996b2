"""Valid cases for the other schemes: RECRUIT-112, RAISE and the call by company size. Everything is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import yaml

from programs.rules.facts import (
    BudgetLine,
    CaseFacts,
    Company,
    DocumentFact,
    Eligibility,
    Outcome,
    Partner,
)
from programs.rules.terms import Terms, parse_terms

from .builders import ROOT, facts, line, student

SCHEMES = ("ipas_114", "recruit_112", "raise", "size_band")


@cache
def data(name: str) -> dict[str, Any]:
    """The terms of a scheme file as plain data; do not change them."""
    text = (ROOT / "fixtures" / "schemes" / f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def scheme_terms(name: str) -> Terms:
    """The terms of a scheme file."""
    return parse_terms(data(name))


def recruit() -> Terms:
    """RECRUIT-112."""
    return scheme_terms("recruit_112")


def raising() -> Terms:
    """RAISE."""
    return scheme_terms("raise")


def by_size() -> Terms:
    """The call by company size (5+2)."""
    return scheme_terms("size_band")


def recruit_facts(**changes: Any) -> CaseFacts:
    """A case that no rule of RECRUIT-112 objects to: three students for two months, one university."""
    base = facts(
        plan={t.key: "示範內容。" for t in recruit().plan_texts},
        starts_on=date(2023, 7, 1),
        ends_on=date(2023, 8, 31),
        applied_on=date(2023, 3, 20),
        partners=(Partner("中部示範科技大學", "university", "共同規劃課程與選才"),),
        trainees=(student(level="master1", planned_hours=250),) * 3,
        outcomes=(
            Outcome("exam_entries", target="3"),
            Outcome("posts", target="3"),
            Outcome("starting_pay", target="36,000"),
            Outcome("hiring_rate", target="90"),
            Outcome("pay_rise", target="10"),
        ),
        advantages=(),
        documents=tuple(DocumentFact(code) for code in ("D4", "D5", "D6", "D7")),
    )
    base = replace(base, company=replace(base.company, kind="company", codes=()))
    dates = {"starts_on": date(2023, 7, 1), "ends_on": date(2023, 8, 31)}
    base = replace(base, schedule=tuple(replace(bar, **dates) for bar in base.schedule or ()))
    courses = tuple(replace(course, hours=125) for course in base.courses or ())
    return replace(replace(base, courses=courses), **changes)


def partner(heads: int = 5, **changes: Any) -> Partner:
    """A company that takes so many trainees."""
    base = Partner("示範生技股份有限公司", "company", "製程開發", heads, 12, 6, 90_000)
    return replace(base, **changes)


def stipend(heads: int, **changes: Any) -> BudgetLine:
    """Twelve months of stipend for so many."""
    base = BudgetLine("stipend", "培訓酬金", "人", heads, 60_000, 12, heads * 720_000)
    return replace(base, **changes)


def raise_facts(**changes: Any) -> CaseFacts:
    """A case that no rule of RAISE objects to: a university that asks for ten heads with two partners."""
    return replace(
        CaseFacts(
            title="智慧機械博士級人才培訓計畫",
            applied_on=date(2018, 2, 20),
            company=Company(
                kind="university",
                ubn="04595257",
                name="示範科技大學",
                postal_code="407",
                city="臺中市",
                township="西屯區",
                address="示範路1號",
                heads=900,
                representative="王示範",
                contact_name="李示範",
                contact_phone="04-23590000",
                contact_email="contact@example.test",
                codes=(),
            ),
            eligibility=Eligibility(),
            plan={t.key: "示範內容。" for t in raising().plan_texts},
            partners=(partner(6), partner(4, name="示範機械股份有限公司", practice_months=8)),
            budget=(
                stipend(10),
                line("insurance", 1_200_000, 1_200_000),
                line("staff", 1_000_000, 1_000_000),
                line("supplies", 600_000, 600_000),
                line("overhead", 500_000, 500_000),
            ),
            outcomes=(Outcome("placements", target="7"), Outcome("placement_rate", target="70")),
            documents=(DocumentFact("D4"),),
        ),
        **changes,
    )


def sized_facts(heads: int, **changes: Any) -> CaseFacts:
    """A case of a company with so many employees, with a training cost of 400,000 of which half is asked for."""
    base = facts(
        plan={t.key: "示範內容。" for t in by_size().plan_texts},
        budget=(line("training", 400_000, 200_000),),
        outcomes=(Outcome("trained", target="12"),),
        advantages=(),
        documents=(DocumentFact("D2"),),
    )
    base = replace(
        base,
        company=replace(base.company, heads=heads, kind="company"),
        eligibility=Eligibility(consultant_visited=True),
        trainees=tuple(t for t in base.trainees or () if t.kind == "employee"),
    )
    return replace(base, **changes)
