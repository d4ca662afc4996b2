"""Tables that the rules look things up in: seeded once, kept by staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from core.workdays import seed_calendar
from programs.models import CalendarDay, Region


def load_calendar(years: Iterable[int]) -> int:
    """Seed the calendar of these AD years; days that staff have entered stay as they are. Returns rows added."""
    known = set(CalendarDay.objects.values_list("date", flat=True))
    rows = [
        CalendarDay(date=day, kind=kind, name=name[:60])
        for day, kind, name in seed_calendar(years)
        if day not in known
    ]
    return len(CalendarDay.objects.bulk_create(rows))


def load_regions(path: Path | None = None) -> int:
    """Seed the regions of R5 when the table is empty. Returns rows added."""
    if Region.objects.exists():
        return 0
    source = path or settings.BASE_DIR / "fixtures" / "regions.yaml"
    rows = [
        Region(zone=zone, city=city, township=township)
        for zone, places in yaml.safe_load(source.read_text(encoding="utf-8")).items()
        for city, _, township in (place.partition("/") for place in places)
    ]
    return len(Region.objects.bulk_create(rows))


@transaction.atomic
def save_day(*, day: date, kind: str, name: str) -> CalendarDay:
    """Enter or change one day (a typhoon day, a late decision). Deadlines computed from now on follow it."""
    row, _ = CalendarDay.objects.update_or_create(date=day, defaults={"kind": kind, "name": name})
    return row


def remove_day(*, day: date) -> None:
    """Make a day plain again; no error when it is."""
    CalendarDay.objects.filter(date=day).delete()
