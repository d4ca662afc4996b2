"""Scenarios of a meeting: made, copied, computed, typed into by two people at once, and thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import money
from programs.selectors.ledger import standing_of
from review.enums import AllocationBase, AllocationMethod, LastCase
from review.models import Allocation, DecisionMeeting, Scenario, ScenarioLog
from review.selectors import decision as read
from review.services.guard import PROPOSE, lock_preparing, require_meeting


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that two people changed: dollars as ``mine`` typed and as ``theirs`` stands."""

    pk: int
    case: str
    account: str
    mine: int
    theirs: int


class ScenarioConflict(Exception):
    """Somebody else saved since the version one looked at; ``clashes`` are the cells where both differ."""

    def __init__(self, scenario: Scenario, clashes: Sequence[Clash] = ()) -> None:
        self.scenario = scenario
        self.clashes = tuple(clashes)
        super().__init__("這個方案剛才有別人改過。")


@dataclass(frozen=True, slots=True)
class Saved:
    """The scenario after saving; ``others``: cells that somebody else changed meanwhile, pk → dollars."""

    scenario: Scenario
    others: Mapping[int, int]


# ---- making -------------------------------------------------------------------------------------


def first_scenario(*, meeting: DecisionMeeting, actor: User, now: datetime) -> Scenario:
    """The scenario that every meeting begins with: in rank order, whole envelope."""
    return _create(meeting, {"name": "依名次"}, actor=actor, now=now)


@transaction.atomic
def add_scenario(
    *,
    meeting: DecisionMeeting,
    name: str,
    actor: User,
    now: datetime,
    method: str = AllocationMethod.RANK_ORDER,
    base: str = AllocationBase.MEAN,
    last_case: str = LastCase.REMAINDER,
    cut_percent: Decimal = Decimal(0),
    copy_of: Scenario | None = None,
) -> Scenario:
    """Add a scenario: computed by ``method``, or with the amounts of ``copy_of`` as they stand.

    A copy with another method, base or cut is computed anew. The same name again returns the one that is
    there (a replayed POST). Raises ``PermissionDenied``, ``TransitionRefused``.
    """
    require_meeting(actor, PROPOSE, meeting)
    meeting = lock_preparing(meeting.pk)
    if existing := meeting.scenarios.filter(name=name).first():
        return existing
    fields = {
        "name": name,
        "method": method,
        "base": base,
        "last_case": last_case,
        "cut_percent": cut_percent,
    }
    return _create(meeting, fields, actor=actor, now=now, copy_of=copy_of)


@transaction.atomic
def copy_scenario(*, scenario: Scenario, name: str, actor: User, now: datetime) -> Scenario:
    """A second scenario with the same settings and amounts. Raises as :func:`add_scenario`."""
    return add_scenario(
        meeting=scenario.meeting,
        name=name,
        actor=actor,
        now=now,
        method=scenario.method,
        base=scenario.base,
        last_case=scenario.last_case,
        cut_percent=scenario.cut_percent,
        copy_of=scenario,
    )


def _create(
    meeting: DecisionMeeting,
    fields: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    copy_of: Scenario | None = None,
) -> Scenario:
    scenario = Scenario.objects.create(
        meeting=meeting, **fields, envelope=0, saved_at=now, created_at=now, created_by=actor
    )
    frozen = read.table(meeting)
    settings = ("method", "base", "last_case", "cut_percent")
    if copy_of is not None and all(getattr(copy_of, s) == getattr(scenario, s) for s in settings):
        amounts = {(a.case_id, a.account): a.amount for a in copy_of.allocations.all()}
    else:
        amounts = _computed(scenario, frozen)
    Allocation.objects.bulk_create(
        Allocation(
            scenario=scenario,
            case=row.case,
            account=ask.account,
            amount=amounts.get((row.case_id, ask.account), 0),
        )
        for row in frozen.rows
        for ask in read.asks_of(row)
    )
    _stamp(scenario, now=now)
    note = f"複製自「{copy_of.name}」" if copy_of else describe(scenario)
    _log(scenario, "create", note=note, actor=actor, now=now)
    return scenario


def describe(scenario: Scenario) -> str:
    """Method, base and cut in words."""
    words = [scenario.get_method_display(), f"以{scenario.get_base_display()}為準", read.cut_words(scenario)]
    if scenario.method == AllocationMethod.RANK_ORDER:
        words.append(scenario.get_last_case_display())
    return "，".join(word for word in words if word)


def _computed(scenario: Scenario, frozen: read.Table) -> dict[tuple[Any, str], int]:
    """(case, account) → dollars by the scenario's method. By hand starts from nothing. One query."""
    granted = read.awarded(scenario.meeting.call)
    purse = read.money(scenario.meeting.call, scenario, granted, frozen.standing)
    people = read.candidates(frozen.rows, scenario.base, frozen.earlier)
    bounds = read.limits(frozen.terms, purse.available, granted, frozen.earlier)
    result = read.allocate(people, bounds, scenario)
    ids = {row.case.number: row.case_id for row in frozen.rows}
    return {
        (ids[award.case], account): amount
        for award in result.awards
        for account, amount in award.by_account.items()
    }


def _stamp(scenario: Scenario, *, now: datetime) -> None:
    """A new version with the envelope of now."""
    call = scenario.meeting.call
    scenario.envelope = read.money(call, scenario, read.awarded(call), standing_of(call)).available
    scenario.version += 1
    scenario.saved_at = now
    scenario.save()


def _log(
    scenario: Scenario,
    action: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    changes: Sequence[Sequence[Any]] = (),
) -> None:
    ScenarioLog.objects.create(
        scenario=scenario,
        version=scenario.version,
        action=action,
        note=note[:300],
        changes=[list(change) for change in changes],
        at=now,
        by=actor,
        by_name=str(actor or "系統"),
    )


# ---- changing -----------------------------------------------------------------------------------


def _locked(scenario: Scenario, actor: User) -> Scenario:
    """The scenario under the locks of its meeting and itself."""
    require_meeting(actor, PROPOSE, scenario.meeting)
    meeting = lock_preparing(scenario.meeting_id)
    locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
    locked.meeting = meeting
    return locked


@transaction.atomic
def recompute(
    *,
    scenario: Scenario,
    base_version: int,
    actor: User,
    now: datetime,
    name: str | None = None,
    method: str | None = None,
    base: str | None = None,
    last_case: str | None = None,
    cut_percent: Decimal | None = None,
) -> Scenario:
    """Change the scenario's settings where given, and compute every amount anew by its method.

    ``by_hand`` keeps the amounts as they are. Only cells that differ are written, in bulk. Raises
    ``ScenarioConflict`` for a stale version, ``ValidationError`` for a name that is taken,
    ``PermissionDenied``, ``TransitionRefused``.
    """
    scenario = _locked(scenario, actor)
    given = {"name": name, "method": method, "base": base, "last_case": last_case, "cut_percent": cut_percent}
    wanted = {key: value for key, value in given.items() if value is not None}
    if scenario.version != base_version:
        raise ScenarioConflict(scenario)
    if name is not None and scenario.meeting.scenarios.filter(name=name).exclude(pk=scenario.pk).exists():
        raise ValidationError({"name": "這個名稱已經用在另一個方案，請換一個。"})
    for key, value in wanted.items():
        setattr(scenario, key, value)
    if scenario.method != AllocationMethod.BY_HAND:
        frozen = read.table(scenario.meeting)
        amounts = _computed(scenario, frozen)
        changed = []
        for row in scenario.allocations.all():
            amount = amounts.get((row.case_id, row.account), 0)
            if row.amount != amount:
                row.amount = amount
                changed.append(row)
        _write(changed)
    _stamp(scenario, now=now)
    _log(scenario, "recompute", note=describe(scenario), actor=actor, now=now)
    return scenario


def _write(rows: Sequence[Allocation]) -> None:
    """Write amounts of existing cells in bulk: one statement for some hundreds, no query a row."""
    if rows:
        Allocation.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=["amount"]
        )


@transaction.atomic
def save_amounts(
    *,
    scenario: Scenario,
    amounts: Mapping[int, int],
    base_version: int,
    actor: User,
    now: datetime,
    seen: Mapping[int, int] | None = None,
) -> Saved:
    """Save typed amounts: allocation pk → whole dollars; ``seen``: what stood there when one began to type.

    With a stale ``base_version`` only cells that both people changed are a conflict: a cell that still
    stands as it was seen takes the new amount, whatever was saved beside it. Without ``seen`` every
    cell that differs counts as changed. The same again changes nothing. Keys of other scenarios are
    refused. Raises ``ScenarioConflict``, ``ValidationError``, ``PermissionDenied``, ``TransitionRefused``.
    """
    scenario = _locked(scenario, actor)
    cells = {row.pk: row for row in scenario.allocations.select_related("case")}
    if unknown := set(amounts) - set(cells):
        raise ValidationError(f"名單已經更新，有 {len(unknown)} 格不在這個方案裡，請重新整理頁面。")
    if any(not 0 <= amount <= money.MAX_DOLLARS for amount in amounts.values()):
        raise ValidationError(f"請填 0 以上的整數（{scenario.meeting.call.terms.grant.unit}）。")
    changed = {pk: amount for pk, amount in amounts.items() if cells[pk].amount != amount}
    stale = scenario.version != base_version
    if stale:
        clashes = [
            Clash(pk, cells[pk].case.number or "", cells[pk].account, amount, cells[pk].amount)
            for pk, amount in changed.items()
            if seen is None or seen.get(pk) != cells[pk].amount
        ]
        if clashes:
            raise ScenarioConflict(scenario, clashes)
    others = {pk: row.amount for pk, row in cells.items() if pk not in amounts} if stale else {}
    if changed:
        log = [
            (cells[pk].case.number, cells[pk].account, cells[pk].amount, new) for pk, new in changed.items()
        ]
        for pk, amount in changed.items():
            cells[pk].amount = amount
        _write([cells[pk] for pk in changed])
        _stamp(scenario, now=now)
        _log(scenario, "type", actor=actor, now=now, changes=log)
    return Saved(scenario, others)


@transaction.atomic
def delete_scenario(*, scenario: Scenario, actor: User, now: datetime) -> None:
    """Throw a scenario away; the last one stays. Raises ``ValidationError``, ``PermissionDenied``, ``TransitionRefused``."""
    scenario = _locked(scenario, actor)
    if scenario.meeting.scenarios.count() < 2:
        raise ValidationError("會議至少要留一個方案。")
    _discard(scenario.allocations.all())
    scenario.delete()


def _discard(rows: Any) -> None:
    # Without signals: a general history entry for each of thousands of cells would help nobody.
    rows._raw_delete(rows.db)


def follow_list(*, meeting: DecisionMeeting, actor: User, now: datetime) -> None:
    """Give every scenario a cell for each account of the renewed list, and drop those of cases that left.

    What was typed for a case that stays is kept. Called inside the lock of the meeting.
    """
    frozen = read.table(meeting)
    wanted = {(row.case_id, ask.account) for row in frozen.rows for ask in read.asks_of(row)}
    cases = {row.case_id: row.case for row in frozen.rows}
    for scenario in meeting.scenarios.select_for_update():
        scenario.meeting = meeting
        have = {(row.case_id, row.account): row.pk for row in scenario.allocations.all()}
        gone = [pk for key, pk in have.items() if key not in wanted]
        for at in range(0, len(gone), 500):
            _discard(Allocation.objects.filter(pk__in=gone[at : at + 500]))
        Allocation.objects.bulk_create(
            Allocation(scenario=scenario, case=cases[case], account=account, amount=0)
            for case, account in sorted(wanted - set(have), key=str)
        )
        _stamp(scenario, now=now)
        _log(scenario, "refresh", note="名單重新排序，保留已填金額", actor=actor, now=now)
