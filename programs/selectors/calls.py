"""What pages about calls show, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.models import User
from core.rocdate import TAIPEI, roc
from core.workdays import WorkCalendar
from programs.enums import CallState, DayKind
from programs.models import CalendarDay, Call, Region
from programs.rules.terms import Terms


def work_calendar() -> WorkCalendar:
    """The stored calendar as the pure rules take it. One query."""
    off: set[date] = set()
    makeup: set[date] = set()
    for day, kind in CalendarDay.objects.values_list("date", "kind"):
        (makeup if kind == DayKind.MAKEUP else off).add(day)
    return WorkCalendar(off=frozenset(off), makeup=frozenset(makeup))


def zones() -> Mapping[tuple[str, str], frozenset[str]]:
    """(city, township) → zones of R5; a whole city has the township "". One query."""
    found: dict[tuple[str, str], set[str]] = {}
    for city, township, zone in Region.objects.values_list("city", "township", "zone"):
        found.setdefault((city, township), set()).add(zone)
    return {place: frozenset(names) for place, names in found.items()}


def open_calls(now: datetime) -> list[Call]:
    """Calls that accept applications, the one that closes first on top. One query."""
    published = Call.objects.filter(state=CallState.PUBLISHED).with_terms().order_by("effective_closes_at")
    return [call for call in published if call.is_open(now)]


def call_list(user: User, now: datetime) -> dict[str, list[Call]]:
    """Calls by what one can do with them: open now, to come, over. One query."""
    groups: dict[str, list[Call]] = {"open": [], "coming": [], "over": [], "drafts": []}
    for call in Call.objects.visible_to(user).with_terms():
        if call.state == CallState.ARCHIVED:
            continue
        if call.state == CallState.DRAFT:
            groups["drafts"].append(call)
        elif call.is_open(now):
            groups["open"].append(call)
        elif call.state == CallState.PUBLISHED and now < call.opens_at:
            groups["coming"].append(call)
        else:
            groups["over"].append(call)
    return groups


def timetable(call: Call, today: date) -> list[dict[str, Any]]:
    """The call's stages for ``components/timeline.html``; the window's end follows extensions."""
    items = []
    for stage in call.terms.timetable:
        ends_on = (
            max(stage.ends_on, call.effective_closes_at.astimezone(TAIPEI).date())
            if stage.key == "apply"
            else stage.ends_on
        )
        state = "done" if today > ends_on else "current" if today >= stage.starts_on else "todo"
        same = stage.starts_on == ends_on
        items.append(
            {
                "label": stage.label,
                "date": roc(stage.starts_on) if same else f"{roc(stage.starts_on)}–{roc(ends_on)}",
                "title": f"{stage.starts_on} – {ends_on}",
                "state": state,
                "note": stage.text,
            }
        )
    return items


def latest_end(terms: Terms) -> date:
    """The last day on which a plan may be carried out (T5); the end of the timetable where no rule names one."""
    named = [rule.params.latest_end for rule in terms.of_kind("plan_period")]
    return max(named) if named else max(stage.ends_on for stage in terms.timetable)


def days_left(call: Call, now: datetime) -> int:
    """Whole days from today to the day on which the window ends; 0 on the last day."""
    return (call.effective_closes_at.astimezone(now.tzinfo).date() - now.date()).days
