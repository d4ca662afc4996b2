"""A longer window for one case."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from applications.models import Case, CaseWindowExtension
from applications.services.guard import require_office
from core.locking import lock_row
from core.rocdate import roc_datetime


@transaction.atomic
def extend_case_window(
    *, case: Case, closes_at: datetime, reason: str, actor: User, now: datetime
) -> CaseWindowExtension:
    """Accept one case until ``closes_at``; the reason is public, the company's name is not.

    Raises ``PermissionDenied`` and ``ValidationError``.
    """
    case = lock_row(Case.objects.select_related("call", "organisation"), pk=case.pk)
    require_office(actor, "case.extend_window", case)
    if not case.is_draft:
        raise ValidationError("這件案件已經送出，不需要延長。")
    if closes_at <= max(case.closes_at(), now):
        raise ValidationError(
            {"closes_at": f"新的截止時間要晚於現在，也要晚於目前的 {roc_datetime(case.closes_at())}。"}
        )
    if not reason.strip():
        raise ValidationError({"reason": "請寫明理由；這段文字會公開在徵案頁。"})
    return CaseWindowExtension.objects.create(
        case=case, closes_at=closes_at, reason=reason.strip(), created_at=now, created_by=actor
    )
