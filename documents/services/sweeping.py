"""What makes a lost broker, a killed worker or a restart harmless: find what waits, and queue it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from core.queues import BULK
from documents.enums import DocumentState
from documents.models import MAX_MERGE_ATTEMPTS, Batch, OfficialDocument, OutgoingMail

# A task that was just queued gets this long before the sweep queues it a second time.
GRACE = timedelta(seconds=60)
LIMIT = 500


def sweep(*, queue: str, now: datetime) -> dict[str, int]:
    """Queue again every document, merge and mail of a queue that nobody is working on; how many of each."""
    from documents import tasks

    late = Q(state=DocumentState.PENDING, requested_at__lte=now - GRACE)
    orphaned = Q(state=DocumentState.RENDERING, lease_until__lte=now)
    unfinished = [state for state in DocumentState if state != DocumentState.ISSUED]
    blocked = OfficialDocument.objects.filter(attachments__source__state__in=unfinished).values("pk")
    documents = list(
        OfficialDocument.objects.filter(late | orphaned, queue=queue)
        .exclude(Q(state=DocumentState.PENDING) & Q(pk__in=blocked))
        .order_by("requested_at")
        .values_list("pk", flat=True)[:LIMIT]
    )
    batches = _unmerged(now) if queue == BULK else []
    mails = list(
        OutgoingMail.objects.waiting()
        .filter(queue=queue)
        .filter(Q(lease_until__lte=now) | Q(lease_until=None, created_at__lte=now - GRACE))
        .values_list("pk", flat=True)[:LIMIT]
    )
    for task, keys in (
        (tasks.render_document_task, documents),
        (tasks.merge_batch_task, batches),
        (tasks.send_mail_task, mails),
    ):
        for key in keys:
            tasks.deliver(task, str(key), queue)
    return {"documents": len(documents), "batches": len(batches), "mails": len(mails)}


def _unmerged(now: datetime) -> list[UUID]:
    """Batches whose letters are done and whose merged file does not hold them yet."""
    is_open = Q(documents__state__in=(DocumentState.PENDING, DocumentState.RENDERING))
    return list(
        Batch.objects.filter(
            Q(lease_until=None) | Q(lease_until__lte=now), merge_attempts__lt=MAX_MERGE_ATTEMPTS
        )
        .annotate(
            open_count=Count("documents", filter=is_open),
            issued_count=Count("documents", filter=Q(documents__state=DocumentState.ISSUED)),
        )
        .filter(open_count=0, issued_count__gt=F("merged_count"))
        .values_list("pk", flat=True)[:LIMIT]
    )
