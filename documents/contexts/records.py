"""Kinds with a fixed form: receipt, plan book, check list, minutes, score sheet, merged case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from documents.contexts.base import CaseContext, Context, dollars, filled, require
from documents.contexts.pieces import (
    AllocationRow,
    Attendee,
    Chapter,
    CheckGroup,
    CriterionLine,
    MinuteItem,
    Pair,
    ReceiptFile,
)
from documents.enums import DocumentKind


@dataclass(frozen=True)
class ReceiptContext(CaseContext):
    """What was received and when, every file with its hash.

    ``submitted_at``: when it was handed in; ``received``: in words, the moment or day that counts (S1, S2).
    """

    kind = DocumentKind.RECEIPT

    submitted_at: datetime
    submitted_by: str
    files: tuple[ReceiptFile, ...]
    ubn: str = ""
    subsidy: int = 0
    version: int = 1
    received: str = ""
    request: str = ""  # what is asked for, where it is not money alone

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.submitted_at.tzinfo is not None, "送件時間須帶時區")


@dataclass(frozen=True)
class PlanContext(CaseContext):
    """The plan book (D2): ``cover`` facts on the first page, then chapters of generic blocks."""

    kind = DocumentKind.PLAN

    ends_on: date
    starts_on: date | None = None
    cover: tuple[Pair, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    heading: str = "申請計畫書"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(bool(self.chapters), "計畫書至少要有一章")


@dataclass(frozen=True)
class PlanReportContext(Context):
    """The mid-term or final report of a ministry's plan: ``cover`` facts, then chapters of generic blocks."""

    kind = DocumentKind.PLAN_REPORT

    plan_code: str
    plan_name: str
    heading: str
    as_of: date
    cover: tuple[Pair, ...] = ()
    chapters: tuple[Chapter, ...] = ()

    def __post_init__(self) -> None:
        filled(self, "plan_code", "plan_name", "heading")
        require(bool(self.chapters), "報告至少要有一章")

    @property
    def reference(self) -> str:
        """The plan's review number."""
        return self.plan_code

    @property
    def title(self) -> str:
        """The plan and the report."""
        return f"{self.plan_name} {self.heading}"

    @property
    def call_name(self) -> str:
        """Whom the file names as its author."""
        return self.plan_name


@dataclass(frozen=True)
class SelfCheckContext(CaseContext):
    """The self-check list (D1)."""

    kind = DocumentKind.SELF_CHECK

    groups: tuple[CheckGroup, ...]
    declared_by: str = ""
    declared_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class MinutesContext(Context):
    """Minutes of a decision meeting with the adopted allocation. Amounts in ``unit``: dollars, or heads."""

    kind = DocumentKind.MINUTES

    meeting_name: str
    call_name: str
    held_at: datetime
    place: str
    chair: str
    recorder: str
    attendees: tuple[Attendee, ...]
    items: tuple[MinuteItem, ...]
    allocations: tuple[AllocationRow, ...]
    envelope: int
    scenario: str = ""
    unit: str = "元"
    noun: str = "補助款"
    pool: str = "經費"

    def __post_init__(self) -> None:
        filled(self, "meeting_name", "call_name")
        dollars(self.envelope)
        require(self.approved_total <= self.envelope, "核定總額超過可用經費，不能製作會議紀錄")

    @property
    def reference(self) -> str:
        """Minutes have no case number."""
        return self.meeting_name[:40]

    @property
    def title(self) -> str:
        """The meeting's name."""
        return f"{self.meeting_name}紀錄"

    @property
    def absent(self) -> tuple[Attendee, ...]:
        """Who was invited and did not come."""
        return tuple(person for person in self.attendees if not person.present)

    @property
    def approved_total(self) -> int:
        """Sum of the approved amounts, in dollars."""
        return sum(row.approved for row in self.allocations)

    @property
    def requested_total(self) -> int:
        """Sum of the requested amounts, in dollars."""
        return sum(row.requested for row in self.allocations)

    @property
    def remaining(self) -> int:
        """What is left of the envelope, in dollars."""
        return self.envelope - self.approved_total


@dataclass(frozen=True)
class ScoreSheetContext(CaseContext):
    """One reviewer's sheet on one case, for signature."""

    kind = DocumentKind.SCORE_SHEET

    reviewer_name: str
    panel_name: str
    criteria: tuple[CriterionLine, ...]
    total_score: str
    amounts: tuple[Pair, ...] = ()
    comment_applicant: str = ""
    comment_panel: str = ""
    submitted_at: datetime | None = None
    requested: int = 0
    recommended: int = 0
    unit: str = "元"
    noun: str = "補助款"


@dataclass(frozen=True)
class CaseBookContext(CaseContext):
    """Cover and contents of the merged case; the contents are the attachments, in order."""

    kind = DocumentKind.CASE_BOOK

    cover: tuple[Pair, ...] = ()
    note: str = ""
