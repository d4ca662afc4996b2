"""What answers a request that could not even be read."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.web import way_back

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def limit_words() -> str:
    """How much one page may send at once."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
    return f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} 個欄位，文字合計 {most} MB，檔案 {settings.DATA_UPLOAD_MAX_NUMBER_FILES} 個"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of status 400; of 413 for more than one request may hold, with what to do and the way back.

    Nothing of the request is stored then: it was not read. The browser's own script stops such a form before it
    is sent, and keeps the words.
    """
    if not isinstance(exception, TOO_LARGE):
        return render(request, "400.html", status=400)
    if request.headers.get("X-Autosave"):
        return JsonResponse({"status": "too_large", "limit": limit_words()}, status=413)
    context = {
        "limit": limit_words(),
        "files": isinstance(exception, TooManyFilesSent),
        "back": way_back(request),
    }
    return render(request, "413.html", context, status=413)
