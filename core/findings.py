"""What a rule says about a case: the one currency between rulebook, pages, commands and letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding matters to a submission."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def stops_submission(self) -> bool:
        return self is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict on one place of a case.

    ``where`` is a path into the case file (``docs/case-schema.md``), such as ``budget[2].subsidy``;
    its first segment is the section that mends it. ``message`` is complete: it ends with the remedy,
    which ``remedy`` repeats for places that show it apart (never print both). ``numbers`` holds the figures that led to the
    verdict, by name, so that a page can show its working and a test can compare them.
    """

    rule: str
    clause: str
    severity: Severity
    message: str
    where: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""

    @property
    def section(self) -> str:
        """The section of the case that mends this finding (first segment of ``where``)."""
        return self.where.replace("[", ".").split(".", 1)[0]

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready copy, as printed by ``manage.py check_case``."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "severity": self.severity.value,
            "message": self.message,
            "where": self.where,
            "numbers": dict(self.numbers),
            "remedy": self.remedy,
        }


def stops_submission(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings would stop a submission."""
    return any(f.severity.stops_submission for f in findings)
