"""Transition tables of calls, reporting periods, and freezes or cuts of a budget."""

from __future__ import annotations

from core.workflow import Machine, row
from programs.enums import CallState as S
from programs.enums import MeasureState as M
from programs.enums import PeriodState as P

CALL = Machine(
    name="call",
    initial=S.DRAFT,
    transitions=(row("publish", S.DRAFT, S.PUBLISHED, by="office", label="公告"),),
    turn={S.DRAFT: "office"},
)

REPORTING_PERIOD = Machine(
    name="reporting_period",
    initial=P.OPEN,
    transitions=(
        row("lock", P.OPEN, P.LOCKED, by="office", label="鎖定填報"),
        row("reopen", P.LOCKED, P.OPEN, by="office", label="重新開放填報"),
    ),
    turn={P.OPEN: "office"},
)

BUDGET_MEASURE = Machine(
    name="budget_measure",
    initial=M.DRAFT,
    transitions=(
        row("confirm", M.DRAFT, M.IN_FORCE, by="supervisor", label="確認生效"),
        row("drop", M.DRAFT, M.DROPPED, by="supervisor", label="不採用"),
        row("lift", M.IN_FORCE, M.LIFTED, by="supervisor", label="解除"),
    ),
    turn={M.DRAFT: "supervisor"},
)
