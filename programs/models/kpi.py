"""KPIs with yearly targets, what is reported of them, and the periods that the office locks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.workflow import TransitionRecord
from programs.enums import Accumulation, Direction, PeriodState, Span
from programs.models.plan import Goal, Plan, PlanPart


class KpiQuerySet(models.QuerySet["Kpi"]):
    def visible_to(self, user: User) -> KpiQuerySet:
        """All KPIs for those whose role sees plans; their own for everybody else."""
        if user.is_authenticated and user.has_permission("plan.view"):
            return self
        return self.filter(owner=user.pk) if user.is_authenticated and user.is_active else self.none()

    def reported_by(self, user: User) -> KpiQuerySet:
        """Those whose values the user may report: ``programs.permissions.why_not_report`` as a query."""
        if user.has_permission("plan.edit"):
            return self
        own = Q(owner=user.pk) if user.is_active else Q(pk=None)
        return self.filter(own | Q(owner=None) if user.has_permission("kpi.report") else own)


class Kpi(models.Model):
    """An indicator of a part. ``feed`` names a source of ``programs.feeds``: such a KPI is counted, never typed.

    ``adds_reports``: what calls feed is only a share of it; what comes from elsewhere is reported and added.

    ``owner`` reports its values; without one, whoever may report for the plan does. ``women_goal`` is a share
    such as "1/3", "" where the document states none; ``attribute`` is the heading (屬性) that B003 puts it under.
    """

    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="kpis")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="kpis")
    code = models.CharField(max_length=20)
    name = models.CharField("指標", max_length=200)
    unit = models.CharField("單位", max_length=30)
    direction = models.CharField(max_length=5, choices=Direction.choices, default=Direction.UP)
    accumulation = models.CharField(
        max_length=12, choices=Accumulation.choices, default=Accumulation.CUMULATIVE
    )
    span = models.CharField(max_length=5, choices=Span.choices, default=Span.YEAR)
    quality = models.BooleanField("品質指標", default=False)
    by_gender = models.BooleanField("分性別填報", default=False)
    attribute = models.CharField("屬性", max_length=60, blank=True)
    women_goal = models.CharField("女性比例目標", max_length=10, blank=True)
    feed = models.CharField(max_length=30, blank=True)
    adds_reports = models.BooleanField("徵案以外的另行填報", default=False)
    note = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_kpis"
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = KpiQuerySet.as_manager()

    class Meta:
        ordering = ("part", "position")
        constraints = [
            models.UniqueConstraint(fields=["part", "code"], name="one_kpi_code_in_a_part"),
            models.CheckConstraint(
                condition=Q(adds_reports=False) | (~Q(feed="") & Q(accumulation="cumulative")),
                name="kpi_adds_reports_to_a_feed",
            ),
        ]
        indexes = [models.Index(fields=["feed"], name="kpi_by_feed", condition=~Q(feed=""))]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def counts_people(self) -> bool:
        """Whether its values are people, who come whole."""
        return self.by_gender or self.unit in ("人", "人次")

    @property
    def takes_values(self) -> bool:
        """Whether its values are reported: all of them, or what calls don't feed."""
        return not self.feed or self.adds_reports


class KpiTarget(models.Model):
    """The target of a KPI in one ROC year, and the challenge target (自我挑戰目標) beside it."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    year = models.PositiveSmallIntegerField("年度")
    target = models.DecimalField("目標值", max_digits=16, decimal_places=4)
    challenge = models.DecimalField("自我挑戰目標", max_digits=16, decimal_places=4, null=True, blank=True)
    challenge_text = models.CharField("自我挑戰目標說明", max_length=300, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("kpi", "year")
        constraints = [
            models.UniqueConstraint(fields=["kpi", "year"], name="one_target_for_each_year"),
            models.CheckConstraint(
                condition=Q(target__gte=0) & (Q(challenge=None) | Q(challenge__gte=0)),
                name="kpi_target_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.year}: {self.target}"


#: Periods of a year: the months 1–12, and two closings that count for all that came before them.
MIDTERM, FINAL = 13, 14


class KpiValueQuerySet(models.QuerySet["KpiValue"]):
    def current(self) -> KpiValueQuerySet:
        """Values that count: the latest version of each period."""
        return self.filter(superseded_at=None)


class KpiValue(models.Model):
    """One reported value. A correction is a new version; the earlier one stays with the time it ended.

    ``period``: 1–12 is what that month added (cumulative KPIs) or the value at its end (latest); 13 (mid-term)
    and 14 (final) state the year so far, and replace the months before them.
    For a fed KPI ``value`` is empty: the row only carries note, cause and remedy.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="values")
    year = models.PositiveSmallIntegerField("年度")
    period = models.PositiveSmallIntegerField("期別")
    version = models.PositiveSmallIntegerField(default=1)
    value = models.DecimalField("實際值", max_digits=16, decimal_places=4, null=True, blank=True)
    men = models.PositiveIntegerField("男", null=True, blank=True)
    women = models.PositiveIntegerField("女", null=True, blank=True)
    other = models.PositiveIntegerField("其他／未揭露", null=True, blank=True)
    note = models.TextField("說明", blank=True)
    cause = models.TextField("落後原因", blank=True)
    remedy = models.TextField("改善措施", blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reported_by_name = models.CharField(max_length=150)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = KpiValueQuerySet.as_manager()

    class Meta:
        ordering = ("kpi", "year", "period", "version")
        constraints = [
            models.UniqueConstraint(fields=["kpi", "year", "period", "version"], name="one_version_each"),
            models.UniqueConstraint(
                fields=["kpi", "year", "period"],
                condition=Q(superseded_at=None),
                name="one_current_value_for_each_period",
            ),
            models.CheckConstraint(condition=Q(period__range=(1, 14)), name="kpi_period_exists"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="kpi_value_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.year}-{self.period}: {self.value}"


class ReportingPeriod(models.Model):
    """A period of a plan that was locked, or reopened; periods without a row are open."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="periods")
    year = models.PositiveSmallIntegerField()
    period = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=PeriodState.choices, default=PeriodState.OPEN)

    class Meta:
        ordering = ("plan", "year", "period")
        constraints = [
            models.UniqueConstraint(fields=["plan", "year", "period"], name="one_reporting_period_each")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.year}-{self.period} {self.state}"

    @property
    def locked(self) -> bool:
        """Whether it takes no values."""
        return self.state == PeriodState.LOCKED


class ReportingPeriodTransition(TransitionRecord):
    """Who locked or reopened a period, and why."""

    subject = models.ForeignKey(ReportingPeriod, on_delete=models.CASCADE, related_name="transitions")
