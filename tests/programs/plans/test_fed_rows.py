"""A fed KPI's number is the sum of its rows, to the last row, whatever the cases are; and a case tells what counts it."""

from __future__ import annotations

import io
import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from applications.enums import CaseState, OutcomeResult
from applications.feeds import COMPANIES, COMPANY_SHARE, GRANTED_HEADS, PEOPLE, PROMISES
from applications.models import BudgetLine, Case, CaseOutcome, OutcomePromise, Trainee
from core.rocdate import roc_year
from programs import feeds
from programs.selectors.fedrows import contributions, fed_rows
from programs.selectors.kpis import figures
from tests import factories, personas
from tests.programs.plans.builders import add_kpi, add_value, fund, make_plan
from tests.schemes.stage import call_of

pytestmark = pytest.mark.django_db
KEYS = [f.key for f in (*PEOPLE, GRANTED_HEADS, COMPANIES, COMPANY_SHARE, *PROMISES)]
TODAY = date(2025, 7, 20)
_numbers = itertools.count(1)

people = st.lists(
    st.tuples(st.sampled_from(["student", "employee"]), st.sampled_from(["male", "female", "", "other"])),
    max_size=4,
)
promises = st.lists(
    st.tuples(
        st.sampled_from(["exam_entries", "exam_passes", "hires", "retention_rate"]),
        st.sampled_from(["12", "3 人", "80%", "１５ 人次", "無", "", "2.5"]),
    ),
    max_size=3,
    unique_by=lambda one: one[0],
)
money = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9_999), st.integers(0, 9_999)), max_size=2)
cases = st.lists(
    st.tuples(
        st.integers(0, 1),  # which call
        st.integers(0, 2),  # which company
        st.one_of(st.just(CaseState.APPROVED), st.sampled_from(sorted(set(CaseState) - {CaseState.DRAFT}))),
        people,
        promises,
        money,
    ),
    max_size=5,
)


def add_case(call, organisation, state=CaseState.APPROVED, people=(), promises=(), money=()):
    """A case with just what is counted; how it came here does not matter to the count."""
    case = factories.make_case(call=call, organisation=organisation, valid=False)
    Case.objects.filter(pk=case.pk).update(
        state=state,
        number=f"T-{next(_numbers):05}",
        submitted_at=factories.now(),
        received_at=factories.now(),
    )
    Trainee.objects.bulk_create(
        Trainee(case=case, position=i, kind=kind, gender=gender, name=f"人{i}")
        for i, (kind, gender) in enumerate(people)
    )
    OutcomePromise.objects.bulk_create(
        OutcomePromise(case=case, position=i, key=key, target=target)
        for i, (key, target) in enumerate(promises)
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            case=case, position=i, item=f"項目{i}", quantity=q, unit_price=price, months=1, subsidy=subsidy
        )
        for i, (q, price, subsidy) in enumerate(money)
    )
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def world():
    plan = make_plan()
    calls = [factories.make_call(slug=slug) for slug in ("call-a", "call-b")]
    for call in calls:
        fund(call, plan, "2.1", 114)
    kpis = [add_kpi(plan, "2", f"F{i}", {114: 10}, feed=key, unit="個") for i, key in enumerate(KEYS)]
    companies = [
        personas.acme(),
        personas.rival(),
        personas.make_organisation("53212539", "第三方股份有限公司"),
    ]
    return plan, calls, kpis, companies


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=cases)
def test_every_number_is_the_sum_of_its_rows(world, drawn):
    _, calls, kpis, companies = world
    Case.objects.all().delete()
    made = [add_case(calls[c], companies[o], *rest) for c, o, *rest in drawn]
    known = figures(kpis, [114], today=TODAY)
    approved = {case.number for case in made if case.state == CaseState.APPROVED}
    total = {}
    for kpi in kpis:
        figure = known[kpi.pk, 114]
        for slug in ("", "call-a", "call-b"):
            found = fed_rows(figure, call=slug)
            rows = list(found.rows)
            assert len(rows) == len(found.rows)
            assert rows == [row for n in range(len(rows)) for row in found.rows[n : n + 1]]
            summed = sum((row.value for row in rows), Decimal(0))
            assert summed == found.total
            assert {row.label.split()[0] for row in rows} <= approved
            if found.feed.share:
                assert found.number.of == len(rows)
                share = (summed * 100 / len(rows)).quantize(Decimal("0.01")) if rows else 0
                assert found.number.value == share
            else:
                assert found.number.value == summed
            if not slug:
                assert found.number.value == figure.value
                total[kpi.pk] = summed
    # What the cases say of themselves adds up to the same.
    said = dict.fromkeys(total, Decimal(0))
    for case in made:
        if case.state == CaseState.APPROVED:
            for one in contributions(case.pk, case.call_id):
                said[one.kpi.pk] += one.value
        else:
            assert all(not one.value for one in contributions(case.pk, case.call_id))
    distinct = {k.pk for k in kpis if k.feed == COMPANIES.key}
    assert {k: v for k, v in said.items() if k not in distinct} == {
        k: v for k, v in total.items() if k not in distinct
    }


def test_a_company_counts_once_and_its_second_case_says_so(world):
    _, (call, _), kpis, (acme, *_) = world
    first, second = add_case(call, acme), add_case(call, acme)
    figure = figures([kpis[KEYS.index("companies")]], [114], today=TODAY)[
        kpis[KEYS.index("companies")].pk, 114
    ]
    assert figure.value == 1
    assert [row.value for row in fed_rows(figure).rows] == [1, 0]
    assert [one.feed.key for one in contributions(first.pk, call.pk)] == ["companies"]
    assert contributions(second.pk, call.pk) == []


def test_a_case_of_a_call_without_a_plan_counts_for_nothing(world):
    call = factories.make_call(slug="call-free")
    assert contributions(add_case(call, personas.acme(), people=[("student", "male")]).pk, call.pk) == []


def grant(case, heads):
    """Confirm an award of so many units."""
    CaseOutcome.objects.update_or_create(
        case=case,
        defaults={
            "result": OutcomeResult.APPROVED,
            "granted": heads,
            "approved_total": heads,
            "decided_at": factories.now(),
            "sign_by": TODAY,
        },
    )


def test_heads_that_a_call_grants_are_counted_as_they_stand_and_dollars_never(world):
    plan, (dollars, _), kpis, (acme, rival, third) = world
    kpi = kpis[KEYS.index("granted_heads")]
    heads = call_of("raise")
    fund(heads, plan, "2.1", 114)
    grant(add_case(dollars, third), 900_000)
    cases = [add_case(heads, acme), add_case(heads, rival), add_case(heads, third, CaseState.RESERVED)]
    grant(cases[0], 5)
    grant(cases[1], 4)
    figure = figures([kpi], [114], today=TODAY)[kpi.pk, 114]
    assert figure.value == 9
    assert figure.people is None  # nobody is named yet
    assert [row.value for row in fed_rows(figure).rows] == [5, 4]
    grant(cases[0], 2)  # three heads given back (RA8)
    Case.objects.filter(pk=cases[1].pk).update(state=CaseState.FORFEITED)
    figure = figures([kpi], [114], today=TODAY)[kpi.pk, 114]
    assert (figure.value, [row.value for row in fed_rows(figure).rows]) == (2, [2])
    assert {c.feed.key: c.value for c in contributions(cases[0].pk, heads.pk)}["granted_heads"] == 2
    assert all(not c.value for c in contributions(cases[1].pk, heads.pk))


def test_what_calls_don_t_feed_is_reported_beside_and_both_are_told_apart(world):
    plan, (call, _), _, (acme, *_) = world
    kpi = add_kpi(plan, "2", "MIX", {114: 100}, feed="trainees", adds_reports=True, by_gender=True)
    add_case(call, acme, people=[("student", "female"), ("employee", "male")])
    add_value(kpi, 114, 3, 40, men=25, women=14, other=1)
    add_value(kpi, 113, 12, 7, men=4, women=3, other=0)
    known = figures([kpi], [113, 114], today=TODAY)
    figure = known[kpi.pk, 114]
    assert (figure.value, figure.counted, figure.reported) == (42, 2, 40)
    assert (figure.people.men, figure.people.women, figure.people.other) == (26, 15, 1)
    assert (
        fed_rows(figure).total == figure.counted
    )  # the rows are those of the counted share, to the last row
    before = known[kpi.pk, 113]  # no call in that year
    assert (before.value, before.counted, before.reported) == (7, None, None)
    office = personas.client_for(personas.make_office())
    rows_of = f'href="{reverse("kpis:rows", args=[plan.code, "MIX"])}?year=114"'
    for address in (reverse("kpis:page", args=[plan.code, "MIX"]), reverse("plans:detail", args=[plan.code])):
        shown = office.get(address, {"year": 114}).content.decode()
        assert rows_of in shown  # one click from the number to its rows
        assert "40" in shown
    assert "徵案 2＋填報 40" in office.get(reverse("kpis:page", args=[plan.code, "MIX"])).content.decode()
    assert "其中徵案以外填報" in page(office, plan, "MIX", year=114).content.decode()


def page(client, plan, code, **query):
    return client.get(reverse("kpis:rows", args=[plan.code, code]), query)


def test_from_the_number_to_the_rows_and_back(world):
    plan, (call, _), _, (acme, *_) = world
    year = roc_year(factories.now())
    plan.to_year = year
    plan.save()
    case = add_case(call, acme, people=[("student", "female"), ("employee", "male")])
    office = personas.client_for(personas.make_office())
    number = office.get(reverse("kpis:page", args=[plan.code, "F0"])).content.decode()
    assert f'href="{reverse("kpis:rows", args=[plan.code, "F0"])}?year=114"' in number
    shown = page(office, plan, "F0", year=114).content.decode()
    assert case.number in shown
    assert reverse("office:case", args=[case.pk]) in shown
    back = office.get(reverse("office:case", args=[case.pk])).content.decode()
    counted = reverse("office:case_kpis", args=[case.pk])
    assert f'hx-get="{counted}"' in back
    back = office.get(counted).content.decode()
    assert "這案計入的指標" in back
    assert "<html" not in office.get(counted, headers={"HX-Request": "true"}).content.decode()
    assert f'href="{reverse("kpis:page", args=[plan.code, "F0"])}"' in back
    assert "1／2 人" in back  # women's share


def test_the_exported_rows_are_those_of_the_page(world):
    plan, (call, other), _, (acme, rival, _) = world
    add_case(call, acme, people=[("student", "female")] * 2)
    add_case(other, rival, people=[("employee", "male")])
    client = personas.client_for(personas.make_supervisor())
    answer = client.get(reverse("kpis:rows_file", args=[plan.code, "F0", "xlsx"]), {"year": 114})
    table = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert len(table) == 4
    assert sum(row[3] for row in table[1:]) == 3
    narrowed = client.get(
        reverse("kpis:rows_file", args=[plan.code, "F0", "csv"]), {"year": 114, "call": "call-b"}
    )
    assert len(narrowed.content.decode("utf-8-sig").splitlines()) == 2
    for odd in ({}, {"year": "9" * 5000}):
        assert client.get(reverse("kpis:rows_file", args=[plan.code, "F0", "ods"]), odd).status_code == 200
    assert client.get(reverse("kpis:rows_file", args=[plan.code, "F0", "exe"])).status_code == 404


def test_whoever_sees_plans_but_no_cases_sees_the_number_only(world):
    from accounts.models import Role

    plan, (call, _), _, (acme, *_) = world
    case = add_case(call, acme, people=[("student", "female")])
    viewer = personas.make_newcomer()
    viewer.roles.add(
        Role.objects.create(code="planner", name="計畫檢視", permissions=["plan.view"], home="home")
    )
    client = personas.client_for(viewer)
    shown = client.get(reverse("kpis:page", args=[plan.code, "F0"])).content.decode()
    assert "實際 <strong>1</strong>" in shown
    assert "rows/" not in shown
    assert case.number not in shown
    assert page(client, plan, "F0", year=114).status_code == 403
    assert client.get(reverse("kpis:rows_file", args=[plan.code, "F0", "csv"])).status_code == 403


@pytest.mark.parametrize(
    "query", [{"year": "甲"}, {"year": "999"}, {"call": "nix"}, {"page": "99"}, {"year": "١١٤"}]
)
def test_odd_addresses_answer(world, query):
    plan = world[0]
    assert page(personas.client_for(personas.make_office()), plan, "F0", **query).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_cases(world, number, django_assert_max_num_queries):
    plan, (call, other), _, companies = world
    for i in range(number):
        case = add_case(
            (call, other)[i % 2],
            companies[i % 3],
            people=[("student", "female")] * number,
            promises=[("hires", "2")],
            money=[(1, 100, 50)],
        )
    client = personas.client_for(personas.make_office())
    client.get(reverse("kpis:rows", args=[plan.code, "F0"]))
    for code in range(len(KEYS)):
        with django_assert_max_num_queries(18):
            page(client, plan, f"F{code}", year=114)
    with django_assert_max_num_queries(18):
        client.get(reverse("office:case_kpis", args=[case.pk]))


def test_every_feed_is_tried():
    assert set(KEYS) == set(feeds.feeds())
