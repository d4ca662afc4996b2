"""``/healthz``: whether this process can do its work. For probes; says nothing about anybody."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ipas_portal.celery import app

logger = logging.getLogger(__name__)


def check_database() -> None:
    """Raise when the database doesn't answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def check_broker() -> None:
    """Raise when tasks cannot be handed over; waits two seconds at most."""
    with app.connection_for_write(transport_options={"socket_connect_timeout": 2}) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)


def check_storage() -> None:
    """Raise when uploaded files cannot be stored (looks only: a GET writes nothing)."""
    folder = Path(settings.MEDIA_ROOT)
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise NotADirectoryError(folder)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "storage": check_storage,
}


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when everything works, else 503; the reason goes to the log, not to the public."""
    results = {}
    for name, check in CHECKS.items():
        try:
            check()
        except Exception:
            logger.exception("Health check failed: %s", name)
            results[name] = "failed"
        else:
            results[name] = "ok"
    healthy = set(results.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if healthy else "failed", "checks": results}, status=200 if healthy else 503
    )
