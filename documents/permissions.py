"""Who may do what with documents because of their role; owners' rules come through ``documents.access``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from documents.enums import DocumentKind

if TYPE_CHECKING:
    from documents.models import OfficialDocument

ISSUE = "letter.issue"
VIEW = "letter.view"
EDIT_TEMPLATE = "letter.edit_template"


def may_see_list(user: Any) -> bool:
    """The list of all documents: office, supervisor, auditor."""
    return bool(user.is_authenticated) and user.has_permission(VIEW)


def reads_every_document(user: Any, document: OfficialDocument) -> bool:
    """Registered with ``access``: whoever sees the list may open what is in it.

    Save score sheets: who may read them, and when, is for the review to say.
    """
    return document.kind != DocumentKind.SCORE_SHEET and may_see_list(user)


def may_issue(user: Any) -> bool:
    """Issue, retry, reissue."""
    return bool(user.is_authenticated) and user.has_permission(ISSUE)


def may_edit_templates(user: Any) -> bool:
    """Edit the wording of letters."""
    return bool(user.is_authenticated) and user.has_permission(EDIT_TEMPLATE)
