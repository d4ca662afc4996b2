"""How pages of plans grow: one plan of 50 KPIs, one year and 500 cases against ten plans, 500 KPIs, five years, 5,000 cases.

    .venv/bin/python -m pytest tests/bench/bench_plans.py -s -q -o python_files='bench_*.py'

Prints the queries of each page, which must not grow, and its time at the large size divided by that at the small one.
"""

from __future__ import annotations

import time
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.enums import CaseState
from applications.models import BudgetLine, Case, OutcomePromise, Trainee
from programs import feeds
from programs.models import Call, Kpi, KpiTarget, KpiValue, Plan
from tests import factories, personas
from tests.programs.plans import builders

YEARS = range(110, 115)
FEEDS = list(feeds.feeds())
PEOPLE = 6


def kpis_of(plan: Plan, count: int, years: int) -> None:
    """KPIs with a target and twelve values a year; one in ten is fed."""
    place = plan.parts.get(number="2")
    now = factories.now()
    made = Kpi.objects.bulk_create(
        Kpi(
            part=place,
            code=f"K{n:03}",
            name=f"指標 {n}",
            unit="人",
            position=n,
            feed=FEEDS[n // 10 % len(FEEDS)] if n % 10 == 0 else "",
        )
        for n in range(count)
    )
    KpiTarget.objects.bulk_create(
        KpiTarget(kpi=kpi, year=year, target=1200) for kpi in made for year in YEARS
    )
    KpiValue.objects.bulk_create(
        [
            KpiValue(
                kpi=kpi,
                year=year,
                period=month,
                value=Decimal(90),
                reported_at=now,
                reported_by_name="填報人",
            )
            for kpi in made
            if not kpi.feed
            for year in YEARS[:years]
            for month in range(1, 13)
        ],
        batch_size=2000,
    )


def cases_of(call: Call, count: int) -> None:
    """Copies of one approved case, each with trainees, budget lines and promises."""
    first = factories.make_case(call=call, state=CaseState.APPROVED)
    rows = {model: list(model.objects.filter(case=first)) for model in (Trainee, BudgetLine, OutcomePromise)}
    cases = []
    for n in range(count - 1):
        case = Case.objects.get(pk=first.pk) if n == 0 else cases[0]
        copy = Case(**{f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields})
        copy.pk, copy.number = uuid.uuid4(), f"{call.slug.upper()}-{n + 2:05}"
        cases.append(copy)
    Case.objects.bulk_create(cases, batch_size=500)
    for model, samples in rows.items():
        model.objects.bulk_create(
            [
                model(
                    **{
                        f.attname: getattr(sample, f.attname)
                        for f in model._meta.concrete_fields
                        if f.name not in ("id", "case")
                    },
                    case=case,
                )
                for case in cases
                for sample in samples[:PEOPLE]
            ],
            batch_size=2000,
        )


def addresses(plan: Plan) -> dict[str, str]:
    """The pages of a plan that a reader opens."""
    code, fed = plan.code, Kpi.objects.filter(part__plan=plan).exclude(feed="").first()
    assert fed is not None
    return {
        "list of plans": reverse("plans:list"),
        "plan": reverse("plans:detail", args=[code]),
        "years": reverse("plans:years", args=[code]),
        "gender": reverse("plans:gender", args=[code]),
        "behind": reverse("plans:behind", args=[code]),
        "budget": reverse("budget:ledger", args=[code]),
        "KPI": reverse("kpis:page", args=[code, fed.code]),
        "rows of a fed KPI": reverse("kpis:rows", args=[code, fed.code]),
    }


def measured(client: Client, plan: Plan) -> dict[str, tuple[int, float]]:
    """Page → queries, best of three times."""
    found = {}
    for name, url in addresses(plan).items():
        times = []
        for _ in range(3):
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                assert client.get(url).status_code == 200
                times.append(time.perf_counter() - began)
        found[name] = (len(queries), min(times))
    return found


@pytest.mark.django_db
def test_plans() -> None:
    client = personas.client_for(personas.make_supervisor())
    plan = builders.make_plan(from_year=110)
    kpis_of(plan, 50, 1)
    call = factories.make_call()
    builders.fund(call, plan, "2", 114)
    cases_of(call, 500)
    small = measured(client, plan)
    for n in range(1, 10):
        other = builders.make_plan(f"112-0000-{n + 1:02}", from_year=110)
        kpis_of(other, 50, 5)
    KpiValue.objects.filter(kpi__part__plan=plan).delete()
    Kpi.objects.filter(part__plan=plan).delete()
    kpis_of(plan, 50, 5)
    second = factories.make_call(slug="second")
    builders.fund(second, plan, "2", 114)
    cases_of(second, 4500)
    large = measured(client, plan)
    print()
    for name, (queries, seconds) in large.items():
        before, once = small[name]
        print(
            f"{name:20} {before:3} → {queries:3} queries   {once:6.3f} → {seconds:6.3f} s   × {seconds / once:5.1f}"
        )
        assert queries <= 20
        assert queries == before
