"""Limits on what could be used to send mail to strangers or to try numbers out. allauth counts, we name the rates."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

RATES: dict[str, str] = {
    "register_organisation": "20/h/user",
    "join_request": "10/h/user",
    "invite": "40/h/user",
}


def check(request: HttpRequest, action: str) -> None:
    """Count this POST; raise PermissionDenied with a friendly reason when it is one too many."""
    if not settings.ACCOUNT_RATE_LIMITS:
        return
    usage = ratelimit.consume(request, app="accounts", action=action, config=RATES, user=request.user)
    if usage is None:
        raise PermissionDenied("短時間內操作次數過多，請一小時後再試。如果有急用，請聯絡計畫推動辦公室。")
