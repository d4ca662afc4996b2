"""Words typed into a section after the login had run out: kept in the session until the next login."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from applications.forms.editors import payload_of
from applications.services.sections import storable_fields
from core import clock

_KEY = "kept_sections"
# Anybody may send this without a login, so that little is kept; a browser with JavaScript holds its own copy.
MOST = 2
MOST_CHARACTERS = 100_000


def keep_for_login(request: HttpRequest) -> HttpResponse:
    """Keep the payload of a POST that came without a login and send the visitor to log in.

    The CSRF check has passed by now, so that no other site can fill the session; the amount is bounded.
    Autosave gets 401 and keeps the words in the browser itself.
    """
    login = f"{reverse('account_login')}?next={request.path}"
    if request.headers.get("X-Autosave"):
        return JsonResponse({"status": "login", "url": login}, status=401)
    payload = storable_fields(payload_of(request.POST))
    if sum(len(name) + len(value) for name, value in payload.items()) <= MOST_CHARACTERS:
        kept = {path: one for path, one in request.session.get(_KEY, {}).items() if path != request.path}
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)))
        kept[request.path] = {
            "payload": payload,
            "version": request.POST.get("version", ""),
            "at": clock.now().isoformat(),
        }
        request.session[_KEY] = kept
    return redirect_to_login(request.path)


def kept_for(request: HttpRequest) -> dict[str, Any] | None:
    """What was kept for this address: ``payload``, ``version`` and ``at`` (a datetime)."""
    kept = request.session.get(_KEY, {}).get(request.path)
    if kept is None:
        return None
    return {**kept, "at": datetime.fromisoformat(kept["at"])}


def forget(request: HttpRequest, path: str = "") -> None:
    """Drop what was kept for ``path`` (default: this address): it has been saved, or is not wanted."""
    kept = request.session.get(_KEY, {})
    if kept.pop(path or request.path, None) is not None:
        request.session[_KEY] = kept
