"""A supervisor's confirmation as durable work: asked for in a request, carried out by the worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.workflow import TransitionRecord
from review.enums import ConfirmationState
from review.models.meeting import DecisionMeeting

OPEN = (ConfirmationState.PENDING, ConfirmationState.RUNNING)


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def open(self) -> ConfirmationQuerySet:
        """On their way: neither done nor failed."""
        return self.filter(state__in=OPEN)


class Confirmation(models.Model):
    """One press of the button: who confirmed what was ``seen`` (a ``decision_key``), and what became of it.

    ``total``: cases that get their outcome; all of them at the same moment, or none. Pressing again after a
    failure is a new row, so that what was tried before stays.
    """

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="confirmations")
    seen = models.CharField(max_length=60)
    state = models.CharField(
        max_length=12, choices=ConfirmationState.choices, default=ConfirmationState.PENDING
    )
    total = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        ordering = ("requested_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state__in=OPEN), name="one_open_confirmation_of_a_meeting"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False),
                name="confirmation_running_has_lease",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["done", "failed"]) & Q(finished_at__isnull=False))
                | (Q(state__in=["pending", "running"]) & Q(finished_at=None)),
                name="confirmation_end_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="confirmation_failure_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether the worker still has to do with it."""
        return self.state in OPEN


class ConfirmationTransition(TransitionRecord):
    """What happened to a confirmation."""

    subject = models.ForeignKey(Confirmation, on_delete=models.CASCADE, related_name="transitions")
