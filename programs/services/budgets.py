"""A call's envelope out of a plan's budget, freezes and cuts, and money that moved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import money, workflow
from programs import feeds
from programs.enums import EntryKind, MeasureKind
from programs.models import BudgetMeasure, Call, CallFunding, MoneyEntry, Plan, PlanPart
from programs.selectors.ledger import free_for_call
from programs.workflow import BUDGET_MEASURE


@transaction.atomic
def fund_call(*, call: Call, part: PlanPart, year: int, amount: int) -> CallFunding:
    """Set ``amount`` dollars of a part's budget aside for a call, instead of what it held before.

    Raises ``ValidationError`` by field for a year outside the plan or more than is free. The plan is locked, so
    that two calls can't take the same dollar.
    """
    plan = Plan.objects.select_for_update().get(pk=part.plan_id)
    if year not in plan.years:
        raise ValidationError({"year": f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"})
    free = free_for_call(part, year, call=call.pk)
    if amount > free:
        raise ValidationError(
            {
                "amount": f"匡列 {money.fmt(amount)} 元，超過「{part}」{year} 年度可用的 {money.fmt(free)} 元。"
                f"請減少 {money.fmt(amount - free)} 元，或改由其他計畫項目支應。"
            }
        )
    given = feeds.committed([call.pk]).get(call.pk, 0)
    if amount < given:
        raise ValidationError(
            {"amount": f"這個徵案已核定 {money.fmt(given)} 元，匡列金額不能低於已核定的金額。"}
        )
    row, _ = CallFunding.objects.update_or_create(
        call=call, defaults={"part": part, "year": year, "amount": amount}
    )
    return row


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

    Raises ``ValidationError`` by field.
    """
    problems: dict[str, str] = {}
    if year not in part.plan.years:
        problems["year"] = f"{year} 年不在計畫期間內（{part.plan.from_year}–{part.plan.to_year} 年）。"
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
    return BudgetMeasure.objects.create(
        part=part,
        year=year,
        kind=kind,
        percent=percent,
        amount=amount,
        reason=reason.strip(),
        created_at=now,
        created_by=actor,
    )


def confirm_measure(*, measure: BudgetMeasure, actor: User, now: datetime) -> BudgetMeasure:
    """Put a measure in force. Raises ``TransitionRefused``; writes the transition."""
    return workflow.apply(BUDGET_MEASURE, measure, "confirm", actor=actor, at=now, decided_at=now)


def drop_measure(*, measure: BudgetMeasure, actor: User, now: datetime) -> BudgetMeasure:
    """Don't go on with a drafted measure. Raises ``TransitionRefused``; writes the transition."""
    return workflow.apply(BUDGET_MEASURE, measure, "drop", actor=actor, at=now, decided_at=now)


def lift_measure(*, measure: BudgetMeasure, reason: str, actor: User, now: datetime) -> BudgetMeasure:
    """End a measure in force, with its reason. Raises ``ValidationError``, ``TransitionRefused``."""
    if not reason.strip():
        raise ValidationError({"reason": "請寫明解除的依據與理由。"})
    return workflow.apply(
        BUDGET_MEASURE, measure, "lift", actor=actor, at=now, reason=reason.strip(), decided_at=now
    )


@transaction.atomic
def book_entry(
    *,
    call: Call,
    kind: str,
    on: date,
    amount: int,
    reference: str,
    note: str,
    actor: User,
    now: datetime,
) -> MoneyEntry:
    """Book money paid or returned for a call. A negative amount takes a wrong entry back.

    Raises ``ValidationError`` by field: paid never above what is committed, returned never above what was paid,
    neither below 0, no day in the future.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    sums = dict.fromkeys(EntryKind.values, 0)
    for entry in call.money_entries.all():
        sums[entry.kind] += entry.amount
    sums[kind] += amount
    problems: dict[str, str] = {}
    committed = feeds.committed([call.pk]).get(call.pk, 0)
    if amount == 0:
        problems["amount"] = "金額不可為 0。"
    elif sums[kind] < 0:
        problems["amount"] = "沖銷的金額超過已登錄的金額。"
    elif sums[EntryKind.PAID] > committed:
        problems["amount"] = (
            f"累計撥付 {money.fmt(sums[EntryKind.PAID])} 元，超過這個徵案已核定的 {money.fmt(committed)} 元。"
        )
    elif sums[EntryKind.RETURNED] > sums[EntryKind.PAID]:
        problems["amount"] = (
            f"累計繳回 {money.fmt(sums[EntryKind.RETURNED])} 元，超過已撥付的 {money.fmt(sums[EntryKind.PAID])} 元。"
        )
    if on > now.date():
        problems["on"] = "日期還沒到。"
    if not reference.strip():
        problems["reference"] = "請填傳票或憑證號碼。"
    if problems:
        raise ValidationError(problems)
    return MoneyEntry.objects.create(
        call=call,
        kind=kind,
        on=on,
        amount=amount,
        reference=reference.strip(),
        note=note.strip(),
        booked_at=now,
        booked_by=actor,
    )
