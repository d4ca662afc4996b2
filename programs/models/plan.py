"""A plan of the ministry: a tree of parts with goals, milestones, risks, staffing and policy bases."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from programs.enums import PartLevel


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User) -> PlanQuerySet:
        """All plans for those whose role sees plans, else none."""
        return self if user.is_authenticated and user.has_permission("plan.view") else self.none()


class Plan(models.Model):
    """A plan under one review number (審議編號), over ROC years ``from_year`` to ``to_year``.

    ``starts_on`` and ``ends_on``: its first and last day, where they are not those of the years.

    The ``…_percent`` fields are thresholds of a KPI's status: the actual value as a percentage of the target's
    share of the time passed. At or above ``ahead_percent`` it is ahead, ``on_track_percent`` on track,
    ``behind_percent`` behind, below that at risk.
    """

    code = models.CharField("審議編號", max_length=40, unique=True)
    document = models.CharField(max_length=20, blank=True)
    name = models.CharField("計畫名稱", max_length=200)
    ministry = models.CharField("主管機關", max_length=120)
    agencies = models.JSONField("執行機關", default=list)
    from_year = models.PositiveSmallIntegerField("起始年度")
    to_year = models.PositiveSmallIntegerField("結束年度")
    starts_on = models.DateField("起始日", null=True, blank=True)
    ends_on = models.DateField("結束日", null=True, blank=True)
    summary = models.TextField("概要", blank=True)
    ahead_percent = models.PositiveSmallIntegerField("超前門檻（%）", default=110)
    on_track_percent = models.PositiveSmallIntegerField("正常門檻（%）", default=90)
    behind_percent = models.PositiveSmallIntegerField("落後門檻（%）", default=70)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("-to_year", "code")
        constraints = [
            models.CheckConstraint(condition=Q(from_year__lte=F("to_year")), name="plan_years_in_order"),
            models.CheckConstraint(
                condition=Q(ahead_percent__gt=F("on_track_percent"))
                & Q(on_track_percent__gt=F("behind_percent")),
                name="plan_thresholds_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def years(self) -> range:
        """The plan's ROC years."""
        return range(self.from_year, self.to_year + 1)


class PlanPart(models.Model):
    """A node of the plan's tree; the root (number "", level plan) is the plan itself.

    Goals, KPIs, budgets and all else hang on a part, so that every level is treated alike. ``strategy`` and
    ``nature`` are what B005 asks of a sub-programme.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="parts")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    level = models.CharField(max_length=15, choices=PartLevel.choices)
    number = models.CharField("編號", max_length=20, blank=True)
    name = models.CharField("名稱", max_length=200)
    agencies = models.JSONField("執行單位", default=list)
    summary = models.TextField("概要", blank=True)
    strategy = models.CharField("計畫策略", max_length=120, blank=True)
    nature = models.CharField("計畫性質", max_length=120, blank=True)
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("plan", "position")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_part_number_in_a_plan"),
            models.CheckConstraint(
                condition=Q(level="plan", parent=None, number="")
                | (~Q(level="plan") & Q(parent__isnull=False) & ~Q(number="")),
                name="part_root_has_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class PolicyBasis(models.Model):
    """A policy that the plan rests on."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="policies")
    name = models.CharField(max_length=300)
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.name


class Goal(models.Model):
    """A goal (目標) of a part."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="goals")
    code = models.CharField(max_length=20)
    text = models.TextField()
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("part", "position")
        constraints = [models.UniqueConstraint(fields=["part", "code"], name="one_goal_code_in_a_part")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class KeyResult(models.Model):
    """A key result (關鍵成果) of a goal in one ROC year."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="results")
    code = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    text = models.TextField()
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("goal", "year", "position")

    def __str__(self) -> str:
        return f"{self.year} {self.text}"


class Milestone(models.Model):
    """What is to be reached in a year, by a day where the document names one; ``done_on`` is reported."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="milestones")
    year = models.PositiveSmallIntegerField("年度")
    due_on = models.DateField("預定日期", null=True, blank=True)
    text = models.TextField("里程碑")
    source = models.CharField(max_length=200, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    note = models.CharField("說明", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("part", "year", "position")

    def __str__(self) -> str:
        return f"{self.year} {self.text}"

    @property
    def ends_on(self) -> date:
        """The day by which it is to be reached: as stated, else the last of the year."""
        return self.due_on or date(self.year + 1911, 12, 31)


_GRADE = [MinValueValidator(1), MaxValueValidator(3)]


class Risk(models.Model):
    """A risk with likelihood 1–3 × impact 1–3, before and after its measures (112 拾.四)."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="risks")
    code = models.CharField(max_length=20)
    name = models.CharField("風險", max_length=200)
    description = models.TextField("情境", blank=True)
    likelihood = models.PositiveSmallIntegerField("可能性", validators=_GRADE)
    impact = models.PositiveSmallIntegerField("影響", validators=_GRADE)
    measures = models.TextField("對策", blank=True)
    likelihood_after = models.PositiveSmallIntegerField("對策後可能性", validators=_GRADE)
    impact_after = models.PositiveSmallIntegerField("對策後影響", validators=_GRADE)
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("part", "position")
        constraints = [
            models.UniqueConstraint(fields=["part", "code"], name="one_risk_code_in_a_part"),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 3))
                & Q(impact__range=(1, 3))
                & Q(likelihood_after__range=(1, 3))
                & Q(impact_after__range=(1, 3)),
                name="risk_grades_from_1_to_3",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Staffing(models.Model):
    """People of one grade on a part in a year (B004), in person-months."""

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="staffing")
    year = models.PositiveSmallIntegerField()
    grade = models.CharField(max_length=60)
    person_months = models.DecimalField(max_digits=10, decimal_places=2)
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("part", "year", "position")
        constraints = [
            models.UniqueConstraint(fields=["part", "year", "grade"], name="one_staffing_row_for_each_grade")
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.grade} {self.person_months}"


class PlanComparison(models.Model):
    """A row of the document's own comparison, such as the third with the fourth phase."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="comparisons")
    name = models.CharField(max_length=300)
    unit = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(default=list)
    values = models.JSONField(default=list)
    source = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.name


class PlanNote(models.Model):
    """Where the document contradicts itself: what it says, what was taken, and why."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="notes")
    about = models.CharField(max_length=200)
    found = models.JSONField(default=list)
    chosen = models.TextField(blank=True)
    why = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.about
