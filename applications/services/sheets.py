"""The trainees as a spreadsheet: a template out, a filled one in, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import odfdo
from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from accounts.enums import Gender
from applications.models import Case
from core.sheets import Problem, Row, SheetRefused, read_table, write_ods, write_xlsx
from programs.rules.terms import Terms

#: Field of a trainee → head of its column; the order is that of the sheet.
COLUMNS: dict[str, str] = {
    "name": "姓名",
    "kind": "身分",
    "gender": "性別",
    "school": "學校",
    "department": "科系",
    "level": "年級",
    "post": "職稱",
    "job_role": "職務類別",
    "planned_hours": "預計培訓時數",
    "hourly_wage": "時薪",
    "monthly_wage": "月薪",
    "insured": "投保勞保",
}
TITLE = "培育對象"
_VALIDATED_ROWS = 200


def _choices(terms: Terms) -> dict[str, list[tuple[str, str]]]:
    """Field → (key, label) pairs of the columns that take one of a list."""
    return {
        "kind": terms.choices("trainee_kinds"),
        "gender": [(str(key), str(label)) for key, label in Gender.choices],
        "level": terms.choices("student_levels"),
        "job_role": terms.choices("job_roles"),
        "insured": [("true", "是"), ("false", "否")],
    }


def _instructions(terms: Terms) -> list[tuple[str, str]]:
    hours = next((r.params.minimum for r in terms.of_kind("min_hours")), None)
    wage = next((r.params.minimum for r in terms.of_kind("min_hourly_wage")), None)
    lists = {field: "、".join(label for _, label in pairs) for field, pairs in _choices(terms).items()}
    return [
        ("姓名", "每位受訓者一列；學生與在職員工填在同一張表。"),
        ("身分", f"{lists['kind']}。"),
        ("性別", f"{lists['gender']}。只用於統計。"),
        ("學校、科系、年級", f"學生必填。年級：{lists['level']}。"),
        ("職稱", "在職員工必填。"),
        ("職務類別", f"{lists['job_role']}。"),
        ("預計培訓時數", f"整數小時{f'，每人至少 {hours} 小時' if hours else ''}。"),
        ("時薪、月薪", f"整數元，填其中一欄{f'；學生時薪至少 {wage} 元' if wage else ''}。"),
        ("投保勞保", "是、否。"),
        (
            "匯入方式",
            "填好後回到「培育對象」頁上傳。匯入會取代頁面上的全部名單，確認前可以先看差異。",
        ),
        ("注意", "請勿更改標題列、合併儲存格或隱藏列；任何一格有問題時，整份都不會匯入。"),
    ]


def trainee_template(*, case: Case, kind: str) -> bytes:
    """The table with the rows that are saved now, as ``xlsx`` or ``ods``, with lists to choose from."""
    terms = case.terms.terms
    labels = {field: dict(pairs) for field, pairs in _choices(terms).items()}
    rows = [
        [_shown(getattr(trainee, name), labels.get(name)) for name in COLUMNS]
        for trainee in case.trainees.all()
    ]
    header = list(COLUMNS.values())
    if kind == "ods":
        return _dress_ods(write_ods(header, rows, title=TITLE), terms)
    return _dress_xlsx(write_xlsx(header, rows, title=TITLE), terms)


def _shown(value: Any, labels: dict[str, str] | None) -> Any:
    if labels is None:
        return value
    key = {True: "true", False: "false", None: ""}.get(value, value)
    return labels.get(key, key)


def _dress_xlsx(content: bytes, terms: Terms) -> bytes:
    """Lists to choose from in the columns that have one, and a second sheet that tells how to fill it in."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[TITLE]
    choices = _choices(terms)
    guide = book.create_sheet("填寫說明")
    for line in _instructions(terms):
        guide.append(line)
    lists = book.create_sheet("選項")
    for index, (field, pairs) in enumerate(choices.items(), start=1):
        letter = get_column_letter(index)
        lists[f"{letter}1"] = COLUMNS[field]
        for number, (_, label) in enumerate(pairs, start=2):
            lists[f"{letter}{number}"] = label
        rule = DataValidation(
            type="list", formula1=f"選項!${letter}$2:${letter}${len(pairs) + 1}", allow_blank=True
        )
        rule.error, rule.errorTitle = "請從清單選擇", COLUMNS[field]
        column = get_column_letter(list(COLUMNS).index(field) + 1)
        rule.add(f"{column}2:{column}{_VALIDATED_ROWS + 1}")
        sheet.add_data_validation(rule)
    lists.sheet_state = "hidden"
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width = 20, 80
    for row in guide.iter_rows():
        row[0].font = Font(bold=True)
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for index in range(1, len(COLUMNS) + 1):
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = max(dimension.width or 0, 13)
    book.active = 0
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _dress_ods(content: bytes, terms: Terms) -> bytes:
    """The same in OpenDocument: validations, rows ready to fill in, and the sheet of instructions."""
    book = odfdo.Document(io.BytesIO(content))
    table = book.body.get_table(0)
    names: dict[int, str] = {}
    rules = []
    for field, pairs in _choices(terms).items():
        listed = ";".join(f'"{label}"' for _, label in pairs)
        condition = quoteattr(f"of:cell-content-is-in-list({listed})")
        names[list(COLUMNS).index(field)] = f"list-{field}"
        rules.append(
            f'<table:content-validation table:name="list-{field}" table:condition={condition} '
            'table:allow-empty-cell="true" table:display-list="unsorted"/>'
        )
    block = odfdo.Element.from_tag(f"<table:content-validations>{''.join(rules)}</table:content-validations>")
    book.body.insert(block, position=0)
    assert table is not None  # the part just written
    for _ in range(max(0, 61 - table.height)):
        table.append_row(odfdo.Row(width=len(COLUMNS)))
    for y, row in enumerate(table.get_rows()):
        if y == 0:
            continue
        for x, name in names.items():
            cell = row.get_cell(x)
            assert cell is not None
            cell.set_attribute("table:content-validation-name", name)
            row.set_cell(x, cell)
        table.set_row(y, row)
    guide = odfdo.Table("填寫說明")
    for line in _instructions(terms):
        row = odfdo.Row()
        for value in line:
            row.append(odfdo.Cell(value, text=value))
        guide.append(row)
    book.body.append(guide)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_trainees(
    *, case: Case, upload: Any, validate: Callable[[dict[str, str]], dict[str, list[str]]], most: int
) -> list[dict[str, str]]:
    """The rows of a filled sheet as a form would send them: field → text, keys instead of labels.

    ``validate`` checks one row and gives the messages by field. Raises ``core.sheets.SheetRefused``
    with every problem by row and column; then nothing of the sheet may be used.
    """
    rows = read_table(upload, header=list(COLUMNS.values()), max_rows=most)
    keys = {field: _lookup(pairs) for field, pairs in _choices(case.terms.terms).items()}
    problems: list[Problem] = []
    table = []
    for row in rows:
        values = _keyed(row, keys, problems)
        for field, messages in validate(values).items():
            problems += [row.problem(COLUMNS.get(field, ""), message) for message in messages]
        table.append(values)
    if problems:
        raise SheetRefused(sorted(problems, key=lambda p: (p.row, len(p.column), p.column)))
    if not table:
        raise SheetRefused([Problem(0, "", "試算表裡沒有任何受訓者，請填寫後再上傳")])
    return table


def _lookup(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Label or key, as typed → key."""
    return {label: key for key, label in pairs} | {key: key for key, _ in pairs}


def _keyed(row: Row, keys: dict[str, dict[str, str]], problems: list[Problem]) -> dict[str, str]:
    values: dict[str, str] = {}
    for field, label in COLUMNS.items():
        text = row.values.get(label, "")
        if field in keys and text:
            key = keys[field].get(text)
            if key is None:
                listed = "、".join(one for one in keys[field] if not one.isascii())
                problems.append(row.problem(label, f"{label}「{text[:30]}」不在清單中，請填：{listed}"))
            text = key or ""
        values[field] = text
    return values
