"""Kinds and states of documents, with their official names."""

from django.db.models import TextChoices


class DocumentKind(TextChoices):
    """What a document is. ``DELIVERED`` are letters to somebody, numbered and verified by the public."""

    RECEIPT = "receipt", "收件回條"
    PLAN = "plan", "申請計畫書"
    SELF_CHECK = "self_check", "申請文件自我檢查表"
    SUPPLEMENT = "supplement", "補件通知函"
    RETURN = "return", "退件函"
    APPROVAL = "approval", "核定補助函"
    REJECTION = "rejection", "未獲補助通知函"
    RESERVE = "reserve", "備取通知函"
    CONTRACT = "contract", "補助款契約書"
    MINUTES = "minutes", "決審會議紀錄"
    SCORE_SHEET = "score_sheet", "審查評分表"
    CASE_BOOK = "case_book", "審查用合併卷"
    PLAN_REPORT = "plan_report", "計畫執行報告"


LETTER_KINDS = (
    DocumentKind.SUPPLEMENT,
    DocumentKind.RETURN,
    DocumentKind.APPROVAL,
    DocumentKind.REJECTION,
    DocumentKind.RESERVE,
)
# Kinds whose wording the office edits.
WORDED_KINDS = (*LETTER_KINDS, DocumentKind.CONTRACT)
# What the public page confirms: papers that a company shows to others. Score sheets stay inside.
VERIFIABLE_KINDS = (
    *WORDED_KINDS,
    DocumentKind.RECEIPT,
    DocumentKind.PLAN,
    DocumentKind.SELF_CHECK,
    DocumentKind.PLAN_REPORT,
)


class DocumentState(TextChoices):
    """Where a document is on its way from a durable row to an issued PDF."""

    PENDING = "pending", "待製作"
    RENDERING = "rendering", "製作中"
    ISSUED = "issued", "已發出"
    FAILED = "failed", "失敗"


class ScanState(TextChoices):
    """What the virus scanner said about a stored file."""

    NOT_SCANNED = "not_scanned", "未掃描"
    CLEAN = "clean", "已掃描，未發現病毒"
    OWN = "own", "本系統產生"


class Speed(TextChoices):
    """速別 of an official letter."""

    URGENT = "最速件", "最速件"
    FAST = "速件", "速件"
    NORMAL = "普通件", "普通件"
