"""Letters after the decision: choose cases, preview one, issue all."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import needs
from core import clock
from core.workflow import TransitionRefused
from documents import assembling
from documents.contexts import ContextError
from documents.enums import DocumentKind, DocumentState
from documents.rules.wording import WordingRefused
from review.enums import MeetingState
from review.models import DecisionMeeting
from review.services import outgoing
from review.services.guard import VIEW, meeting_refusal
from review.views.meetings import get_meeting, guarded

TONES = {
    DocumentState.PENDING: "waiting",
    DocumentState.RENDERING: "waiting",
    DocumentState.ISSUED: "done",
    DocumentState.FAILED: "problem",
}


def _kind_of(meeting: DecisionMeeting, kind: str) -> DocumentKind:
    """The kind of letter; 404 for one that the meeting's call does not know."""
    chosen = next((known for known in outgoing.kinds_of(meeting) if known.value == kind), None)
    if chosen is None:
        raise Http404
    return chosen


@require_http_methods(["GET", "HEAD", "POST"])
@needs(VIEW)
def letters(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The cases of one kind of letter; POST issues the chosen ones in one batch."""
    meeting = get_meeting(pk)
    chosen_kind = _kind_of(meeting, kind)
    guarded(request, meeting, VIEW)
    if meeting.state != MeetingState.CONFIRMED:
        messages.info(request, "核定之後才能發函。")
        return redirect("meetings:detail", pk)
    if request.method == "POST":
        try:
            batch = outgoing.issue_letters(
                meeting=meeting,
                kind=chosen_kind,
                cases=request.POST.getlist("case"),
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
            return redirect("meetings:letters", pk, kind)
        except (TransitionRefused, ContextError, WordingRefused) as error:
            messages.error(request, f"沒有發出任何公文：{error}")
            return redirect("meetings:letters", pk, kind)
        return redirect(batch)
    rows = outgoing.letter_rows(meeting, chosen_kind)
    counts = outgoing.letter_counts(meeting)
    why_not = meeting_refusal(request.user, outgoing.ISSUE, meeting)  # type: ignore[arg-type]
    items = [
        {"row": row, "tone": TONES[DocumentState(row.document.state)] if row.document else ""} for row in rows
    ]
    return render(
        request,
        "review/meetings/letters.html",
        {
            "meeting": meeting,
            "kind": chosen_kind,
            "items": items,
            "may_issue": not why_not,
            "todo": sum(row.issuable for row in rows),
            "hindrance": next((row.hindrance for row in rows if row.hindrance and row.document is None), ""),
            "views": [
                {
                    "label": k.label,
                    "url": reverse("meetings:letters", args=[pk, k.value]),
                    "count": counts[k.value][1] - counts[k.value][0],
                    "active": k == chosen_kind,
                }
                for k in outgoing.kinds_of(meeting)
            ],
        },
    )


@require_safe
@needs(VIEW)
def letter_preview(request: HttpRequest, pk: int, kind: str, case: uuid.UUID) -> HttpResponse:
    """One letter as it would look, marked as a preview; nothing is numbered or kept."""
    meeting = get_meeting(pk)
    chosen_kind = _kind_of(meeting, kind)
    guarded(request, meeting, VIEW)
    if meeting.state != MeetingState.CONFIRMED:
        raise Http404
    try:
        now = clock.now()
        context, recipient = outgoing.preview(meeting=meeting, kind=chosen_kind, case=case, now=now)
        content = assembling.preview_context_pdf(context, recipient, now=now)
    except ValidationError as error:
        raise Http404 from error
    except (ContextError, WordingRefused) as error:
        messages.error(request, f"這份公文的範本或內容有問題：{error}")
        return redirect("meetings:letters", pk, kind)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
