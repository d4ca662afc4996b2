"""Which business item codes count is a rule of a call (E4), which this app must not know: it asks a judge.

``ipas_portal`` sets the judge at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """A code, the group that it belongs to ("" when it doesn't count), and the clause."""

    code: str
    group: str = ""
    clause: str = ""


Judge = Callable[[Sequence[str]], list[Judged]]


def _nobody_knows(codes: Sequence[str]) -> list[Judged]:
    return [Judged(code) for code in codes]


_judge: Judge = _nobody_knows


def use_judge(judge: Judge) -> None:
    """Ask ``judge`` from now on."""
    global _judge
    _judge = judge


def judge(codes: Sequence[str]) -> list[Judged]:
    """Each code with the group that makes it eligible under the newest call."""
    return _judge(codes)
