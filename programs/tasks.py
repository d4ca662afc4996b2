"""Beat jobs of plans: thin, and harmless when run twice."""

from __future__ import annotations

from celery import shared_task

from core import clock
from programs.services import reminders


@shared_task(name="programs.remind_kpi_owners")
def remind_kpi_owners() -> int:
    """Remind owners of KPIs that are not reported yet."""
    return reminders.remind_owners(now=clock.now())
