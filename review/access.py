"""Which papers of the review somebody may download; registered with ``documents.access`` at start-up."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from applications.enums import CaseState
from documents.enums import DocumentKind
from documents.models import OfficialDocument
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelState
from review.models import (
    Assignment,
    ChairDeclaration,
    DecisionMeeting,
    MeetingCase,
    PanelCase,
    PanelMember,
    ScoreSheet,
)

_SEEN = (AssignmentState.DECLARED, AssignmentState.SUBMITTED)


def reads_case_book(user: Any, document: OfficialDocument) -> bool:
    """The merged case: its experts once they have declared, the chair who may lead it, the office. Three queries."""
    if document.kind != DocumentKind.CASE_BOOK:
        return False
    seat = PanelCase.objects.select_related("panel", "case").filter(book=document).first()
    if seat is None or permissions.member_of_company(user, seat) or seat.case.state == CaseState.WITHDRAWN:
        return False
    if user.has_permission(permissions.MANAGE):
        return True
    if seat.panel.state == PanelState.FORMING:
        return False
    own = Assignment.objects.filter(panel_case=seat, reviewer__user=user).first()
    if own is not None and user.has_permission(permissions.SCORE):
        return own.state in _SEEN
    return (
        permissions.is_chair(user, seat.panel)
        and ChairDeclaration.objects.filter(panel_case=seat, reviewer__user=user, has_conflict=False).exists()
    )


def reads_score_sheet(user: Any, document: OfficialDocument) -> bool:
    """A printed sheet: its writer; once all are in, the chair who may lead the case, office and overseers.

    Four queries at most. Only the newest print counts for others, so that a reopened sheet is not read.
    """
    if document.kind != DocumentKind.SCORE_SHEET:
        return False
    assignment = (
        Assignment.objects.select_related("reviewer", "panel_case__panel", "panel_case__case")
        .filter(sheet__document=document)
        .first()
    )
    if assignment is None or permissions.member_of_company(user, assignment.panel_case):
        return False
    if assignment.reviewer.user_id == user.pk:
        return assignment.state in _SEEN
    everybody = list(Assignment.objects.filter(panel_case=assignment.panel_case))
    if not permissions.revealed(everybody):
        return False
    if user.has_permission(permissions.MANAGE) or user.has_permission("letter.view"):
        return True
    own = next((a for a in everybody if a.reviewer_id in _profiles(user, assignment)), None)
    if not permissions.is_chair(user, assignment.panel_case.panel):
        return False
    if own is not None:
        return own.state == AssignmentState.SUBMITTED
    return ChairDeclaration.objects.filter(
        panel_case=assignment.panel_case, reviewer__user=user, has_conflict=False
    ).exists()


def _profiles(user: Any, assignment: Assignment) -> set[int]:
    """The user's seat on the panel, as reviewer keys. One query."""
    return set(
        PanelMember.objects.filter(
            panel=assignment.panel_case.panel_id, reviewer__user=user, state=InvitationState.ACCEPTED
        ).values_list("reviewer", flat=True)
    )


def review_of_own_companies(user: Any) -> Q | None:
    """Minutes, case books and score sheets that are, or may be, about a case of one's own company.

    Denied unless it is known to be about others only: earlier minutes of a meeting are tied to no meeting any more.
    """
    own = list(user.organisation_roles)
    if not own:
        return None
    concerned = MeetingCase.objects.filter(case__organisation__in=own).values("meeting")
    minutes = DecisionMeeting.objects.exclude(pk__in=concerned).exclude(minutes=None).values("minutes")
    books = PanelCase.objects.exclude(case__organisation__in=own).exclude(book=None).values("book")
    sheets = (
        ScoreSheet.objects.exclude(assignment__panel_case__case__organisation__in=own)
        .exclude(document=None)
        .values("document")
    )
    return (
        (Q(kind=DocumentKind.MINUTES) & ~Q(pk__in=minutes))
        | (Q(kind=DocumentKind.CASE_BOOK) & ~Q(pk__in=books))
        | (Q(kind=DocumentKind.SCORE_SHEET) & ~Q(pk__in=sheets))
    )
