"""A call's envelope out of a plan's budget, and the subsidy that a part's calls may take together."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from core import money
from core.locking import lock_row
from programs import feeds
from programs.models import Call, CallFunding, Plan, PlanPart, SubsidyBudget
from programs.selectors.ledger import ledger, room_for_call


def lock_budget(plan: int) -> Plan:
    """Lock a plan's money: whoever takes, gives back or measures does so one after another.

    A call's row, where it is needed as well, is locked before.
    """
    return Plan.objects.select_for_update().get(pk=plan)


def lock_budget_of(call: Call) -> None:
    """Lock the money that a call takes from, so that no measure slips in beside a decision; nothing without a plan."""
    plan = CallFunding.objects.filter(call=call).values_list("part__plan", flat=True).first()
    if plan is not None:
        lock_budget(plan)


@transaction.atomic
def fund_call(*, call: Call, part: PlanPart, year: int, amount: int) -> CallFunding:
    """Make ``amount`` the call's envelope, set aside out of a part's budget of a year, instead of what it held before.

    ``amount`` is in the unit that the call grants; of heads, what they cost at most is set aside (RA3). Raises
    ``ValidationError`` by field for a year outside the plan, more than is free, or less than is awarded. Call and
    plan are locked, so that two calls can't take the same dollar.
    """
    call = lock_row(Call.objects.select_related("current_terms"), pk=call.pk)
    plan = lock_budget(part.plan_id)
    if year not in plan.years:
        raise ValidationError({"year": f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"})
    if not call.may_award:
        raise ValidationError("這個徵案已經結案，不能再變更經費來源。")
    if not 0 < amount <= money.MAX_DOLLARS:
        raise ValidationError({"amount": "匡列的額度請填大於 0 的整數。"})
    price = call.dollars(1)
    if not price:
        raise ValidationError(
            {"amount": "這個徵案以員額核給，但須知沒有每名的補助上限，無法換算金額。請先在須知訂定上限。"}
        )
    wanted = call.dollars(amount)
    room = room_for_call(part, year, call=call.pk)
    if wanted > room.free:
        raise ValidationError(
            {
                "amount": f"匡列 {money.fmt(wanted)} 元，超過「{room.bound}」{year} 年度可用的 {money.fmt(room.free)} 元。"
                f"請減少 {money.fmt(wanted - room.free)} 元，或改由其他計畫項目支應。"
            }
        )
    given = feeds.committed([call.pk]).get(call.pk, 0)
    if amount < given:
        unit = call.terms.grant.unit
        raise ValidationError(
            {"amount": f"這個徵案已核定 {money.fmt(given)} {unit}，匡列的額度不能低於已核定的。"}
        )
    row, _ = CallFunding.objects.update_or_create(call=call, defaults={"part": part, "year": year})
    if call.envelope != amount:
        call.envelope = amount
        call.save(update_fields=["envelope"])
    return row


def keep_funded(call: Call) -> CallFunding | None:
    """Hold a call's envelope to its part's budget, whenever it may have grown: published, revised, reopened.

    A call out of no plan's budget is left alone. Raises ``ValidationError`` as :func:`fund_call`.
    """
    funding = CallFunding.objects.filter(call=call).select_related("part").first()
    if funding is None:
        return None
    return fund_call(call=call, part=funding.part, year=funding.year, amount=call.envelope)


@transaction.atomic
def set_subsidy(*, part: PlanPart, year: int, amount: int | None, source: str) -> SubsidyBudget | None:
    """Say how much of a part's approved budget is subsidy, in 千元; None: all of it, as without a say.

    Raises ``ValidationError`` by field: above the approved budget, below what is set aside for calls, without a source.
    """
    plan = lock_budget(part.plan_id)
    if year not in plan.years:
        raise ValidationError({"year": f"{year} 年不在計畫期間內（{plan.from_year}–{plan.to_year} 年）。"})
    if amount is not None and not source.strip():
        raise ValidationError({"source": "請寫明依據，例如預算書頁次或函文字號。"})
    before = ledger(plan).at(part, year)
    row = None
    if amount is None:
        SubsidyBudget.objects.filter(part=part, year=year).delete()
    else:
        row, _ = SubsidyBudget.objects.update_or_create(
            part=part, year=year, defaults={"amount": amount, "source": source.strip()}
        )
    after = ledger(plan).at(part, year)  # tried in the transaction, which a refusal takes back
    if after.base > after.approved:
        raise ValidationError(
            {
                "amount": f"補助款 {money.fmt(after.base)} 元，超過「{part}」{year} 年度"
                f"核定經費 {money.fmt(after.approved)} 元。"
            }
        )
    if after.base < before.base and after.free < 0:
        left = f"扣除凍結、刪減後剩 {money.fmt(after.available)} 元，" if after.available < after.base else ""
        raise ValidationError(
            {
                "amount": f"補助款 {money.fmt(after.base)} 元，{left}低於已匡列給徵案的 "
                f"{money.fmt(after.enveloped)} 元。請先調降徵案的匡列額度。"
            }
        )
    return row


@transaction.atomic
def set_promulgated(*, call: Call, promulgated: bool) -> Call:
    """Say whether the national budget is promulgated (114 註4). Until then review and decision of the call wait.

    The log of changes keeps who said so and when.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    call.budget_promulgated = promulgated
    call.save(update_fields=["budget_promulgated"])
    return call
