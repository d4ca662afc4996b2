"""Making a draft of terms public: a new call, or the next version of one; and the end of a call's life."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import workflow
from core.rocdate import roc_datetime
from core.workflow import TransitionRefused
from programs import feeds
from programs.models import Call, CallDraft, CallTerms
from programs.rules.designing.parts import Problem
from programs.rules.terms import parse_terms
from programs.selectors.drafts import Draft, read_draft
from programs.services.budgets import fund_call, keep_funded
from programs.services.calls import digest_of, load_scheme, new_terms_version
from programs.services.drafts import lock_open
from programs.workflow import CALL, CALL_DRAFT


class DraftRefused(Exception):
    """The terms can't be published as they are; ``problems`` says why and where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("還有地方要修正，不能公告。")
        self.problems = problems


class DraftMoved(Exception):
    """Somebody changed the draft after the page was opened on which it was to be published."""


def stamp(draft: Draft) -> str:
    """What the confirming page saw; another one means that the terms have changed since."""
    return digest_of(draft.data)


@transaction.atomic
def publish_draft(*, draft: CallDraft, seen: str, change_note: str, actor: User, now: datetime) -> CallTerms:
    """Publish the draft: a new call with its terms frozen as version 1, or the next version of its call.

    Cases keep the version that they began with. The envelope is set aside in the plan's budget when the draft
    says where it comes from. Raises ``TransitionRefused`` (no longer open: somebody was first),
    ``DraftMoved``, ``DraftRefused``, and ``ValidationError`` for a missing public note.
    """
    row = lock_open(draft)
    read = read_draft(row)
    if stamp(read) != seen:
        raise DraftMoved
    if read.problems:
        raise DraftRefused(read.problems)
    version = (
        _next_version(row, read, change_note, actor, now) if row.call else _new_call(row, read, actor, now)
    )
    workflow.apply(
        CALL_DRAFT, row, "publish", actor=actor, at=now, published=version, change_note=change_note.strip()
    )
    return version


def _new_call(row: CallDraft, read: Draft, actor: User, now: datetime) -> CallTerms:
    if Call.objects.filter(slug=row.slug).exists():
        raise TransitionRefused("另一個徵案剛用了同樣的網址代號公告。請重新建立草稿。")
    call = load_scheme(read.data, actor=actor, now=now, slug=row.slug)
    _fund(row, call)
    assert call.current_terms is not None
    return call.current_terms


def _next_version(row: CallDraft, read: Draft, note: str, actor: User, now: datetime) -> CallTerms:
    assert row.call_id is not None
    call = Call.objects.select_for_update().get(pk=row.call_id)
    if call.current_terms_id != row.source_id:
        raise TransitionRefused(
            "您編輯的期間，這個徵案已經公告了另一版。請捨棄這份草稿，依最新的版本重新改版。"
        )
    if not note.strip():
        raise ValidationError({"change_note": "已公告的須知要改版，請寫明公開的修訂說明。"})
    version = new_terms_version(call=call, data=read.data, change_note=note, actor=actor, now=now)
    _follow(call, version)
    _fund(row, call)
    return version


def _follow(call: Call, version: CallTerms) -> None:
    """The call's own columns say what its current terms say; an extended end stays extended."""
    terms = parse_terms(version.data)
    call.name, call.roc_year, call.envelope = terms.name, terms.roc_year, terms.envelope
    call.opens_at, call.closes_at = terms.window.opens_at, terms.window.closes_at
    call.effective_closes_at = max(call.effective_closes_at, call.closes_at)
    call.save(update_fields=["name", "roc_year", "envelope", "opens_at", "closes_at", "effective_closes_at"])


def _fund(row: CallDraft, call: Call) -> None:
    """Hold the envelope to the budget that it comes out of: the draft's, else the one that the call has already."""
    try:
        if row.budget_part is None or row.budget_year is None:
            keep_funded(call)
        else:
            fund_call(call=call, part=row.budget_part, year=row.budget_year, amount=call.envelope)
    except ValidationError as refused:
        raise DraftRefused([Problem("envelope", text) for text in refused.messages]) from refused


@transaction.atomic
def close_call(*, call: Call, actor: User, now: datetime) -> Call:
    """End a call after its results: no new version, no longer window.

    Raises ``ValidationError`` before the results, while its window is open (S1: it is never shortened), and while
    cases wait for a decision, which nobody could take any more; ``TransitionRefused`` unless it is public. Grants
    of the call go on.
    """
    locked = Call.objects.select_for_update().get(pk=call.pk)
    if locked.results_published_at is None:
        raise ValidationError("核定名單還沒有公告，這個徵案還不能結案。")
    if locked.is_open(now):
        ends = roc_datetime(locked.effective_closes_at)
        raise ValidationError(f"受理時間到 {ends} 才截止；已公告的受理時間不能提早結束，截止後再結案。")
    if waiting := feeds.waiting(locked.pk):
        raise ValidationError(f"{'；'.join(waiting)}。結案後就不能再核定。")
    if CallDraft.objects.open().filter(call=locked).exists():
        raise ValidationError("這個徵案還有一份改版草稿，請先公告或捨棄。")
    return workflow.apply(CALL, locked, "close", actor=actor, at=now)


@transaction.atomic
def reopen_call(*, call: Call, actor: User, now: datetime, reason: str) -> Call:
    """Take a closing back; its envelope is set aside again.

    Raises ``ValidationError`` without a reason or when the budget has no room any more, ``TransitionRefused``
    unless it is closed.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請寫明恢復的理由；會留在操作紀錄。"})
    opened = workflow.apply(CALL, call, "reopen", actor=actor, at=now, reason=reason.strip())
    keep_funded(opened)
    return opened


def archive_call(*, call: Call, actor: User, now: datetime) -> Call:
    """Put a closed call away: out of the public lists, still readable. Raises ``TransitionRefused``."""
    return workflow.apply(CALL, call, "archive", actor=actor, at=now)


def unarchive_call(*, call: Call, actor: User, now: datetime) -> Call:
    """List an archived call again. Raises ``TransitionRefused``."""
    return workflow.apply(CALL, call, "unarchive", actor=actor, at=now)
