"""The decision meeting (A1): ranked cases, scenarios of how to divide the envelope, and the one adopted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Case
from core.workflow import TransitionRecord
from programs.models import Call
from review.enums import AllocationBase, AllocationMethod, LastCase, MeetingState
from review.workflow import MEETING


class DecisionMeeting(models.Model):
    """One meeting of one call. ``state`` moves to confirmed by the supervisor only.

    ``basis`` is a digest of the cases and score sheets that the ranking was made from, so that a later change
    shows; ``record_version`` is the optimistic lock of the record (date, place, attendance, text).
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="meetings")
    name = models.CharField("會議名稱", max_length=120)
    state = models.CharField(max_length=12, choices=MeetingState.choices, default=MeetingState.PREPARING)
    held_on = models.DateField("開會日期", null=True, blank=True)
    held_time = models.TimeField("開會時間", null=True, blank=True)
    place = models.CharField("地點", max_length=120, blank=True)
    chaired_by = models.CharField("主席", max_length=60, blank=True)
    recorded_by = models.CharField("紀錄", max_length=60, blank=True)
    minutes_text = models.TextField("討論紀要", blank=True)
    record_version = models.PositiveIntegerField(default=0)
    record_saved_at = models.DateTimeField(null=True, blank=True)
    ranking_method = models.CharField(max_length=20, blank=True)
    ranking_notes = models.JSONField(default=list)
    pass_mark = models.PositiveSmallIntegerField(null=True, blank=True)
    ranked_at = models.DateTimeField(null=True, blank=True)
    basis = models.CharField(max_length=64, blank=True)
    adopted = models.OneToOneField(
        "Scenario", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    adopted_at = models.DateTimeField(null=True, blank=True)
    minutes = models.ForeignKey(
        "documents.OfficialDocument", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(fields=["call", "name"], name="one_meeting_name_in_a_call"),
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

    @property
    def preparing(self) -> bool:
        """Whether amounts, ranking and record may still change."""
        return self.state == MeetingState.PREPARING

    @property
    def turn(self) -> str:
        """Whose turn it is: an audience, or "" when nobody has anything to do."""
        return MEETING.turn.get(self.state, "")


class MeetingTransition(TransitionRecord):
    """What happened to a meeting."""

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
    """A case on the table: rank, scores, reasoning and limits as they were when the list was made.

    Scores of 100 with two decimals, for the eye; the order itself was made from exact numbers. ``cap``: what
    the head-count allows in dollars (B3), None where the call has no such rule. ``share_ratio``: the case's own
    share of subsidy as an exact fraction, where it depends on the applicant's size ("" for the call's).
    """

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="meeting_cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meeting_cases")
    rank = models.PositiveIntegerField()
    average = models.DecimalField(max_digits=6, decimal_places=2)
    median = models.DecimalField(max_digits=6, decimal_places=2)
    spread = models.DecimalField(max_digits=6, decimal_places=2)
    sheets = models.PositiveSmallIntegerField()
    rank_sum = models.DecimalField(max_digits=8, decimal_places=2)
    mean_rank = models.DecimalField(max_digits=8, decimal_places=2)
    passed = models.BooleanField()
    differs = models.BooleanField(default=False)
    reasoning = models.TextField(blank=True)
    criteria = models.JSONField(default=dict)
    students = models.PositiveIntegerField(default=0)
    employees = models.PositiveIntegerField(default=0)
    cap = models.PositiveBigIntegerField(null=True, blank=True)
    share_ratio = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("rank", "pk")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "case"], name="a_case_once_in_a_meeting"),
            models.UniqueConstraint(fields=["meeting", "rank"], name="one_rank_once_in_a_meeting"),
        ]

    def __str__(self) -> str:
        return f"#{self.rank} {self.case_id}"


class MeetingAsk(models.Model):
    """One line of a case on the table, in the call's unit: the request, the account's total, the experts' view.

    Where the case was granted something before, the request is what is still open (RA8).

    ``mean`` and ``median`` are None where no expert recommended any amount.
    """

    meeting_case = models.ForeignKey(MeetingCase, on_delete=models.CASCADE, related_name="asks")
    account = models.CharField(max_length=30)
    requested = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    mean = models.PositiveBigIntegerField(null=True, blank=True)
    median = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["meeting_case", "account"], name="one_ask_for_each_account")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.requested}"


class Scenario(models.Model):
    """A named way to divide the envelope. ``version`` is the optimistic lock of two people at work.

    ``envelope``: dollars that could be given when it was last computed; pages work it out anew while the
    meeting is being prepared.
    """

    meeting = models.ForeignKey(DecisionMeeting, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField("方案名稱", max_length=60)
    method = models.CharField(
        "分配方式", max_length=20, choices=AllocationMethod.choices, default=AllocationMethod.RANK_ORDER
    )
    base = models.CharField(
        "分配基準", max_length=12, choices=AllocationBase.choices, default=AllocationBase.MEAN
    )
    last_case = models.CharField(
        "經費用罄時", max_length=12, choices=LastCase.choices, default=LastCase.REMAINDER
    )
    cut_percent = models.DecimalField("經費刪減（%）", max_digits=5, decimal_places=2, default=0)
    envelope = models.PositiveBigIntegerField("可分配經費")
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="one_scenario_name_in_a_meeting"),
            models.CheckConstraint(
                condition=Q(cut_percent__gte=0, cut_percent__lte=100), name="cut_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Allocation(models.Model):
    """What a scenario gives a case in one account, in dollars. Every account of every case has its row."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="allocations")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="allocations")
    account = models.CharField(max_length=30)
    amount = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "case", "account"], name="one_allocation_for_each_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.account} {self.amount}"


class ScenarioLog(models.Model):
    """Who changed a scenario, when and how; amounts as ``[case number, account, before, after]``.

    Amounts are written in bulk, which the general history does not see; this is their history.
    """

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="log")
    version = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["scenario", "version"], name="scenario_log_by_version")]

    def __str__(self) -> str:
        return f"{self.scenario_id} v{self.version} {self.action}"
