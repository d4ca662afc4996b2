"""A case as a file: JSON, and the plan as it would look."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from applications import casefiles, letters, selectors
from applications.models import Case
from applications.permissions import can_view
from applications.views.cases import user_of
from core import clock
from documents.assembling import preview_context_pdf
from documents.throttle import too_many

PREVIEWS_PER_MINUTE = 30


def _attachment(content: bytes, name: str, content_type: str, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    how = "inline" if inline else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _case(request: HttpRequest, pk: uuid.UUID, *, content: bool = True) -> Case:
    user = user_of(request)
    case = selectors.get_case(user, pk, content=content)
    if not can_view(user, case):
        raise Http404
    return case


@require_safe
def case_json(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The case as it is now, in the schema of ``docs/case-schema.md``; what ``check_case`` reads."""
    case = _case(request, pk)
    name = f"{case.number or f'{case.call.slug}-draft'}.json"
    return _attachment(casefiles.as_bytes(casefiles.export(case)), name, "application/json")


@require_safe
def submission_json(request: HttpRequest, pk: uuid.UUID, sequence: int) -> HttpResponse:
    """What was handed in, byte for byte the file whose SHA-256 stands on the receipt."""
    case = _case(request, pk, content=False)
    submission = case.submissions.filter(sequence=sequence).first()
    if submission is None:
        raise Http404
    return _attachment(
        letters.snapshot_bytes(submission), letters.snapshot_name(submission), "application/json"
    )


@require_safe
def plan_preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The plan book as it would be typeset now, marked as a preview.

    Made while one waits, on purpose: it leaves no row, no number and no code that could be verified, so that
    a draft can never pass for a plan that was handed in.
    """
    case = _case(request, pk)
    if too_many(request, name=f"plan:{request.user.pk}", limit=PREVIEWS_PER_MINUTE):
        return HttpResponse(
            "預覽太頻繁，請等一分鐘再試。", status=429, content_type="text/plain; charset=utf-8"
        )
    context = letters.plan_context(case, selectors.facts(case))
    pdf = preview_context_pdf(context, letters.recipient(case), now=clock.now())
    return _attachment(pdf, f"申請計畫書-預覽-{case.number or '草稿'}.pdf", "application/pdf", inline=True)
