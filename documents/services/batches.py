"""Many letters at once: requested in one transaction, merged into one PDF for printing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.queues import BULK, using
from documents.enums import DocumentState
from documents.models import Batch, OfficialDocument
from documents.services.files import read_verified, store_bytes
from documents.services.requests import LetterRequest, request_document, retry_document

MERGE_LEASE = timedelta(minutes=10)


def request_batch(
    *, title: str, requests: Sequence[LetterRequest], actor: Any, now: datetime, numbered: str | None = None
) -> Batch:
    """Request every document or none; numbers follow the order of ``requests``.

    One transaction: a broken context in the middle leaves no letter and no used number behind.
    Raises ContextError, WordingRefused, or ValueError for an empty list. ``batch.documents`` in the
    order of ``batch_position`` are the rows, for callers that keep a foreign key.
    """
    if not requests:
        raise ValueError("沒有選擇任何案件。")
    with transaction.atomic(), using(BULK):
        batch = Batch.objects.create(title=title, created_by=actor, created_at=now)
        for position, item in enumerate(requests, 1):
            request_document(
                context=item.context,
                recipient=item.recipient,
                attachments=item.attachments,
                numbered=numbered,
                batch=batch,
                batch_position=position,
                actor=actor,
                now=now,
            )
    return batch


def retry_batch(*, batch: Batch, actor: Any, now: datetime) -> int:
    """Try every failed document of the batch again, or a merge that was given up; how many documents.

    Whoever presses second finds nothing failed any more.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        failed = list(
            batch.documents.select_for_update().filter(state=DocumentState.FAILED).order_by("batch_position")
        )
        for document in failed:
            retry_document(document=document, actor=actor, now=now)
        given_up = batch.merge_given_up(now)
        if failed or given_up:
            batch.merge_attempts, batch.merge_error, batch.lease_until = 0, "", None
            batch.save(update_fields=["merge_attempts", "merge_error", "lease_until"])
        if given_up and not failed:
            _enqueue_merge(batch)
    return len(failed)


def _enqueue_merge(batch: Batch) -> None:
    from documents.tasks import deliver, merge_batch_task

    pk = str(batch.pk)
    transaction.on_commit(lambda: deliver(merge_batch_task, pk))


def merge_batch(*, pk: str, now: datetime) -> str:
    """Merge what is issued into one bookmarked PDF: ``merged``, ``current``, ``open``, ``busy``, ``retry``.

    Runs again when a retried failure adds a document; never while one is still on its way.
    """
    from documents import typesetting

    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=pk)
        documents = OfficialDocument.objects.filter(batch=batch)
        if documents.open().exists():
            return "open"
        issued = list(documents.issued().select_related("file").order_by("batch_position"))
        if len(issued) == batch.merged_count:
            return "current"
        if batch.lease_until and batch.lease_until > now:
            return "busy"
        batch.merge_attempts += 1
        batch.lease_until = now + MERGE_LEASE
        batch.save(update_fields=["merge_attempts", "lease_until"])
    try:
        content = typesetting.merge(
            [
                (f"{d.full_number or d.reference} {d.recipient_name}", read_verified(d.file))
                for d in issued
                if d.file
            ],
            title=batch.title,
        )
    except Exception as error:
        Batch.objects.filter(pk=pk, merge_attempts=batch.merge_attempts).update(
            merge_error=f"{type(error).__name__}: {error}"[:1000], lease_until=None
        )
        return "retry"
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=pk)
        if locked.merge_attempts != batch.merge_attempts or locked.merged_count >= len(issued):
            return "busy"
        locked.merged = store_bytes(
            content=content, name=f"{batch.title}.pdf", content_type="application/pdf", actor=None, now=now
        )
        locked.merged_count = len(issued)
        locked.merge_attempts = 0
        locked.merge_error = ""
        locked.lease_until = None
        locked.save(update_fields=["merged", "merged_count", "merge_attempts", "merge_error", "lease_until"])
    return "merged"
