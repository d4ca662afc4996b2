"""The qualification check of a case: every eligibility rule and every document (Q1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Case
from core.workflow import TransitionRecord
from review.enums import CheckState, Verdict


class QualificationCheck(models.Model):
    """One check for each case; it is reopened when a supplement comes in."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="qualification_check")
    state = models.CharField(max_length=10, choices=CheckState.choices, default=CheckState.OPEN)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | Q(state="decided", decided_at__isnull=False),
                name="check_decided_has_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class CheckTransition(TransitionRecord):
    """What happened to a qualification check."""

    subject = models.ForeignKey(QualificationCheck, on_delete=models.CASCADE, related_name="transitions")


class QualificationItem(models.Model):
    """The verdict on one rule (``E4``) or document (``D6``) of one hand-in, with the reason where it is no pass.

    ``sequence`` is that of the submission which was judged: after a supplement the earlier verdicts stay as
    history. ``version`` is the check's at the moment of judging. ``opens``: places (``documents.D6``,
    ``company``) that a supplement notice opens because of this item.
    """

    check_of = models.ForeignKey(QualificationCheck, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(max_length=10)
    sequence = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    opens = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=0)
    judged_at = models.DateTimeField()
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("code", "sequence")
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "code", "sequence"], name="one_verdict_for_each_item_and_hand_in"
            ),
            models.CheckConstraint(
                condition=Q(verdict="pass") | ~Q(reason=""), name="verdict_against_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.verdict}"
