"""The qualification checklist (Q1): what an officer judges of a case, and what each item rests on.

An item is an eligibility rule of the call or a document of its list. Places are those of a supplement
notice: a section (``company``) or one document (``documents.D6``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.findings import Finding, Severity
from programs.rules.check import required_documents
from programs.rules.facts import CaseFacts
from programs.rules.sections import SECTIONS, sections_of
from programs.rules.terms import DocumentItem, Rule, Terms

PASS, SUPPLEMENT, FAIL = "pass", "supplement", "fail"

# Kind of an eligibility rule → the sections and documents that it rests on; the first place is opened by
# a supplement notice unless the officer chooses otherwise.
_RESTS_ON: dict[str, tuple[str, ...]] = {
    "registered_company": ("company", "documents.D4"),
    "declaration": ("eligibility", "documents.D7"),
    "net_worth": ("eligibility", "documents.D6"),
    "net_worth_evidence": ("documents.D6", "eligibility"),
    "capital_increase": ("documents.D6", "eligibility"),
    "code_prefixes": ("company", "documents.D4"),
    "service_proof": ("documents.D5", "eligibility"),
    "applicant_kinds": ("company", "eligibility"),
    "partners": ("partners",),
    "size_bands": ("company", "eligibility"),
}
# Ready words by kind, for what an officer sees in the evidence and no rule can.
_WORDS: dict[str, tuple[str, ...]] = {
    "registered_company": ("公司名稱、地址或負責人與登記證明文件不一致，請更正。",),
    "declaration": ("徵信同意書無法確認票據信用情形，請補正。",),
    "net_worth": ("填寫的公司淨值與所附財務報告不一致，請更正。",),
    "net_worth_evidence": (
        "所附為合併財務報告，請改附個體或個別財務報告。",
        "所附不是最近一年度的財務報告，請改附最近一年度者。",
        "查核報告書缺會計師簽章頁，請補上完整掃描檔。",
    ),
    "capital_increase": ("所附報表看不出增資後的淨值，請改附增資後的期中報表或會計師期中查核（核閱）報告。",),
    "code_prefixes": ("所營事業代碼與登記證明文件不一致，請更正。",),
    "service_proof": (
        "實績證明缺發票影本，請補附。",
        "報價單未經雙方用印，請補正。",
        "實績證明超過三年，請改附三年內者。",
    ),
    "applicant_kinds": ("申請單位的名稱或類別與證明文件不一致，請更正。",),
    "partners": ("合作單位的名稱或合作內容與所附證明不一致，請更正。",),
    "size_bands": ("員工人數與投保人數不一致，請更正。",),
}
# Sections that a plan book (typeset by the portal) is made of.
_PLAN_PLACES = (
    "plan",
    "partners",
    "trainees",
    "courses",
    "schedule",
    "budget",
    "outcomes",
    "advantages",
    "other_funding",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the checklist.

    ``needed``: must have a verdict before a decision (else it does not apply; ``why`` says so). ``places``:
    what it rests on; ``opens``: what a supplement opens unless chosen otherwise. ``snippets``: ready-made
    reasons, the first of which is the rulebook's own when it objects.
    """

    code: str
    title: str
    clause: str
    is_rule: bool
    needed: bool
    why: str
    findings: tuple[Finding, ...]
    places: tuple[str, ...]
    opens: tuple[str, ...]
    snippets: tuple[str, ...]
    made_by_portal: bool = False

    @property
    def objected(self) -> bool:
        """Whether the rulebook itself objects."""
        return any(f.severity is Severity.ERROR for f in self.findings)

    @property
    def documents(self) -> tuple[str, ...]:
        """Codes of the documents that belong beside it."""
        found = tuple(p.split(".", 1)[1] for p in self.places if p.startswith("documents."))
        return found or ((self.code,) if not self.is_rule else ())

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Places that a supplement notice may open for it, with their words."""
        return tuple((place, place_label(place)) for place in self.places)

    def touched_by(self, opened: Iterable[str]) -> bool:
        """Whether what was opened for change may have changed what the verdict rested on."""
        wanted = set(self.places)
        return any(p in wanted or (p == "documents" and self.documents) for p in opened)


def place_label(place: str) -> str:
    """``documents.D6`` → 文件 D6; a section's own name."""
    section, _, code = place.partition(".")
    return f"文件 {code}" if code else SECTIONS.get(section, section)


def checklist(terms: Terms, facts: CaseFacts, findings: Sequence[Finding]) -> list[Line]:
    """Every item, eligibility rules first, each with the findings that speak about it.

    A rule without a finding does not apply to this case (E3b, E4a). What the rulebook still says about the
    plan itself (warnings) stands beside the document that the plan is printed in.
    """
    codes = {item.code for item in terms.documents}
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    rules = [rule for rule in terms.rules if rule.kind in _RESTS_ON]
    lines = [_rule_line(rule, by_rule.get(rule.id, []), codes) for rule in rules]
    aside = {rule.id for rule in terms.of_kind("window", "received_date", "advantages")}
    spoken = {rule.id for rule in rules} | codes | aside | {""}
    rest = [f for f in findings if f.rule not in spoken and f.severity in (Severity.ERROR, Severity.WARNING)]
    plan = _plan_code(terms)
    for item, required, why in required_documents(terms, facts):
        files = sum(d.files for d in facts.documents or () if d.code == item.code)
        found = [*by_rule.get(item.code, []), *(rest if item.code == plan else [])]
        lines.append(_document_line(terms, item, required, why, files, found, is_plan=item.code == plan))
    return lines


def judged(terms: Terms) -> list[str]:
    """The codes of every item that an officer may judge: eligibility rules, then documents."""
    return [rule.id for rule in terms.rules if rule.kind in _RESTS_ON] + [d.code for d in terms.documents]


def _plan_code(terms: Terms) -> str:
    """The document that holds the plan: the last one that the portal typesets."""
    return next((d.code for d in reversed(terms.documents) if d.made_by == "portal"), "")


def _rule_line(rule: Rule, found: list[Finding], codes: set[str]) -> Line:
    places = tuple(
        p for p in _RESTS_ON[rule.kind] if not p.startswith("documents.") or p.split(".", 1)[1] in codes
    )
    objections = [f for f in found if f.severity in (Severity.ERROR, Severity.WARNING)]
    wrong = tuple(dict.fromkeys(f.section for f in objections if f.section in places))
    snippets = (*(f.message for f in objections), *_WORDS[rule.kind])
    return Line(
        code=rule.id,
        title=rule.title,
        clause=rule.clause,
        is_rule=True,
        needed=bool(found),
        why="" if found else "這家公司不適用這一條",
        findings=tuple(found),
        places=places,
        opens=wrong or places[:1],
        snippets=tuple(dict.fromkeys(snippets)),
    )


def _document_line(
    terms: Terms,
    item: DocumentItem,
    required: bool,
    why: str,
    files: int,
    found: list[Finding],
    *,
    is_plan: bool,
) -> Line:
    by_portal = item.made_by == "portal"
    objections = [f for f in found if f.severity in (Severity.ERROR, Severity.WARNING)]
    snippets = [f.message for f in objections if f.severity is Severity.ERROR]
    if by_portal:
        sections = sections_of(terms)
        places = tuple(p for p in (_PLAN_PLACES if is_plan else ("company", "eligibility")) if p in sections)
        wrong = tuple(dict.fromkeys(f.section for f in objections if f.section in places))
        opens = wrong or places[:1]
        if is_plan:
            snippets.append("計畫內容過於簡略，請補充具體作法。")
            snippets += [f.message for f in objections if f.severity is Severity.WARNING]
    else:
        places = opens = (f"documents.{item.code}",)
        if files == 0:
            snippets.append(f"未檢附「{item.label}」，請上傳。")
        else:
            snippets.append(f"「{item.label}」內容不清楚或缺頁，請重新掃描後上傳。")
            if item.sealed:
                snippets.append(f"「{item.label}」未蓋公司及負責人印章，請用印後重新上傳。")
            snippets.append(f"「{item.label}」與申請書填寫的資料不一致，請更正。")
    return Line(
        code=item.code,
        title=item.label,
        clause=item.clause,
        is_rule=False,
        needed=required or files > 0 or by_portal,
        why=why,
        findings=tuple(found),
        places=places,
        opens=opens,
        snippets=tuple(dict.fromkeys(snippets)),
        made_by_portal=by_portal,
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a check is, and which decision its verdicts lead to ("" while some are missing)."""

    needed: int
    judged: int
    passed: int
    supplements: int
    failed: int

    @property
    def missing(self) -> int:
        """Items that still need a verdict."""
        return self.needed - self.judged

    @property
    def decision(self) -> str:
        """``return`` when anything fails (Q3), ``supplement`` when anything is to be mended (Q2), else ``qualify``."""
        if self.missing or not self.needed:
            return ""
        return "return" if self.failed else "supplement" if self.supplements else "qualify"


def tally(lines: Iterable[Line], verdicts: dict[str, str]) -> Tally:
    """Count the verdicts in force (code → verdict); one on an item that does not apply counts when it objects."""
    lines = list(lines)
    needed = [line.code for line in lines if line.needed]
    known = {line.code for line in lines}
    in_force = {code: v for code, v in verdicts.items() if code in known}
    return Tally(
        needed=len(needed),
        judged=sum(code in in_force for code in needed),
        passed=sum(v == PASS for v in in_force.values()),
        supplements=sum(v == SUPPLEMENT for v in in_force.values()),
        failed=sum(v == FAIL for v in in_force.values()),
    )
