"""Who may come in: a login first, a second factor where the role asks for it; no forgotten screens."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout, middleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.web import typed_words, way_back

GetResponse = Callable[[HttpRequest], HttpResponse]

_SEEN = "last_seen"
_REMEMBER_EVERY = 60  # seconds; not on every request, the session is a row in the database


def _seconds() -> int:
    return int(timezone.now().timestamp())


def remember(request: HttpRequest) -> None:
    """Note in the session that the person is here now."""
    request.session[_SEEN] = _seconds()


class IdleLogoutMiddleware:
    """Log out after ``IDLE_LOGOUT_SECONDS`` without a request. Autosave counts as one; a page that polls does not.

    ``static/js/idle.js`` warns before it. A poll says so by the header ``X-Background``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = getattr(settings, "IDLE_LOGOUT_SECONDS", 0)
        if limit and request.user.is_authenticated:
            now = _seconds()
            seen = request.session.get(_SEEN, now)
            if now - seen > limit:
                logout(request)
                messages.info(
                    request, "您有一段時間沒有操作，為了安全已經登出。請重新登入，就會回到原來的頁面。"
                )
            elif request.headers.get("X-Background"):
                pass  # an open page asks by itself: nobody need be in front of it
            elif _SEEN not in request.session or now - seen >= _REMEMBER_EVERY:
                remember(request)
        return self.get_response(request)


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """As Django's, but a form whose login ran out gives back what was written into it, besides the way to log in."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        """The way to the login; with status 401 a page of its own where a person wrote something."""
        by_script = request.headers.get("X-Autosave") or request.headers.get("HX-Request")
        if by_script or not typed_words(request):
            return super().handle_no_permission(request, view_func)
        login = f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: way_back(request)})}"
        return render(request, "401.html", {"login": login}, status=401)


class RequireSecondFactorMiddleware:
    """Send people whose role needs a second factor to set one up before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_set_up(request):
            messages.warning(
                request, "您的角色必須使用雙重驗證。請先設定驗證器應用程式或通行密鑰，再繼續使用。"
            )
            return redirect("mfa_index")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        user = request.user
        if not settings.MFA_REQUIRED_FOR_STAFF or not user.is_authenticated:
            return False
        if request.path.startswith(_open_paths()):
            return False
        return any(role.needs_mfa for role in user.role_list) and not is_mfa_enabled(user)


def _open_paths() -> tuple[str, ...]:
    """Where one may go without it: setting it up, proving who one is again, leaving, what everybody may see."""
    accounts = reverse("account_login").removesuffix("login/")
    own = ("2fa/", "logout/", "reauthenticate/", "login/", "password/", "confirm-email/")
    return (*(accounts + part for part in own), settings.STATIC_URL, reverse("healthz"))
