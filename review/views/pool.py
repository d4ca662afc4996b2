"""The office's pool of experts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from core import clock
from review import permissions
from review.forms.pool import PoolFilterForm, ReasonForm, ReviewerForm, TieFormSet
from review.models import Assignment, ReviewerProfile
from review.selectors import panels as panel_selectors
from review.selectors import people
from review.services import pool as services
from review.views.common import attempt, form_attempt, user_of

PAGE = 50


@require_safe
@needs(permissions.MANAGE)
def pool(request: HttpRequest) -> HttpResponse:
    """The pool with filters in the address and everybody's workload."""
    choices, labels = people.skill_choices()
    form = PoolFilterForm(request.GET if request.GET else {"active": "yes"}, skills=choices)
    chosen = form.chosen()
    page = Paginator(people.pool(**chosen), PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.skill_labels = [labels.get(s.job_role, s.job_role) for s in row.skills.all()]  # type: ignore[attr-defined]
        row.full = row.held >= row.capacity  # type: ignore[attr-defined]
    filtered = bool(set(chosen) - {"active"}) or chosen["active"] != "yes"
    return render(
        request,
        "review/panels/pool.html",
        {
            "form": form,
            "page_obj": page,
            "clear_url": reverse("review:pool") if filtered else "",
            "anybody": bool(page.paginator.count) or ReviewerProfile.objects.exists(),
        },
    )


def _ties(formset: Any) -> list[services.TieData]:
    return [
        services.TieData(d["organisation_name"], d["organisation_ubn"], d["note"])
        for d in (f.cleaned_data for f in formset.forms)
        if d.get("organisation_name") and not d.get("DELETE")
    ]


def _profile(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in services.PROFILE_FIELDS}


@needs(permissions.MANAGE)
def reviewer_new(request: HttpRequest) -> HttpResponse:
    """Take an expert into the pool."""
    choices, _ = people.skill_choices()
    form = ReviewerForm(request.POST or None, skill_choices=choices)
    ties = TieFormSet(request.POST or None, prefix="ties")
    if request.method == "POST" and form.is_valid() and ties.is_valid():
        data = form.cleaned_data
        row = form_attempt(
            form,
            lambda: services.add_reviewer(
                email=data["email"],
                name=data["name"],
                profile=_profile(data),
                skills=data["skills"],
                ties=_ties(ties),
                actor=user_of(request),
                now=clock.now(),
            ),
            "email",
        )
        if row:
            messages.success(request, f"已將 {data['name']} 加入委員庫，邀請信已寄出。")
            return redirect("review:pool")
    return _reviewer_page(request, form, ties, None)


def _get(pk: int) -> ReviewerProfile:
    row = (
        people.with_workload(
            ReviewerProfile.objects.select_related("user").prefetch_related("skills", "ties")
        )
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise Http404
    return row


@needs(permissions.MANAGE)
def reviewer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an expert's data; see what he or she holds."""
    row = _get(pk)
    choices, labels = people.skill_choices()
    held = [s.job_role for s in row.skills.all()]
    if unknown := [s for s in held if s not in labels]:
        choices = [*choices, ("其他", [(s, s) for s in unknown])]
    initial = {key: getattr(row, key) for key in services.PROFILE_FIELDS}
    initial |= {"name": row.user.name, "email": row.user.email, "skills": held}
    form = ReviewerForm(request.POST or None, skill_choices=choices, fixed_email=True, initial=initial)
    ties = TieFormSet(
        request.POST or None,
        prefix="ties",
        initial=[
            {"organisation_name": t.organisation_name, "organisation_ubn": t.organisation_ubn, "note": t.note}
            for t in row.ties.all()
        ],
    )
    if request.method == "POST" and form.is_valid() and ties.is_valid():
        data = form.cleaned_data
        done = form_attempt(
            form,
            lambda: services.update_reviewer(
                reviewer=row,
                name=data["name"],
                profile=_profile(data),
                skills=data["skills"],
                ties=_ties(ties),
                actor=user_of(request),
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, "委員資料已更新。")
            return redirect("review:reviewer", pk)
    return _reviewer_page(request, form, ties, row)


def _reviewer_page(
    request: HttpRequest, form: ReviewerForm, ties: Any, row: ReviewerProfile | None
) -> HttpResponse:
    wrong = bool(form.is_bound and (form.errors or ties.total_error_count()))
    work = (
        Assignment.objects.active()
        .filter(reviewer=row)
        .select_related("panel_case__panel", "panel_case__case__organisation")
        # Who reviews the case of one's own company is not shown to its members.
        .exclude(panel_case__case__organisation__in=list(user_of(request).organisation_roles))
        .order_by("-assigned_at")[:50]
        if row
        else []
    )
    return render(
        request,
        "review/panels/reviewer.html",
        {
            "form": form,
            "ties": ties,
            "row": row,
            "work": [{"row": a, "tone": panel_selectors.STATE_TONES[a.state]} for a in work],  # type: ignore[index]
            "form_errors": wrong,
            "no_password": row is not None and not row.user.has_usable_password(),
        },
        status=422 if wrong else 200,
    )


@needs(permissions.MANAGE)
def reviewer_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an expert out of the pool, or back in, with a reason."""
    row = _get(pk)
    wanted = not row.active
    form = ReasonForm(request.POST or None, help_text="留存備查，例如：委員表示不再擔任")
    if request.method == "POST" and request.POST.get("wanted") in ("yes", "no"):
        wanted = request.POST["wanted"] == "yes"
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: services.set_in_pool(
                reviewer=row,
                active=wanted,
                reason=form.cleaned_data["reason"],
                actor=user_of(request),
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, "已恢復在庫。" if wanted else "已停用，不會再出現在邀請與指派的名單。")
            return redirect("review:reviewer", pk)
    word = "恢復" if wanted else "停用"
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"{word}委員 {row.user.name}",
            "intro": "" if wanted else "停用後不會再被邀請或指派；已送出的評分不受影響。",
            "form": form,
            "hidden": [{"name": "wanted", "value": "yes" if wanted else "no"}],
            "submit_label": word,
            "danger": not wanted,
            "cancel_url": reverse("review:reviewer", args=[pk]),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@needs(permissions.MANAGE)
def reviewer_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the welcome mail again, with a fresh link where no password is set yet."""
    row = _get(pk)
    attempt(
        request,
        lambda: services.send_invitation(profile=row, actor=user_of(request), now=clock.now()),
        f"已寄信給 {row.user.name}。",
    )
    return redirect("review:reviewer", pk)
