"""Printed forms as spreadsheets: tables with heads of several rows and joined cells, as XLSX and as ODS.

Cells follow HTML's way: a row lists only the cells that begin in it, and one that reaches ``across`` columns or
``down`` rows pushes the others aside. For sheets that people read; those that come back are flat
(:mod:`core.sheets_write`), because joined cells are refused there.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

import odfdo
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from core.sheets_write import MAKER, escape_formula

Value = str | int | Decimal | None

_GREY = "EEEEEE"
_CM_FOR_A_CHARACTER = 0.22


@dataclass(frozen=True, slots=True)
class Cell:
    """A value over ``across`` columns and ``down`` rows; heads are bold, grey and centred."""

    value: Value = None
    across: int = 1
    down: int = 1
    head: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its name, rows of cells (plain values stand for plain cells), widths in half-width characters."""

    title: str
    rows: Sequence[Sequence[Cell | Value]]
    widths: Sequence[int] = ()


def head(text: str, *, across: int = 1, down: int = 1) -> Cell:
    """A head cell."""
    return Cell(text, across, down, head=True)


def write_pages(kind: str, pages: Iterable[Page]) -> bytes:
    """The sheets as ``xlsx`` or ``ods``. Text is never a formula; numbers stay numbers."""
    return _ods(list(pages)) if kind == "ods" else _xlsx(list(pages))


def _placed(rows: Sequence[Sequence[Cell | Value]]) -> list[dict[int, Cell | None]]:
    """Column (from 0) → the cell that begins there, None where another one covers the place."""
    grid: list[dict[int, Cell | None]] = [{} for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for item in row:
            cell = item if isinstance(item, Cell) else Cell(item)
            while x in grid[y]:
                x += 1
            for below in range(y, min(y + cell.down, len(rows))):
                for right in range(x, x + cell.across):
                    grid[below][right] = None
            grid[y][x] = cell
            x += cell.across
    return grid


def _xlsx(pages: list[Page]) -> bytes:
    book = Workbook()
    book.properties.creator = MAKER
    assert book.active is not None
    book.remove(book.active)
    line = Side(style="thin", color="888888")
    border = Border(line, line, line, line)
    for page in pages:
        sheet = book.create_sheet(page.title)
        for index, width in enumerate(page.widths, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        for y, row in enumerate(_placed(page.rows), start=1):
            for x, cell in row.items():
                place = sheet.cell(y, x + 1)
                place.border = border
                if cell is None:
                    continue
                text = isinstance(cell.value, str)
                place.value = escape_formula(cell.value) if isinstance(cell.value, str) else cell.value
                if text:
                    place.data_type = "s"
                elif isinstance(cell.value, Decimal):
                    place.number_format = "#,##0.##"
                elif cell.value is not None:
                    place.number_format = "#,##0"
                middle = "center" if cell.head else None
                place.alignment = Alignment(
                    horizontal=middle, vertical="center" if cell.head else "top", wrap_text=text
                )
                if cell.head:
                    place.font = Font(bold=True)
                    place.fill = PatternFill("solid", start_color=_GREY)
        for y, row in enumerate(_placed(page.rows), start=1):
            for x, cell in row.items():
                if cell is not None and (cell.across > 1 or cell.down > 1):
                    sheet.merge_cells(
                        start_row=y,
                        start_column=x + 1,
                        end_row=y + cell.down - 1,
                        end_column=x + cell.across,
                    )
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_ODS_STYLES = (
    '<style:style style:name="plain" style:family="table-cell"><style:table-cell-properties'
    ' fo:border="0.5pt solid #888888" fo:wrap-option="wrap" style:vertical-align="top"/></style:style>',
    '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties'
    f' fo:border="0.5pt solid #888888" fo:wrap-option="wrap" style:vertical-align="middle" fo:background-color="#{_GREY}"/>'
    '<style:paragraph-properties fo:text-align="center"/><style:text-properties fo:font-weight="bold"/></style:style>',
    '<number:number-style style:name="whole"><number:number number:min-integer-digits="1"'
    ' number:decimal-places="0" number:grouping="true"/></number:number-style>',
    '<number:number-style style:name="decimal"><number:number number:min-integer-digits="1" number:decimal-places="2"'
    ' number:min-decimal-places="0" number:grouping="true"/></number:number-style>',
    '<style:style style:name="number" style:family="table-cell" style:parent-style-name="plain"'
    ' style:data-style-name="whole"><style:table-cell-properties fo:border="0.5pt solid #888888"/></style:style>',
    '<style:style style:name="fraction" style:family="table-cell" style:parent-style-name="plain"'
    ' style:data-style-name="decimal"><style:table-cell-properties fo:border="0.5pt solid #888888"/></style:style>',
)


def _ods_cell(cell: Cell | None) -> str:
    if cell is None:
        return "<table:covered-table-cell/>"
    span = ""
    if cell.across > 1 or cell.down > 1:
        span = f' table:number-columns-spanned="{cell.across}" table:number-rows-spanned="{cell.down}"'
    style = "head" if cell.head else "plain"
    if cell.value is None or cell.value == "":
        return f'<table:table-cell table:style-name="{style}"{span}/>'
    if isinstance(cell.value, str):
        lines = "".join(f"<text:p>{escape(one)}</text:p>" for one in escape_formula(cell.value).split("\n"))
        return f'<table:table-cell table:style-name="{style}"{span} office:value-type="string">{lines}</table:table-cell>'
    style = "fraction" if isinstance(cell.value, Decimal) else "number"
    return (
        f'<table:table-cell table:style-name="{style}"{span} office:value-type="float"'
        f' office:value="{Decimal(cell.value):f}"><text:p>{cell.value:,}</text:p></table:table-cell>'
    )


def _ods(pages: list[Page]) -> bytes:
    book = odfdo.Document("spreadsheet")
    book.meta.language = "zh-TW"
    book.meta.initial_creator = MAKER
    body = book.get_part("content.xml")
    assert isinstance(body, odfdo.XmlPart)
    styles = body.get_element("//office:automatic-styles")
    assert styles is not None
    for style in _ODS_STYLES:
        styles.append(odfdo.Element.from_tag(style))
    tables = []
    for number, page in enumerate(pages):
        columns = []
        for index, width in enumerate(page.widths):
            name = f"page-{number}-column-{index}"
            centimetres = f"{width * _CM_FOR_A_CHARACTER:.2f}cm"
            book.insert_style(odfdo.Style("table-column", name=name, width=centimetres), automatic=True)
            columns.append(f'<table:table-column table:style-name="{name}"/>')
        lines = []
        for row in _placed(page.rows):
            cells = "".join(
                _ods_cell(row[x]) if x in row else "<table:table-cell/>"
                for x in range(max(row, default=-1) + 1)
            )
            lines.append(f"<table:table-row>{cells}</table:table-row>")
        tables.append(
            f"<table:table table:name={quoteattr(page.title)}>{''.join(columns + lines)}</table:table>"
        )
    book.body.clear()
    content = body.serialize().decode()
    spreadsheet = f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet>"
    book.set_part("content.xml", content.replace("<office:spreadsheet/>", spreadsheet, 1).encode())
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
