"""Celery tasks: thin, idempotent, and never the only place where work is remembered."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from core import clock
from core.queues import BULK, PROMPT
from documents import services

logger = logging.getLogger(__name__)


def deliver(task: Any, pk: str, queue: str | None = None) -> None:
    """Queue a task, in its row's ``queue`` or else where CELERY_TASK_ROUTES sends it.

    A broker that is away is no error of the page, the sweep will find the row.
    """
    try:
        task.apply_async((pk,), queue=queue)
    except (OSError, OperationalError) as error:
        logger.warning("broker unavailable, %s waits for the sweep: %s", task.name, error)


@shared_task(name="documents.render_document")
def render_document_task(pk: str) -> str:
    """Typeset and issue one document."""
    return services.render_document(pk=pk, now=clock.now())


@shared_task(name="documents.merge_batch")
def merge_batch_task(pk: str) -> str:
    """Merge a finished batch for printing."""
    return services.merge_batch(pk=pk, now=clock.now())


@shared_task(name="documents.send_mail")
def send_mail_task(pk: str) -> str:
    """Send one queued mail."""
    return services.send_mail(pk=pk, now=clock.now())


@shared_task(name="documents.sweep_documents")
def sweep_documents() -> dict[str, int]:
    """Beat: queue again what was lost of what somebody waits for."""
    return services.sweep(queue=PROMPT, now=clock.now())


@shared_task(name="documents.sweep_bulk")
def sweep_bulk() -> dict[str, int]:
    """Beat: queue again what was lost of batches and their mails."""
    return services.sweep(queue=BULK, now=clock.now())
