"""The confirmed decision about a case, written through one function by ``review``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from applications.enums import OutcomeResult
from applications.models.case import Case


class CaseOutcome(models.Model):
    """Result, rank and the reviewers' suggestions that go with the letter (A1, A2)."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="outcome")
    result = models.CharField(max_length=10, choices=OutcomeResult.choices)
    average = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)
    approved_total = models.PositiveBigIntegerField(default=0)
    suggestions = models.JSONField(default=list)
    decided_at = models.DateTimeField()
    sign_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("rank", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(result="approved", approved_total__gt=0, sign_by__isnull=False)
                | Q(result="rejected", approved_total=0),
                name="outcome_amount_fits_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.result}"


class AwardLine(models.Model):
    """Approved subsidy of one account, beside what was requested."""

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
