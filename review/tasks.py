"""Background work of the review: thin, and harmless when run twice."""

from __future__ import annotations

from celery import shared_task

from core import clock
from review.services import confirming, qualification


@shared_task(name="review.expire_supplements")
def expire_supplements() -> int:
    """Return cases whose supplement deadline has passed."""
    return qualification.expire_overdue(now=clock.now())


@shared_task(name="review.remind_supplements")
def remind_supplements() -> int:
    """Remind companies whose supplement deadline is near."""
    return qualification.remind(now=clock.now())


@shared_task(name="review.confirm_meeting")
def confirm_meeting(pk: str) -> str:
    """Carry out a supervisor's confirmation."""
    return confirming.run_confirmation(pk=int(pk), now=clock.now())


@shared_task(name="review.sweep_confirmations")
def sweep_confirmations() -> int:
    """Beat: queue again the confirmations that a lost broker or a killed worker left behind."""
    return confirming.sweep_confirmations(now=clock.now())
