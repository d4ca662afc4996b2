"""Reading pages of plans: what they show, at every level, with any year in the address, in few queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from applications.enums import CaseState
from core import clock
from programs import feeds
from programs.models import BudgetAmount, Goal, KeyResult, Milestone, PlanComparison, PlanNote, Risk, Staffing
from programs.services.plans import load_plan
from tests import factories, personas
from tests.programs.plans import builders

pytestmark = pytest.mark.django_db
CODE = "112-1402-11-20-01"
MOST_QUERIES = 20


@pytest.fixture
def reader(client):
    client.force_login(personas.EVERYBODY["supervisor"]())
    return client


@pytest.fixture
def plan():
    return load_plan(settings.BASE_DIR / f"fixtures/plans/{CODE}.yaml", now=clock.now())


def page(client, name, *args, **query):
    response = client.get(reverse(f"plans:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_home_of_the_real_plan(reader, plan):
    text = page(reader, "detail", CODE, year=112)
    for words in (
        "培訓企業中高階領導、數位種子人才及數位轉型顧問 293 人",
        "核定 1,533,000 千元",
        "275,000",
        "65,260",
        "1 中小企業數位領導計畫",
        "中度 1、低度 4",
        "網實模式培育中小企業數位轉型人才",
        "壹 附錄 里程碑 112 年度 · 行 1244",
        "受訓業者與潛在客戶完成 2 案數位轉型顧問實作服務",
    ):
        assert words in text, words


def test_what_the_document_reports_stands_beside_the_targets(reader, plan):
    text = page(reader, "detail", CODE, year=110)
    assert "8,117" in text
    assert "170.2 %" in text


@pytest.mark.parametrize("number", ["1", "2.3", "3", "3.2"])
def test_every_level_has_the_same_page(reader, plan, number):
    text = page(reader, "part", CODE, number, year=112)
    assert plan.parts.get(number=number).name in text
    assert "績效指標" in text


def test_a_part_that_is_not_there_is_not_found(reader, plan):
    assert reader.get(reverse("plans:part", args=[CODE, "9"])).status_code == 404
    assert reader.get(reverse("plans:detail", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("year", ["", "999", "-1", "x", "１１２", "11200000", "109", "115"])
@pytest.mark.parametrize("name", ["detail", "behind", "gender"])
def test_any_year_in_the_address_gives_a_page(reader, plan, name, year):
    assert "114 年" in page(reader, name, CODE, year=year, month="13")


def test_the_end_of_a_month_shows_what_was_known_then(reader):
    plan = builders.make_plan()
    kpi = builders.add_kpi(plan, targets={112: 100})
    builders.add_value(kpi, 112, 3, 20)
    builders.add_value(kpi, 112, 9, 80)
    text = page(reader, "detail", plan.code, year=112, month=6)
    assert "嚴重落後" in text
    assert "依時間應達 49.6 人" in text
    assert "達成" in page(reader, "detail", plan.code, year=112)


def test_goals_without_results_and_parts_without_anything_say_so(reader):
    plan = builders.make_plan()
    Goal.objects.create(part=builders.part(plan, ""), code="G9", text="還沒有關鍵成果的目標")
    text = page(reader, "detail", plan.code)
    assert "還沒有關鍵成果的目標" in text
    for words in ("這個部分沒有自己的指標", "沒有列預算", "沒有里程碑", "沒有列風險"):
        assert words in text


def test_milestones_done_late_and_coming(reader):
    plan = builders.make_plan(to_year=clock.today().year - 1911 + 1)
    root = builders.part(plan, "")
    Milestone.objects.create(part=root, year=112, text="如期", done_on=date(2023, 12, 31))
    Milestone.objects.create(part=root, year=112, text="晚到", done_on=date(2024, 1, 1))
    Milestone.objects.create(part=root, year=112, text="沒到")
    Milestone.objects.create(part=root, year=plan.to_year, text="以後")
    text = page(reader, "detail", plan.code, year=112)
    assert text.count("逾期完成") == 1
    assert text.count("逾期未完成</span>") == 1
    assert "里程碑：2 項完成、1 項逾期未完成、1 項未到期" in text
    assert "2／" not in text


def test_the_list_counts_by_status_and_asks_for_words(reader):
    assert "還沒有計畫" in page(reader, "list")
    plan = builders.make_plan(ministry="示範部")
    builders.add_value(builders.add_kpi(plan, targets={114: 10}), 114, 3, 2)
    text = page(reader, "list")
    assert "示範部" in text
    assert "1 項缺原因或改善措施" in text


def test_behind_asks_for_what_is_missing_and_tells_what_was_said(reader):
    plan = builders.make_plan()
    for code, words in (
        ("A", {}),
        ("B", {"cause": "只有原因"}),
        ("C", {"cause": "招生晚了", "remedy": "加開兩班"}),
    ):
        builders.add_value(builders.add_kpi(plan, code=code, targets={114: 10}), 114, 3, 2, **words)
    builders.add_kpi(plan, code="D", targets={114: 10})
    text = page(reader, "behind", plan.code)
    assert "待補原因與改善措施（2 項）" in text
    assert "還缺改善措施" in text
    assert "加開兩班" in text
    assert "還沒有實際值（1 項）" in text
    assert "113 年沒有落後的指標" in page(reader, "behind", plan.code, year=113)


def test_homes_tell_what_is_behind_in_plans_that_run_or_ended_last_year(reader):
    assert "目前沒有執行中的計畫" in page(reader, "standing")
    now = clock.today().year - 1911
    old = builders.make_plan("old", from_year=now - 4, to_year=now - 2)
    builders.add_value(builders.add_kpi(old, code="OLD", targets={now - 2: 9}), now - 2, 1, 1)
    assert "目前沒有執行中的計畫" in page(reader, "standing")
    ended = builders.make_plan("ended", name="去年結束的計畫", from_year=now - 3, to_year=now - 1)
    kpi = builders.add_kpi(ended, code="BEHIND", targets={now - 1: 9})
    builders.add_value(kpi, now - 1, 1, 9)
    assert "沒有落後的計畫指標" in page(reader, "standing")
    builders.add_value(builders.add_kpi(ended, code="B2", targets={now - 1: 9}), now - 1, 1, 1)
    text = page(reader, "standing")
    assert "1 項落後" in text
    assert "1 項缺原因或改善措施" in text
    assert reverse("plans:behind", args=["ended"]) in text
    assert reverse("kpis:page", args=["ended", "B2"]) in text
    assert "B2" not in page(reader, "standing", short="")


@pytest.mark.parametrize(("who", "home"), [("supervisor", "supervisor:home"), ("office", "office:home")])
def test_homes_load_it_after_the_page_and_link_without_scripts(client, who, home):
    client.force_login(personas.EVERYBODY[who]())
    text = client.get(reverse(home)).content.decode()
    assert f'hx-get="{reverse("plans:standing")}' in text
    assert f'<a href="{reverse("plans:list")}">看各計畫指標現況</a>' in text


def test_gender_from_reports_and_from_calls_against_the_goal(reader):
    plan = builders.make_plan()
    low = builders.add_kpi(plan, "1", "LOW", {114: 9}, by_gender=True, women_goal="1/3")
    edge = builders.add_kpi(plan, "1", "EDGE", {114: 9}, by_gender=True, women_goal="1/3")
    builders.add_kpi(plan, "2", "FED", {114: 9}, feed="trainees")
    builders.add_kpi(plan, "2", "OTHER", {114: 9})
    builders.add_value(low, 114, 1, 10, men=7, women=3, other=0)
    builders.add_value(edge, 114, 1, 9, men=6, women=3, other=0)
    call = factories.make_call()
    builders.fund(call, plan, "2", 114)
    factories.make_case(call=call, state=CaseState.APPROVED)
    text = page(reader, "gender", plan.code)
    assert "女 3 人、男 7 人" in text
    assert "其中 <strong" in text
    assert "1 項未達" in text
    assert "50 %" in text
    assert "OTHER" not in text
    assert "還沒有性別統計" in page(reader, "gender", plan.code, year=112)


def test_a_page_says_of_which_day_it_speaks_and_what_a_status_means_then(reader):
    plan = builders.make_plan()
    builders.add_kpi(plan, "2", "FED", {113: 9}, feed="trainees")
    over = page(reader, "detail", plan.code, year=113)
    assert "狀態只分達成與未達成" in over
    assert "由徵案計數，這一年還沒有徵案" in over
    then = page(reader, "detail", plan.code, year=113, month=9)
    assert "資料截至 113/9/30" in then
    assert "由徵案計數的指標仍是今天的數字" in then


def test_a_milestone_tells_its_day_only_once_that_day_has_come(reader):
    plan = builders.make_plan()
    Milestone.objects.create(
        part=builders.part(plan, "1"), year=113, text="完成", done_on=date(2024, 12, 15), position=0
    )
    assert "113/12/15" not in page(reader, "detail", plan.code, year=113, month=9)
    assert "113/12/15" in page(reader, "detail", plan.code, year=113)


def test_years_side_by_side_and_the_document_s_own_comparison(reader, plan):
    text = page(reader, "years", CODE)
    assert "第三期" in text
    assert "-30 %" in text
    assert "1,533,000" in text
    assert "48,350" in text


def test_comparisons_of_words_or_from_zero_have_no_change(reader):
    plan = builders.make_plan()
    PlanComparison.objects.create(plan=plan, name="文字", columns=["前", "後"], values=["無", "有"])
    PlanComparison.objects.create(plan=plan, name="由零", columns=["前", "後"], values=["0", "5"])
    text = page(reader, "years", plan.code)
    assert text.count('data-label="增減">—') == 2


def test_the_document_page_shows_policies_staffing_and_contradictions(reader, plan):
    text = page(reader, "document", CODE)
    for words in (
        "行政院「大南方大發展南台灣發展計畫」",
        "450.92",
        "824.92",
        "K22 113 年目標",
        "28（112、113 兩年合計）",
    ):
        assert words in text, words


def fill(plan, n):
    """One more of everything that a page lists."""
    root, part = builders.part(plan, ""), builders.part(plan, "2")
    goal = Goal.objects.create(part=root, code=f"G{n}", text=f"目標 {n}")
    KeyResult.objects.create(goal=goal, code="r", year=114, text="成果")
    for i, feed in enumerate((*feeds.feeds(), "")):
        kpi = builders.add_kpi(plan, "2.1", f"K{n}-{i}", {113: 5, 114: 10}, feed=feed, by_gender=True)
        builders.add_value(kpi, 114, 2, 1, men=1, women=0, other=0)
    Milestone.objects.create(part=part, year=114, text=f"里程碑 {n}")
    Risk.objects.create(
        part=root, code=f"R{n}", name="風險", likelihood=3, impact=3, likelihood_after=1, impact_after=1
    )
    Staffing.objects.create(part=part, year=114, grade=f"職級 {n}", person_months=3)
    BudgetAmount.objects.create(
        part=builders.add_part(plan, f"3.{n}", root), year=114, stage="approved", category="other", amount=10
    )
    PlanComparison.objects.create(plan=plan, name=f"比較 {n}", columns=["甲"], values=["1"])
    PlanNote.objects.create(plan=plan, about=f"疑義 {n}", found=["a"], chosen="a")
    call = factories.make_call(slug=f"call-{plan.code}-{n}")
    builders.fund(call, plan, "2.1", 114)
    factories.make_case(call=call, state=CaseState.APPROVED)


PAGES = ["list", "standing", "detail", "part", "document", "years", "gender", "behind"]


def asked(reader, name, plan):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    args = {"list": [], "standing": [], "part": [plan.code, "2"]}.get(name, [plan.code])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(reader, name, *args)
    return len(queries)


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_rows(reader, name):
    plan = builders.make_plan()
    fill(plan, 1)
    once = asked(reader, name, plan)
    for n in (2, 3):
        fill(plan, n)
    fill(builders.make_plan("112-0000-02"), 1)
    assert asked(reader, name, plan) == once <= MOST_QUERIES
