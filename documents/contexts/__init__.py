"""What each kind of document needs to be typeset: one frozen dataclass a kind.

A caller builds the class of its kind and hands it to ``services.request_document(context=…)``. Building
validates (:class:`ContextError`, in Chinese where a person may see it); ``as_json`` freezes it into the
row and ``load`` reads it back in the worker. Money is whole New Taiwan dollars. Dates are ``date``,
times are aware ``datetime`` in Taipei time. Nothing here knows where the values come from.

Worded kinds (letters, contract) also say which fields the office may use in their wording (``PLACEHOLDERS``)
and which tables (``BLOCKS``) may stand on a line of their own; ``names`` has what the office calls them.
"""

from __future__ import annotations

from typing import Any

from documents.contexts.base import CaseContext, Context, ContextError, OwnLetterhead, OwnWording, build
from documents.contexts.letters import (
    CONTRACT_ANNEXES,
    ApprovalContext,
    ContractContext,
    GrantContext,
    RejectionContext,
    ReserveContext,
    ReturnContext,
    SupplementContext,
)
from documents.contexts.pieces import (
    AccountAmount,
    AllocationRow,
    Attendee,
    Bar,
    Block,
    Chapter,
    CheckGroup,
    CheckItem,
    Column,
    CriterionLine,
    InstalmentPart,
    MinuteItem,
    Pair,
    Reason,
    ReceiptFile,
    Recipient,
    Suggestion,
    SupplementItem,
    facts,
    gantt,
    table,
    text,
)
from documents.contexts.records import (
    CaseBookContext,
    MinutesContext,
    PlanContext,
    PlanReportContext,
    ReceiptContext,
    ScoreSheetContext,
    SelfCheckContext,
)
from documents.enums import DocumentKind

CONTEXTS: dict[DocumentKind, type[Context]] = {
    cls.kind: cls
    for cls in (
        ReceiptContext,
        PlanContext,
        PlanReportContext,
        SelfCheckContext,
        SupplementContext,
        ReturnContext,
        ApprovalContext,
        RejectionContext,
        ReserveContext,
        ContractContext,
        MinutesContext,
        ScoreSheetContext,
        CaseBookContext,
    )
}


def load(kind: str, data: dict[str, Any]) -> Context:
    """The context of ``kind`` from its JSON; raises ContextError where a value is missing or wrong."""
    try:
        return build(CONTEXTS[DocumentKind(kind)], data)
    except (KeyError, TypeError) as error:
        raise ContextError(f"文件內容不完整：{error}") from error


__all__ = (
    "CONTEXTS",
    "CONTRACT_ANNEXES",
    "AccountAmount",
    "AllocationRow",
    "ApprovalContext",
    "Attendee",
    "Bar",
    "Block",
    "CaseBookContext",
    "CaseContext",
    "Chapter",
    "CheckGroup",
    "CheckItem",
    "Column",
    "Context",
    "ContextError",
    "ContractContext",
    "CriterionLine",
    "GrantContext",
    "InstalmentPart",
    "MinuteItem",
    "MinutesContext",
    "OwnLetterhead",
    "OwnWording",
    "Pair",
    "PlanContext",
    "PlanReportContext",
    "Reason",
    "ReceiptContext",
    "ReceiptFile",
    "Recipient",
    "RejectionContext",
    "ReserveContext",
    "ReturnContext",
    "ScoreSheetContext",
    "SelfCheckContext",
    "Suggestion",
    "SupplementContext",
    "SupplementItem",
    "facts",
    "gantt",
    "load",
    "table",
    "text",
)
