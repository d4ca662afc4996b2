"""What administrators do with accounts. Each step is logged with its reason (資通系統防護基準: 帳號管理)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit, mail
from accounts.models import Role, User
from accounts.services.errors import Refused

IDLE_LIMIT = timedelta(days=90)


def _require(actor: User | None) -> None:
    """None is whoever runs a command on the host: the first administrator has nobody to be made by."""
    if actor is not None and not actor.has_permission("account.manage"):
        raise PermissionDenied("只有系統管理員可以管理帳號。")


@transaction.atomic
def create_account(
    *, email: str, name: str, roles: Iterable[Role], actor: User | None, now: datetime
) -> User:
    """Create an account with roles and mail a one-time link to set the password.

    There is no temporary password that somebody else would know. Raises Refused when the address is taken.
    """
    _require(actor)
    email = email.strip().lower()
    roles = list(roles)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, name=name)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    except IntegrityError:
        raise Refused("這個電子郵件已經有帳號了。請在帳號清單搜尋，直接調整角色。") from None
    user.roles.set(roles)
    audit.record(user, actor=actor, event="account_created", roles=[role.code for role in roles])
    send_password_link(user=user, actor=actor, now=now, first=True)
    return user


def send_password_link(*, user: User, actor: User | None, now: datetime, first: bool = False) -> None:
    """Mail the account a link to set its password; the link works once and expires. Refused when disabled."""
    _require(actor)
    if not user.is_active:
        raise Refused("帳號已停用，請先啟用再寄密碼設定信。")
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    opening = (
        "系統管理員為您建立了帳號。"
        if first
        else "系統管理員為您寄出密碼設定連結，原密碼在您設定新密碼之前仍然有效。"
    )
    mail.send(
        to=user.email,
        subject="請設定您的密碼",
        lines=[
            opening,
            f"請開啟下面的連結設定密碼（只能使用一次）：\n{settings.PORTAL_URL}{path}",
        ],
        now=now,
    )
    audit.record(user, actor=actor, event="password_link_sent")


@transaction.atomic
def set_active(*, user: User, active: bool, reason: str, actor: User, now: datetime) -> User:
    """Disable or enable an account; disabling ends its sessions. Nobody disables themselves."""
    _require(actor)
    _one_at_a_time()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_active == active:
        return locked
    if not active:
        if locked.pk == actor.pk:
            raise Refused("不能停用自己的帳號。請由另一位系統管理員處理。")
        _keep_an_administrator(locked)
        _end_sessions(locked, now)
    locked.is_active = active
    locked.save(update_fields=["is_active"])
    audit.record(
        locked, actor=actor, event="account_enabled" if active else "account_disabled", reason=reason
    )
    return locked


@transaction.atomic
def set_roles(*, user: User, roles: Iterable[Role], actor: User, now: datetime) -> User:
    """Give an account exactly these roles. The last administrator can't give the role away.

    Organisation members may hold staff roles; what conflicts with that is refused case by case (review).
    """
    _require(actor)
    _one_at_a_time()
    locked = User.objects.select_for_update().get(pk=user.pk)
    before = sorted(role.code for role in locked.roles.all())
    wanted = list(roles)
    after = sorted(role.code for role in wanted)
    if before == after:
        return locked
    if "administrator" in before and "administrator" not in after:
        _keep_an_administrator(locked)
    locked.roles.set(wanted)
    audit.record(locked, actor=actor, event="roles_changed", before=before, after=after)
    return locked


def _one_at_a_time() -> None:
    """Administrators change accounts one after another, so that no two take the last ones away from each other."""
    list(Role.objects.select_for_update().filter(code="administrator"))


def _keep_an_administrator(leaving: User) -> None:
    """Another active administrator must remain, else nobody could manage accounts again."""
    others = User.objects.filter(is_active=True, roles__code="administrator").exclude(pk=leaving.pk)
    if not others.exists():
        raise Refused("至少要有一位啟用中的系統管理員。請先把另一個帳號設為系統管理員。")


def _end_sessions(user: User, now: datetime) -> None:
    """Log the account out everywhere. Sessions hold the user inside, so each live one is opened."""
    for session in Session.objects.filter(expire_date__gt=now).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def disable_idle_accounts(*, now: datetime) -> int:
    """Disable accounts with a role that nobody has used for 90 days; returns how many. For beat.

    Applicants come once a year and are left alone.
    """
    limit = now - IDLE_LIMIT
    idle = (
        User.objects.filter(is_active=True, roles__isnull=False, date_joined__lt=limit)
        .exclude(last_login__gte=limit)
        .distinct()
    )
    return sum(_disable_idle(user, limit) for user in idle)


@transaction.atomic
def _disable_idle(user: User, limit: datetime) -> bool:
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active or (locked.last_login and locked.last_login >= limit):
        return False  # logged in, or disabled by hand, since the list was made
    enabled = LogEntry.objects.get_for_object(locked).filter(
        additional_data__event="account_enabled", timestamp__gte=limit
    )
    if enabled.exists():
        return False
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    audit.record(locked, actor=None, event="account_disabled", reason="90 天未登入")
    return True
