"""What the pages of documents show, each in a bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When

from core import text
from documents import access
from documents.enums import WORDED_KINDS, DocumentKind, DocumentState
from documents.models import Batch, LetterTemplate, OfficialDocument
from documents.rules.codes import tidy_code

OPEN = (DocumentState.PENDING, DocumentState.RENDERING)
OFFICIAL_KINDS = (*WORDED_KINDS, DocumentKind.MINUTES)

# Saved views of the list: key → (label, condition).
VIEWS: dict[str, tuple[str, Q]] = {
    "letters": ("公文", Q(kind__in=OFFICIAL_KINDS)),
    "waiting": ("待發文", Q(state__in=OPEN)),
    "failed": ("失敗", Q(state=DocumentState.FAILED)),
    "all": ("全部文件", Q()),
}


def known_documents(user: Any) -> QuerySet[OfficialDocument]:
    """Every document that the person may know of as the office: not what is concealed from them."""
    hidden = access.concealed(user)
    rows = OfficialDocument.objects.all()
    return (
        rows if hidden is None else rows.exclude(pk__in=OfficialDocument.objects.filter(hidden).values("pk"))
    )


def visible_documents(user: Any) -> QuerySet[OfficialDocument]:
    """What the office's list holds for this person; of score sheets only those that failed."""
    return known_documents(user).exclude(Q(kind=DocumentKind.SCORE_SHEET) & ~Q(state=DocumentState.FAILED))


def visible_batches(user: Any) -> QuerySet[Batch]:
    """Batches without a document that is concealed from this person: their merged file holds every page."""
    hidden = access.concealed(user)
    if hidden is None:
        return Batch.objects.all()
    held = OfficialDocument.objects.filter(hidden, batch__isnull=False).values("batch")
    return Batch.objects.exclude(pk__in=held)


def document_list(
    user: Any, *, view: str, q: str = "", kind: str = "", state: str = ""
) -> QuerySet[OfficialDocument]:
    """The office's list; without the frozen context, which no list shows."""
    rows = visible_documents(user).filter(VIEWS[view][1])
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if q:
        found = (
            Q(number__icontains=q)
            | Q(reference__icontains=q)
            | Q(recipient_name__icontains=q)
            | Q(subject__icontains=q)
        )
        if code := tidy_code(q):
            found |= Q(verify_code=code)
        rows = rows.filter(found)
    return rows.defer("context").order_by("-requested_at", "batch_position", "pk")


def view_counts(user: Any) -> dict[str, int]:
    """How many documents each saved view has. One query."""
    return visible_documents(user).aggregate(
        **{key: Count("pk", filter=condition) for key, (_, condition) in VIEWS.items() if condition},
        all=Count("pk"),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is; ``left`` in words, "" while nothing can be told."""

    total: int
    done: int
    failed: int
    merged: bool
    left: str = ""

    @property
    def settled(self) -> bool:
        """Nothing is on its way any more."""
        return self.done + self.failed == self.total

    @property
    def finished(self) -> bool:
        """Settled, and the merged file is up to date, given up, or there is nothing to merge."""
        return self.settled and (self.merged or not self.done)


def batch_progress(batch: Batch, *, now: datetime) -> Progress:
    """Counted from the documents. One query.

    Read it after the batch and before its documents' rows: what ends meanwhile then shows as still on its way, and
    never as an end beside rows that are not.
    """
    counts = batch.documents.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=DocumentState.ISSUED)),
        failed=Count("pk", filter=Q(state=DocumentState.FAILED)),
    )
    left = ""
    open_count = counts["total"] - counts["done"] - counts["failed"]
    passed = (now - batch.created_at).total_seconds()
    if counts["done"] >= 5 and open_count and 0 < passed < 3600:
        seconds = round(passed / counts["done"] * open_count)
        left = f"{seconds} 秒" if seconds < 90 else f"{round(seconds / 60)} 分鐘"
    return Progress(
        total=counts["total"],
        done=counts["done"],
        failed=counts["failed"],
        merged=batch.merged_count == counts["done"] or batch.merge_given_up(now),
        left=left,
    )


def batch_documents(batch: Batch) -> QuerySet[OfficialDocument]:
    """The batch's documents in their order, failures first."""
    failed_first = Case(When(state=DocumentState.FAILED, then=0), default=1)
    return batch.documents.defer("context").order_by(failed_first, "batch_position")


def batches(user: Any) -> QuerySet[Batch]:
    """Every batch that the person may see, with its counts."""
    return (
        visible_batches(user)
        .select_related("created_by", "merged")
        .annotate(
            total=Count("documents"),
            done=Count("documents", filter=Q(documents__state=DocumentState.ISSUED)),
            failed=Count("documents", filter=Q(documents__state=DocumentState.FAILED)),
        )
        .order_by("-created_at", "pk")
    )


def current_templates() -> QuerySet[LetterTemplate]:
    """The wording in use, one for each kind."""
    return LetterTemplate.objects.filter(is_current=True).select_related("edited_by")


def template_versions(kind: str) -> QuerySet[LetterTemplate]:
    """Every version of a kind, newest first."""
    return LetterTemplate.objects.filter(kind=kind).select_related("edited_by").order_by("-version")


@dataclass(frozen=True, slots=True)
class Verified:
    """What the public page tells of a document; the recipient is masked."""

    kind: str
    full_number: str
    dated_on: Any
    issued_at: datetime
    recipient: str
    sha256: str
    code: str
    replaced_by: str


def _verified(document: OfficialDocument) -> Verified:
    newer = document.replacements.filter(state=DocumentState.ISSUED).first()
    assert document.issued_at is not None
    return Verified(
        kind=document.get_kind_display(),
        full_number=document.full_number,
        dated_on=document.dated_on,
        issued_at=document.issued_at,
        recipient=text.mask_company(document.recipient_name) if document.recipient_name else "",
        sha256=document.sha256,
        code=document.verify_code,
        replaced_by=(newer.full_number or newer.spaced_code) if newer else "",
    )


def verified_by_code(code: str) -> Verified | None:
    """The document with this code, None for unknown codes and kinds that are not public. Two queries."""
    tidy = tidy_code(code)
    document = OfficialDocument.objects.verifiable().filter(verify_code=tidy).first() if tidy else None
    return _verified(document) if document else None


def verified_by_hash(sha256: str) -> Verified | None:
    """The document whose original has this hash, None when there is none. Two queries."""
    document = OfficialDocument.objects.verifiable().filter(sha256=sha256).first()
    return _verified(document) if document else None
