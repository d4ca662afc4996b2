"""The mails about inquiries: the number in the subject, one link, nothing of what was asked or answered."""

from __future__ import annotations

from datetime import datetime

from accounts import mail
from accounts.models import User
from core.rocdate import roc
from documents.services import queue_mail
from outreach.enums import InquiryState
from outreach.models import Inquiry
from outreach.permissions import ANSWER, SUPERVISE

CLOSING = "這封信由系統寄出，請不要直接回覆。\niPAS 企業數位人才實作培育補助 申請入口"


def _send(inquiry: Inquiry, to: str, subject: str, lines: list[str], now: datetime, key: str) -> int:
    """Queue one mail; 1 when it is new, 0 when this key has been used."""
    if not to:
        return 0
    sent = queue_mail(
        to=to,
        subject=f"[{inquiry.number}] {subject}",
        body="\n\n".join([*lines, CLOSING]) + "\n",
        now=now,
        once_key=f"inquiry-{inquiry.pk}-{key}",
    )
    return int(sent.created_at == now)


def people_with(code: str, inquiry: Inquiry) -> list[User]:
    """Active accounts with a permission, without those whom the inquiry is about."""
    concerned = set(inquiry.concerned.values_list("pk", flat=True))
    rows = User.objects.filter(is_active=True, roles__isnull=False).distinct().prefetch_related("roles")
    return [user for user in rows if user.has_permission(code) and user.pk not in concerned]


def _asker_link(inquiry: Inquiry) -> str:
    return mail.link("public:inquiry", inquiry.token)


def _office_link(inquiry: Inquiry) -> str:
    return mail.link("outreach:inquiry", inquiry.pk)


def acknowledge(inquiry: Inquiry, now: datetime) -> None:
    """To the asker: received, the number, until when, and the personal address."""
    lines = [
        f"您的{inquiry.get_kind_display()}已經收到，編號 {inquiry.number}。",
        f"我們會在 {roc(inquiry.due_on)} 以前答覆。",
        f"進度、補充說明與答覆都在這一頁，請不要把連結轉給別人：\n{_asker_link(inquiry)}",
    ]
    _send(inquiry, inquiry.email, "已收到您的來信", lines, now, "received")


def tell_answered(inquiry: Inquiry, now: datetime) -> None:
    """To the asker: answered."""
    lines = [
        "您的來信已經答覆。請看答覆內容，並告訴我們您的滿意度；如果還有疑問，可以在同一頁追問。",
        _asker_link(inquiry),
    ]
    _send(inquiry, inquiry.email, "已答覆", lines, now, f"answered-{now:%Y%m%d%H%M%S%f}")


def tell_assignee(inquiry: Inquiry, now: datetime) -> None:
    """To whoever is in charge: it is yours now, or there is more."""
    assert inquiry.assignee is not None
    lines = [f"這一件請您答覆，期限 {roc(inquiry.due_on)}。", _office_link(inquiry)]
    _send(inquiry, inquiry.assignee.email, "請您答覆", lines, now, f"assigned-{now:%Y%m%d%H%M%S%f}")


def remind(inquiry: Inquiry, now: datetime) -> int:
    """To whoever is in charge, or to all who answer while nobody is; once for each due day. How many went out."""
    people = [inquiry.assignee] if inquiry.assignee else people_with(ANSWER, inquiry)
    lines = [f"答覆期限 {roc(inquiry.due_on)} 快到了，逾期會提報督導。", _office_link(inquiry)]
    return sum(
        _send(inquiry, user.email, "答覆期限將到", lines, now, f"due-{inquiry.due_on}-{user.pk}")
        for user in people
    )


def tell_supervisors(inquiry: Inquiry, now: datetime) -> None:
    """To those who supervise: overdue, or nobody in the office may answer."""
    assert inquiry.state == InquiryState.ESCALATED
    late = now.date() > inquiry.due_on
    words = "已經逾期" if late else "辦公室同仁都要迴避"
    lines = [
        f"這一件的答覆期限是 {roc(inquiry.due_on)}，{words}。請督導處理、改派或直接答覆。",
        _office_link(inquiry),
    ]
    for user in people_with(SUPERVISE, inquiry):
        _send(
            inquiry,
            user.email,
            "逾期未答覆" if late else "請督導處理",
            lines,
            now,
            f"escalated-{inquiry.due_on}-{user.pk}",
        )
