"""What the pages of a plan show: one part and all below it, in one year, in a bounded number of queries."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.functional import cached_property

from accounts.models import User
from core.rocdate import roc_year
from programs.enums import BudgetCategory, BudgetStage, PartLevel
from programs.models import BudgetAmount, Goal, Kpi, Plan, PlanPart
from programs.rules.plans.charts import Bar, Bullet, bullet, stacks
from programs.rules.plans.kpis import Status, share_passed
from programs.rules.plans.ledger import Tree
from programs.selectors.kpis import Figure, figures
from programs.selectors.milestones import milestone_title, milestones_of, time_line
from programs.selectors.risks import matrices, risks_of

TONES = {
    Status.AHEAD: "done",
    Status.ON_TRACK: "done",
    Status.REACHED: "done",
    Status.BEHIND: "mine",
    Status.AT_RISK: "problem",
    Status.MISSED: "problem",
    Status.NO_VALUE: "waiting",
}
#: So many KPIs that are behind stand at the top of a page; the rest have a page of their own.
BEHIND_FIRST = 5
#: The order of a summary: what needs somebody stands first.
ORDER = (
    Status.MISSED,
    Status.AT_RISK,
    Status.BEHIND,
    Status.NO_VALUE,
    Status.ON_TRACK,
    Status.AHEAD,
    Status.REACHED,
    Status.NOT_BEGUN,
    Status.NO_TARGET,
)


def default_year(plan: Plan, today: date) -> int:
    """The year of the plan that is running, else its first or last one."""
    return min(max(roc_year(today), plan.from_year), plan.to_year)


def end_of_month(year: int, month: int) -> date:
    """The last day of a month of a ROC year."""
    return date(year + 1911, month, monthrange(year + 1911, month)[1])


@dataclass(frozen=True, slots=True)
class View:
    """Which year of a plan is looked at, as known on which day. ``month``: 0 for today, or the month chosen."""

    plan: Plan
    year: int
    month: int
    today: date
    on: date

    @property
    def months(self) -> list[int]:
        """Months of the year that are over."""
        return [m for m in range(1, 13) if end_of_month(self.year, m) < self.today]

    @property
    def query(self) -> str:
        """The choice as an address keeps it."""
        return f"?year={self.year}" + (f"&month={self.month}" if self.month else "")

    @property
    def passed(self) -> Fraction:
        """The share of the year's time that has passed."""
        return share_passed(self.year, self.on, begins=self.plan.starts_on, ends=self.plan.ends_on)


def view_of(plan: Plan, today: date, *, year: int | None = None, month: int | None = None) -> View:
    """The year and day to show; what is outside the plan or in the future falls back to the default."""
    chosen = year if year is not None and year in plan.years else default_year(plan, today)
    known = month if month and 1 <= month <= 12 and end_of_month(chosen, month) < today else 0
    return View(plan, chosen, known, today, end_of_month(chosen, known) if known else today)


class PartTree:
    """The parts of a plan. One query, and everything about who stands below whom."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.parts = {part.pk: part for part in plan.parts.order_by("position")}
        self.tree = Tree({pk: part.parent_id for pk, part in self.parts.items()})

    @cached_property
    def root(self) -> PlanPart:
        return next(part for part in self.parts.values() if part.level == PartLevel.PLAN)

    def numbered(self, number: str) -> PlanPart | None:
        """The part of that number, "" for the plan itself."""
        return next((part for part in self.parts.values() if part.number == number), None)

    def below(self, part: PlanPart) -> set[int]:
        """Keys of the part and of all parts below it."""
        return self.tree.below[part.pk]

    def children(self, part: PlanPart) -> list[PlanPart]:
        return [p for p in self.parts.values() if p.parent_id == part.pk]

    def above(self, part: PlanPart) -> list[PlanPart]:
        """The parts above, the plan first."""
        return [self.parts[pk] for pk in reversed(self.tree.above[part.pk][1:])]

    def depth(self, part: PlanPart) -> int:
        return len(self.tree.above[part.pk]) - 1


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One KPI as a row: its figure, its drawing, its colour (always beside the status word)."""

    figure: Figure
    part: PlanPart
    drawing: Bullet | None
    tone: str

    @property
    def words(self) -> str:
        """What the drawing shows."""
        figure, unit = self.figure, self.figure.kpi.unit
        said = [f"實際 {number(figure.value)} {unit}" if figure.value is not None else "沒有實際值"]
        if figure.aim:
            said.append(f"目標 {number(figure.aim.target)} {unit}")
            if figure.aim.due != figure.aim.target:
                said.append(f"依時間應達 {number(figure.aim.due)} {unit}")
        return "，".join(said) + f"：{figure.status.label}"


def number(value: Decimal | Fraction) -> str:
    """A number in words of a drawing: 3,270 or 4.5, at most one decimal."""
    return f"{float(value):,.1f}".removesuffix(".0")


def kpi_row(figure: Figure) -> KpiRow:
    aim, target = figure.aim, figure.target
    drawing = bullet(
        figure.value,
        aim.target if aim else None,
        due=aim.due if aim else None,
        challenge=target.challenge if target else None,
    )
    return KpiRow(figure, figure.kpi.part, drawing, TONES.get(figure.status, "neutral"))


def kpis_of(parts: Iterable[int]) -> QuerySet[Kpi]:
    """KPIs of these parts, in the order of the document, ready for ``figures``."""
    return (
        Kpi.objects.filter(part__in=parts)
        .select_related("part__plan", "owner", "goal")
        .order_by("part__plan", "part__position", "position")
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many KPIs stand in one status."""

    status: Status
    count: int
    tone: str


def tally(found: Iterable[Figure]) -> list[Tally]:
    """KPIs by status, what needs somebody first."""
    counted = Counter(figure.status for figure in found)
    return [Tally(s, counted[s], TONES.get(s, "neutral")) for s in ORDER if counted[s]]


# Goals -------------------------------------------------------------------------------------------------------


def goals_of(parts: set[int], year: int) -> list[dict[str, Any]]:
    """Goals with their key results: those of ``year``, and all of them by year. One query."""
    columns = ("pk", "code", "text", "source", "part", "results__year", "results__text", "results__source")
    rows = Goal.objects.filter(part__in=parts).order_by(
        "part__position", "position", "results__year", "results__position"
    )
    found: dict[int, dict[str, Any]] = {}
    for pk, code, text, source, part, when, result, place in rows.values_list(*columns):
        goal = found.setdefault(
            pk, {"code": code, "text": text, "source": source, "part": part, "now": [], "others": []}
        )
        if result:
            line = {"year": when, "text": result, "source": place}
            goal["now" if when == year else "others"].append(line)
    return list(found.values())


# Budget ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Budget:
    """Approved budget by year and by part below (千元), and what was asked for."""

    names: list[tuple[str, str]]
    bars: list[Bar]
    rows: list[dict[str, Any]]
    total: int
    asked: bool

    @property
    def title(self) -> str:
        """The chart's one message."""
        most = max(self.rows, key=lambda row: row["total"], default=None)
        if most is None:
            return ""
        top = [row["year"] for row in self.rows if row["total"] == most["total"]]
        years = "、".join(str(year) for year in top)
        return f"核定 {self.total:,} 千元，最多的是 {years} 年的 {most['total']:,} 千元"


def budget_of_part(tree: PartTree, part: PlanPart) -> Budget:
    """Years × the parts right below (each with all below it); a leaf is split by category. One query."""
    below = tree.below(part)
    children = tree.children(part)
    amounts: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        BudgetAmount.objects.filter(part__in=below)
        .order_by()
        .values_list("part", "year", "stage", "category")
        .annotate(total=Sum("amount"))
    )
    home = {pk: child for child in children for pk in tree.below(child)}
    labels = dict(BudgetCategory.choices)
    for pk, year, stage, category, total in rows:
        if children:
            name = home[pk].number if pk in home else ""
        else:
            name = category
        amounts[year, stage][name] += total
    if children:
        names = [(child.number, str(child)) for child in children]
        if any("" in found for found in amounts.values()):
            names.append(("", "未分到下層"))
    else:
        used = {name for found in amounts.values() for name in found}
        names = [(value, labels[value]) for value in BudgetCategory.values if value in used]
    approved = BudgetStage.APPROVED
    table: list[dict[str, Any]] = []
    for year in tree.plan.years:
        found = amounts.get((year, approved), {})
        asked = sum(amounts.get((year, BudgetStage.ASKED), {}).values())
        if found or asked:
            split = [found.get(short, 0) for short, _ in names]
            table.append({"year": year, "split": split, "total": sum(split), "asked": asked})
    shown = [(short if children and short else label, label) for short, label in names]
    return Budget(
        names=shown,
        bars=stacks([(f"{row['year']} 年", row["split"]) for row in table], shown),
        rows=table,
        total=sum(row["total"] for row in table),
        asked=any(row["asked"] for row in table),
    )


# Pages -------------------------------------------------------------------------------------------------------


def part_page(view: View, tree: PartTree, part: PlanPart) -> dict[str, Any]:
    """The whole page of a plan (its root) or of a part: the same for every level. At most fifteen queries."""
    below = tree.below(part)
    found = figures(kpis_of(below), [view.year], today=view.on, parts=tree.parts)
    milestones = milestones_of(below, view.on)
    risks = risks_of(below)
    rows = [kpi_row(figure) for figure in found.values()]
    live = [row for row in rows if row.figure.aim or row.figure.value is not None]
    behind = [row for row in rows if row.figure.status.asks_for_remedy]
    budget = budget_of_part(tree, part)
    this_year = next((row for row in budget.rows if row["year"] == view.year), None)
    now = [row for row in milestones if row.milestone.year == view.year]
    return {
        "view": view,
        "plan": view.plan,
        "part": part,
        "above": tree.above(part),
        "children": [(child, tree.children(child)) for child in tree.children(part)],
        "rows": live,
        "idle": [row.figure.kpi for row in rows if row not in live],
        "tally": tally(row.figure for row in live),
        "behind": behind,
        "behind_first": sorted(behind, key=lambda row: not row.figure.asks_for_words)[:BEHIND_FIRST],
        "goals": goals_of(below, view.year),
        "budget": budget,
        "budget_year": this_year,
        "milestones": now,
        "other_milestones": [row for row in milestones if row.milestone.year != view.year],
        "milestones_done": sum(row.state == "done" for row in now),
        "milestone_title": milestone_title(milestones),
        "time_line": time_line(view.plan, milestones, view.on),
        "risks": risks,
        "matrices": matrices(risks),
    }


def plan_list(user: User, today: date) -> list[dict[str, Any]]:
    """The plans that the user sees, each with its year, approved budget and KPIs by status."""
    plans = list(Plan.objects.visible_to(user))
    years = {plan.pk: default_year(plan, today) for plan in plans}
    parts: Mapping[int, PlanPart] = {p.pk: p for p in PlanPart.objects.filter(plan__in=plans)}
    kpis = kpis_of(parts)
    found = figures(kpis, set(years.values()), today=today, parts=parts)
    standing: dict[int, list[Figure]] = defaultdict(list)
    for (_, year), figure in found.items():
        plan = figure.kpi.part.plan_id
        if year == years[plan]:
            standing[plan].append(figure)
    approved = dict(
        BudgetAmount.objects.filter(part__plan__in=plans, stage=BudgetStage.APPROVED)
        .order_by()
        .values_list("part__plan")
        .annotate(total=Sum("amount"))
    )
    return [
        {
            "plan": plan,
            "year": years[plan.pk],
            "approved": approved.get(plan.pk, 0),
            "kpis": len(standing[plan.pk]),
            "tally": tally(standing[plan.pk]),
            "silent": sum(figure.asks_for_words for figure in standing[plan.pk]),
        }
        for plan in plans
    ]
