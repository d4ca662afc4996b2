"""Transition table of a call."""

from __future__ import annotations

from core.workflow import Machine, row
from programs.enums import CallState as S

CALL = Machine(
    name="call",
    initial=S.DRAFT,
    transitions=(row("publish", S.DRAFT, S.PUBLISHED, by="office", label="公告"),),
    turn={S.DRAFT: "office"},
)
