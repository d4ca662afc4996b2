"""What the office sees of its publications and events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, QuerySet

from core.sheets_write import Value
from outreach.enums import PublicationKind
from outreach.models import Event, Publication, Registration
from outreach.selectors.public import matching, with_places

STAGES = {"draft": "草稿", "planned": "排定公開", "shown": "公開中", "over": "已下架"}


def publications(*, kind: str, stage: str, q: str, now: datetime) -> QuerySet[Publication]:
    """Publications by filters, all of them for editors, the last changed first."""
    found = Publication.objects.select_related("topic", "event").order_by("-updated_at", "-pk")
    if kind:
        found = found.filter(kind=kind)
    if stage == "draft":
        found = found.filter(published_from=None)
    elif stage == "planned":
        found = found.filter(published_from__gt=now)
    elif stage == "shown":
        found = found.filter(pk__in=Publication.objects.shown(now).values("pk"))
    elif stage == "over":
        found = found.filter(published_from__lte=now, published_until__lte=now)
    return matching(found, q) if q else found


def kind_counts() -> dict[str, int]:
    """How many publications of each kind there are. One query."""
    rows = Publication.objects.order_by().values("kind").annotate(count=Count("pk"))
    counts = {row["kind"]: row["count"] for row in rows}
    return {kind: counts.get(kind, 0) for kind in PublicationKind.values}


def event_with_places(pk: int) -> Event | None:
    """An event with its counts. One query."""
    return with_places(Event.objects.select_related("publication")).filter(pk=pk).first()


def attendees(event: Event, state: str = "") -> QuerySet[Registration]:
    """Who registered, in order."""
    rows = event.registrations.in_order()
    return rows.filter(state=state) if state else rows


ATTENDEE_HEADER = ("序號", "狀態", "姓名", "服務單位", "電子郵件", "電話", "報名時間")


def attendee_rows(event: Event) -> Iterator[tuple[Value, ...]]:
    """The list as a sheet, cancelled ones left out. One query."""
    rows = event.registrations.active().in_order()
    for number, row in enumerate(rows, start=1):
        yield (
            number,
            row.get_state_display(),
            row.name,
            row.organisation,
            row.email,
            row.phone,
            row.registered_at,
        )
