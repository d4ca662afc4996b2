"""``manage.py load_plan``: a plan file becomes a plan with its goals, KPIs, risks and budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from programs.models import Plan
from programs.rules.plans.planfile import PlanFileError
from programs.services.plans import load_plan, read_plan


class Command(BaseCommand):
    help = "Read plans from YAML files (fixtures/plans/…). A plan that is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["files"]:
            try:
                code = read_plan(path).code
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from error
            except PlanFileError as error:
                raise CommandError("\n".join(error.problems)) from error
            known = Plan.objects.filter(code=code).exists()
            load_plan(path, now=now())
            self.stdout.write(f"{code}: {'is there already' if known else 'made'}")
