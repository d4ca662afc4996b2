"""Leading a case to its end: reopening a sheet, asking for everyone's confirmation, closing, reopening."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.services.errors import Refused
from applications.enums import CaseState
from applications.services import progress
from core import workflow
from core.locking import lock_row
from core.workflow import TransitionRefused
from documents.enums import DocumentState
from documents.services import retry_document
from review import permissions
from review.enums import AssignmentState, PanelCaseState, PanelState
from review.models import Assignment, Panel, PanelCase, ScoreSheet, SignOff
from review.selectors.chairing import lead_of
from review.services import notices
from review.workflow import ASSIGNMENT, PANEL, PANEL_CASE


def _lock(seat: PanelCase, actor: User) -> PanelCase:
    """The locked case for whoever leads it. Raises ``PermissionDenied`` with the reason."""
    locked = lock_row(
        PanelCase.objects.select_related("panel__call__current_terms", "case__organisation", "case__terms"),
        pk=seat.pk,
    )
    lead = lead_of(actor, locked)
    if lead is None or not lead.may_lead:
        raise PermissionDenied((lead and lead.barred) or "請先簽署這件的利益迴避聲明。")
    return locked


def _active(seat: PanelCase) -> list[Assignment]:
    """The active assignments of a locked case, locked and as they are now."""
    keys = Assignment.objects.filter(panel_case=seat).order_by("pk")
    list(keys.select_for_update().values_list("pk", flat=True))
    return list(
        Assignment.objects.active().filter(panel_case=seat).select_related("reviewer__user").order_by("pk")
    )


def _open_again(seat: PanelCase, *, reason: str, actor: User, now: datetime) -> PanelCase:
    """Back to scoring: what was signed does not count any more."""
    SignOff.objects.filter(panel_case=seat).delete()
    return workflow.apply(PANEL_CASE, seat, "reopen", actor=actor, at=now, reason=reason, closed_at=None)


@transaction.atomic
def retry_sheet(*, assignment: Assignment, actor: User, now: datetime) -> None:
    """Have the PDF of a sheet made again that failed; one that did not is left as it is. Raises ``PermissionDenied``."""
    _lock(assignment.panel_case, actor)
    sheet = ScoreSheet.objects.select_related("document").filter(assignment=assignment).first()
    if sheet is not None and sheet.document is not None and sheet.document.state == DocumentState.FAILED:
        retry_document(document=sheet.document, actor=actor, now=now)


@transaction.atomic
def reopen_sheet(*, assignment: Assignment, reason: str, actor: User, now: datetime) -> Assignment:
    """Give a submitted sheet back to its expert, with a reason that goes out by mail.

    From then on nobody sees scores of the case until it is handed in again. A sheet that is open already stays
    as it is. Raises ``Refused``, ``PermissionDenied``.
    """
    seat = _lock(assignment.panel_case, actor)
    rows = {a.pk: a for a in _active(seat)}
    current = rows.get(assignment.pk)
    if current is None:
        raise Refused("這位委員的指派已經取消。")
    if current.state != AssignmentState.SUBMITTED:
        return current
    if seat.state == PanelCaseState.CLOSED:
        raise Refused("這件已經完成，請先重啟這件的審查，再退回評分表。")
    if not permissions.revealed(rows.values()):
        # Whoever leads has not seen this sheet yet, so there is nothing to reopen it for.
        raise Refused("評分還沒有收齊，不能退回評分表。")
    if seat.state == PanelCaseState.SIGNING:
        seat = _open_again(seat, reason=reason, actor=actor, now=now)
    reopened = workflow.apply(
        ASSIGNMENT, current, "reopen", actor=actor, at=now, reason=reason, submitted_at=None
    )
    reopened.panel_case, reopened.reviewer = assignment.panel_case, current.reviewer
    notices.sheet_reopened(reopened, reason, now=now)
    return reopened


@transaction.atomic
def collect(*, seat: PanelCase, reason: str, actor: User, now: datetime) -> PanelCase:
    """Ask every expert of the case to confirm, once all sheets are in. Twice does no harm.

    With fewer experts than the call wants a ``reason`` is needed, which stays in the history.
    """
    locked = _lock(seat, actor)
    if locked.state == PanelCaseState.SIGNING:
        return locked
    if locked.case.state != CaseState.IN_REVIEW:
        raise Refused(f"案件目前是「{locked.case.get_state_display()}」，不能請委員確認。")
    rows = _active(locked)
    if not permissions.revealed(rows):
        raise Refused("評分還沒有收齊。")
    least = locked.case.terms.terms.settings.reviewers_per_case
    if len(rows) < least and not reason.strip():
        raise Refused(f"這件只有 {len(rows)} 位委員評分，少於規定的 {least} 位，請說明理由。")
    done = workflow.apply(PANEL_CASE, locked, "collect", actor=actor, at=now, reason=reason)
    done.case, done.panel = locked.case, locked.panel
    notices.collected(done, rows, now=now)
    return done


def result_key(seat: PanelCase) -> str:
    """Names the result that the experts were asked to confirm; collected anew it has another key. One query."""
    asked = seat.transitions.filter(action="collect").order_by("-at", "-pk").first()
    return str(asked.pk) if asked else ""


@transaction.atomic
def sign_off(*, assignment: Assignment, actor: User, now: datetime, seen: str | None = None) -> SignOff:
    """An expert confirms the result of a case. Signing twice finds the first signature.

    ``seen``: the :func:`result_key` of the page that was read; a result collected anew since is refused, so
    that nobody signs what he or she has not seen. Raises ``Refused``, ``PermissionDenied``.
    """
    # The case first, as whoever leads it does: else its state is that of before the wait for the other's lock.
    PanelCase.objects.select_for_update().get(pk=assignment.panel_case_id)
    current = lock_row(Assignment.objects.select_related("reviewer", "panel_case"), pk=assignment.pk)
    if current.reviewer.user_id != actor.pk:
        raise PermissionDenied("這件不是指派給您的。")
    existing = SignOff.objects.filter(assignment=current).first()
    if existing is not None:
        return existing
    if current.state != AssignmentState.SUBMITTED or current.panel_case.state != PanelCaseState.SIGNING:
        raise Refused("這件目前不需要確認。召集人請您確認時，會寄信通知。")
    if seen is not None and seen != result_key(current.panel_case):
        raise Refused("審查結果在您開啟這一頁之後重新收齊了，請看過最新的結果再確認。")
    return SignOff.objects.create(panel_case=current.panel_case, assignment=current, signed_at=now)


@transaction.atomic
def close_case(*, seat: PanelCase, actor: User, now: datetime) -> PanelCase:
    """Close a case that everybody has confirmed: it waits for the decision meeting. Twice does no harm."""
    locked = _lock(seat, actor)
    if locked.state == PanelCaseState.CLOSED:
        return locked
    rows = _active(locked)
    if not permissions.revealed(rows):
        raise Refused("評分還沒有收齊。")
    signed = set(SignOff.objects.filter(panel_case=locked).values_list("assignment", flat=True))
    missing = [a.reviewer.user.name for a in rows if a.pk not in signed]
    if locked.state != PanelCaseState.SIGNING or missing:
        raise Refused(f"還有委員沒有確認：{'、'.join(missing)}。" if missing else "請先請委員確認。")
    done = workflow.apply(PANEL_CASE, locked, "close", actor=actor, at=now, closed_at=now)
    try:
        progress.close_review(case=locked.case, actor=actor, now=now)
    except TransitionRefused:
        raise Refused("案件的狀態剛才改變了，請重新整理頁面後再試。") from None
    return done


@transaction.atomic
def reopen_case(*, seat: PanelCase, reason: str, actor: User, now: datetime) -> PanelCase:
    """Take a case back into review, with a reason; every confirmation has to be given again.

    Refused once the decision is made. A panel that was closed is open again.
    """
    Panel.objects.select_for_update().get(pk=seat.panel_id)  # before its case: it may just be closed
    locked = _lock(seat, actor)
    if locked.state == PanelCaseState.OPEN:
        return locked
    if locked.case.state not in (CaseState.IN_REVIEW, CaseState.REVIEWED):
        raise Refused(f"案件目前是「{locked.case.get_state_display()}」，不能重啟審查。")
    if locked.state == PanelCaseState.CLOSED:
        try:
            progress.reopen_review(case=locked.case, reason=reason, actor=actor, now=now)
        except TransitionRefused:
            raise Refused("案件的狀態剛才改變了，請重新整理頁面後再試。") from None
    if locked.panel.state == PanelState.CLOSED:
        workflow.apply(PANEL, locked.panel, "reopen", actor=actor, at=now, reason=reason)
    return _open_again(locked, reason=reason, actor=actor, now=now)


@transaction.atomic
def close_panel(*, panel: Panel, actor: User, now: datetime) -> Panel:
    """End a panel's work once every case is closed (withdrawn ones aside). Twice does no harm."""
    locked = Panel.objects.select_for_update().get(pk=panel.pk)
    if not permissions.is_chair(actor, locked):
        raise PermissionDenied("只有這個小組的召集人可以結束小組審查。")
    if locked.state == PanelState.CLOSED:
        return locked
    left = (
        PanelCase.objects.filter(panel=locked)
        .exclude(state=PanelCaseState.CLOSED)
        .exclude(case__state=CaseState.WITHDRAWN)
        .count()
    )
    if left:
        raise Refused(f"還有 {left} 件沒有完成，不能結束小組審查。")
    return workflow.apply(PANEL, locked, "close", actor=actor, at=now)
