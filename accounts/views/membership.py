"""Members of a company: who they are, inviting, letting in, changing roles, leaving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits, permissions, selectors
from accounts.enums import MemberRole, RequestState
from accounts.forms.organisation import AnswerJoinForm, InviteForm, RoleForm
from accounts.models import Invitation, JoinRequest, Membership, Organisation
from accounts.services import members as services
from accounts.services.errors import Refused
from accounts.views.organisation import get_organisation
from core.clock import now as clock_now


def _members_page(request: HttpRequest, organisation: Organisation, form: InviteForm) -> HttpResponse:
    return render(
        request,
        "accounts/members.html",
        selectors.members(organisation, clock_now())
        | {
            "organisation": organisation,
            "form": form,
            "may_manage": not permissions.why_not_manage_members(request.user, organisation),
            "roles": MemberRole.choices,
        },
        status=422 if form.is_bound and form.errors else 200,
    )


@require_safe
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """Members, open invitations, waiting requests."""
    return _members_page(request, get_organisation(request, pk), InviteForm())


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite somebody by mail."""
    organisation = get_organisation(request, pk)
    if reason := permissions.why_not_manage_members(request.user, organisation):
        raise PermissionDenied(reason)
    if request.method != "POST":
        return redirect("organisation:members", pk)
    limits.check(request, "invite")
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation = services.invite(
                organisation=organisation,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock_now(),
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, f"已寄邀請信給 {invitation.email}，7 天內有效。")
            return redirect("organisation:members", pk)
    return _members_page(request, organisation, form)


@require_POST
def revoke(request: HttpRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """Take an invitation back."""
    organisation = get_organisation(request, pk)
    invitation = get_object_or_404(Invitation, pk=invitation_pk, organisation=organisation)
    after = services.revoke_invitation(invitation=invitation, actor=request.user, now=clock_now())  # type: ignore[arg-type]
    if after.accepted_at:
        messages.warning(request, "對方已經接受邀請。如需移除，請在成員清單處理。")
    else:
        messages.success(request, f"已撤回給 {invitation.email} 的邀請，原連結不能再使用。")
    return redirect("organisation:members", pk)


@require_POST
def change_role(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    """Give a member another role."""
    organisation = get_organisation(request, pk)
    membership = get_object_or_404(Membership, pk=membership_pk, organisation=organisation)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "沒有這種身分，請從清單選擇。")
        return redirect("organisation:members", pk)
    try:
        changed = services.change_role(
            membership=membership,
            role=form.cleaned_data["role"],
            actor=request.user,  # type: ignore[arg-type]
            now=clock_now(),
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{membership.user} 的身分是「{changed.get_role_display()}」。")
    return redirect("organisation:members", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    """Remove a member, or leave; asked before it is done."""
    organisation = get_organisation(request, pk)
    membership = Membership.objects.filter(pk=membership_pk, organisation=organisation).first()
    if membership is None:
        if request.method == "POST":
            messages.info(request, "這位成員已經不在名單上。")
            return redirect("organisation:members", pk)
        raise Http404
    leaving = membership.user_id == request.user.pk
    if not leaving and (reason := permissions.why_not_manage_members(request.user, organisation)):
        raise PermissionDenied(reason)
    if request.method == "POST":
        try:
            services.remove_member(membership=membership, actor=request.user, now=clock_now())  # type: ignore[arg-type]
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("organisation:members", pk)
        messages.success(
            request, f"您已離開「{organisation.name}」。" if leaving else f"已移除 {membership.user}。"
        )
        return redirect("home") if leaving else redirect("organisation:members", pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"確定離開「{organisation.name}」？" if leaving else f"確定移除 {membership.user}？",
            "consequences": [
                f"將不能再查看或填寫{organisation.called.this}的申請案。",
                "已經填寫的內容不會刪除。",
                "日後可以再由擁有者邀請加入。",
            ],
            "submit_label": "離開" if leaving else "移除成員",
            "cancel_url": request.path.rsplit("/members/", 1)[0] + "/members/",
            "danger": True,
        },
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page that an invitation's link opens; without a login it leads to login or sign-up and back."""
    user: Any = request.user
    now = clock_now()
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by").filter(token=token).first()
        if token.isascii() and token.isprintable()  # PostgreSQL takes no NUL, not even to look for
        else None
    )
    if invitation is None:
        raise Http404
    if not user.is_authenticated:
        return render(
            request,
            "accounts/invitation.html",
            {"invitation": invitation, "open": invitation.is_open(now), "next": request.path},
        )
    if request.method == "POST":
        try:
            membership = services.accept_invitation(token=token, actor=user, now=now)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("organisation:accept_invitation", token)
        messages.success(request, f"您已加入「{invitation.organisation.name}」。")
        return redirect("organisation:detail", membership.organisation_id)
    if permissions.is_member(user, invitation.organisation):
        messages.info(request, f"您已經是「{invitation.organisation.name}」的成員。")
        return redirect("organisation:detail", invitation.organisation_id)
    reason = permissions.why_not_accept(user, invitation, now)
    return render(
        request,
        "accounts/invitation.html",
        {"invitation": invitation, "open": not reason, "reason": reason, "next": request.path},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer_join(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner answers somebody who asked to be let in."""
    user: Any = request.user
    asked = (
        JoinRequest.objects.filter(pk=pk, organisation__in=user.organisation_roles)
        .select_related("organisation", "user", "answered_by")
        .first()
    )
    if asked is None:
        raise Http404
    if reason := permissions.why_not_manage_members(user, asked.organisation):
        raise PermissionDenied(reason)
    form = AnswerJoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        accept = form.cleaned_data["answer"] == "accept"
        try:
            services.answer_join_request(
                request=asked,
                accept=accept,
                role=form.cleaned_data["role"] or MemberRole.EDITOR,
                actor=user,
                now=clock_now(),
            )
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(
                request,
                f"已同意 {asked.user} 加入。" if accept else "已婉拒這份加入申請，系統會通知對方。",
            )
        return redirect("organisation:members", asked.organisation_id)
    return render(
        request,
        "accounts/answer_join.html",
        {"asked": asked, "form": form, "waiting": asked.answer == RequestState.WAITING},
        status=422 if form.is_bound else 200,
    )
