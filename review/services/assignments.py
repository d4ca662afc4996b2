"""Who reviews which case: by hand, automatically balanced, taken back, and the signed declaration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.services.errors import Refused
from applications.enums import CaseState
from core import workflow
from core.locking import lock_row
from core.text import clean_line
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import (
    Assignment,
    ChairDeclaration,
    ConflictDeclaration,
    Panel,
    PanelCase,
    PanelMember,
    ReviewerProfile,
    ScoreSheet,
)
from review.rules.assignment import AssignmentError
from review.selectors import assignments as selectors
from review.services import notices
from review.services.panels import ensure_book, lock, tell_reviewers
from review.workflow import ASSIGNMENT


def lock_seat(seat: PanelCase, actor: User) -> PanelCase:
    """The locked case of a panel, for staff who do not belong to the applicant.

    The panel is locked before, so that its members stay who they are.
    """
    lock(seat.panel, actor)
    locked = lock_row(
        PanelCase.objects.select_related("panel__call__current_terms", "case__organisation"), pk=seat.pk
    )
    if reason := permissions.manage_refusal(actor, locked.panel):
        raise PermissionDenied(reason)
    if permissions.member_of_company(actor, locked):
        raise PermissionDenied("您是這家公司的成員，依利益迴避原則不能辦理這件案件，請由其他同仁處理。")
    return locked


def _open(seat: PanelCase) -> None:
    if seat.state != PanelCaseState.OPEN or seat.case.state not in (CaseState.QUALIFIED, CaseState.IN_REVIEW):
        raise Refused(f"{seat.case.number} 的評分已經收齊或案件已不在審查中，不能再調整指派。")


@transaction.atomic
def assign(*, seat: PanelCase, reviewer: ReviewerProfile, actor: User, now: datetime) -> Assignment:
    """Give a case to an expert by hand. Conflicts are refused with their reasons; the same again changes nothing.

    Raises ``Refused``, ``PermissionDenied``. Side effects: a row, in a started panel a mail.
    """
    locked = lock_seat(seat, actor)
    _open(locked)
    candidate = next((c for c in selectors.candidates(locked) if c.profile.pk == reviewer.pk), None)
    if candidate is None:
        raise Refused("只能指派已接受邀請的小組委員。")
    _keep_in_pool([candidate.profile])
    if candidate.conflicts:
        raise Refused(
            f"{candidate.profile.user.name} 須迴避：{''.join(c.reason for c in candidate.conflicts)}"
        )
    existing = candidate.assignment
    if existing is not None and existing.state not in (AssignmentState.REMOVED, AssignmentState.RECUSED):
        return existing
    if candidate.refusal:
        raise Refused(f"{candidate.profile.user.name}：{candidate.refusal}。")
    match = "、".join(candidate.skills)
    words = f"人工指派{f'；專長相符（{match}）' if match else ''}"
    row = _give(locked, candidate.profile, words, automatic=False, actor=actor, now=now)
    tell_reviewers(locked.panel, Assignment.objects.filter(pk=row.pk), now=now)
    return row


def _keep_in_pool(profiles: Iterable[ReviewerProfile]) -> None:
    """Lock experts, so that nobody takes them out of the pool meanwhile. Raises ``Refused`` for one who is out."""
    rows = ReviewerProfile.objects.select_for_update().filter(pk__in=[p.pk for p in profiles])
    for row in rows.order_by("pk"):
        if not row.active:
            raise Refused(f"{row.user.name} 已停用，不能指派。")


def _give(
    seat: PanelCase,
    reviewer: ReviewerProfile,
    words: str,
    *,
    automatic: bool,
    actor: User,
    now: datetime,
) -> Assignment:
    existing = Assignment.objects.filter(panel_case=seat, reviewer=reviewer).first()
    if existing is not None:
        # What was signed before the case was taken away does not count for the new start.
        ConflictDeclaration.objects.filter(assignment=existing).delete()
        return workflow.apply(
            ASSIGNMENT, existing, "restore", actor=actor, at=now,
            automatic=automatic, explanation=words[:300], assigned_at=now, assigned_by=actor,
        )  # fmt: skip
    return Assignment.objects.create(
        panel_case=seat,
        reviewer=reviewer,
        automatic=automatic,
        explanation=words[:300],
        assigned_at=now,
        assigned_by=actor,
    )


@transaction.atomic
def assign_automatically(*, panel: Panel, digest: str, actor: User, now: datetime) -> list[Assignment]:
    """Carry out the plan that the office has seen. ``digest`` names it; another plan by now is refused.

    A replay finds nothing left to do and returns an empty list. Raises ``Refused``.
    """
    locked = lock(panel, actor)
    try:
        page = selectors.plan(locked)
    except AssignmentError as error:
        raise Refused(str(error)) from error
    if not page.proposed:
        return []
    if page.digest != digest:
        raise Refused("預覽之後，委員、案件或指派有變動。請看過新的預覽，再按一次套用。")
    own = [p.seat.case.number for p in page.proposed if permissions.member_of_company(actor, p.seat)]
    if own:
        raise PermissionDenied(f"您是 {own[0]} 申請公司的成員，依利益迴避原則請由其他同仁指派。")
    _keep_in_pool(p.reviewer for p in page.proposed)
    rows = [
        _give(p.seat, p.reviewer, p.explanation, automatic=True, actor=actor, now=now) for p in page.proposed
    ]
    tell_reviewers(locked, Assignment.objects.filter(pk__in=[r.pk for r in rows]), now=now)
    return rows


@transaction.atomic
def remove(*, assignment: Assignment, reason: str, actor: User, now: datetime) -> Assignment:
    """Take a case back from an expert who has not submitted, with a reason. Twice does no harm."""
    seat = lock_seat(assignment.panel_case, actor)
    current = Assignment.objects.select_related("reviewer__user").get(pk=assignment.pk)
    if current.state == AssignmentState.REMOVED:
        return current
    if current.state == AssignmentState.SUBMITTED:
        raise Refused("這位委員已經送出評分，不能取消指派。需要的話請召集人先退回評分表。")
    _open(seat)
    removed = workflow.apply(ASSIGNMENT, current, "remove", actor=actor, at=now, reason=reason)
    removed.panel_case, removed.reviewer = seat, current.reviewer
    if seat.panel.state == PanelState.SCORING:
        notices.work_taken_back(removed, now=now)
    return removed


@transaction.atomic
def replace(
    *, assignment: Assignment, reviewer: ReviewerProfile, reason: str, actor: User, now: datetime
) -> Assignment:
    """Take a case from one expert and give it to another, or nothing of both."""
    remove(assignment=assignment, reason=reason, actor=actor, now=now)
    return assign(seat=assignment.panel_case, reviewer=reviewer, actor=actor, now=now)


# ---- declarations --------------------------------------------------------------------------------


def _signed(name: str, actor: User) -> str:
    """The typed name, which must be the person's own. Raises ``Refused``."""
    typed = clean_line(name)
    if typed.replace(" ", "").casefold() != actor.name.replace(" ", "").casefold():
        raise Refused(f"請輸入您自己的姓名「{actor.name}」作為簽名。")
    return typed


@transaction.atomic
def declare(
    *,
    assignment: Assignment,
    has_conflict: bool,
    explanation: str,
    signed_name: str,
    actor: User,
    now: datetime,
) -> Assignment:
    """Sign the statement that comes before the first look; with a conflict the expert steps back from the case.

    While scoring, a conflict may still be declared. The same statement again changes nothing. Raises
    ``PermissionDenied``, ``Refused``. Side effects: the sheet, or a mail to the office.
    """
    # The case first, as whoever leads it does: its book needs that lock as well.
    PanelCase.objects.select_for_update().get(pk=assignment.panel_case_id)
    current = lock_row(
        Assignment.objects.select_related("reviewer__user", "panel_case__panel__call", "panel_case__case"),
        pk=assignment.pk,
    )
    if current.reviewer.user_id != actor.pk or not actor.has_permission(permissions.SCORE):
        raise PermissionDenied("這件不是指派給您的。")
    if current.state == (AssignmentState.RECUSED if has_conflict else AssignmentState.DECLARED):
        return current
    if current.state not in (AssignmentState.ASSIGNED, AssignmentState.DECLARED):
        raise Refused("這件的狀態已經改變，請回到我的審查重新查看。")
    if reason := permissions.case_refusal(current.panel_case):
        raise Refused(reason)
    typed = _signed(signed_name, actor)
    if has_conflict and not clean_line(explanation):
        raise Refused("請簡單說明是什麼關係，例如：曾任該公司顧問。")
    ConflictDeclaration.objects.update_or_create(
        assignment=current,
        defaults={
            "has_conflict": has_conflict,
            "explanation": explanation,
            "signed_name": typed,
            "signed_at": now,
        },
    )
    if has_conflict:
        done = workflow.apply(ASSIGNMENT, current, "recuse", actor=actor, at=now, reason=explanation)
        done.panel_case, done.reviewer = current.panel_case, current.reviewer
        notices.recused(done, now=now)
        return done
    done = workflow.apply(ASSIGNMENT, current, "declare", actor=actor, at=now)
    ScoreSheet.objects.get_or_create(assignment=done, defaults={"saved_at": now})
    ensure_book(seat=current.panel_case, actor=None, now=now)
    return done


@transaction.atomic
def declare_as_chair(
    *,
    seat: PanelCase,
    has_conflict: bool,
    explanation: str,
    signed_name: str,
    actor: User,
    now: datetime,
) -> ChairDeclaration:
    """The same for a chair who leads a case without scoring it. The first statement counts; the office is told."""
    locked = lock_row(PanelCase.objects.select_related("panel", "case"), pk=seat.pk)
    member = (
        PanelMember.objects.filter(
            panel=locked.panel, reviewer__user=actor, is_chair=True, state=InvitationState.ACCEPTED
        )
        .select_related("reviewer__user")
        .first()
    )
    if member is None or not actor.has_permission(permissions.CHAIR):
        raise PermissionDenied("只有這個小組的召集人可以簽署。")
    existing = ChairDeclaration.objects.filter(panel_case=locked, reviewer=member.reviewer).first()
    if existing is not None:
        return existing
    typed = _signed(signed_name, actor)
    if has_conflict and not clean_line(explanation):
        raise Refused("請簡單說明是什麼關係，例如：曾任該公司顧問。")
    row = ChairDeclaration.objects.create(
        panel_case=locked,
        reviewer=member.reviewer,
        has_conflict=has_conflict,
        explanation=explanation,
        signed_name=typed,
        signed_at=now,
    )
    if has_conflict:
        notices.chair_recused(locked, now=now)
    return row
