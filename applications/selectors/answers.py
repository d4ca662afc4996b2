"""Every answer of a case on one readable page: labels and values, or the tables of the plan book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from applications import planbook
from applications.enums import Section
from applications.models import Case, CaseCompany, CaseEligibility
from core.findings import Finding
from core.money import fmt
from core.rocdate import roc
from documents.contexts import Block
from programs.rules.check import advantage_facts, required_documents
from programs.rules.facts import CaseFacts
from programs.rules.sections import eligibility_fields
from programs.selectors import zones


@dataclass(frozen=True, slots=True)
class Answers:
    """One section: ``rows`` for ``components/summary_list.html``, ``tables`` as in the plan, ``files`` by item."""

    key: str
    label: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    tables: list[Block] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    url: str = ""


_COMPANY = (
    "representative",
    "heads",
    "business_codes",
    "contact_name",
    "contact_phone",
    "contact_email",
)


def answers(case: Case, facts: CaseFacts, found: Sequence[Finding], urls: dict[str, str]) -> list[Answers]:
    """All sections in order. ``urls``: section → where it is changed; missing for what can't be. Two queries."""
    grouped: dict[str, list[Finding]] = {}
    for finding in found:
        grouped.setdefault(finding.section, []).append(finding)
    sections = []
    for section in case.sections:
        made = _MAKERS[section](case, facts)
        url = urls.get(section, "")
        for row in made.get("rows", []):
            row["url"] = url
        sections.append(
            Answers(
                section.value, case.section_label(section), findings=grouped.get(section, []), url=url, **made
            )
        )
    return sections


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return fmt(value)
    return roc(value) if isinstance(value, date) else str(value)


def _fields(row: Any, model: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"label": str(model._meta.get_field(name).verbose_name), "value": _shown(getattr(row, name, None))}
        for name in names
    ]


def _company(case: Case, facts: CaseFacts) -> dict[str, Any]:
    row = getattr(case, "company", None)
    rows = [
        {"label": f"{case.terms.terms.applicant}名稱", "value": row.name if row else ""},
        {"label": "統一編號", "value": case.organisation.ubn},
        {"label": "單位類別", "value": case.organisation.get_kind_display()},
        {"label": "地址", "value": row.full_address if row else ""},
    ]
    names = [
        name for name in _COMPANY if name != "business_codes" or case.terms.terms.of_kind("code_prefixes")
    ]
    return {"rows": rows + _fields(row, CaseCompany, names)}


def _eligibility(case: Case, facts: CaseFacts) -> dict[str, Any]:
    asked = eligibility_fields(case.terms.terms)
    rows = _fields(getattr(case, "eligibility", None), CaseEligibility, asked)
    for row in rows:
        if row["value"] and row["label"] == "淨值依據":
            row["value"] = case.terms.terms.label("net_worth_bases", row["value"])
    return {"rows": rows}


def _plan(case: Case, facts: CaseFacts) -> dict[str, Any]:
    bodies = facts.plan or {}
    texts = [
        {"label": item.label, "value": bodies.get(item.key, "")}
        for item in case.terms.terms.plan_texts
        if item.required or bodies.get(item.key)
    ]
    return {"rows": [{"label": "計畫名稱", "value": case.title}, *texts]}


def _period(case: Case, facts: CaseFacts) -> dict[str, Any]:
    rows = [
        {"label": "執行開始", "value": _shown(case.starts_on)},
        {"label": "執行結束", "value": _shown(case.ends_on)},
    ]
    return {"rows": rows, "tables": planbook.tables_of(case.terms.terms, facts, Section.SCHEDULE)}


def _table(section: Section) -> Any:
    def make(case: Case, facts: CaseFacts) -> dict[str, Any]:
        return {"tables": planbook.tables_of(case.terms.terms, facts, section)}

    return make


def _advantages(case: Case, facts: CaseFacts) -> dict[str, Any]:
    terms = case.terms.terms
    return {
        "tables": planbook.tables_of(terms, facts, Section.ADVANTAGES, advantage_facts(terms, facts, zones()))
    }


def _other_funding(case: Case, facts: CaseFacts) -> dict[str, Any]:
    return {
        "rows": [
            {
                "label": "本計畫沒有其他政府補助",
                "value": "是" if facts.declared_no_other_funding else "否" if facts.other_funding else "",
            }
        ],
        "tables": planbook.tables_of(case.terms.terms, facts, Section.OTHER_FUNDING),
    }


def _avoid(case: Case, facts: CaseFacts) -> dict[str, Any]:
    people = [
        {
            "label": f"{person.name or '（未填姓名）'}　{person.organisation}".strip(),
            "value": person.reason,
        }
        for person in facts.avoid_reviewers or ()
    ]
    return {"rows": people or [{"label": "建議迴避的委員", "value": "沒有"}]}


def _documents(case: Case, facts: CaseFacts) -> dict[str, Any]:
    current: dict[str, list[Any]] = {}
    for document in case.current_documents:  # type: ignore[attr-defined]
        current.setdefault(document.item, []).append(document)
    return {
        "files": [
            {"item": item, "required": required, "why": why, "documents": current.get(item.code, [])}
            for item, required, why in required_documents(case.terms.terms, facts)
        ]
    }


_MAKERS = {
    Section.COMPANY: _company,
    Section.ELIGIBILITY: _eligibility,
    Section.PLAN: _plan,
    Section.PARTNERS: _table(Section.PARTNERS),
    Section.TRAINEES: _table(Section.TRAINEES),
    Section.COURSES: _table(Section.COURSES),
    Section.SCHEDULE: _period,
    Section.BUDGET: _table(Section.BUDGET),
    Section.OUTCOMES: _table(Section.OUTCOMES),
    Section.ADVANTAGES: _advantages,
    Section.OTHER_FUNDING: _other_funding,
    Section.AVOID_REVIEWERS: _avoid,
    Section.DOCUMENTS: _documents,
}
