"""A plan as a file (``fixtures/plans/*.yaml``, schema ``ipas-plan/1``): frozen data, read strictly.

Every figure names its place in the document (``source``). Contradictions of the document stand in ``notes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from programs.rules.reader import ReadError, read

SCHEMA = "ipas-plan/1"
CATEGORIES = (
    "personnel",
    "material",
    "other",
    "land",
    "equipment",
    "other_capital",
    "recurrent",
    "capital",
    "unsplit",
)
GROUPS = {
    "": CATEGORIES,
    "recurrent": ("personnel", "material", "other", "recurrent"),
    "capital": ("land", "equipment", "other_capital", "capital"),
}
STAGES = ("asked", "approved")


class PlanFileError(ReadError):
    """A plan file that cannot be used; ``problems`` lists each one as ``path: reason``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy basis."""

    name: str = field(metadata={"not_empty": True})
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-programme or an item; ``parent`` "" stands for the plan itself. ``strategy``, ``nature``: of B005."""

    number: str = field(metadata={"not_empty": True})
    name: str = field(metadata={"not_empty": True})
    level: str = field(metadata={"choices": ("sub_programme", "item")})
    parent: str = ""
    agencies: tuple[str, ...] = ()
    summary: str = ""
    strategy: str = ""
    nature: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A key result of one ROC year."""

    id: str
    year: int
    text: str = field(metadata={"not_empty": True})
    source: str = ""


@dataclass(frozen=True, slots=True)
class GoalEntry:
    """A goal of a part ("" for the plan)."""

    id: str = field(metadata={"not_empty": True})
    text: str = field(metadata={"not_empty": True})
    part: str = ""
    source: str = ""
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A year's target; numbers are text so that no digit is lost ("" for no challenge target).

    ``challenge_text``: a challenge that the document words in another unit than the target's.
    """

    year: int
    target: str
    challenge: str = ""
    challenge_text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class KpiEntry:
    """An indicator with its targets. ``feed`` is a key of ``programs.feeds`` or "", ``attribute`` a heading of B003.

    ``adds_reports``: the feed counts only a share of it; what comes from elsewhere is reported and added.
    """

    code: str = field(metadata={"not_empty": True})
    name: str = field(metadata={"not_empty": True})
    unit: str
    part: str = ""
    goal: str = ""
    direction: str = field(default="up", metadata={"choices": ("up", "down")})
    accumulation: str = field(default="cumulative", metadata={"choices": ("cumulative", "latest")})
    span: str = field(default="year", metadata={"choices": ("year", "plan")})
    quality: bool = False
    by_gender: bool = False
    attribute: str = ""
    women_goal: str = ""
    feed: str = ""
    adds_reports: bool = False
    note: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Actual:
    """What the document itself reports as reached in a year."""

    kpi: str
    year: int
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneEntry:
    """A milestone of a year; ``due_on`` ISO text or ""."""

    part: str
    year: int
    text: str = field(metadata={"not_empty": True})
    due_on: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class RiskEntry:
    """A risk with grades 1–3 before and after measures."""

    code: str
    name: str = field(metadata={"not_empty": True})
    likelihood: int = field(metadata={"min": 1, "max": 3})
    impact: int = field(metadata={"min": 1, "max": 3})
    likelihood_after: int = field(metadata={"min": 1, "max": 3})
    impact_after: int = field(metadata={"min": 1, "max": 3})
    part: str = ""
    description: str = ""
    measures: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class StaffingEntry:
    """Person-months of a grade (B004)."""

    part: str
    year: int
    grade: str
    person_months: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """千元 of one part, year, stage and category (B005); leaves only."""

    part: str
    year: int
    stage: str = field(metadata={"choices": STAGES})
    category: str = field(metadata={"choices": CATEGORIES})
    amount: int = field(metadata={"min": 0})
    source: str = ""


@dataclass(frozen=True, slots=True)
class SubsidyEntry:
    """千元 of a part's budget of a year that are subsidy: what calls may take."""

    part: str
    year: int
    amount: int = field(metadata={"min": 0})
    source: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A total that the document prints, to be held against the sum of the leaves."""

    what: str = field(metadata={"choices": ("budget", "kpi", "staffing")})
    amount: Any = None
    part: str = ""
    year: int | None = None
    stage: str = ""
    category: str = ""
    kpi: str = ""
    years: tuple[int, ...] = ()
    grade: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonEntry:
    """A row of the document's own comparison of phases."""

    name: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    unit: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NoteEntry:
    """A contradiction of the document and the choice made."""

    about: str
    found: tuple[str, ...] = ()
    chosen: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A whole plan. Budgets in 千元, years in ROC; ``starts_on`` and ``ends_on`` ISO days or ""."""

    schema: str = field(metadata={"choices": (SCHEMA,)})
    code: str = field(metadata={"not_empty": True})
    name: str = field(metadata={"not_empty": True})
    ministry: str
    from_year: int = field(metadata={"min": 90, "max": 200})
    to_year: int = field(metadata={"min": 90, "max": 200})
    document: str = ""
    starts_on: str = ""
    ends_on: str = ""
    agencies: tuple[str, ...] = ()
    summary: str = ""
    policies: tuple[Policy, ...] = ()
    parts: tuple[Part, ...] = ()
    goals: tuple[GoalEntry, ...] = ()
    kpis: tuple[KpiEntry, ...] = ()
    actuals: tuple[Actual, ...] = ()
    milestones: tuple[MilestoneEntry, ...] = ()
    risks: tuple[RiskEntry, ...] = ()
    staffing: tuple[StaffingEntry, ...] = ()
    budgets: tuple[BudgetEntry, ...] = ()
    subsidies: tuple[SubsidyEntry, ...] = ()
    totals: tuple[Total, ...] = ()
    comparisons: tuple[ComparisonEntry, ...] = ()
    notes: tuple[NoteEntry, ...] = ()

    def below(self, number: str) -> set[str]:
        """Numbers of a part and of all parts below it; every number and "" for the plan itself."""
        found = {number}
        for part in self.parts:
            if part.parent in found:
                found.add(part.number)
        return found


def parse_plan(data: Mapping[str, Any]) -> PlanFile:
    """Read and validate a plan file. Raises PlanFileError listing every problem with its path."""
    problems: list[str] = []
    plan = read(PlanFile, data, problems)
    if plan is None:
        raise PlanFileError(problems)
    _hold_together(plan, problems)
    if problems:
        raise PlanFileError(problems)
    return plan


def number_of(text: str) -> Decimal:
    """A figure written as text. Raises ValueError for anything but plain digits with an optional fraction."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("應為數字，例如 1234 或 4.5") from None
    if not value.is_finite() or value < 0:
        raise ValueError("應為 0 以上的數字")
    return value


def _hold_together(plan: PlanFile, problems: list[str]) -> None:
    if plan.to_year < plan.from_year:
        problems.append("to_year: 結束年度不可早於起始年度")
    _check_days(plan, problems)
    known = {""}
    for i, part in enumerate(plan.parts):
        if part.parent not in known:
            problems.append(f"parts[{i}].parent: 沒有編號 {part.parent}（上層要寫在前面）")
        if part.number in known:
            problems.append(f"parts[{i}].number: 「{part.number}」重複了")
        known.add(part.number)
    for name in ("goals", "kpis", "milestones", "risks", "staffing", "budgets", "subsidies"):
        for i, entry in enumerate(getattr(plan, name)):
            if entry.part not in known:
                problems.append(f"{name}[{i}].part: 沒有編號 {entry.part}")
            year = getattr(entry, "year", None)
            if year is not None and not plan.from_year <= year <= plan.to_year:
                problems.append(f"{name}[{i}].year: {year} 年不在計畫期間內")
    _unique(problems, "goals", [g.id for g in plan.goals])
    _unique(problems, "kpis", [k.code for k in plan.kpis])
    _unique(problems, "budgets", [(b.part, b.year, b.stage, b.category) for b in plan.budgets])
    _unique(problems, "staffing", [(s.part, s.year, s.grade) for s in plan.staffing])
    _check_actuals(plan, problems)
    goals = {g.id for g in plan.goals} | {""}
    for i, kpi in enumerate(plan.kpis):
        if kpi.goal not in goals:
            problems.append(f"kpis[{i}].goal: 沒有目標 {kpi.goal}")
        if kpi.adds_reports and not (kpi.feed and kpi.accumulation == "cumulative"):
            problems.append(f"kpis[{i}].adds_reports: 只有由徵案計數、而且逐期累計的指標才能另加填報")
        _unique(problems, f"kpis[{i}].targets", [t.year for t in kpi.targets])
        for j, target in enumerate(kpi.targets):
            if not plan.from_year <= target.year <= plan.to_year:
                problems.append(f"kpis[{i}].targets[{j}].year: {target.year} 年不在計畫期間內")
            for label in ("target", "challenge"):
                text = getattr(target, label)
                if label == "challenge" and not text:
                    continue
                try:
                    number_of(text)
                except ValueError as error:
                    problems.append(f"kpis[{i}].targets[{j}].{label}: {error}")


def _check_days(plan: PlanFile, problems: list[str]) -> None:
    """Days of the plan and of its milestones are real days; the plan's lie in its first and its last year."""
    days = [("starts_on", plan.starts_on, plan.from_year), ("ends_on", plan.ends_on, plan.to_year)]
    days += [(f"milestones[{i}].due_on", m.due_on, m.year) for i, m in enumerate(plan.milestones)]
    for path, text, year in days:
        try:
            if text and date.fromisoformat(text).year != year + 1911:
                problems.append(f"{path}: 不在 {year} 年內")
        except ValueError:
            problems.append(f"{path}: 應為日期，例如 2025-08-31")


def _check_actuals(plan: PlanFile, problems: list[str]) -> None:
    codes = {k.code for k in plan.kpis}
    for i, actual in enumerate(plan.actuals):
        if actual.kpi not in codes:
            problems.append(f"actuals[{i}].kpi: 沒有指標 {actual.kpi}")
        if not plan.from_year <= actual.year <= plan.to_year:
            problems.append(f"actuals[{i}].year: {actual.year} 年不在計畫期間內")
        try:
            number_of(actual.value)
        except ValueError as error:
            problems.append(f"actuals[{i}].value: {error}")
    _unique(problems, "actuals", [(a.kpi, a.year) for a in plan.actuals])


def _unique(problems: list[str], path: str, keys: list[Any]) -> None:
    seen: set[Any] = set()
    for i, key in enumerate(keys):
        if key in seen:
            problems.append(f"{path}[{i}]: 「{key}」重複了")
        seen.add(key)


def difference(plan: PlanFile, total: Total) -> Decimal:
    """The sum of the leaves less the printed total: 0 where the file is true to the document."""
    printed = number_of(str(total.amount))
    below = plan.below(total.part)
    if total.what == "kpi":
        kpi = next(k for k in plan.kpis if k.code == total.kpi)
        years = total.years or tuple(t.year for t in kpi.targets)
        return sum((number_of(t.target) for t in kpi.targets if t.year in years), Decimal(0)) - printed
    if total.what == "staffing":
        rows = [
            s
            for s in plan.staffing
            if s.part in below and total.year in (None, s.year) and total.grade in ("", s.grade)
        ]
        return sum((number_of(s.person_months) for s in rows), Decimal(0)) - printed
    categories = GROUPS.get(total.category, (total.category,))
    amounts = [
        b.amount
        for b in plan.budgets
        if b.part in below
        and total.year in (None, b.year)
        and (not total.years or b.year in total.years)
        and total.stage in ("", b.stage)
        and b.category in categories
    ]
    return Decimal(sum(amounts)) - printed
