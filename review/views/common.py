"""What the views of the expert review share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.services.errors import Refused
from core.workflow import TransitionRefused
from review.enums import AssignmentState
from review.models import Assignment
from review.selectors import reviewing

__all__ = ["SHOWN", "attempt", "case_name", "form_attempt", "mine", "posted_number", "user_of"]

# The states of an assignment in which its reviewer sees the case and the sheet.
SHOWN = (AssignmentState.DECLARED, AssignmentState.SUBMITTED)


def user_of(request: HttpRequest) -> Any:
    """The account that is logged in."""
    return request.user


def posted_number(request: HttpRequest, name: str) -> int:
    """A whole number that a page sent along (a version, a key); -1, which nothing has, for anything else.

    Only plain digits count: "²" is a digit to Python and yet no number.
    """
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def attempt(request: HttpRequest, act: Callable[[], Any], done: str = "") -> Any:
    """Run a use case for a button; a refusal becomes a message. Returns its result, None when refused."""
    try:
        result = act()
    except (Refused, TransitionRefused) as refused:
        messages.error(request, str(refused))
        return None
    if done:
        messages.success(request, done)
    return result if result is not None else True


def form_attempt(form: Any, act: Callable[[], Any], field: str | None = None) -> Any:
    """Run a use case for a valid form; a refusal stands in the form. None when refused."""
    try:
        result = act()
    except (Refused, TransitionRefused) as refused:
        form.add_error(field if field in form.fields else None, str(refused))
        return None
    except PermissionDenied:
        raise
    return result if result is not None else True


def mine(request: HttpRequest, pk: int) -> Assignment:
    """The assignment of the person who asks; 404 for anybody else's."""
    assignment = reviewing.get_mine(user_of(request), pk)
    if assignment is None:
        raise Http404
    return assignment


def case_name(assignment: Assignment) -> dict[str, Any]:
    """The only things of a case that are shown before the declaration."""
    case = assignment.panel_case.case
    return {
        "assignment": assignment,
        "number": case.number,
        "company": case.company_name,
        "plan_title": case.title,
        "call": case.call.name,
    }
