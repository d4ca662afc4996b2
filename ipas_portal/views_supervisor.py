"""Pages of the supervisor (主辦單位)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from core.clock import now as clock_now
from ipas_portal import selectors
from outreach.selectors.inquiries import view_counts


@require_safe
@needs("meeting.confirm")
def home(request: HttpRequest) -> HttpResponse:
    """Decisions that wait for confirmation, money by call, cases by state."""
    now = clock_now()
    counts = view_counts(request.user, now.date())
    context = selectors.supervisor_home(request.user, now) | {"escalated": counts["escalated"]}
    return render(request, "portal/supervisor.html", context)
