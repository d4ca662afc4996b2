"""Celery tasks of accounts: thin."""

from __future__ import annotations

from celery import shared_task

from accounts.services.administration import disable_idle_accounts as disable
from core import clock


@shared_task(name="accounts.disable_idle_accounts")
def disable_idle_accounts() -> int:
    """Beat: disable staff accounts that nobody has used for 90 days."""
    return disable(now=clock.now())
