"""A plan's budget ledger, the rows behind its numbers, and the subsidy of a part."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import needs
from core import clock
from programs.forms.budget import SubsidyForm
from programs.models import Plan, PlanPart, SubsidyBudget
from programs.selectors.budget import COLUMNS, KINDS, budget_page, rows_behind
from programs.selectors.ledger import ledger
from programs.services.budgets import set_subsidy

PAGE = 100


def plan_of(request: HttpRequest, code: str) -> Plan:
    """The plan for those who see plans; else 404."""
    return get_object_or_404(Plan.objects.visible_to(request.user), code=code)  # type: ignore[arg-type]


def part_of(plan: Plan, pk: int) -> PlanPart:
    """A part of the plan; else 404."""
    return get_object_or_404(PlanPart.objects.select_related("plan"), plan=plan, pk=pk)


def year_of(plan: Plan, wanted: str | None) -> int:
    """The ROC year asked for; without one this year, or the plan's last. Raises 404 for a year outside the plan."""
    if wanted is None:
        return max(plan.from_year, min(plan.to_year, clock.today().year - 1911))
    year = next((year for year in plan.years if str(year) == wanted), None)
    if year is None:
        raise Http404(f"{wanted} 年不在計畫期間內。")
    return year


def budget_url(plan: Plan, year: int) -> str:
    """The ledger of a year."""
    return f"{reverse('budget:ledger', args=[plan.code])}?year={year}"


def refuse(form: Any, error: ValidationError) -> None:
    """Put a service's refusal at its fields, or above the form."""
    for name, texts in (error.message_dict if hasattr(error, "error_dict") else {"": error.messages}).items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


@require_safe
@needs("plan.view")
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The ledger of a year by part, with a drawing, B005 by category, and the year's measures."""
    plan = plan_of(request, code)
    year = year_of(plan, request.GET.get("year"))
    found = budget_page(plan, year)
    user: User = request.user  # type: ignore[assignment]
    context = {
        "plan": plan,
        "year": year,
        "year_words": str(year),
        "page": found,
        "columns": [(key, label) for key, label, _ in COLUMNS],
        "may_edit": user.has_permission("plan.edit"),
        "may_report": user.has_permission("kpi.report"),
        "may_decide": user.has_permission("budget.decide"),
    }
    return render(request, "programs/budget/ledger.html", context)


@require_safe
@needs("plan.view")
def rows(request: HttpRequest, code: str, part: int, kind: str) -> HttpResponse:
    """The rows that a number of the ledger is made from."""
    if kind not in KINDS:
        raise Http404
    plan = plan_of(request, code)
    year = year_of(plan, request.GET.get("year"))
    place = part_of(plan, part)
    found = rows_behind(plan, place, year, kind)
    listed = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "plan": plan,
        "part": place,
        "year": year,
        "kind": kind,
        "found": found,
        "page_obj": listed,
        "rows": [found.cells(row) for row in listed.object_list],
        "budget_url": budget_url(plan, year),
        "may_edit": request.user.has_permission("plan.edit"),  # type: ignore[union-attr]
    }
    return render(request, "programs/budget/rows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def subsidy(request: HttpRequest, code: str, part: int) -> HttpResponse:
    """How much of a part's budget of a year calls may take."""
    plan = plan_of(request, code)
    year = year_of(plan, request.GET.get("year"))
    place = part_of(plan, part)
    row = SubsidyBudget.objects.filter(part=place, year=year).first()
    initial = {"amount": row.amount, "source": row.source} if row else {}
    form = SubsidyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_subsidy(part=place, year=year, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已更新「{place}」{year} 年度可給徵案的經費。")
            return redirect(budget_url(plan, year))
    balance = ledger(plan).at(place, year)
    context = {
        "plan": plan,
        "part": place,
        "year": year,
        "form": form,
        "balance": balance,
        "budget_url": budget_url(plan, year),
    }
    return render(request, "programs/budget/subsidy.html", context, status=422 if form.errors else 200)
