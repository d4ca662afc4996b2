"""Reading pages of plans: the list, a plan and its parts, years side by side, gender, what is behind."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from core import clock
from programs.models import Plan
from programs.selectors import plan_tables, plans
from programs.selectors.plans import PartTree, View, view_of


def visible_plan(request: HttpRequest, code: str) -> Plan:
    """The plan, or 404 for those who may not know of it. One query."""
    return get_object_or_404(Plan.objects.visible_to(request.user), code=code)  # type: ignore[arg-type]


def _number(text: str | None) -> int | None:
    """A short whole number of the address; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else None


def view_asked_for(request: HttpRequest, plan: Plan) -> View:
    """The year and month that the address names. One query, for the clock."""
    year, month = _number(request.GET.get("year")), _number(request.GET.get("month"))
    return view_of(plan, clock.today(), year=year, month=month)


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A page of a plan, with what its reader may do."""
    user: Any = request.user
    rights = {
        "may_edit": user.has_permission("plan.edit"),
        "may_report": user.has_permission("kpi.report"),
        "sees_rows": user.has_permission("case.view_all"),
    }
    return render(request, f"programs/plans/{name}.html", context | rights)


@require_safe
@needs("plan.view")
def plan_list(request: HttpRequest) -> HttpResponse:
    """Every plan with how its KPIs stand this year."""
    today = clock.today()
    return render(request, "programs/plans/list.html", {"plans": plans.plan_list(request.user, today)})  # type: ignore[arg-type]


@require_safe
@needs("plan.view")
def standing(request: HttpRequest) -> HttpResponse:
    """A fragment for home pages, loaded after them: what is behind in the plans that run or ended last year."""
    found, rows = plan_tables.behind_everywhere(request.user, today=clock.today())  # type: ignore[arg-type]
    context = {
        "plans": found,
        "rows": rows[: plans.BEHIND_FIRST],
        "count": len(rows),
        "silent": sum(row.figure.asks_for_words for row in rows),
        "short": "short" in request.GET,
        "sees_rows": request.user.has_permission("case.view_all"),  # type: ignore[union-attr]
    }
    return render(request, "programs/plans/_standing.html", context)


@require_safe
@needs("plan.view")
def part(request: HttpRequest, plan: str, number: str = "") -> HttpResponse:
    """A plan (no number), a sub-programme or an item: goals, KPIs, budget, milestones, risks."""
    found = visible_plan(request, plan)
    tree = PartTree(found)
    shown = tree.numbered(number)
    if shown is None:
        raise Http404("沒有這個部分。")
    context = plans.part_page(view_asked_for(request, found), tree, shown)
    return _page(request, "part", context)


@require_safe
@needs("plan.view")
def document(request: HttpRequest, plan: str) -> HttpResponse:
    """What the plan's document says of itself: parts, policy bases, staffing, contradictions."""
    return _page(request, "document", plan_tables.document_page(visible_plan(request, plan)))


@require_safe
@needs("plan.view")
def years(request: HttpRequest, plan: str) -> HttpResponse:
    """Years side by side: targets, actual values and budgets by part; the document's own comparisons."""
    found = visible_plan(request, plan)
    return _page(request, "years", plan_tables.years_page(found, clock.today()))


@require_safe
@needs("plan.view")
def gender(request: HttpRequest, plan: str) -> HttpResponse:
    """Head-counts by gender, the share of women against the goal."""
    view = view_asked_for(request, visible_plan(request, plan))
    return _page(request, "gender", plan_tables.gender_page(view))


@require_safe
@needs("plan.view")
def behind(request: HttpRequest, plan: str) -> HttpResponse:
    """What is behind and why; where cause or remedy is missing, it is asked for."""
    view = view_asked_for(request, visible_plan(request, plan))
    return _page(request, "behind", plan_tables.behind_page(view))
