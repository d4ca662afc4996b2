"""Making the one PDF of a document: claimed by lease, fenced by attempt, repeatable without harm."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from core import queues
from core.workflow import TransitionRefused, apply
from documents.contexts import ContextError
from documents.enums import DocumentKind, DocumentState
from documents.models import Batch, OfficialDocument
from documents.services.files import FileDamaged, store_bytes
from documents.workflow import DOCUMENT_MACHINE

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 4
LEASE = timedelta(minutes=5)


def render_document(*, pk: str, now: datetime) -> str:
    """Typeset the document and issue it; says what happened.

    ``issued`` · ``already`` (issued or failed before) · ``busy`` (another worker holds the lease) ·
    ``waiting`` (a document that it appends is not issued yet) · ``retry`` (failed, will be tried again) ·
    ``failed`` (given up; the office sees the reason) · ``superseded`` (the lease ran out meanwhile and
    another worker took over: this PDF is thrown away, so that there is only one).
    """
    document = _claim(pk=pk, now=now)
    if isinstance(document, str):
        return document
    try:
        content = typeset(document)
    except Exception as error:
        return _give_back(document, error=error, now=now)
    return _issue(document, content=content, now=now)


def typeset(document: OfficialDocument) -> bytes:
    """The PDF of the document with its attachments. Reads files, writes nothing."""
    from documents import assembling

    return assembling.document_pdf(document)


def _claim(*, pk: str, now: datetime) -> OfficialDocument | str:
    with transaction.atomic():
        document = OfficialDocument.objects.select_for_update().get(pk=pk)
        if document.state in (DocumentState.ISSUED, DocumentState.FAILED):
            return "already"
        if document.state == DocumentState.RENDERING and document.lease_until and document.lease_until > now:
            return "busy"
        sources = document.attachments.exclude(source=None)
        if sources.exclude(source__state=DocumentState.ISSUED).exists():
            return "waiting"
        if document.attempts >= MAX_ATTEMPTS:
            # Only a row whose worker died can be here: whatever kills workers must not be tried for ever.
            apply(
                DOCUMENT_MACHINE, document, "fail", actor=None, at=now, lease_until=None,
                error=f"製作過程連續中斷 {document.attempts} 次，請檢查附件內容後重試。",
            )  # fmt: skip
            return "failed"
        action = "start" if document.state == DocumentState.PENDING else "restart"
        return apply(
            DOCUMENT_MACHINE, document, action, actor=None, at=now,
            attempts=document.attempts + 1, lease_until=now + LEASE,
        )  # fmt: skip


def _still_ours(document: OfficialDocument) -> bool:
    locked = OfficialDocument.objects.select_for_update().get(pk=document.pk)
    return locked.state == DocumentState.RENDERING and locked.attempts == document.attempts


def _give_back(document: OfficialDocument, *, error: Exception, now: datetime) -> str:
    logger.warning("document %s failed, attempt %s", document.pk, document.attempts, exc_info=error)
    message = _reason(document, error)
    final = document.attempts >= MAX_ATTEMPTS
    with transaction.atomic():
        if not _still_ours(document):
            return "superseded"
        apply(
            DOCUMENT_MACHINE, document, "fail" if final else "release", actor=None, at=now,
            reason=message, error=message, lease_until=None,
        )  # fmt: skip
        if document.batch_id:
            _after_batch_document(document.batch_id)
    return "failed" if final else "retry"


def _reason(document: OfficialDocument, error: Exception) -> str:
    """What the row, its history and the log say of a failure."""
    if document.kind == DocumentKind.SCORE_SHEET:
        # An error may quote what was being typeset, and whoever reads the log sees no score before its time.
        what = type(error).__name__
    elif isinstance(error, FileDamaged | ContextError):
        return str(error)[:1000]
    else:
        what = f"{type(error).__name__}: {error}"
    return f"製作時發生錯誤，請重試；仍失敗時請通知系統管理員（{what}"[:990] + "）"


def _issue(document: OfficialDocument, *, content: bytes, now: datetime) -> str:
    try:
        # Whoever is told of a letter of a batch stands in the batch's queue.
        with transaction.atomic(), queues.using(document.queue):
            if not _still_ours(document):
                return "superseded"
            stored = store_bytes(
                content=content, name=document.filename, content_type="application/pdf", actor=None, now=now
            )
            apply(
                DOCUMENT_MACHINE, document, "issue", actor=None, at=now,
                file=stored, sha256=stored.sha256, issued_at=now, error="", lease_until=None,
            )  # fmt: skip
            for waiting in OfficialDocument.objects.filter(
                attachments__source=document, state=DocumentState.PENDING
            ):
                from documents.services.requests import enqueue

                enqueue(waiting)
            if document.batch_id:
                _after_batch_document(document.batch_id)
    except TransitionRefused:
        return "superseded"
    return "issued"


def _after_batch_document(batch_id: object) -> None:
    """Once nothing of the batch is open any more, have its merged PDF made (after commit)."""
    from documents.tasks import deliver, merge_batch_task

    pk = str(batch_id)

    def settle() -> None:
        if not OfficialDocument.objects.open().filter(batch_id=pk).exists() and Batch.objects.filter(pk=pk):
            deliver(merge_batch_task, pk)

    transaction.on_commit(settle)
