"""What an open supplement notice asks for, place by place, and whether it has been mended since."""

from __future__ import annotations

from typing import Any

from applications.enums import Section
from applications.models import Case, SupplementItem
from applications.permissions import open_items
from applications.selectors.facts import load
from applications.selectors.progress import section_states


def section_of(item: SupplementItem) -> str:
    """The section that an item is about."""
    return item.where.replace("[", ".").split(".", 1)[0]


def document_of(item: SupplementItem) -> str:
    """The document code that an item is about, "" for other places."""
    section, _, code = item.where.partition(".")
    return code if section == Section.DOCUMENTS else ""


def asked(case: Case) -> list[dict[str, Any]]:
    """Each item with the words for its place and whether anything there is newer than the notice. Two queries."""
    items = open_items(case)
    if not items:
        return []
    case = load(case)
    labels = {item.code: item.label for item in case.terms.terms.documents}
    return [{"item": item, "place": _place(item, labels), "touched": _touched(case, item)} for item in items]


def following(case: Case, section: str) -> list[dict[str, Any]]:
    """What has to follow elsewhere, as seen from ``section``: place, section and reason. No query beyond the items'."""
    items = [item for item in open_items(case) if item.follows and section_of(item) != section]
    labels = {item.code: item.label for item in case.terms.terms.documents} if items else {}
    return [
        {"place": _place(item, labels), "section": section_of(item), "reason": item.reason} for item in items
    ]


def _place(item: SupplementItem, labels: dict[str, str]) -> str:
    if code := document_of(item):
        return f"{code} {labels.get(code, '')}".strip()
    key = section_of(item)
    return str(Section(key).label) if key in Section.values else item.where


def _touched(case: Case, item: SupplementItem) -> bool:
    since = item.supplement.requested_at
    if code := document_of(item):
        documents = case.current_documents  # type: ignore[attr-defined]
        return any(d.item == code and d.added_at > since for d in documents)
    state = section_states(case).get(section_of(item))
    return bool(state and state.saved_at > since)
