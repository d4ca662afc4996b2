"""The one function by which ``review`` reports its confirmed decision (A1), and what is given back afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from accounts import audit
from accounts.models import User
from applications.enums import CaseState, OutcomeResult
from applications.models import AwardChange, AwardLine, BudgetLine, Case, CaseOutcome
from applications.services.guard import require_office
from applications.workflow import CASE
from core import workflow
from core.locking import lock_row
from programs.models import Call
from programs.rules import granting

RELEASE = "meeting.propose"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a case.

    ``awards``: line → (requested, approved) in the unit that the call grants; nothing approved means rejected,
    or on the reserve list where ``reserved``. ``worth``: dollars that the case has then been granted in all; None
    where what is granted is money, and nothing was granted before. ``filling``: the case was decided on before and
    is filled up from what others gave back (RA8).
    ``suggestions``: ``{"criterion": …, "text": …}`` of the reviewers, without names. ``sign_by``: the last day for
    signing by the case's own terms, None for that of all.
    """

    case: Case
    awards: Mapping[str, tuple[int, int]]
    worth: int | None = None
    reserved: bool = False
    filling: bool = False
    average: Decimal | None = None
    rank: int | None = None
    suggestions: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    sign_by: date | None = None

    @property
    def total(self) -> int:
        """Approved units over all lines."""
        return sum(approved for _, approved in self.awards.values())

    @property
    def dollars(self) -> int:
        """What the case has been granted in all, in dollars; nothing while nothing is granted."""
        return (self.total if self.worth is None else self.worth) if self.total else 0

    @property
    def action(self) -> str:
        """What happens to a case that has waited for its decision."""
        return "approve" if self.total else "reserve" if self.reserved else "reject"


_ENDS = {
    "approve": (CaseState.APPROVED, OutcomeResult.APPROVED),
    "reject": (CaseState.REJECTED, OutcomeResult.REJECTED),
    "reserve": (CaseState.RESERVED, OutcomeResult.RESERVED),
}


@transaction.atomic
def record_outcomes(
    *, decided: Sequence[Decided], sign_by: date | None = None, actor: User, now: datetime
) -> list[CaseOutcome]:
    """Write the outcome of every case and move each to approved, reserved or rejected: all of them, or none.

    A case that was decided on before (on the reserve list, or granted less than it asked for) is filled up by what it
    gets now and else left alone (RA8). Called inside the confirmation's transaction, which holds the lock on
    the call's envelope. The number of queries does not grow with new cases but by the batch of 500. Raises
    ``TransitionRefused``; the database refuses an award above its request.
    """
    fresh = [one for one in decided if not one.filling]
    earlier = [one for one in decided if one.filling]
    for action, (target, _) in _ENDS.items():
        closed_at = now if action == "reject" else None
        cases = [one.case for one in fresh if one.action == action]
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
                result=_ENDS[one.action][1],
                average=one.average,
                rank=one.rank,
                granted=one.total,
                approved_total=one.dollars,
                suggestions=[dict(s) for s in one.suggestions],
                decided_at=now,
                sign_by=(one.sign_by or sign_by) if one.total else None,
            )
            for one in fresh
        ],
        batch_size=500,
    )
    lines = AwardLine.objects.bulk_create(
        [
            AwardLine(outcome=outcome, account=account, requested=requested, approved=approved)
            for outcome, one in zip(outcomes, fresh, strict=True)
            for account, (requested, approved) in one.awards.items()
        ],
        batch_size=500,
    )
    # The log of changes sees no bulk_create by itself, and it must hold every awarded dollar.
    audit.record_created([*outcomes, *lines], actor=actor)
    return outcomes + [
        _fill_up(one, sign_by=one.sign_by or sign_by, actor=actor, now=now) for one in earlier if one.total
    ]


def _fill_up(one: Decided, *, sign_by: date | None, actor: User, now: datetime) -> CaseOutcome:
    """More for a case that was decided on before, from what others gave back."""
    case = Case.objects.select_for_update().get(pk=one.case.pk)
    outcome = CaseOutcome.objects.select_for_update().get(case=case)
    lines = {line.account: line for line in outcome.awards.all()}
    for account, (_, more) in one.awards.items():
        lines[account].approved += more
        lines[account].save(update_fields=["approved"])
    if outcome.result == OutcomeResult.RESERVED:
        workflow.apply(CASE, case, "approve", actor=actor, at=now)
    before, outcome.granted = outcome.granted, outcome.granted + one.total
    outcome.result, outcome.approved_total = OutcomeResult.APPROVED, one.dollars
    outcome.sign_by = sign_by
    outcome.save()
    _write_down(outcome, before, "缺額遞補", actor=actor, now=now)
    return outcome


def _write_down(outcome: CaseOutcome, before: int, reason: str, *, actor: User, now: datetime) -> None:
    AwardChange.objects.create(
        outcome=outcome,
        before=before,
        after=outcome.granted,
        reason=reason[:300],
        at=now,
        by=actor,
        by_name=str(actor),
    )


@transaction.atomic
def give_back(*, case: Case, amount: int, reason: str, actor: User, now: datetime) -> CaseOutcome:
    """The office enters that an applicant gives back ``amount`` of what it was granted; all of it is a forfeit (C1).

    What is given back is free for others again. A part can be given back where the call fills up others with it
    (RA8). An applicant on the reserve list gives up its place with 0. The call's row is locked first, as by whoever
    confirms a meeting or issues its letters, so that none of them goes by what is being given back. Raises ``PermissionDenied``,
    ``ValidationError``, ``TransitionRefused``. Side effects: award, transition, an entry of the change.
    """
    Call.objects.select_for_update().get(pk=case.call_id)
    case = lock_row(Case.objects.select_related("terms", "organisation"), pk=case.pk)
    require_office(actor, RELEASE, case)
    if not reason.strip():
        raise ValidationError({"reason": "請寫明理由，例如「逾期未簽約」或「未能足額錄取」。"})
    CASE.transition(case.state, "forfeit")
    outcome = CaseOutcome.objects.select_for_update().get(case=case)
    terms = case.terms.terms
    before = outcome.granted
    if not 0 <= amount <= before or (amount == 0 and before):
        raise ValidationError({"amount": f"請填 1 到 {terms.grant.say(before)}。"})
    if amount < before and not granting.refills(terms):
        raise ValidationError({"amount": f"這個徵案只能全部放棄：{terms.grant.say(before)}。"})
    lines = list(outcome.awards.all())
    rest = amount
    for line in lines:
        cut = min(rest, line.approved)
        rest -= cut
        if cut:
            line.approved -= cut
            line.save(update_fields=["approved"])
    outcome.granted = before - amount
    outcome.approved_total = granting.worth(
        terms,
        subsidy=BudgetLine.objects.filter(case=case).aggregate(total=Sum("subsidy"))["total"] or 0,
        requested=sum(line.requested for line in lines),
        granted=outcome.granted,
    )
    if not outcome.granted:
        outcome.result, outcome.sign_by = OutcomeResult.FORFEITED, None
        workflow.apply(CASE, case, "forfeit", actor=actor, at=now, reason=reason.strip(), closed_at=now)
    outcome.save()
    if before:
        _write_down(outcome, before, reason.strip(), actor=actor, now=now)
    return outcome
