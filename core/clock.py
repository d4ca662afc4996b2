"""The one clock: the database's, so that web and worker hosts agree on deadlines to the second."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

TAIPEI = ZoneInfo("Asia/Taipei")


def now() -> datetime:
    """Current time by the database clock, aware, in Taipei time. One query."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC).astimezone(TAIPEI)
        cursor.execute("SELECT clock_timestamp()")
        value: datetime = cursor.fetchone()[0]
        return value.astimezone(TAIPEI)


def today() -> date:
    """Current date in Taipei by the database clock. One query."""
    return now().date()
