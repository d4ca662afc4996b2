"""Tables written as XLSX, ODS and CSV: bold frozen header, number formats, no text that acts as a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import odfdo
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from core import rocdate, text

# Who made a file, in its properties: the portal, never a person or a library.
MAKER = "iPAS 補助申請入口"

Value = str | int | Decimal | bool | date | datetime | None

_FORMULA_SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # East Asian Excel takes both widths
_MIN_WIDTH, _MAX_WIDTH = 8, 60  # half-width characters
_MAX_CELL = 32_767  # characters that a spreadsheet cell holds
_ROC_DATE = "[$-404]e/m/d"
_ROC_MOMENT = "[$-404]e/m/d hh:mm"


def escape_formula(value: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before a leading = + - @ tab or newline."""
    return f"'{value}" if value.startswith(_FORMULA_SIGNS) else value


def _plain(value: Value) -> str | int | Decimal | date | datetime | None:
    """What goes into a cell: safe text, whole numbers, exact decimals, Taipei times without a zone."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return escape_formula(text.clean(value))[:_MAX_CELL]
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(rocdate.TAIPEI).replace(tzinfo=None)
    if isinstance(value, float):
        raise TypeError("a sheet takes int or Decimal, never a float")
    return value


def _shown(value: str | int | Decimal | date | datetime | None) -> str:
    if isinstance(value, datetime):
        return rocdate.roc_datetime(value)
    if isinstance(value, date):
        return rocdate.roc(value)
    if isinstance(value, (int, Decimal)):
        return f"{value:,}"
    return value or ""


def _widths(table: Sequence[Sequence[str | int | Decimal | date | datetime | None]]) -> list[int]:
    """Width of each column in half-width characters: the longest line, within bounds."""
    widths: list[int] = []
    for row in table:
        widths += [_MIN_WIDTH] * (len(row) - len(widths))
        for index, value in enumerate(row):
            for line in _shown(value).split("\n"):
                width = sum(
                    2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line[:_MAX_WIDTH]
                )
                widths[index] = max(widths[index], min(width + 2, _MAX_WIDTH))
    return widths


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Value]], *, title: str = "資料") -> bytes:
    """An XLSX file with one sheet. Dates are real dates, shown in ROC years; text is never a formula."""
    table = [[_plain(value) for value in row] for row in (header, *rows)]
    book = Workbook(write_only=True)
    book.properties.creator = MAKER
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for number, row in enumerate(table):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
            if number == 0:
                cell.font = Font(bold=True)
            if isinstance(value, str):
                cell.data_type = "s"
                if "\n" in value:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
            elif isinstance(value, datetime):
                cell.number_format = _ROC_MOMENT
            elif isinstance(value, date):
                cell.number_format = _ROC_DATE
            elif isinstance(value, int):
                cell.number_format = "#,##0"
            elif isinstance(value, Decimal):
                cell.number_format = "#,##0.##"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file for other programs: UTF-8 with BOM (for Excel), plain numbers, ISO dates."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (header, *rows):
        values = [_plain(value) for value in row]
        writer.writerow([v.isoformat(" ", "minutes") if isinstance(v, datetime) else v for v in values])
    return out.getvalue().encode("utf-8-sig")


_ODS_STYLES = (
    """<number:number-style style:name="whole"><number:number number:min-integer-digits="1"
     number:decimal-places="0" number:grouping="true"/></number:number-style>""",
    """<number:number-style style:name="decimal"><number:number number:min-integer-digits="1"
     number:decimal-places="2" number:min-decimal-places="0" number:grouping="true"/>
     </number:number-style>""",
    """<number:date-style style:name="day"><number:year number:calendar="ROC"/><number:text>/</number:text>
     <number:month/><number:text>/</number:text><number:day/></number:date-style>""",
    """<number:date-style style:name="moment"><number:year number:calendar="ROC"/><number:text>/</number:text>
     <number:month/><number:text>/</number:text><number:day/><number:text> </number:text>
     <number:hours number:style="long"/><number:text>:</number:text>
     <number:minutes number:style="long"/></number:date-style>""",
)
_ODS_FREEZE = """<config:config-item-map-entry config:name={name}>
<config:config-item config:name="VerticalSplitMode" config:type="short">2</config:config-item>
<config:config-item config:name="VerticalSplitPosition" config:type="int">1</config:config-item>
<config:config-item config:name="ActiveSplitRange" config:type="short">2</config:config-item>
<config:config-item config:name="PositionBottom" config:type="int">1</config:config-item>
</config:config-item-map-entry>"""


def _ods_cell(value: str | int | Decimal | date | datetime | None, *, bold: bool = False) -> str:
    """One cell's XML, the way a spreadsheet program would write it."""
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, (date, datetime)):
        style = "moment" if isinstance(value, datetime) else "day"
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, (int, Decimal)):
        style = "whole" if isinstance(value, int) else "decimal"
        kind = f'office:value-type="float" office:value="{Decimal(value):f}"'
    else:
        style, kind = ("header" if bold else "text"), 'office:value-type="string"'
    lines = (escape(line).replace("\t", "<text:tab/>") for line in _shown(value).split("\n"))
    # White space collapses in ODF: every space after another (or at a line's start) is an element.
    shown = "".join(f"<text:p>{re.sub('(?<= ) |^ ', '<text:s/>', line)}</text:p>" for line in lines)
    return f'<table:table-cell table:style-name="cell-{style}" {kind}>{shown}</table:table-cell>'


def _xml_part(book: odfdo.Document, name: str) -> odfdo.XmlPart:
    part = book.get_part(name)
    assert isinstance(part, odfdo.XmlPart)
    return part


def write_ods(header: Sequence[str], rows: Iterable[Sequence[Value]], *, title: str = "資料") -> bytes:
    """An ODS file with one sheet, looking as :func:`write_xlsx` does."""
    table = [[_plain(value) for value in row] for row in (header, *rows)]
    book = odfdo.Document("spreadsheet")
    book.meta.language = "zh-TW"
    book.meta.initial_creator = MAKER
    body, view = _xml_part(book, "content.xml"), _xml_part(book, "settings.xml")
    styles: Any = body.get_element("//office:automatic-styles")
    for style in _ODS_STYLES:
        styles.append(odfdo.Element.from_tag(" ".join(style.split())))
    book.insert_style(odfdo.Style("table-cell", name="cell-header", area="text", bold=True), automatic=True)
    for name in ("text", "whole", "decimal", "day", "moment"):
        book.insert_style(odfdo.Style("table-cell", name=f"cell-{name}", data_style=name), automatic=True)
    columns = []
    for index, width in enumerate(_widths(table)):
        name = f"column-{index}"
        book.insert_style(
            odfdo.Style("table-column", name=name, width=f"{width * 0.22:.2f}cm"), automatic=True
        )
        columns.append(f'<table:table-column table:style-name="{name}"/>')
    lines = [
        f"<table:table-row>{''.join(_ods_cell(value, bold=number == 0) for value in row)}</table:table-row>"
        for number, row in enumerate(table)
    ]
    name = quoteattr(title)
    book.body.clear()
    # Put in as text: odfdo's own way, cell by cell, takes a minute for 100,000 cells, this a second.
    content = body.serialize().decode()
    table_xml = f"<table:table table:name={name}>{''.join(columns + lines)}</table:table>"
    spreadsheet = f"<office:spreadsheet>{table_xml}</office:spreadsheet>"
    tables: Any = view.get_element("//config:config-item-map-named[@config:name='Tables']")
    tables.clear()
    tables.set_attribute("config:name", "Tables")
    tables.append(odfdo.Element.from_tag(_ODS_FREEZE.format(name=name)))
    out = io.BytesIO()
    book.set_part("content.xml", content.replace("<office:spreadsheet/>", spreadsheet, 1).encode())
    book.save(out)
    return out.getvalue()
