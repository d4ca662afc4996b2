"""A draft's terms tried on the handed-in cases of an earlier call: which would have failed, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count

from accounts.models import User
from applications.enums import CaseState
from applications.models import Case
from applications.models.case import CaseQuerySet
from applications.selectors.facts import facts, findings, with_content
from core.findings import Finding, Severity
from core.rocdate import TAIPEI
from programs.models import Call
from programs.rules.check import Context, check
from programs.rules.facts import CaseFacts
from programs.rules.terms import Terms
from programs.tryouts import Result, RuleResult

STEP = 50


class CasesOfCalls:
    """The source of trials that ``programs.tryouts`` asks for."""

    def calls(self, user: User) -> list[tuple[Call, int]]:
        """Calls with handed-in cases, for those who may see all of them. One query."""
        if not user.has_permission("case.view_all"):
            return []
        counted = Call.objects.public().filter(cases__in=_handed_in(Case.objects.all()))
        rows = counted.annotate(handed_in=Count("cases")).order_by("-opens_at")[:20]
        return [(call, call.handed_in) for call in rows]  # type: ignore[attr-defined]

    def run(self, call: Call, terms: Terms, progress: Callable[[int, int], None]) -> Result:
        """Try the terms on every case, in steps of 50: twelve queries a step."""
        keys = list(
            _handed_in(Case.objects.filter(call=call)).order_by("number").values_list("pk", flat=True)
        )
        opened = call.opens_at.astimezone(TAIPEI).date()
        days = (terms.window.opens_at.astimezone(TAIPEI).date() - opened).days
        result = Result(total=len(keys), shift=days)
        lines = {rule.id: RuleResult(rule.id, rule.title, rule.clause) for rule in terms.rules}
        progress(0, len(keys))
        for start in range(0, len(keys), STEP):
            step = with_content(Case.objects.filter(pk__in=keys[start : start + STEP])).order_by("number")
            for case in step:
                self._try(case, terms, timedelta(days=days), result, lines)
            progress(min(start + STEP, len(keys)), len(keys))
        result.rules = [line for line in lines.values() if line.then or line.now]
        return result

    def _try(
        self, case: Case, terms: Terms, shift: timedelta, result: Result, lines: dict[str, RuleResult]
    ) -> None:
        known = facts(case)
        received = case.received_at
        assert received is not None
        own = {f.rule for f in _errors(findings(case, received, facts=known))}
        context = Context(
            terms,
            submitted_at=received + shift if case.channel == "online" else None,
            closes_at=case.closes_at() + shift,
            other_subsidy=case.other_subsidy,  # type: ignore[attr-defined]
        )
        broken: dict[str, list[Finding]] = {}
        for finding in _errors(check(terms, moved_facts(known, shift), context=context)):
            broken.setdefault(finding.rule, []).append(finding)
        for rule in own:
            if rule in lines:
                lines[rule].now += 1
        for rule, found in broken.items():
            lines[rule].then += 1
            lines[rule].cases.append(
                {
                    "pk": str(case.pk),
                    "number": case.number or "",
                    "company": case.organisation.name,
                    "message": found[0].message,
                    "more": len(found) - 1,
                    "new": rule not in own,
                }
            )
        result.failing += bool(broken)
        result.newly += bool(broken) and not own


def _handed_in(cases: CaseQuerySet) -> CaseQuerySet:
    return cases.submitted().exclude(state=CaseState.WITHDRAWN)


def _errors(found: list[Finding]) -> Iterator[Finding]:
    return (f for f in found if f.severity is Severity.ERROR and f.rule)


def moved_facts(known: CaseFacts, shift: timedelta) -> CaseFacts:
    """The same case ``shift`` later: every date in it moves, so that two years' calls compare."""
    moved: CaseFacts = _moved(known, shift)
    return moved


def _moved(value: Any, shift: timedelta) -> Any:
    if isinstance(value, (date, datetime)):
        return value + shift
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _moved(getattr(value, f.name), shift) for f in fields(value)}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(_moved(entry, shift) for entry in value)
    return value
