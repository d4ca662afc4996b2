"""Mail that is to go out: a durable row first, the sending after commit."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from core import queues


class MailQuerySet(models.QuerySet["OutgoingMail"]):
    """Questions that the sweep and the pages ask."""

    def waiting(self) -> MailQuerySet:
        """Not sent and not given up."""
        return self.filter(sent_at=None, failed_at=None)


class OutgoingMail(models.Model):
    """A plain mail: one purpose, one link, the case number in the subject, no personal data, no amounts.

    The state follows from the two times, so that it cannot contradict them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField("收件者")
    subject = models.CharField("主旨", max_length=200)
    body = models.TextField("內容")
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    queue = models.CharField(max_length=10, default=queues.current, editable=False)
    # The same key twice is one mail: a replayed request or a reminder run twice does not write again.
    once_key = models.CharField(max_length=120, null=True, blank=True, unique=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(queue__in=queues.QUEUES), name="mail_queue_known"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(failed_at=None), name="mail_sent_or_failed_not_both"
            ),
            models.CheckConstraint(condition=Q(failed_at=None) | ~Q(error=""), name="mail_failure_says_why"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(sent_at=None, failed_at=None), name="mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def state(self) -> str:
        """``sent``, ``failed`` or ``pending``."""
        if self.sent_at:
            return "sent"
        return "failed" if self.failed_at else "pending"
