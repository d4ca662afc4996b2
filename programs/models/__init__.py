"""Calls, their versioned terms, the tables that the rules look things up in; plans, KPIs and budgets."""

from programs.models.budget import (
    BudgetAmount,
    BudgetMeasure,
    CallFunding,
    MeasureTransition,
    MoneyEntry,
    SubsidyBudget,
)
from programs.models.call import Call, CallTerms, CallTransition, WindowExtension
from programs.models.draft import CallDraft, CallDraftTransition, DraftPart, TryOut
from programs.models.kpi import (
    FINAL,
    MIDTERM,
    Kpi,
    KpiTarget,
    KpiValue,
    ReportingPeriod,
    ReportingPeriodTransition,
)
from programs.models.plan import (
    Goal,
    KeyResult,
    Milestone,
    Plan,
    PlanComparison,
    PlanNote,
    PlanPart,
    PolicyBasis,
    Risk,
    Staffing,
)
from programs.models.reference import CalendarDay, PassRate, Region
from programs.models.report import PlanReport

__all__ = [
    "FINAL",
    "MIDTERM",
    "BudgetAmount",
    "BudgetMeasure",
    "CalendarDay",
    "Call",
    "CallDraft",
    "CallDraftTransition",
    "CallFunding",
    "CallTerms",
    "CallTransition",
    "DraftPart",
    "Goal",
    "KeyResult",
    "Kpi",
    "KpiTarget",
    "KpiValue",
    "MeasureTransition",
    "Milestone",
    "MoneyEntry",
    "PassRate",
    "Plan",
    "PlanComparison",
    "PlanNote",
    "PlanPart",
    "PlanReport",
    "PolicyBasis",
    "Region",
    "ReportingPeriod",
    "ReportingPeriodTransition",
    "Risk",
    "Staffing",
    "SubsidyBudget",
    "TryOut",
    "WindowExtension",
]
