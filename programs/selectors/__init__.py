"""What pages of calls and plans show, in a bounded number of queries."""

from programs.selectors.calls import (
    call_list,
    days_left,
    latest_end,
    open_calls,
    timetable,
    work_calendar,
    zones,
)

__all__ = ["call_list", "days_left", "latest_end", "open_calls", "timetable", "work_calendar", "zones"]
