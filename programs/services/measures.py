"""Freezes and cuts of a part's budget of a year (X6): drafted, looked at, confirmed, lifted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import money, workflow
from core.workflow import TransitionRefused
from programs.enums import MeasureKind, MeasureState
from programs.models import BudgetMeasure, PlanPart
from programs.rules.plans.ledger import Tree
from programs.selectors.ledger import approved_dollars
from programs.selectors.measures import effect_of
from programs.services.budgets import lock_budget
from programs.workflow import BUDGET_MEASURE


class EffectChanged(Exception):
    """What the measure would touch is no longer what was looked at."""


@transaction.atomic
def draft_measure(
    *,
    part: PlanPart,
    year: int,
    kind: str,
    percent: Decimal | None,
    amount: int | None,
    reason: str,
    actor: User,
    now: datetime,
) -> BudgetMeasure:
    """Draft a freeze or cut, so that its effect can be looked at before it is confirmed (X6).

    ``amount``: dollars of the part's whole approved budget. The same draft again is the one that is there. Raises
    ``ValidationError`` by field.
    """
    plan = lock_budget(part.plan_id)
    problems: dict[str, str] = {}
    if year not in plan.years:
        problems["year"] = f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"
    elif not (base := _approved(part, year)):
        problems["year"] = f"「{part}」{year} 年度沒有核定經費，沒有可以凍結或刪減的。"
    elif amount is not None and amount > base:
        problems["amount"] = (
            f"金額 {money.fmt(amount)} 元，超過「{part}」{year} 年度核定經費 {money.fmt(base)} 元，"
            f"請減少 {money.fmt(amount - base)} 元。"
        )
    if kind not in MeasureKind.values:
        problems["kind"] = "請選擇凍結或刪減。"
    if (percent is None) == (amount is None):
        problems["percent"] = "比例與金額請擇一填寫。"
    elif percent is not None and not 0 < percent <= 100:
        problems["percent"] = "比例請填大於 0、不超過 100 的數字。"
    elif amount is not None and amount <= 0:
        problems["amount"] = "金額請填大於 0 的整數。"
    if not reason.strip():
        problems["reason"] = "請寫明依據與理由，例如立法院決議或函文字號。"
    if problems:
        raise ValidationError(problems)
    values = {"part": part, "year": year, "kind": kind, "percent": percent, "amount": amount}
    same = BudgetMeasure.objects.filter(**values, reason=reason.strip(), state=MeasureState.DRAFT).first()
    return same or BudgetMeasure.objects.create(
        **values, reason=reason.strip(), created_at=now, created_by=actor
    )


def _approved(part: PlanPart, year: int) -> int:
    tree = Tree(dict(PlanPart.objects.filter(plan=part.plan_id).values_list("pk", "parent")))
    return tree.sums(approved_dollars(part.plan)[year])[part.pk]


@transaction.atomic
def confirm_measure(*, measure: BudgetMeasure, seen: str, actor: User, now: datetime) -> BudgetMeasure:
    """Put a measure in force. ``seen``: the key of the effect that was looked at; confirming again changes nothing.

    Raises ``EffectChanged`` when calls, awards or other measures have changed since; ``TransitionRefused``.
    """
    lock_budget(measure.part.plan_id)
    measure = BudgetMeasure.objects.select_for_update().get(pk=measure.pk)
    if measure.state == MeasureState.IN_FORCE:
        return measure
    if measure.state == MeasureState.DRAFT and effect_of(measure).key != seen:
        raise EffectChanged(
            "您開啟這一頁之後，徵案、核定或其他措施有變動。請看過下面最新的影響，再決定是否確認。"
        )
    return workflow.apply(BUDGET_MEASURE, measure, "confirm", actor=actor, at=now, decided_at=now)


def drop_measure(*, measure: BudgetMeasure, actor: User, now: datetime) -> BudgetMeasure:
    """Don't go on with a drafted measure. Raises ``TransitionRefused``; writes the transition."""
    return workflow.apply(BUDGET_MEASURE, measure, "drop", actor=actor, at=now, decided_at=now)


@transaction.atomic
def lift_measure(*, measure: BudgetMeasure, reason: str, actor: User, now: datetime) -> BudgetMeasure:
    """End a measure in force, with its reason. Raises ``ValidationError``, ``TransitionRefused``."""
    if not reason.strip():
        raise ValidationError({"reason": "請寫明解除的依據與理由。"})
    lock_budget(measure.part.plan_id)
    return workflow.apply(
        BUDGET_MEASURE, measure, "lift", actor=actor, at=now, reason=reason.strip(), decided_at=now
    )


__all__ = [
    "EffectChanged",
    "TransitionRefused",
    "confirm_measure",
    "draft_measure",
    "drop_measure",
    "lift_measure",
]
