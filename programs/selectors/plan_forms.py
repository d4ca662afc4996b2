"""A plan's data in the layout of the ministry's forms: B003 (主要績效指標表) and B005 (經費需求表)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby

from core.sheets_layout import Cell, Page, Value, head
from programs.enums import CAPITAL, RECURRENT, BudgetCategory, BudgetStage, PartLevel
from programs.models import BudgetAmount, Kpi, Plan, PlanPart
from programs.rules.plans.ledger import Tree
from programs.selectors.kpis import figures

C = BudgetCategory
#: Heads of B005 below 經常支出 and 資本支出, in its order.
DETAIL = {
    "經常支出": ((C.PERSONNEL, "人事費"), (C.MATERIAL, "材料費"), (C.OTHER, "其他費用")),
    "資本支出": ((C.LAND, "土地建築"), (C.EQUIPMENT, "儀器設備"), (C.OTHER_CAPITAL, "其他費用")),
}
#: Money of a group that no finer split is known of.
WHOLE_GROUP = {"經常支出": C.RECURRENT, "資本支出": C.CAPITAL}


def b003(plan: Plan, *, base: int, today: date) -> Page:
    """B003 as of the year ``base``: what was reached in the years before the last, the target of the last year,
    the targets (初級產出量化值) from ``base`` on. Bounded queries."""
    kpis = list(Kpi.objects.filter(part__plan=plan).select_related("part__plan").order_by("position", "pk"))
    known = figures(kpis, plan.years, today=today)
    reached = [y for y in plan.years if y < base - 1]
    before = [y for y in plan.years if y == base - 1]
    coming = [y for y in plan.years if y >= base]
    rows: list[list[Cell | Value]] = [
        [head(f"{plan.name}（{plan.code}）主要績效指標表（KPI）（B003）", across=3 + len(plan.years))],
        [
            head("屬性", down=2),
            head("績效指標", down=2),
            *(head(f"{y} 年\n實際達成值", down=2) for y in reached),
            *(head(f"{y} 年度\n目標值", down=2) for y in before),
            *([head("初級產出量化值", across=len(coming))] if coming else []),
            head("預期效益說明", down=2),
        ],
        [head(f"{y} 年度") for y in coming],
    ]
    order = {kpi.attribute: i for i, kpi in reversed(list(enumerate(kpis)))}
    ordered = sorted(kpis, key=lambda k: (not k.attribute, order[k.attribute], k.position, k.pk))
    for attribute, group in groupby(ordered, key=lambda k: k.attribute):
        members = list(group)
        for number, kpi in enumerate(members):
            numbers: list[Cell | Value] = [known[kpi.pk, y].value for y in reached]
            numbers += [_target(known[kpi.pk, y].target, y) for y in (*before, *coming)]
            heading = [Cell(attribute or "自訂指標", down=len(members))] if number == 0 else []
            rows.append([*heading, f"{kpi.name}（{kpi.unit}）", *numbers, kpi.note])
    widths = (20, 34, *(13 for _ in plan.years), 60)
    return Page("主要績效指標表B003", rows, widths)


def _target(target: object, year: int) -> Decimal | None:
    """The target that stands for exactly this year."""
    found = getattr(target, "target", None) if getattr(target, "year", None) == year else None
    return found if found is None else Decimal(found)


Money = Mapping[tuple[int, int], Mapping[str, int]]


def _amounts(plan: Plan) -> tuple[list[PlanPart], Money]:
    """Rows of B005 and 千元 by (part, year) and category: approved where a part's year is, else asked. Two queries.

    A row for each sub-programme with everything below it, and one for what stands on the plan as a whole.
    """
    parts = list(plan.parts.order_by("position"))
    tree = Tree({part.pk: part.parent_id for part in parts})
    stages: dict[str, dict[tuple[int, int], dict[str, int]]] = {
        stage: defaultdict(dict) for stage in BudgetStage
    }
    for part, year, stage, category, amount in BudgetAmount.objects.filter(part__plan=plan).values_list(
        "part", "year", "stage", "category", "amount"
    ):
        stages[stage][part, year][category] = amount
    shown = [part for part in parts if part.level in (PartLevel.PLAN, PartLevel.SUB_PROGRAMME)]
    found: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for year in plan.years:
        # The plan's own amounts of a year repeat those of its parts at another stage: they count alone only.
        split = any(
            stages[stage].get((p.pk, year))
            for stage in BudgetStage
            for p in parts
            if p.level != PartLevel.PLAN
        )
        for row in shown:
            own = {row.pk} if row.level == PartLevel.PLAN else tree.below[row.pk]
            if row.level == PartLevel.PLAN and split:
                continue
            approved = any(stages[BudgetStage.APPROVED].get((pk, year)) for pk in own)
            stage = BudgetStage.APPROVED if approved else BudgetStage.ASKED
            for pk in own:
                for category, amount in stages[stage].get((pk, year), {}).items():
                    found[row.pk, year][category] += amount
    return [row for row in shown if any(found.get((row.pk, year)) for year in plan.years)], found


def b005(plan: Plan, *, base: int) -> list[Page]:
    """B005: every year by recurrent and capital, and the years from ``base`` on by category. 千元."""
    rows, money = _amounts(plan)
    return [
        _by_group(plan, rows, money),
        _by_category(plan, rows, money, [y for y in plan.years if y >= base]),
    ]


def _name(part: PlanPart) -> str:
    return "全計畫（未分列）" if part.level == PartLevel.PLAN else part.name


def _sum(amounts: Mapping[str, int], categories: tuple[BudgetCategory, ...]) -> int:
    return sum(amounts.get(c, 0) for c in categories)


def _by_group(plan: Plan, parts: list[PlanPart], money: Money) -> Page:
    years = list(plan.years)
    table: list[list[Cell | Value]] = [
        [head(f"{plan.name}（{plan.code}）經費需求表（B005）　單位：千元", across=3 + 3 * len(years))],
        [
            head("計畫名稱", down=2),
            head("計畫策略", down=2),
            head("計畫性質", down=2),
            *(head(f"{year} 年度", across=3) for year in years),
        ],
        [head(words) for _ in years for words in ("小計", "經常支出", "資本支出")],
    ]
    totals = [0] * (3 * len(years))
    for part in parts:
        numbers = []
        for year in years:
            amounts = money.get((part.pk, year), {})
            numbers += [sum(amounts.values()), _sum(amounts, RECURRENT), _sum(amounts, CAPITAL)]
        totals = [a + b for a, b in zip(totals, numbers, strict=True)]
        table.append([_name(part), part.strategy, part.nature, *numbers])
    table.append([head("合計", across=3), *totals])
    return Page("經費需求表B005", table, (34, 22, 22, *(11 for _ in range(3 * len(years)))))


def _by_category(plan: Plan, parts: list[PlanPart], money: Money, years: list[int]) -> Page:
    table: list[list[Cell | Value]] = [
        [head(f"{plan.code} 各年度經費明細　單位：千元", across=1 + 7 * max(1, len(years)))],
        [head("計畫名稱", down=3), *(head(f"{year} 年度", across=7) for year in years)],
        [
            cell
            for _ in years
            for cell in (head("小計", down=2), *(head(group, across=3) for group in DETAIL))
        ],
        [head(words) for _ in years for group in DETAIL.values() for _, words in group],
    ]
    for part in parts:
        row: list[Cell | Value] = [_name(part)]
        for year in years:
            amounts = money.get((part.pk, year), {})
            row.append(sum(amounts.values()))
            for group, columns in DETAIL.items():
                # What is known as one sum only stands across the columns that it is not split into.
                whole = amounts.get(WHOLE_GROUP[group])
                split = [amounts.get(category) for category, _ in columns]
                row += [Cell(whole, across=3)] if whole is not None and not any(split) else split
        table.append(row)
    return Page("各年度經費明細", table, (34, *(11 for _ in range(7 * max(1, len(years))))))
