"""A small plan with money: 112 to 114; part 2 has 2,000 千元 in 112, of them 1,000 千元 of subsidy; part 1 has 500."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.models import Case, CaseOutcome
from core import clock
from programs.models import BudgetAmount, BudgetMeasure, Call, Plan, SubsidyBudget
from programs.selectors.ledger import may_award, standing_of
from programs.selectors.measures import effect_of
from programs.services import measures
from programs.services.budgets import fund_call
from tests import personas
from tests.factories import make_call
from tests.programs.plans.builders import make_plan, part
from tests.review.decision.builders import reviewed_cases

YEAR = 112


def budget(plan: Plan, number: str, amount: int, *, year: int = YEAR, **fields: Any) -> BudgetAmount:
    """千元 of a part; approved personnel unless said."""
    values = {"stage": "approved", "category": "personnel", "source": "B005 · 行 1"} | fields
    return BudgetAmount.objects.create(part=part(plan, number), year=year, amount=amount, **values)


def plan_with_money(code: str = "112-0000-01", *, subsidy: int | None = 1_000) -> Plan:
    """2,500 千元 in 112: 500 of part 1; 1,500 of part 2 itself and 500 of 2.1."""
    plan = make_plan(code)
    budget(plan, "1", 500)
    budget(plan, "2", 1_500)
    budget(plan, "2.1", 500, category="other")
    if subsidy is not None:
        SubsidyBudget.objects.create(part=part(plan, "2"), year=YEAR, amount=subsidy, source="行 2")
    return plan


def funded(
    plan: Plan, envelope: int = 600_000, *, number: str = "2", slug: str = "one", **changes: Any
) -> Call:
    """A published call that takes its envelope from a part of the plan."""
    call = make_call(slug=slug, envelope=envelope, **changes)
    fund_call(call=call, part=part(plan, number), year=YEAR, amount=envelope)
    return Call.objects.get(pk=call.pk)


def drafted(plan: Plan, number: str = "2", **fields: Any) -> BudgetMeasure:
    """A drafted freeze of the whole part unless said."""
    values = {"kind": "freeze", "percent": None, "amount": None, "reason": "立法院決議"} | fields
    if values["percent"] is None and values["amount"] is None:
        values["percent"] = 100
    if values["percent"] is not None:
        values["percent"] = Decimal(values["percent"])
    return measures.draft_measure(
        part=part(plan, number), year=YEAR, actor=personas.make_supervisor(), now=now(), **values
    )


def in_force(plan: Plan, number: str = "2", **fields: Any) -> BudgetMeasure:
    """A measure in force."""
    measure = drafted(plan, number, **fields)
    return measures.confirm_measure(
        measure=measure,
        seen=effect_of(measure).key,
        actor=personas.make_supervisor(),
        now=now(),
    )


def award(call: Call, amount: int, *, first: int = 1, rank: int = 1) -> Case:
    """A confirmed award of the call."""
    case = reviewed_cases([90], call=call, first=first)[0]
    CaseOutcome.objects.create(
        case=case,
        result="approved",
        granted=amount,
        approved_total=amount,
        rank=rank,
        decided_at=now(),
        sign_by=now().date(),
    )
    Case.objects.filter(pk=case.pk).update(state="approved")
    return case


def available_for(call: Call) -> int:
    """What the call may award in all, as the portal says now."""
    return may_award(call, standing_of(call))


def now() -> datetime:
    return clock.now()
