"""Kinds whose wording the office edits: letters and the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from core import money, rocdate
from documents.contexts.base import CASE_WORDS, CaseContext, filled, require
from documents.contexts.pieces import (
    AccountAmount,
    InstalmentPart,
    Reason,
    Suggestion,
    SupplementItem,
)
from documents.enums import DocumentKind
from documents.rules.wording import han


@dataclass(frozen=True)
class SupplementContext(CaseContext):
    """Q2: what is missing or wrong, and by when. ``extension_days`` are working days at most."""

    kind = DocumentKind.SUPPLEMENT
    PLACEHOLDERS = (*CASE_WORDS, "received_on", "due_on", "item_count", "extension_days")
    BLOCKS = ("items_table",)

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
    PLACEHOLDERS = (*CASE_WORDS, "received_on")
    BLOCKS = ("reasons_list",)

    received_on: date
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        require(bool(self.reasons), "退件函至少要有一項理由")

    def values(self) -> dict[str, str]:
        """Dates in full ROC form."""
        return super().values() | {"received_on": rocdate.roc_long(self.received_on)}


_MONEY_WORDS = (
    "granted_words",
    "grant_sentence",
    "instalment_sentence",
    "reserve_sentence",
    "appeal_sentence",
    "promise_sentence",
    "subsidy",
    "subsidy_words",
    "own_share",
    "own_share_words",
    "total",
    "total_words",
    "first_instalment",
    "first_instalment_words",
    "second_instalment",
    "second_instalment_words",
    "starts_on",
    "ends_on",
)


@dataclass(frozen=True)
class GrantContext(CaseContext):
    """Base of approval and contract: amounts by account and the period. P1/P2: two instalments of 50 %.

    Where heads are granted, ``heads`` says how many with the unit, ``heads_noun`` of what, ``heads_asked`` how many
    were asked for, and ``amounts`` what they are worth (RA3). ``reserve_places``: the reserve list (RA8).
    ``appeal``: that the result can't be appealed, in the call's words (RA5). ``keeps_promises``: whether the
    contract may not promise less than the application (C2).
    """

    amounts: tuple[AccountAmount, ...]
    starts_on: date | None
    ends_on: date
    instalments: tuple[InstalmentPart, ...] = field(default=(), kw_only=True)
    heads: str = field(default="", kw_only=True)
    heads_asked: str = field(default="", kw_only=True)
    heads_noun: str = field(default="", kw_only=True)
    reserve_places: str = field(default="", kw_only=True)
    appeal: str = field(default="", kw_only=True)
    keeps_promises: bool = field(default=False, kw_only=True)

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
        result |= self._sentences()
        result["starts_on"] = rocdate.roc_long(self.starts_on) if self.starts_on else "簽約日"
        result["ends_on"] = rocdate.roc_long(self.ends_on)
        return result

    def _sentences(self) -> dict[str, str]:
        subsidy = money.in_words(self.subsidy)
        if self.heads:
            granted = f"{self.heads_noun}{self.heads}"
            sentence = f"本案核配{self.heads_noun}{self.heads}（申請{self.heads_asked}），補助經費以{subsidy}為上限，明細如下："
        else:
            granted = f"補助款{subsidy}"
            sentence = (
                f"本案核定計畫總經費{money.in_words(self.total)}，其中補助款{subsidy}、"
                f"{self.applicant}配合款{money.in_words(self.own_share)}，各會計科目金額如下："
            )
        reserve = (
            f"得另備取{self.heads_noun}{self.reserve_places}，以備缺額遞補；未能足額錄取者，請於知悉後即通知計畫辦公室，"
            "釋出的名額依審查排序遞補其他單位。"
            if self.reserve_places
            else ""
        )
        return {
            "granted_words": granted,
            "grant_sentence": sentence,
            "instalment_sentence": self._instalment_sentence(),
            "reserve_sentence": reserve,
            "appeal_sentence": self.appeal,
            "promise_sentence": (
                "修正後的培育時數、人數、薪資及報考等承諾，不得低於原申請計畫書。"
                if self.keeps_promises
                else ""
            ),
        }

    def _instalment_sentence(self) -> str:
        if not self.instalments:
            return ""
        parts = "；".join(
            f"{part.label}{money.in_words(part.amount)}，{part.condition}" for part in self.instalments
        )
        many = f"分{han(len(self.instalments))}期撥付：" if len(self.instalments) > 1 else "撥付方式："
        return f"補助款{many}{parts}。"


@dataclass(frozen=True)
class ApprovalContext(GrantContext):
    """A1, A2: what was approved, the suggestions, and by when to sign (C1)."""

    kind = DocumentKind.APPROVAL
    PLACEHOLDERS = (*CASE_WORDS, *_MONEY_WORDS, "meeting_on", "sign_by", "annex_note")
    BLOCKS = ("amounts_table",)

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
    PLACEHOLDERS = (*CASE_WORDS, "meeting_on", "annex_note", "appeal_sentence")
    BLOCKS = ("reasons_list",)

    meeting_on: date
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...] = ()
    appeal: str = ""

    def values(self) -> dict[str, str]:
        """Case values and the meeting."""
        return super().values() | {
            "appeal_sentence": self.appeal,
            "meeting_on": rocdate.roc_long(self.meeting_on),
            "annex_note": "審查委員建議意見一份" if self.suggestions else "",
        }


@dataclass(frozen=True)
class ReserveContext(CaseContext):
    """RA8: passed, and on the reserve list at ``place``; what others leave unused may come in that order."""

    kind = DocumentKind.RESERVE
    PLACEHOLDERS = (*CASE_WORDS, "meeting_on", "place", "asked", "noun", "annex_note", "appeal_sentence")

    meeting_on: date
    place: int
    asked: str
    noun: str
    suggestions: tuple[Suggestion, ...] = ()
    appeal: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.place > 0, "備取通知函要有遞補順位")

    def values(self) -> dict[str, str]:
        """Case values, the meeting and the place."""
        return super().values() | {
            "meeting_on": rocdate.roc_long(self.meeting_on),
            "place": str(self.place),
            "asked": self.asked,
            "noun": self.noun,
            "annex_note": "審查委員建議意見一份" if self.suggestions else "",
            "appeal_sentence": self.appeal,
        }


@dataclass(frozen=True)
class ContractContext(GrantContext):
    """The subsidy contract with its annexes (C3). ``annexes`` empty takes the clause's nine but the contract itself."""

    kind = DocumentKind.CONTRACT
    PLACEHOLDERS = (*CASE_WORDS, *_MONEY_WORDS, "sign_by", "ubn", "approval_number")
    BLOCKS = ("amounts_table", "annex_list")

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
    "利益迴避聲明書",
    "保密切結書",
    "個資安全管理措施說明表",
    "個資安全管理措施自評表",
    "銀行電匯申請表",
)
