"""Who may do what with documents because of their role; owners' rules come through ``documents.access``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from documents import access
from documents.enums import DocumentKind, DocumentState

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

    Save score sheets: who may read them, and when, is for the review to say. One that failed has nothing to read,
    and somebody must see that it failed. At most one query, for people who belong to a company.
    """
    if not may_see_list(user):
        return False
    if document.kind == DocumentKind.SCORE_SHEET and document.state != DocumentState.FAILED:
        return False
    hidden = access.concealed(user)
    return hidden is None or not type(document).objects.filter(hidden, pk=document.pk).exists()


def may_issue(user: Any) -> bool:
    """Issue, retry, reissue."""
    return bool(user.is_authenticated) and user.has_permission(ISSUE)
