"""Who may do what: permission codes, and reasons why somebody may not."""

from __future__ import annotations

from typing import Any

from outreach.models import Inquiry

EDIT = "outreach.edit"
ANSWER = "inquiry.answer"
SUPERVISE = "inquiry.supervise"


def answer_refusal(user: Any, inquiry: Inquiry) -> str:
    """Why the user can't be given or answer the inquiry; "" when they can. One query.

    Nobody answers a complaint about themselves; the supervisor answers only what was escalated.
    """
    if inquiry.concerned.filter(pk=user.pk).exists():
        return "這件申訴與這位同仁有關，依迴避原則要由其他人答覆。"
    if user.has_permission(ANSWER):
        return ""
    if user.has_permission(SUPERVISE):
        return "" if inquiry.escalated_at else "這件還在計畫辦公室的答覆期限內；逾期提報後才由主辦機關處理。"
    return "這位同仁的角色沒有答覆詢問與申訴的權限。"
