"""What KPIs are worth in a year: reported or fed, against their targets and the time passed.

One function for every page: its number of queries grows with nothing, not with plans, KPIs, values or cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from core.rocdate import roc_year
from programs import feeds
from programs.enums import Accumulation, Direction, Span
from programs.feeds import Fed, Feed
from programs.models import CallFunding, Kpi, KpiTarget, KpiValue, Plan, PlanPart
from programs.rules.plans.kpis import (
    Aim,
    Status,
    Thresholds,
    aim_of,
    in_time_order,
    period_label,
    share_passed,
    status,
    year_value,
)
from programs.rules.plans.ledger import ancestry


@dataclass(frozen=True, slots=True)
class People:
    """A head-count by gender. ``other``: neither man nor woman, or not disclosed."""

    men: int
    women: int
    other: int

    @property
    def total(self) -> int:
        return self.men + self.women + self.other

    @property
    def women_share(self) -> Fraction | None:
        """Women of all; None while nobody is counted."""
        return Fraction(self.women, self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Words:
    """What was said with the latest report of a year."""

    period: int
    note: str
    cause: str
    remedy: str

    @property
    def label(self) -> str:
        return period_label(self.period)


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI in one year, as known on a day.

    ``value``: None while nothing is known. ``fed``: counted from the rows of ``calls``; a fed KPI whose part
    funds no call in that year shows what the plan's document reports. ``reported``: what of the value of a fed
    KPI comes from elsewhere, None where all of it is counted. ``aim``: None without a target.
    """

    kpi: Kpi
    year: int
    value: Decimal | None
    fed: bool
    calls: tuple[int, ...]
    people: People | None
    aim: Aim | None
    target: KpiTarget | None
    status: Status
    words: Words | None
    reported: Decimal | None = None

    @property
    def counted(self) -> Decimal | None:
        """What of the value is counted from the rows of calls; None where nothing is."""
        return self.value - (self.reported or 0) if self.fed and self.value is not None else None

    @property
    def reached(self) -> Fraction | None:
        """Value ÷ target; None where either is missing or the target is 0."""
        if self.value is None or self.aim is None or not self.aim.target:
            return None
        return Fraction(self.value) / Fraction(self.aim.target)

    @property
    def asks_for_words(self) -> bool:
        """Behind, without a cause and a remedy (112 伍.二(一))."""
        told = self.words and self.words.cause and self.words.remedy
        return self.status.asks_for_remedy and not told


@dataclass(slots=True)
class _Reports:
    """Current reported values of one KPI in one year, by period."""

    values: dict[int, Decimal]
    people: dict[int, tuple[int, int, int]]
    words: dict[int, Words]


Key = tuple[int, int]


def figures(
    kpis: Iterable[Kpi],
    years: Collection[int],
    *,
    today: date,
    parts: Mapping[int, PlanPart] | None = None,
) -> dict[Key, Figure]:
    """(KPI, ROC year) → figure, as known at the end of ``today``; in the order of ``kpis``, then of ``years``.

    ``kpis`` come with ``part__plan`` selected. ``parts``: every part of their plans, when the caller has them.
    Five queries, and those of the feeds that the KPIs name (at most five).
    """
    rows = list(kpis)
    plans = {kpi.part.plan_id: kpi.part.plan for kpi in rows}
    targets = _targets(rows)
    reports = _reports(rows, years)
    calls = _calls(rows, plans, parts)
    counted = feeds.counts({k.feed for k in rows if k.feed}, {c for found in calls.values() for c in found})
    known = feeds.feeds()
    found: dict[Key, Figure] = {}
    for kpi in rows:
        plan = kpi.part.plan
        for year in years:
            own = _span(kpi, plan, year)
            fed = tuple(c for y in own for c in calls.get((kpi.part_id, y), ())) if kpi.feed in known else ()
            value, people = _reported(kpi, own, reports, today)
            beside = None
            if fed:
                number = feeds.number(known[kpi.feed], counted[kpi.feed], fed)
                beside = value if kpi.adds_reports else None
                people = _together(known[kpi.feed], number, beside, people)
                value = number.value + (beside or 0)
            figure = _figure(
                kpi, plan, year, today, value, fed, people, targets[kpi.pk], reports.get((kpi.pk, year))
            )
            found[kpi.pk, year] = replace(figure, reported=beside) if fed else figure
    return found


def _together(feed: Feed, counted: Fed, beside: Decimal | None, people: People | None) -> People | None:
    """People that calls feed and those reported beside them; whoever was not told apart counts as other."""
    if not feed.people:
        return None
    more = people or People(0, 0, int(beside or 0)) if beside is not None else People(0, 0, 0)
    return People(counted.men + more.men, counted.women + more.women, counted.other + more.other)


def _figure(
    kpi: Kpi,
    plan: Plan,
    year: int,
    today: date,
    value: Decimal | None,
    calls: tuple[int, ...],
    people: People | None,
    targets: Mapping[int, KpiTarget],
    reports: _Reports | None,
) -> Figure:
    cumulative = kpi.accumulation == Accumulation.CUMULATIVE
    passed = share_passed(year, today, begins=plan.starts_on, ends=plan.ends_on)
    aim = aim_of(
        {y: t.target for y, t in targets.items()},
        year,
        passed=passed,
        cumulative=cumulative,
        running_from=plan.from_year if kpi.span == Span.PLAN else None,
    )
    state = status(
        value,
        aim.target if aim else None,
        passed=aim.share if aim and passed else passed,
        cumulative=cumulative,
        up=kpi.direction == Direction.UP,
        thresholds=Thresholds(plan.ahead_percent, plan.on_track_percent, plan.behind_percent),
        due=aim.due if aim else None,
    )
    words = reports.words if reports else {}
    known = [p for p in in_time_order(words) if _known(year, p, today)]
    return Figure(
        kpi=kpi,
        year=year,
        value=value,
        fed=bool(calls),
        calls=calls,
        people=people,
        aim=aim,
        target=targets.get(aim.year) if aim else None,
        status=state,
        words=words[known[-1]] if known else None,
    )


def _span(kpi: Kpi, plan: Plan, year: int) -> Sequence[int]:
    """The years that the KPI's value of ``year`` is made from."""
    return range(plan.from_year, year + 1) if kpi.span == Span.PLAN else (year,)


def _until(year: int, today: date) -> int:
    """The last month of ``year`` of which reports are known on a day."""
    now = roc_year(today)
    return 12 if year < now else today.month if year == now else 0


def _known(year: int, period: int, today: date) -> bool:
    return bool(year_value({period: Decimal(0)}, cumulative=True, until=_until(year, today)) is not None)


def _reported(
    kpi: Kpi, years: Sequence[int], reports: Mapping[Key, _Reports], today: date
) -> tuple[Decimal | None, People | None]:
    """What was reported of the years together, and by gender; whoever was not told apart counts as other."""
    cumulative = kpi.accumulation == Accumulation.CUMULATIVE
    values: list[Decimal] = []
    split = [0, 0, 0]
    told = False
    for year in years:
        report = reports.get((kpi.pk, year))
        until = _until(year, today)
        value = year_value(report.values, cumulative=cumulative, until=until) if report else None
        if report is None or value is None:
            continue
        values.append(value)
        told = told or bool(report.people)
        men, women = (
            year_value(
                {p: Decimal(report.people.get(p, (0, 0, 0))[i]) for p in report.values},
                cumulative=cumulative,
                until=until,
            )
            or 0
            for i in (0, 1)
        )
        here = [int(men), int(women), max(0, int(value - men - women))]
        split = [a + b for a, b in zip(split, here, strict=True)] if cumulative else here
    if not values:
        return None, None
    return (sum(values, Decimal(0)) if cumulative else values[-1]), People(*split) if told else None


def _targets(kpis: list[Kpi]) -> dict[int, dict[int, KpiTarget]]:
    found: dict[int, dict[int, KpiTarget]] = defaultdict(dict)
    for target in KpiTarget.objects.filter(kpi__in=[k.pk for k in kpis]):
        found[target.kpi_id][target.year] = target
    return found


def _reports(kpis: list[Kpi], years: Collection[int]) -> dict[Key, _Reports]:
    """Current reports of the years; running totals need all of the earlier ones too."""
    running = [k.pk for k in kpis if k.span == Span.PLAN]
    asked = Q(kpi__in=[k.pk for k in kpis], year__in=years) | Q(
        kpi__in=running, year__lte=max(years, default=0)
    )
    found: dict[Key, _Reports] = {}
    columns = ("kpi", "year", "period", "value", "men", "women", "other", "note", "cause", "remedy")
    for kpi, year, period, value, men, women, other, note, cause, remedy in (
        KpiValue.objects.current().filter(asked).order_by().values_list(*columns)
    ):
        report = found.setdefault((kpi, year), _Reports({}, {}, {}))
        report.words[period] = Words(period, note, cause, remedy)
        if value is not None:
            report.values[period] = value
        if men is not None or women is not None:
            report.people[period] = (men or 0, women or 0, other or 0)
    return found


def _calls(
    kpis: list[Kpi], plans: Mapping[int, Plan], parts: Mapping[int, PlanPart] | None
) -> dict[Key, list[int]]:
    """(part, year) → calls that take their envelope from it or from a part below it."""
    if not any(k.feed for k in kpis):
        return {}
    if parts is None:
        parents = dict(PlanPart.objects.filter(plan__in=plans).order_by().values_list("pk", "parent"))
    else:
        parents = {pk: part.parent_id for pk, part in parts.items()}
    found: dict[Key, list[int]] = defaultdict(list)
    rows = CallFunding.objects.filter(part__plan__in=plans).order_by("call")
    for call, part, year in rows.values_list("call", "part", "year"):
        for above in ancestry(parents, part):
            found[above, year].append(call)
    return found
