"""The one function by which ``review`` reports its confirmed decision (A1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from applications.enums import OutcomeResult
from applications.models import AwardLine, Case, CaseOutcome
from applications.workflow import CASE
from core import workflow


@transaction.atomic
def record_outcome(
    *,
    case: Case,
    awards: Mapping[str, tuple[int, int]],
    average: Decimal | None,
    rank: int | None,
    suggestions: Sequence[Mapping[str, Any]],
    sign_by: date | None,
    actor: User,
    now: datetime,
) -> CaseOutcome:
    """Write the outcome of a case and move it to approved or rejected.

    ``awards``: account → (requested, approved) in dollars; nothing approved means rejected. ``suggestions``:
    ``{"criterion": …, "text": …}`` of the reviewers, without names. Called inside the confirmation's
    transaction, which holds the lock on the call's envelope. Raises ``TransitionRefused``; the database refuses
    an award above its request.
    """
    total = sum(approved for _, approved in awards.values())
    result = OutcomeResult.APPROVED if total else OutcomeResult.REJECTED
    workflow.apply(
        CASE,
        case,
        "approve" if total else "reject",
        actor=actor,
        at=now,
        closed_at=None if total else now,
    )
    outcome = CaseOutcome.objects.create(
        case=case,
        result=result,
        average=average,
        rank=rank,
        approved_total=total,
        suggestions=[dict(s) for s in suggestions],
        decided_at=now,
        sign_by=sign_by if total else None,
    )
    for account, (requested, approved) in awards.items():
        # Row by row: the log of changes never sees a bulk_create, and it must hold every awarded dollar.
        AwardLine.objects.create(outcome=outcome, account=account, requested=requested, approved=approved)
    return outcome
