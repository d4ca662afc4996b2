"""The parts that contexts are made of."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from datetime import date

from documents.contexts.base import dollars, filled, require


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a document goes, as printed: 受文者, postal code and address ("" where unknown)."""

    name: str
    postal_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AccountAmount:
    """One account (會計科目): approved subsidy and the company's own share, in dollars."""

    account: str
    subsidy: int
    own_share: int

    def __post_init__(self) -> None:
        filled(self, "account")
        dollars(self.subsidy, self.own_share)

    @property
    def total(self) -> int:
        """Subsidy and own share together, in dollars."""
        return self.subsidy + self.own_share


@dataclass(frozen=True, slots=True)
class InstalmentPart:
    """One payment as a letter names it: its label, dollars, and when it is due."""

    label: str
    amount: int
    condition: str


@dataclass(frozen=True, slots=True)
class SupplementItem:
    """What is to be handed in or mended: document or rule code (``D6``), its name, the reason, the clause."""

    code: str
    title: str
    reason: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused, with the rule and clause that say so ("" where none does)."""

    text: str
    rule: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reviewers' suggestion under the heading of its criterion ("" for a general one)."""

    text: str
    criterion: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A file as received: item code and title, the file's name, size in bytes and SHA-256 (hex)."""

    code: str
    title: str
    name: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        require(len(self.sha256) == 64, "檔案雜湊值須為 64 個十六進位字元")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value, for fact lists."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column. ``align``: start, end or center; ``width`` 4 to 60 percent, 0: as it comes."""

    label: str
    align: str = "start"
    width: int = 0

    def __post_init__(self) -> None:
        require(self.align in ("start", "end", "center"), "欄位對齊方式須為 start、end 或 center")
        require(self.width == 0 or 4 <= self.width <= 60, "欄寬為 4 到 60 的百分比，或 0")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Gantt chart, both days included; ``checkpoint`` is what is shown at its end."""

    name: str
    starts_on: date
    ends_on: date
    checkpoint: str = ""

    def __post_init__(self) -> None:
        require(self.starts_on <= self.ends_on, f"「{self.name}」的開始日不可晚於結束日")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a chapter. Build it with :func:`text`, :func:`table`, :func:`facts` or :func:`gantt`."""

    type: str
    title: str = ""
    text: str = ""
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    totals: tuple[str, ...] = ()
    note: str = ""
    pairs: tuple[Pair, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    bars: tuple[Bar, ...] = ()

    def __post_init__(self) -> None:
        require(self.type in ("text", "table", "facts", "gantt"), "不認得的段落種類")
        if self.type == "table":
            require(bool(self.columns), f"表格「{self.title}」沒有欄位")
            for row in (*self.rows, *([self.totals] if self.totals else [])):
                require(len(row) == len(self.columns), f"表格「{self.title}」有一列的欄數不符")
        if self.type == "gantt":
            require(
                self.starts_on is not None and self.ends_on is not None and self.starts_on <= self.ends_on,
                f"進度表「{self.title}」的期間不正確",
            )


def text(body: str, title: str = "") -> Block:
    """Paragraphs: each line one."""
    return Block("text", title=title, text=body)


def table(
    title: str,
    columns: typing.Sequence[Column | str],
    rows: typing.Iterable[typing.Sequence[str]],
    *,
    totals: typing.Sequence[str] = (),
    note: str = "",
) -> Block:
    """A table; values are strings as they shall be printed (money with separators)."""
    return Block(
        "table",
        title=title,
        columns=tuple(Column(c) if isinstance(c, str) else c for c in columns),
        rows=tuple(tuple(str(v) for v in row) for row in rows),
        totals=tuple(str(v) for v in totals),
        note=note,
    )


def facts(pairs: typing.Iterable[tuple[str, str]], title: str = "") -> Block:
    """Labels with values in two columns."""
    return Block("facts", title=title, pairs=tuple(Pair(label, str(value)) for label, value in pairs))


def gantt(title: str, starts_on: date, ends_on: date, bars: typing.Iterable[Bar], note: str = "") -> Block:
    """A schedule drawn by month between two days."""
    return Block("gantt", title=title, starts_on=starts_on, ends_on=ends_on, bars=tuple(bars), note=note)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the plan book (壹、貳、… numbered by the template)."""

    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckItem:
    """A line of a check list: None means not applicable (無則免附)."""

    code: str
    text: str
    checked: bool | None
    copies: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Lines of a check list under one heading."""

    title: str
    items: tuple[CheckItem, ...]

    @property
    def papers(self) -> bool:
        """Whether the lines are papers to hand in, not rules to meet."""
        return any(item.copies for item in self.items)


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited to a meeting."""

    name: str
    organisation: str = ""
    role: str = ""
    present: bool = True


@dataclass(frozen=True, slots=True)
class MinuteItem:
    """An item of the agenda: what was reported or discussed, and what was decided."""

    title: str
    text: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """A line of the decision: ``score`` as printed; dollars; ``result`` such as 核定 or 未獲補助."""

    rank: int
    case_number: str
    company_name: str
    score: str
    requested: int
    approved: int
    result: str

    def __post_init__(self) -> None:
        dollars(self.requested, self.approved)


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion on a score sheet: weight in percent, the score given (as printed) of ``maximum``."""

    code: str
    title: str
    weight: int
    score: str
    weighted: str
    maximum: int = 100
    comment: str = ""
