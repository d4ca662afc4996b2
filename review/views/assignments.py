"""The office gives cases of a panel to experts: by the automatic plan, or by hand with everybody's conflicts in sight."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from core import clock
from review import permissions
from review.enums import AssignmentState, PanelCaseState, PanelState
from review.forms.panels import ReplaceForm
from review.models import Assignment, ReviewerProfile
from review.rules.assignment import AssignmentError
from review.selectors import assignments as selectors
from review.selectors import people
from review.selectors.panels import STATE_TONES
from review.services import assignments as services
from review.views.common import attempt, form_attempt, posted_number, user_of
from review.views.panels import get_panel


@needs(permissions.MANAGE)
def panel_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """The automatic plan: looked at first, then applied exactly as seen."""
    row = get_panel(pk)
    if reason := permissions.manage_refusal(user_of(request), row):
        raise PermissionDenied(reason)
    if request.method == "POST":
        done = attempt(
            request,
            lambda: services.assign_automatically(
                panel=row, digest=request.POST.get("digest", ""), actor=user_of(request), now=clock.now()
            ),
        )
        if done is None:
            return redirect("review:panel_assign", pk)
        if done and done is not True:
            messages.success(request, f"已指派 {len(done)} 人次。")
        else:
            messages.info(request, "沒有需要新增的指派。")
        return redirect("review:panel", pk)
    page, error = None, ""
    try:
        page = selectors.plan(row)
        selectors.hide_own(page, user_of(request).organisation_roles)
    except AssignmentError as problem:
        error = str(problem)
    return render(
        request,
        "review/panels/assign.html",
        {
            "panel": row,
            "page": page,
            "error": error,
            "per_case": row.call.terms.settings.reviewers_per_case,
        },
    )


@require_safe
@needs(permissions.MANAGE)
def seat(request: HttpRequest, pk: int) -> HttpResponse:
    """One case of a panel: who reviews it, who could, who must not and why; its scores once all are in."""
    row = selectors.get_seat(user_of(request), pk)
    if row is None:
        raise Http404
    candidates = selectors.candidates(row)
    chair = next((c for c in candidates if c.is_chair), None)
    recused = chair is not None and chair.assignment is not None and chair.assignment.state == "recused"
    leads = chair is None or bool(chair.conflicts) or chair.declared or recused
    active = [a for a in row.assignments.all() if a.state not in people.OUT]
    return render(
        request,
        "review/panels/seat.html",
        {
            "seat": row,
            "panel": row.panel,
            "company": row.case.company_name,
            "candidates": candidates,
            "assignments": [
                {"a": a, "tone": STATE_TONES[AssignmentState(a.state)]} for a in row.assignments.all()
            ],
            "missing": max(0, row.panel.call.terms.settings.reviewers_per_case - len(active)),
            "open": row.state == PanelCaseState.OPEN and row.panel.state != PanelState.CLOSED,
            "leads": leads and row.panel.state != PanelState.FORMING,
            "revealed": permissions.revealed(active),
        },
    )


@require_POST
@needs(permissions.MANAGE)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case to one expert by hand."""
    row = selectors.get_seat(user_of(request), pk)
    if row is None:
        raise Http404
    reviewer = get_object_or_404(ReviewerProfile, pk=posted_number(request, "reviewer"))
    attempt(
        request,
        lambda: services.assign(seat=row, reviewer=reviewer, actor=user_of(request), now=clock.now()),
        "已指派。",
    )
    return redirect("review:seat", pk)


@needs(permissions.MANAGE)
def assignment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case back from an expert with a reason, and give it to another one at once if wanted."""
    assignment = get_object_or_404(Assignment.objects.select_related("reviewer__user"), pk=pk)
    row = selectors.get_seat(user_of(request), assignment.panel_case_id)
    if row is None:
        raise Http404
    able = {
        str(c.profile.pk): c
        for c in selectors.candidates(row)
        if not c.refusal and c.profile.active and c.profile.pk != assignment.reviewer_id
    }
    choices = [
        (
            key,
            f"{c.profile.user.name}（{c.load} 件{'，已達上限' if c.full else ''}{'；專長相符' if c.skills else ''}）",
        )
        for key, c in able.items()
    ]
    form = ReplaceForm(request.POST or None, candidates=choices)
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        other = able.get(data["reviewer"])
        assignment.panel_case = row

        def act() -> Any:
            common: dict[str, Any] = {
                "assignment": assignment,
                "reason": data["reason"],
                "actor": user_of(request),
                "now": clock.now(),
            }
            if other is None:
                return services.remove(**common)
            return services.replace(reviewer=other.profile, **common)

        if form_attempt(form, act):
            messages.success(request, f"已改派給 {other.profile.user.name}。" if other else "已取消指派。")
            return redirect("review:seat", row.pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"取消 {assignment.reviewer.user.name} 對 {row.case.number} 的指派",
            "intro": "取消後，這位委員不再看得到這件，已填但未送出的評分不會採計。",
            "form": form,
            "submit_label": "取消指派",
            "danger": True,
            "cancel_url": reverse("review:seat", args=[row.pk]),
        },
        status=422 if form.is_bound else 200,
    )
