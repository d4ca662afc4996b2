"""What the views of outreach share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.services.errors import Outdated, Refused
from core.uploads import UploadRefused
from core.workflow import TransitionRefused
from documents.models import StoredFile
from documents.responses import file_response
from documents.services import FileDamaged

TOO_MANY = "短時間內送出太多次，請過幾分鐘再試。您打的內容還在。"
REFUSALS = (Refused, Outdated, TransitionRefused, UploadRefused)


def form_attempt(form: Any, act: Callable[[], Any], field: str | None = None) -> Any:
    """Run a use case for a valid form; a refusal stands in the form. None when refused."""
    try:
        return act()
    except REFUSALS as refused:
        form.add_error(field if field in form.fields else None, str(refused))
        return None


def attempt(request: HttpRequest, act: Callable[[], Any], done: str) -> Any:
    """Run a use case for a button; a refusal becomes a message. None when refused."""
    try:
        result = act()
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return None
    messages.success(request, done)
    return result


def give(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    """A stored file after the view has checked that this visitor may have it."""
    try:
        return file_response(stored, inline="inline" in request.GET)
    except FileDamaged as error:
        return render(request, "documents/damaged.html", {"error": error}, status=503)
