"""Beat jobs: thin, and harmless when run twice."""

from __future__ import annotations

from celery import shared_task

from core import clock
from outreach.services import inquiries, registrations


@shared_task(name="outreach.watch_inquiries")
def watch_inquiries() -> dict[str, int]:
    """Remind, escalate and close by the day."""
    return inquiries.watch(now=clock.now())


@shared_task(name="outreach.forget_people")
def forget_people() -> int:
    """Erase personal data whose period is over."""
    now = clock.now()
    return registrations.forget(now=now) + inquiries.forget(now=now)
