"""Loading plans from files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from core.text import unfold
from programs.enums import PartLevel
from programs.models import (
    FINAL,
    BudgetAmount,
    Goal,
    KeyResult,
    Kpi,
    KpiTarget,
    KpiValue,
    Milestone,
    Plan,
    PlanComparison,
    PlanNote,
    PlanPart,
    PolicyBasis,
    Risk,
    Staffing,
    SubsidyBudget,
)
from programs.rules.plans.planfile import PlanFile, number_of, parse_plan


def read_plan(path: Path) -> PlanFile:
    """The plan file, validated. Raises ``PlanFileError``."""
    return parse_plan(yaml.safe_load(path.read_text(encoding="utf-8")))


@transaction.atomic
def load_plan(source: Path | Mapping[str, Any], *, now: datetime) -> Plan:
    """Make a plan from a file; an existing plan of that code is returned unchanged. Raises ``PlanFileError``."""
    file = read_plan(source) if isinstance(source, Path) else parse_plan(source)
    existing = Plan.objects.filter(code=file.code).first()
    if existing:
        return existing
    plan = Plan.objects.create(
        code=file.code,
        document=file.document,
        name=file.name,
        ministry=file.ministry,
        agencies=list(file.agencies),
        from_year=file.from_year,
        to_year=file.to_year,
        starts_on=_day(file.starts_on),
        ends_on=_day(file.ends_on),
        summary=unfold(file.summary),
    )
    parts = _parts(plan, file)
    goals = _goals(parts, file)
    _actuals(_kpis(parts, goals, file), file, now)
    PolicyBasis.objects.bulk_create(
        PolicyBasis(plan=plan, name=p.name, source=p.source, position=i) for i, p in enumerate(file.policies)
    )
    Milestone.objects.bulk_create(
        Milestone(
            part=parts[m.part],
            year=m.year,
            due_on=_day(m.due_on),
            text=m.text,
            source=m.source,
            position=i,
        )
        for i, m in enumerate(file.milestones)
    )
    Risk.objects.bulk_create(
        Risk(
            part=parts[r.part],
            code=r.code,
            name=r.name,
            description=r.description,
            likelihood=r.likelihood,
            impact=r.impact,
            measures=r.measures,
            likelihood_after=r.likelihood_after,
            impact_after=r.impact_after,
            source=r.source,
            position=i,
        )
        for i, r in enumerate(file.risks)
    )
    Staffing.objects.bulk_create(
        Staffing(
            part=parts[s.part],
            year=s.year,
            grade=s.grade,
            person_months=number_of(s.person_months),
            source=s.source,
            position=i,
        )
        for i, s in enumerate(file.staffing)
    )
    BudgetAmount.objects.bulk_create(
        BudgetAmount(
            part=parts[b.part],
            year=b.year,
            stage=b.stage,
            category=b.category,
            amount=b.amount,
            source=b.source,
        )
        for b in file.budgets
    )
    SubsidyBudget.objects.bulk_create(
        SubsidyBudget(part=parts[s.part], year=s.year, amount=s.amount, source=s.source)
        for s in file.subsidies
    )
    PlanComparison.objects.bulk_create(
        PlanComparison(
            plan=plan,
            name=c.name,
            unit=c.unit,
            columns=list(c.columns),
            values=list(c.values),
            source=c.source,
            position=i,
        )
        for i, c in enumerate(file.comparisons)
    )
    PlanNote.objects.bulk_create(
        PlanNote(plan=plan, about=n.about, found=list(n.found), chosen=n.chosen, why=n.why, position=i)
        for i, n in enumerate(file.notes)
    )
    return plan


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _parts(plan: Plan, file: PlanFile) -> dict[str, PlanPart]:
    parts = {
        "": PlanPart.objects.create(
            plan=plan, level=PartLevel.PLAN, name=plan.name, agencies=plan.agencies, summary=plan.summary
        )
    }
    for i, entry in enumerate(file.parts, start=1):
        parts[entry.number] = PlanPart.objects.create(
            plan=plan,
            parent=parts[entry.parent],
            level=entry.level,
            number=entry.number,
            name=entry.name,
            agencies=list(entry.agencies),
            summary=unfold(entry.summary),
            strategy=entry.strategy,
            nature=entry.nature,
            source=entry.source,
            position=i,
        )
    return parts


def _goals(parts: dict[str, PlanPart], file: PlanFile) -> dict[str, Goal]:
    goals = {}
    for i, entry in enumerate(file.goals):
        goal = Goal.objects.create(
            part=parts[entry.part], code=entry.id, text=entry.text, source=entry.source, position=i
        )
        goals[entry.id] = goal
        KeyResult.objects.bulk_create(
            KeyResult(goal=goal, code=r.id, year=r.year, text=r.text, source=r.source, position=j)
            for j, r in enumerate(entry.results)
        )
    return goals


def _kpis(parts: dict[str, PlanPart], goals: dict[str, Goal], file: PlanFile) -> dict[str, Kpi]:
    kpis = {}
    for i, entry in enumerate(file.kpis):
        kpi = Kpi.objects.create(
            part=parts[entry.part],
            goal=goals.get(entry.goal),
            code=entry.code,
            name=entry.name,
            unit=entry.unit,
            direction=entry.direction,
            accumulation=entry.accumulation,
            span=entry.span,
            quality=entry.quality,
            by_gender=entry.by_gender,
            attribute=entry.attribute,
            women_goal=entry.women_goal,
            feed=entry.feed,
            adds_reports=entry.adds_reports,
            note=entry.note,
            position=i,
        )
        kpis[entry.code] = kpi
        KpiTarget.objects.bulk_create(
            KpiTarget(
                kpi=kpi,
                year=t.year,
                target=number_of(t.target),
                challenge=number_of(t.challenge) if t.challenge else None,
                challenge_text=t.challenge_text,
                source=t.source,
            )
            for t in entry.targets
        )
    return kpis


def _actuals(kpis: dict[str, Kpi], file: PlanFile, now: datetime) -> None:
    """What the document reports as reached stands as the year's final value, with its place as the note."""
    KpiValue.objects.bulk_create(
        KpiValue(
            kpi=kpis[a.kpi],
            year=a.year,
            period=FINAL,
            value=number_of(a.value),
            note=f"計畫書所載實績（{a.source}）",
            reported_at=now,
            reported_by_name=f"計畫書 {file.code}",
        )
        for a in file.actuals
    )
