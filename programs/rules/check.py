"""The one door to the rulebook: facts in, findings out, the same for every page, command and letter."""

from __future__ import annotations

from core.findings import Finding
from programs.rules.budget_sums import (
    AccountTotal,
    Cap,
    account_totals,
    max_subsidy,
    max_subsidy_for,
    requested_heads,
    requested_subsidy,
    subsidy_caps,
    total_cost,
)
from programs.rules.conditions import document_required
from programs.rules.facts import CaseFacts
from programs.rules.kinds import KINDS, Context
from programs.rules.kinds.advantages import AdvantageFact, Regions, advantage_facts
from programs.rules.kinds.promises import compare_promises
from programs.rules.kinds.registry import is_missing
from programs.rules.kinds.submission import received_date
from programs.rules.sections import SECTIONS, Completeness, completeness, sections_of
from programs.rules.terms import DocumentItem, Terms

__all__ = [
    "SECTIONS",
    "AccountTotal",
    "AdvantageFact",
    "Cap",
    "Completeness",
    "Context",
    "Regions",
    "account_totals",
    "advantage_facts",
    "check",
    "compare_promises",
    "completeness",
    "is_missing",
    "max_subsidy",
    "max_subsidy_for",
    "received_date",
    "requested_heads",
    "requested_subsidy",
    "required_documents",
    "sections_of",
    "subsidy_caps",
    "total_cost",
]


def check(
    terms: Terms, facts: CaseFacts, *, full: bool = True, context: Context | None = None
) -> list[Finding]:
    """Every finding of the call's rules about a case, in the order of the rules.

    ``full=False`` is the self-check: rules whose facts are unknown are silent. ``context`` adds what lies
    outside the case (the moment of submission, an extended window, the company's other requests) and
    then decides about ``full`` itself. Findings of severity ok say that a rule was checked and holds.
    """
    known = context if context is not None else Context(terms, full=full)
    findings: list[Finding] = []
    for rule in terms.rules:
        findings += KINDS[rule.kind].check(rule.params, rule, facts, known)
    return findings


def required_documents(terms: Terms, facts: CaseFacts) -> list[tuple[DocumentItem, bool, str]]:
    """Each document of the call: (item, whether this case needs it, why in the user's words) (D1–D8).

    A condition that can't be decided yet counts as not required; the reason says what is missing.
    """
    result: list[tuple[DocumentItem, bool, str]] = []
    for item in terms.documents:
        required, why = document_required(terms, item, facts)
        result.append((item, bool(required), why))
    return result
