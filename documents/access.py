"""Who may read a document: each app says so for its own, and nobody may until one does.

``documents`` knows no owner. At start-up an app registers ``function(user, document) -> bool``; the
first that says yes opens the document. A function asks its own foreign key and costs one query at most.

The office's general view has one limit: what the apps conceal from a person (papers about the company that one
belongs to). It is a condition, so that list, page, file and count leave out the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from documents.models import OfficialDocument

Reader = Callable[[Any, "OfficialDocument"], bool]
Concealer = Callable[[Any], Q | None]

_readers: list[Reader] = []
_concealers: list[Concealer] = []


def register(reader: Reader) -> Reader:
    """Add a rule that may open documents; twice the same does nothing. Usable as decorator."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def unregister(reader: Reader) -> None:
    """Take a rule away again (tests)."""
    if reader in _readers:
        _readers.remove(reader)


def may_read(user: Any, document: OfficialDocument) -> bool:
    """Whether any registered rule opens ``document`` to ``user``; nobody without a login."""
    if not getattr(user, "is_authenticated", False):
        return False
    return any(reader(user, document) for reader in _readers)


def conceal(concealer: Concealer) -> Concealer:
    """Add a condition for documents that a role's general view does not show to this person; None conceals nothing."""
    if concealer not in _concealers:
        _concealers.append(concealer)
    return concealer


def concealed(user: Any) -> Q | None:
    """Which documents the general view hides from ``user``; None: nothing. No query."""
    found = [condition for one in _concealers if (condition := one(user)) is not None]
    if not found:
        return None
    hidden = Q()
    for condition in found:
        hidden |= condition
    return hidden
