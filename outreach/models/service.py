"""What the service promises: periods, addresses, goals. One row that the office edits."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from outreach.enums import InquiryKind

_POSITIVE = (
    "question_days", "complaint_days", "other_days", "remind_days", "close_days", "registration_months", "inquiry_years",
)  # fmt: skip


class ServiceSettings(models.Model):
    """Periods in working days by kind of inquiry, where to reach the office, how long personal data is kept.

    The 108-1901 plan (網站營運管理; 0800 諮詢服務與申訴專線暨業務信箱) asks for the line, the mailbox and the
    subjects (``Topic``) and fixes no period: the numbers here are the office's. The goal for satisfaction is
    that of the 112 plan, 4 of 5.
    """

    phone = models.CharField("免付費諮詢與申訴專線", max_length=30, blank=True)
    mailbox = models.EmailField("業務信箱", blank=True)
    hours = models.CharField("服務時間", max_length=100, default="週一至週五 09:00–18:00，國定假日除外")
    question_days = models.PositiveSmallIntegerField("詢問的答覆期限（工作天）", default=3)
    complaint_days = models.PositiveSmallIntegerField("申訴的答覆期限（工作天）", default=10)
    other_days = models.PositiveSmallIntegerField("其他的答覆期限（工作天）", default=5)
    remind_days = models.PositiveSmallIntegerField("期限前幾個工作天提醒承辦人", default=1)
    close_days = models.PositiveSmallIntegerField("答覆後幾個工作天自動結案", default=10)
    satisfaction_goal = models.DecimalField(
        "滿意度目標（1–5）", max_digits=2, decimal_places=1, default=Decimal("4.0")
    )
    registration_months = models.PositiveSmallIntegerField("活動結束後幾個月刪除報名個資", default=6)
    inquiry_years = models.PositiveSmallIntegerField("結案後幾年刪除來信者個資", default=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="service_settings_one_row"),
            models.CheckConstraint(
                condition=Q(satisfaction_goal__gte=1, satisfaction_goal__lte=5), name="service_goal_1_to_5"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": 1, f"{name}__lte": 60}), name=f"service_{name}"
                )
                for name in _POSITIVE
            ),
        ]

    def __str__(self) -> str:
        return "對外服務設定"

    @classmethod
    def current(cls) -> ServiceSettings:
        """The row, or the defaults while there is none. One query."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def days_for(self, kind: str) -> int:
        """Working days within which an inquiry of this kind is answered."""
        return {
            InquiryKind.QUESTION: self.question_days,
            InquiryKind.COMPLAINT: self.complaint_days,
            InquiryKind.OTHER: self.other_days,
        }[InquiryKind(kind)]
