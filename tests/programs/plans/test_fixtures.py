"""The plans' files against the totals that their documents print, and what loading makes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from core import clock
from programs.models import FINAL, BudgetAmount, Kpi, KpiValue, Plan
from programs.rules.plans.planfile import PlanFileError, difference, parse_plan
from programs.services.plans import load_plan, read_plan

FILES = sorted(Path(settings.BASE_DIR, "fixtures/plans").glob("*.yaml"))


def totals():
    return [
        pytest.param(path, i, id=f"{path.stem}-{i}")
        for path in FILES
        for i, _ in enumerate(read_plan(path).totals)
    ]


@pytest.mark.parametrize(("path", "index"), totals())
def test_leaves_make_every_total_that_the_document_prints(path, index):
    plan = read_plan(path)
    assert difference(plan, plan.totals[index]) == 0, plan.totals[index]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_figure_names_its_place(path):
    plan = read_plan(path)
    rows = [*plan.budgets, *plan.staffing, *plan.subsidies, *plan.totals, *plan.risks, *plan.milestones]
    rows += [target for kpi in plan.kpis for target in kpi.targets] + list(plan.actuals)
    assert rows
    assert all(row.source for row in rows)


@pytest.mark.parametrize(
    ("code", "year", "reported"),
    [
        (
            "112-1402-11-20-01",
            110,
            "K01 711, K04 8117, K05 228, K09 1680, K12 5, K17 96, K22 22, K25 42, K26 3796, K27 607, K28 36, K29 36",
        ),
        ("108-1901-06-20-01", 106, "K14 1, K17 1, K18 1"),
    ],
)
def test_what_the_documents_report_as_reached(code, year, reported):
    plan = read_plan(settings.BASE_DIR / f"fixtures/plans/{code}.yaml")
    assert {a.year for a in plan.actuals} == {year}
    assert ", ".join(f"{a.kpi} {a.value}" for a in plan.actuals) == reported


def test_worded_challenges_stand_with_their_targets_and_not_in_notes():
    plan = read_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml")
    worded = {(k.code, t.year): t.challenge_text for k in plan.kpis for t in k.targets if t.challenge_text}
    assert sorted(worded) == [
        *(("K12", y) for y in (110, 111, 113)),
        *(("K16", y) for y in (112, 113)),
        *(("K17", y) for y in (110, 111, 112, 113)),
        *(("K19", y) for y in (112, 113)),
        *(("K22", y) for y in (110, 111)),
    ]
    assert worded["K17", 112] == "參與國際人才循環交流之產業單位 20 家次"
    assert not [
        n.about
        for n in plan.notes
        if "格式" in n.why or (n.about.endswith("110 年實績") and "K27" not in n.about)
    ]


@pytest.mark.django_db
def test_reported_results_become_final_values_with_their_place():
    plan = load_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml", now=clock.now())
    value = KpiValue.objects.get(kpi__part__plan=plan, kpi__code="K05")
    assert (value.year, value.period, value.value) == (110, FINAL, 228)
    assert "行 1130" in value.note
    assert plan.ends_on == date(2025, 8, 31)


def test_known_figures_of_112():
    plan = read_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml")
    approved = {
        (b.part, b.year): sum(x.amount for x in plan.budgets if (x.part, x.year) == (b.part, b.year))
        for b in plan.budgets
        if b.stage == "approved"
    }
    items = [approved[f"{n}", 112] for n in ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2")]
    assert items == [50_240, 12_110, 2_910, 40_200, 24_220, 48_440, 43_590, 48_350, 4_940]
    assert sum(b.amount for b in plan.budgets if b.stage == "approved") == 1_533_000


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_loading_twice_makes_one_plan(path):
    file = read_plan(path)
    plan = load_plan(path, now=clock.now())
    assert load_plan(path, now=clock.now()) == plan
    assert Plan.objects.count() == 1
    assert plan.parts.count() == len(file.parts) + 1
    assert Kpi.objects.filter(part__plan=plan).count() == len(file.kpis)
    assert BudgetAmount.objects.filter(part__plan=plan).count() == len(file.budgets)


def test_what_does_not_hold_together_is_named_by_path():
    data = {
        "schema": "ipas-plan/1",
        "code": "x",
        "name": "x",
        "ministry": "x",
        "from_year": 110,
        "to_year": 112,
        "parts": [{"number": "1", "name": "a", "level": "item", "parent": "9"}],
        "kpis": [{"code": "K", "name": "k", "unit": "人", "targets": [{"year": 113, "target": "-1"}]}],
        "budgets": [{"part": "2", "year": 110, "stage": "approved", "category": "other", "amount": -1}],
    }
    with pytest.raises(PlanFileError) as refused:
        parse_plan(data)
    assert any("budgets[0].amount" in p for p in refused.value.problems)
    data["budgets"] = []
    data["starts_on"] = "2020-12-31"
    data["actuals"] = [{"kpi": "K", "year": 113, "value": "x"}]
    data["milestones"] = [{"part": "", "year": 110, "text": "m", "due_on": "2021-02-30"}]
    with pytest.raises(PlanFileError) as refused:
        parse_plan(data)
    paths = "\n".join(refused.value.problems)
    for place in (
        "parts[0].parent",
        "kpis[0].targets[0].year",
        "kpis[0].targets[0].target",
        "starts_on",
        "actuals[0].year",
        "actuals[0].value",
        "milestones[0].due_on",
    ):
        assert place in paths
