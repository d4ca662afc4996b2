"""Transition tables of calls and their drafts, reporting periods, and freezes or cuts of a budget."""

from __future__ import annotations

from core.workflow import Machine, row
from programs.enums import CallState as S
from programs.enums import DraftState as D
from programs.enums import MeasureState as M
from programs.enums import PeriodState as P

CALL = Machine(
    name="call",
    initial=S.DRAFT,
    transitions=(
        row("publish", S.DRAFT, S.PUBLISHED, by="office", label="公告"),
        row("close", S.PUBLISHED, S.CLOSED, by="office", label="結案"),
        row("reopen", S.CLOSED, S.PUBLISHED, by="office", label="恢復為公告中"),
        row("archive", S.CLOSED, S.ARCHIVED, by="office", label="封存"),
        row("unarchive", S.ARCHIVED, S.CLOSED, by="office", label="取消封存"),
    ),
    turn={S.DRAFT: "office"},
)

CALL_DRAFT = Machine(
    name="call_draft",
    initial=D.OPEN,
    transitions=(
        row("publish", D.OPEN, D.PUBLISHED, by="office", label="公告"),
        row("discard", D.OPEN, D.DISCARDED, by="office", label="捨棄"),
    ),
    turn={D.OPEN: "office"},
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
