"""Spreadsheets in and out: XLSX and ODS read by one function, and XLSX, ODS and CSV written safely.

Reading is strict, because a sheet is imported whole or not at all: every doubt is a :class:`Problem` with
its row and column. Values come out as text, so that the form fields of the pages check them once more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from openpyxl.utils import get_column_letter

from core import rocdate, text, uploads
from core.sheets_read import MAX_COLUMNS, RawRow, read_ods, read_xlsx
from core.sheets_write import write_csv, write_ods, write_xlsx

__all__ = ["Problem", "Row", "SheetRefused", "as_date", "read_table", "write_csv", "write_ods", "write_xlsx"]

MAX_SHEET_UNPACKED = 50 * 1024 * 1024
MAX_PROBLEMS = 50
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place: ``row`` counts from 1 (0: the whole file), ``column`` is a letter or ""."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = (f"第 {self.row} 列" if self.row else "") + (f" {self.column} 欄" if self.column else "")
        return f"{place.strip()}：{self.message}" if place else self.message


class SheetRefused(ValueError):
    """The sheet can't be imported; ``problems`` lists every reason for the user (the first 50)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        self.left_out = max(0, len(problems) - MAX_PROBLEMS)
        super().__init__("；".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number in the sheet, and the text of each column by header ("" when blank).

    ``columns`` gives the letter of each header, for the caller's own messages (:meth:`problem`).
    """

    number: int
    values: dict[str, str]
    columns: dict[str, str] = field(default_factory=dict)

    def problem(self, header: str, message: str) -> Problem:
        """A problem at this row's cell under ``header``."""
        return Problem(self.number, self.columns.get(header, ""), message)


def as_date(value: str) -> date:
    """A date cell's text: ROC or AD (:func:`core.rocdate.parse_date`), or Excel's day number of five digits.

    Raises ValueError with a message for the user.
    """
    if re.fullmatch(r"[0-9]{5}", value):
        return _EXCEL_EPOCH + timedelta(days=int(value))
    return rocdate.parse_date(value)


def read_table(file: Any, *, header: Sequence[str], max_rows: int, dates: Collection[str] = ()) -> list[Row]:
    """Rows of the first sheet of an XLSX or ODS file whose first filled row holds exactly ``header``.

    The columns may come in any order. Cells under the headers in ``dates`` come out as ISO dates. Blank
    rows are skipped. Numbers come out as plain digits, booleans as 是 and 否; an apostrophe that an export
    put before a formula sign is taken off. Raises :class:`SheetRefused` with every problem found.
    """
    try:
        kind = uploads.archive_kind(file, max_unpacked=MAX_SHEET_UNPACKED)
    except uploads.UploadRefused as error:
        raise SheetRefused([Problem(0, "", str(error))]) from error
    if kind not in ("xlsx", "ods"):
        raise SheetRefused([Problem(0, "", "檔案不是 XLSX 或 ODS 試算表，請用下載的範本填寫後再上傳")])
    reader = read_xlsx if kind == "xlsx" else read_ods
    try:
        rows = list(_limited(reader(file, limit=max_rows + 1), max_rows))
    except SheetRefused:
        raise
    except Exception as error:  # whatever a hostile or broken file provokes in the libraries
        raise SheetRefused([Problem(0, "", "試算表無法讀取，請另存新檔後再上傳")]) from error
    finally:
        file.seek(0)
    if not rows:
        raise SheetRefused([Problem(0, "", "試算表是空的，請用下載的範本填寫後再上傳")])
    columns = _columns(rows[0], header)
    problems = _odd_places(rows, columns)
    table = [_row(raw, columns, dates, problems) for raw in rows[1:]]
    if problems:
        raise SheetRefused(sorted(set(problems), key=lambda p: (p.row, len(p.column), p.column)))
    return table


def _limited(rows: Iterator[RawRow], max_rows: int) -> Iterator[RawRow]:
    for count, row in enumerate(rows):
        if count > max_rows:
            message = f"資料太多，最多 {max_rows:,} 列，請刪除多餘的列或分次匯入"
            raise SheetRefused([Problem(row.number, "", message)])
        yield row


def _key(name: str) -> str:
    return re.sub(r"\s", "", text.half_width(text.clean(name)))


def _columns(first: RawRow, header: Sequence[str]) -> dict[int, str]:
    """Column index (from 1) → header. Raises for names that are missing, doubled or unknown."""
    wanted = {_key(name): name for name in header}
    found: dict[int, str] = {}
    problems = []
    for index, cell in first.cells.items():
        name = wanted.get(_key(cell.text))
        letter = get_column_letter(index)
        if name is None:
            message = f"範本沒有「{text.clean_line(cell.text)[:30]}」這個欄位，請刪除這一欄"
            problems.append(Problem(first.number, letter, message))
        elif name in found.values():
            problems.append(Problem(first.number, letter, f"「{name}」出現兩次，請刪除其中一欄"))
        else:
            found[index] = name
    if missing := [name for name in header if name not in found.values()]:
        names = "、".join(missing)
        problems.insert(0, Problem(first.number, "", f"標題列缺少欄位：{names}。請用下載的範本填寫"))
    if problems:
        raise SheetRefused(problems)
    return found


def _odd_places(rows: Sequence[RawRow], columns: dict[int, str]) -> list[Problem]:
    problems = []
    for row in rows:
        if row.hidden:
            problems.append(Problem(row.number, "", "這一列是隱藏的，請取消隱藏或篩選，確認內容後再匯入"))
        for index in row.merged:
            problems.append(Problem(row.number, get_column_letter(index), "請取消合併儲存格，每格各填一個值"))
        for index, cell in row.cells.items():
            letter = get_column_letter(index)
            if cell.formula:
                problems.append(Problem(row.number, letter, "這格是公式，請改成「貼上值」"))
            elif cell.error:
                problems.append(Problem(row.number, letter, "這格是錯誤值，請改填正確內容"))
            elif index not in columns:
                message = (
                    "這格在表格範圍之外，請刪除內容" if index <= MAX_COLUMNS else "這格離表格太遠，請刪除內容"
                )
                problems.append(Problem(row.number, letter, message))
    return problems


def _row(raw: RawRow, columns: dict[int, str], dates: Collection[str], problems: list[Problem]) -> Row:
    values = dict.fromkeys(columns.values(), "")
    for index, name in columns.items():
        cell = raw.cells.get(index)
        if cell is None or cell.formula or cell.error:
            continue
        value = text.clean(cell.text)
        if re.match(r"'[=+\-@\t＝＋－＠]", value):
            value = value[1:]
        if name in dates and value:
            try:
                value = as_date(value).isoformat()
            except ValueError as error:
                problems.append(Problem(raw.number, get_column_letter(index), str(error)))
        values[name] = value
    letters = {name: get_column_letter(index) for index, name in columns.items()}
    return Row(raw.number, values, letters)
