"""Trying a draft's terms on the real cases of an earlier call. What knows cases registers, as imports point down.

A trial is a durable row (``TryOut``); the worker fills it in steps, so that nothing is lost when it is killed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from programs.models import Call, CallDraft, TryOut
from programs.rules.terms import Terms, TermsError, parse_terms

LEASE = timedelta(minutes=5)
GRACE = timedelta(seconds=60)


@dataclass(slots=True)
class RuleResult:
    """How many cases break a rule under the draft's terms (``then``) and under their own (``now``)."""

    rule: str
    title: str
    clause: str
    then: int = 0
    now: int = 0
    cases: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """``failing``: cases that could not be handed in; ``newly``: of these, how many could under their own terms.

    ``shift``: days by which the cases' dates were moved, so that both years compare.
    """

    total: int = 0
    failing: int = 0
    newly: int = 0
    shift: int = 0
    rules: list[RuleResult] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


class Source(Protocol):
    """What knows cases."""

    def calls(self, user: User) -> list[tuple[Call, int]]:
        """Calls with handed-in cases that the user may see, and how many."""

    def run(self, call: Call, terms: Terms, progress: Callable[[int, int], None]) -> Result:
        """Try the terms on every handed-in case of the call; ``progress(done, total)`` after each step."""


_sources: list[Source] = []


def register(source: Source) -> Source:
    """Say who knows cases; twice the same does nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def calls(user: User) -> list[tuple[Call, int]]:
    """Calls on whose cases a draft can be tried."""
    return [found for source in _sources for found in source.calls(user)]


@transaction.atomic
def ask(*, draft: CallDraft, data: dict[str, Any], call: Call, actor: User, now: datetime) -> TryOut:
    """Ask for a trial; it runs in the worker. The same question again while it runs returns the first.

    Raises ``ValidationError`` for terms that do not hold together, or a call whose cases one may not see.
    """
    try:
        parse_terms(data)
    except TermsError:
        raise ValidationError("還有地方要修正，修正後才能試算。") from None
    if call.pk not in {known.pk for known, _ in calls(actor)}:
        raise ValidationError("請選擇一個有送件案件、而且您可以查看的徵案。")
    CallDraft.objects.select_for_update().get(pk=draft.pk)  # a double click waits, and finds the first
    running = draft.tryouts.filter(call=call, finished_at=None, data=data).first()
    if running is not None:
        return running
    trial = TryOut.objects.create(draft=draft, call=call, data=data, asked_at=now, asked_by=actor)
    transaction.on_commit(lambda: _deliver(trial.pk))
    return trial


def _deliver(pk: int) -> None:
    from documents.tasks import deliver
    from programs.tasks import run_tryout

    deliver(run_tryout, str(pk))


def run(*, pk: int, now: Callable[[], datetime]) -> str:
    """Run a trial that waits; "skipped" when it is done or somebody else works on it. Safe to run twice."""
    free = Q(lease_until=None) | Q(lease_until__lte=now())
    taken = TryOut.objects.filter(free, pk=pk, finished_at=None).update(lease_until=now() + LEASE)
    if not taken:
        return "skipped"
    trial = TryOut.objects.select_related("call").get(pk=pk)

    def progress(done: int, total: int) -> None:
        TryOut.objects.filter(pk=pk).update(done=done, total=total, lease_until=now() + LEASE)

    terms = parse_terms(trial.data)
    results = [source.run(trial.call, terms, progress) for source in _sources]
    found = results[0].as_json() if results else Result().as_json()
    TryOut.objects.filter(pk=pk).update(result=found, finished_at=now(), lease_until=None)
    return "done"


def sweep(*, now: datetime) -> int:
    """Queue again the trials that nobody is working on; how many."""
    lost = Q(lease_until__lte=now) | Q(lease_until=None, asked_at__lte=now - GRACE)
    keys = list(TryOut.objects.filter(lost, finished_at=None).values_list("pk", flat=True)[:50])
    for key in keys:
        _deliver(key)
    return len(keys)
