"""What allauth and Django announce, written into the log with the person it is about."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone

from accounts import audit
from accounts.middleware import remember
from accounts.models import User


@receiver(user_logged_in)
def _logged_in(user: User, request: Any = None, **kwargs: Any) -> None:
    if request is not None:
        remember(request)
    audit.act_as(user)
    audit.record(user, actor=user, event="login")


@receiver(user_logged_out)
def _logged_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(user, actor=user, event="logout")


@receiver(user_login_failed)
def _login_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only attempts on an account that exists: what somebody typed elsewhere may be a password."""
    email = str(credentials.get("email") or "")[:254].lower()
    user = User.objects.filter(email=email).first() if email and "\x00" not in email else None
    if user is not None:
        audit.record(user, actor=None, event="login_failed")


@receiver(account.user_signed_up)
def _signed_up(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="signup")


@receiver(account.password_changed)
@receiver(account.password_set)
def _password_changed(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="password_changed")


@receiver(account.password_reset)
def _password_reset(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="password_reset")


@receiver(account.email_confirmed)
def _email_confirmed(email_address: Any, **kwargs: Any) -> None:
    audit.record(email_address.user, actor=email_address.user, event="email_confirmed")


@receiver(account.email_changed)
def _email_changed(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="email_changed")


@receiver(account.email_added)
def _email_added(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="email_added")


@receiver(account.email_removed)
def _email_removed(user: User, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="email_removed")


@receiver(mfa.authenticator_added)
def _mfa_added(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="mfa_added", kind=str(authenticator.type))


@receiver(mfa.authenticator_removed)
def _mfa_removed(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="mfa_removed", kind=str(authenticator.type))


@receiver(mfa.authenticator_reset)
def _mfa_reset(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(user, actor=user, event="mfa_reset", kind=str(authenticator.type))


@receiver(pre_save, sender=Authenticator)
def _codes_are_shown_at_once(instance: Authenticator, **kwargs: Any) -> None:
    """Recovery codes are shown right after they are made: note it now, since looking (a GET) may not write."""
    if instance.type == Authenticator.Type.RECOVERY_CODES:
        instance.data.setdefault("viewed_at", timezone.now().timestamp())
