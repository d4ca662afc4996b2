"""What each kind of document needs to be typeset: one frozen dataclass a kind.

A caller builds the class of its kind and hands it to ``services.request_document(context=…)``. Building
validates (:class:`ContextError`, in Chinese where a person may see it); ``as_json`` freezes it into the
row and ``load`` reads it back in the worker. Money is whole New Taiwan dollars. Dates are ``date``,
times are aware ``datetime`` in Taipei time. Nothing here knows where the values come from.

Worded kinds (letters, contract) also say which ``{{placeholders}}`` the office may use in their wording
(``PLACEHOLDERS``: name → what it is) and which tables (``BLOCKS``) may stand on a line of their own.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from core import money, rocdate
from documents.enums import DocumentKind


class ContextError(ValueError):
    """A context that would make a wrong document; the message says which value."""


def _require(ok: bool, message: str) -> None:
    if not ok:
        raise ContextError(message)


def _filled(instance: Any, *names: str) -> None:
    for name in names:
        value = getattr(instance, name)
        ok = bool(value.strip() if isinstance(value, str) else value)
        _require(ok, f"{type(instance).__name__}.{name} 不可空白")


def _dollars(*amounts: int) -> None:
    for amount in amounts:
        _require(isinstance(amount, int) and not isinstance(amount, bool), "金額須為整數（元）")
        _require(amount >= 0, "金額不可為負數")


# ---- pieces -------------------------------------------------------------------------------------


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
        _filled(self, "account")
        _dollars(self.subsidy, self.own_share)

    @property
    def total(self) -> int:
        """Subsidy and own share together, in dollars."""
        return self.subsidy + self.own_share


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
        _require(len(self.sha256) == 64, "檔案雜湊值須為 64 個十六進位字元")


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
        _require(self.align in ("start", "end", "center"), "欄位對齊方式須為 start、end 或 center")
        _require(self.width == 0 or 4 <= self.width <= 60, "欄寬為 4 到 60 的百分比，或 0")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Gantt chart, both days included; ``checkpoint`` is what is shown at its end."""

    name: str
    starts_on: date
    ends_on: date
    checkpoint: str = ""

    def __post_init__(self) -> None:
        _require(self.starts_on <= self.ends_on, f"「{self.name}」的開始日不可晚於結束日")


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
        _require(self.type in ("text", "table", "facts", "gantt"), "不認得的段落種類")
        if self.type == "table":
            _require(bool(self.columns), f"表格「{self.title}」沒有欄位")
            for row in (*self.rows, *([self.totals] if self.totals else [])):
                _require(len(row) == len(self.columns), f"表格「{self.title}」有一列的欄數不符")
        if self.type == "gantt":
            _require(
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
        _dollars(self.requested, self.approved)


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


# ---- kinds --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Context:
    """Base of every kind. ``reference`` is the case number (or the meeting's name) for lists and mail."""

    kind: ClassVar[DocumentKind]
    PLACEHOLDERS: ClassVar[dict[str, str]] = {}
    BLOCKS: ClassVar[dict[str, str]] = {}

    @property
    def reference(self) -> str:
        """What the office finds the document by."""
        return str(getattr(self, "case_number", ""))

    @property
    def title(self) -> str:
        """The document's subject when no wording gives one."""
        parts = (getattr(self, "company_name", ""), self.kind.label)
        return " ".join(part for part in parts if part)

    def values(self) -> dict[str, str]:
        """The text for each of ``PLACEHOLDERS``."""
        return {}

    def as_json(self) -> dict[str, Any]:
        """JSON-ready, read back by :func:`load`."""
        plain = _dump(self)
        assert isinstance(plain, dict)
        return plain


_CASE_WORDS = {
    "case_number": "案號",
    "company_name": "公司名稱",
    "call_name": "補助名稱（含年度）",
    "plan_title": "計畫名稱",
}


@dataclass(frozen=True)
class CaseContext(Context):
    """Base of what concerns one case."""

    case_number: str
    company_name: str
    call_name: str
    plan_title: str

    def __post_init__(self) -> None:
        _filled(self, "case_number", "company_name", "call_name")

    def values(self) -> dict[str, str]:
        """Case number, company, call and plan."""
        return {name: str(getattr(self, name)) for name in _CASE_WORDS}


@dataclass(frozen=True)
class SupplementContext(CaseContext):
    """Q2: what is missing or wrong, and by when. ``extension_days`` are working days at most."""

    kind = DocumentKind.SUPPLEMENT
    PLACEHOLDERS = _CASE_WORDS | {
        "received_on": "收件日期",
        "due_on": "補件期限",
        "item_count": "應補項目數",
        "extension_days": "最多得展延的工作日數",
    }
    BLOCKS = {"items_table": "應補正項目表"}

    received_on: date
    due_on: date
    items: tuple[SupplementItem, ...]
    extension_days: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(bool(self.items), "補件通知至少要有一個項目")
        _require(self.due_on >= self.received_on, "補件期限不可早於收件日期")

    def values(self) -> dict[str, str]:
        """Dates in full ROC form."""
        return super().values() | {
            "received_on": rocdate.roc_long(self.received_on),
            "due_on": rocdate.roc_long(self.due_on),
            "item_count": str(len(self.items)),
            "extension_days": str(self.extension_days),
        }


@dataclass(frozen=True)
class ReturnContext(CaseContext):
    """Q3: not eligible, or not supplemented in time."""

    kind = DocumentKind.RETURN
    PLACEHOLDERS = _CASE_WORDS | {"received_on": "收件日期"}
    BLOCKS = {"reasons_list": "退件理由（逐項）"}

    received_on: date
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(bool(self.reasons), "退件函至少要有一項理由")

    def values(self) -> dict[str, str]:
        """Dates in full ROC form."""
        return super().values() | {"received_on": rocdate.roc_long(self.received_on)}


_MONEY_WORDS = {
    "subsidy": "核定補助款（元，數字）",
    "subsidy_words": "核定補助款（國字大寫）",
    "own_share": "公司配合款（元，數字）",
    "own_share_words": "公司配合款（國字大寫）",
    "total": "計畫總經費（元，數字）",
    "total_words": "計畫總經費（國字大寫）",
    "first_instalment": "第一期款（元）",
    "first_instalment_words": "第一期款（國字大寫）",
    "second_instalment": "第二期款（元）",
    "second_instalment_words": "第二期款（國字大寫）",
    "starts_on": "計畫開始日",
    "ends_on": "計畫截止日",
}


@dataclass(frozen=True)
class GrantContext(CaseContext):
    """Base of approval and contract: amounts by account and the period. P1/P2: two instalments of 50 %."""

    amounts: tuple[AccountAmount, ...]
    starts_on: date | None
    ends_on: date

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.subsidy > 0, "核定補助款須大於 0 元")
        _require(self.starts_on is None or self.starts_on <= self.ends_on, "計畫開始日不可晚於截止日")

    @property
    def subsidy(self) -> int:
        """Approved subsidy over all accounts, in dollars."""
        return sum(row.subsidy for row in self.amounts)

    @property
    def own_share(self) -> int:
        """The company's share over all accounts, in dollars."""
        return sum(row.own_share for row in self.amounts)

    @property
    def total(self) -> int:
        """Everything, in dollars."""
        return self.subsidy + self.own_share

    @property
    def first_instalment(self) -> int:
        """P1: half of the subsidy, an odd dollar left to the second, in dollars."""
        return self.subsidy // 2

    @property
    def second_instalment(self) -> int:
        """P2: the rest, in dollars."""
        return self.subsidy - self.first_instalment

    def values(self) -> dict[str, str]:
        """Amounts as figures and in words; the start is the signing day when none is fixed (T5)."""
        result = super().values()
        for name in ("subsidy", "own_share", "total", "first_instalment", "second_instalment"):
            result[name] = money.fmt(getattr(self, name))
            result[f"{name}_words"] = money.in_words(getattr(self, name))
        result["starts_on"] = rocdate.roc_long(self.starts_on) if self.starts_on else "簽約日"
        result["ends_on"] = rocdate.roc_long(self.ends_on)
        return result


@dataclass(frozen=True)
class ApprovalContext(GrantContext):
    """A1, A2: what was approved, the suggestions, and by when to sign (C1)."""

    kind = DocumentKind.APPROVAL
    PLACEHOLDERS = (
        _CASE_WORDS
        | _MONEY_WORDS
        | {"meeting_on": "決審會議日期", "sign_by": "簽約期限", "annex_note": "附件說明"}
    )
    BLOCKS = {"amounts_table": "核定經費表"}

    meeting_on: date
    sign_by: date
    suggestions: tuple[Suggestion, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.sign_by >= self.meeting_on, "簽約期限不可早於決審會議")

    def values(self) -> dict[str, str]:
        """Grant values, meeting, signing period; ``annex_note`` is empty without suggestions."""
        return super().values() | {
            "meeting_on": rocdate.roc_long(self.meeting_on),
            "sign_by": rocdate.roc_long(self.sign_by),
            "annex_note": "審查委員建議意見一份" if self.suggestions else "",
        }


@dataclass(frozen=True)
class RejectionContext(CaseContext):
    """A2: not subsidised, with the reasons and the reviewers' suggestions."""

    kind = DocumentKind.REJECTION
    PLACEHOLDERS = _CASE_WORDS | {"meeting_on": "決審會議日期", "annex_note": "附件說明"}
    BLOCKS = {"reasons_list": "未獲補助理由（逐項）"}

    meeting_on: date
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...] = ()

    def values(self) -> dict[str, str]:
        """Case values and the meeting."""
        return super().values() | {
            "meeting_on": rocdate.roc_long(self.meeting_on),
            "annex_note": "審查委員建議意見一份" if self.suggestions else "",
        }


@dataclass(frozen=True)
class ContractContext(GrantContext):
    """The subsidy contract with its annexes (C3). ``annexes`` empty takes the nine of the clause."""

    kind = DocumentKind.CONTRACT
    PLACEHOLDERS = (
        _CASE_WORDS
        | _MONEY_WORDS
        | {"sign_by": "簽約期限", "ubn": "統一編號", "approval_number": "核定函文號"}
    )
    BLOCKS = {"amounts_table": "經費表", "annex_list": "契約附件清單"}

    ubn: str
    representative: str
    company_address: str
    sign_by: date
    approval_number: str = ""
    annexes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _filled(self, "ubn")

    def values(self) -> dict[str, str]:
        """Grant values, the parties and the approval letter."""
        return super().values() | {
            "sign_by": rocdate.roc_long(self.sign_by),
            "ubn": self.ubn,
            "approval_number": self.approval_number or "核定補助函",
        }

    @property
    def annex_titles(self) -> tuple[str, ...]:
        """C3: the documents that are part of the contract."""
        return self.annexes or CONTRACT_ANNEXES


CONTRACT_ANNEXES = (
    "簽約文件自我檢查表",
    "依核定經費與審查建議修改後之計畫書",
    "企業數位人才實作培育補助聲明書",
    "補助款契約書",
    "利益迴避聲明書",
    "保密切結書",
    "個資安全管理措施說明表",
    "個資安全管理措施自評表",
    "銀行電匯申請表",
)


@dataclass(frozen=True)
class ReceiptContext(CaseContext):
    """What was received and when, every file with its hash."""

    kind = DocumentKind.RECEIPT

    submitted_at: datetime
    submitted_by: str
    files: tuple[ReceiptFile, ...]
    ubn: str = ""
    subsidy: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.submitted_at.tzinfo is not None, "送件時間須帶時區")


@dataclass(frozen=True)
class PlanContext(CaseContext):
    """The plan book (D2): ``cover`` facts on the first page, then chapters of generic blocks."""

    kind = DocumentKind.PLAN

    ends_on: date
    starts_on: date | None = None
    cover: tuple[Pair, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    heading: str = "申請計畫書"

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(bool(self.chapters), "計畫書至少要有一章")


@dataclass(frozen=True)
class SelfCheckContext(CaseContext):
    """The self-check list (D1)."""

    kind = DocumentKind.SELF_CHECK

    groups: tuple[CheckGroup, ...]
    declared_by: str = ""
    declared_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class MinutesContext(Context):
    """Minutes of a decision meeting with the adopted allocation. Amounts in dollars."""

    kind = DocumentKind.MINUTES

    meeting_name: str
    call_name: str
    held_at: datetime
    place: str
    chair: str
    recorder: str
    attendees: tuple[Attendee, ...]
    items: tuple[MinuteItem, ...]
    allocations: tuple[AllocationRow, ...]
    envelope: int
    scenario: str = ""

    def __post_init__(self) -> None:
        _filled(self, "meeting_name", "call_name")
        _dollars(self.envelope)
        _require(self.approved_total <= self.envelope, "核定總額超過可用經費，不能製作會議紀錄")

    @property
    def reference(self) -> str:
        """Minutes have no case number."""
        return self.meeting_name[:40]

    @property
    def title(self) -> str:
        """The meeting's name."""
        return f"{self.meeting_name}紀錄"

    @property
    def approved_total(self) -> int:
        """Sum of the approved amounts, in dollars."""
        return sum(row.approved for row in self.allocations)

    @property
    def requested_total(self) -> int:
        """Sum of the requested amounts, in dollars."""
        return sum(row.requested for row in self.allocations)

    @property
    def remaining(self) -> int:
        """What is left of the envelope, in dollars."""
        return self.envelope - self.approved_total


@dataclass(frozen=True)
class ScoreSheetContext(CaseContext):
    """One reviewer's sheet on one case, for signature."""

    kind = DocumentKind.SCORE_SHEET

    reviewer_name: str
    panel_name: str
    criteria: tuple[CriterionLine, ...]
    total_score: str
    amounts: tuple[Pair, ...] = ()
    comment_applicant: str = ""
    comment_panel: str = ""
    submitted_at: datetime | None = None
    requested: int = 0
    recommended: int = 0


@dataclass(frozen=True)
class CaseBookContext(CaseContext):
    """Cover and contents of the merged case; the contents are the attachments, in order."""

    kind = DocumentKind.CASE_BOOK

    cover: tuple[Pair, ...] = ()
    note: str = ""


CONTEXTS: dict[DocumentKind, type[Context]] = {
    cls.kind: cls
    for cls in (
        ReceiptContext,
        PlanContext,
        SelfCheckContext,
        SupplementContext,
        ReturnContext,
        ApprovalContext,
        RejectionContext,
        ContractContext,
        MinutesContext,
        ScoreSheetContext,
        CaseBookContext,
    )
}


# ---- JSON ---------------------------------------------------------------------------------------

T = TypeVar("T")
_hints: dict[type, dict[str, Any]] = {}


def _dump(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _dump(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [_dump(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        raise ContextError("文件內容的數字須先寫成文字或整數（元）")
    return value


def _read(wanted: Any, value: Any) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _read(next(a for a in get_args(wanted) if a is not type(None)), value)
    if origin is tuple:
        return tuple(_read(get_args(wanted)[0], item) for item in value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return _build(wanted, value)
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is date:
        return date.fromisoformat(value)
    return value


def _build(cls: type[T], data: dict[str, Any]) -> T:
    if cls not in _hints:
        _hints[cls] = get_type_hints(cls)
    return cls(**{f.name: _read(_hints[cls][f.name], data[f.name]) for f in fields(cls) if f.name in data})  # type: ignore[arg-type]


def load(kind: str, data: dict[str, Any]) -> Context:
    """The context of ``kind`` from its JSON; raises ContextError where a value is missing or wrong."""
    try:
        return _build(CONTEXTS[DocumentKind(kind)], data)
    except (KeyError, TypeError) as error:
        raise ContextError(f"文件內容不完整：{error}") from error
