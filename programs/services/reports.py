"""Asking for the mid-term and the final report of a plan."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from core.rocdate import TAIPEI
from documents.contexts import Recipient
from documents.services import request_document
from programs.models import FINAL, MIDTERM, Plan, PlanReport
from programs.rules.plans.kpis import last_day, period_label
from programs.selectors.plan_report import report_context


@transaction.atomic
def request_plan_report(*, plan: Plan, year: int, period: int, actor: User, now: datetime) -> PlanReport:
    """Have the report of a closing period typeset from the data as they are now. One on its way is returned again.

    Raises ``PermissionDenied``, ``ValidationError`` for a period that has not ended. Side effects: a document.
    """
    if not actor.has_permission("plan.edit"):
        raise PermissionDenied("只有計畫辦公室可以製作計畫報告。")
    today = now.astimezone(TAIPEI).date()
    if year not in plan.years or period not in (MIDTERM, FINAL):
        raise ValidationError("沒有這一期的報告。")
    if last_day(year, period) >= today:
        raise ValidationError(f"{year} 年{period_label(period)}還沒結束，不能製作報告。")
    Plan.objects.select_for_update().get(pk=plan.pk)
    open_one = plan.reports.filter(
        year=year, period=period, document__state__in=("pending", "rendering")
    ).first()
    if open_one is not None:
        return open_one
    document = request_document(
        context=report_context(plan, year=year, period=period, today=today),
        recipient=Recipient(plan.ministry),
        actor=actor,
        now=now,
    )
    return PlanReport.objects.create(plan=plan, year=year, period=period, document=document)
