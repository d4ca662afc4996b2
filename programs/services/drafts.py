"""Writing a call's terms part by part: begin, save under an optimistic lock, arrange rules, give up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import workflow
from core.rocdate import TAIPEI, roc_datetime
from core.workflow import TransitionRefused
from programs.enums import CallState, DraftState
from programs.models import Call, CallDraft, CallTerms, DraftPart, PlanPart
from programs.rules.designing.parts import Data, group_of, split
from programs.rules.kinds import KINDS
from programs.rules.moving import moved
from programs.rules.terms import parse_terms
from programs.services.calls import read_scheme
from programs.workflow import CALL_DRAFT

RULE = "rule"


class DraftConflict(Exception):
    """Somebody saved the part after the editor had opened it; ``part`` is what stands there now."""

    def __init__(self, part: DraftPart) -> None:
        super().__init__("這一頁剛才有別人存過。")
        self.part = part


@transaction.atomic
def start_draft(
    *,
    source: CallTerms | Path,
    name: str,
    roc_year: int,
    opens_on: date,
    actor: User,
    now: datetime,
) -> CallDraft:
    """Begin a new call as a copy of an earlier call's terms or of a scheme file, every date moved with the opening day.

    Raises ``ValidationError`` when a date would leave the calendar, ``TermsError`` for a broken scheme file.
    """
    data = read_scheme(source) if isinstance(source, Path) else dict(source.data)
    terms = parse_terms(data)
    days = (opens_on - terms.window.opens_at.astimezone(TAIPEI).date()) // timedelta(days=1)
    try:
        fresh = moved(data, days=days)
    except (OverflowError, ValueError):
        raise ValidationError({"opens_on": "這個日期太遠了，請再確認年份。"}) from None
    slug = _free_slug(terms.code, roc_year)
    fresh |= {"name": name, "roc_year": roc_year, "code": slug}
    return _create(
        data=fresh,
        base=data,
        source=source if isinstance(source, CallTerms) else None,
        source_name=terms.name,
        slug=slug,
        call=None,
        actor=actor,
        now=now,
    )


@transaction.atomic
def revise_call(*, call: Call, actor: User, now: datetime) -> CallDraft:
    """The working copy of a published call's terms; the open one when there is one already.

    Raises ``ValidationError`` for a call that is not public or is closed.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state != CallState.PUBLISHED or call.current_terms is None:
        raise ValidationError("只有公告中的徵案可以改版；已結案或封存的徵案不再變動。")
    known = CallDraft.objects.open().filter(call=call).first()
    if known is not None:
        return known
    return _create(
        data=call.current_terms.data,
        base=call.current_terms.data,
        source=call.current_terms,
        source_name=str(call.current_terms),
        slug=call.slug,
        call=call,
        actor=actor,
        now=now,
    )


def _create(
    *,
    data: Data,
    base: Data,
    source: CallTerms | None,
    source_name: str,
    slug: str,
    call: Call | None,
    actor: User,
    now: datetime,
) -> CallDraft:
    funding = getattr(call, "funding", None) if call else None
    draft = CallDraft.objects.create(
        call=call,
        source=source,
        source_name=source_name[:160],
        base=base,
        slug=slug,
        budget_part=funding.part if funding else None,
        budget_year=funding.year if funding else None,
        created_at=now,
        created_by=actor,
        updated_at=now,
    )
    parts = [DraftPart(draft=draft, key=key, data=values) for key, values in split(data).items()]
    parts += [
        DraftPart(draft=draft, key=RULE, number=n, position=n, data=rule)
        for n, rule in enumerate(data["rules"], start=1)
    ]
    DraftPart.objects.bulk_create(parts)
    return draft


def _free_slug(code: str, roc_year: int) -> str:
    """An address that no call and no open draft bears: ipas-115, else ipas-115-2."""
    stem = f"{re.sub(r'-[0-9]+(-[0-9]+)?$', '', code)[:38]}-{roc_year}"
    taken = set(Call.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= set(CallDraft.objects.open().filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def lock_open(draft: CallDraft) -> CallDraft:
    """The locked, fresh draft. Raises ``TransitionRefused`` with who ended it, when it is no longer open."""
    locked = CallDraft.objects.select_for_update().get(pk=draft.pk)
    if locked.state != DraftState.OPEN:
        last = locked.transitions.order_by("-at").first()
        word = "公告" if locked.state == DraftState.PUBLISHED else "捨棄"
        who = f"{last.actor_name}在 {roc_datetime(last.at)} " if last else ""
        raise TransitionRefused(f"這份草稿已由{who}{word}，不能再修改。")
    return locked


@transaction.atomic
def save_part(
    *,
    draft: CallDraft,
    key: str,
    number: int = 0,
    data: Mapping[str, Any],
    base_version: int,
    actor: User,
    now: datetime,
    tab: str = "",
) -> DraftPart:
    """Save one part as typed, whether or not it holds together.

    ``base_version`` is the version that the editor saw; ``tab`` names the open page, whose own saves never
    conflict. Equal data changes nothing, so a replay does no harm. Raises ``DraftConflict``,
    ``TransitionRefused`` (no longer open) and ``DraftPart.DoesNotExist`` (a rule that was removed).
    """
    lock_open(draft)
    part = DraftPart.objects.select_for_update().get(draft=draft, key=key, number=number)
    if part.data == data:
        return part
    own = tab != "" and (part.tab, part.saved_by_id) == (tab, actor.pk)
    if part.version != base_version and not own:
        raise DraftConflict(part)
    part.data = dict(data)
    part.version += 1
    part.saved_at, part.saved_by, part.tab = now, actor, tab
    part.save(update_fields=["data", "version", "saved_at", "saved_by", "tab"])
    _touch(draft, now)
    return part


def _touch(draft: CallDraft, now: datetime) -> None:
    CallDraft.objects.filter(pk=draft.pk).update(updated_at=now)


@transaction.atomic
def add_rule(*, draft: CallDraft, kind: str, actor: User, now: datetime) -> DraftPart:
    """A new rule of a kind, after the last one of its subject, with the next free ID. Raises ``ValidationError``."""
    lock_open(draft)
    chosen = KINDS.get(kind)
    if chosen is None:
        raise ValidationError("沒有這一種規則，請從清單選擇。")
    rules = list(draft.parts.filter(key=RULE))
    rule = DraftPart.objects.create(
        draft=draft,
        key=RULE,
        number=max((r.number for r in rules), default=0) + 1,
        data={
            "id": _next_id(chosen.group, [str(r.data.get("id", "")) for r in rules]),
            "kind": kind,
            "clause": "",
            "title": chosen.title,
            "text": chosen.says,
            "severity": "info" if kind == "notice" else "warning" if chosen.group in "RW" else "error",
            "params": {},
        },
        version=1,
        saved_at=now,
        saved_by=actor,
    )
    same = [n for n, r in enumerate(rules) if group_of(r.data) == chosen.group]
    rules.insert(same[-1] + 1 if same else len(rules), rule)
    _number(rules)
    _touch(draft, now)
    return rule


def _next_id(group: str, ids: Iterable[str]) -> str:
    used = [int(m[1]) for i in ids if (m := re.fullmatch(rf"{group}(\d+)[a-z]?", i))]
    return f"{group}{max(used, default=0) + 1}"


def _number(rules: list[DraftPart]) -> None:
    """Store the order of the rules; only positions change, never a version."""
    for position, rule in enumerate(rules, start=1):
        rule.position = position
    DraftPart.objects.bulk_update(rules, ["position"])


@transaction.atomic
def remove_rule(*, draft: CallDraft, number: int, now: datetime) -> None:
    """Take a rule out of the draft; one that is gone already is no error."""
    lock_open(draft)
    for part in draft.parts.filter(key=RULE, number=number):
        part.delete()
    _touch(draft, now)


@transaction.atomic
def move_rule(*, draft: CallDraft, number: int, now: datetime) -> None:
    """Move a rule one place up among those of its subject; the first one stays."""
    lock_open(draft)
    rules = list(draft.parts.filter(key=RULE))
    here = next((n for n, r in enumerate(rules) if r.number == number), 0)
    group = group_of(rules[here].data) if rules else ""
    above = next((n for n in range(here - 1, -1, -1) if group_of(rules[n].data) == group), None)
    if above is not None:
        rules.insert(above, rules.pop(here))
        _number(rules)
        _touch(draft, now)


@transaction.atomic
def choose_budget(*, draft: CallDraft, part: PlanPart | None, year: int | None, now: datetime) -> CallDraft:
    """Say from which part of a plan, and which year, the envelope comes; nothing is set aside before publishing."""
    locked = lock_open(draft)
    locked.budget_part, locked.budget_year = part, year if part else None
    locked.updated_at = now
    locked.save(update_fields=["budget_part", "budget_year", "updated_at"])
    return locked


@transaction.atomic
def discard_draft(*, draft: CallDraft, actor: User, now: datetime) -> CallDraft:
    """Give a draft up; its content is kept. Raises ``TransitionRefused`` when it is no longer open."""
    locked = lock_open(draft)
    return workflow.apply(CALL_DRAFT, locked, "discard", actor=actor, at=now)
