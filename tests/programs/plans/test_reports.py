"""The mid-term and the final report: what the PDF says, who may ask for it and read it, and how it shows its way."""

from __future__ import annotations

from datetime import date, datetime
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from core import clock
from documents import access, assembling
from documents.contexts import Recipient
from documents.services import rendering
from programs.models import Milestone, PlanReport, Risk
from programs.selectors.ledger import ledger
from programs.selectors.plan_report import report_context
from programs.services.plans import load_plan
from programs.services.reports import request_plan_report
from tests import personas
from tests.documents.conftest import read_pdf  # noqa: F401
from tests.programs.budget.builders import YEAR, award, funded, in_force, plan_with_money
from tests.programs.plans.builders import add_kpi, add_value, make_plan, part

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 7, 20, 12, tzinfo=clock.TAIPEI)


@pytest.fixture
def plan():
    plan = make_plan()
    people = add_kpi(plan, "1", "K1", {114: 365}, by_gender=True, women_goal="1/3")
    add_value(people, 114, 13, 100, men=60, women=30, other=10, cause="報名不足", remedy="八月加開兩班")
    add_kpi(plan, "2", "K2", {114: 4}, unit="案")
    Risk.objects.create(
        part=part(plan, ""), code="R1", name="招生不足", measures="提早宣傳",
        likelihood=3, impact=2, likelihood_after=1, impact_after=2,
    )  # fmt: skip
    return plan


def test_the_mid_term_report_says_what_the_data_say(plan, read_pdf):  # noqa: F811
    context = report_context(plan, year=114, period=13, today=NOW.date())
    found = read_pdf(assembling.preview_context_pdf(context, Recipient(plan.ministry), now=NOW))
    for words in (
        "114年度期中執行報告", plan.name, "資料截至", "114/6/30", "壹、摘要", "貳、目標與關鍵成果",
        "參、績效指標達成情形", "K1", "365", "181", "100", "嚴重落後", "尚未填報",
        "肆、落後指標之原因與改善措施", "報名不足", "八月加開兩班", "伍、性別統計", "30%", "1/3",
        "陸、經費", "柒、里程碑", "捌、風險", "R1招生不足", "提早宣傳", "高度3×2", "低度1×2",
    ):  # fmt: skip
        assert words in found, words
    assert "None" not in found


def test_the_final_report_of_112_holds_the_documents_figures(read_pdf):  # noqa: F811
    plan = load_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml", now=NOW)
    context = report_context(plan, year=113, period=14, today=NOW.date())
    found = read_pdf(assembling.preview_context_pdf(context, Recipient(plan.ministry), now=NOW))
    for words in (
        "275,000",
        "280,000",
        "156,450",
        "65,260",
        "53,290",
        "22,386",
        "113年度期末執行報告",
        "2,400",
    ):
        assert words in found, words


def test_the_final_report_tells_what_became_of_the_money_and_no_later_day(read_pdf):  # noqa: F811
    plan = plan_with_money()
    call = funded(plan, 800_000)
    award(call, 300_000)
    in_force(plan, percent=10)
    for done in (date(2023, 12, 1), date(2024, 1, 5)):
        Milestone.objects.create(part=part(plan, ""), year=YEAR, text="完成", done_on=done, position=0)
    context = report_context(plan, year=YEAR, period=14, today=NOW.date())
    found = read_pdf(assembling.preview_context_pdf(context, Recipient(plan.ministry), now=NOW))
    balance = ledger(plan).at(part(plan, ""), YEAR)
    for amount in (balance.base, balance.frozen, balance.enveloped, balance.committed, balance.free):
        assert f"{amount:,}" in found, amount
    assert "預算執行" in found
    assert "112/12/1" in found
    assert "113/1/5" not in found


def ask(plan, *, year=114, period=13, actor=None, now=NOW):
    return request_plan_report(
        plan=plan, year=year, period=period, actor=actor or personas.make_office(), now=now
    )


@pytest.mark.parametrize(
    ("year", "period", "day", "words"),
    [(114, 14, 20, "還沒結束"), (115, 13, 20, "沒有這一期"), (114, 6, 20, "沒有這一期")],
)
def test_what_can_not_be_reported_yet(plan, year, period, day, words):
    with pytest.raises(ValidationError, match=words):
        ask(plan, year=year, period=period)
    assert not PlanReport.objects.exists()


def test_the_day_after_the_period_is_the_first(plan):
    with pytest.raises(ValidationError):
        ask(plan, now=datetime(2025, 6, 30, 23, 59, tzinfo=clock.TAIPEI))
    assert ask(plan, now=datetime(2025, 7, 1, 0, 0, tzinfo=clock.TAIPEI))


def test_a_double_click_makes_one_report_and_only_the_office_asks(plan):
    assert ask(plan) == ask(plan)
    for person in (personas.make_supervisor(), personas.make_newcomer()):
        with pytest.raises(PermissionDenied):
            ask(plan, actor=person)


def test_who_sees_plans_reads_it_and_nobody_else(plan):
    document = ask(plan).document
    for person in (personas.make_office(), personas.make_supervisor(), personas.make_auditor()):
        assert access.may_read(person, document)
    for person in (personas.make_newcomer(), personas.make_company(), personas.make_reviewer()):
        assert not access.may_read(person, document)


def test_from_the_button_to_the_file(plan, django_capture_on_commit_callbacks):
    client = personas.client_for(personas.make_office())
    page = reverse("kpis:reports", args=[plan.code])
    with mock.patch("programs.views.reports.clock.now", return_value=NOW):
        assert "還沒有報告" in client.get(page).content.decode()
        shown = client.post(page, {"closing": "114-13"}, follow=True).content.decode()
        assert "製作 114 年期中報告" in shown
        bar = reverse("kpis:reports_progress", args=[plan.code])
        assert "HX-Refresh" not in client.get(bar)
        report = PlanReport.objects.get()
        with mock.patch("documents.typesetting.html_to_pdf", return_value=b"%PDF-1.7 report"):
            rendering.render_document(pk=str(report.document_id), now=NOW)
        assert client.get(bar)["HX-Refresh"] == "true"
        done = client.get(page).content.decode()
        report.document.refresh_from_db()
        assert reverse("documents:download", args=[report.document_id]) in done
        assert report.document.spaced_code in done
        for bad in ("", "甲-乙", "114-14", "999-13", f"{'9' * 5000}-13", f"114-{'9' * 5000}"):
            assert client.post(page, {"closing": bad}, follow=True).status_code == 200
    assert PlanReport.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(plan, number, django_assert_max_num_queries):
    for i in range(number):
        kpi = add_kpi(plan, "2.1", f"N{i}", {114: 10}, by_gender=True)
        add_value(kpi, 114, 13, 10, men=5, women=5, other=0)
        ask(plan, now=NOW.replace(minute=i))
    with django_assert_max_num_queries(20):
        report_context(plan, year=114, period=13, today=NOW.date())
    client = personas.client_for(personas.make_office())
    with django_assert_max_num_queries(12):
        client.get(reverse("kpis:reports", args=[plan.code]))
