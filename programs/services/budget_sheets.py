"""A plan's budget of one year as a spreadsheet: a template out, a filled one in, whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from core import money
from core.rocdate import roc
from core.sheets import Problem, Row, SheetRefused, read_table, write_ods, write_xlsx
from core.text import clean_line, half_width
from programs.enums import BudgetCategory, BudgetStage
from programs.models import BudgetAmount, Plan, PlanPart
from programs.rules.plans.ledger import THOUSAND, Tree
from programs.selectors.ledger import ledger

NUMBER, NAME, YEAR, STAGE, CATEGORY, AMOUNT = (
    "編號",
    "名稱",
    "年度",
    "階段",
    "經費科目",
    "金額（千元）",
)
HEADER = (NUMBER, NAME, YEAR, STAGE, CATEGORY, AMOUNT)
#: A row of this category states the sum of a part with everything below it; it is checked, not stored.
TOTAL = "合計"
#: How the plan itself, which has no number, is named in the sheet.
WHOLE = "全計畫"
MAX_ROWS = 5000
MAX_AMOUNT = 10**10

#: (part, stage, category) → 千元
Amounts = dict[tuple[int, str, str], int]


class BudgetMoved(Exception):
    """The budget, or what calls hold of it, is no longer what the preview was compared with."""


@dataclass(frozen=True, slots=True)
class BudgetSheet:
    """A filled sheet: amounts in 千元 of the stages that it speaks of, which it replaces whole."""

    amounts: Amounts
    stages: frozenset[str] = field(default_factory=frozenset)


def stored_amounts(plan: Plan, year: int) -> Amounts:
    """The plan's amounts of a year as they are now. One query."""
    rows = BudgetAmount.objects.filter(part__plan=plan, year=year)
    return {
        (part, stage, category): amount
        for part, stage, category, amount in rows.values_list("part", "stage", "category", "amount")
    }


def budget_template(plan: Plan, *, year: int, kind: str) -> bytes:
    """The plan's amounts of a year with a stated sum for each part, as ``xlsx`` or ``ods``. Two queries."""
    parts = list(plan.parts.order_by("position"))
    tree = Tree({part.pk: part.parent_id for part in parts})
    stored = stored_amounts(plan, year)
    rows: list[list[Any]] = []
    for stage in BudgetStage:
        leaves: dict[int, int] = defaultdict(int)
        for (part_pk, its, _), amount in stored.items():
            leaves[part_pk] += amount if its == stage else 0
        sums = tree.sums(leaves)
        for part in parts:
            head = [part.number or WHOLE, part.name, year, stage.label]
            for category in BudgetCategory:
                if (part.pk, stage, category) in stored:
                    rows.append([*head, category.label, stored[part.pk, stage, category]])
            if total := sums[part.pk]:
                rows.append([*head, TOTAL, total])
    write = write_ods if kind == "ods" else write_xlsx
    return write(HEADER, rows, title=f"{year} 年經費")


def read_budget(upload: Any, *, plan: Plan, year: int) -> BudgetSheet:
    """What a filled sheet says of the plan's budget of ``year``.

    Raises :class:`SheetRefused` with every problem by row and column: unknown parts and categories, another year's
    template, doubled rows, amounts that are no whole 千元, parts that do not make their stated sum, less than calls hold.
    """
    parts = {part.number or WHOLE: part for part in plan.parts.all()}
    tree = Tree({part.pk: part.parent_id for part in parts.values()})
    problems: list[Problem] = []
    amounts: Amounts = {}
    stated: list[tuple[Row, PlanPart, str, int]] = []
    rows: dict[int, Row] = {}
    for row in read_table(upload, header=HEADER, max_rows=MAX_ROWS):
        read = _read_row(row, parts, year, problems)
        if read is None:
            continue
        part, stage, category, amount = read
        if category == TOTAL:
            stated.append((row, part, stage, amount))
        elif (part.pk, stage, category) in amounts:
            problems.append(row.problem(CATEGORY, "這個部分、階段與科目已經有一列了，請只留一列"))
        else:
            amounts[part.pk, stage, category] = amount
            if stage == BudgetStage.APPROVED:
                rows.setdefault(part.pk, row)
    if not problems:
        problems = _sums(stated, amounts, tree)
    sheet = BudgetSheet(amounts, frozenset(stage for _, stage, _ in amounts))
    if not problems:
        problems = [
            rows[part].problem(AMOUNT, words) if part in rows else Problem(0, "", words)
            for part, words in shortages(plan, year, sheet).items()
        ]
    if problems:
        raise SheetRefused(sorted(problems, key=lambda p: (p.row, len(p.column), p.column)))
    if not amounts:
        raise SheetRefused([Problem(0, "", "試算表裡沒有任何經費，請填寫後再上傳")])
    return sheet


def shortages(plan: Plan, year: int, sheet: BudgetSheet) -> dict[int, str]:
    """Part → why its approved budget may not become that of the sheet: calls hold more of it. Seven queries."""
    if BudgetStage.APPROVED not in sheet.stages:
        return {}
    book = ledger(plan)
    leaves: dict[int, int] = defaultdict(int)
    for (part_pk, stage, _), amount in sheet.amounts.items():
        leaves[part_pk] += amount * THOUSAND if stage == BudgetStage.APPROVED else 0
    after = replace(book, approved={**book.approved, year: book.tree.sums(leaves)}).under(book.measures)
    found = {}
    for part in book.parts.values():
        now, then = book.at(part, year), after.at(part, year)
        if then.free < 0 and then.free < now.free:
            found[part.pk] = (
                f"{part} {year} 年可給徵案的經費會剩 {money.fmt(max(0, then.available))} 元，"
                f"低於已匡列給徵案的 {money.fmt(then.enveloped)} 元，請先調降徵案的匡列額度"
            )
    return found


def _sums(stated: Sequence[tuple[Row, PlanPart, str, int]], amounts: Amounts, tree: Tree) -> list[Problem]:
    found = []
    for row, part, stage, total in stated:
        leaves: dict[int, int] = defaultdict(int)
        for (part_pk, its, _), amount in amounts.items():
            leaves[part_pk] += amount if its == stage else 0
        made = tree.sums(leaves)[part.pk]
        if made != total:
            words = (
                f"合計 {total:,} 千元，和以下各列相加的 {made:,} 千元差 {abs(total - made):,} 千元，請修正"
            )
            found.append(row.problem(AMOUNT, words))
    return found


def _read_row(
    row: Row, parts: Mapping[str, PlanPart], year: int, problems: list[Problem]
) -> tuple[PlanPart, str, str, int] | None:
    """Part, stage, category (or ``TOTAL``) and amount; None after a problem."""
    before = len(problems)
    values = {head: clean_line(half_width(row.values[head])) for head in (NUMBER, YEAR, AMOUNT)}
    part = parts.get(values[NUMBER] or WHOLE)
    if part is None:
        problems.append(row.problem(NUMBER, f"計畫裡沒有編號「{values[NUMBER][:20]}」，請用新下載的範本"))
    elif clean_line(row.values[NAME]) != clean_line(part.name):
        problems.append(row.problem(NAME, f"{values[NUMBER]} 的名稱是「{part.name}」，和這一格不同"))
    given = values[YEAR].removesuffix("年").strip()
    if given != str(year):
        words = f"這是 {given[:10]} 年的範本，現在要匯入的是 {year} 年；請下載 {year} 年的範本再填"
        problems.append(row.problem(YEAR, words if given else f"請填年度 {year}"))
    stage = next((s.value for s in BudgetStage if s.label == clean_line(row.values[STAGE])), None)
    if stage is None:
        problems.append(row.problem(STAGE, f"階段請填：{'、'.join(s.label for s in BudgetStage)}"))
    wanted = clean_line(row.values[CATEGORY])
    category = (
        TOTAL if wanted == TOTAL else next((c.value for c in BudgetCategory if c.label == wanted), None)
    )
    if category is None:
        words = "、".join(c.label for c in BudgetCategory)
        problems.append(row.problem(CATEGORY, f"經費科目請填：{words}，或{TOTAL}"))
    digits = values[AMOUNT].replace(",", "")
    if not (digits.isascii() and digits.isdigit()):
        problems.append(row.problem(AMOUNT, "金額請填整數千元，不能是負數、小數或文字；沒有請填 0"))
    elif len(digits) > 11 or int(digits) > MAX_AMOUNT:
        problems.append(row.problem(AMOUNT, "金額太大，請確認單位是千元"))
    if len(problems) > before or part is None or stage is None or category is None:
        return None
    return part, stage, category, int(digits)


@transaction.atomic
def save_budget(
    *, plan: Plan, year: int, sheet: BudgetSheet, seen: Amounts, actor: User, now: datetime
) -> int:
    """Make the plan's budget of ``year`` that of the sheet, for the stages that it speaks of. Returns how many
    amounts changed. ``seen``: the amounts that the preview was compared with.

    Raises ``PermissionDenied``, :class:`BudgetMoved`.
    """
    if not actor.has_permission("plan.edit"):
        raise PermissionDenied("只有計畫辦公室可以匯入經費。")
    Plan.objects.select_for_update().get(pk=plan.pk)
    if stored_amounts(plan, year) != seen or shortages(plan, year, sheet):
        raise BudgetMoved
    rows = {
        (row.part_id, row.stage, row.category): row
        for row in BudgetAmount.objects.filter(part__plan=plan, year=year, stage__in=sheet.stages)
    }
    changed = 0
    for key, row in rows.items():
        if key not in sheet.amounts:
            row.delete()
            changed += 1
    for key, amount in sheet.amounts.items():
        known = rows.get(key)
        if known is not None and known.amount == amount:
            continue
        part, stage, category = key
        BudgetAmount.objects.update_or_create(
            part_id=part,
            year=year,
            stage=stage,
            category=category,
            defaults={"amount": amount, "source": f"{roc(now)} 匯入（{actor}）"[:200]},
        )
        changed += 1
    return changed
