"""Freezes and cuts: the supervisor drafts one, sees what it does, confirms it, lifts it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import needs
from core import clock
from core.workflow import TransitionRefused
from programs.enums import MeasureState
from programs.forms.budget import MeasureForm, ReasonForm
from programs.models import BudgetMeasure, Plan
from programs.selectors.measures import effect_of
from programs.services import measures as services
from programs.views.budget import budget_url, plan_of, refuse, year_of

TONES = {
    MeasureState.DRAFT: "mine",
    MeasureState.IN_FORCE: "problem",
    MeasureState.LIFTED: "done",
    MeasureState.DROPPED: "neutral",
}


def measure_of(plan: Plan, pk: int) -> BudgetMeasure:
    """A measure of the plan; else 404."""
    rows = BudgetMeasure.objects.select_related("part__plan", "created_by")
    return get_object_or_404(rows, part__plan=plan, pk=pk)


def measure_url(plan: Plan, measure: BudgetMeasure) -> str:
    """The page of a measure."""
    return reverse("budget:measure", args=[plan.code, measure.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@needs("budget.decide")
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Draft a measure; what it does is shown next, before it is confirmed."""
    plan = plan_of(request, code)
    year = year_of(plan, request.GET.get("year"))
    initial = {
        "year": year,
        "part": request.GET.get("part") or plan.parts.filter(parent=None).first(),
        "kind": "freeze",
    }
    form = MeasureForm(request.POST or None, plan=plan, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            measure = services.draft_measure(
                **form.cleaned_data,
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return redirect(measure_url(plan, measure))
    context = {"plan": plan, "year": year, "form": form, "budget_url": budget_url(plan, year)}
    return render(request, "programs/budget/measure_new.html", context, status=422 if form.errors else 200)


@require_safe
@needs("plan.view")
def detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A measure with what it does (drafted or in force) and its history."""
    plan = plan_of(request, code)
    return _page(request, plan, measure_of(plan, pk))


def _page(
    request: HttpRequest,
    plan: Plan,
    measure: BudgetMeasure,
    *,
    form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    shown = measure.state in (MeasureState.DRAFT, MeasureState.IN_FORCE)
    context = {
        "plan": plan,
        "measure": measure,
        "tone": TONES[MeasureState(measure.state)],
        "effect": effect_of(measure) if shown else None,
        "history": list(measure.transitions.all()),
        "may_decide": user.has_permission("budget.decide"),
        "form": form or ReasonForm(),
        "budget_url": budget_url(plan, measure.year),
    }
    return render(request, "programs/budget/measure.html", context, status=status)


@require_POST
@needs("budget.decide")
def confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put the measure in force as it was looked at."""
    plan = plan_of(request, code)
    measure = measure_of(plan, pk)
    try:
        services.confirm_measure(
            measure=measure,
            seen=request.POST.get("seen", ""),
            actor=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
    except (services.EffectChanged, TransitionRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"「{measure.words}」已生效，受影響的徵案頁已公開說明。")
    return redirect(measure_url(plan, measure))


@require_POST
@needs("budget.decide")
def drop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Don't go on with a drafted measure."""
    plan = plan_of(request, code)
    measure = measure_of(plan, pk)
    try:
        services.drop_measure(measure=measure, actor=request.user, now=clock.now())  # type: ignore[arg-type]
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return redirect(measure_url(plan, measure))
    messages.success(request, f"「{measure.words}」不採用。")
    return redirect(budget_url(plan, measure.year))


@require_POST
@needs("budget.decide")
def lift(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """End a measure in force, with a reason."""
    plan = plan_of(request, code)
    measure = measure_of(plan, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, measure, form=form, status=422)
    try:
        services.lift_measure(
            measure=measure,
            reason=form.cleaned_data["reason"],
            actor=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"「{measure.words}」已解除。")
    return redirect(measure_url(plan, measure))
