"""Tables in and out: what comes back, what is refused, and where the refusal points."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import odfdo
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sheets import Row, SheetRefused, as_date, read_table, write_csv, write_ods, write_xlsx
from core.sheets_write import MAKER
from core.text import clean
from tests.core.conftest import docx

HEADER = ["姓名", "時數", "日期"]
both = pytest.mark.parametrize("write", [write_xlsx, write_ods], ids=["xlsx", "ods"])


def read(content: bytes, *, header=HEADER, max_rows=200, dates=()) -> list[Row]:
    return read_table(io.BytesIO(content), header=header, max_rows=max_rows, dates=dates)


def problems(content: bytes, **options) -> list[str]:
    with pytest.raises(SheetRefused) as caught:
        read(content, **options)
    return [str(problem) for problem in caught.value.problems]


def workbook(rows, change=lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def replaced(content: bytes, part: str, old: str, new: str) -> bytes:
    """The office file with one piece of one part exchanged."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            after.writestr(name, data)
    return out.getvalue()


@both
def test_what_is_written_can_be_read_back(write):
    rows = [
        ["王小明", 120, date(2025, 3, 28)],
        ["多行\n文字  兩空格", Decimal("12.5"), datetime(2025, 3, 28, 6, 3, tzinfo=UTC)],
        ["=1+1", True, None],
        ["<b>&'\"", 2_500_000, ""],
    ]
    found = read(write(HEADER, rows))
    assert [row.number for row in found] == [2, 3, 4, 5]
    assert [list(row.values.values()) for row in found] == [
        ["王小明", "120", "2025-03-28"],
        ["多行\n文字  兩空格", "12.5", "2025-03-28 14:03"],
        ["=1+1", "是", ""],
        ["<b>&'\"", "2500000", ""],
    ]


@both
@settings(deadline=None, max_examples=25)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_survives_the_round_trip(write, texts):
    rows = [["x", text] for text in texts]
    found = read(write(["甲", "乙"], rows), header=["甲", "乙"])
    assert [row.values["乙"] for row in found] == [clean(text) for text in texts]


@both
@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        "+886",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("http://example.test")',
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
    ],
)
def test_no_text_is_ever_a_formula(write, value):
    content = write(["甲"], [[value]])
    assert read(content, header=["甲"])[0].values == {"甲": value}
    assert b"formula" not in content
    rows = list(csv.reader(io.StringIO(write_csv(["甲"], [[value]]).decode("utf-8-sig"))))
    assert rows == [["甲"], ["'" + value]]


def test_a_written_workbook_is_formatted_for_reading():
    book = openpyxl.load_workbook(
        io.BytesIO(write_xlsx(HEADER, [["很長的名字" * 4, 1_000, date(2025, 3, 28)]]))
    )
    sheet = book.active
    assert sheet["A1"].font.bold
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 42
    assert sheet["B2"].number_format == "#,##0"
    assert "e/m/d" in sheet["C2"].number_format


def test_a_written_ods_is_formatted_for_reading():
    with zipfile.ZipFile(
        io.BytesIO(write_ods(HEADER, [["名", 1_000, date(2025, 3, 28)]], title="甲&乙"))
    ) as file:
        content, view = file.read("content.xml").decode(), file.read("settings.xml").decode()
    assert "bold" in content
    assert ">114/3/28<" in content
    assert ">1,000<" in content
    assert 'number:calendar="ROC"' in content
    assert 'config:name="甲&amp;乙"' in view
    assert "VerticalSplitPosition" in view


def test_csv_is_plain_for_other_programs():
    content = write_csv(HEADER, [["王小明", 2_500_000, date(2025, 3, 28)]])
    assert content == "\ufeff姓名,時數,日期\r\n王小明,2500000,2025-03-28\r\n".encode()


def test_floats_are_not_written():
    with pytest.raises(TypeError):
        write_xlsx(["甲"], [[0.1]])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("114/3/28", "2025-03-28"),
        ("2025-03-28", "2025-03-28"),
        ("1140328", "2025-03-28"),
        ("45744", "2025-03-28"),
    ],
)
@both
def test_dates_are_understood_in_every_form(write, value, expected):
    found = read(
        write(HEADER, [["x", 1, value], ["y", 1, int(value) if value.isdigit() else value]]), dates=["日期"]
    )
    assert [row.values["日期"] for row in found] == [expected, expected]
    assert as_date(value) == date(2025, 3, 28)


@both
def test_a_wrong_date_is_reported_at_its_cell(write):
    found = problems(write(HEADER, [["x", 1, "明天"], ["y", 2, "114/2/30"]]), dates=["日期"])
    assert found[0].startswith("第 2 列 C 欄：日期看不懂")
    assert found[1].startswith("第 3 列 C 欄：沒有 2 月 30 日")


@both
def test_columns_may_come_in_any_order_and_blank_rows_are_skipped(write):
    content = write(["日 期", "姓名", "時數\n"], [[None, None, None], ["d", "n", "h"], ["", " ", None]])
    found = read(content)
    assert found == [Row(3, {"日期": "d", "姓名": "n", "時數": "h"}, {"日期": "A", "姓名": "B", "時數": "C"})]
    assert str(found[0].problem("姓名", "請填寫")) == "第 3 列 B 欄：請填寫"


@both
def test_missing_doubled_and_unknown_columns_are_named(write):
    found = problems(write(["姓名", "姓名", "備註"], [["a", "b", "c"]]))
    assert found == [
        "第 1 列：標題列缺少欄位：時數、日期。請用下載的範本填寫",
        "第 1 列 B 欄：「姓名」出現兩次，請刪除其中一欄",
        "第 1 列 C 欄：範本沒有「備註」這個欄位，請刪除這一欄",
    ]


@both
def test_the_row_limit_holds_on_both_sides(write):
    rows = [["x", 1, ""]] * 5
    assert len(read(write(HEADER, rows), max_rows=5)) == 5
    assert "最多 4 列" in problems(write(HEADER, rows), max_rows=4)[0]


@both
def test_an_empty_sheet_is_refused(write):
    assert "空的" in problems(write([], []))[0]
    assert read(write(HEADER, [])) == []


@both
def test_content_beside_the_table_is_refused(write):
    assert problems(write(HEADER, [["a", 1, "", "多的"]])) == ["第 2 列 D 欄：這格在表格範圍之外，請刪除內容"]


def test_formulas_are_refused_in_xlsx():
    content = workbook([HEADER, ["a", "=1+1", ""]])
    assert problems(content) == ["第 2 列 B 欄：這格是公式，請改成「貼上值」"]


def test_formulas_are_refused_in_ods():
    content = write_ods(HEADER, [["a", 2, ""]])
    content = replaced(content, "content.xml", 'office:value="2"', 'office:value="2" table:formula="of:=1+1"')
    assert problems(content) == ["第 2 列 B 欄：這格是公式，請改成「貼上值」"]


def test_errors_are_refused_in_xlsx():
    def change(sheet):
        sheet["B2"].value, sheet["B2"].data_type = "#REF!", "e"

    assert problems(workbook([HEADER, ["a", 1, ""]], change)) == [
        "第 2 列 B 欄：這格是錯誤值，請改填正確內容"
    ]


def test_merged_cells_are_refused_in_xlsx():
    content = workbook([HEADER, ["a", 1, ""], ["b", 2, ""]], lambda sheet: sheet.merge_cells("A2:A3"))
    assert "第 2 列 A 欄：請取消合併儲存格，每格各填一個值" in problems(content)


def test_merged_cells_are_refused_in_ods():
    content = write_ods(HEADER, [["a", 2, ""], ["b", 3, ""]])
    content = replaced(
        content, "content.xml", 'office:value="2"', 'office:value="2" table:number-rows-spanned="2"'
    )
    assert problems(content) == [
        "第 2 列 B 欄：請取消合併儲存格，每格各填一個值",
        "第 3 列 B 欄：請取消合併儲存格，每格各填一個值",
    ]


def test_hidden_rows_are_refused_in_xlsx():
    def change(sheet):
        sheet.row_dimensions[3].hidden = True

    assert problems(workbook([HEADER, ["a", 1, ""], ["b", 2, ""]], change))[0].startswith(
        "第 3 列：這一列是隱藏的"
    )


def test_hidden_rows_are_refused_in_ods():
    content = write_ods(HEADER, [["a", 2, ""]])
    content = replaced(
        content,
        "content.xml",
        '<table:table-row><table:table-cell table:style-name="cell-text"',
        '<table:table-row table:visibility="filter"><table:table-cell table:style-name="cell-text"',
    )
    assert problems(content)[0].startswith("第 2 列：這一列是隱藏的")


def test_every_problem_is_listed_in_order_up_to_fifty():
    content = workbook([HEADER, *([["a", "=1", "=2"]] * 40)])
    with pytest.raises(SheetRefused) as caught:
        read(content)
    assert [(p.row, p.column) for p in caught.value.problems[:3]] == [(2, "B"), (2, "C"), (3, "B")]
    assert (len(caught.value.problems), caught.value.left_out) == (50, 30)


def test_a_million_empty_rows_do_not_hang():
    content = workbook([HEADER, ["a", 1, ""]])
    empty = "".join(f'<row r="{n}"/>' for n in range(3, 1_000_000))
    content = replaced(content, "xl/worksheets/sheet1.xml", "</sheetData>", f"{empty}</sheetData>")
    content = replaced(content, "xl/worksheets/sheet1.xml", 'ref="A1:C2"', 'ref="A1:XFD1048576"')
    start = time.monotonic()
    assert len(read(content)) == 1
    assert time.monotonic() - start < 30


def test_a_million_filled_rows_are_refused_without_reading_them():
    content = workbook([HEADER, ["a", 1, ""]])
    more = "".join(f'<row r="{n}"><c r="B{n}"><v>{n * 7919 % 9973}</v></c></row>' for n in range(3, 600_000))
    content = replaced(content, "xl/worksheets/sheet1.xml", "</sheetData>", f"{more}</sheetData>")
    content = replaced(content, "xl/worksheets/sheet1.xml", '<dimension ref="A1:C2"/>', "")
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert b"<dimension" not in file.read("xl/worksheets/sheet1.xml")
    start = time.monotonic()
    assert "最多 100 列" in problems(content, max_rows=100)[0]
    assert time.monotonic() - start < 5


def test_a_stray_cell_far_away_is_reported_not_unrolled():
    def change(sheet):
        sheet["A1048576"] = "x"

    assert problems(workbook([HEADER, ["a", 1, ""]], change))[0].startswith("第 1048576 列")
    content = workbook([HEADER, ["a", 1, ""]], lambda sheet: sheet.cell(2, 16_384, "x"))
    assert "這格離表格太遠" in problems(content)[0]


def test_repeated_ods_rows_and_cells_are_not_unrolled():
    content = write_ods(HEADER, [["a", 2, ""]])
    one = "<table:table-row><table:table-cell"
    tail = '</table:table-row><table:table-row table:number-rows-repeated="1048574"><table:table-cell '
    empty = tail + 'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    assert len(read(replaced(content, "content.xml", "</table:table-row></table:table>", empty))) == 1
    many = replaced(
        content, "content.xml", one, '<table:table-row table:number-rows-repeated="1000000"><table:table-cell'
    )
    assert "資料太多" in problems(many)[0]
    wide = replaced(
        content, "content.xml", 'office:value="2"', 'office:value="2" table:number-columns-repeated="9999999"'
    )
    assert len(problems(wide)) == 50


@both
def test_a_document_type_declaration_is_refused(write):
    part = "content.xml" if write is write_ods else "xl/worksheets/sheet1.xml"
    content = write(HEADER, [["a", 1, ""]])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        root = file.read(part).decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>').strip()[:20]
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + root
    assert problems(replaced(content, part, root, bomb)) == ["試算表無法讀取，請另存新檔後再上傳"]


def test_other_files_are_refused():
    assert "不是 XLSX 或 ODS" in problems(docx())[0]
    assert "已損壞" in problems(b"hello")[0]
    assert "已損壞" in problems(write_xlsx(HEADER, [])[:-30])[0]


def test_a_bomb_is_refused_before_it_is_read():
    content = write_xlsx(HEADER, [["a", 1, ""]])
    bomb = replaced(content, "xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData>" + " " * 60_000_000)
    assert "無法安全處理" in problems(bomb)[0]


@both
def test_five_thousand_rows_are_written_in_seconds(write):
    start = time.monotonic()
    content = write(HEADER, [["王小明", n, date(2025, 3, 28)] for n in range(5_000)])
    assert len(read(content, max_rows=5_000)) == 5_000
    assert time.monotonic() - start < 30


def test_the_properties_of_a_file_name_the_portal_and_its_language():
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(["甲"], [["1"]])))
    assert book.properties.creator == MAKER
    meta = odfdo.Document(io.BytesIO(write_ods(["甲"], [["1"]]))).meta
    assert (meta.initial_creator, meta.language) == (MAKER, "zh-TW")
