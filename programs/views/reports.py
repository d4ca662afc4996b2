"""The mid-term and final reports of a plan: the list, the request, what is on its way."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import needs
from core import clock
from programs.models import FINAL, MIDTERM, Plan, PlanReport
from programs.rules.plans.kpis import last_day, period_label
from programs.services.reports import request_plan_report
from programs.views.reporting import today_of, user_of

SHOWN = 50
TONES = {"pending": "waiting", "rendering": "waiting", "issued": "done", "failed": "problem"}


def _reports(plan: Plan) -> list[PlanReport]:
    rows = plan.reports.select_related("document__file", "document__requested_by").defer("document__context")
    return list(rows.order_by("-document__requested_at", "-pk")[:SHOWN])


def _progress(plan: Plan, rows: list[PlanReport]) -> dict[str, Any] | None:
    """Every report that is on its way, whichever was asked for last; None without one."""
    waiting = [row for row in rows if row.document.is_open]
    if not waiting:
        return None
    names = "、".join(f"{row.year} 年{period_label(row.period)}報告" for row in waiting)
    return {
        "id": "report-progress",
        "done": 0,
        "total": len(waiting),
        "label": f"製作 {names}",
        "finished": False,
        "poll_url": reverse("kpis:reports_progress", args=[plan.code]),
        "refresh_url": reverse("kpis:reports", args=[plan.code]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.view")
def reports(request: HttpRequest, plan: str) -> HttpResponse:
    """Every report of the plan; POST asks for one (``closing``: "114-13")."""
    found = get_object_or_404(Plan.objects.visible_to(user_of(request)), code=plan)
    user, now = user_of(request), clock.now()
    today = today_of(now)
    if request.method == "POST":
        return _request(request, found, now)
    rows = _reports(found)
    closings = [
        (f"{year}-{period}", f"{year} 年{period_label(period)}")
        for year in reversed(found.years)
        for period in (FINAL, MIDTERM)
        if last_day(year, period) < today
    ]
    context = {
        "plan": found,
        "reports": [(row, period_label(row.period), TONES[row.document.state]) for row in rows],
        "progress": _progress(found, rows),
        "closings": closings,
        "may_report": user.has_permission("kpi.report"),
        "may_request": user.has_permission("plan.edit"),
        "years": list(found.years),
    }
    return render(request, "programs/reports/list.html", context)


def _request(request: HttpRequest, plan: Plan, now: Any) -> HttpResponse:
    year, _, period = request.POST.get("closing", "").partition("-")
    try:
        report = request_plan_report(
            plan=plan,
            year=int(year) if year in map(str, plan.years) else 0,
            period=int(period) if period.isascii() and period.isdigit() and len(period) < 4 else 0,
            actor=user_of(request),
            now=now,
        )
    except PermissionDenied:
        raise
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    else:
        words = f"{report.year} 年{period_label(report.period)}報告製作中，完成後會列在下面。"
        messages.success(request, words)
    return redirect("kpis:reports", plan.code)


@require_safe
@needs("plan.view")
def progress(request: HttpRequest, plan: str) -> HttpResponse:
    """The bar alone, for htmx; when the report is there, or failed, the page is loaded anew."""
    found = get_object_or_404(Plan.objects.visible_to(user_of(request)), code=plan)
    context = _progress(found, _reports(found))
    response = render(
        request, "components/progress.html", context or {"finished": True, "done": 1, "total": 1}
    )
    if context is None:
        response["HX-Refresh"] = "true"
    return response
