"""Transition tables of registrations and inquiries."""

from core.workflow import Machine, row
from outreach.enums import InquiryState as I
from outreach.enums import RegistrationState as R

# Everybody joins the waiting list; who is first gets the next free place. A full event is no special case.
REGISTRATION = Machine(
    name="registration",
    initial=R.WAITLISTED,
    transitions=(
        row("confirm", R.WAITLISTED, R.REGISTERED, by="system", label="取得名額"),
        row("cancel", (R.WAITLISTED, R.REGISTERED), R.CANCELLED, by="public", label="取消報名"),
    ),
    turn={R.WAITLISTED: "system", R.REGISTERED: "public"},
)

INQUIRY = Machine(
    name="inquiry",
    initial=I.RECEIVED,
    transitions=(
        row("assign", (I.RECEIVED, I.ASSIGNED, I.ESCALATED), I.ASSIGNED, by="office", label="分派"),
        row("escalate", (I.RECEIVED, I.ASSIGNED), I.ESCALATED, by="system", label="逾期提報督導"),
        row("answer", (I.ASSIGNED, I.ESCALATED), I.ANSWERED, by="office", label="答覆"),
        row("ask_again", I.ANSWERED, I.ASSIGNED, by="public", label="追問"),
        row("close", I.ANSWERED, I.CLOSED, by="public", label="結案"),
    ),
    turn={
        I.RECEIVED: "office",
        I.ASSIGNED: "office",
        I.ESCALATED: "supervisor",
        I.ANSWERED: "public",
    },
)
