"""The two readers behind :func:`core.sheets.read_table`: filled rows of the first visible sheet, streamed.

Both walk the sheet's XML with defusedxml first to last, so that a million empty rows cost time but no
memory. Rows without any content are never yielded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
from defusedxml.ElementTree import iterparse
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string, range_boundaries

MAX_COLUMNS = 256
# What a few characters of a file may grow to: numbers with an exponent, and spaces that are only counted.
_MAX_DIGITS = 40
_MAX_SPACES = 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@dataclass(frozen=True, slots=True)
class RawCell:
    """A filled cell: its value as text, or the fact that it is a formula or an error."""

    text: str
    formula: bool = False
    error: bool = False


@dataclass(slots=True)
class RawRow:
    """A filled row: number from 1, cells by column from 1, columns where a merged area touches it."""

    number: int
    cells: dict[int, RawCell]
    hidden: bool = False
    merged: list[int] = field(default_factory=list)


def as_text(value: Any) -> str:
    """A cell's value as text: dates in ISO form, numbers as plain digits, booleans as 是 or 否."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if not any(value.timetuple()[3:6]) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)):
        number = Decimal(str(value))
        # 1e999999 takes eight characters in a file and a million written out.
        short = number.is_finite() and abs(number.adjusted()) < _MAX_DIGITS
        return f"{number.normalize():f}" if short else str(value)[:_MAX_DIGITS]
    return str(value)


# --- XLSX


@dataclass(slots=True)
class _Layout:
    """What openpyxl's streaming reader doesn't tell: filled and hidden rows, merged areas, width."""

    filled: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    width: int = 1
    wide: set[int] = field(default_factory=set)


def _layout(source: Any, limit: int) -> _Layout:
    """One pass over a worksheet's XML, which ends once more than ``limit`` filled rows are found."""
    layout, number, in_row, rows = _Layout(), 0, False, None
    for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
        tag = element.tag.removeprefix(_MAIN)
        if event == "start":
            if tag == "sheetData":
                rows = element
            elif tag == "row":
                number, in_row = int(element.get("r") or number + 1), True
        elif tag == "row":
            in_row = False
            if width := _filled_width(element):
                layout.filled.append(number)
                layout.width = max(layout.width, width)
                if width > MAX_COLUMNS:
                    layout.wide.add(number)
                if element.get("hidden") in ("1", "true"):
                    layout.hidden.add(number)
            if len(layout.filled) > limit:
                return layout
            if rows is not None:
                rows.clear()
        elif tag == "mergeCell":
            left, top, right, bottom = range_boundaries(element.get("ref", ""))
            layout.merged.append((left or 1, top or 1, right or left or 1, bottom or top or 1))
            element.clear()
        elif not in_row:
            element.clear()
    return layout


def _filled_width(row: Element) -> int:
    """The last filled column of a row (0 when it has none)."""
    width = index = 0
    for cell in row:
        reference = cell.get("r", "").rstrip("0123456789")
        index = column_index_from_string(reference) if reference else index + 1
        if any(part.tag != _MAIN + "extLst" and (part.text or len(part)) for part in cell):
            width = index
    return width


def _first_visible(file: Any) -> str:
    """Name of the first visible worksheet's part, without opening any worksheet: openpyxl reads each of them through."""
    reader = ExcelReader(file, read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    parts: Iterator[tuple[Any, Any]] = reader.parser.find_sheets()
    return next(
        str(rel.target)
        for sheet, rel in parts
        if sheet.state == "visible" and rel.Type.endswith("/worksheet")
    )


def read_xlsx(file: Any, *, limit: int) -> Iterator[RawRow]:
    """Filled rows of the first visible worksheet, at most ``limit`` and one more."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive, archive.open(_first_visible(file)) as source:
        layout = _layout(source, limit)
    if len(layout.filled) > limit:  # too many to look into: a million rows cost no more than the limit
        yield from (RawRow(number, {1: RawCell("…")}) for number in layout.filled)
        return
    book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    try:
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()
        width = min(layout.width, MAX_COLUMNS)
        for number in layout.filled:
            # A stray cell far below must not make the reader pad a million rows.
            if number > layout.filled[0] + 10 * limit + 1_000:
                yield RawRow(number, {MAX_COLUMNS + 1: RawCell("…")})
                return
        if not layout.filled:
            return
        wanted = set(layout.filled)
        for number, cells in enumerate(
            sheet.iter_rows(min_row=1, max_row=layout.filled[-1], max_col=width), start=1
        ):
            if number not in wanted:
                continue
            row = RawRow(number, {}, hidden=number in layout.hidden)
            for index, cell in enumerate(cells, start=1):
                shown = as_text(cell.value)
                if shown.strip() or cell.data_type == "f":
                    row.cells[index] = RawCell(shown, cell.data_type == "f", cell.data_type == "e")
            if number in layout.wide:
                row.cells[MAX_COLUMNS + 1] = RawCell("…")
            row.merged = sorted({left for left, top, _, bottom in layout.merged if top <= number <= bottom})
            if row.cells:
                yield row
    finally:
        book.close()


# --- ODS


def read_ods(file: Any, *, limit: int) -> Iterator[RawRow]:
    """Filled rows of the first sheet, at most ``limit`` and one more; a repeated row counts as often."""
    file.seek(0)
    number, yielded, depth, spans = 0, 0, 0, []
    with zipfile.ZipFile(file) as archive, archive.open("content.xml") as source:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if element.tag == _TABLE + "table":
                depth += 1 if event == "start" else -1
                if not depth:
                    return
            elif event == "end" and depth == 1 and element.tag == _TABLE + "table-row":
                repeated = int(element.get(_TABLE + "number-rows-repeated", "1"))
                cells, merged = _ods_cells(element, number + 1)
                spans += merged
                hidden = element.get(_TABLE + "visibility", "visible") != "visible"
                element.clear()
                for offset in range(repeated if cells else 0):
                    at = number + 1 + offset
                    touched = sorted({left for left, top, bottom in spans if top <= at <= bottom})
                    yield RawRow(at, cells, hidden, touched)
                    yielded += 1
                    if yielded > limit:
                        return
                number += repeated


def _ods_cells(row: Element, number: int) -> tuple[dict[int, RawCell], list[tuple[int, int, int]]]:
    """Filled cells by column, and merged areas as (column, first row, last row)."""
    cells: dict[int, RawCell] = {}
    merged = []
    index = 0
    for element in row:
        repeated = int(element.get(_TABLE + "number-columns-repeated", "1"))
        if element.tag == _TABLE + "table-cell":
            columns = int(element.get(_TABLE + "number-columns-spanned", "1"))
            rows = int(element.get(_TABLE + "number-rows-spanned", "1"))
            if columns > 1 or rows > 1:
                merged.append((index + 1, number, number + rows - 1))
            cell = _ods_cell(element)
            if cell.text.strip() or cell.formula:
                # Content repeated beyond the widest table is reported once, not unrolled.
                for at in range(index + 1, min(index + repeated, MAX_COLUMNS + 1) + 1):
                    cells[at] = cell
                if index >= MAX_COLUMNS + 1:
                    cells[MAX_COLUMNS + 1] = cell
        elif element.tag != _TABLE + "covered-table-cell":
            continue
        index += repeated
    return cells, merged


def _ods_cell(cell: Element) -> RawCell:
    formula = cell.get(_TABLE + "formula") is not None
    kind = cell.get(_OFFICE + "value-type", "")
    shown = "\n".join(_ods_text(paragraph) for paragraph in cell.findall(_TEXT + "p"))
    if kind in ("float", "currency", "percentage"):
        return RawCell(as_text(Decimal(cell.get(_OFFICE + "value", "0"))), formula)
    if kind == "date":
        raw = cell.get(_OFFICE + "date-value", "")
        return RawCell(as_text(datetime.fromisoformat(raw)), formula)
    if kind == "boolean":
        return RawCell(as_text(cell.get(_OFFICE + "boolean-value") == "true"), formula)
    if kind == "string":
        shown = cell.get(_OFFICE + "string-value", shown)
    return RawCell(shown, formula)


def _ods_text(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == _TEXT + "s":
            parts.append(" " * min(int(child.get(_TEXT + "c", "1")), _MAX_SPACES))
        elif child.tag in (_TEXT + "tab", _TEXT + "line-break"):
            parts.append("\t" if child.tag.endswith("tab") else "\n")
        elif child.tag in (_TEXT + "span", _TEXT + "a"):
            parts.append(_ods_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
