"""The public result of a call (A3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from applications.models import CaseOutcome
from core.rocdate import TAIPEI
from programs.models import Call


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One approved case as the public sees it; no person appears. ``amount``: in the call's unit, ``dollars``: worth."""

    number: str
    company: str
    title: str
    amount: int
    dollars: int
    decided_on: Any


def result_rows(call: Call) -> list[ResultRow]:
    """The approved cases of a call in the order of their numbers (A3). One query."""
    outcomes = (
        CaseOutcome.objects.filter(case__call=call, result="approved")
        .select_related("case__company", "case__organisation")
        .order_by("case__number")
    )
    return [
        ResultRow(
            number=outcome.case.number or "",
            company=outcome.case.company_name,
            title=outcome.case.title,
            amount=outcome.granted,
            dollars=outcome.approved_total,
            decided_on=outcome.decided_at.astimezone(TAIPEI).date(),
        )
        for outcome in outcomes
    ]
