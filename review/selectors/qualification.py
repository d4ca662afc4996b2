"""The qualification screen: what was handed in, the checklist with its verdicts, and what changed since.

The office judges what was handed in (the snapshot of the last submission), never what a company is typing
while it mends its case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404

from applications import selectors as applications
from applications.enums import CaseState, SupplementState
from applications.models import Case, CaseDocument, CaseLetter, Submission, SubmissionFile, Supplement
from applications.selectors.intake import is_paper
from core.findings import Finding
from documents.enums import DocumentKind
from documents.models import OfficialDocument, StoredFile
from programs.rules.casefile import CaseFileError, from_json, to_json
from programs.rules.check import Context
from programs.rules.check import check as check_rules
from programs.rules.facts import CaseFacts
from programs.selectors import work_calendar
from review.enums import Verdict
from review.models import QualificationCheck, QualificationItem
from review.rules import changes as diff
from review.rules.checklist import Line, Tally, checklist, tally


@dataclass(slots=True)
class HandedIn:
    """What was handed in last: the facts of that moment, the files, and the submission itself (None: unknown)."""

    facts: CaseFacts
    files: list[SubmissionFile | CaseDocument]
    submission: Submission | None
    earlier: Submission | None = None

    @property
    def sequence(self) -> int:
        """Which hand-in it is, counted from 1."""
        return self.submission.sequence if self.submission else 1


def handed_in(case: Case) -> HandedIn:
    """The last submission of a case. While a company mends its case, the office still sees what it handed in.

    A submission without a snapshot (moved in from elsewhere) is read from the rows. Three queries with one.
    """
    last = list(case.submissions.select_related("receipt").order_by("-sequence")[:2])
    submission = last[0] if last else None
    facts = None
    if submission is not None and submission.snapshot:
        try:
            facts = from_json(submission.snapshot)
        except CaseFileError:
            facts = None
    files: list[Any] = list(submission.files.select_related("file")) if submission else []
    if not files:
        files = list(CaseDocument.objects.current().filter(case=case).select_related("file"))
    return HandedIn(
        facts=facts or applications.facts(case),
        files=files,
        submission=submission,
        earlier=last[1] if len(last) > 1 else None,
    )


def findings_of(case: Case, handed: HandedIn) -> list[Finding]:
    """The rulebook's findings about what was handed in, judged at the moment that counts for S1.

    One query more when the case was not fetched by ``cases.get_case(content=True)``.
    """
    beside: Any = case
    if not hasattr(case, "other_subsidy"):
        beside = applications.with_content(Case.objects.filter(pk=case.pk)).prefetch_related(None).get()  # type: ignore[arg-type]
    terms = case.terms.terms
    context = Context(
        terms,
        submitted_at=None if is_paper(case) else case.received_at,  # paper: by the day (S2)
        closes_at=applications.closes_at(beside),
        other_subsidy=beside.other_subsidy,
    )
    return check_rules(terms, handed.facts, context=context)


@dataclass(slots=True)
class Item:
    """A checklist line with the verdict in force, what was asked last time, and its files."""

    line: Line
    verdict: QualificationItem | None = None
    earlier: QualificationItem | None = None
    asked: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    conflict: dict[str, Any] | None = None
    typed: dict[str, Any] | None = None

    @property
    def code(self) -> str:
        return self.line.code

    @property
    def value(self) -> str:
        """The verdict to show as chosen: what was just typed, else what is stored."""
        if self.typed is not None:
            return str(self.typed["verdict"])
        return self.verdict.verdict if self.verdict else ""

    @property
    def reason(self) -> str:
        if self.typed is not None:
            return str(self.typed["reason"])
        return self.verdict.reason if self.verdict else ""

    @property
    def shown_value(self) -> str:
        """What the buttons show: after a conflict what stands, so that nothing is chosen that is not stored."""
        if self.conflict is not None and self.verdict is not None:
            return self.verdict.verdict
        return self.value

    @property
    def shown_reason(self) -> str:
        """What the reason's field holds; see ``shown_value``."""
        if self.conflict is not None and self.verdict is not None:
            return self.verdict.reason
        return self.reason

    @property
    def version(self) -> int:
        return self.verdict.version if self.verdict else 0

    @property
    def opens(self) -> Sequence[str]:
        """Places that a notice would open: chosen, else the usual ones."""
        if self.typed is not None:
            return tuple(self.typed["opens"])
        chosen = tuple(self.verdict.opens) if self.verdict else ()
        return chosen or self.line.opens

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Places with whether they are chosen, for the boxes of the form."""
        return [{"value": v, "label": label, "checked": v in self.opens} for v, label in self.line.choices]


def verdicts_in_force(
    lines: Sequence[Line],
    items: Sequence[QualificationItem],
    sequence: int,
    supplements: Sequence[Supplement],
) -> tuple[dict[str, QualificationItem], dict[str, QualificationItem]]:
    """(code → verdict in force, code → earlier verdict that has to be given anew).

    A pass holds on after a supplement unless what it rested on was opened; anything else is judged again
    for each hand-in.
    """
    ordered = sorted(items, key=lambda i: i.sequence)
    latest = {given.code: given for given in ordered if given.sequence <= sequence}
    in_force: dict[str, QualificationItem] = {}
    stale: dict[str, QualificationItem] = {}
    answered = [s for s in supplements if s.state == SupplementState.ANSWERED]
    for line in lines:
        item = latest.get(line.code)
        if item is None:
            continue
        # The n-th answered notice led to hand-in n + 1.
        later = answered[item.sequence - 1 :] if item.sequence < sequence else []
        opened = {row.where for s in later for row in s.items.all()}
        holds = item.sequence == sequence or (item.verdict == Verdict.PASS and not line.touched_by(opened))
        (in_force if holds else stale)[line.code] = item
    return in_force, stale


@dataclass(slots=True)
class Sheet:
    """Everything of the qualification screen's right side, and what a decision needs."""

    case: Case
    check: QualificationCheck | None
    handed: HandedIn
    findings: list[Finding]
    items: list[Item]
    tally: Tally
    supplements: list[Supplement]

    @property
    def version(self) -> int:
        return self.check.version if self.check else 0

    @property
    def is_open(self) -> bool:
        """Whether verdicts may be given now."""
        return self.case.state == CaseState.SUBMITTED

    @property
    def against(self) -> list[Item]:
        """Items that the letter names: failed ones when there are any, else those to be mended."""
        wanted = Verdict.FAIL if self.tally.failed else Verdict.SUPPLEMENT
        return [item for item in self.items if item.verdict and item.verdict.verdict == wanted]

    def item(self, code: str) -> Item:
        """The item of this code. Raises KeyError."""
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)


def sheet(case: Case) -> Sheet:
    """The checklist of a case with its verdicts. At most eight queries for a case with a snapshot."""
    handed = handed_in(case)
    found = findings_of(case, handed)
    lines = checklist(case.terms.terms, handed.facts, found)
    check = QualificationCheck.objects.filter(case=case).select_related("officer").first()
    stored = list(check.items.select_related("judged_by")) if check else []
    supplements = list(case.supplements.prefetch_related("items"))
    in_force, stale = verdicts_in_force(lines, stored, handed.sequence, supplements)
    asked = _asked(lines, supplements)
    files = files_by_item(handed)
    items = [
        Item(
            line=line,
            verdict=in_force.get(line.code),
            earlier=stale.get(line.code),
            asked=asked.get(line.code, []),
            files=[f for code in line.documents for f in files.get(code, [])],
        )
        for line in lines
    ]
    return Sheet(
        case=case,
        check=check,
        handed=handed,
        findings=found,
        items=items,
        tally=tally(lines, {code: item.verdict for code, item in in_force.items()}),
        supplements=supplements,
    )


def _asked(lines: Sequence[Line], supplements: Sequence[Supplement]) -> dict[str, list[str]]:
    """What the last notice asked for, by line; a rule that is no line of its own belongs to the plan."""
    if not supplements:
        return {}
    codes = {line.code for line in lines}
    plan = next((line.code for line in reversed(lines) if line.made_by_portal), "")
    found: dict[str, list[str]] = {}
    for row in supplements[-1].items.all():
        words = found.setdefault(row.rule if row.rule in codes else plan, [])
        if row.reason not in words:
            words.append(row.reason)
    return found


def files_by_item(handed: HandedIn) -> dict[str, list[dict[str, Any]]]:
    """Document code → files as handed in, with how a browser can show them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in handed.files:
        found.setdefault(row.item, []).append(file_entry(row.item, row.file))
    return found


def file_entry(code: str, stored: StoredFile) -> dict[str, Any]:
    """One file for tabs and links: ``show`` is pdf, image or download."""
    return {
        "key": str(stored.pk),
        "code": code,
        "name": stored.original_name,
        "size": stored.size,
        "show": "pdf" if stored.is_pdf else "image" if stored.is_image else "download",
        "stored": stored,
    }


def file_of_case(case: Case, pk: Any) -> StoredFile:
    """A file that belongs to a hand-in or to the present state of the case. Raises Http404. Two queries at most."""
    row: SubmissionFile | CaseDocument | None
    row = SubmissionFile.objects.filter(submission__case=case, file=pk).select_related("file").first()
    # What the company has added since its last hand-in is not the office's yet.
    if row is None and not SubmissionFile.objects.filter(submission__case=case).exists():
        documents = CaseDocument.objects.filter(case=case, file=pk).select_related("file")
        row = documents.first()
    if row is None:
        raise Http404("這件案件沒有這個檔案。")
    return row.file


def portal_papers(case: Case) -> list[OfficialDocument]:
    """The newest plan book and self-check list that the portal typeset. One query."""
    letters = (
        CaseLetter.objects.filter(case=case, document__kind__in=(DocumentKind.PLAN, DocumentKind.SELF_CHECK))
        .select_related("document")
        .defer("document__context")
        .order_by("pk")
    )
    newest: dict[str, OfficialDocument] = {letter.document.kind: letter.document for letter in letters}
    return [newest[kind] for kind in (DocumentKind.PLAN, DocumentKind.SELF_CHECK) if kind in newest]


@dataclass(frozen=True, slots=True)
class FileChange:
    """Files of one document item that came or went between two hand-ins."""

    code: str
    label: str
    gone: tuple[dict[str, Any], ...]
    come: tuple[dict[str, Any], ...]


def changes(case: Case, handed: HandedIn) -> tuple[list[diff.SectionChanges], list[FileChange]]:
    """Before and after of the last supplement: sections and files. One query; empty after a first hand-in."""
    if handed.earlier is None or handed.submission is None:
        return [], []
    terms = case.terms.terms
    before, after = handed.earlier.snapshot, handed.submission.snapshot or to_json(handed.facts)
    sections = diff.compare(before, after, terms) if before and after else []
    old = {(f.item, f.sha256): f.file for f in handed.earlier.files.select_related("file")}
    new = {(row.item, row.file.sha256): row.file for row in handed.files}
    files = []
    for item in terms.documents:
        gone = [
            file_entry(code, f)
            for (code, sha), f in old.items()
            if code == item.code and (code, sha) not in new
        ]
        come = [
            file_entry(code, f)
            for (code, sha), f in new.items()
            if code == item.code and (code, sha) not in old
        ]
        if gone or come:
            files.append(FileChange(item.code, item.label, tuple(gone), tuple(come)))
    return sections, files


def due_after(today: date, days: int) -> date:
    """The last day of a notice that is given today (Q2). One query."""
    return work_calendar().add(today, days)
