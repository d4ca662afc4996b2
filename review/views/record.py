"""The record of a decision meeting, saved on every pause."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from accounts.permissions import needs
from core import clock
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from review.forms.meetings import (
    PersonFormSet,
    RecordForm,
    people,
)
from review.models import DecisionMeeting
from review.services import meetings
from review.services.guard import PROPOSE
from review.views.common import posted_number
from review.views.meetings import get_meeting, guarded

RECORD_FIELDS = ("held_on", "held_time", "place", "chaired_by", "recorded_by", "minutes_text")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PROPOSE)
def meeting_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Date, place, people and text of the meeting; saved on every pause."""
    meeting = get_meeting(pk)
    guarded(request, meeting, PROPOSE)
    auto = request.headers.get("X-Autosave") == "1"
    conflict: DecisionMeeting | None = None
    version = meeting.record_version
    if request.method == "POST":
        form, formset = RecordForm(request.POST), PersonFormSet(request.POST, prefix="people")
        valid = form.is_valid() & formset.is_valid()
        version = posted_number(request, "version")
        if valid:
            try:
                meeting = meetings.save_record(
                    meeting=meeting,
                    fields={name: form.cleaned_data[name] for name in RECORD_FIELDS},
                    attendance=people(formset),
                    base_version=version,
                    actor=request.user,  # type: ignore[arg-type]
                    now=clock.now(),
                )
            except meetings.RecordConflict as error:
                conflict = error.meeting
            except TransitionRefused as refused:
                if auto:
                    return JsonResponse(
                        {"status": "conflict", "fragments": {"#conflict": _refused(str(refused))}}, status=409
                    )
                messages.error(request, str(refused))
                return redirect("meetings:detail", pk)
            else:
                if auto:
                    return JsonResponse(_saved(meeting, errors=""))
                messages.success(request, "會議紀錄已儲存。")
                return redirect("meetings:detail", pk)
        elif auto:
            errors = render_to_string("components/error_summary.html", {"form": form, "formset": formset})
            return JsonResponse(
                _saved(meeting, errors=errors) | {"status": "kept", "version": version}, status=422
            )
    else:
        form = RecordForm(initial={name: getattr(meeting, name) for name in RECORD_FIELDS})
        rows = [{"name": a.name, "title": a.title, "present": a.present} for a in meeting.attendance.all()]
        formset = PersonFormSet(initial=rows, prefix="people")
    context = {
        "meeting": meeting,
        "form": form,
        "formset": formset,
        "conflict": conflict,
        "version": conflict.record_version if conflict and not auto else version,
        "saved_at": _clock(meeting.record_saved_at),
        "any_form_errors": bool(form.errors) or formset.total_error_count() > 0 if form.is_bound else False,
    }
    if conflict is not None and auto:
        html = render_to_string("review/meetings/_record_conflict.html", {"conflict": conflict, "auto": True})
        return JsonResponse({"status": "conflict", "fragments": {"#conflict": html}}, status=409)
    status = 409 if conflict else 422 if context["any_form_errors"] else 200
    return render(request, "review/meetings/record.html", context, status=status)


def _refused(words: str) -> str:
    return render_to_string("review/meetings/_refused.html", {"words": words})


def _clock(moment: Any) -> str:
    return f"{moment.astimezone(TAIPEI):%H:%M}" if moment else ""


def _saved(meeting: DecisionMeeting, *, errors: str) -> dict[str, Any]:
    return {
        "status": "saved",
        "version": meeting.record_version,
        "saved_at": _clock(clock.now()),
        "fragments": {"#record-errors": f'<div id="record-errors">{errors}</div>'},
    }
