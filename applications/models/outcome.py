"""The confirmed decision about a case, written through one function by ``review``, and what changed of it since."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enums import OutcomeResult
from applications.models.case import Case


class CaseOutcome(models.Model):
    """Result, rank and the reviewers' suggestions that go with the letter (A1, A2).

    ``granted`` is in the unit that the call grants (dollars or heads); ``approved_total`` is what it is worth in
    dollars, always.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="outcome")
    result = models.CharField(max_length=10, choices=OutcomeResult.choices)
    average = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)
    granted = models.PositiveBigIntegerField(default=0)
    approved_total = models.PositiveBigIntegerField(default=0)
    suggestions = models.JSONField(default=list)
    decided_at = models.DateTimeField()
    sign_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("rank", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(result="approved", granted__gt=0, sign_by__isnull=False)
                | Q(result__in=["rejected", "reserved", "forfeited"], granted=0, approved_total=0),
                name="outcome_amount_fits_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.result}"


class AwardLine(models.Model):
    """What is approved in one line, beside what was requested: an account's subsidy, or the heads."""

    outcome = models.ForeignKey(CaseOutcome, on_delete=models.CASCADE, related_name="awards")
    account = models.CharField(max_length=30)
    requested = models.PositiveBigIntegerField()
    approved = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["outcome", "account"], name="one_award_line_for_each_account"),
            models.CheckConstraint(
                condition=Q(approved__lte=models.F("requested")), name="award_never_above_the_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.approved}"


class AwardChange(models.Model):
    """What an applicant was granted changed after the decision: given back (C1, RA8), or filled up from what others
    gave back. In the unit of the grant."""

    outcome = models.ForeignKey(CaseOutcome, on_delete=models.CASCADE, related_name="changes")
    before = models.PositiveBigIntegerField()
    after = models.PositiveBigIntegerField()
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(before=models.F("after")), name="award_change_changes_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome_id} {self.before} → {self.after}"

    @property
    def freed(self) -> int:
        """What went back into the call's envelope; negative when the applicant got more."""
        return self.before - self.after
