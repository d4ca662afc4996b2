"""What a section holds, as plain values: the shape that forms show, services save, and conflicts compare.

Every section has the same shape, ``{"fields": {name: value}, "rows": [{"id": pk, column: value}]}``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from applications.enums import Section
from applications.models import (
    AvoidedReviewer,
    BudgetLine,
    Case,
    CaseCompany,
    CaseEligibility,
    Course,
    Milestone,
    OtherFunding,
    Partner,
    Trainee,
)

Content = dict[str, Any]

COMPANY_FIELDS = (
    "name",
    "postal_code",
    "city",
    "township",
    "address",
    "heads",
    "representative",
    "contact_name",
    "contact_phone",
    "contact_email",
    "business_codes",
)
ELIGIBILITY_FIELDS = (
    "founded_on",
    "bank_rejected",
    "net_worth",
    "net_worth_basis",
    "positive_after_increase",
    "serves_manufacturing",
    "public_servant_related",
    "special_approval",
    "consultant_visited",
)
OUTCOME_COLUMNS = ("baseline", "target", "note")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a section: the case's related name, the model, and the columns that people fill in."""

    related: str
    model: type[Any]
    columns: tuple[str, ...] = field(default=())


TABLES: dict[str, Table] = {
    Section.PARTNERS: Table(
        "partners", Partner, ("name", "kind", "subject", "heads", "months", "practice_months", "bonus")
    ),
    Section.TRAINEES: Table(
        "trainees",
        Trainee,
        (
            "name",
            "kind",
            "gender",
            "school",
            "department",
            "level",
            "post",
            "job_role",
            "planned_hours",
            "hourly_wage",
            "monthly_wage",
            "insured",
        ),
    ),
    Section.COURSES: Table(
        "courses",
        Course,
        ("name", "kind", "hours", "site", "lecturer", "lecturer_affiliation", "fee_per_hour"),
    ),
    Section.SCHEDULE: Table("milestones", Milestone, ("name", "starts_on", "ends_on", "checkpoint")),
    Section.BUDGET: Table(
        "budget_lines",
        BudgetLine,
        ("account", "item", "unit", "quantity", "unit_price", "months", "subsidy"),
    ),
    Section.OTHER_FUNDING: Table("other_fundings", OtherFunding, ("agency", "programme", "amount", "period")),
    Section.AVOID_REVIEWERS: Table("avoided_reviewers", AvoidedReviewer, ("name", "organisation", "reason")),
}


def read_section(case: Case, section: str) -> Content:
    """What is saved of a section now. Uses prefetched rows where the case has them."""
    return {"fields": _FIELDS.get(Section(section), _no_fields)(case), "rows": _rows(case, section)}


def _rows(case: Case, section: str) -> list[Content]:
    table = TABLES.get(section)
    if table is None:
        return []
    return [
        {"id": row.pk, **{name: getattr(row, name) for name in table.columns}}
        for row in getattr(case, table.related).all()
    ]


def _no_fields(case: Case) -> Content:
    return {}


def _of_row(row: Any, blank: Any, names: tuple[str, ...]) -> Content:
    return {name: getattr(row if row is not None else blank, name) for name in names}


def _company(case: Case) -> Content:
    return _of_row(getattr(case, "company", None), CaseCompany(), COMPANY_FIELDS)


def _eligibility(case: Case) -> Content:
    return _of_row(getattr(case, "eligibility", None), CaseEligibility(), ELIGIBILITY_FIELDS)


def _plan(case: Case) -> Content:
    texts = {text.key: text.body for text in case.plan_texts.all()}
    return {
        "title": case.title,
        **{item.key: texts.get(item.key, "") for item in case.terms.terms.plan_texts},
    }


def _schedule(case: Case) -> Content:
    return {"starts_on": case.starts_on, "ends_on": case.ends_on}


def _outcomes(case: Case) -> Content:
    saved = {row.key: row for row in case.outcome_promises.all()}
    return {
        f"{item.key}-{column}": getattr(saved.get(item.key), column, "")
        for item in case.terms.terms.outcomes
        for column in OUTCOME_COLUMNS
    }


def _advantages(case: Case) -> Content:
    saved = {row.key: row for row in case.advantage_claims.all()}
    values: Content = {}
    for item in case.terms.terms.advantages:
        if item.source == "claimed":
            values[f"{item.key}-claimed"] = getattr(saved.get(item.key), "claimed", False)
            values[f"{item.key}-note"] = getattr(saved.get(item.key), "note", "")
    return values


def _other_funding(case: Case) -> Content:
    return {"none": case.declared_no_other_funding}


_FIELDS = {
    Section.COMPANY: _company,
    Section.ELIGIBILITY: _eligibility,
    Section.PLAN: _plan,
    Section.SCHEDULE: _schedule,
    Section.OUTCOMES: _outcomes,
    Section.ADVANTAGES: _advantages,
    Section.OTHER_FUNDING: _other_funding,
}
