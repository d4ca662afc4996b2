"""Tables over a plan's years: comparison of years, gender statistics, what is behind and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from accounts.models import User
from core.rocdate import roc_year
from programs import feeds
from programs.enums import BudgetStage
from programs.models import BudgetAmount, Kpi, Plan, PlanPart, Staffing
from programs.rules.plans.charts import percent
from programs.rules.plans.kpis import Status, share_goal
from programs.selectors.kpis import Figure, People, figures
from programs.selectors.milestones import milestones_of
from programs.selectors.plans import KpiRow, PartTree, View, default_year, kpi_row, kpis_of

# The document -----------------------------------------------------------------------------------------------


def document_page(plan: Plan) -> dict[str, Any]:
    """Parts with agencies and descriptions, policy bases, staffing by grade and year, contradictions. Four queries."""
    tree = PartTree(plan)
    return {
        "plan": plan,
        "parts": [{"part": part, "depth": tree.depth(part)} for part in tree.parts.values() if part.number],
        "policies": list(plan.policies.all()),
        "staffing": _staffing(tree),
        "notes": list(plan.notes.all()),
    }


def _staffing(tree: PartTree) -> dict[str, Any]:
    """Person-months by part and grade over the years (B004), with the sums of each part and of all."""
    rows = Staffing.objects.filter(part__in=tree.parts).order_by("part__position", "year", "position")
    years = sorted({row.year for row in rows})
    groups: dict[int, dict[str, Any]] = {}
    whole = dict.fromkeys(years, Decimal(0))
    for row in rows:
        group = groups.setdefault(
            row.part_id,
            {"part": tree.parts[row.part_id], "grades": {}, "sums": dict.fromkeys(years, Decimal(0))},
        )
        group["grades"].setdefault(row.grade, {})[row.year] = row
        group["sums"][row.year] += row.person_months
        whole[row.year] += row.person_months
    return {
        "years": years,
        "groups": [
            {
                "part": group["part"],
                "grades": [
                    (grade, [found.get(y) for y in years]) for grade, found in group["grades"].items()
                ],
                "sums": list(group["sums"].values()),
            }
            for group in groups.values()
        ],
        "whole": list(whole.values()),
    }


# Years side by side ------------------------------------------------------------------------------------------


def years_page(plan: Plan, today: date) -> dict[str, Any]:
    """KPIs and budgets of every year by part, and the document's own comparisons. At most thirteen queries."""
    tree = PartTree(plan)
    years = list(plan.years)
    found = figures(kpis_of(tree.parts), years, today=today, parts=tree.parts)
    by_part: dict[int, list[dict[str, Any]]] = {}
    for kpi in dict.fromkeys(figure.kpi for figure in found.values()):
        rows = [kpi_row(found[kpi.pk, year]) for year in years]
        by_part.setdefault(kpi.part_id, []).append({"kpi": kpi, "years": rows})
    return {
        "plan": plan,
        "years": years,
        "groups": [(part, by_part[pk]) for pk, part in tree.parts.items() if pk in by_part],
        "budgets": budgets_by_year(tree, years),
        "comparisons": comparisons(plan),
    }


def budgets_by_year(tree: PartTree, years: Sequence[int]) -> list[dict[str, Any]]:
    """千元 approved of every part (with all below it) by year, and in all. One query."""
    leaves: dict[int, dict[int, int]] = {year: {} for year in years}
    rows = BudgetAmount.objects.filter(part__plan=tree.plan, stage=BudgetStage.APPROVED).order_by()
    for part, year, total in rows.values_list("part", "year").annotate(total=Sum("amount")):
        leaves[year][part] = total
    sums = [tree.tree.sums(leaves[year]) for year in years]
    table = []
    for pk, part in tree.parts.items():
        amounts = [of_year[pk] for of_year in sums]
        if any(amounts):
            table.append({"part": part, "depth": tree.depth(part), "amounts": amounts, "total": sum(amounts)})
    return table


def comparisons(plan: Plan) -> list[dict[str, Any]]:
    """The document's comparisons, those with the same columns together; with the change from first to last."""
    tables: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in plan.comparisons.all():
        numbers = [_number(value) for value in row.values]
        first, last = (numbers[0], numbers[-1]) if numbers else (None, None)
        change = (Fraction(last) - Fraction(first)) / Fraction(first) if first and last is not None else None
        top = max((n for n in numbers if n is not None), default=Decimal(0))
        bars = [
            (value, number, percent(number or 0, top))
            for value, number in zip(row.values, numbers, strict=True)
        ]
        tables.setdefault(tuple(row.columns), []).append({"row": row, "bars": bars, "change": change})
    return [{"columns": list(columns), "rows": rows} for columns, rows in tables.items()]


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


# Gender ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GenderRow:
    """A head-count by gender in one year. ``goal``: the women's share that is aimed at, None where none is stated."""

    figure: Figure
    people: People | None
    goal: Fraction | None

    @property
    def parts(self) -> list[tuple[str, int, str, str, int]]:
        """(word, heads, start, width, tone) of each drawn part, in percent of all."""
        if self.people is None or not self.people.total:
            return []
        drawn, start = [], 0
        for word, heads, tone in (
            ("女", self.people.women, 1),
            ("男", self.people.men, 2),
            ("其他", self.people.other, 5),
        ):
            if heads:
                drawn.append(
                    (word, heads, percent(start, self.people.total), percent(heads, self.people.total), tone)
                )
            start += heads
        return drawn

    @property
    def words(self) -> str:
        """What the drawing shows."""
        return "、".join(f"{word} {heads:,} 人" for word, heads, *_ in self.parts)

    @property
    def goal_at(self) -> str:
        return percent(self.goal, 1) if self.goal else ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without a goal or people."""
        share = self.people.women_share if self.people else None
        return None if self.goal is None or share is None else share >= self.goal


def counts_heads(kpi: Kpi) -> bool:
    """Whether the KPI counts people by gender: as reported, or as its feed counts them."""
    feed = feeds.feeds().get(kpi.feed)
    return kpi.by_gender or bool(feed and feed.people)


def gender_page(view: View) -> dict[str, Any]:
    """Head-counts of a year by gender, and the women's share year by year. At most ten queries."""
    plan = view.plan
    tree = PartTree(plan)
    kpis = [kpi for kpi in kpis_of(tree.parts) if counts_heads(kpi)]
    years = list(plan.years)
    found = figures(kpis, years, today=view.on, parts=tree.parts)
    goals = {kpi.pk: share_goal(kpi.women_goal) for kpi in kpis}
    rows = [
        GenderRow(found[kpi.pk, view.year], found[kpi.pk, view.year].people, goals[kpi.pk]) for kpi in kpis
    ]
    trend = [
        {
            "kpi": kpi,
            "years": [
                GenderRow(found[kpi.pk, year], found[kpi.pk, year].people, goals[kpi.pk]) for year in years
            ],
        }
        for kpi in kpis
        if any(found[kpi.pk, year].people for year in years)
    ]
    return {
        "view": view,
        "plan": plan,
        "rows": rows,
        "years": years,
        "trend": trend,
        "known": [row for row in rows if row.people],
        "missing": [
            row for row in rows if not row.people and (row.figure.aim or row.figure.value is not None)
        ],
        "missed": [row for row in rows if row.reached is False],
        "with_goal": [row for row in rows if row.goal is not None],
    }


# Behind ------------------------------------------------------------------------------------------------------


def behind_page(view: View) -> dict[str, Any]:
    """KPIs that are behind with cause and remedy, those without first; late milestones. At most eleven queries."""
    tree = PartTree(view.plan)
    found = figures(kpis_of(tree.parts), [view.year], today=view.on, parts=tree.parts)
    rows = [kpi_row(figure) for figure in found.values() if figure.status.asks_for_remedy]
    late = [row for row in milestones_of(set(tree.parts), view.on) if row.state == "late"]
    return {
        "view": view,
        "plan": view.plan,
        "silent": [row for row in rows if row.figure.asks_for_words],
        "told": [row for row in rows if not row.figure.asks_for_words],
        "unreported": [figure for figure in found.values() if figure.status == Status.NO_VALUE],
        "late": [row for row in late if row.milestone.year <= view.year],
    }


def behind_everywhere(user: User, *, today: date) -> tuple[list[Plan], list[KpiRow]]:
    """Plans that run or ended last year, and their KPIs behind in each plan's own year, those without a cause first.

    At most eleven queries; one where there is no such plan.
    """
    now = roc_year(today)
    plans = list(Plan.objects.visible_to(user).filter(from_year__lte=now, to_year__gte=now - 1))
    if not plans:
        return [], []
    years = {plan.pk: default_year(plan, today) for plan in plans}
    parts = {part.pk: part for part in PlanPart.objects.filter(plan__in=plans)}
    found = figures(kpis_of(parts), set(years.values()), today=today, parts=parts)
    rows = [
        kpi_row(figure)
        for (_, year), figure in found.items()
        if year == years[figure.kpi.part.plan_id] and figure.status.asks_for_remedy
    ]
    return plans, sorted(rows, key=lambda row: not row.figure.asks_for_words)
