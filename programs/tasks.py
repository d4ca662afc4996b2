"""Celery tasks of programs: thin, idempotent, and never the only place where work is remembered."""

from __future__ import annotations

from celery import shared_task

from core import clock
from programs import tryouts
from programs.services import reminders


@shared_task(name="programs.remind_kpi_owners")
def remind_kpi_owners() -> int:
    """Remind owners of KPIs that are not reported yet."""
    return reminders.remind_owners(now=clock.now())


@shared_task(name="programs.run_tryout")
def run_tryout(pk: str) -> str:
    """Try a draft's terms on the cases of an earlier call."""
    return tryouts.run(pk=int(pk), now=clock.now)


@shared_task(name="programs.sweep_tryouts")
def sweep_tryouts() -> int:
    """Beat: queue again the trials that were lost."""
    return tryouts.sweep(now=clock.now())
