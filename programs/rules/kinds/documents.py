"""The document kind: D1–D8. Required or not, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.findings import Finding
from programs.rules.conditions import document_required
from programs.rules.facts import CaseFacts, Eligibility
from programs.rules.kinds.eligibility import DECLARATIONS
from programs.rules.kinds.registry import Context, holds, kind, missing
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@dataclass(frozen=True, slots=True)
class DocumentParams:
    """``item``: the document's code. ``declaration``: the eligibility answer that decides about it."""

    item: str = field(metadata=words("哪一份文件", "從「應備文件」那一頁列出的文件選。", refers="documents"))
    declaration: str = field(
        default="",
        metadata=words(
            "先要回答的聲明",
            "這份文件要不要附，由申請單位對這一題的回答決定。",
            options=DECLARATIONS,
            blank="不用先回答",
        ),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        problems = []
        if self.item not in {d.code for d in terms.documents}:
            problems.append(f"item: 沒有文件「{self.item}」")
        if self.declaration and self.declaration not in Eligibility.__dataclass_fields__:
            problems.append(f"declaration: 沒有欄位「{self.declaration}」")
        return problems


@kind(
    "document",
    DocumentParams,
    title="應備文件",
    says="檢查某一份應備文件是否已經附上；什麼情況要附，寫在「應備文件」那一頁。",
    group="D",
)
def document(params: DocumentParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """A document that the case needs has been handed in (or is typeset by the portal)."""
    item = context.terms.document(params.item)
    where = f"documents.{item.code}"
    findings: list[Finding] = []
    if context.full and params.declaration and getattr(facts.eligibility, params.declaration) is None:
        ask = "請說明申請單位是否為公職人員或關係人。"
        findings.append(missing(rule, f"eligibility.{params.declaration}", ask))
    if facts.documents is None and not context.full:
        return findings
    if item.made_by == "portal":
        return [*findings, holds(rule, where, f"「{item.label}」由系統產生。")]
    required, why = document_required(context.terms, item, facts)
    files = sum(d.files for d in facts.documents or () if d.code == item.code)
    if files > 0:
        findings.append(holds(rule, where, f"「{item.label}」已上傳 {files} 個檔案。", {"files": files}))
    elif required:
        findings.append(missing(rule, where, f"請上傳「{item.label}」（{why}）。"))
    elif required is False:
        findings.append(holds(rule, where, f"「{item.label}」：{why}。"))
    return findings
