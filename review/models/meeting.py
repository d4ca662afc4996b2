"""The decision meeting (A1): ranked cases, scenarios of how to divide the envelope, and the one adopted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Case
from core.workflow import TransitionRecord
from programs.models import Call
from review.enums import AllocationMethod, MeetingState


class DecisionMeeting(models.Model):
    """One meeting of one call. ``state`` moves to confirmed by the supervisor only."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="meetings")
    name = models.CharField("會議名稱", max_length=120)
    state = models.CharField(max_length=12, choices=MeetingState.choices, default=MeetingState.PREPARING)
    held_on = models.DateField("開會日期", null=True, blank=True)
    place = models.CharField("地點", max_length=120, blank=True)
    chaired_by = models.CharField("主席", max_length=60, blank=True)
    minutes_text = models.TextField("會議紀錄", blank=True)
    adopted = models.OneToOneField("Scenario", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(null=True, blank=True)
    minutes = models.ForeignKey(
        "documents.OfficialDocument", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="preparing") | Q(adopted__isnull=False, adopted_at__isnull=False),
                name="meeting_adopted_has_scenario",
            ),
            models.CheckConstraint(
                condition=(Q(state="confirmed") & Q(confirmed_at__isnull=False))
                | (~Q(state="confirmed") & Q(confirmed_at=None)),
                name="meeting_confirmed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingTransition(TransitionRecord):
    subject = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="transitions")


class MeetingAttendance(models.Model):
    """Who sat in the meeting."""

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="attendance")
    name = models.CharField("姓名", max_length=60)
    title = models.CharField("單位職稱", max_length=120, blank=True)
    present = models.BooleanField("出席", default=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class MeetingCase(models.Model):
    """A case on the table, with its rank and the reasoning as they were when the meeting opened."""

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="meeting_cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meeting_cases")
    rank = models.PositiveIntegerField()
    average = models.DecimalField(max_digits=6, decimal_places=2)
    rank_sum = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField()
    reasoning = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("rank", "pk")
        constraints = [models.UniqueConstraint(fields=["meeting", "case"], name="a_case_once_in_a_meeting")]

    def __str__(self) -> str:
        return f"#{self.rank} {self.case_id}"


class Scenario(models.Model):
    """A named way to divide the envelope. ``version`` is the optimistic lock of two people at work."""

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField("方案名稱", max_length=60)
    method = models.CharField(max_length=20, choices=AllocationMethod.choices, default=AllocationMethod.RANK_ORDER)
    cut_percent = models.DecimalField("經費刪減（%）", max_digits=5, decimal_places=2, default=0)
    envelope = models.PositiveBigIntegerField("可分配經費")
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="one_scenario_name_in_a_meeting"),
            models.CheckConstraint(condition=Q(cut_percent__gte=0, cut_percent__lte=100), name="cut_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return self.name


class Allocation(models.Model):
    """What a scenario gives a case in one account, in dollars."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="allocations")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="allocations")
    account = models.CharField(max_length=30)
    amount = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["scenario", "case", "account"], name="one_allocation_for_each_account")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.account} {self.amount}"
