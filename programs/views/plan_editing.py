"""The office keeps a plan: milestones, risks, thresholds."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import needs
from core import clock
from programs.forms.plans import MilestoneForm, RiskForm, ThresholdForm
from programs.models import Milestone, Plan, PlanPart, Risk
from programs.rules.plans.risks import band
from programs.services import plan_editing as services
from programs.services.plan_editing import GRADED, seen_of
from programs.views.plans import visible_plan


def _refused(form: Form, refused: ValidationError) -> None:
    """Put what the service refused to its field."""
    if hasattr(refused, "error_dict"):
        for field, errors in refused.message_dict.items():
            for text in errors:
                form.add_error(field if field in form.fields else None, text)
    else:
        for text in refused.messages:
            form.add_error(None, text)


def _back(plan: Plan, part: PlanPart, year: int | None = None) -> str:
    """The page of the part, for the plan itself its home."""
    url = (
        reverse("plans:part", args=[plan.code, part.number])
        if part.number
        else reverse("plans:detail", args=[plan.code])
    )
    return f"{url}?year={year}" if year else url


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def milestone(request: HttpRequest, plan: str, pk: int) -> HttpResponse:
    """Report a milestone as reached, or not yet, with a note."""
    found = visible_plan(request, plan)
    row = get_object_or_404(Milestone.objects.select_related("part"), part__plan=found, pk=pk)
    back = f"{_back(found, row.part, row.year)}#milestones"
    form = MilestoneForm(
        request.POST or None, initial={"done_on": row.done_on, "note": row.note, "seen": seen_of(row)}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.report_milestone(
                milestone=row, done_on=data["done_on"], note=data["note"], seen=data["seen"], now=clock.now()
            )
        except ValidationError as refused:
            _refused(form, refused)
        else:
            messages.success(request, "里程碑已更新。")
            return redirect(back)
    due = (
        f"期限 {row.due_on.year - 1911}/{row.due_on.month}/{row.due_on.day}"
        if row.due_on
        else f"期限 {row.year} 年底"
    )
    return _form(request, form, title="回報里程碑", intro=f"{row.text}（{due}）", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def risk(request: HttpRequest, plan: str, pk: int) -> HttpResponse:
    """Grade a risk anew; every earlier grading stays readable below the form."""
    found = visible_plan(request, plan)
    row = get_object_or_404(Risk.objects.select_related("part"), part__plan=found, pk=pk)
    back = f"{_back(found, row.part)}#risks"
    known = {name: getattr(row, name) for name in GRADED}
    form = RiskForm(request.POST or None, initial={**known, "measures": row.measures, "seen": seen_of(row)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.grade_risk(
                risk=row,
                grades={name: data[name] for name in GRADED},
                measures=data["measures"],
                reason=data["reason"],
                seen=data["seen"],
                actor=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as refused:
            _refused(form, refused)
        else:
            messages.success(request, f"{row.code} 已重新評估，舊的等級留在紀錄裡。")
            return redirect(back)
    context = {"plan": found, "risk": row, "form": form, "back": back, "history": _history(row)}
    return render(request, "programs/plans/risk.html", context, status=422 if form.is_bound else 200)


def _history(row: Risk) -> list[dict[str, Any]]:
    """Earlier gradings, the latest first. Two queries."""
    entries = LogEntry.objects.get_for_object(row).filter(additional_data__event="risk_graded")
    found = []
    for entry in entries.select_related("actor").order_by("-timestamp", "-pk")[:50]:
        told = entry.additional_data or {}
        found.append(
            {
                "at": entry.timestamp,
                "who": str(entry.actor or entry.actor_email or ""),
                "reason": told.get("reason", ""),
                "before": _graded(told.get("before", {})),
                "after": _graded(told.get("after", {})),
            }
        )
    return found


def _graded(grades: dict[str, int]) -> str:
    first = band(grades["likelihood"], grades["impact"]).label
    last = band(grades["likelihood_after"], grades["impact_after"]).label
    return (
        f"{first}（{grades['likelihood']} × {grades['impact']}），"
        f"對策後{last}（{grades['likelihood_after']} × {grades['impact_after']}）"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def thresholds(request: HttpRequest, plan: str) -> HttpResponse:
    """Set the thresholds of a KPI's status."""
    found = visible_plan(request, plan)
    back = reverse("plans:detail", args=[found.code])
    known = {"ahead": found.ahead_percent, "on_track": found.on_track_percent, "behind": found.behind_percent}
    form = ThresholdForm(request.POST or None, initial={**known, "seen": seen_of(found)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.set_thresholds(plan=found, **data)
        except ValidationError as refused:
            _refused(form, refused)
        else:
            messages.success(request, "門檻已更新，各頁的狀態會依新的門檻判斷。")
            return redirect(back)
    return _form(
        request,
        form,
        title="指標狀態的門檻",
        intro="實際值占「依已過時間應達的數值」的百分比，達到多少算超前、符合進度、落後。年度結束後只分達成與未達成。",
        back=back,
    )


def _form(request: HttpRequest, form: Form, *, title: str, intro: str, back: str) -> HttpResponse:
    context = {"title": title, "intro": intro, "form": form, "submit_label": "儲存", "cancel_url": back}
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)
