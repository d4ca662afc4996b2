"""The one function by which ``review`` reports its confirmed decision (A1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from applications.enums import CaseState, OutcomeResult
from applications.models import AwardLine, Case, CaseOutcome
from applications.workflow import CASE
from core import workflow


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a case.

    ``awards``: account → (requested, approved) in dollars; nothing approved means rejected. ``suggestions``:
    ``{"criterion": …, "text": …}`` of the reviewers, without names.
    """

    case: Case
    awards: Mapping[str, tuple[int, int]]
    average: Decimal | None = None
    rank: int | None = None
    suggestions: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def total(self) -> int:
        """Approved dollars of all accounts."""
        return sum(approved for _, approved in self.awards.values())


@transaction.atomic
def record_outcomes(
    *, decided: Sequence[Decided], sign_by: date | None, actor: User, now: datetime
) -> list[CaseOutcome]:
    """Write the outcome of every case and move each to approved or rejected: all of them, or none.

    Called inside the confirmation's transaction, which holds the lock on the call's envelope. The number of
    queries does not grow with the cases but by the batch of 500. Raises ``TransitionRefused``; the database refuses
    an award above its request.
    """
    for action, target, closed_at in (
        ("approve", CaseState.APPROVED, None),
        ("reject", CaseState.REJECTED, now),
    ):
        cases = [one.case for one in decided if bool(one.total) == (action == "approve")]
        moved = workflow.apply_many(CASE, cases, action, actor=actor, at=now, closed_at=closed_at)
        audit.record_bulk(
            moved,
            actor=actor,
            changes={"state": (CaseState.REVIEWED, target), "closed_at": (None, closed_at)},
        )
    outcomes = CaseOutcome.objects.bulk_create(
        [
            CaseOutcome(
                case=one.case,
                result=OutcomeResult.APPROVED if one.total else OutcomeResult.REJECTED,
                average=one.average,
                rank=one.rank,
                approved_total=one.total,
                suggestions=[dict(s) for s in one.suggestions],
                decided_at=now,
                sign_by=sign_by if one.total else None,
            )
            for one in decided
        ],
        batch_size=500,
    )
    lines = AwardLine.objects.bulk_create(
        [
            AwardLine(outcome=outcome, account=account, requested=requested, approved=approved)
            for outcome, one in zip(outcomes, decided, strict=True)
            for account, (requested, approved) in one.awards.items()
        ],
        batch_size=500,
    )
    # The log of changes sees no bulk_create by itself, and it must hold every awarded dollar.
    audit.record_created([*outcomes, *lines], actor=actor)
    return outcomes
