"""Who may read a document: each app says so for its own, and nobody may until one does.

``documents`` knows no owner. At start-up an app registers ``function(user, document) -> bool``; the
first that says yes opens the document. A function asks its own foreign key and costs one query at most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from documents.models import OfficialDocument

Reader = Callable[[Any, "OfficialDocument"], bool]

_readers: list[Reader] = []


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
