"""A complete, valid case for the 114 call, and ways to bend it; import it elsewhere too.

Everything in it is invented; the company's number only satisfies the checksum.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.findings import Finding, Severity
from programs.rules.check import Context, check
from programs.rules.facts import (
    Advantage,
    BudgetLine,
    CaseFacts,
    Company,
    Course,
    DocumentFact,
    Eligibility,
    Milestone,
    Outcome,
    Trainee,
)
from programs.rules.terms import Terms, parse_terms

ROOT = Path(__file__).resolve().parents[3]
SCHEME = ROOT / "fixtures" / "schemes" / "ipas_114.yaml"
EXAMPLE = ROOT / "fixtures" / "examples" / "case.json"

#: (city, township) → zones, a few rows of the portal's region table
REGIONS = {
    ("臺中市", ""): frozenset({"centre"}),
    ("臺南市", ""): frozenset({"south"}),
    ("屏東縣", ""): frozenset({"south"}),
    ("屏東縣", "琉球鄉"): frozenset({"offshore"}),
    ("澎湖縣", ""): frozenset({"south", "offshore"}),
    ("臺東縣", "綠島鄉"): frozenset({"offshore"}),
}


@cache
def _scheme() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(SCHEME.read_text(encoding="utf-8"))
    return data


def scheme() -> dict[str, Any]:
    """A fresh copy of the 114 terms as plain data, to be bent at will."""
    return copy.deepcopy(_scheme())


@cache
def terms() -> Terms:
    """The 114 terms."""
    return parse_terms(scheme())


def bent(rule_id: str, **params: Any) -> Terms:
    """The 114 terms with some parameters of one rule changed."""
    data = scheme()
    rule = next(r for r in data["rules"] if r["id"] == rule_id)
    rule["params"] = {**rule.get("params", {}), **params}
    return parse_terms(data)


def student(**changes: Any) -> Trainee:
    """A valid student."""
    base = Trainee(
        name="林語安",
        kind="student",
        gender="female",
        school="臺中示範科技大學",
        department="機械工程系",
        level="university4",
        job_role="smart_production",
        planned_hours=120,
        hourly_wage=250,
        insured=True,
    )
    return replace(base, **changes)


def employee(**changes: Any) -> Trainee:
    """A valid employee."""
    base = Trainee(
        name="陳立青",
        kind="employee",
        gender="male",
        post="製程工程師",
        job_role="ai_planning",
        planned_hours=120,
        hourly_wage=260,
        insured=True,
    )
    return replace(base, **changes)


def people(students: int, employees: int, **changes: Any) -> tuple[Trainee, ...]:
    """So many valid trainees."""
    return (student(**changes),) * students + (employee(**changes),) * employees


def line(account: str, amount: int, subsidy: int, **changes: Any) -> BudgetLine:
    """A complete budget line of this amount."""
    base = BudgetLine(
        account=account, item="項目", unit="式", quantity=1, unit_price=amount, months=1, subsidy=subsidy
    )
    return replace(base, **changes)


def facts(**changes: Any) -> CaseFacts:
    """A complete case without a single finding above ok: 4 students, 2 employees, 500,000 of subsidy."""
    plan = {t.key: f"{t.label}：示範內容。" for t in terms().plan_texts if t.required}
    base = CaseFacts(
        title="智慧產線數位實作人才培育計畫",
        starts_on=date(2025, 5, 1),
        ends_on=date(2025, 7, 10),
        applied_on=date(2025, 3, 20),
        company=Company(
            ubn="04595257",
            name="示範精密機械股份有限公司",
            postal_code="407",
            city="臺中市",
            township="西屯區",
            address="工業區示範路1號",
            heads=85,
            representative="王示範",
            contact_name="李示範",
            contact_phone="04-23590000",
            contact_email="contact@example.test",
            codes=("CB01010", "I301010"),
        ),
        eligibility=Eligibility(
            founded_on=date(2005, 6, 1),
            bank_rejected=False,
            net_worth=36_000_000,
            net_worth_basis="cpa_report",
            public_servant_related=False,
        ),
        plan=plan,
        trainees=people(4, 2),
        courses=(
            Course("製程資料分析", "lecture", 60, "訓練教室", "張講師", "outside", 2000),
            Course("產線專案實作", "practice", 60, "示範產線", "何講師", "inside", 1000),
        ),
        schedule=(
            Milestone("課程", date(2025, 5, 1), date(2025, 6, 10), ""),
            Milestone("專案實作", date(2025, 6, 1), date(2025, 7, 10), "完成專題發表並報考"),
        ),
        budget=(
            line("personnel", 600_000, 300_000),
            line("operations", 300_000, 150_000),
            line("equipment", 100_000, 50_000),
        ),
        outcomes=(
            Outcome("exam_entries", "0", "6", "人次"),
            Outcome("exam_passes", "0", "4", "人次"),
            Outcome("retention_rate", "50", "75", "%"),
            Outcome("starting_pay_bachelor", "36000", "40000", "元／月"),
        ),
        advantages=(Advantage("university_cooperation", True, "與臺中示範科技大學簽約"),),
        other_funding=(),
        avoid_reviewers=(),
        documents=(DocumentFact("D4"), DocumentFact("D6"), DocumentFact("D7")),
        declared_no_other_funding=True,
    )
    return replace(base, **changes)


def with_company(**changes: Any) -> CaseFacts:
    """The valid case with some fields of the company changed."""
    base = facts()
    return replace(base, company=replace(base.company, **changes))


def with_eligibility(**changes: Any) -> CaseFacts:
    """The valid case with some answers about eligibility changed."""
    base = facts()
    return replace(base, eligibility=replace(base.eligibility, **changes))


def found(
    rule: str, case: CaseFacts, *, of: Terms | None = None, full: bool = True, context: Context | None = None
) -> list[Finding]:
    """What one rule finds, ok included."""
    return [f for f in check(of or terms(), case, full=full, context=context) if f.rule == rule]


def faults(
    rule: str, case: CaseFacts, *, of: Terms | None = None, full: bool = True, context: Context | None = None
) -> list[Finding]:
    """What one rule finds wrong or missing (errors and warnings)."""
    bad = (Severity.ERROR, Severity.WARNING)
    return [f for f in found(rule, case, of=of, full=full, context=context) if f.severity in bad]
