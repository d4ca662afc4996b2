"""The reviewer: invitations, cases, declaration, confirmation of the result (the sheet: sheet.py)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from core import clock
from review import permissions
from review.enums import AssignmentState, PanelCaseState
from review.forms.panels import DeclareForm, InvitationForm, RecuseForm
from review.models import PanelMember
from review.selectors import chairing
from review.selectors import reviewing as selectors
from review.services import assignments as assignment_services
from review.services import chair as chair_services
from review.services import panels as panel_services
from review.views.common import SHOWN, attempt, case_name, form_attempt, mine, user_of


@require_safe
@needs(permissions.SCORE)
def home(request: HttpRequest) -> HttpResponse:
    """What waits: invitations, the next case, everything by due date."""
    today = clock.today()
    page = selectors.reviewer_home(user_of(request), today)
    leading = chairing.chair_todo(page.chaired)
    return render(request, "review/reviewer/home.html", {"page": page, "leading": leading, "today": today})


@needs(permissions.SCORE)
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an invitation to a panel."""
    member = (
        PanelMember.objects.filter(pk=pk, reviewer__user=user_of(request))
        .select_related("panel__call")
        .first()
    )
    if member is None:
        raise Http404
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept = form.cleaned_data["answer"] == "accept"
        done = form_attempt(
            form,
            lambda: panel_services.answer_invitation(
                member=member,
                accept=accept,
                note=form.cleaned_data["note"],
                actor=user_of(request),
                now=clock.now(),
            ),
        )
        if done:
            messages.success(
                request, "已接受邀請，謝謝您。" if accept else "已回覆這次無法參與，謝謝您告訴我們。"
            )
            return redirect("review:home")
    return render(
        request,
        "review/reviewer/invitation.html",
        {"member": member, "form": form},
        status=422 if form.is_bound else 200,
    )


@needs(permissions.SCORE)
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed statement before the first look."""
    assignment = mine(request, pk)
    if assignment.state in SHOWN:
        return redirect("review:sheet", pk)
    if assignment.state == AssignmentState.RECUSED:
        messages.info(request, "您已聲明迴避這件。")
        return redirect("review:home")
    if reason := permissions.case_refusal(assignment.panel_case):
        raise PermissionDenied(reason)
    user = user_of(request)
    form = DeclareForm(request.POST or None, name=user.name)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = form_attempt(
            form,
            lambda: assignment_services.declare(
                assignment=assignment,
                has_conflict=data["has_conflict"] == "yes",
                explanation=data["explanation"],
                signed_name=data["signed_name"],
                actor=user,
                now=clock.now(),
            ),
        )
        if done and done.state == AssignmentState.RECUSED:
            messages.success(request, "已記錄您的迴避聲明，計畫辦公室會改派其他委員。")
            return redirect("review:home")
        if done:
            return redirect("review:sheet", pk)
    return render(
        request,
        "review/reviewer/declare.html",
        {**case_name(assignment), "form": form},
        status=422 if form.is_bound else 200,
    )


@needs(permissions.SCORE)
def recuse(request: HttpRequest, pk: int) -> HttpResponse:
    """A conflict that shows only while reading."""
    assignment = mine(request, pk)
    if assignment.state == AssignmentState.RECUSED:
        return redirect("review:home")
    user = user_of(request)
    if reason := permissions.score_refusal(user, assignment):
        raise PermissionDenied(reason)
    form = RecuseForm(request.POST or None, name=user.name)
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: assignment_services.declare(
                assignment=assignment,
                has_conflict=True,
                explanation=form.cleaned_data["explanation"],
                signed_name=form.cleaned_data["signed_name"],
                actor=user,
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, "已記錄您的迴避聲明，計畫辦公室會改派其他委員。")
            return redirect("review:home")
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"迴避 {assignment.panel_case.case.number}",
            "intro": "閱讀後發現與這件有利益關係，請在這裡聲明迴避。",
            "consequences": ["您已填的評分不會採計，也不會給其他人看。", "計畫辦公室會改派其他委員。"],
            "form": form,
            "submit_label": "簽署並迴避",
            "danger": True,
            "cancel_url": reverse("review:sheet", args=[pk]),
        },
        status=422 if form.is_bound else 200,
    )


@needs(permissions.SCORE)
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """The result of a case, for those who scored it, once all have; and its confirmation."""
    assignment = mine(request, pk)
    seat = assignment.panel_case
    if assignment.state != AssignmentState.SUBMITTED or seat.state == PanelCaseState.OPEN:
        messages.info(request, "這件目前不需要確認。召集人請您確認時，會寄信通知。")
        return redirect("review:sheet", pk) if assignment.state in SHOWN else redirect("review:home")
    if request.method == "POST":
        done = attempt(
            request,
            lambda: chair_services.sign_off(
                assignment=assignment,
                actor=user_of(request),
                now=clock.now(),
                seen=request.POST.get("seen", ""),
            ),
            f"已確認 {seat.case.number} 的審查結果。",
        )
        return redirect("review:home") if done else redirect("review:sign_off", pk)
    summary = chairing.case_summary(seat)
    if summary is None:
        raise Http404
    signed = getattr(assignment, "sign_off", None)
    return render(
        request,
        "review/reviewer/sign_off.html",
        {
            **case_name(assignment),
            "seat": seat,
            "summary": summary,
            "grant": seat.case.terms.terms.grant,
            "names": [
                "您" if c.assignment.pk == assignment.pk else f"委員 {n}"
                for n, c in enumerate(summary.columns, 1)
            ],
            "signed_at": signed.signed_at if signed else None,
            "seen": chair_services.result_key(seat),
        },
    )
