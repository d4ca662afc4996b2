"""Kinds and states of what is published, registered for and asked, with the words for each."""

from django.db.models import TextChoices


class PublicationKind(TextChoices):
    """What a publication is: the services of the site that 108-1901 (網站營運管理) names, and its events."""

    NEWS = "news", "最新消息"
    FAQ = "faq", "常見問題"
    DOWNLOAD = "download", "資料下載"
    STORY = "story", "成果報導"
    EVENT = "event", "活動"


class EventCategory(TextChoices):
    """What an event is for."""

    BRIEFING = "briefing", "說明會"
    SIGNING = "signing", "簽約會議"
    OTHER = "other", "其他活動"


class RegistrationState(TextChoices):
    """Where somebody stands who wants to come."""

    WAITLISTED = "waitlisted", "候補"
    REGISTERED = "registered", "已報名"
    CANCELLED = "cancelled", "已取消"


class InquiryKind(TextChoices):
    """What somebody wants of the office."""

    QUESTION = "question", "詢問"
    COMPLAINT = "complaint", "申訴"
    OTHER = "other", "其他"


class InquirySource(TextChoices):
    """How an inquiry came."""

    FORM = "form", "網站表單"
    MAIL = "mail", "電子郵件"


class InquiryState(TextChoices):
    """Where an inquiry is, in the office's words."""

    RECEIVED = "received", "待分派"
    ASSIGNED = "assigned", "處理中"
    ESCALATED = "escalated", "已提報督導"
    ANSWERED = "answered", "已答覆"
    CLOSED = "closed", "已結案"


# What the person who asked reads: who in the office holds it is of no interest outside.
ASKER_LABELS: dict[str, str] = {
    InquiryState.RECEIVED: "已收到",
    InquiryState.ASSIGNED: "處理中",
    InquiryState.ESCALATED: "處理中",
    InquiryState.ANSWERED: "已答覆",
    InquiryState.CLOSED: "已結案",
}

TONES: dict[str, str] = {
    InquiryState.RECEIVED: "mine",
    InquiryState.ASSIGNED: "waiting",
    InquiryState.ESCALATED: "problem",
    InquiryState.ANSWERED: "done",
    InquiryState.CLOSED: "neutral",
    RegistrationState.WAITLISTED: "waiting",
    RegistrationState.REGISTERED: "done",
    RegistrationState.CANCELLED: "neutral",
}

WAITING_STATES = (InquiryState.RECEIVED, InquiryState.ASSIGNED, InquiryState.ESCALATED)


class MessageKind(TextChoices):
    """Who speaks in an inquiry; notes are seen by the office alone."""

    QUESTION = "question", "來文"
    ANSWER = "answer", "答覆"
    NOTE = "note", "內部註記"
