"""The sections of a case, and how complete each is: derived from findings, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.findings import Finding, Severity
from programs.rules.facts import CaseFacts, Company, Eligibility
from programs.rules.kinds.registry import is_missing

#: Keys (the first segment of ``Finding.where``) and what people read, in the order of the case's pages.
SECTIONS: dict[str, str] = {
    "company": "公司資料",
    "eligibility": "申請資格",
    "plan": "計畫內容",
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


def completeness(findings: Iterable[Finding], facts: CaseFacts) -> dict[str, SectionStatus]:
    """The state of each section by key, from the findings of a full check.

    需修正: something entered is wrong. 填寫中: only missing things remain. 完成: nothing stops a submission.
    未開始: nothing entered yet (and something is asked for, or the section is optional).
    """
    started = _started(facts)
    missing = dict.fromkeys(SECTIONS, 0)
    errors = dict.fromkeys(SECTIONS, 0)
    warnings = dict.fromkeys(SECTIONS, 0)
    for finding in findings:
        key = finding.section
        if key not in SECTIONS:
            continue
        if finding.severity is Severity.ERROR:
            (missing if is_missing(finding) else errors)[key] += 1
        elif finding.severity is Severity.WARNING:
            warnings[key] += 1
    result: dict[str, SectionStatus] = {}
    for key, label in SECTIONS.items():
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
