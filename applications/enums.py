"""States and choices of a case, with the words that each audience sees."""

from __future__ import annotations

from django.db import models


class CaseState(models.TextChoices):
    """Where a case is on its way (114 參.一). The labels are the office's."""

    DRAFT = "draft", "填寫中"
    SUBMITTED = "submitted", "資格初審中"
    SUPPLEMENTING = "supplementing", "通知補件中"
    QUALIFIED = "qualified", "初審符合"
    IN_REVIEW = "in_review", "專業審查中"
    REVIEWED = "reviewed", "待決審"
    APPROVED = "approved", "核定通過"
    REJECTED = "rejected", "不通過"
    RESERVED = "reserved", "備取"
    FORFEITED = "forfeited", "放棄"
    RETURNED = "returned", "退件"
    WITHDRAWN = "withdrawn", "已撤案"


UNDECIDED = (
    CaseState.SUBMITTED,
    CaseState.SUPPLEMENTING,
    CaseState.QUALIFIED,
    CaseState.IN_REVIEW,
    CaseState.REVIEWED,
)
"""Handed in, and the decision still to come."""

APPLICANT_LABELS: dict[str, str] = {
    CaseState.SUBMITTED: "已送出，資格初審中",
    CaseState.SUPPLEMENTING: "請補件",
    CaseState.QUALIFIED: "審查中",
    CaseState.IN_REVIEW: "審查中",
    CaseState.REVIEWED: "審查中",
    CaseState.APPROVED: "核定通過",
    CaseState.REJECTED: "未獲補助",
}
"""What the applicant reads where it differs from the office's word."""


class Section(models.TextChoices):
    """The sections of a case; the values are the first segments of a finding's ``where``."""

    COMPANY = "company", "公司資料"
    ELIGIBILITY = "eligibility", "申請資格"
    PLAN = "plan", "計畫內容"
    PARTNERS = "partners", "合作單位"
    TRAINEES = "trainees", "培育對象"
    COURSES = "courses", "課程、場域與講師"
    SCHEDULE = "schedule", "時程與查核點"
    BUDGET = "budget", "經費編列"
    OUTCOMES = "outcomes", "預期成效"
    ADVANTAGES = "advantages", "審查優勢"
    OTHER_FUNDING = "other_funding", "其他公部門補助"
    AVOID_REVIEWERS = "avoid_reviewers", "迴避委員"
    DOCUMENTS = "documents", "應備文件"


class TraineeKind(models.TextChoices):
    """T1: students or regular employees."""

    STUDENT = "student", "學生"
    EMPLOYEE = "employee", "在職員工"


class CourseKind(models.TextChoices):
    """T3 asks for practice beside lectures."""

    LECTURE = "lecture", "課堂講授"
    PRACTICE = "practice", "專案實作"


class Channel(models.TextChoices):
    """How an application came in; it decides the received date (S2)."""

    ONLINE = "online", "線上送件"
    REGISTERED_POST = "registered_post", "中華郵政掛號"
    IN_PERSON = "in_person", "親送"
    CARRIER = "carrier", "其他快遞或郵寄"


class SubmissionKind(models.TextChoices):
    """First submission, or the answer to a supplement notice."""

    INITIAL = "initial", "申請送件"
    SUPPLEMENT = "supplement", "補件"


class SupplementState(models.TextChoices):
    """A supplement notice: open until answered, or until its deadline passes (Q2, Q3)."""

    OPEN = "open", "等待補件"
    ANSWERED = "answered", "已補件"
    EXPIRED = "expired", "逾期未補"


class OutcomeResult(models.TextChoices):
    """What the confirmed decision says of a case."""

    APPROVED = "approved", "核定通過"
    REJECTED = "rejected", "不通過"
    RESERVED = "reserved", "備取"
    FORFEITED = "forfeited", "放棄"
