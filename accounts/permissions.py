"""Who may open what: a view decorator over permission codes, and what members may do for their organisation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.enums import MemberRole
from accounts.models import Invitation, Organisation

View = Callable[..., HttpResponseBase]


def needs(*codes: str) -> Callable[[View], View]:
    """A view for those whose roles give any of ``codes``; others are told so (403)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.has_permission(code) for code in codes):  # type: ignore[union-attr]
                raise PermissionDenied("您的角色沒有這一頁的權限。如果工作上需要，請洽系統管理員。")
            return view(request, *args, **kwargs)

        guarded.permission_codes = codes  # type: ignore[attr-defined]
        return guarded

    return wrap


def is_member(user: Any, organisation: Organisation) -> bool:
    """Whether the user belongs to the organisation in any role."""
    return organisation.pk in user.organisation_roles


def is_owner(user: Any, organisation: Organisation) -> bool:
    """Whether the user is one of the organisation's owners."""
    return bool(user.organisation_roles.get(organisation.pk) == MemberRole.OWNER)


def why_not_edit_organisation(user: Any, organisation: Organisation) -> str:
    """Reason why the user may not change the company's data; "" when they may."""
    if user.organisation_roles.get(organisation.pk) in (MemberRole.OWNER, MemberRole.EDITOR):
        return ""
    return f"只有擁有者或編輯者可以修改{organisation.called.noun}資料。您的身分是檢視者，請洽擁有者。"


def why_not_manage_members(user: Any, organisation: Organisation) -> str:
    """Reason why the user may not invite, remove or change members; "" when they may."""
    if is_owner(user, organisation):
        return ""
    return "只有擁有者可以管理成員。如需異動，請洽擁有者。"


def may_register_for_others(user: Any) -> bool:
    """Staff who enter paper applications or manage accounts may register a company for its people."""
    return bool(user.has_permission("case.intake_paper") or user.has_permission("account.manage"))


def why_not_accept(user: Any, invitation: Invitation, now: datetime) -> str:
    """Reason why the user can't accept the invitation at ``now``; "" when they can."""
    if invitation.email.lower() not in verified_addresses(user):
        return (
            "這份邀請寄給另一個電子郵件。請用收到邀請的那個電子郵件登入，或請對方重新邀請您現在的電子郵件。"
        )
    if invitation.accepted_at is not None:
        return "這份邀請已經使用過了。"
    if invitation.revoked_at is not None:
        return "這份邀請已被撤回，請洽邀請您的人。"
    if now >= invitation.expires_at:
        return "這份邀請已經超過 7 天，請對方重新邀請。"
    return ""


def verified_addresses(user: Any) -> set[str]:
    """The mail addresses that the account has proved to own, lower-cased."""
    return {
        email.lower() for email in user.emailaddress_set.filter(verified=True).values_list("email", flat=True)
    }
