"""KPI values as a spreadsheet: a template out, a filled one in, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.sheets import Problem, Row, SheetRefused, read_table, write_ods, write_xlsx
from core.text import clean_line
from programs.models import Kpi, Plan
from programs.rules.plans.kpis import period_label
from programs.selectors.reporting import Line
from programs.services.kpis import ReportRefused

#: Field of a report → head of its column. The first five say what the row is about.
SUBJECT = {"code": "指標代碼", "name": "指標", "unit": "單位", "year": "年度", "period": "期別"}
FIELDS = {
    "value": "實際值",
    "men": "男",
    "women": "女",
    "other": "其他",
    "note": "說明",
    "cause": "落後原因",
    "remedy": "改善措施",
}
HEADER = (*SUBJECT.values(), *FIELDS.values())
MAX_ROWS = 1000


def kpi_template(lines: Sequence[Line], *, year: int, period: int, kind: str) -> bytes:
    """The KPIs that the person may report, with what is stored of the period, as ``xlsx`` or ``ods``."""
    rows = [
        [
            line.kpi.code,
            line.kpi.name,
            line.kpi.unit,
            year,
            period_label(period),
            *((getattr(line.current, name) if line.current else None) for name in FIELDS),
        ]
        for line in lines
    ]
    write = write_ods if kind == "ods" else write_xlsx
    return write(HEADER, rows, title="指標實際值")


def read_kpis(
    upload: Any,
    *,
    plan: Plan,
    year: int,
    period: int,
    kpis: Mapping[str, Kpi],
    validate: Callable[[Kpi, dict[str, str]], Mapping[str, Sequence[str]]],
) -> dict[int, Row]:
    """KPI key → its row of a filled sheet; rows without anything typed are left out.

    ``kpis``: those that the person may report, by code. ``validate`` checks what was typed and gives messages by
    field. Raises :class:`SheetRefused` with every problem by row and column.
    """
    problems: list[Problem] = []
    found: dict[int, Row] = {}
    seen: dict[str, int] = {}
    for row in read_table(upload, header=HEADER, max_rows=MAX_ROWS):
        code = clean_line(row.values[SUBJECT["code"]])
        about = _about(row, code, plan, year, period, kpis)
        if code in seen and not about:
            about = [row.problem(SUBJECT["code"], f"指標 {code} 在第 {seen[code]} 列已經出現過，請只留一列")]
        seen.setdefault(code, row.number)
        problems += about
        if about or not any(row.values[head] for head in FIELDS.values()):
            continue
        kpi = kpis[code]
        for field, messages in validate(kpi, typed(row)).items():
            problems += [row.problem(FIELDS.get(field, ""), message) for message in messages]
        found[kpi.pk] = row
    if problems:
        raise SheetRefused(sorted(problems, key=lambda p: (p.row, len(p.column), p.column)))
    if not found:
        raise SheetRefused([Problem(0, "", "試算表裡沒有任何填寫的值，請填寫後再上傳")])
    return found


def _about(row: Row, code: str, plan: Plan, year: int, period: int, kpis: Mapping[str, Kpi]) -> list[Problem]:
    """What is wrong with the columns that say what the row is about."""
    found = []
    if code not in kpis:
        words = f"{plan.code} 沒有由您填報的指標「{code[:20]}」，請用這個計畫下載的範本"
        return [row.problem(SUBJECT["code"], words if code else "請填指標代碼，或刪除這一列")]
    if clean_line(row.values[SUBJECT["name"]]) != clean_line(kpis[code].name):
        words = f"{code} 的名稱是「{kpis[code].name}」，和這一格不同；請用新下載的範本"
        found.append(row.problem(SUBJECT["name"], words))
    given = row.values[SUBJECT["year"]].removesuffix("年").strip()
    if given != str(year):
        words = f"這是 {given[:10]} 年的範本，現在要匯入的是 {year} 年；請下載 {year} 年的範本再填"
        found.append(row.problem(SUBJECT["year"], words if given else f"請填年度 {year}"))
    label = period_label(period)
    if row.values[SUBJECT["period"]].replace(" ", "") not in (label.replace(" ", ""), str(period)):
        found.append(row.problem(SUBJECT["period"], f"這份要匯入的是{label}，請用{label}的範本"))
    return found


def typed(row: Row) -> dict[str, str]:
    """What was typed of the report: field → text."""
    return {name: row.values[head] for name, head in FIELDS.items()}


def refused_at(rows: Mapping[int, Row], refused: ReportRefused) -> SheetRefused:
    """The service's words at the cells that they are about."""
    if refused.period:
        return SheetRefused([Problem(0, "", refused.period)])
    problems = [
        rows[pk].problem(FIELDS.get(field, FIELDS["value"]), words)
        for pk, fields in refused.problems.items()
        for field, words in fields.items()
    ]
    return SheetRefused(sorted(problems, key=lambda p: (p.row, len(p.column), p.column)))
