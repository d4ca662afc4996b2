"""State machines: a table of allowed transitions each, and one door, :func:`apply`, that assigns state.

A machine is pure data. ``apply`` locks the row, checks the table, assigns the state together with the
fields that must change with it, and writes the app's typed transition row (from, to, actor, at, reason).
Nothing else in the project may assign a ``state`` field (``tests/architecture`` holds it to that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction


class TransitionRefused(Exception):
    """The row is not in a state from which the action is allowed; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Transition:
    """``action`` leads from any of ``sources`` to ``target``; ``by`` names the audience that does it."""

    action: str
    sources: frozenset[str]
    target: str
    by: str
    label: str


@dataclass(frozen=True)
class Machine:
    """A named transition table. ``turn`` says whose turn it is in each state (an audience, or "" for nobody)."""

    name: str
    initial: str
    transitions: tuple[Transition, ...]
    turn: Mapping[str, str] = field(default_factory=dict)

    def transition(self, state: str, action: str) -> Transition:
        """The table's row for ``action`` from ``state``; raises :class:`TransitionRefused`."""
        for row in self.transitions:
            if row.action == action and state in row.sources:
                return row
        raise TransitionRefused("這件資料的狀態已經改變，無法再做這個動作。請重新整理頁面，確認目前的狀態。")

    def allows(self, state: str, action: str) -> bool:
        """Whether ``action`` may be taken from ``state``."""
        return any(row.action == action and state in row.sources for row in self.transitions)

    def states(self) -> list[str]:
        """Every state that the table mentions, the initial one first."""
        seen = dict.fromkeys([self.initial])
        for row in self.transitions:
            seen.update(dict.fromkeys([*sorted(row.sources), row.target]))
        return list(seen)


def row(action: str, sources: str | Iterable[str], target: str, *, by: str, label: str) -> Transition:
    """Shorthand for a table: one source or several."""
    many = [sources] if isinstance(sources, str) else list(sources)
    return Transition(action, frozenset(str(s) for s in many), str(target), by, label)


class TransitionRecord(models.Model):
    """Abstract typed transition row; a concrete class adds ``subject`` with ``related_name="transitions"``.

    ``actor_name`` is copied, so that history outlives the account.
    """

    action = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30)
    to_state = models.CharField(max_length=30)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ("at", "pk")


RowT = TypeVar("RowT", bound=models.Model)

SYSTEM_ACTOR_NAME = "系統"


def apply(
    machine: Machine,
    subject: RowT,
    action: str,
    *,
    actor: Any | None,
    at: datetime,
    reason: str = "",
    **changes: Any,
) -> RowT:
    """Take ``action`` on ``subject`` and return the locked, saved row.

    The row is re-read under a lock, so a caller's stale copy can't win a race. ``changes`` are the
    fields that belong to the new state (timestamps, people, amounts) and are saved with it. ``actor``
    None means the system (beat). Raises :class:`TransitionRefused`; writes one transition row.
    """
    with transaction.atomic():
        locked = type(subject)._base_manager.select_for_update().get(pk=subject.pk)
        before = str(locked.state)  # type: ignore[attr-defined]
        step = machine.transition(before, action)
        locked.state = step.target  # type: ignore[attr-defined]
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save(update_fields=["state", *changes])
        locked.transitions.create(  # type: ignore[attr-defined]
            action=action,
            from_state=before,
            to_state=step.target,
            actor=actor,
            actor_name=str(actor) if actor else SYSTEM_ACTOR_NAME,
            at=at,
            reason=reason,
        )
    return locked


def apply_many(
    machine: Machine,
    subjects: Sequence[RowT],
    action: str,
    *,
    actor: Any | None,
    at: datetime,
    reason: str = "",
    **changes: Any,
) -> list[RowT]:
    """:func:`apply` for many rows of one model in four queries: every row moves, or none.

    ``changes`` are the same for all. Rows are locked in the order of their keys, so that two callers can't wait
    for each other. Raises :class:`TransitionRefused` when one row may not move, ``ObjectDoesNotExist`` when one
    is gone; writes one transition row for each. The general log does not see it: callers write their own entries.
    """
    if not subjects:
        return []
    model = type(subjects[0])
    record: Any = model._meta.get_field("transitions").related_model
    keys = {row.pk for row in subjects}
    with transaction.atomic():
        locked: list[Any] = list(model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk"))
        if len(locked) != len(keys):
            raise model.DoesNotExist(f"{len(keys) - len(locked)} of {len(keys)} rows are gone")  # type: ignore[attr-defined]
        written = []
        for one in locked:
            before = str(one.state)
            one.state = machine.transition(before, action).target
            for name, value in changes.items():
                setattr(one, name, value)
            written.append(
                record(
                    subject=one,
                    action=action,
                    from_state=before,
                    to_state=one.state,
                    actor=actor,
                    actor_name=str(actor) if actor else SYSTEM_ACTOR_NAME,
                    at=at,
                    reason=reason,
                )
            )
        for target in sorted({one.state for one in locked}):
            moved = [one.pk for one in locked if one.state == target]
            model._base_manager.filter(pk__in=moved).update(state=target, **changes)
        record.objects.bulk_create(written, batch_size=500)
    return locked
