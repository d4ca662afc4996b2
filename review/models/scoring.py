"""Score sheets: one for each assignment, hidden from the others until it is submitted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from review.models.panel import Assignment, PanelCase


class ScoreSheet(models.Model):
    """Scores, comments and the recommended amount of one expert. ``version`` guards against two tabs.

    ``draft``: what was typed but can't be a value (field → text), so that nothing is lost. ``tab``: the open
    page that saved last. ``document``: the printed sheet of the last submission.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="sheet")
    comment_for_applicant = models.TextField("給申請單位的建議", blank=True)
    comment_for_panel = models.TextField("給審查小組的意見", blank=True)
    recommends = models.BooleanField("建議補助", null=True, blank=True)
    weighted_total = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    tab = models.CharField(max_length=40, blank=True)
    draft = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField()
    document = models.ForeignKey(
        "documents.OfficialDocument", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.assignment_id)


class CriterionScore(models.Model):
    """The score for one criterion (R1–R4), on the call's scale."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=10)
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ("criterion",)
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="one_score_for_each_criterion"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0), name="score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.score}"


class RecommendedAmount(models.Model):
    """The subsidy that the expert recommends for one account, in dollars."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="amounts")
    account = models.CharField(max_length=30)
    amount = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["sheet", "account"], name="one_recommendation_each")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class SignOff(models.Model):
    """An expert's agreement that the panel's result of a case is right; withdrawn when the case is reopened."""

    panel_case = models.ForeignKey(PanelCase, on_delete=models.CASCADE, related_name="sign_offs")
    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="sign_off")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.signed_at:%Y-%m-%d}"
