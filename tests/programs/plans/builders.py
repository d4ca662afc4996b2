"""Small plans for tests: a plan over 112 to 114 with two sub-programmes, the second with an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import clock
from programs.models import CallFunding, Kpi, KpiTarget, KpiValue, Plan, PlanPart

LEVELS = {0: "plan", 1: "sub_programme"}


def make_plan(code: str = "112-0000-01", **fields: Any) -> Plan:
    """A plan with the parts "", "1", "2" and "2.1"."""
    values = {"name": "示範人才計畫", "ministry": "經濟部", "from_year": 112, "to_year": 114} | fields
    plan = Plan.objects.create(code=code, **values)
    root = add_part(plan, "", None)
    add_part(plan, "1", root)
    second = add_part(plan, "2", root)
    add_part(plan, "2.1", second, level="item")
    return plan


def add_part(plan: Plan, number: str, parent: PlanPart | None, level: str = "") -> PlanPart:
    """A part; its level is that of its depth unless said."""
    return PlanPart.objects.create(
        plan=plan,
        parent=parent,
        number=number,
        level=level or LEVELS[0 if parent is None else 1],
        name=f"部分 {number}" if number else plan.name,
        position=plan.parts.count(),
    )


def part(plan: Plan, number: str) -> PlanPart:
    return plan.parts.get(number=number)


def add_kpi(
    plan: Plan, number: str = "", code: str = "K1", targets: dict[int, Any] | None = None, **fields: Any
) -> Kpi:
    """A KPI of a part with its targets by year."""
    values = {"name": f"指標 {code}", "unit": "人"} | fields
    kpi = Kpi.objects.create(part=part(plan, number), code=code, position=Kpi.objects.count(), **values)
    KpiTarget.objects.bulk_create(
        KpiTarget(kpi=kpi, year=year, target=Decimal(str(target)), source="表 · 行 1")
        for year, target in (targets or {}).items()
    )
    return kpi


def add_value(kpi: Kpi, year: int, period: int, value: Any = None, **fields: Any) -> KpiValue:
    """A current report."""
    return KpiValue.objects.create(
        kpi=kpi,
        year=year,
        period=period,
        value=None if value is None else Decimal(str(value)),
        reported_at=clock.now(),
        reported_by_name="填報人",
        **fields,
    )


def fund(call: Any, plan: Plan, number: str, year: int) -> CallFunding:
    """Let a call take its envelope from a part and year, whatever is free."""
    values = {"part": part(plan, number), "year": year}
    return CallFunding.objects.update_or_create(call=call, defaults=values)[0]
