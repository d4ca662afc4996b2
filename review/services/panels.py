"""Panels: forming, inviting, answering, choosing the chair and the cases, starting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count

from accounts.models import Role, User
from accounts.services.errors import Refused
from applications import letters
from applications.enums import CaseState
from applications.models import Case
from applications.services import progress
from core import workflow
from core.locking import lock_row
from core.queues import BULK, using
from core.workflow import TransitionRefused
from documents.models import OfficialDocument
from documents.services import request_document
from programs.models import Call
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelState
from review.models import Assignment, Panel, PanelCase, PanelMember, ReviewerProfile
from review.selectors import panels as selectors
from review.services import notices
from review.workflow import INVITATION, PANEL

CHAIR_ROLE = "chair"


def _require(actor: User, panel: Panel | None = None) -> None:
    if reason := permissions.manage_refusal(actor, panel):
        raise PermissionDenied(reason)


def lock(panel: Panel, actor: User) -> Panel:
    """The locked, fresh panel for somebody who manages panels. Every change of a panel takes this lock first."""
    locked = lock_row(Panel.objects.select_related("call__current_terms"), pk=panel.pk)
    _require(actor, locked)
    return locked


@transaction.atomic
def create_panel(*, call: Call, name: str, due_on: date | None, actor: User, now: datetime) -> Panel:
    """A new panel of a call. The same name again in the call is refused."""
    _require(actor)
    try:
        with transaction.atomic():
            return Panel.objects.create(call=call, name=name, due_on=due_on, created_at=now)
    except IntegrityError:
        raise Refused(f"這個徵案已經有「{name}」，請換一個名稱。") from None


@transaction.atomic
def update_panel(
    *, panel: Panel, name: str, due_on: date | None, gender_reason: str, actor: User, now: datetime
) -> Panel:
    """Name, due date, and the reason why one third of each gender can't be reached."""
    locked = lock(panel, actor)
    if locked.state != PanelState.FORMING and due_on is None:
        raise Refused("評分已經開始，評分期限不能清空。")
    locked.name, locked.due_on, locked.gender_exception_reason = name, due_on, gender_reason
    try:
        with transaction.atomic():
            locked.save(update_fields=["name", "due_on", "gender_exception_reason"])
    except IntegrityError:
        raise Refused(f"這個徵案已經有「{name}」，請換一個名稱。") from None
    return locked


# ---- members -------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *, panel: Panel, reviewers: Iterable[ReviewerProfile], actor: User, now: datetime
) -> list[PanelMember]:
    """Invite experts by mail; who is on the panel already stays, who declined is asked again.

    Returns those who were invited now. Raises ``Refused`` for somebody taken out of the pool.
    """
    locked = lock(panel, actor)
    have = {m.reviewer_id: m for m in locked.members.all()}
    invited = []
    for reviewer in reviewers:
        if not reviewer.active:
            raise Refused(f"{reviewer.user.name} 已停用，不能邀請。")
        member = have.get(reviewer.pk)
        if member is None:
            member = PanelMember.objects.create(panel=locked, reviewer=reviewer, invited_at=now)
        elif member.state == InvitationState.DECLINED:
            member = workflow.apply(
                INVITATION, member, "invite_again", actor=actor, at=now, invited_at=now, answered_at=None
            )
        else:
            continue
        member.panel, member.reviewer = locked, reviewer
        invited.append(member)
        notices.invitation(member, now=now)
    return invited


@transaction.atomic
def remind(*, member: PanelMember, actor: User, now: datetime) -> bool:
    """Send the invitation again, at most once in ten minutes; says whether a mail went out."""
    lock(member.panel, actor)
    locked = lock_row(PanelMember.objects.select_related("panel__call", "reviewer__user"), pk=member.pk)
    last = locked.reminded_at or locked.invited_at
    if locked.state != InvitationState.INVITED or now - last < timedelta(minutes=10):
        return False
    locked.reminded_at = now
    locked.save(update_fields=["reminded_at"])
    notices.invitation(locked, now=now)
    return True


@transaction.atomic
def answer_invitation(
    *, member: PanelMember, accept: bool, note: str, actor: User, now: datetime
) -> PanelMember:
    """An expert accepts or declines; the same answer again changes nothing. The office is told.

    Raises ``PermissionDenied`` for anybody else, ``Refused`` when it is too late to decline.
    """
    # Before its members, as by whoever assigns a case.
    Panel.objects.select_for_update().get(pk=member.panel_id)
    locked = lock_row(PanelMember.objects.select_related("panel__call", "reviewer__user"), pk=member.pk)
    if locked.reviewer.user_id != actor.pk:
        raise PermissionDenied("這份邀請不是給您的。")
    wanted = InvitationState.ACCEPTED if accept else InvitationState.DECLINED
    if locked.state == wanted:
        return locked
    if locked.panel.state == PanelState.CLOSED:
        raise Refused("這個小組的審查已經結束。")
    if not accept and _held(locked):
        raise Refused("您已經有指派的案件，請先聯絡計畫辦公室改派，再退出小組。")
    if not accept and locked.is_chair:
        raise Refused("您是召集人，請先請計畫辦公室改選召集人。")
    answered = workflow.apply(
        INVITATION, locked, "accept" if accept else "decline", actor=actor, at=now, reason=note,
        answered_at=now, note=note,
    )  # fmt: skip
    answered.panel, answered.reviewer = locked.panel, locked.reviewer
    notices.invitation_answered(answered, now=now)
    return answered


def _held(member: PanelMember) -> int:
    return (
        Assignment.objects.active()
        .filter(panel_case__panel=member.panel_id, reviewer=member.reviewer_id)
        .count()
    )


@transaction.atomic
def set_chair(*, member: PanelMember, actor: User, now: datetime) -> PanelMember:
    """Make an accepted member the chair; the one before becomes an ordinary member and keeps no more rights."""
    panel = lock(member.panel, actor)
    locked = lock_row(PanelMember.objects.select_related("reviewer__user"), pk=member.pk)
    if locked.is_chair:
        return locked
    if locked.state != InvitationState.ACCEPTED:
        raise Refused("召集人須是已接受邀請的委員。")
    role = Role.objects.filter(code=CHAIR_ROLE).first()
    if role is None:
        raise Refused("系統還沒有召集人的角色，請先請系統管理員載入角色設定。")
    before = PanelMember.objects.filter(panel=panel, is_chair=True).select_related("reviewer__user").first()
    if before is not None:
        before.is_chair = False
        before.save(update_fields=["is_chair"])
        if not PanelMember.objects.filter(reviewer=before.reviewer, is_chair=True).exists():
            # He or she goes on as an ordinary reviewer, whatever role there was besides.
            before.reviewer.user.roles.remove(role)
            before.reviewer.user.roles.add(*Role.objects.filter(code="reviewer"))
    locked.is_chair = True
    locked.save(update_fields=["is_chair"])
    locked.reviewer.user.roles.add(role)
    return locked


@transaction.atomic
def remove_member(*, member: PanelMember, actor: User, now: datetime) -> None:
    """Take somebody off the panel who holds none of its cases. Removing twice does no harm."""
    lock(member.panel, actor)
    locked = PanelMember.objects.select_for_update().filter(pk=member.pk).first()
    if locked is None:
        return
    if locked.is_chair:
        raise Refused("請先改選召集人，再移除這位委員。")
    if held := _held(locked):
        raise Refused(f"這位委員還有 {held} 件指派的案件，請先改派。")
    locked.delete()


# ---- cases ---------------------------------------------------------------------------------------


@transaction.atomic
def add_cases(*, panel: Panel, cases: Sequence[Case], actor: User, now: datetime) -> list[PanelCase]:
    """Put qualified cases before the panel; in a panel that has started their review starts at once.

    A case that is here already is left alone. Raises ``Refused`` for one of another call, state or panel.
    """
    locked = lock(panel, actor)
    added = []
    for case in Case.objects.select_for_update().filter(pk__in=[c.pk for c in cases]).order_by("pk"):
        other = PanelCase.objects.filter(case=case).select_related("panel").first()
        if other is not None and other.panel_id == locked.pk:
            continue
        if other is not None:
            raise Refused(f"{case.number} 已經在「{other.panel.name}」，請重新整理頁面。")
        if case.call_id != locked.call_id:
            raise Refused(f"{case.number} 屬於另一個徵案，不能排入這個小組。")
        if case.state != CaseState.QUALIFIED:
            raise Refused(f"{case.number} 目前是「{case.get_state_display()}」，只有初審符合的案件可以排入。")
        if case.organisation_id in actor.organisation_roles:
            raise PermissionDenied(
                f"您是 {case.number} 申請公司的成員，依利益迴避原則不能辦理這件案件，請由其他同仁處理。"
            )
        added.append(PanelCase.objects.create(panel=locked, case=case))
    if locked.state == PanelState.SCORING:
        for seat in added:
            _start_case(seat, actor=actor, now=now)
    return added


@transaction.atomic
def remove_case(*, seat: PanelCase, actor: User, now: datetime) -> None:
    """Take a case off a panel that has not started yet. Removing twice does no harm."""
    panel = lock(seat.panel, actor)
    locked = PanelCase.objects.select_for_update().filter(pk=seat.pk).first()
    if locked is None:
        return
    if panel.state != PanelState.FORMING:
        raise Refused("評分已經開始，案件不能再移出小組。")
    locked.delete()


@transaction.atomic
@using(BULK)  # a book for each case
def start_panel(*, panel: Panel, actor: User, now: datetime) -> Panel:
    """Start the scoring: every case goes into review, its book is made, the experts are told.

    Starting what has started does nothing. Raises ``Refused`` with everything that is still in the way.
    """
    locked = lock(panel, actor)
    if locked.state == PanelState.SCORING:
        return locked
    members = list(locked.members.select_related("reviewer"))
    seats = list(locked.panel_cases.select_related("case__call", "case__terms", "case__organisation"))
    if problems := selectors.start_blockers(locked, members, len(seats)):
        raise Refused("".join(problems))
    started = workflow.apply(PANEL, locked, "start", actor=actor, at=now)
    started.call = locked.call
    for seat in seats:
        _start_case(seat, actor=actor, now=now)
    tell_reviewers(started, Assignment.objects.filter(panel_case__in=seats), now=now)
    return started


def _start_case(seat: PanelCase, *, actor: User, now: datetime) -> None:
    """Move one case into review and have its book made. A case that was withdrawn meanwhile is passed over."""
    case = seat.case
    if case.state == CaseState.WITHDRAWN:
        return
    if case.state == CaseState.QUALIFIED:
        try:
            seat.case = progress.start_review(case=case, actor=actor, now=now)
        except TransitionRefused:
            raise Refused(f"{case.number} 的狀態剛才改變了，請重新整理頁面後再試。") from None
    ensure_book(seat=seat, actor=actor, now=now)


@transaction.atomic
def ensure_book(*, seat: PanelCase, actor: User | None, now: datetime) -> OfficialDocument:
    """The merged case of a panel case, requested once; a second call finds the first (side effect: documents)."""
    locked = lock_row(
        PanelCase.objects.select_related("book", "case__call", "case__terms", "case__organisation"),
        pk=seat.pk,
    )
    if locked.book is None:
        case = locked.case
        locked.book = request_document(
            context=letters.case_book_context(case),
            recipient=letters.recipient(case),
            actor=actor,
            now=now,
            attachments=letters.case_book_parts(case=case, actor=actor, now=now),
        )
        locked.save(update_fields=["book"])
    seat.book = locked.book
    return locked.book


def tell_reviewers(panel: Panel, assignments: Any, *, now: datetime) -> None:
    """One mail to each expert with the number of new cases. Only in a panel that has started."""
    if panel.state != PanelState.SCORING:
        return
    rows = (
        assignments.filter(state=AssignmentState.ASSIGNED)
        .order_by()
        .values_list("reviewer__user")
        .annotate(n=Count("pk"))
    )
    counts = dict(rows)
    for user in User.objects.filter(pk__in=counts).order_by("pk"):
        notices.work(user, panel, counts[user.pk], now=now)
