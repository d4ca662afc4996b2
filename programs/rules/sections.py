"""The sections of a case, and how complete each is: derived from findings, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.findings import Finding, Severity
from programs.rules.facts import CaseFacts, Company, Eligibility
from programs.rules.kinds.registry import is_missing

if TYPE_CHECKING:
    from programs.rules.terms import Terms

#: Keys (the first segment of ``Finding.where``) and what people read, in the order of the case's pages.
SECTIONS: dict[str, str] = {
    "company": "公司資料",
    "eligibility": "申請資格",
    "plan": "計畫內容",
    "partners": "合作單位",
    "trainees": "培育對象",
    "courses": "課程、場域與講師",
    "schedule": "時程與查核點",
    "budget": "經費編列",
    "outcomes": "預期成效",
    "advantages": "審查優勢",
    "other_funding": "其他公部門補助",
    "avoid_reviewers": "迴避委員",
    "documents": "應備文件",
}


class Completeness(StrEnum):
    """How far a section is, with the word that people read."""

    EMPTY = "empty"
    PARTIAL = "partial"
    COMPLETE = "complete"
    WRONG = "wrong"

    @property
    def label(self) -> str:
        """The word on the page."""
        return {"empty": "未開始", "partial": "填寫中", "complete": "完成", "wrong": "需修正"}[self.value]


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """A section's state and how many findings stand behind it."""

    key: str
    label: str
    state: Completeness
    missing: int
    errors: int
    warnings: int

    @property
    def findings(self) -> int:
        """The count beside the section: what is missing, wrong, or worth a look."""
        return self.missing + self.errors + self.warnings


def _started(facts: CaseFacts) -> dict[str, bool]:
    """Whether anything has been entered in each section."""
    return {
        "company": facts.company != Company(),
        "eligibility": facts.eligibility != Eligibility(),
        "plan": bool(facts.title or any(t.strip() for t in (facts.plan or {}).values())),
        "partners": bool(facts.partners),
        "trainees": bool(facts.trainees),
        "courses": bool(facts.courses),
        "schedule": bool(facts.schedule or facts.starts_on or facts.ends_on),
        "budget": bool(facts.budget),
        "outcomes": bool(facts.outcomes),
        "advantages": facts.advantages is not None and any(a.claimed or a.note for a in facts.advantages),
        "other_funding": bool(facts.other_funding) or facts.declared_no_other_funding is not None,
        "avoid_reviewers": bool(facts.avoid_reviewers),
        "documents": any(d.files > 0 for d in facts.documents or ()),
    }


#: What makes a section part of a call: the rule kinds that judge it. Lists of the terms make the rest.
_MADE_BY: dict[str, tuple[str, ...]] = {
    "partners": ("partners", "requested_heads"),
    "trainees": ("trainee_kinds", "min_trainees", "min_hours", "hours_by_period", "job_roles"),
    "other_funding": ("other_funding",),
    "avoid_reviewers": ("avoid_reviewers",),
}


def sections_of(terms: Terms) -> dict[str, str]:
    """The sections that a case of this call has, in order: what no rule and no list of the terms asks for is left out."""
    contents = terms.of_kind("plan_content")
    has = {
        "company": True,
        "eligibility": bool(eligibility_fields(terms)),
        "plan": True,
        "courses": any(rule.params.course_fields for rule in contents),
        "schedule": bool(terms.of_kind("plan_period")) or any(r.params.milestone_fields for r in contents),
        "budget": bool(terms.accounts),
        "outcomes": bool(terms.outcomes),
        "advantages": bool(terms.advantages),
        "documents": bool(terms.documents),
    } | {key: bool(terms.of_kind(*kinds)) for key, kinds in _MADE_BY.items()}
    words = {**SECTIONS, "company": f"{terms.applicant}資料"}
    return {key: words[key] for key in SECTIONS if has[key]}


def eligibility_fields(terms: Terms) -> tuple[str, ...]:
    """What the call asks the applicant to declare, in the order of the form: the fields that its rules judge."""
    asked: set[str] = set()
    for rule in terms.rules:
        asked |= set(_DECLARED.get(rule.kind, ()))
        if rule.kind == "declaration":
            asked.add(rule.params.field)
        elif rule.kind == "document" and rule.params.declaration:
            asked.add(rule.params.declaration)
        elif rule.kind == "applicant_kinds" and rule.params.by_approval:
            asked.add("special_approval")
        elif rule.kind == "size_bands" and any(band.consultant_first for band in rule.params.bands):
            asked.add("consultant_visited")
    return tuple(name for name in Eligibility.__dataclass_fields__ if name in asked)


def partner_fields(terms: Terms) -> frozenset[str]:
    """What the call asks about each partner: its kind, and what the rules about partners name or judge."""
    asked = {"name", "kind"} | {name for rule in terms.of_kind("partners") for name in rule.params.fields}
    if not terms.in_dollars or terms.of_kind("requested_heads"):
        asked.add("heads")
    return frozenset(asked)


def trainee_fields(terms: Terms) -> frozenset[str]:
    """What the call asks about each trainee, from the rules that judge it."""
    asked = {"name", "kind"}
    for rule in terms.of_kind("trainee_kinds"):
        asked |= {name for names in rule.params.fields.values() for name in names}
    if terms.of_kind("job_roles"):
        asked.add("job_role")
    if terms.of_kind("min_hours", "hours_by_period"):
        asked.add("planned_hours")
    if terms.of_kind("min_hourly_wage", "labour_protection"):
        asked |= {"hourly_wage", "monthly_wage"}
    if any(rule.params.insurance for rule in terms.of_kind("labour_protection")):
        asked.add("insured")
    return frozenset(asked)


_DECLARED: dict[str, tuple[str, ...]] = {
    "net_worth": ("net_worth",),
    "net_worth_evidence": ("founded_on", "net_worth_basis"),
    "capital_increase": ("positive_after_increase",),
    "service_proof": ("serves_manufacturing",),
}


def completeness(
    findings: Iterable[Finding], facts: CaseFacts, sections: Mapping[str, str] = SECTIONS
) -> dict[str, SectionStatus]:
    """The state of each section by key, from the findings of a full check. ``sections``: those of the call.

    需修正: something entered is wrong. 填寫中: only missing things remain. 完成: nothing stops a submission.
    未開始: nothing entered yet (and something is asked for, or the section is optional).
    """
    started = _started(facts)
    missing = dict.fromkeys(sections, 0)
    errors = dict.fromkeys(sections, 0)
    warnings = dict.fromkeys(sections, 0)
    for finding in findings:
        key = finding.section
        if key not in sections:
            continue
        if finding.severity is Severity.ERROR:
            (missing if is_missing(finding) else errors)[key] += 1
        elif finding.severity is Severity.WARNING:
            warnings[key] += 1
    result: dict[str, SectionStatus] = {}
    for key, label in sections.items():
        if errors[key]:
            state = Completeness.WRONG
        elif not started[key]:
            state = Completeness.EMPTY
        elif missing[key]:
            state = Completeness.PARTIAL
        else:
            state = Completeness.COMPLETE
        result[key] = SectionStatus(key, label, state, missing[key], errors[key], warnings[key])
    return result
