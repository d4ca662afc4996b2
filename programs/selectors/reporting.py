"""What the pages of KPI reporting show: lines of a period, states of periods, what waits for a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from core.rocdate import roc_year
from programs.enums import Span
from programs.models import FINAL, MIDTERM, Kpi, KpiValue, Plan, ReportingPeriod
from programs.rules.plans.kpis import PERIODS, last_day, months_of, period_label
from programs.selectors.kpis import Figure, figures


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI on a reporting page: ``current`` what was reported of the period, ``figure`` the year until its end."""

    kpi: Kpi
    current: KpiValue | None
    figure: Figure


def reportable(user: User, plan: Plan) -> QuerySet[Kpi]:
    """KPIs of the plan whose values the user may report."""
    return (
        Kpi.objects.filter(part__plan=plan)
        .reported_by(user)
        .select_related("part__plan", "owner")
        .order_by("part__position", "position", "pk")
    )


def lines(kpis: QuerySet[Kpi], year: int, period: int, *, today: date) -> list[Line]:
    """Lines of the KPIs that have an aim in the year, or a report. About six queries more than ``kpis``."""
    rows = list(kpis)
    current = {
        row.kpi_id: row
        for row in KpiValue.objects.current().filter(kpi__in=[k.pk for k in rows], year=year, period=period)
    }
    day = min(today, last_day(year, period))
    known = figures(rows, [year], today=day)
    found = [Line(kpi, current.get(kpi.pk), known[kpi.pk, year]) for kpi in rows]
    return [line for line in found if line.figure.aim or line.current]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period of a year: how many KPIs are reported, and whether it takes values."""

    period: int
    label: str
    reported: int
    row: ReportingPeriod | None
    ended: bool

    @property
    def locked(self) -> bool:
        return bool(self.row and self.row.locked)


def periods_of(plan: Plan, year: int, *, today: date) -> list[PeriodRow]:
    """The fourteen periods of a year in their order of time. Two queries."""
    rows = {row.period: row for row in plan.periods.filter(year=year)}
    values = KpiValue.objects.current().filter(kpi__part__plan=plan, year=year, value__isnull=False)
    counts = dict(values.order_by().values_list("period").annotate(n=Count("pk")))
    return [
        PeriodRow(
            period=p,
            label=period_label(p),
            reported=counts.get(p, 0),
            row=rows.get(p),
            ended=last_day(year, p) < today,
        )
        for p in sorted(PERIODS, key=lambda p: (months_of(p), p))
    ]


# What waits for a person --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """KPIs of a plan that somebody has not reported for a period that has ended."""

    plan: Plan
    year: int
    period: int
    kpis: tuple[Kpi, ...]

    @property
    def label(self) -> str:
        return f"{self.year} 年{period_label(self.period)}"


def ended_periods(plan: Plan, today: date) -> list[tuple[int, int]]:
    """The month that ended last and the closing that ended last, where they lie in the plan's years."""
    month = today.month - 1 or 12
    year = roc_year(today) - (today.month == 1)
    closing = (year, MIDTERM) if 6 <= month < 12 else (year if month == 12 else year - 1, FINAL)
    return [(y, p) for y, p in ((year, month), closing) if y in plan.years]


def to_report(today: date, *, owner: User | None = None) -> dict[int, list[Waiting]]:
    """Owner → what waits for them, the latest period first; for one ``owner`` or everybody's. Four queries.

    Left out: KPIs that calls feed alone, those without a target in the year, locked periods, and months that a closing has replaced.
    """
    owned = Kpi.objects.filter(Q(feed="") | Q(adds_reports=True), owner__isnull=False, owner__is_active=True)
    if owner is not None:
        owned = owned.filter(owner=owner.pk)
    kpis = list(
        owned.filter(part__plan__from_year__lte=roc_year(today), part__plan__to_year__gte=roc_year(today) - 1)
        .select_related("part__plan")
        .prefetch_related("targets")
        .order_by("part__plan", "part__position", "position", "pk")
    )
    if not kpis:
        return {}
    years = (roc_year(today), roc_year(today) - 1)
    reported: dict[tuple[int, int], set[int]] = defaultdict(set)
    values = KpiValue.objects.current().filter(kpi__in=[k.pk for k in kpis], year__in=years)
    for pk, year, period in values.values_list("kpi", "year", "period"):
        reported[pk, year].add(period)
    locked = set(
        ReportingPeriod.objects.filter(
            Q(state="locked"), plan__in={k.part.plan_id for k in kpis}, year__in=years
        ).values_list("plan", "year", "period")
    )
    found: dict[int, dict[tuple[int, int, int], list[Kpi]]] = defaultdict(lambda: defaultdict(list))
    for kpi in kpis:
        plan = kpi.part.plan
        aimed = {target.year for target in kpi.targets.all()}
        for year, period in ended_periods(plan, today):
            closed = {p for p in reported[kpi.pk, year] if p in (MIDTERM, FINAL)}
            known = period in reported[kpi.pk, year] or (
                period <= 12 and any(months_of(p) >= period for p in closed)
            )
            wanted = year in aimed or (kpi.span == Span.PLAN and max(aimed, default=0) >= year)
            if wanted and not known and (plan.pk, year, period) not in locked:
                assert kpi.owner_id is not None
                found[kpi.owner_id][plan.pk, year, period].append(kpi)
    return {
        person: [
            Waiting(rows[0].part.plan, year, period, tuple(rows))
            for (_, year, period), rows in groups.items()
        ]
        for person, groups in found.items()
    }
