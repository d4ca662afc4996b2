"""Mail: queued with the change that causes it, sent after commit, tried again, given up visibly."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q

from documents.models import OutgoingMail

MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=2)
LONGEST_KEY = 120  # as the column holds


def queue_mail(
    *, to: str, subject: str, body: str, now: datetime, once_key: str | None = None
) -> OutgoingMail:
    """Write a mail that goes out after commit; the same ``once_key`` again returns the first one.

    The caller keeps to the rules of mail: one purpose, one link, the case number in the subject, no
    score, amount or personal data. Side effects: a row; a task on commit.
    """
    from documents.tasks import deliver, send_mail_task

    if once_key and len(once_key) > LONGEST_KEY:  # such as one that ends with a very long address
        once_key = hashlib.sha256(once_key.encode()).hexdigest()
    with transaction.atomic():
        fields: dict[str, Any] = {
            "to": to,
            "subject": " ".join(subject.split())[:200],
            "body": body,
            "created_at": now,
        }
        if once_key:
            mail, created = OutgoingMail.objects.get_or_create(once_key=once_key, defaults=fields)
        else:
            mail, created = OutgoingMail.objects.create(**fields), True
        if created:
            pk, queue = str(mail.pk), mail.queue
            transaction.on_commit(lambda: deliver(send_mail_task, pk, queue))
    return mail


def forget_mail(*, prefix: str) -> int:
    """Delete the mails whose ``once_key`` begins with ``prefix``, when the period for personal data is over; how many."""
    rows = OutgoingMail.objects.filter(once_key__startswith=prefix)
    return sum(1 for row in rows if row.delete())


def send_mail(*, pk: str, now: datetime) -> str:
    """Send one queued mail; ``sent``, ``skipped`` (done or busy), ``retry`` or ``failed``.

    The lease is written before the mail server is asked: two workers never send the same mail at once.
    """
    with transaction.atomic():
        mail = (
            OutgoingMail.objects.waiting()
            .filter(Q(lease_until=None) | Q(lease_until__lte=now))
            .select_for_update()
            .filter(pk=pk)
            .first()
        )
        if mail is None:
            return "skipped"
        mail.attempts += 1
        mail.lease_until = now + LEASE
        mail.save(update_fields=["attempts", "lease_until"])
    try:
        EmailMessage(mail.subject, mail.body, None, [mail.to]).send()
    except Exception as error:
        mail.error = f"{type(error).__name__}: {error}"[:500]
        # Wait longer each time: 1, 2, 4, 8, 16 minutes; the sweep picks it up.
        mail.lease_until = now + timedelta(minutes=2 ** (mail.attempts - 1))
        if mail.attempts >= MAX_ATTEMPTS:
            mail.failed_at = now
        mail.save(update_fields=["error", "lease_until", "failed_at"])
        return "failed" if mail.failed_at else "retry"
    mail.sent_at = now
    mail.error = ""
    mail.lease_until = None
    mail.save(update_fields=["sent_at", "error", "lease_until"])
    return "sent"
