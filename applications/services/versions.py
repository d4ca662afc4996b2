"""A draft case moves to the newer version of its call's terms, by the applicant's consent and never by itself."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from applications import permissions
from applications.models import Case


@transaction.atomic
def move_to_newer_terms(*, case: Case, version: int, actor: User, now: datetime) -> Case:
    """Put a draft under its call's current terms. ``version``: the number that the applicant consented to.

    What was entered stays; the rules of the new version judge it. Twice does no harm. Raises
    ``PermissionDenied`` (person, or no longer a draft) and ``ValidationError`` when a yet newer version came.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    permissions.require_move(actor, case)
    current = case.call.current_terms
    assert current is not None
    if current.version != version:
        raise ValidationError("您打開這一頁之後，徵案又公告了新的一版。下面是最新的內容，請再確認一次。")
    if case.terms_id != current.pk:
        case.terms, case.updated_at = current, now
        case.save(update_fields=["terms", "updated_at"])
    return case
