"""Request-wide guarantees: GETs that never write, no shared cache behind a login, no typed word lost to a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

_WRITES = ("insert", "update", "delete", "replace", "merge", "truncate")
_SESSION_TABLE = "django_session"


class WriteOnGet(RuntimeError):
    """A page that should only read tried to write: a bug, never the user's fault."""


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if sql.lstrip(" (").lower().startswith(_WRITES) and _SESSION_TABLE not in sql:
        raise WriteOnGet(sql[:120])
    return execute(sql, params, many, context)


class ReadOnlyGetMiddleware:
    """Refuse database writes while a GET or HEAD is answered (the session store is exempt)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with connection.execute_wrapper(_refuse_writes):
            return self.get_response(request)


class PrivatePagesMiddleware:
    """Mark every response to somebody who is logged in as not to be stored by any cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def way_back(request: HttpRequest) -> str:
    """The page of ours that the visitor came from, else this address."""
    back = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if ours else request.path


_UNREADABLE = (
    BadRequest,
    MultiPartParserError,
    RawPostDataException,
    SuspiciousOperation,
    UnreadablePostError,
)
_NEVER_SHOWN = re.compile(r"password|credential|token|secret", re.IGNORECASE)
# Keys, versions, choices and digests are ASCII without a blank; what a person wrote is not.
_WORDS = re.compile(r"[^\x00-\x7f]|\S\s+\S")


def typed_words(request: HttpRequest) -> list[str]:
    """The words in the form that was just sent, for a page that refuses it; secrets left out.

    Empty for what cannot be read and for what another site sent: its words are not the visitor's.
    """
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return []
    try:
        sent = request.POST.lists()
    except _UNREADABLE:
        return []
    return [
        value
        for name, values in sent
        if not _NEVER_SHOWN.search(name)
        for value in values
        if _WORDS.search(value)
    ]
