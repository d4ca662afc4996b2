"""Who may open what: a view decorator over permission codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def needs(*codes: str) -> Callable[[View], View]:
    """A view for those whose roles give any of ``codes``; others are told so (403)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.user.has_permission(code) for code in codes):  # type: ignore[union-attr]
                raise PermissionDenied("您的角色沒有這一頁的權限。如果工作上需要，請洽系統管理員。")
            return view(request, *args, **kwargs)

        guarded.permission_codes = codes  # type: ignore[attr-defined]
        return guarded

    return wrap
