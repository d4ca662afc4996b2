"""Transition tables of the case and of a supplement notice (114 參.一, 參.二)."""

from __future__ import annotations

from applications.enums import CaseState as S
from applications.enums import SupplementState as P
from core.workflow import Machine, row

CASE = Machine(
    name="case",
    initial=S.DRAFT,
    transitions=(
        row("submit", S.DRAFT, S.SUBMITTED, by="applicant", label="送出申請"),
        row("request_supplement", S.SUBMITTED, S.SUPPLEMENTING, by="office", label="通知補件"),
        row("answer_supplement", S.SUPPLEMENTING, S.SUBMITTED, by="applicant", label="送出補件"),
        row("qualify", S.SUBMITTED, S.QUALIFIED, by="office", label="初審符合"),
        row("return", [S.SUBMITTED, S.SUPPLEMENTING], S.RETURNED, by="office", label="退件"),
        row("start_review", S.QUALIFIED, S.IN_REVIEW, by="office", label="送專業審查"),
        row("close_review", S.IN_REVIEW, S.REVIEWED, by="chair", label="專業審查完成"),
        row("reopen_review", S.REVIEWED, S.IN_REVIEW, by="chair", label="重啟審查"),
        row("approve", [S.REVIEWED, S.RESERVED], S.APPROVED, by="supervisor", label="核定通過"),
        row("reserve", S.REVIEWED, S.RESERVED, by="supervisor", label="列為備取"),
        row("reject", S.REVIEWED, S.REJECTED, by="supervisor", label="核定不通過"),
        row("forfeit", [S.APPROVED, S.RESERVED], S.FORFEITED, by="office", label="放棄"),
        row(
            "withdraw",
            [S.DRAFT, S.SUBMITTED, S.SUPPLEMENTING, S.QUALIFIED, S.IN_REVIEW, S.REVIEWED],
            S.WITHDRAWN,
            by="applicant",
            label="撤案",
        ),
    ),
    turn={
        S.DRAFT: "applicant",
        S.SUBMITTED: "office",
        S.SUPPLEMENTING: "applicant",
        S.QUALIFIED: "office",
        S.IN_REVIEW: "reviewer",
        S.REVIEWED: "office",
        S.APPROVED: "applicant",
    },
)

SUPPLEMENT = Machine(
    name="supplement",
    initial=P.OPEN,
    transitions=(
        row("answer", P.OPEN, P.ANSWERED, by="applicant", label="送出補件"),
        row("expire", P.OPEN, P.EXPIRED, by="system", label="逾期"),
    ),
    turn={P.OPEN: "applicant"},
)
