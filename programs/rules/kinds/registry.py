"""The register of rule kinds: a name, typed parameters, a pure check.

A kind is code; which rules a call has, and with which parameters, is data of the call. ``docs/rulebook.md``
tells how to add a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from core.findings import Finding, Severity
from programs.rules.facts import CaseFacts

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class NoParams:
    """For kinds that need nothing but the terms."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know beyond the case itself.

    ``full``: also ask for what is missing (False in a self-check: unknown facts are silent).
    ``submitted_at``: the moment for S1 (None: not submitted yet, S1 looks at ``facts.applied_on``).
    ``closes_at``: an extended end of the window, for everybody or for this case.
    ``other_subsidy``: dollars that the same company asks for in its other cases of the call (B4).
    """

    terms: Terms
    full: bool = True
    submitted_at: datetime | None = None
    closes_at: datetime | None = None
    other_subsidy: int = 0

    def reference_date(self, facts: CaseFacts) -> date:
        """The day on which the application counts as made: as known, else the window's last day."""
        if self.submitted_at is not None:
            return self.submitted_at.astimezone(self.terms.window.closes_at.tzinfo).date()
        return facts.applied_on or self.terms.window.closes_at.date()


Check = Callable[[Any, "Rule", CaseFacts, Context], list[Finding]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One registered kind.

    ``title`` and ``says`` are what the call designer shows about it; ``group`` is the letter with which the IDs
    of such rules begin (a key of ``GROUPS``).
    """

    name: str
    params: type
    check: Check
    title: str
    says: str
    group: str


#: Letter of a rule's ID → the heading under which people find the rule.
GROUPS = {
    "E": "申請資格", "T": "培訓計畫", "B": "經費", "D": "應備文件", "S": "送件", "Q": "資格初審", "R": "專業審查",
    "A": "決審與核定", "C": "簽約", "X": "執行", "P": "撥款與核銷", "G": "申請書要求", "W": "提醒",
}  # fmt: skip

KINDS: dict[str, Kind] = {}


def kind(
    name: str, params: type[P], *, title: str, says: str, group: str
) -> Callable[
    [Callable[[P, Rule, CaseFacts, Context], list[Finding]]],
    Callable[[P, Rule, CaseFacts, Context], list[Finding]],
]:
    """Register the decorated check under ``name``. Raises ValueError when the name is taken.

    ``title``, ``says`` and ``group``: see ``Kind``; plain words for office staff.
    """

    def register(
        check: Callable[[P, Rule, CaseFacts, Context], list[Finding]],
    ) -> Callable[[P, Rule, CaseFacts, Context], list[Finding]]:
        if name in KINDS:
            raise ValueError(f"rule kind {name!r} is registered twice")
        KINDS[name] = Kind(name, params, check, title, says, group)
        return check

    return register


def problem(
    rule: Rule, where: str, message: str, remedy: str = "", numbers: Mapping[str, Any] | None = None
) -> Finding:
    """The rule does not hold at ``where``. The message ends with the remedy, which is also kept apart."""
    return Finding(rule.id, rule.clause, rule.severity, message + remedy, where, numbers or {}, remedy)


def caution(
    rule: Rule, where: str, message: str, remedy: str = "", numbers: Mapping[str, Any] | None = None
) -> Finding:
    """Worth a look, but stops nothing, whatever the rule's own severity."""
    return Finding(rule.id, rule.clause, Severity.WARNING, message + remedy, where, numbers or {}, remedy)


def missing(rule: Rule, where: str, remedy: str) -> Finding:
    """Something that the clause asks for is not filled in yet (``numbers["missing"]`` marks it)."""
    return Finding(rule.id, rule.clause, rule.severity, remedy, where, {"missing": True}, remedy)


def holds(rule: Rule, where: str, message: str, numbers: Mapping[str, Any] | None = None) -> Finding:
    """The rule was checked and holds."""
    return Finding(rule.id, rule.clause, Severity.OK, message, where, numbers or {})


def is_missing(finding: Finding) -> bool:
    """Whether the finding asks for something not filled in, rather than saying that something is wrong."""
    return bool(finding.numbers.get("missing"))
