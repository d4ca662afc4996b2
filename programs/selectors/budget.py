"""The budget page of a plan's year and the rows behind each of its numbers. Dollars, unless 千元 is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core.money import fmt
from core.rocdate import roc
from programs import feeds
from programs.enums import BudgetCategory, BudgetStage, EntryKind
from programs.models import BudgetAmount, BudgetMeasure, CallFunding, MoneyEntry, Plan, PlanPart
from programs.rules.plans import ledger as rules
from programs.rules.plans.charts import Bar, stacks
from programs.rules.plans.ledger import THOUSAND, Balance
from programs.selectors.ledger import Ledger, ledger
from programs.selectors.measures import stage_of

#: Columns of the ledger: what stands in the address, the head, and the number of a balance.
COLUMNS: tuple[tuple[str, str, Callable[[Balance], int]], ...] = (
    ("approved", "核定經費", lambda b: b.approved),
    ("subsidy", "可給徵案", lambda b: b.base),
    ("cut", "刪減", lambda b: b.cut),
    ("frozen", "凍結", lambda b: b.frozen),
    ("calls", "已匡列", lambda b: b.enveloped),
    ("awards", "已核定補助", lambda b: b.committed),
    ("paid", "已撥付", lambda b: b.paid),
    ("returned", "已繳回", lambda b: b.returned),
    ("free", "可用餘額", lambda b: b.free),
)


#: Parts of the drawing: short and full label.
PIECES = [
    ("撥", "已撥付"),
    ("核", "已核定未撥"),
    ("匡", "已匡列未核定"),
    ("餘", "可用餘額"),
    ("凍", "凍結"),
    ("刪", "刪減"),
]


def pieces(balance: Balance) -> list[int]:
    """What becomes of the money that calls may give, in the order of ``PIECES``: together ``base``.

    What was set aside beyond what is available has no money and no place in the drawing.
    """
    left, used = max(0, balance.available), []
    for amount in (balance.paid, balance.outstanding, balance.uncommitted, max(0, balance.free)):
        used.append(min(amount, left))
        left -= used[-1]
    return [*used, balance.frozen, balance.cut]


@dataclass(slots=True)
class Line:
    """One part on the page. ``cells``: (column, label, dollars); ``advice``: what to do where too much is set aside."""

    part: PlanPart
    depth: int
    asked: int
    balance: Balance
    cells: list[tuple[str, str, int]]
    over: list[CallFunding] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return max(0, -self.balance.free)


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One part of B005 in 千元: (asked, approved) for each category, and in all."""

    part: PlanPart
    depth: int
    amounts: list[tuple[int, int]]
    asked: int
    approved: int


@dataclass(frozen=True, slots=True)
class BudgetPage:
    """A plan's year. ``categories``: those of B005 that the year uses, in its order."""

    book: Ledger
    lines: list[Line]
    categories: list[str]
    by_category: list[CategoryLine]
    measures: list[BudgetMeasure]

    @property
    def names(self) -> list[tuple[str, str]]:
        """The parts of the drawing."""
        return PIECES

    @property
    def bars(self) -> list[Bar]:
        """How the money of the sub-programmes stands, for ``components/stack.html``."""
        shown = [line for line in self.lines if line.depth == 1 and line.balance.base]
        return stacks([(line.part.number, pieces(line.balance)) for line in shown], PIECES)


def budget_page(plan: Plan, year: int) -> BudgetPage:
    """The ledger of a year by part, with B005 by category and the year's measures. Nine queries, whatever the rows."""
    book = ledger(plan)
    leaves: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    rows = BudgetAmount.objects.filter(part__plan=plan, year=year).order_by()
    for pk, stage, category, amount in rows.values_list("part", "stage", "category", "amount"):
        leaves[stage, category][pk] = amount
    sums = {key: book.tree.sums(own) for key, own in leaves.items()}
    used = [c for c in BudgetCategory if any((stage, c) in sums for stage in BudgetStage)]
    lines, by_category = [], []
    for part in book.parts.values():
        amounts = [
            (
                sums.get((BudgetStage.ASKED, c), {}).get(part.pk, 0),
                sums.get((BudgetStage.APPROVED, c), {}).get(part.pk, 0),
            )
            for c in used
        ]
        depth = len(book.tree.above[part.pk]) - 1
        asked, approved = sum(a for a, _ in amounts), sum(b for _, b in amounts)
        by_category.append(CategoryLine(part, depth, amounts, asked, approved))
        balance = book.at(part, year)
        lines.append(
            Line(
                part,
                depth,
                asked * THOUSAND,
                balance,
                [(key, label, number(balance)) for key, label, number in COLUMNS],
                book.fundings_of(part, year) if balance.free < 0 else [],
            )
        )
    measures = BudgetMeasure.objects.filter(part__plan=plan, year=year).select_related("part", "created_by")
    return BudgetPage(
        book, lines, [c.label for c in used], by_category, list(measures.order_by("-created_at"))
    )


# Rows behind a number --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a row: words or a number, with a link where there is one, below the head ``label``."""

    value: str | int
    url: str = ""
    label: str = ""

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows behind a number of the ledger. ``total``: that number. ``note``: how it comes about, in words."""

    title: str
    head: tuple[str, ...]
    rows: list[list[Cell]] | QuerySet[Any]
    total: int
    empty: str
    note: str = ""
    row: Callable[[Any], list[Cell]] = field(default=lambda row: row)

    def cells(self, row: Any) -> list[Cell]:
        """A row with the head of each cell."""
        return [replace(cell, label=head) for cell, head in zip(self.row(row), self.head, strict=True)]


def money_url(call: Any) -> str:
    """The page of a call's money."""
    return reverse("budget:call", args=[call.slug])


def rows_behind(plan: Plan, part: PlanPart, year: int, kind: str) -> Rows:
    """The rows of a number. Raises KeyError for a kind that the ledger doesn't have. Nine queries at most."""
    return _KINDS[kind](ledger(plan), part, year)


def _budget(stage: str) -> Callable[[Ledger, PlanPart, int], Rows]:
    def rows(book: Ledger, part: PlanPart, year: int) -> Rows:
        found = list(
            BudgetAmount.objects.filter(part__in=book.tree.below[part.pk], year=year, stage=stage)
            .select_related("part")
            .order_by("part__position", "category")
        )
        return Rows(
            f"{BudgetStage(stage).label}（B005）",
            ("計畫項目", "科目", "千元", "元", "出處"),
            [
                [
                    Cell(str(a.part)),
                    Cell(a.get_category_display()),
                    Cell(a.amount),
                    Cell(a.amount * THOUSAND),
                    Cell(a.source),
                ]
                for a in found
            ],
            sum(a.amount for a in found) * THOUSAND,
            "這一年沒有編列。",
        )

    return rows


def _subsidy(book: Ledger, part: PlanPart, year: int) -> Rows:
    row = book.subsidies.get(year, {}).get(part.pk)
    balance = book.at(part, year)
    return Rows(
        "可給徵案的經費",
        ("計畫項目", "元", "依據"),
        [
            [
                Cell(str(part)),
                Cell(balance.base),
                Cell(row.source if row else "未另訂補助款：核定經費全數可給徵案"),
            ]
        ],
        balance.base,
        "",
        "凍結與刪減以核定經費為準，補助款依比例承擔（無條件進位）。" if row else "",
    )


def _measures(kind: str) -> Callable[[Ledger, PlanPart, int], Rows]:
    def rows(book: Ledger, part: PlanPart, year: int) -> Rows:
        balance = book.at(part, year)
        found = [m for m in book.measures_on(part, year) if m.kind == kind]
        lines = []
        for measure in found:
            alone = book.under([measure]).at(part, year)
            lines.append(
                [
                    Cell(measure.words, reverse("budget:measure", args=[book.plan.code, measure.pk])),
                    Cell(str(measure.part)),
                    Cell(alone.base - alone.available),
                    Cell(measure.reason),
                ]
            )
        return Rows(
            "刪減" if kind == rules.CUT else "凍結",
            ("措施", "施於", "這個項目承擔（元）", "依據與理由"),
            lines,
            balance.cut if kind == rules.CUT else balance.frozen,
            "沒有生效的措施。",
            "施於上層的措施由下層依核定經費的比例承擔，無條件進位；合計不超過可給徵案的經費，刪減先算。",
        )

    return rows


def _calls(book: Ledger, part: PlanPart, year: int) -> Rows:
    lines = []
    for funding in book.fundings_of(part, year):
        standing = book.standing(funding)
        lines.append(
            [
                Cell(funding.call.name, money_url(funding.call)),
                Cell(str(funding.part)),
                Cell(stage_of(funding.call)),
                Cell(standing.committed),
                Cell(standing.left),
                Cell(standing.held),
            ]
        )
    return Rows(
        "匡列給徵案",
        ("徵案", "經費來源", "進度", "已核定補助（元）", "還可核定（元）", "匡列（元）"),
        lines,
        book.at(part, year).enveloped,
        "還沒有徵案從這裡取得經費。",
        "徵案結案後，未核定的額度不再匡列。",
    )


def _awards(book: Ledger, part: PlanPart, year: int) -> Rows:
    calls = {f.call_id: f.call for f in book.fundings_of(part, year)}
    return Rows(
        "已核定補助",
        ("案件", "說明", "徵案", "元"),
        [
            [
                Cell(row.label, row.url),
                Cell(row.detail),
                Cell(calls[row.call].name, money_url(calls[row.call])),
                Cell(calls[row.call].dollars(int(row.value))),
            ]
            for row in feeds.awards(list(calls))
        ],
        book.at(part, year).committed,
        "還沒有核定的案件。",
    )


def _entries(kind: str) -> Callable[[Ledger, PlanPart, int], Rows]:
    def rows(book: Ledger, part: PlanPart, year: int) -> Rows:
        calls = [f.call_id for f in book.fundings_of(part, year)]
        balance = book.at(part, year)
        return Rows(
            EntryKind(kind).label,
            ("日期", "徵案", "憑證", "說明", "元"),
            MoneyEntry.objects.filter(call__in=calls, kind=kind).select_related("call").order_by("on", "pk"),
            balance.paid if kind == EntryKind.PAID else balance.returned,
            "還沒有登錄。",
            row=lambda entry: [
                Cell(roc(entry.on)),
                Cell(entry.call.name, money_url(entry.call)),
                Cell(entry.reference),
                Cell(("沖銷：" if entry.reverses_id else "") + entry.note),
                Cell(entry.amount),
            ],
        )

    return rows


def _free(book: Ledger, part: PlanPart, year: int) -> Rows:
    chain = book.chain(part, year)
    least = min(balance.free for _, balance in chain)
    return Rows(
        "可用餘額",
        ("計畫項目", "可給徵案（元）", "刪減（元）", "凍結（元）", "已匡列（元）", "可用餘額（元）"),
        [
            [Cell(str(at)), Cell(b.base), Cell(b.cut), Cell(b.frozen), Cell(b.enveloped), Cell(b.free)]
            for at, b in chain
        ],
        book.at(part, year).free,
        "",
        f"可用餘額＝可給徵案－刪減－凍結－已匡列。新的徵案同時受上層限制，目前最多可再匡列 {fmt(max(0, least))} 元。",
    )


_KINDS: dict[str, Callable[[Ledger, PlanPart, int], Rows]] = {
    "asked": _budget(BudgetStage.ASKED),
    "approved": _budget(BudgetStage.APPROVED),
    "subsidy": _subsidy,
    "cut": _measures(rules.CUT),
    "frozen": _measures(rules.FREEZE),
    "calls": _calls,
    "awards": _awards,
    "paid": _entries(EntryKind.PAID),
    "returned": _entries(EntryKind.RETURNED),
    "free": _free,
}
KINDS = tuple(_KINDS)
