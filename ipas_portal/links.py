"""Addresses of a case for the person who looks at it: the same case has another page for each audience."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from applications.models import Case


def _first(*candidates: tuple[str, tuple[Any, ...]]) -> str:
    for name, args in candidates:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return reverse("home")


def case_url(user: Any, case: Case, *, sheet: int | None = None) -> str:
    """Members go to their own page, staff to the office's, experts to their ``sheet``, others to the shared one."""
    if sheet is not None:
        return _first(("review:sheet", (sheet,)))
    if case.organisation_id not in user.organisation_roles and user.has_permission("qualification.decide"):
        return _first(("office:case", (case.pk,)), ("cases:detail", (case.pk,)), ("office:cases", ()))
    return _first(("cases:detail", (case.pk,)), ("cases:list", ()))


def meeting_url(pk: int) -> str:
    """A decision meeting's page."""
    return _first(("meetings:detail", (pk,)), ("meetings:list", ()))
