"""States and choices of checking, scoring and deciding."""

from __future__ import annotations

from django.db import models


class CheckState(models.TextChoices):
    """A qualification check (Q1): open until the officer decides."""

    OPEN = "open", "查核中"
    DECIDED = "decided", "已完成"


class Verdict(models.TextChoices):
    """An officer's verdict on one rule or document."""

    PASS = "pass", "符合"
    SUPPLEMENT = "supplement", "需補件"
    FAIL = "fail", "不符合"


class PanelState(models.TextChoices):
    FORMING = "forming", "籌組中"
    SCORING = "scoring", "評分中"
    CLOSED = "closed", "已結束"


class InvitationState(models.TextChoices):
    INVITED = "invited", "已邀請"
    ACCEPTED = "accepted", "已接受"
    DECLINED = "declined", "已婉拒"


class AssignmentState(models.TextChoices):
    """A reviewer's work on one case. The declaration comes before the first look."""

    ASSIGNED = "assigned", "待簽利益迴避聲明"
    DECLARED = "declared", "評分中"
    SUBMITTED = "submitted", "已送出"
    RECUSED = "recused", "已迴避"
    REMOVED = "removed", "已取消指派"


class PanelCaseState(models.TextChoices):
    OPEN = "open", "審查中"
    SIGNING = "signing", "委員確認中"
    CLOSED = "closed", "已完成"


class MeetingState(models.TextChoices):
    PREPARING = "preparing", "準備中"
    ADOPTED = "adopted", "會議已採用方案"
    CONFIRMED = "confirmed", "已核定"


class ConfirmationState(models.TextChoices):
    """A supervisor's confirmation on its way through the worker."""

    PENDING = "pending", "等待處理"
    RUNNING = "running", "產生結果中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class AllocationMethod(models.TextChoices):
    RANK_ORDER = "in_rank_order", "依名次，用罄為止"
    PROPORTIONAL = "proportional", "及格案件依比例"
    BY_HAND = "by_hand", "逐案填列"


class AllocationBase(models.TextChoices):
    """What an award starts from. A case without a recommendation starts from its request."""

    MEAN = "mean", "委員建議金額（平均）"
    MEDIAN = "median", "委員建議金額（中位數）"
    REQUESTED = "requested", "申請金額"


class LastCase(models.TextChoices):
    """What the case gets at which the envelope runs out (rank order only)."""

    REMAINDER = "remainder", "給最後一案餘額"
    NOTHING = "nothing", "不足額即不補助"
