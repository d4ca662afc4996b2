"""The mails of the expert review: short, one purpose, one link, no score, no amount, no reviewer's name to applicants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from accounts.mail import link
from accounts.models import Role, User
from core.rocdate import roc
from documents.services import queue_mail
from review import permissions
from review.models import Assignment, Panel, PanelCase, PanelMember

CLOSING = "這封信由系統寄出，請不要直接回覆。\niPAS 企業數位人才實作培育補助 申請入口\n"


def _send(to: User, subject: str, lines: Iterable[str], now: datetime, once_key: str | None = None) -> None:
    if not to.is_active:
        return
    queue_mail(to=to.email, subject=subject, body="\n\n".join([*lines, CLOSING]), now=now, once_key=once_key)


def _due(day: date | None) -> str:
    return f"，請在 {roc(day)} 前完成" if day else ""


def office_people() -> list[User]:
    """Active staff who manage panels. Two queries."""
    roles = [role.pk for role in Role.objects.all() if permissions.MANAGE in role.permissions]
    return list(User.objects.filter(is_active=True, roles__in=roles).distinct().order_by("pk"))


def invitation(member: PanelMember, *, now: datetime) -> None:
    """Invite an expert to a panel."""
    _send(
        member.reviewer.user,
        f"邀請您擔任審查委員：{member.panel.name}",
        [
            f"{member.reviewer.user.name} 您好：",
            f"誠摯邀請您擔任「{member.panel.call.name}」{member.panel.name}的審查委員{_due(member.panel.due_on)}。",
            f"請登入後回覆是否接受：\n{link('review:invitation', member.pk)}",
        ],
        now,
    )


def invitation_answered(member: PanelMember, *, now: datetime) -> None:
    """Tell the office what an expert answered."""
    word = member.get_state_display()
    for person in office_people():
        _send(
            person,
            f"{member.panel.name}：審查委員{word}",
            [
                f"{member.reviewer.user.name} {word}擔任{member.panel.name}的審查委員。",
                f"{link('review:panel', member.panel_id)}",
            ],
            now,
        )


def work(user: User, panel: Panel, count: int, *, now: datetime) -> None:
    """Tell an expert that there are cases to review."""
    _send(
        user,
        f"{panel.name}：有 {count} 件申請案請您審查",
        [
            f"{user.name} 您好：",
            f"{panel.call.name}{panel.name}有 {count} 件申請案請您審查{_due(panel.due_on)}。"
            "開啟每一件之前，請先簽署利益迴避聲明。",
            f"請登入後查看：\n{link('review:home')}",
        ],
        now,
    )


def work_taken_back(assignment: Assignment, *, now: datetime) -> None:
    """Tell an expert that a case is no longer his or hers."""
    number = assignment.panel_case.case.number
    _send(
        assignment.reviewer.user,
        f"{number}：已取消指派",
        [f"案號 {number} 已不需要您審查，謝謝。", f"其他案件請登入後查看：\n{link('review:home')}"],
        now,
    )


def recused(assignment: Assignment, *, now: datetime) -> None:
    """Tell the office that an expert steps back from a case."""
    number = assignment.panel_case.case.number
    for person in office_people():
        _send(
            person,
            f"{number}：審查委員聲明迴避",
            [
                f"案號 {number} 有一位審查委員聲明迴避，請改派其他委員。",
                f"{link('review:seat', assignment.panel_case_id)}",
            ],
            now,
        )


def sheet_reopened(assignment: Assignment, reason: str, *, now: datetime) -> None:
    """Ask an expert to look at a sheet again."""
    number = assignment.panel_case.case.number
    _send(
        assignment.reviewer.user,
        f"{number}：請重新檢視評分表",
        [
            f"召集人請您重新檢視案號 {number} 的評分表。原因：{reason}",
            f"請登入修改後再次送出：\n{link('review:sheet', assignment.pk)}",
        ],
        now,
    )


def collected(seat: PanelCase, assignments: Iterable[Assignment], *, now: datetime) -> None:
    """Ask everybody who scored to confirm the result."""
    for assignment in assignments:
        _send(
            assignment.reviewer.user,
            f"{seat.case.number}：請確認審查結果",
            [
                f"案號 {seat.case.number} 的評分已收齊，請確認。",
                f"請登入後查看並確認：\n{link('review:sign_off', assignment.pk)}",
            ],
            now,
        )


def all_in(seat: PanelCase, chair: User, *, now: datetime) -> None:
    """Tell the chair that every sheet of a case is in."""
    _send(
        chair,
        f"{seat.case.number}：評分已收齊",
        [
            f"案號 {seat.case.number} 的評分表已全部送出，請檢視並請委員確認。",
            f"{link('review:chair_case', seat.pk)}",
        ],
        now,
    )


def chair_recused(seat: PanelCase, *, now: datetime) -> None:
    """Tell the office that it has to lead a case instead of the chair."""
    for person in office_people():
        _send(
            person,
            f"{seat.case.number}：召集人聲明迴避",
            [
                f"案號 {seat.case.number} 的召集人聲明迴避，這件請由計畫辦公室代為召集。",
                f"{link('review:seat', seat.pk)}",
            ],
            now,
        )
