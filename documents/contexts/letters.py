"""Kinds whose wording the office edits: letters and the contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core import money, rocdate
from documents.contexts.base import CASE_WORDS, CaseContext, filled, require
from documents.contexts.pieces import (
    AccountAmount,
    Reason,
    Suggestion,
    SupplementItem,
)
from documents.enums import DocumentKind


@dataclass(frozen=True)
class SupplementContext(CaseContext):
    """Q2: what is missing or wrong, and by when. ``extension_days`` are working days at most."""

    kind = DocumentKind.SUPPLEMENT
    PLACEHOLDERS = CASE_WORDS | {
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
        require(bool(self.items), "補件通知至少要有一個項目")
        require(self.due_on >= self.received_on, "補件期限不可早於收件日期")

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
    PLACEHOLDERS = CASE_WORDS | {"received_on": "收件日期"}
    BLOCKS = {"reasons_list": "退件理由（逐項）"}

    received_on: date
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        require(bool(self.reasons), "退件函至少要有一項理由")

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
        require(self.subsidy > 0, "核定補助款須大於 0 元")
        require(self.starts_on is None or self.starts_on <= self.ends_on, "計畫開始日不可晚於截止日")

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
        CASE_WORDS
        | _MONEY_WORDS
        | {"meeting_on": "決審會議日期", "sign_by": "簽約期限", "annex_note": "附件說明"}
    )
    BLOCKS = {"amounts_table": "核定經費表"}

    meeting_on: date
    sign_by: date
    suggestions: tuple[Suggestion, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.sign_by >= self.meeting_on, "簽約期限不可早於決審會議")

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
    PLACEHOLDERS = CASE_WORDS | {"meeting_on": "決審會議日期", "annex_note": "附件說明"}
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
        CASE_WORDS
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
        filled(self, "ubn")

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
