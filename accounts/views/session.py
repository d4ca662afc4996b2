"""The session of whoever is logged in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from accounts.middleware import remember


@require_POST
def keep(request: HttpRequest) -> JsonResponse:
    """Somebody is still here and says so: ``left`` are the seconds until the idle logout, counted anew."""
    remember(request)
    return JsonResponse({"left": settings.IDLE_LOGOUT_SECONDS})
