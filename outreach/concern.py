"""Whom a complaint about a case is about. Layers above register who worked on it, as imports point down only."""

from __future__ import annotations

from collections.abc import Callable

# Case number → keys of the accounts that handled the case in the office. One query.
Source = Callable[[str], set[int]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; twice the same does nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def people_behind(case_number: str) -> set[int]:
    """Everybody in the office who handled the case; nobody for an empty or unknown number."""
    if not case_number:
        return set()
    return {pk for source in _sources for pk in source(case_number)}
