"""Who of the office may act on a case."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.models import User
from applications.models import Case


def require_office(actor: User, code: str, case: Case | None = None) -> None:
    """Raise ``PermissionDenied`` unless a role gives ``code`` and the actor has no seat in the applicant's organisation.

    Nobody decides on a case of an organisation that they belong to.
    """
    if not actor.has_permission(code):
        raise PermissionDenied("您的角色沒有辦理這個動作的權限。")
    if case is not None and case.organisation_id in actor.organisation_roles:
        raise PermissionDenied(
            f"您是{case.organisation.called.this}的成員，依利益迴避原則不能辦理這件案件，請由其他同仁處理。"
        )
