"""The doors through which ``review`` moves a case on its way; each writes one transition."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from applications.enums import CaseState, SupplementState
from applications.models import Case, Supplement
from applications.services.guard import require_office
from applications.workflow import CASE, SUPPLEMENT
from core import workflow


def qualify(*, case: Case, actor: User, now: datetime) -> Case:
    """The case meets every eligibility rule and document (Q1). Raises ``PermissionDenied``, ``TransitionRefused``."""
    require_office(actor, "qualification.decide", case)
    return workflow.apply(CASE, case, "qualify", actor=actor, at=now)


def return_case(*, case: Case, reason: str, actor: User | None, now: datetime) -> Case:
    """The case is returned (Q3); an open supplement notice ends with it. ``actor`` None: the system, on expiry.

    The letter is the caller's. Raises ``PermissionDenied``, ``TransitionRefused``.
    """
    if actor is not None:
        require_office(actor, "qualification.decide", case)
    with transaction.atomic():
        for supplement in Supplement.objects.filter(case=case, state=SupplementState.OPEN):
            workflow.apply(SUPPLEMENT, supplement, "expire", actor=actor, at=now, reason=reason, ended_at=now)
        return workflow.apply(CASE, case, "return", actor=actor, at=now, reason=reason, closed_at=now)


def start_review(*, case: Case, actor: User, now: datetime) -> Case:
    """The case goes to a panel (參.一)."""
    require_office(actor, "panel.manage", case)
    return workflow.apply(CASE, case, "start_review", actor=actor, at=now)


def close_review(*, case: Case, actor: User, now: datetime) -> Case:
    """Every score is in and signed off; the case waits for the decision meeting."""
    return workflow.apply(CASE, case, "close_review", actor=actor, at=now)


def reopen_review(*, case: Case, reason: str, actor: User, now: datetime) -> Case:
    """A closed case goes back to its panel, with a reason; nothing happens while it is still there."""
    if case.state == CaseState.IN_REVIEW:
        return case
    return workflow.apply(CASE, case, "reopen_review", actor=actor, at=now, reason=reason)
