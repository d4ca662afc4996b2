"""Reporting KPI values and locking periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from core import workflow
from core.rocdate import roc_year
from programs.enums import PeriodState
from programs.models import Kpi, KpiValue, Plan, ReportingPeriod
from programs.permissions import why_not_report
from programs.rules.plans.kpis import months_of, period_label
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


def problems_of(kpi: Kpi, year: int, period: int, report: Reported, today: datetime) -> dict[str, str]:
    """Field → what is wrong with the report, in the user's words; {} when it may be stored. One query."""
    found: dict[str, str] = {}
    plan = kpi.part.plan
    if year not in plan.years:
        found["year"] = f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"
    elif (year, months_of(period)) > (roc_year(today), today.month):
        found["period"] = f"{year} 年{period_label(period)}還沒到，不能先填實際值。"
    if kpi.feed:
        if report.value is not None or any(n is not None for n in (report.men, report.women, report.other)):
            found["value"] = "這項指標由徵案資料自動計算，不能填寫數值；可以填寫說明、原因與改善措施。"
        return found
    if report.value is None:
        found["value"] = "請填實際值；沒有進度請填 0。"
        return found
    if report.value < 0:
        found["value"] = "實際值不可小於 0。"
    if kpi.by_gender:
        people = [report.men, report.women, report.other]
        if any(n is None for n in people):
            found["men"] = "這項指標要分性別填報，請填男、女與其他／未揭露的人數（沒有請填 0）。"
        elif sum(n or 0 for n in people) != report.value:
            total = sum(n or 0 for n in people)
            found["men"] = (
                f"男、女與其他合計 {total:,} 人，與實際值 {report.value.normalize():f} 不同，請修正。"
            )
    return found


@transaction.atomic
def report_value(
    *, kpi: Kpi, year: int, period: int, report: Reported, base_version: int, actor: User, now: datetime
) -> KpiValue:
    """Store what was reported; a value already there is kept as an earlier version.

    ``base_version``: the version that the reporter saw (0: none). Raises ``PermissionDenied``, and
    ``ValidationError`` by field for a locked period, a version that has moved on, or impossible values.
    """
    kpi = Kpi.objects.select_for_update(of=("self",)).select_related("part__plan", "owner").get(pk=kpi.pk)
    if reason := why_not_report(actor, kpi):
        raise PermissionDenied(reason)
    if is_locked(kpi.part.plan, year, period):
        raise ValidationError({"period": f"{year} 年{period_label(period)}已鎖定，需要更正請洽計畫辦公室。"})
    if found := problems_of(kpi, year, period, report, now):
        raise ValidationError(found)
    known = kpi.values.current().filter(year=year, period=period).first()
    if (known.version if known else 0) != base_version:
        raise ValidationError({"value": "這一期剛有別人填過，請重新整理，看過新的值再更正。"})
    if known:
        known.superseded_at = now
        known.save(update_fields=["superseded_at"])
    return KpiValue.objects.create(
        kpi=kpi,
        year=year,
        period=period,
        version=base_version + 1,
        value=report.value,
        men=report.men,
        women=report.women,
        other=report.other,
        note=report.note,
        cause=report.cause,
        remedy=report.remedy,
        reported_at=now,
        reported_by=actor,
        reported_by_name=str(actor),
    )


def is_locked(plan: Plan, year: int, period: int) -> bool:
    """Whether the office has locked the period. One query."""
    return plan.periods.filter(year=year, period=period, state=PeriodState.LOCKED).exists()


@transaction.atomic
def lock_period(*, plan: Plan, year: int, period: int, actor: User, now: datetime) -> ReportingPeriod:
    """No more values for a period. Raises ``TransitionRefused`` when it is locked, ``ValidationError`` for a
    year outside the plan. Writes the transition."""
    if year not in plan.years or not 1 <= period <= 14:
        raise ValidationError("沒有這一期。")
    row, _ = ReportingPeriod.objects.get_or_create(plan=plan, year=year, period=period)
    return workflow.apply(REPORTING_PERIOD, row, "lock", actor=actor, at=now)


@transaction.atomic
def reopen_period(*, period: ReportingPeriod, reason: str, actor: User, now: datetime) -> ReportingPeriod:
    """Take values again for a locked period, with a reason. Raises ``ValidationError``, ``TransitionRefused``."""
    if not reason.strip():
        raise ValidationError({"reason": "請寫明重新開放的理由。"})
    return workflow.apply(REPORTING_PERIOD, period, "reopen", actor=actor, at=now, reason=reason.strip())
