"""Who may act on a decision meeting."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.models import User
from core.locking import lock_row
from core.workflow import TransitionRefused
from review.enums import MeetingState
from review.models import DecisionMeeting, MeetingCase

PROPOSE = "meeting.propose"
CONFIRM = "meeting.confirm"
VIEW = "meeting.view"


def meeting_refusal(actor: User, code: str, meeting: DecisionMeeting) -> str:
    """Why the actor may not act on the meeting; "" when allowed. At most one query.

    Nobody decides on a case of an organisation that they belong to.
    """
    if not actor.has_permission(code):
        return "您的角色沒有辦理這個動作的權限。"
    own = list(actor.organisation_roles)
    if own and MeetingCase.objects.filter(meeting=meeting, case__organisation__in=own).exists():
        return "這場會議有您所屬公司的申請案，依利益迴避原則不能閱讀或辦理，請由其他同仁處理。"
    return ""


def own_meetings(actor: User) -> set[int]:
    """Meetings with a case of a company that the actor belongs to: no amount of them is shown. One query at most."""
    own = list(actor.organisation_roles)
    return (
        set(MeetingCase.objects.filter(case__organisation__in=own).values_list("meeting", flat=True))
        if own
        else set()
    )


def require_meeting(actor: User, code: str, meeting: DecisionMeeting) -> None:
    """Raise ``PermissionDenied`` with the reason unless the actor may act on the meeting."""
    if reason := meeting_refusal(actor, code, meeting):
        raise PermissionDenied(reason)


def lock_preparing(pk: int) -> DecisionMeeting:
    """The meeting, locked and still being prepared. Raises ``TransitionRefused`` otherwise.

    Every change of list, record or amounts takes this lock first, so that none slips in beside an adoption.
    """
    meeting = lock_row(DecisionMeeting.objects.select_related("call__current_terms"), pk=pk)
    if meeting.state != MeetingState.PREPARING:
        raise TransitionRefused(
            f"這場會議目前是「{meeting.get_state_display()}」，名單與金額不能再改。要調整的話，請先重新審議。"
        )
    return meeting
