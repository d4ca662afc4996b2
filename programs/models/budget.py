"""Budgets of a plan's parts, what of them calls may give, freezes and cuts, and money that moved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.money import fmt
from core.workflow import TransitionRecord
from programs.enums import BudgetCategory, BudgetStage, EntryKind, MeasureKind, MeasureState
from programs.models.call import Call
from programs.models.plan import PlanPart


class BudgetAmount(models.Model):
    """Thousands of dollars (千元) of one part, year, stage and category (B005). Leaves only: sums are computed."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="budget")
    year = models.PositiveSmallIntegerField("年度")
    stage = models.CharField(max_length=10, choices=BudgetStage.choices)
    category = models.CharField(max_length=15, choices=BudgetCategory.choices)
    amount = models.PositiveBigIntegerField("千元")
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("part", "year", "stage", "category")
        constraints = [
            models.UniqueConstraint(
                fields=["part", "year", "stage", "category"], name="one_budget_amount_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.year} {self.stage} {self.category} {self.amount}"


class SubsidyBudget(models.Model):
    """How much of a part's budget of a year is subsidy (補助款), in 千元: what its calls may take together.

    Without a row, a call may take from the part's whole approved budget.
    """

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="subsidy_budgets")
    year = models.PositiveSmallIntegerField("年度")
    amount = models.PositiveBigIntegerField("補助款（千元）")
    source = models.CharField("依據", max_length=200, blank=True)

    class Meta:
        ordering = ("part", "year")
        constraints = [models.UniqueConstraint(fields=["part", "year"], name="one_subsidy_budget_each")]

    def __str__(self) -> str:
        return f"{self.part_id} {self.year} {self.amount}"


class CallFunding(models.Model):
    """From which part and year a call takes its envelope.

    How much is the call's own ``envelope`` and stands there alone, so that the two can't disagree.
    """

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="funding")
    part = models.ForeignKey(PlanPart, on_delete=models.PROTECT, related_name="fundings")
    year = models.PositiveSmallIntegerField("預算年度")

    class Meta:
        ordering = ("part", "year", "call")
        indexes = [models.Index(fields=["part", "year"], name="funding_by_part_and_year")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.part_id} {self.year}"

    @property
    def dollars(self) -> int:
        """The call's envelope in dollars; of head-count, what it costs at most (RA3). Join ``call__current_terms``."""
        return self.call.dollars(self.call.envelope)

    def held(self, committed: int) -> int:
        """Dollars still set aside for the call: the whole envelope, or once it is closed what it awarded."""
        return self.dollars if self.call.may_award else committed


class BudgetMeasure(models.Model):
    """A freeze or a cut of a part's budget of a year, by percentage or by an amount in dollars (114 伍.七; X6)."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="measures")
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("措施", max_length=10, choices=MeasureKind.choices)
    percent = models.DecimalField("比例（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.PositiveBigIntegerField("金額（元）", null=True, blank=True)
    reason = models.CharField("依據與理由", max_length=300)
    state = models.CharField(max_length=10, choices=MeasureState.choices, default=MeasureState.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("part", "year", "created_at")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=False, amount=None, percent__gt=0, percent__lte=100)
                | Q(percent=None, amount__gt=0),
                name="measure_by_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", decided_at=None)
                | (~Q(state="draft") & Q(decided_at__isnull=False)),
                name="measure_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.words}"

    @property
    def words(self) -> str:
        """What it does: 凍結 10%, or 刪減 1,000,000 元."""
        much = f"{self.percent.normalize():f}%" if self.percent is not None else f"{fmt(self.amount or 0)} 元"
        return f"{self.get_kind_display()} {much}"


class MeasureTransition(TransitionRecord):
    """What happened to a freeze or cut."""

    subject = models.ForeignKey(BudgetMeasure, on_delete=models.CASCADE, related_name="transitions")


class MoneyEntry(models.Model):
    """Dollars paid to, or returned by, the awarded applicants of a call, as accounting books them.

    A wrong entry is never changed: another of the same kind with the negative amount takes it back, once.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="money_entries")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    on = models.DateField("日期")
    amount = models.BigIntegerField("金額（元）")
    reference = models.CharField("傳票或憑證號碼", max_length=60)
    note = models.CharField("說明", max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("call", "on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="money_entry_negative_takes_one_back",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} {self.amount}"
