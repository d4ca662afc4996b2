"""The way of a document from a durable row to an issued PDF."""

from core.workflow import Machine, row
from documents.enums import DocumentState as S

DOCUMENT_MACHINE = Machine(
    name="official_document",
    initial=S.PENDING,
    transitions=(
        row("start", S.PENDING, S.RENDERING, by="system", label="開始製作"),
        # A worker that died leaves RENDERING behind; whoever finds its lease over takes it up again.
        row("restart", S.RENDERING, S.RENDERING, by="system", label="重新接手製作"),
        row("release", S.RENDERING, S.PENDING, by="system", label="製作未成，稍後再試"),
        row("issue", S.RENDERING, S.ISSUED, by="system", label="發出"),
        row("fail", S.RENDERING, S.FAILED, by="system", label="製作失敗"),
        row("retry", S.FAILED, S.PENDING, by="office", label="重試"),
    ),
    turn={S.PENDING: "system", S.RENDERING: "system", S.FAILED: "office", S.ISSUED: ""},
)
