"""Asking for a document: a durable row now, its PDF after commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core import clock
from core.workflow import apply
from documents.contexts import Context, Recipient
from documents.enums import WORDED_KINDS
from documents.models import Batch, DocumentAttachment, OfficialDocument, StoredFile
from documents.services.numbers import new_verify_code, take_number
from documents.services.templates import resolve_wording
from documents.workflow import DOCUMENT_MACHINE


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is appended behind a document: a stored file, or another document (which is awaited)."""

    title: str
    file: StoredFile | None = None
    document: OfficialDocument | None = None


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """One document of a batch: what :func:`request_document` takes, without the batch."""

    context: Context
    recipient: Recipient
    attachments: Sequence[Attachment | StoredFile] = ()


def request_document(
    *,
    context: Context,
    recipient: Recipient,
    actor: Any | None,
    now: datetime,
    numbered: str | None = None,
    batch: Batch | None = None,
    batch_position: int = 0,
    attachments: Sequence[Attachment | StoredFile] = (),
    replaces: OfficialDocument | None = None,
) -> OfficialDocument:
    """Write the row of a document and have its PDF made after commit; the kind is the context's.

    ``numbered`` is the 字 (series prefix) of a letter, None for papers without a number. Wording and
    context are frozen here, so that a later edit of the template changes nothing. Raises ContextError
    or WordingRefused before anything is written. Side effects: row, attachments, maybe a number; a task.
    """
    wording = resolve_wording(context=context) if context.kind in WORDED_KINDS else None
    dated_on = now.astimezone(clock.TAIPEI).date()
    with transaction.atomic():
        document = OfficialDocument.objects.create(
            kind=context.kind,
            series=numbered,
            number=take_number(prefix=numbered, on=dated_on) if numbered else None,
            dated_on=dated_on,
            reference=context.reference[:40],
            subject=(wording.subject if wording else context.title)[:500],
            recipient_name=recipient.name[:150],
            recipient_postal_code=recipient.postal_code,
            recipient_address=recipient.address[:200],
            context={"data": context.as_json(), "wording": wording.as_json() if wording else None},
            template_kind=wording.kind if wording else "",
            template_version=wording.version if wording else None,
            verify_code=new_verify_code(),
            requested_by=actor,
            requested_at=now,
            replaces=replaces,
            batch=batch,
            batch_position=batch_position,
        )
        DocumentAttachment.objects.bulk_create(
            _attachment(document, position, item) for position, item in enumerate(attachments, 1)
        )
        enqueue(document)
    return document


def _attachment(
    document: OfficialDocument, position: int, item: Attachment | StoredFile
) -> DocumentAttachment:
    if isinstance(item, StoredFile):
        item = Attachment(item.original_name, file=item)
    return DocumentAttachment(
        document=document,
        position=position,
        title=item.title[:200],
        file=item.file,
        source=item.document,
    )


def enqueue(document: OfficialDocument) -> None:
    """Have the PDF made once the present transaction is committed; a lost task is found by the sweep."""
    from documents.tasks import deliver, render_document_task

    pk, queue = str(document.pk), document.queue
    transaction.on_commit(lambda: deliver(render_document_task, pk, queue))


def retry_document(*, document: OfficialDocument, actor: Any, now: datetime) -> OfficialDocument:
    """Try a failed document again, with the same number and context. Raises TransitionRefused otherwise."""
    with transaction.atomic():
        document = apply(
            DOCUMENT_MACHINE, document, "retry", actor=actor, at=now, attempts=0, error="", lease_until=None
        )
        enqueue(document)
    return document


def reissue(
    *, document: OfficialDocument, context: Context, actor: Any, now: datetime, reason: str
) -> OfficialDocument:
    """Correct an issued document: a new one with a new number that names the old, which stays as it is.

    ``reason`` is printed nowhere but kept with the new document's first transition. The recipient and
    the attachments are those of the old one. Raises ValueError unless the old one is issued and not
    replaced yet.
    """
    with transaction.atomic():
        old = OfficialDocument.objects.select_for_update().get(pk=document.pk)
        if not old.is_issued or old.replacements.exists():
            raise ValueError("只有已發出、且尚未被更正的文件可以更正重發。")
        attachments = [
            Attachment(a.title, file=a.file, document=a.source)
            for a in old.attachments.select_related("file", "source")
        ]
        new = request_document(
            context=context,
            recipient=Recipient(old.recipient_name, old.recipient_postal_code, old.recipient_address),
            actor=actor,
            now=now,
            numbered=old.series,
            attachments=attachments,
            replaces=old,
        )
        new.transitions.create(
            action="reissue", from_state=new.state, to_state=new.state, actor=actor,
            actor_name=str(actor), at=now, reason=reason,
        )  # fmt: skip
    return new
