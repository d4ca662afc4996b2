"""Pages of the administrator: accounts and roles, no case."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import selectors as account_selectors
from accounts.forms.administration import AccountFilterForm, AccountForm, ActiveForm, RolesForm
from accounts.models import User
from accounts.permissions import needs
from accounts.services import administration as services
from accounts.services.errors import Refused
from core.clock import now as clock_now
from ipas_portal import audit_log, selectors

PER_PAGE = 50


@require_safe
@needs("account.manage")
def home(request: HttpRequest) -> HttpResponse:
    """Accounts that need a look."""
    return render(request, "portal/administrator.html", selectors.administrator_home(clock_now()))


@require_safe
@needs("account.manage")
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, with search and filters in the address."""
    form = AccountFilterForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    found = account_selectors.accounts_list(
        q=values.get("q", ""), role=values.get("role", ""), state=values.get("state", "")
    )
    page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/accounts.html",
        {"form": form, "page_obj": page_obj, "filtered": any(values.values())},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account.manage")
def account_create(request: HttpRequest) -> HttpResponse:
    """A new account with roles; the person sets the password by a link in a mail."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.create_account(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                roles=form.cleaned_data["roles"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock_now(),
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, f"已建立 {user} 的帳號，並寄出密碼設定信到 {user.email}。")
            return redirect("administrator:account", user.pk)
    return render(request, "portal/account_create.html", {"form": form}, status=422 if form.is_bound else 200)


def _account_page(request: HttpRequest, account: User, **forms: Any) -> HttpResponse:
    entries = LogEntry.objects.get_for_object(account).select_related("actor", "content_type")[:15]
    bound = [form for form in forms.values() if form.is_bound and form.errors]
    context = {
        "account": account,
        "memberships": account.membership_list,
        "roles_form": RolesForm(account=account),
        "active_form": ActiveForm(),
        "entries": audit_log.present(entries),
        "has_mfa": account.authenticator_set.exists(),  # type: ignore[attr-defined]
        "is_self": account.pk == request.user.pk,
        "bound_forms": bound,
        "any_form_errors": bool(bound),
    } | forms
    return render(request, "portal/account.html", context, status=422 if bound else 200)


def _account(pk: int) -> User:
    return get_object_or_404(User.objects.prefetch_related("roles"), pk=pk)


@require_safe
@needs("account.manage")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: roles, companies, state, and what happened to it."""
    return _account_page(request, _account(pk))


@require_POST
@needs("account.manage")
def account_roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the roles."""
    account = _account(pk)
    form = RolesForm(request.POST, account=account)
    if form.is_valid():
        try:
            services.set_roles(
                user=account,
                roles=form.cleaned_data["roles"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock_now(),
            )
        except Refused as refused:
            form.add_error("roles", str(refused))
        else:
            messages.success(request, "角色已儲存。")
            return redirect("administrator:account", pk)
    return _account_page(request, account, roles_form=form)


@require_POST
@needs("account.manage")
def account_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable or enable; ``active`` says which, so that a replay does no harm."""
    account = _account(pk)
    form = ActiveForm(request.POST)
    active = request.POST.get("active") == "1"
    if form.is_valid():
        try:
            services.set_active(
                user=account,
                active=active,
                reason=form.cleaned_data["reason"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock_now(),
            )
        except Refused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, "帳號已啟用。" if active else "帳號已停用，對方已被登出。")
            return redirect("administrator:account", pk)
    return _account_page(request, account, active_form=form)


@require_POST
@needs("account.manage")
def account_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a link to set the password."""
    account = _account(pk)
    try:
        services.send_password_link(user=account, actor=request.user, now=clock_now())  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已寄出密碼設定信到 {account.email}。")
    return redirect("administrator:account", pk)
