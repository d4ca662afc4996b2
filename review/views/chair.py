"""The chair: cases of the panel, all sheets side by side once all are in, reopening, confirming, closing."""

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
from review.forms.panels import DeclareForm, OptionalReasonForm
from review.forms.pool import ReasonForm
from review.models import Assignment, Panel, PanelCase
from review.selectors import chairing as selectors
from review.selectors import people
from review.selectors.panels import STATE_TONES, overdue
from review.services import assignments as assignment_services
from review.services import chair as services
from review.views.common import attempt, form_attempt, user_of


@require_safe
@needs(permissions.CHAIR)
def chair(request: HttpRequest, pk: int) -> HttpResponse:
    """Every case of one's own panel, with its figures once all sheets are in."""
    panel = get_object_or_404(
        Panel.objects.select_related("call__current_terms").exclude(state=PanelState.FORMING), pk=pk
    )
    member = selectors.chair_of(panel)
    if member is None or member.reviewer.user_id != user_of(request).pk:
        raise Http404
    page = selectors.chair_page(panel, member)
    return render(
        request,
        "review/chair/panel.html",
        {
            "panel": panel,
            "page": page,
            "late": overdue(panel, clock.today()),
            "may_close": panel.state == PanelState.SCORING and page.rows and not page.open,
        },
    )


@require_POST
@needs(permissions.CHAIR)
def close_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """End the panel's work."""
    panel = get_object_or_404(Panel, pk=pk)
    if not permissions.is_chair(user_of(request), panel):
        raise Http404
    attempt(
        request,
        lambda: services.close_panel(panel=panel, actor=user_of(request), now=clock.now()),
        "小組審查已結束，謝謝您。",
    )
    return redirect("review:chair", pk)


def _seat(request: HttpRequest, pk: int) -> tuple[PanelCase, selectors.Lead]:
    """A case that the user may know of as chair or office, and how they stand to it."""
    seat = (
        PanelCase.objects.select_related(
            "panel__call__current_terms",
            "case__organisation",
            "case__company",
            "case__terms",
            "case__call",
            "book",
        )
        .prefetch_related(selectors.every_sheet())
        .exclude(panel__state=PanelState.FORMING)
        .filter(pk=pk)
        .first()
    )
    lead = selectors.lead_of(user_of(request), seat) if seat else None
    if seat is None or lead is None:
        raise Http404
    return seat, lead


def _names(seat: PanelCase) -> dict[str, Any]:
    return {
        "seat": seat,
        "panel": seat.panel,
        "number": seat.case.number,
        "company": seat.case.company_name,
        "plan_title": seat.case.title,
        "call": seat.case.call.name,
    }


@require_safe
@needs(permissions.CHAIR, permissions.MANAGE)
def chair_case(request: HttpRequest, pk: int) -> HttpResponse:
    """All sheets of a case side by side; nothing of any score while one is missing."""
    seat, lead = _seat(request, pk)
    if lead.needs_declaration:
        return redirect("review:chair_declare", pk)
    if not lead.may_lead and not lead.as_office:
        own = next((a for a in seat.assignments.all() if a.reviewer.user_id == user_of(request).pk), None)
        if own is not None and own.state == AssignmentState.ASSIGNED:
            return redirect("review:declare", own.pk)
        raise PermissionDenied(lead.barred)
    active = [a for a in seat.assignments.all() if a.state not in people.OUT]
    summary = selectors.case_summary(seat, active)
    terms = seat.case.terms.terms
    return render(
        request,
        "review/chair/case.html",
        {
            **_names(seat),
            "lead": lead,
            "summary": summary,
            "grant": terms.grant,
            "people": [{"a": a, "tone": STATE_TONES[a.state]} for a in active],  # type: ignore[index]
            "sent": sum(a.state == AssignmentState.SUBMITTED for a in active),
            "total": len(active),
            "least": terms.settings.reviewers_per_case,
            "pass_mark": terms.settings.pass_mark,
            "history": list(seat.transitions.all()),
            "unprinted": selectors.unprinted(active),
            "is_open": seat.state == PanelCaseState.OPEN,
            "signing": seat.state == PanelCaseState.SIGNING,
            "closed": seat.state == PanelCaseState.CLOSED,
            "next": None if lead.as_office else selectors.next_task(seat, user_of(request)),
            "back": reverse("review:panel", args=[seat.panel_id])
            if lead.as_office
            else reverse("review:chair", args=[seat.panel_id]),
        },
    )


@needs(permissions.CHAIR)
def chair_declare(request: HttpRequest, pk: int) -> HttpResponse:
    """A chair who leads a case without scoring it signs as well."""
    seat, lead = _seat(request, pk)
    if not lead.needs_declaration:
        return redirect("review:chair_case", pk)
    user = user_of(request)
    form = DeclareForm(request.POST or None, name=user.name)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = form_attempt(
            form,
            lambda: assignment_services.declare_as_chair(
                seat=seat,
                has_conflict=data["has_conflict"] == "yes",
                explanation=data["explanation"],
                signed_name=data["signed_name"],
                actor=user,
                now=clock.now(),
            ),
        )
        if done and done.has_conflict:
            messages.success(request, "已記錄您的迴避聲明，這件由計畫辦公室代為召集。")
            return redirect("review:chair", seat.panel_id)
        if done:
            return redirect("review:chair_case", pk)
    return render(
        request,
        "review/reviewer/declare.html",
        {**_names(seat), "form": form, "as_chair": True},
        status=422 if form.is_bound else 200,
    )


def _led(request: HttpRequest, pk: int) -> PanelCase:
    """A case that the user leads now; the reason when not."""
    seat, lead = _seat(request, pk)
    if not lead.may_lead:
        raise PermissionDenied(lead.barred or "請先簽署這件的利益迴避聲明。")
    return seat


@require_POST
@needs(permissions.CHAIR, permissions.MANAGE)
def retry_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the PDF of a sheet made again that failed; pressing twice does no harm."""
    assignment = get_object_or_404(Assignment.objects.select_related("panel_case"), pk=pk)
    seat = _led(request, assignment.panel_case_id)
    services.retry_sheet(assignment=assignment, actor=user_of(request), now=clock.now())
    messages.success(request, "已重新排入製作。")
    return redirect("review:chair_case", seat.pk)


@needs(permissions.CHAIR, permissions.MANAGE)
def reopen_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a sheet back with a reason."""
    assignment = get_object_or_404(Assignment.objects.select_related("reviewer__user"), pk=pk)
    seat = _led(request, assignment.panel_case_id)
    assignment.panel_case = seat
    form = ReasonForm(request.POST or None, help_text="會寄給委員，例如：R3 的分數與意見不一致，請再確認")
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: services.reopen_sheet(
                assignment=assignment,
                reason=form.cleaned_data["reason"],
                actor=user_of(request),
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, f"已退回 {assignment.reviewer.user.name} 的評分表，並寄信通知。")
            return redirect("review:chair_case", seat.pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"退回 {assignment.reviewer.user.name} 的評分表",
            "intro": f"{seat.case.number} {seat.case.company_name}",
            "consequences": [
                "委員可以修改後再送出。",
                "在再次送出之前，這件的所有分數都不再顯示。",
                "已經完成的確認會全部作廢，要重新確認。",
            ],
            "form": form,
            "submit_label": "退回並通知",
            "cancel_url": reverse("review:chair_case", args=[seat.pk]),
        },
        status=422 if form.is_bound else 200,
    )


@needs(permissions.CHAIR, permissions.MANAGE)
def collect(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask everybody to confirm the result."""
    seat = _led(request, pk)
    active = [a for a in seat.assignments.all() if a.state not in people.OUT]
    least = seat.case.terms.terms.settings.reviewers_per_case
    short = len(active) < least
    form = OptionalReasonForm(
        request.POST or None,
        help_text=f"這件只有 {len(active)} 位委員評分，少於規定的 {least} 位，請說明理由"
        if short
        else "選填",
    )
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: services.collect(
                seat=seat, reason=form.cleaned_data["reason"], actor=user_of(request), now=clock.now()
            ),
            "reason",
        )
        if done:
            messages.success(request, "已請委員確認，並寄信通知。")
            return redirect("review:chair_case", pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"請委員確認 {seat.case.number} 的審查結果",
            "consequences": [
                "每位評分的委員都會收到通知，確認後才能完成這件。",
                "確認期間評分表不能修改，除非退回。",
            ],
            "form": form,
            "submit_label": "請委員確認",
            "cancel_url": reverse("review:chair_case", args=[pk]),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@needs(permissions.CHAIR, permissions.MANAGE)
def close_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the case after everybody's confirmation."""
    seat = _led(request, pk)
    attempt(
        request,
        lambda: services.close_case(seat=seat, actor=user_of(request), now=clock.now()),
        f"{seat.case.number} 的審查已完成，送決審會議。",
    )
    return redirect("review:chair_case", pk)


@needs(permissions.CHAIR, permissions.MANAGE)
def reopen_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case back into review with a reason."""
    seat = _led(request, pk)
    form = ReasonForm(request.POST or None, help_text="留存備查")
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: services.reopen_case(
                seat=seat, reason=form.cleaned_data["reason"], actor=user_of(request), now=clock.now()
            ),
        )
        if done:
            messages.success(request, f"{seat.case.number} 已重啟審查。")
            return redirect("review:chair_case", pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"重啟 {seat.case.number} 的審查",
            "consequences": [
                "委員的確認全部作廢，要重新確認。",
                "評分表維持已送出；需要修改的，請再逐份退回。",
            ],
            "form": form,
            "submit_label": "重啟審查",
            "danger": True,
            "cancel_url": reverse("review:chair_case", args=[pk]),
        },
        status=422 if form.is_bound else 200,
    )
