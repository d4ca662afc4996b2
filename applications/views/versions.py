"""The applicant of a draft sees what a newer version of the terms changes, and may move to it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications import permissions, selectors
from applications.services import versions as service
from applications.views.cases import user_of
from applications.views.frame import case_frame
from core import clock
from core.findings import Finding, Severity
from programs.rules.designing.differences import differences


def _errors(found: list[Finding]) -> dict[tuple[str, str, str], Finding]:
    return {(f.rule, f.where, f.message): f for f in found if f.severity is Severity.ERROR}


@require_http_methods(["GET", "HEAD", "POST"])
def newer_terms(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The public notes, every change, and what the rules say before and after; a POST moves the case."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    permissions.require_move(user, case)
    current = case.call.current_terms
    if current is None or current.pk == case.terms_id:
        return redirect("cases:detail", pk)
    if request.method == "POST":
        seen = request.POST.get("version", "")
        number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else 0
        try:
            service.move_to_newer_terms(case=case, version=number, actor=user, now=now)
        except ValidationError as refused:
            messages.warning(request, refused.messages[0])
            return redirect("cases:newer_terms", pk)
        messages.success(request, f"這件申請改用第 {number} 版的條件，您填的內容都保留。")
        return redirect("cases:detail", pk)
    before = selectors.findings(case, now)
    own = case.terms
    case.terms = current  # in memory: what the new version would say
    after = _errors(selectors.findings(case, now))
    case.terms = own
    known = _errors(before)
    context = {
        **case_frame(request, case, now, found=before),
        "current": current,
        "notes": case.call.versions.filter(version__gt=own.version)
        .exclude(change_note="")
        .order_by("version"),
        "differences": differences(own.data, current.data),
        "new_findings": [f for key, f in after.items() if key not in known],
        "gone_findings": [f for key, f in known.items() if key not in after],
        "before_count": len(known),
        "after_count": len(after),
    }
    return render(request, "applications/newer_terms.html", context)
