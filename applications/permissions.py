"""Who may do what with a case, and why not: each refusal is a sentence for the user, "" means allowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.enums import MemberRole
from applications.enums import CaseState, Channel, Section, SupplementState
from applications.models import Case, SupplementItem
from applications.workflow import CASE
from core.rocdate import roc_datetime

WRITERS = (MemberRole.OWNER, MemberRole.EDITOR)


def is_member(user: Any, case: Case) -> bool:
    """Whether the user belongs to the company of the case, in any member role."""
    return case.organisation_id in user.organisation_roles


def types_paper(user: Any, case: Case) -> bool:
    """Whether the user types in, for the company, what came on paper (S2); never for one's own company."""
    return (
        case.channel != Channel.ONLINE
        and not is_member(user, case)
        and user.has_permission("case.intake_paper")
    )


def can_view(user: Any, case: Case) -> bool:
    """Members always; roles that see all cases once it is submitted. Reviewers come through ``review``."""
    if not user.is_authenticated:
        return False
    if is_member(user, case) or types_paper(user, case):
        return True
    return case.submitted_at is not None and user.has_permission("case.view_all")


def write_refusal(user: Any, case: Case) -> str:
    """Why the user may not change anything of the case as a person, whatever its state."""
    role = user.organisation_roles.get(case.organisation_id)
    if types_paper(user, case):
        return ""
    if role is None:
        return f"只有{case.organisation.called.this}的成員可以修改申請案。"
    if role not in WRITERS:
        return "您的角色是「檢視者」，只能閱讀。需要修改的話，請擁有者調整您的角色。"
    return ""


def late_paper_refusal(user: Any, case: Case, now: datetime) -> str:
    """Why the company may no longer work on its paper draft: the paper's day counts, not what is added later."""
    if (
        case.state != CaseState.DRAFT
        or case.channel == Channel.ONLINE
        or types_paper(user, case)
        or now < case.closes_at() + timedelta(seconds=1)  # its last second belongs to the window whole
    ):
        return ""
    return (
        f"受理已於 {roc_datetime(case.closes_at())} 截止，這件改以紙本送件，"
        "現在由計畫辦公室依紙本登打並送出，內容只能閱讀（S1、S2）。有不同的地方請聯絡計畫辦公室。"
    )


def edit_refusal(user: Any, case: Case, now: datetime) -> str:
    """Why the user may not edit the case now: the person, the state that it is in, or a paper's window (S2)."""
    if reason := write_refusal(user, case) or late_paper_refusal(user, case, now):
        return reason
    if case.state == CaseState.DRAFT:
        return ""
    if case.state == CaseState.SUPPLEMENTING:
        return "" if open_items(case) else "補件期限已過，內容不能再修改。"
    return f"申請案已送出（{case.applicant_label}），內容不能再修改。"


def can_edit(user: Any, case: Case, now: datetime) -> bool:
    """Whether anything of the case may be edited by the user now."""
    return not edit_refusal(user, case, now)


def submit_refusal(user: Any, case: Case, now: datetime) -> str:
    """Why the user may not hand the case in (a draft), or answer its supplement notice."""
    if reason := write_refusal(user, case) or late_paper_refusal(user, case, now):
        return reason
    if case.state not in (CaseState.DRAFT, CaseState.SUPPLEMENTING):
        return f"申請案目前是「{case.applicant_label}」，不需要再送出。"
    return ""


def can_submit(user: Any, case: Case, now: datetime) -> bool:
    """Whether the user may hand in the case, or the answer to a supplement notice, in its present state."""
    return not submit_refusal(user, case, now)


def require_submit(user: Any, case: Case, now: datetime) -> None:
    """Raise ``PermissionDenied`` with the reason unless the user may hand the case in now."""
    if reason := submit_refusal(user, case, now):
        raise PermissionDenied(reason)


def require_write(user: Any, case: Case) -> None:
    """Raise ``PermissionDenied`` with the reason unless the user may act for the company of the case."""
    if reason := write_refusal(user, case):
        raise PermissionDenied(reason)


def move_refusal(user: Any, case: Case) -> str:
    """Why the user may not put the case under the newer terms: the person, or it is no draft any more."""
    if reason := write_refusal(user, case):
        return reason
    if case.state != CaseState.DRAFT:
        return "申請案已經送出，沿用送出時的條件，不能再改用新的版本。"
    return ""


def require_move(user: Any, case: Case) -> None:
    """Raise ``PermissionDenied`` with the reason unless the user may move the case to newer terms."""
    if reason := move_refusal(user, case):
        raise PermissionDenied(reason)


def can_withdraw(user: Any, case: Case) -> bool:
    """Whether the user may take the case back now: a writer of the company, before the decision."""
    return not write_refusal(user, case) and CASE.allows(case.state, "withdraw")


def open_items(case: Case) -> list[SupplementItem]:
    """What the open supplement notice asks for; empty without one. One query, kept with the case object."""
    if case.state != CaseState.SUPPLEMENTING:
        return []
    cached: list[SupplementItem] | None = case.__dict__.get("_open_items")
    if cached is None:
        cached = list(
            SupplementItem.objects.filter(
                supplement__case=case, supplement__state=SupplementState.OPEN
            ).select_related("supplement")
        )
        case.__dict__["_open_items"] = cached
    return cached


def _sections_of(items: list[SupplementItem]) -> set[Section]:
    names = {item.where.replace("[", ".").split(".", 1)[0] for item in items}
    return {Section(name) for name in names if name in Section.values}


def editable_sections(user: Any, case: Case, now: datetime) -> set[Section]:
    """Sections that the user may change now: all of a draft, only what was asked for during a supplement."""
    if not can_edit(user, case, now):
        return set()
    if case.state == CaseState.DRAFT:
        return set(case.sections)
    return _sections_of(open_items(case))


def editable_documents(user: Any, case: Case, now: datetime) -> set[str] | None:
    """Codes of the document items that may be changed; None means every one.

    A supplement item ``documents.D6`` opens D6 alone, ``documents`` opens all of them.
    """
    if Section.DOCUMENTS not in editable_sections(user, case, now):
        return set()
    if case.state == CaseState.DRAFT:
        return None
    asked = [item.where for item in open_items(case) if item.where.split(".", 1)[0] == Section.DOCUMENTS]
    if Section.DOCUMENTS.value in asked:
        return None
    return {where.split(".")[1] for where in asked}


def section_refusal(user: Any, case: Case, section: str, now: datetime) -> str:
    """Why the user may not change this section now."""
    if reason := edit_refusal(user, case, now):
        return reason
    if section not in editable_sections(user, case, now):
        return "這次補件沒有要求修改這一節。"
    return ""
