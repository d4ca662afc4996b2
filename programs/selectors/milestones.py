"""Milestones of a plan: how each stands on a day, and the time line."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from programs.models import Milestone, Plan


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone and how it stands on a day: done, late or coming."""

    milestone: Milestone
    state: str
    label: str
    tone: str


def milestone_row(milestone: Milestone, on: date) -> MilestoneRow:
    if milestone.done_on and milestone.done_on <= on:
        late = milestone.done_on > milestone.ends_on
        return MilestoneRow(milestone, "done", "逾期完成" if late else "完成", "done")
    if milestone.ends_on < on:
        return MilestoneRow(milestone, "late", "逾期未完成", "problem")
    return MilestoneRow(milestone, "coming", "未到期", "waiting")


def milestones_of(parts: set[int], on: date) -> list[MilestoneRow]:
    """Milestones of these parts in time order. One query."""
    rows = Milestone.objects.filter(part__in=parts).select_related("part").order_by("year", "position")
    return sorted((milestone_row(m, on) for m in rows), key=lambda row: row.milestone.ends_on)


def milestone_title(rows: list[MilestoneRow]) -> str:
    """The time line's one message."""
    counted = Counter(row.state for row in rows)
    words = {"done": "項完成", "late": "項逾期未完成", "coming": "項未到期"}
    return "里程碑：" + "、".join(f"{counted[s]} {word}" for s, word in words.items() if counted[s])


def time_line(plan: Plan, rows: list[MilestoneRow], on: date) -> dict[str, Any]:
    """Milestones by the month they are due, in percent along the plan's years; and where the day stands."""
    first = date(plan.from_year + 1911, 1, 1)
    days = (date(plan.to_year + 1911, 12, 31) - first).days + 1

    def at(day: date) -> str:
        share = max(0, min(days, (day - first).days + 1))
        return f"{2 + share * 96 / days:.2f}"

    groups: dict[tuple[int, int], list[MilestoneRow]] = defaultdict(list)
    for row in rows:
        due = row.milestone.ends_on
        groups[due.year, due.month].append(row)
    marks = []
    for found in groups.values():
        counted = Counter(row.state for row in found)
        state = "late" if counted["late"] else "coming" if counted["coming"] else "done"
        due = max(row.milestone.ends_on for row in found)
        marks.append(
            {
                "at": at(due),
                "state": state,
                "due": due,
                "all": len(found),
                "done": counted["done"],
                "late": counted["late"],
                "coming": counted["coming"],
            }
        )
    ticks = [
        {"at": at(date(year + 1911, 1, 1)), "middle": at(date(year + 1911, 7, 1)), "label": year}
        for year in plan.years
    ]
    last = date(plan.to_year + 1911, 12, 31)
    return {"marks": marks, "ticks": ticks, "today": at(on) if first <= on <= last else "", "on": on}
