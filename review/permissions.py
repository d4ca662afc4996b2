"""Who may see and do what in the expert review, and why not: each refusal is a sentence, "" means allowed.

The rule that everything here serves: **the scores of a case are shown to anybody but their writer only while every
expert who counts has submitted**. So nobody, a chair who also scores included, can be led by another's numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from applications.enums import CaseState
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import Assignment, Panel, PanelCase, PanelMember

MANAGE = "panel.manage"
CHAIR = "panel.chair"
SCORE = "score.write"
OUT = (AssignmentState.REMOVED, AssignmentState.RECUSED)


def revealed(assignments: Iterable[Assignment]) -> bool:
    """Whether the scores of a case may be shown: somebody counts, and everybody who counts has submitted."""
    active = [a for a in assignments if a.state not in OUT]
    return bool(active) and all(a.state == AssignmentState.SUBMITTED for a in active)


def is_chair(user: Any, panel: Panel) -> bool:
    """Whether the user is the panel's accepted chair and still has the permission. One query."""
    return bool(
        user.has_permission(CHAIR)
        and PanelMember.objects.filter(
            panel=panel, reviewer__user=user, is_chair=True, state=InvitationState.ACCEPTED
        ).exists()
    )


def manage_refusal(user: Any, panel: Panel | None = None) -> str:
    """Why the user may not manage panels; closed ones are only reopened by their chair."""
    if not user.has_permission(MANAGE):
        return "您的角色沒有管理審查小組的權限。"
    if panel is not None and panel.state == PanelState.CLOSED:
        return "這個小組的審查已經結束，不能再調整。"
    return ""


def member_of_company(user: Any, panel_case: PanelCase) -> bool:
    """Whether the user belongs to the applicant: then nothing of the review is theirs to see or do."""
    return panel_case.case.organisation_id in user.organisation_roles


def case_refusal(panel_case: PanelCase) -> str:
    """Why nothing more can be scored in this case, whoever asks."""
    if panel_case.panel.state != PanelState.SCORING:
        return "這個小組目前沒有開放評分。"
    if panel_case.case.state == CaseState.WITHDRAWN:
        return "申請單位已撤案，這件不需要再審查。"
    if panel_case.case.state != CaseState.IN_REVIEW:
        return f"案件目前是「{panel_case.case.get_state_display()}」，不能再評分。"
    if panel_case.state != PanelCaseState.OPEN:
        return "這件的評分已經收齊，正由委員確認或已完成。需要修改請聯絡召集人。"
    return ""


def score_refusal(user: Any, assignment: Assignment) -> str:
    """Why the user can't write this sheet now."""
    if assignment.reviewer.user_id != user.pk or not user.has_permission(SCORE):
        return "這份評分表不是您的。"
    if assignment.state == AssignmentState.SUBMITTED:
        return "這份評分表已經送出。需要修改請聯絡召集人退回。"
    if assignment.state != AssignmentState.DECLARED:
        return "請先簽署利益迴避聲明，再開始評分。"
    return case_refusal(assignment.panel_case)
