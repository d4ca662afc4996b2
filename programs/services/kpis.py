"""Reporting KPI values, naming who reports them, and locking periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from core import workflow
from core.rocdate import TAIPEI, roc_datetime, roc_year
from core.templatetags.portal import quantity
from programs.enums import Direction, PeriodState
from programs.models import Kpi, KpiValue, Plan, ReportingPeriod
from programs.permissions import why_not_report
from programs.rules.plans.kpis import PERIODS, last_day, months_of, period_label
from programs.selectors.kpis import Figure, figures
from programs.workflow import REPORTING_PERIOD


@dataclass(frozen=True, slots=True)
class Reported:
    """What is reported of a KPI for one period. ``value`` None for a fed KPI: only words."""

    value: Decimal | None = None
    men: int | None = None
    women: int | None = None
    other: int | None = None
    note: str = ""
    cause: str = ""
    remedy: str = ""

    def same_as(self, row: KpiValue) -> bool:
        """Whether the row says exactly this."""
        return all(getattr(self, name) == getattr(row, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A report and the version that the reporter saw before (0: none)."""

    report: Reported
    base_version: int


class ReportRefused(Exception):
    """Nothing was stored. ``problems``: KPI key → field → words for the user; ``newer``: KPI key → what others
    reported meanwhile. ``period``: words about the period itself, "" when it is the values that are refused."""

    def __init__(
        self,
        problems: Mapping[int, Mapping[str, str]],
        *,
        newer: Mapping[int, KpiValue] | None = None,
        period: str = "",
    ) -> None:
        self.problems, self.newer, self.period = dict(problems), dict(newer or {}), period
        super().__init__(period or "；".join(w for found in problems.values() for w in found.values()))


def problem_of_period(plan: Plan, year: int, period: int, today: date) -> str:
    """Why no values may be reported of a period; "" when they may. One query at most."""
    if year not in plan.years:
        return f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"
    if period not in PERIODS:
        return "沒有這一期。"
    if (year, months_of(period)) > (roc_year(today), today.month):
        return f"{year} 年{period_label(period)}還沒到，不能先填實際值。"
    locked = plan.periods.filter(year=year, period=period, state=PeriodState.LOCKED).first()
    if locked is None:
        return ""
    step = locked.transitions.filter(action="lock").last()
    why = (
        f"（{roc_datetime(step.at)} {step.actor_name}{f'：{step.reason}' if step.reason else ''}）"
        if step
        else ""
    )
    return f"{year} 年{period_label(period)}已鎖定{why}，需要更正請洽計畫辦公室。"


def problems_of(kpi: Kpi, report: Reported) -> dict[str, str]:
    """Field → what is wrong with the values themselves, in the user's words; {} when they may be stored."""
    found: dict[str, str] = {}
    people = [report.men, report.women, report.other]
    if not kpi.takes_values:
        if report.value is not None or any(n is not None for n in people):
            found["value"] = "這項指標由徵案資料自動計算，不能填寫數值；可以填寫說明、原因與改善措施。"
        return found
    if report.value is None:
        if kpi.feed and all(n is None for n in people):
            return found  # words beside what calls feed; nothing from elsewhere
        return {"value": "請填實際值；沒有進度請填 0。"}
    if report.value < 0:
        found["value"] = "實際值不可小於 0。"
    elif kpi.counts_people and report.value != int(report.value):
        found["value"] = f"{kpi.unit}請填整數，不含小數。"
    if kpi.by_gender:
        total = sum(n or 0 for n in people)
        if any(n is None for n in people):
            found["men"] = "這項指標要分性別填報，請填男、女與其他／未揭露的人數（沒有請填 0）。"
        elif total != report.value:
            value = f"{report.value.normalize():f}"
            found["men"] = f"男、女與其他合計 {total:,} 人，與實際值 {value} 不同，請修正。"
    elif any(n is not None for n in people):
        found["value"] = "這項指標不分性別填報，請清空男、女、其他的人數。"
    return found


def shortfall(figure: Figure) -> str:
    """What was due by now, what was reached and how far apart, in words; "" unless a cause is asked for."""
    if not figure.status.asks_for_remedy or figure.aim is None or figure.value is None:
        return ""
    unit, rises = figure.kpi.unit, figure.kpi.direction == Direction.UP
    value, due = Fraction(figure.value), figure.aim.due
    return (
        f"{figure.status.label}：{figure.year} 年到這一期{'應達' if rises else '不應超過'} {quantity(due)} {unit}"
        f"（目標 {quantity(Fraction(figure.aim.target))} {unit}），目前 {quantity(value)} {unit}，"
        f"{'少' if rises else '多'} {quantity(abs(due - value))} {unit}。"
    )


@transaction.atomic
def report_values(
    *, plan: Plan, year: int, period: int, entries: Mapping[int, Entry], actor: User, now: datetime
) -> list[KpiValue]:
    """Store what was reported of several KPIs of a plan for one period: all of it or nothing.

    Values already there are kept as earlier versions. The same again (a double click, a replay) stores nothing.
    A KPI that is behind after the report needs a cause and a remedy (112 伍.二(一)). Returns the new rows.
    Raises ``PermissionDenied`` and ``ReportRefused``.
    """
    today = now.astimezone(TAIPEI).date()
    Plan.objects.select_for_update().get(pk=plan.pk)  # as whoever locks a period: no value slips in beside it
    kpis = {
        kpi.pk: kpi
        for kpi in Kpi.objects.select_related("part__plan", "owner")
        .filter(pk__in=entries, part__plan=plan)
        .order_by("pk")
    }
    for kpi in kpis.values():
        if reason := why_not_report(actor, kpi):
            raise PermissionDenied(reason)
    if len(kpis) != len(entries):
        raise PermissionDenied("這份填報裡有不屬於這個計畫的指標。")
    if reason := problem_of_period(plan, year, period, today):
        raise ReportRefused({}, period=reason)
    known = {
        row.kpi_id: row for row in KpiValue.objects.current().filter(kpi__in=kpis, year=year, period=period)
    }
    problems: dict[int, dict[str, str]] = {}
    newer: dict[int, KpiValue] = {}
    fresh: dict[int, Entry] = {}
    for pk, entry in entries.items():
        row = known.get(pk)
        if row is not None and entry.report.same_as(row):
            continue
        if (row.version if row else 0) != entry.base_version:
            problems[pk] = {"value": "這一期剛有別人填過；您填的內容還在，看過目前的值再送出更正。"}
            if row is not None:
                newer[pk] = row
        elif found := problems_of(kpis[pk], entry.report):
            problems[pk] = found
        fresh[pk] = entry
    if problems:
        raise ReportRefused(problems, newer=newer)
    stored = []
    for pk, entry in fresh.items():
        if pk in known:
            known[pk].superseded_at = now
            known[pk].save(update_fields=["superseded_at"])
        stored.append(_store(kpis[pk], year, period, entry, actor, now))
    behind = _without_words([kpis[pk] for pk in fresh], fresh, year, period, today)
    if behind:
        raise ReportRefused(behind)
    return stored


def try_values(
    *, plan: Plan, year: int, period: int, entries: Mapping[int, Entry], actor: User, now: datetime
) -> list[KpiValue]:
    """What :func:`report_values` would store or refuse, and stores nothing. Raises as it does."""
    with transaction.atomic():
        stored = report_values(plan=plan, year=year, period=period, entries=entries, actor=actor, now=now)
        transaction.set_rollback(True)
    return stored


def _store(kpi: Kpi, year: int, period: int, entry: Entry, actor: User, now: datetime) -> KpiValue:
    said = {name: getattr(entry.report, name) for name in Reported.__slots__}
    return KpiValue.objects.create(
        kpi=kpi,
        year=year,
        period=period,
        version=entry.base_version + 1,
        reported_at=now,
        reported_by=actor,
        reported_by_name=str(actor),
        **said,
    )


def _without_words(
    kpis: Iterable[Kpi], entries: Mapping[int, Entry], year: int, period: int, today: date
) -> dict[int, dict[str, str]]:
    """KPIs that are behind at the end of the period, and lack cause or remedy: field → words with the numbers.

    A fed number is always that of today, and judged as of today.
    """
    rows = list(kpis)
    found: dict[int, dict[str, str]] = {}
    for group, day in (
        ([k for k in rows if not k.feed], min(today, last_day(year, period))),
        ([k for k in rows if k.feed], today),
    ):
        for figure in figures(group, [year], today=day).values() if group else ():
            said = entries[figure.kpi.pk].report
            if not (words := shortfall(figure)):
                continue
            if not said.cause:
                found.setdefault(figure.kpi.pk, {})["cause"] = f"{words}請寫落後的原因。"
            if not said.remedy:
                found.setdefault(figure.kpi.pk, {})["remedy"] = "請寫改善措施與預定時程。"
    return found


@transaction.atomic
def set_owner(*, kpi: Kpi, owner: User | None, actor: User) -> Kpi:
    """Say who reports a KPI; None: whoever reports for the plan. Raises ``PermissionDenied``."""
    if not actor.has_permission("plan.edit"):
        raise PermissionDenied("只有計畫辦公室可以指定填報人。")
    kpi.owner = owner
    kpi.save(update_fields=["owner"])
    return kpi


@transaction.atomic
def lock_period(
    *, plan: Plan, year: int, period: int, actor: User, now: datetime, reason: str = ""
) -> ReportingPeriod:
    """No more values for a period; whoever still tries reads ``reason``. Raises ``TransitionRefused`` when it is locked, ``ValidationError`` for a
    year outside the plan. Writes the transition."""
    if year not in plan.years or period not in PERIODS:
        raise ValidationError("沒有這一期。")
    Plan.objects.select_for_update().get(pk=plan.pk)
    row, _ = ReportingPeriod.objects.get_or_create(plan=plan, year=year, period=period)
    return workflow.apply(REPORTING_PERIOD, row, "lock", actor=actor, at=now, reason=reason.strip())


@transaction.atomic
def reopen_period(*, period: ReportingPeriod, reason: str, actor: User, now: datetime) -> ReportingPeriod:
    """Take values again for a locked period, with a reason. Raises ``ValidationError``, ``TransitionRefused``."""
    if not reason.strip():
        raise ValidationError({"reason": "請寫明重新開放的理由。"})
    return workflow.apply(REPORTING_PERIOD, period, "reopen", actor=actor, at=now, reason=reason.strip())
