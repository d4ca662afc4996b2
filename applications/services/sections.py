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
from applications.services.following import open_what_follows
from core.text import storable

# What one person may leave unsaved in one section, a page each; more than anybody has open with sense.
MOST_DRAFTS = 10


class TooManyDrafts(Exception):
    """The person has ``MOST_DRAFTS`` drafts of the section already; the words are for the user."""

    def __init__(self) -> None:
        super().__init__(
            f"您在這一節已經有 {MOST_DRAFTS} 份還沒存入申請書的輸入，這一份只保留在這一頁，沒有存進系統。"
            "請先打開其他幾份，儲存或捨棄，再回到這一頁按「儲存」。"
        )


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
    """Count one more save of the section, say that the case has changed, and open what a supplement breaks by it."""
    state, created = SectionState.objects.get_or_create(
        case=case, section=section, defaults={"version": 1, "saved_at": now, "saved_by": actor, "tab": tab}
    )
    if not created:
        state.version += 1
        state.saved_at, state.saved_by, state.tab = now, actor, tab
        state.save(update_fields=["version", "saved_at", "saved_by", "tab"])
    Case.objects.filter(pk=case.pk).update(updated_at=now)
    open_what_follows(case, now)
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
    opened: int | None = None,
) -> SectionState:
    """Save what a section's form validated (the shape of ``selectors.content``).

    ``base_version`` is the version that the editor saw (0: never saved); ``tab`` names the open page, whose
    own saves never conflict. Content equal to what is saved changes nothing, so a replay does no harm.
    The page's own draft is used up, and ``opened``, the draft (anybody's) that the page began with; what other
    pages have kept stays. Raises ``SectionConflict`` and ``PermissionDenied``.
    """
    case = lock_for_edit(case, section, actor, now)
    state = SectionState.objects.filter(case=case, section=section).select_related("saved_by").first()
    same = _comparable(read_section(case, section), like=cleaned) == _comparable(cleaned, like=cleaned)
    own = state is not None and tab != "" and (state.tab, state.saved_by_id) == (tab, actor.pk)
    if not same and state is not None and state.version != base_version and not own:
        raise SectionConflict(state)
    if not same or state is None:
        _write(case, section, cleaned)
        state = touch(case, section, actor=actor, now=now, tab=tab)
    _use_up_drafts(case, section, actor=actor, tab=tab, opened=opened)
    return state


def _use_up_drafts(case: Case, section: str, *, actor: User, tab: str, opened: int | None) -> None:
    """Delete what the saved page had kept and opened, back to the first draft that its words came from."""
    drafts = {d.pk: d for d in SectionDraft.objects.filter(case=case, section=section).defer("payload")}
    gone: set[int | None] = {opened}
    gone.update(d.pk for d in drafts.values() if (d.user_id, d.tab) == (actor.pk, tab))
    for draft in sorted(drafts.values(), key=lambda one: one.pk, reverse=True):
        if draft.pk in gone:  # an older draft has a smaller id
            gone.add(draft.began_with)
    SectionDraft.objects.filter(pk__in=[pk for pk in drafts if pk in gone]).delete()


@transaction.atomic
def keep_draft(
    *,
    case: Case,
    section: str,
    payload: dict[str, str],
    base_version: int,
    actor: User,
    now: datetime,
    tab: str = "",
    opened: int | None = None,
) -> SectionDraft:
    """Keep exactly what was typed, because it can't be saved as it is.

    It takes the place of what the page (``tab``) kept before; the draft that the page began with (``opened``,
    anybody's) stays until the words are saved, since another page may still show it. Raises ``PermissionDenied``
    and ``TooManyDrafts``.
    """
    case = lock_for_edit(case, section, actor, now)
    own = SectionDraft.objects.filter(case=case, section=section, user=actor)
    before = own.filter(tab=tab).defer("payload").first()
    if before is None and own.count() >= MOST_DRAFTS:
        raise TooManyDrafts
    if before is not None:
        opened = before.began_with if opened in (before.pk, None, 0) else opened
        before.delete()
    return SectionDraft.objects.create(
        case=case,
        section=section,
        user=actor,
        tab=tab,
        began_with=opened or None,
        payload=storable_fields(payload),
        base_version=base_version,
        saved_at=now,
    )


@transaction.atomic
def discard_draft(*, case: Case, section: str, draft_id: int, actor: User, now: datetime) -> None:
    """Throw away a draft of the section, one's own or a colleague's; none, or one kept anew since, is no error."""
    case = lock_for_edit(case, section, actor, now)
    SectionDraft.objects.filter(case=case, section=section, pk=draft_id).delete()


def storable_fields(payload: dict[str, str]) -> dict[str, str]:
    """The typed fields without what no database keeps in JSON."""
    return {storable(name): storable(value) for name, value in payload.items()}


def _comparable(content: Content, *, like: Content) -> Content:
    """What the form shows (``like``): a call does not ask for every field and column that there is."""
    names = {name for row in like["rows"] for name in row} - {"id"}
    rows = [{name: _blank(row.get(name)) for name in names} for row in content["rows"]]
    return {"fields": {name: _blank(content["fields"].get(name)) for name in like["fields"]}, "rows": rows}


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
