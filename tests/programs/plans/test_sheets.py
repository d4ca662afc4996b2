"""Spreadsheets of plans: KPI values and budgets in, whole or not at all; the ministry's forms out."""

from __future__ import annotations

import io
import re
from datetime import datetime
from unittest import mock

import odfdo
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from core import clock
from core.sheets import write_ods, write_xlsx
from core.sheets_layout import Cell, Page, head, write_pages
from programs.models import BudgetAmount, KpiValue
from programs.services.budget_sheets import HEADER as BUDGET_HEADER
from programs.services.kpi_sheets import HEADER
from programs.services.plans import load_plan
from tests import factories, personas
from tests.programs.plans.builders import add_kpi, add_value, fund, make_plan, part

NOW = datetime(2025, 7, 20, 12, tzinfo=clock.TAIPEI)


@pytest.fixture(autouse=True)
def _summer():
    with (
        mock.patch("programs.views.reporting.clock.now", return_value=NOW),
        mock.patch("programs.templatetags.kpis.clock.today", return_value=NOW.date()),
    ):
        yield


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def office(db):
    return personas.client_for(personas.make_office())


def address(name, plan, *args, year=114, period=6):
    return f"{reverse(f'kpis:{name}', args=[plan.code, *args])}?year={year}&period={period}"


def upload(content, name="填好的.xlsx"):
    return {"sheet": SimpleUploadedFile(name, content)}


def text(response):
    return response.content.decode()


def token_of(response):
    return re.search(r'name="token" value="([^"]+)"', text(response))[1]


def send(client, plan, content, kind="sheet", **query):
    return client.post(address(f"{kind}_preview", plan, **query), upload(content))


def row(kpi, value="", men="", women="", other="", note="", cause="", remedy="", year=114, period="6 月"):
    return [kpi.code, kpi.name, kpi.unit, year, period, value, men, women, other, note, cause, remedy]


# KPI values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "a.xlsx"), (write_ods, "a.ods")])
def test_the_template_filled_in_and_confirmed(plan, office, write, name):
    one = add_kpi(plan, targets={114: 10}, by_gender=True)
    two = add_kpi(plan, code="K2", targets={114: 2})
    blank = add_kpi(plan, code="K3", targets={114: 2})
    add_value(two, 114, 6, 2)
    template = office.get(address("sheet_template", plan, "xlsx"))
    sheet = load_workbook(io.BytesIO(template.content)).active
    table = [list(r) for r in sheet.values]
    assert table[0] == list(HEADER)
    assert [r[0] for r in table[1:]] == ["K1", "K2", "K3"]
    assert table[2][5] == 2
    content = write(HEADER, [row(one, 12, 6, 5, 1, "如期"), row(two, 3), row(blank)])
    preview = office.post(address("sheet_preview", plan), upload(content, name))
    page = text(preview)
    assert preview.status_code == 200
    assert "新增" in page
    assert "更正" in page
    assert KpiValue.objects.count() == 1
    done = office.post(address("sheet_confirm", plan), {"token": token_of(preview)}, follow=True)
    assert "已匯入 2 項指標" in text(done)
    assert {(v.kpi.code, v.value, v.women) for v in KpiValue.objects.current()} == {
        ("K1", 12, 5),
        ("K2", 3, None),
    }
    again = office.post(address("sheet_confirm", plan), {"token": token_of(preview)}, follow=True)
    assert "已匯入 0 項指標" in text(again)


def test_errors_are_told_by_cell_and_nothing_is_taken(plan, office):
    good = add_kpi(plan, targets={114: 1})
    bad = add_kpi(plan, code="K2", targets={114: 365})
    fed = add_kpi(plan, code="K3", targets={114: 0}, feed="trainees")
    people = add_kpi(plan, code="K4", targets={114: 1}, by_gender=True)
    rows = [
        row(good, 1),
        row(bad, "很多"),
        row(fed, 5),
        row(people, "1.5", "-1"),
        ["K99", "沒有", "人", 114, "6 月", 1, "", "", "", "", "", ""],
        row(good, 1),
    ]
    answer = send(office, plan, write_xlsx(HEADER, rows))
    page = text(answer)
    assert answer.status_code == 422
    for words in (
        "第 3 列 F 欄：請填數字",
        "第 4 列 F 欄：這項指標由徵案資料自動計算",
        "第 5 列 G 欄：",
        "第 6 列 A 欄：112-0000-01 沒有由您填報的指標「K99」",
        "第 7 列 A 欄：指標 K1 在第 2 列已經出現過",
    ):
        assert words in page, words
    assert not KpiValue.objects.exists()


def test_behind_is_told_at_the_cells_of_cause_and_remedy(plan, office):
    kpi = add_kpi(plan, targets={114: 365})
    page = text(send(office, plan, write_xlsx(HEADER, [row(kpi, 100)])))
    assert "第 2 列 K 欄：嚴重落後" in page
    assert "應達 181 人" in page
    assert "第 2 列 L 欄：請寫改善措施" in page
    assert not KpiValue.objects.exists()
    fine = send(office, plan, write_xlsx(HEADER, [row(kpi, 100, cause="招生晚", remedy="加班")]))
    assert fine.status_code == 200
    assert not KpiValue.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"year": 113}, "第 2 列 D 欄：這是 113 年的範本，現在要匯入的是 114 年；請下載 114 年的範本再填"),
        ({"period": "5 月"}, "第 2 列 E 欄：這份要匯入的是6 月"),
    ],
)
def test_another_periods_template_is_refused_with_words(plan, office, changes, words):
    kpi = add_kpi(plan, targets={114: 1})
    assert words in text(send(office, plan, write_xlsx(HEADER, [row(kpi, 1, **changes)])))


def dressed(kpi, dress):
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(row(kpi, 1))
    dress(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _formula(sheet):
    sheet["F2"] = "=1+1"


def _merged(sheet):
    sheet.merge_cells("F2:G2")


def _hidden(sheet):
    sheet.row_dimensions[2].hidden = True


def _million(sheet):
    for number in range(3, 1200):
        sheet.cell(number, 1, "K1")


@pytest.mark.parametrize(
    ("dress", "words"),
    [(_formula, "公式"), (_merged, "合併儲存格"), (_hidden, "隱藏"), (_million, "最多 1,000 列")],
)
def test_odd_sheets_are_refused(plan, office, dress, words):
    kpi = add_kpi(plan, targets={114: 1})
    answer = send(office, plan, dressed(kpi, dress))
    assert answer.status_code == 422
    assert words in text(answer)
    assert not KpiValue.objects.exists()


def test_no_file_another_file_and_a_stale_token(plan, office):
    add_kpi(plan, targets={114: 1})
    assert "請先選擇" in text(office.post(address("sheet_preview", plan)))
    assert "試算表沒有匯入" in text(send(office, plan, b"hello"))
    assert "標題列缺少欄位" in text(send(office, plan, write_xlsx(["甲"], [["乙"]])))
    assert "預覽已經失效" in text(office.post(address("sheet_confirm", plan), {"token": "x"}, follow=True))


def test_a_report_made_after_the_preview_is_not_overwritten(plan, office):
    kpi = add_kpi(plan, targets={114: 1})
    preview = send(office, plan, write_xlsx(HEADER, [row(kpi, 5)]))
    add_value(kpi, 114, 6, 1)
    page = text(office.post(address("sheet_confirm", plan), {"token": token_of(preview)}, follow=True))
    assert "剛有別人填過" in page
    assert kpi.values.current().get().value == 1


def test_an_owner_gets_and_may_send_only_their_own(plan):
    owner = personas.make_newcomer()
    add_kpi(plan, targets={114: 1}, owner=owner)
    other = add_kpi(plan, code="K2", targets={114: 1})
    client = personas.client_for(owner)
    sheet = load_workbook(io.BytesIO(client.get(address("sheet_template", plan, "xlsx")).content)).active
    assert [r[0] for r in sheet.values][1:] == ["K1"]
    assert "沒有由您填報的指標「K2」" in text(send(client, plan, write_xlsx(HEADER, [row(other, 1)])))


# Budgets -------------------------------------------------------------------------------------------------


def money(plan, rows, year=114):
    names = {p.number: p.name for p in plan.parts.all()}
    return write_xlsx(
        BUDGET_HEADER,
        [
            [n or "全計畫", names.get(n, "?"), year, stage, category, amount]
            for n, stage, category, amount in rows
        ],
    )


GOOD = [
    ("1", "核定數", "人事費", 100),
    ("2.1", "核定數", "其他費用", 250),
    ("2", "核定數", "合計", 250),
    ("", "核定數", "合計", 350),
]


def test_a_budget_goes_out_changes_and_comes_back(plan, office):
    BudgetAmount.objects.create(
        part=part(plan, "1"), year=114, stage="approved", category="personnel", amount=90
    )
    BudgetAmount.objects.create(
        part=part(plan, "1"), year=114, stage="approved", category="material", amount=5
    )
    asked = BudgetAmount.objects.create(
        part=part(plan, "1"), year=114, stage="asked", category="other", amount=7
    )
    out = office.get(address("budget_template", plan, "xlsx"))
    table = [list(r) for r in load_workbook(io.BytesIO(out.content)).active.values]
    assert ["1", "部分 1", 114, "核定數", "合計", 95] in table
    assert ["全計畫", plan.name, 114, "核定數", "合計", 95] in table
    back = send(office, plan, out.content, kind="budget")
    assert back.status_code == 200
    assert ">變更<" not in text(back).replace("</svg>", ">").replace("\n", "")
    preview = send(office, plan, money(plan, GOOD), kind="budget")
    page = text(preview)
    for word in ("新增", "變更", "移除"):
        assert word in page
    done = office.post(address("budget_confirm", plan), {"token": token_of(preview)}, follow=True)
    assert "3 筆有變動" in text(done)
    assert set(
        BudgetAmount.objects.filter(stage="approved").values_list("part__number", "category", "amount")
    ) == {
        ("1", "personnel", 100),
        ("2.1", "other", 250),
    }
    assert BudgetAmount.objects.filter(pk=asked.pk).exists()
    again = office.post(address("budget_confirm", plan), {"token": token_of(preview)}, follow=True)
    assert "經費又有異動" in text(again)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [*GOOD[:3], ("", "核定數", "合計", 351)],
            "第 5 列 F 欄：合計 351 千元，和以下各列相加的 350 千元差 1 千元",
        ),
        ([("9", "核定數", "人事費", 1)], "第 2 列 A 欄：計畫裡沒有編號「9」"),
        ([("1", "草案", "人事費", 1)], "第 2 列 D 欄：階段請填：送審數、核定數"),
        ([("1", "核定數", "吃飯", 1)], "第 2 列 E 欄：經費科目請填"),
        ([("1", "核定數", "人事費", -1)], "第 2 列 F 欄：金額請填整數千元"),
        ([("1", "核定數", "人事費", "一百")], "第 2 列 F 欄：金額請填整數千元"),
        ([("1", "核定數", "人事費", "")], "第 2 列 F 欄：金額請填整數千元"),
        ([("1", "核定數", "人事費", 10**11)], "第 2 列 F 欄：金額太大"),
        ([GOOD[0], GOOD[0]], "第 3 列 E 欄：這個部分、階段與科目已經有一列了"),
        ([("1", "核定數", "合計", 0)], "沒有任何經費"),
    ],
)
def test_a_budget_that_does_not_hold_together_is_refused_at_the_cell(plan, office, rows, words):
    answer = send(office, plan, money(plan, rows), kind="budget")
    assert answer.status_code == 422
    assert words in text(answer)
    assert not BudgetAmount.objects.exists()


@pytest.mark.parametrize(("amount", "status"), [(250, 200), (249, 422)])
def test_a_budget_below_what_calls_hold_is_refused_at_the_cell(plan, office, amount, status):
    BudgetAmount.objects.create(
        part=part(plan, "2.1"), year=114, stage="approved", category="other", amount=300
    )
    fund(factories.make_call(envelope=250_000), plan, "2.1", 114)
    rows = [("2.1", "核定數", "其他費用", amount)]
    answer = send(office, plan, money(plan, rows), kind="budget")
    assert answer.status_code == status
    refused = "第 2 列 F 欄：2.1 部分 2.1 114 年可給徵案的經費會剩 249,000 元，低於已匡列給徵案的 250,000 元"
    assert (refused in text(answer)) is (status == 422)


def test_a_call_that_takes_more_after_the_preview_stops_the_import(plan, office):
    BudgetAmount.objects.create(
        part=part(plan, "2.1"), year=114, stage="approved", category="other", amount=300
    )
    preview = send(office, plan, money(plan, [("2.1", "核定數", "其他費用", 250)]), kind="budget")
    fund(factories.make_call(envelope=300_000), plan, "2.1", 114)
    done = office.post(address("budget_confirm", plan), {"token": token_of(preview)}, follow=True)
    assert "經費又有異動" in text(done)
    assert BudgetAmount.objects.get().amount == 300


def test_last_years_budget_is_refused_and_full_width_digits_are_not(plan, office):
    words = "這是 113 年的範本，現在要匯入的是 114 年"
    assert words in text(send(office, plan, money(plan, GOOD, year=113), kind="budget"))
    fine = send(office, plan, money(plan, [("1", "核定數", "人事費", "１,２００")]), kind="budget")
    assert fine.status_code == 200
    assert "1,200" in text(fine)


# The ministry's forms ------------------------------------------------------------------------------------


@pytest.fixture
def raise_plan(db):
    return load_plan(settings.BASE_DIR / "fixtures/plans/108-1901-06-20-01.yaml", now=factories.now())


@pytest.fixture
def mid_plan(db):
    return load_plan(settings.BASE_DIR / "fixtures/plans/112-1402-11-20-01.yaml", now=factories.now())


def test_b003_of_108_has_the_figures_that_the_document_prints(raise_plan, office):
    answer = office.get(address("plan_form", raise_plan, "b003", "xlsx", year=108))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    table = [list(r) for r in sheet.values]
    assert table[1][:4] == ["屬性", "績效指標", "106 年\n實際達成值", "107 年度\n目標值"]
    assert table[1][4] == "初級產出量化值"
    assert table[2][4:6] == ["108 年度", "109 年度"]
    rows = {r[1]: r for r in table[3:]}
    # The document's 3,330 of C. is a misprint (see the plan's notes): 330 and 1,600 make 1,930.
    assert rows["C.培育及延攬人才（人次）"][2:6] == [None, 330, 1930, 1930]
    assert rows["D1.研究報告（份）"][2:6] == [None, 1, 3, 3]
    assert rows["T.促成與學界或產業團體合作研究（家）"][3:6] == [200, 200, 200]
    assert rows["R.增加就業（人）"][3:6] == [220, 720, 720]
    assert table[3][0] == "學術成就（科技基礎研究）"
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A4:A7", "E2:F2", "A2:A3"} <= merged


def test_b005_of_both_plans_has_the_documents_figures(raise_plan, mid_plan, office):
    answer = office.get(address("plan_form", raise_plan, "b005", "xlsx", year=108))
    first, second = load_workbook(io.BytesIO(answer.content)).worksheets
    table = [list(r) for r in first.values]
    assert table[1][:4] == ["計畫名稱", "計畫策略", "計畫性質", "106 年度"]
    assert table[2][3:6] == ["小計", "經常支出", "資本支出"]
    assert table[3][1:3] == ["育才競才與多元進路", "人才培育與課程開發"]
    assert table[3][3::3] == [10_000, 390_000, 390_000, 390_000]
    assert table[4][3::3] == [0, 0, 350_000, 350_000]
    assert table[5][0] == "合計"
    assert table[5][3::3] == [10_000, 390_000, 740_000, 740_000]
    detail = [list(r) for r in second.values]
    assert detail[3][2:5] == ["人事費", "材料費", "其他費用"]
    assert detail[5][1:5] == [350_000, 116_000, None, 234_000]
    answer = office.get(address("plan_form", mid_plan, "b005", "xlsx", year=112))
    first, second = load_workbook(io.BytesIO(answer.content)).worksheets
    table = [list(r) for r in first.values]
    by_name = {r[0]: r[3::3] for r in table[3:]}
    assert by_name["中小企業數位領導計畫"] == [0, 0, 65_260, 65_260, 44_140]
    assert by_name["數位與特殊技術人才養成計畫"] == [0, 0, 156_450, 156_450, 105_840]
    assert by_name["人才培育交流平台與推動計畫"] == [0, 0, 53_290, 53_290, 36_020]
    assert by_name["合計"] == [398_500, 398_500, 275_000, 275_000, 186_000]
    assert sum(by_name["合計"]) == 1_533_000


@pytest.mark.parametrize("form", ["b003", "b005"])
def test_the_ods_says_what_the_xlsx_says(raise_plan, office, form):
    xlsx = office.get(address("plan_form", raise_plan, form, "xlsx", year=108))
    ods = office.get(address("plan_form", raise_plan, form, "ods", year=108))
    book = odfdo.Document(io.BytesIO(ods.content))
    sheets = load_workbook(io.BytesIO(xlsx.content)).worksheets
    assert [t.name for t in book.body.tables] == [s.title for s in sheets]
    for table, sheet in zip(book.body.tables, sheets, strict=True):
        for y, line in enumerate(sheet.values):
            for x, value in enumerate(line):
                found = table.get_cell((x, y)).value
                assert (found or None) == (value or None) or float(found) == float(value), (y, x)
    assert office.get(address("plan_form", raise_plan, "b009", "ods")).status_code == 404
    assert office.get(address("plan_form", raise_plan, form, "pdf")).status_code == 404


def test_text_in_a_form_is_never_a_formula():
    page = Page("頁", [[head("甲", across=2)], ["=1+1", Cell(3, down=2)], ["@x"]])
    sheet = load_workbook(io.BytesIO(write_pages("xlsx", [page]))).active
    assert sheet["A2"].value == "'=1+1"
    assert sheet["A2"].data_type == "s"
    assert sheet["A3"].value == "'@x"
    assert write_pages("ods", [page])


@pytest.mark.parametrize("form", ["b003", "b005"])
def test_forms_ask_in_bounded_queries(raise_plan, office, form, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        office.get(address("plan_form", raise_plan, form, "xlsx", year=108))
