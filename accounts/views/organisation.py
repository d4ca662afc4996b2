"""A company's own data: registering, looking, changing."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import business_items, limits, permissions, selectors
from accounts.enums import MemberRole
from accounts.forms.organisation import CompanyForm, JoinForm, RegisterForm, StaffRegisterForm
from accounts.models import Organisation
from accounts.places import townships
from accounts.services import members, organisations
from accounts.services.errors import OrganisationExists, Outdated, Refused
from core.clock import now as clock_now
from core.text import half_width, mask_company


def get_organisation(request: HttpRequest, pk: int) -> Organisation:
    """The organisation, or 404 when the person may not know of it."""
    organisation = selectors.organisation_for(request.user, pk)  # type: ignore[arg-type]
    if organisation is None:
        raise Http404
    return organisation


def _summary(organisation: Organisation) -> list[dict[str, Any]]:
    """Rows of the company's data for ``components/summary_list.html``."""
    band = organisation.size_band
    heads = f"{organisation.heads:,} 人（{band.label}）" if band else ""
    return [
        {"label": "單位名稱", "value": organisation.name},
        {"label": "單位類別", "value": organisation.get_kind_display()},
        {"label": "統一編號", "value": organisation.ubn},
        {"label": "地址", "value": organisation.full_address},
        {"label": "員工人數", "value": heads},
        {"label": "負責人", "value": organisation.representative},
        {"label": "聯絡人", "value": organisation.contact_name},
        {"label": "聯絡電話", "value": organisation.contact_phone},
        {"label": "聯絡電子郵件", "value": organisation.contact_email},
    ]


@require_safe
def detail(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One company; without a number the only one, a list of several, or the way to register."""
    user: Any = request.user
    if pk is None:
        if len(user.membership_list) != 1:
            return render(
                request,
                "accounts/organisations.html",
                {"memberships": user.membership_list, "requests": selectors.requests_of(user)},
            )
        pk = user.membership_list[0].organisation_id
    organisation = get_organisation(request, pk)
    judged = business_items.judge([item.code for item in organisation.business_items.all()])
    return render(
        request,
        "accounts/organisation.html",
        {
            "organisation": organisation,
            "rows": _summary(organisation),
            "judged": judged,
            "eligible": [item for item in judged if item.group],
            "may_edit": not permissions.why_not_edit_organisation(user, organisation),
            "role": dict(MemberRole.choices).get(user.organisation_roles.get(organisation.pk, ""), ""),
            "is_member": permissions.is_member(user, organisation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A company registers; a number that exists leads to asking its owners."""
    user: Any = request.user
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        initial={"contact_name": user.name, "contact_email": user.email},
    )
    if request.method == "POST":
        limits.check(request, "register_organisation")
        if form.is_valid():
            try:
                organisation = organisations.register_organisation(
                    ubn=form.cleaned_data["ubn"],
                    company=form.company(),
                    codes=form.cleaned_data["codes"],
                    actor=user,
                    now=clock_now(),
                )
            except OrganisationExists as exists:
                return _taken(request, exists.organisation)
            except Refused as refused:
                form.add_error("ubn", str(refused))
            else:
                messages.success(
                    request, f"已登錄「{organisation.name}」，您是{organisation.called.this}的擁有者。"
                )
                return redirect("organisation:detail", organisation.pk)
    return render(
        request, "accounts/register.html", {"form": form, "townships": townships()}, status=_status(form)
    )


def _status(form: Any) -> int:
    """422 for a form with errors: htmx and scripts see at once that nothing was saved."""
    return 422 if form.is_bound and form.errors else 200


def _taken(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """The number is registered: go there when one belongs to it (a replayed POST), else offer to ask."""
    if permissions.is_member(request.user, organisation):
        messages.info(request, f"{organisation.called.this}已經登錄完成。")
        return redirect("organisation:detail", organisation.pk)
    return render(
        request,
        "accounts/taken.html",
        {
            "form": JoinForm(),
            "organisation": organisation,
            "ubn": organisation.ubn,
            "masked": mask_company(organisation.name),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def register_for_others(request: HttpRequest) -> HttpResponse:
    """Staff register a company for its people, with an override of the checksum where the register says so."""
    user: Any = request.user
    if not permissions.may_register_for_others(user):
        raise PermissionDenied("只有計畫辦公室與系統管理員可以替申請單位登錄。")
    form = StaffRegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = clock_now()
        try:
            organisation = organisations.register_organisation(
                ubn=form.cleaned_data["ubn"],
                company=form.company(),
                codes=form.cleaned_data["codes"],
                actor=user,
                now=now,
                as_owner=False,
                ubn_override_reason=form.cleaned_data["ubn_override_reason"],
            )
        except OrganisationExists as exists:
            form.add_error("ubn", f"這個統一編號已經登錄為「{exists.organisation.name}」，不需要再登錄")
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            if form.cleaned_data["owner_email"]:
                members.invite_first_owner(
                    organisation=organisation, email=form.cleaned_data["owner_email"], actor=user, now=now
                )
            messages.success(request, f"已登錄「{organisation.name}」（{organisation.ubn}）。")
            return redirect("organisation:detail", organisation.pk)
    return render(
        request,
        "accounts/register_for_others.html",
        {"form": form, "townships": townships()},
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the company's data; what a submitted case keeps of it does not follow."""
    organisation = get_organisation(request, pk)
    if reason := permissions.why_not_edit_organisation(request.user, organisation):
        raise PermissionDenied(reason)
    form = CompanyForm(
        request.POST if request.method == "POST" else None, initial=CompanyForm.initial_of(organisation)
    )
    if request.method == "POST" and form.is_valid():
        base = form.cleaned_data["revision"]
        try:
            organisations.update_organisation(
                organisation=organisation,
                company=form.company(),
                codes=form.cleaned_data["codes"],
                base_revision=organisation.revision if base is None else base,
                actor=request.user,  # type: ignore[arg-type]
                now=clock_now(),
            )
        except Outdated as outdated:
            form.add_error(None, str(outdated))
        else:
            messages.success(request, f"{organisation.called.noun}資料已儲存。")
            return redirect("organisation:detail", organisation.pk)
    return render(
        request,
        "accounts/edit.html",
        {"form": form, "organisation": organisation, "townships": townships()},
        status=_status(form),
    )


@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Ask the owners of a registered number to be let in."""
    limits.check(request, "join_request")
    ubn = half_width(request.POST.get("ubn", ""))
    organisation = Organisation.objects.filter(ubn=ubn).first() if re.fullmatch(r"[0-9]{8}", ubn) else None
    if organisation is None:
        raise Http404
    form = JoinForm(request.POST)
    if not form.is_valid():
        return render(
            request,
            "accounts/taken.html",
            {
                "form": form,
                "organisation": organisation,
                "ubn": organisation.ubn,
                "masked": mask_company(organisation.name),
            },
            status=422,
        )
    try:
        members.request_to_join(
            organisation=organisation,
            message=form.cleaned_data["message"],
            actor=request.user,  # type: ignore[arg-type]
            now=clock_now(),
        )
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"已通知{organisation.called.this}的擁有者。對方回覆後，系統會寄信通知您。")
    return redirect("organisation:detail")
