"""``manage.py demo_season``: a season of invented cases, so that every role can be played at once."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from ipas_portal.demo import season
from ipas_portal.demo.accounts import PASSWORD


class Command(BaseCommand):
    help = "Load the 114 call with companies, reviewers and cases in every state. Only where DEMO is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=60, help="about how many cases (default 60)")
        parser.add_argument("--seed", type=int, default=114, help="the same seed makes the same season")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        call_command("load_reference", stdout=self.stdout)
        try:
            made = season.build(cases=options["cases"], seed=options["seed"], now=now())
        except RuntimeError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{made.cases} cases in {len(made.calls) + len(made.others)} calls, {time.monotonic() - began:.0f} s"
        )
        self.stdout.write(f"password of every demo account: {PASSWORD}")
