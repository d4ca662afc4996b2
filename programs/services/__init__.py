"""Use cases of calls, plans and reference tables."""

from programs.services.calls import TermsFrozen, extend_window, load_scheme, new_terms_version, publish_call
from programs.services.plans import load_plan
from programs.services.reference import load_calendar, load_regions, remove_day, save_day

__all__ = [
    "TermsFrozen",
    "extend_window",
    "load_calendar",
    "load_plan",
    "load_regions",
    "load_scheme",
    "new_terms_version",
    "publish_call",
    "remove_day",
    "save_day",
]
