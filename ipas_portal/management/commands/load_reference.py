"""``manage.py load_reference``: what every installation needs before anybody can work. Safe to run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.services.roles import load_roles
from core.clock import now
from documents.services import load_letter_templates
from outreach.services.topics import load_topics
from programs.services import load_calendar, load_regions

YEARS = range(2024, 2028)


class Command(BaseCommand):
    help = "Load roles, calendar 2024–2027, regions, topics and letter templates. Idempotent; staff's own changes stay."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        parts: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("roles", load_roles),
            ("calendar days", lambda: load_calendar(YEARS)),
            ("regions", load_regions),
            ("topics", load_topics),
            ("letter templates", lambda: load_letter_templates(now=now())),
        )
        for name, load in parts:
            self.stdout.write(f"{name}: {load()}")
