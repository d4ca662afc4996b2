"""Celery tasks of accounts: thin."""

from __future__ import annotations

from importlib import import_module

from celery import shared_task
from django.conf import settings

from accounts.services.administration import disable_idle_accounts as disable
from core import clock


@shared_task(name="accounts.disable_idle_accounts")
def disable_idle_accounts() -> int:
    """Beat: disable staff accounts that nobody has used for 90 days."""
    return disable(now=clock.now())


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Beat: delete sessions that are over, with whatever was kept in them. Running twice does no harm."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
