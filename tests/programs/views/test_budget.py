"""The budget pages of a plan: every number one click from its rows; measures, funding, bookings; bad input."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse

from core import clock
from programs.enums import BudgetCategory
from programs.models import BudgetMeasure, Call, CallFunding, MoneyEntry, SubsidyBudget
from programs.rules.plans.planfile import GROUPS
from programs.selectors.budget import KINDS, budget_page, pieces, rows_behind
from programs.selectors.measures import effect_of
from programs.services import load_plan
from programs.services.plans import read_plan
from tests.factories import make_call
from tests.personas import client_for
from tests.programs.budget.builders import (
    YEAR,
    award,
    budget,
    drafted,
    funded,
    in_force,
    plan_with_money,
)
from tests.programs.budget.test_entries import book
from tests.programs.plans.builders import add_part, make_plan, part

pytestmark = pytest.mark.django_db
MOST = 20
FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "plans"


@pytest.fixture
def client_office(office):
    return client_for(office)


@pytest.fixture
def client_supervisor(supervisor):
    return client_for(supervisor)


@pytest.fixture
def client_auditor(auditor):
    return client_for(auditor)


def ledger_url(plan, year=YEAR):
    return f"{reverse('budget:ledger', args=[plan.code])}?year={year}"


def rows_url(plan, number, kind):
    return f"{reverse('budget:rows', args=[plan.code, part(plan, number).pk, kind])}?year={YEAR}"


def text_of(response):
    return response.content.decode()


# ---- the ledger -----------------------------------------------------------------------------------


def test_every_number_stands_beside_its_rows(client_office):
    plan = plan_with_money()
    budget(plan, "2", 2_200, stage="asked")
    call = funded(plan, 600_000)
    award(call, 500_000)
    book(call, 300_000)
    book(call, 50_000, kind="returned")
    in_force(plan, percent=10)
    in_force(plan, kind="cut", amount=100_000)
    page = text_of(client_office.get(ledger_url(plan)))
    second = part(plan, "2")
    for kind in KINDS:
        assert rows_url(plan, "2", kind) in page
        found = rows_behind(plan, second, YEAR, kind)
        line = next(line for line in budget_page(plan, YEAR).lines if line.part == second)
        shown = {key: amount for key, _, amount in line.cells} | {"asked": line.asked}
        assert found.total == shown[kind]
        cells = [found.cells(row) for row in found.rows]
        if kind in ("asked", "approved", "calls", "awards", "paid", "returned", "cut", "frozen"):
            at = 2 if kind in ("cut", "frozen") else 3 if kind in ("asked", "approved") else -1
            assert sum(row[at].value for row in cells) == found.total
        response = client_office.get(rows_url(plan, "2", kind))
        assert response.status_code == 200
        assert f"{found.total:,}" in text_of(response)
    assert "250,000" in page  # free: 1,000,000 less 50,000 cut, 100,000 frozen and 600,000 set aside


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_sums_are_those_that_the_document_prints(file):
    """B005: each printed total of a part, year, stage and category is what the page shows."""
    plan = load_plan(file, now=clock.now())
    pages = {year: budget_page(plan, year) for year in plan.years}
    compared = 0
    for total in read_plan(file).totals:
        if total.what != "budget":
            continue
        shown = 0
        names = {c.label for c in map(BudgetCategory, GROUPS.get(total.category, ()))}
        if total.category and not names:
            names = {BudgetCategory(total.category).label}
        for year in total.years or ([total.year] if total.year else plan.years):
            page = pages[year]
            line = next(line for line in page.by_category if line.part.number == total.part)
            for label, (asked, approved) in zip(page.categories, line.amounts, strict=True):
                if not names or label in names:
                    shown += {"asked": asked, "approved": approved}.get(total.stage, asked + approved)
        assert shown == total.amount, total
        compared += 1
    assert compared > 5
    for page in pages.values():
        assert [line.balance.approved for line in page.lines] == [c.approved * 1000 for c in page.by_category]


def test_the_known_figures_of_112():
    plan = load_plan(FOLDER / "112-1402-11-20-01.yaml", now=clock.now())
    lines = {line.part.number: line for line in budget_page(plan, 112).lines}
    assert {n: lines[n].balance.approved for n in ("", "1", "2", "3")} == {
        "": 275_000_000,
        "1": 65_260_000,
        "2": 156_450_000,
        "3": 53_290_000,
    }
    assert lines[""].asked == 280_000_000
    assert lines["3"].balance.base == 29_283_000


@pytest.mark.parametrize("percent", [1, 40, 55, 100])
def test_the_drawing_shows_exactly_what_calls_may_give(percent):
    plan = plan_with_money()
    award(funded(plan, 600_000), 500_000)
    in_force(plan, percent=percent)
    second = next(line for line in budget_page(plan, YEAR).lines if line.part.number == "2")
    assert sum(pieces(second.balance)) == second.balance.base == 1_000_000
    assert min(pieces(second.balance)) >= 0


def test_a_negative_rest_is_said_in_words_with_what_to_do(client_office):
    plan = plan_with_money()
    call = funded(plan, 800_000)
    in_force(plan, percent=50)
    page = text_of(client_office.get(ledger_url(plan)))
    assert "不足 300,000 元" in page
    assert "請調降徵案的匡列額度" in page
    assert reverse("budget:call", args=[call.slug]) in page


def test_a_year_outside_the_plan_and_nonsense(client_office):
    plan = plan_with_money()
    for year in ("111", "115", "abc", "１１２", "-1", "", "9" * 5000):
        assert client_office.get(ledger_url(plan, year)).status_code == 404
    assert client_office.get(reverse("budget:ledger", args=[plan.code])).status_code == 200
    assert client_office.get(rows_url(plan, "2", "nothing")).status_code == 404


def test_without_any_money_it_says_so(client_office):
    plan = make_plan()
    page = text_of(client_office.get(ledger_url(plan)))
    assert "這一年沒有凍結或刪減" in page
    assert "還沒有徵案從這裡取得經費" in text_of(client_office.get(rows_url(plan, "2", "calls")))


@pytest.mark.parametrize("count", [1, 3])
def test_lists_with_one_row_and_three(client_office, count):
    plan = plan_with_money()
    for number in range(count):
        award(funded(plan, 100_000, slug=f"c{number}"), 50_000, first=number * 50 + 1)
        drafted(plan, percent=number + 1)
    page = text_of(client_office.get(ledger_url(plan)))
    assert page.count("/budget/measures/") == count
    for kind in ("calls", "awards"):
        response = client_office.get(rows_url(plan, "2", kind))
        assert len(response.context["rows"]) == count


def test_the_number_of_queries_grows_with_nothing(
    client_office, client_supervisor, django_assert_max_num_queries
):
    plan = plan_with_money()
    call = funded(plan, 10_000)
    measure = drafted(plan, percent=100)
    addresses = [
        ledger_url(plan),
        *(rows_url(plan, "2", kind) for kind in KINDS),
        reverse("budget:measure", args=[plan.code, measure.pk]),
        reverse("budget:call", args=[call.slug]),
        reverse("budget:funding", args=[call.slug]),
        f"{reverse('budget:subsidy', args=[plan.code, part(plan, '2').pk])}?year={YEAR}",
    ]

    def counted():
        counts = {}
        for address in addresses:
            with django_assert_max_num_queries(MOST) as asked:
                assert client_office.get(address).status_code == 200
            counts[address] = len(asked.captured_queries)
        return counts

    award(call, 5_000)
    book(call, 1_000)
    award(funded(plan, 10_000, slug="beside"), 5_000, first=900)
    before = counted()
    for number in range(10):
        make_plan(f"112-0000-{number + 10}")
        add_part(plan, f"{number + 3}", part(plan, ""))
        budget(plan, f"{number + 3}", 9_000)
        award(funded(plan, 10_000, slug=f"c{number}"), 5_000, first=(number + 2) * 50)
        book(call, 2 + number, reference=f"W{number}")
    in_force(plan, percent=1)
    assert counted() == before


# ---- the subsidy ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "words"),
    [("2,001", "超過"), ("-5", "不能是負數"), ("五百", "整數"), ("1.5", "整數"), ("1" * 30, "太大")],
)
def test_bad_subsidies_are_refused_at_the_field(client_office, amount, words):
    plan = plan_with_money()
    url = f"{reverse('budget:subsidy', args=[plan.code, part(plan, '2').pk])}?year={YEAR}"
    response = client_office.post(url, {"amount": amount, "source": "函"})
    assert response.status_code == 422
    assert words in response.context["form"].errors["amount"][0]
    assert amount in text_of(response)  # nothing typed is lost
    assert SubsidyBudget.objects.get().amount == 1_000
    assert client_office.post(url, {"amount": "１，５００", "source": "函"}).status_code == 302
    assert SubsidyBudget.objects.get().amount == 1_500


# ---- measures -------------------------------------------------------------------------------------


def test_the_supervisor_drafts_looks_confirms_and_lifts(client_supervisor, client_office):
    plan = plan_with_money()
    call = funded(plan, 800_000)
    case = award(call, 700_000)
    new = f"{reverse('budget:measure_new', args=[plan.code])}?year={YEAR}"
    body = {"kind": "freeze", "part": part(plan, "2").pk, "year": YEAR, "percent": "５０%", "reason": "決議"}
    drawn = client_supervisor.post(new, body, follow=True)
    measure = BudgetMeasure.objects.get()
    page = text_of(drawn)
    assert "已核定的補助 200,000 元會沒有經費支應" in page
    assert case.number in page
    assert reverse("office:case", args=[case.pk]) in page
    assert "確認凍結" in page
    assert "確認凍結" not in text_of(
        client_office.get(reverse("budget:measure", args=[plan.code, measure.pk]))
    )
    assert measure.state == "draft"
    client_supervisor.post(
        reverse("budget:confirm", args=[plan.code, measure.pk]), {"seen": effect_of(measure).key}
    )
    measure.refresh_from_db()
    assert measure.state == "in_force"
    lift = reverse("budget:lift", args=[plan.code, measure.pk])
    refused = client_supervisor.post(lift, {"reason": ""})
    assert refused.status_code == 422
    client_supervisor.post(lift, {"reason": "同意解凍"})
    history = text_of(client_supervisor.get(reverse("budget:measure", args=[plan.code, measure.pk])))
    assert "解除：同意解凍" in history
    again = client_supervisor.post(lift, {"reason": "同意解凍"}, follow=True)
    assert "狀態已經改變" in text_of(again)


def test_what_changed_meanwhile_is_shown_again(client_supervisor):
    plan = plan_with_money()
    measure = drafted(plan)
    url = reverse("budget:confirm", args=[plan.code, measure.pk])
    assert "請看過下面最新的影響" in text_of(client_supervisor.post(url, {"seen": "old"}, follow=True))
    measure.refresh_from_db()
    assert measure.state == "draft"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "100.01"}, "percent"),
        ({"percent": "1.234"}, "percent"),
        ({"percent": "一成"}, "percent"),
        ({"percent": "-5"}, "percent"),
        ({"percent": ""}, "percent"),
        ({"percent": "", "amount": "2000001"}, "amount"),
        ({"percent": "", "amount": "-1"}, "amount"),
        ({"percent": "5", "amount": "5"}, "percent"),
        ({"year": "120"}, "year"),
        ({"year": "abc"}, "year"),
        ({"part": "999999"}, "part"),
        ({"part": "x"}, "part"),
        ({"kind": "melt"}, "kind"),
        ({"reason": ""}, "reason"),
    ],
)
def test_bad_measures_are_refused_at_the_field(client_supervisor, change, field):
    plan = plan_with_money()
    body = {
        "kind": "cut",
        "part": part(plan, "2").pk,
        "year": YEAR,
        "percent": "5",
        "reason": "決議",
    } | change
    response = client_supervisor.post(reverse("budget:measure_new", args=[plan.code]), body)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not BudgetMeasure.objects.exists()


# ---- funding --------------------------------------------------------------------------------------


def test_the_office_sees_what_is_free_while_it_chooses(client_office):
    plan = plan_with_money()
    funded(plan, 600_000)
    call = make_call(slug="new", envelope=5)
    url = reverse("budget:funding", args=[call.slug])
    assert "400,000" in text_of(client_office.get(url))
    place = f"{part(plan, '2').pk}:{YEAR}"
    refused = client_office.post(url, {"place": place, "amount": "400,001"})
    assert refused.status_code == 422
    assert "可用的 400,000 元" in text_of(refused)
    assert "400,001" in text_of(refused)
    for _ in range(2):  # a replay does no harm
        assert client_office.post(url, {"place": place, "amount": "４００，０００"}).status_code == 302
    assert Call.objects.get(slug="new").envelope == 400_000
    assert CallFunding.objects.filter(call=call).count() == 1


@pytest.mark.parametrize(
    ("place", "amount", "field"),
    [
        ("", "5", "place"),
        ("x", "5", "place"),
        ("999999:112", "5", "place"),
        ("{part}:111", "5", "place"),
        ("{part}:999", "5", "place"),
        ("{part}:112", "", "amount"),
        ("{part}:112", "0", "amount"),
        ("{part}:112", "-5", "amount"),
        ("{part}:112", "百萬", "amount"),
        ("{part}:112", "1" * 20, "amount"),
    ],
)
def test_bad_funding_is_refused_at_the_field(client_office, place, amount, field):
    plan = plan_with_money()
    call = make_call(slug="new", envelope=5)
    body = {"place": place.format(part=part(plan, "2").pk), "amount": amount}
    response = client_office.post(reverse("budget:funding", args=[call.slug]), body)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not CallFunding.objects.exists()


# ---- bookings -------------------------------------------------------------------------------------


def test_the_office_books_takes_back_and_exports(client_office, client_auditor):
    call = funded(plan_with_money(), 600_000)
    award(call, 500_000)
    url = reverse("budget:call", args=[call.slug])
    body = {
        "kind": "paid",
        "on": "113/3/1",
        "amount": "２５０，０００",
        "reference": "付-1",
        "note": "第一期",
    }
    for _ in range(2):
        assert client_office.post(url, body).status_code == 302
    entry = MoneyEntry.objects.get()
    over = client_office.post(url, body | {"amount": "250,001", "reference": "付-2"})
    assert "累計撥付 500,001 元" in text_of(over)
    assert "付-2" in text_of(over)
    back = reverse("budget:reverse", args=[call.slug, entry.pk])
    assert client_office.post(back, {"reason": ""}).status_code == 422
    for _ in range(2):
        assert client_office.post(back, {"reason": "打錯"}).status_code == 302
    assert MoneyEntry.objects.count() == 2
    assert client_auditor.post(url, body).status_code == 403
    assert "登錄一筆" not in text_of(client_auditor.get(url))
    content = client_auditor.get(reverse("budget:entries", args=[call.slug, "xlsx"])).content
    table = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert [row[2] for row in table[1:]] == [250_000, -250_000]
    assert client_auditor.get(reverse("budget:entries", args=[call.slug, "ods"])).status_code == 200
    assert client_auditor.get(reverse("budget:entries", args=[call.slug, "exe"])).status_code == 404


def test_a_call_without_a_source_says_so(client_office):
    call = make_call(slug="new", envelope=5)
    assert "還沒有指定經費來源" in text_of(client_office.get(reverse("budget:call", args=[call.slug])))


# ---- what others see ------------------------------------------------------------------------------


def test_X6_the_call_says_it_publicly_with_the_clause_and_without_figures(client):
    plan = plan_with_money()
    call = funded(plan, 800_000)
    url = reverse("calls:detail", args=[call.slug])
    assert "預算部分凍結" not in text_of(client.get(url))
    in_force(plan, percent=50)
    page = text_of(client.get(url))
    assert "112 年度預算部分凍結" in page
    assert "X6 · 伍.七(一)–(三)" in page
    assert "凍結 50%：立法院決議" in page
    assert "300,000" not in page


def test_the_office_says_that_the_national_budget_is_not_promulgated_yet(office):
    call = make_call()
    client = client_for(office)
    address = reverse("budget:promulgation", args=[call.slug])
    assert "尚未公布？" in client.get(address).content.decode()
    client.post(address, {"promulgated": "no"})
    client.post(address, {"promulgated": "no"})
    assert "總預算尚未公布" in client.get(reverse("calls:detail", args=[call.slug])).content.decode()
    client.post(address, {"promulgated": "yes"})
    call.refresh_from_db()
    assert call.budget_promulgated
