"""Mid-term and final reports of a plan, as documents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from documents.models import OfficialDocument
from programs.models.plan import Plan


class PlanReport(models.Model):
    """A report of a year that was asked for. ``period``: 13 mid-term, 14 final. Who asked and when: the document."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reports")
    year = models.PositiveSmallIntegerField("年度")
    period = models.PositiveSmallIntegerField("期別")
    document = models.OneToOneField(OfficialDocument, on_delete=models.PROTECT, related_name="plan_report")

    class Meta:
        ordering = ("plan", "-document__requested_at")
        constraints = [
            models.CheckConstraint(condition=Q(period__in=(13, 14)), name="plan_report_of_a_closing_period")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.year}-{self.period}"
