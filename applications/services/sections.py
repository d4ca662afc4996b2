"""Saving a section: under a lock, against the version that the editor saw, and never losing a word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from applications import permissions
from applications.enums import Section
from applications.models import (
    AdvantageClaim,
    Case,
    CaseCompany,
    CaseEligibility,
    OutcomePromise,
    PlanText,
    SectionDraft,
    SectionState,
)
from applications.selectors.content import OUTCOME_COLUMNS, TABLES, Content, read_section


class SectionConflict(Exception):
    """Somebody saved the section after the editor had opened it; ``state`` says who and when."""

    def __init__(self, state: SectionState) -> None:
        super().__init__("這一節剛才有別人存過。")
        self.state = state


def lock_for_edit(case: Case, section: str, actor: User, now: datetime) -> Case:
    """The locked, fresh case. Raises ``PermissionDenied`` with the reason when the section is closed."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if reason := permissions.section_refusal(actor, locked, section, now):
        raise PermissionDenied(reason)
    return locked


def touch(case: Case, section: str, *, actor: User, now: datetime, tab: str = "") -> SectionState:
    """Count one more save of the section, and say that the case has changed."""
    state, created = SectionState.objects.get_or_create(
        case=case, section=section, defaults={"version": 1, "saved_at": now, "saved_by": actor, "tab": tab}
    )
    if not created:
        state.version += 1
        state.saved_at, state.saved_by, state.tab = now, actor, tab
        state.save(update_fields=["version", "saved_at", "saved_by", "tab"])
    Case.objects.filter(pk=case.pk).update(updated_at=now)
    return state


@transaction.atomic
def save_section(
    *,
    case: Case,
    section: str,
    cleaned: Content,
    base_version: int,
    actor: User,
    now: datetime,
    tab: str = "",
) -> SectionState:
    """Save what a section's form validated (the shape of ``selectors.content``).

    ``base_version`` is the version that the editor saw (0: never saved); ``tab`` names the open page, whose
    own saves never conflict. Content equal to what is saved changes nothing, so a replay does no harm.
    The actor's own draft of the section is used up. Raises ``SectionConflict`` and ``PermissionDenied``.
    """
    case = lock_for_edit(case, section, actor, now)
    state = SectionState.objects.filter(case=case, section=section).select_related("saved_by").first()
    same = _comparable(read_section(case, section)) == _comparable(cleaned)
    own = state is not None and tab != "" and (state.tab, state.saved_by_id) == (tab, actor.pk)
    if not same and state is not None and state.version != base_version and not own:
        raise SectionConflict(state)
    if not same or state is None:
        _write(case, section, cleaned)
        state = touch(case, section, actor=actor, now=now, tab=tab)
    SectionDraft.objects.filter(case=case, section=section, user=actor).delete()
    return state


@transaction.atomic
def keep_draft(
    *, case: Case, section: str, payload: dict[str, str], base_version: int, actor: User, now: datetime
) -> SectionDraft:
    """Keep exactly what was typed, because it can't be saved as it is. Raises ``PermissionDenied``."""
    case = lock_for_edit(case, section, actor, now)
    draft, _ = SectionDraft.objects.update_or_create(
        case=case,
        section=section,
        user=actor,
        defaults={"payload": storable(payload), "base_version": base_version, "saved_at": now},
    )
    return draft


@transaction.atomic
def discard_draft(*, case: Case, section: str, draft_id: int | None, actor: User, now: datetime) -> None:
    """Throw away a draft of the section (one's own without ``draft_id``); none is no error."""
    case = lock_for_edit(case, section, actor, now)
    drafts = SectionDraft.objects.filter(case=case, section=section)
    (drafts.filter(user=actor) if draft_id is None else drafts.filter(pk=draft_id)).delete()


def storable(payload: dict[str, str]) -> dict[str, str]:
    """Without what no database keeps in JSON: NUL and lone surrogates."""
    return {_storable(name): _storable(value) for name, value in payload.items()}


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _comparable(content: Content) -> Content:
    rows = [{k: _blank(v) for k, v in row.items() if k != "id"} for row in content["rows"]]
    return {"fields": {k: _blank(v) for k, v in content["fields"].items()}, "rows": rows}


def _blank(value: Any) -> Any:
    return None if value == "" else value


def _write(case: Case, section: str, cleaned: Content) -> None:
    writer = _WRITERS.get(Section(section))
    if writer is not None:
        writer(case, cleaned["fields"])
    if section in TABLES:
        _sync_rows(case, section, cleaned["rows"])


def _sync_rows(case: Case, section: str, rows: list[Content]) -> None:
    """Make the table what was typed, row by row, so that the log tells which person or line changed."""
    table = TABLES[section]
    manager = getattr(case, table.related)
    known = {row.pk: row for row in manager.all()}
    named = {row.get("id") for row in rows}
    # A page that saves again does not know the ids of the rows that it added: they stand where they stood.
    unnamed = {row.position: row.pk for row in known.values() if row.pk not in named}
    for position, typed in enumerate(rows):
        values = {name: typed.get(name) for name in table.columns} | {"position": position}
        row = known.pop(typed.get("id") or unnamed.get(position), None)
        if row is None:
            manager.create(**_columns(table.model, values))
            continue
        changed = [
            name for name, value in _columns(table.model, values).items() if getattr(row, name) != value
        ]
        if changed:
            for name in changed:
                setattr(row, name, _columns(table.model, values)[name])
            row.save(update_fields=changed)
    for gone in known.values():
        gone.delete()
    # The rows were read before: what follows must not see the old ones.
    getattr(case, "_prefetched_objects_cache", {}).pop(table.related, None)


def _columns(model: Any, values: Content) -> Content:
    """Text columns hold "" for nothing, others NULL."""
    return {
        name: "" if value is None and not model._meta.get_field(name).null else value
        for name, value in values.items()
    }


def _write_company(case: Case, values: Content) -> None:
    _save_one(CaseCompany, case, values)


def _write_eligibility(case: Case, values: Content) -> None:
    _save_one(CaseEligibility, case, values)


def _save_one(model: Any, case: Case, values: Content) -> None:
    row = model.objects.filter(case=case).first() or model(case=case)
    for name, value in _columns(model, values).items():
        setattr(row, name, value)
    row.save()


def _write_plan(case: Case, values: Content) -> None:
    _set_on_case(case, title=values.get("title") or "")
    saved = {text.key: text for text in case.plan_texts.all()}
    for item in case.terms.terms.plan_texts:
        body = values.get(item.key) or ""
        text = saved.get(item.key) or PlanText(case=case, key=item.key)
        if text.body != body:
            text.body = body
            text.save()


def _write_schedule(case: Case, values: Content) -> None:
    _set_on_case(case, starts_on=values.get("starts_on"), ends_on=values.get("ends_on"))


def _write_other_funding(case: Case, values: Content) -> None:
    _set_on_case(case, declared_no_other_funding=bool(values.get("none")))


def _set_on_case(case: Case, **values: Any) -> None:
    for name, value in values.items():
        setattr(case, name, value)
    case.save(update_fields=list(values))


def _write_outcomes(case: Case, values: Content) -> None:
    """One row for each outcome about which something was typed, in the order of the terms."""
    saved = {row.key: row for row in case.outcome_promises.all()}
    for position, item in enumerate(case.terms.terms.outcomes):
        typed = {column: values.get(f"{item.key}-{column}") or "" for column in OUTCOME_COLUMNS}
        row = saved.get(item.key)
        if not any(typed.values()):
            if row is not None:
                row.delete()
            continue
        row = row or OutcomePromise(case=case, key=item.key)
        wanted = typed | {"unit": item.unit, "position": position}
        if row.pk is None or any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()


def _write_advantages(case: Case, values: Content) -> None:
    saved = {row.key: row for row in case.advantage_claims.all()}
    for item in case.terms.terms.advantages:
        if item.source != "claimed":
            continue
        row = saved.get(item.key) or AdvantageClaim(case=case, key=item.key)
        claimed, note = bool(values.get(f"{item.key}-claimed")), values.get(f"{item.key}-note") or ""
        if row.pk is None or (row.claimed, row.note) != (claimed, note):
            row.claimed, row.note = claimed, note
            row.save()


_WRITERS = {
    Section.COMPANY: _write_company,
    Section.ELIGIBILITY: _write_eligibility,
    Section.PLAN: _write_plan,
    Section.SCHEDULE: _write_schedule,
    Section.OUTCOMES: _write_outcomes,
    Section.ADVANTAGES: _write_advantages,
    Section.OTHER_FUNDING: _write_other_funding,
}
