"""Calls, their versioned terms, and the tables that the rules look things up in."""

from programs.models.call import Call, CallTerms, CallTransition, WindowExtension
from programs.models.reference import CalendarDay, PassRate, Region

__all__ = ["CalendarDay", "Call", "CallTerms", "CallTransition", "PassRate", "Region", "WindowExtension"]
