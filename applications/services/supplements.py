"""Supplement notices: asking, extending, answering, reminding, expiring (Q2, Q3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from applications.enums import SupplementState
from applications.models import Case, Supplement, SupplementItem
from applications.services.guard import require_office
from applications.workflow import CASE, SUPPLEMENT
from core import workflow
from core.locking import lock_row
from core.rocdate import TAIPEI, roc
from programs.selectors import work_calendar


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask for: the section or document (``documents.D6``), the rule, and what is wrong with it."""

    where: str
    rule: str
    reason: str


@transaction.atomic
def request_supplement(
    *, case: Case, items: Sequence[Asked], note: str, actor: User, now: datetime
) -> Supplement:
    """Ask the company for what is missing or wrong; the deadline is in working days from the notice (Q2).

    The letter is the caller's, who sets ``notice``. Raises ``PermissionDenied``, ``ValidationError``, ``TransitionRefused``.
    """
    require_office(actor, "qualification.decide", case)
    if not items:
        raise ValidationError("補件通知至少要有一個項目。")
    workflow.apply(CASE, case, "request_supplement", actor=actor, at=now, reason=note)
    due_on = work_calendar().add(
        now.astimezone(TAIPEI).date(), case.terms.terms.settings.supplement_working_days
    )
    supplement = Supplement.objects.create(
        case=case,
        sequence=case.supplements.count() + 1,
        note=note,
        requested_at=now,
        requested_by=actor,
        first_due_on=due_on,
        due_on=due_on,
    )
    SupplementItem.objects.bulk_create(
        SupplementItem(supplement=supplement, where=i.where, rule=i.rule, reason=i.reason) for i in items
    )
    return supplement


@transaction.atomic
def extend_supplement(
    *, supplement: Supplement, days: int, reason: str, actor: User, now: datetime
) -> Supplement:
    """Give up to the allowed working days more, counted from the first deadline (Q2: at most 3).

    Raises ``PermissionDenied`` and ``ValidationError``.
    """
    supplement = lock_row(Supplement.objects.select_related("case__terms"), pk=supplement.pk)
    require_office(actor, "qualification.decide", supplement.case)
    terms = supplement.case.terms.terms
    most, cited = terms.settings.extension_working_days_max, terms.cite_rule("Q2")
    if supplement.state != SupplementState.OPEN:
        raise ValidationError("這份補件通知已經結束，不能展延。")
    if not 1 <= days <= most:
        raise ValidationError({"days": f"補件期限最多展延 {most} 個工作日{cited}，請填 1 到 {most}。"})
    if not reason.strip():
        raise ValidationError({"reason": "請寫明展延的理由。"})
    due_on = work_calendar().add(supplement.first_due_on, days)
    if due_on <= supplement.due_on:
        raise ValidationError({"days": f"已經展延到 {roc(supplement.due_on)}，新的期限要更晚。"})
    supplement.due_on = due_on
    supplement.extension_reason = reason.strip()
    supplement.save(update_fields=["due_on", "extension_reason"])
    return supplement


def overdue(today: date) -> list[Supplement]:
    """Open notices whose last day has passed; what the beat expires."""
    return list(
        Supplement.objects.filter(state=SupplementState.OPEN, due_on__lt=today).select_related(
            "case__organisation", "case__call", "case__terms"
        )
    )


def to_remind(today: date) -> list[Supplement]:
    """Open notices that end within the reminder period and have not been reminded of."""
    calendar = work_calendar()
    return [
        s
        for s in Supplement.objects.filter(
            state=SupplementState.OPEN, reminded_at=None, due_on__gte=today
        ).select_related("case__organisation", "case__terms")
        if calendar.between(today, s.due_on) <= s.case.terms.terms.settings.reminder_working_days
    ]


def end_answered(*, supplement: Supplement, actor: User, now: datetime) -> None:
    """Mark a notice answered and hand the case back to the office; called by the submission."""
    workflow.apply(SUPPLEMENT, supplement, "answer", actor=actor, at=now, ended_at=now)
    workflow.apply(CASE, supplement.case, "answer_supplement", actor=actor, at=now)
