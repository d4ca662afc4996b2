"""The confirmation in the worker: asked for by the supervisor, done once, and never half.

The request writes a durable row and answers at once. The worker writes every outcome and the row's end in one
transaction; a worker that is killed leaves nothing but a lease that runs out, and the sweep queues the row again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from auditlog.context import set_actor
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core.workflow import TransitionRefused, apply
from review.enums import ConfirmationState
from review.models import Confirmation, DecisionMeeting
from review.services.confirmation import AdoptionRefused, confirm, judged
from review.services.guard import CONFIRM, require_meeting
from review.workflow import CONFIRMATION

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=10)
# A task that was just queued gets this long before the sweep queues it a second time.
GRACE = timedelta(seconds=60)


class _Superseded(Exception):
    """The lease ran out meanwhile and another worker took over: what this one wrote is rolled back."""


@transaction.atomic
def request_confirmation(*, meeting: DecisionMeeting, seen: str, actor: User, now: datetime) -> Confirmation:
    """Ask for the confirmation of what was adopted; the worker carries it out.

    What can be refused is refused here, at once. While one is on its way, asking again (a double click, another
    supervisor) gives that one. Raises ``AdoptionRefused``, ``PermissionDenied``, ``TransitionRefused``.
    """
    require_meeting(actor, CONFIRM, meeting)
    locked = DecisionMeeting.objects.select_for_update().get(pk=meeting.pk)
    running = locked.confirmations.open().first()
    if running is not None:
        return running
    board = judged(meeting=locked, actor=actor, seen=seen)
    row = Confirmation.objects.create(
        meeting=locked, seen=seen, total=len(board.rows), requested_by=actor, requested_at=now
    )
    _enqueue(row)
    return row


def _enqueue(row: Confirmation) -> None:
    from documents.tasks import deliver
    from review.tasks import confirm_meeting

    pk = str(row.pk)
    transaction.on_commit(lambda: deliver(confirm_meeting, pk))


def run_confirmation(*, pk: int, now: datetime) -> str:
    """Carry a confirmation out; says what happened.

    ``done`` · ``already`` (ended before) · ``busy`` (another worker holds the lease) · ``retry`` (an error, will be
    tried again) · ``failed`` (refused by a rule, or given up; the supervisor sees the reason) · ``superseded``.
    """
    row = _claim(pk=pk, now=now)
    if isinstance(row, str):
        return row
    try:
        with transaction.atomic(), set_actor(row.requested_by):
            if row.requested_by is None:
                raise PermissionDenied("按下核定的帳號已經移除，請由另一位主管重新核定。")
            confirm(meeting=row.meeting, actor=row.requested_by, now=now, seen=row.seen)
            if not _still_ours(row):
                raise _Superseded
            apply(
                CONFIRMATION, row, "finish", actor=None, at=now, finished_at=now, lease_until=None, error=""
            )
    except _Superseded:
        return "superseded"
    except (AdoptionRefused, TransitionRefused, PermissionDenied) as refused:
        return _give_back(row, words=str(refused) or "沒有核定的權限。", final=True, now=now)
    except Exception as error:
        logger.warning("confirmation %s failed, attempt %s", row.pk, row.attempts, exc_info=error)
        words = f"產生結果時發生錯誤，請再核定一次；仍失敗時請通知系統管理員（{type(error).__name__}）。"
        return _give_back(row, words=words, final=row.attempts >= MAX_ATTEMPTS, now=now)
    return "done"


def _claim(*, pk: int, now: datetime) -> Confirmation | str:
    with transaction.atomic():
        row = Confirmation.objects.select_for_update().get(pk=pk)
        if not row.is_open:
            return "already"
        if row.state == ConfirmationState.RUNNING and row.lease_until and row.lease_until > now:
            return "busy"
        action = "start" if row.state == ConfirmationState.PENDING else "restart"
        attempts = row.attempts + 1
        row = apply(CONFIRMATION, row, action, actor=None, at=now, attempts=attempts, lease_until=now + LEASE)
        if attempts > MAX_ATTEMPTS:  # only where workers died: whatever kills them is not tried for ever
            words = (
                f"產生結果的過程連續中斷 {MAX_ATTEMPTS} 次，沒有產生任何結果。請通知系統管理員，再重新核定。"
            )
            apply(
                CONFIRMATION, row, "fail", actor=None, at=now, reason=words,
                error=words, finished_at=now, lease_until=None,
            )  # fmt: skip
            return "failed"
        return row


def _still_ours(row: Confirmation) -> bool:
    locked = Confirmation.objects.select_for_update().get(pk=row.pk)
    return locked.state == ConfirmationState.RUNNING and locked.attempts == row.attempts


def _give_back(row: Confirmation, *, words: str, final: bool, now: datetime) -> str:
    with transaction.atomic():
        if not _still_ours(row):
            return "superseded"
        ending = {"finished_at": now} if final else {}
        apply(
            CONFIRMATION, row, "fail" if final else "release", actor=None, at=now, reason=words,
            error=words, lease_until=None, **ending,
        )  # fmt: skip
    return "failed" if final else "retry"


def sweep_confirmations(*, now: datetime) -> int:
    """Queue again every confirmation that nobody is working on; how many."""
    from documents.tasks import deliver
    from review.tasks import confirm_meeting

    late = Q(state=ConfirmationState.PENDING, requested_at__lte=now - GRACE)
    orphaned = Q(state=ConfirmationState.RUNNING, lease_until__lte=now)
    keys = list(Confirmation.objects.filter(late | orphaned).values_list("pk", flat=True))
    for key in keys:
        deliver(confirm_meeting, str(key))
    return len(keys)
