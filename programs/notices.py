"""What other apps have to say publicly on a call's page; they register at start-up, as imports point down only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from programs.models import Call


@dataclass(frozen=True, slots=True)
class SingleExtension:
    """One applicant's longer window: until when and why, never for whom (S1)."""

    closes_at: datetime
    reason: str


Source = Callable[["Call"], list[SingleExtension]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source of extensions for single applicants; twice the same does nothing. One query at most."""
    if source not in _sources:
        _sources.append(source)
    return source


def single_extensions(call: Call) -> list[SingleExtension]:
    """Every extension for a single applicant of the call, the latest end last."""
    found = [extension for source in _sources for extension in source(call)]
    return sorted(found, key=lambda extension: extension.closes_at)
