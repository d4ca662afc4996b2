"""Withdrawing a case, and beginning a new one from an earlier one."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications import permissions, selectors
from applications.enums import CaseState
from applications.forms.handing_in import CopyForm, WithdrawForm
from applications.services import cases as service
from applications.views.cases import user_of
from core import clock
from core.workflow import TransitionRefused
from programs.selectors import open_calls


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for the reason, then take the case back."""
    user = user_of(request)
    case = selectors.get_case(user, pk, content=False)
    permissions.require_write(user, case)
    if case.state == CaseState.WITHDRAWN:
        return redirect("cases:record", case.pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.withdraw(case=case, reason=form.cleaned_data["reason"], actor=user, now=clock.now())
        except TransitionRefused:
            messages.error(
                request, "這件申請案已經核定或結束，不能撤案。需要放棄補助的話，請聯絡計畫辦公室。"
            )
        else:
            messages.success(request, "已撤案。")
        return redirect("cases:record", case.pk)
    if not permissions.can_withdraw(user, case):
        raise PermissionDenied("這件申請案已經核定或結束，不能撤案。需要放棄補助的話，請聯絡計畫辦公室。")
    name = case.number or "這份草稿"
    lines = ["撤案後不能復原；受理期間內可以重新申請，也可以複製這件的內容。"]
    if case.submitted_at:
        lines += ["送件資料不退還（S3）。", "計畫辦公室與審查委員會停止處理這件申請。"]
    context = {
        "title": f"確定撤回 {name}？",
        "intro": case.title,
        "consequences": lines,
        "form": form,
        "submit_label": "撤案",
        "danger": True,
        "cancel_url": reverse("cases:detail", args=[case.pk]),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose an open call and begin its application with this case's content."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk, content=False)
    if not permissions.is_member(user, case):
        raise PermissionDenied(f"只有{case.organisation.called.this}的成員可以複製申請案。")
    permissions.require_write(user, case)
    calls = [call for call in open_calls(now) if not (case.is_draft and call.pk == case.call_id)]
    form = CopyForm(request.POST or None, calls=calls, own=case.call_id)
    if request.method == "POST" and form.is_valid():
        try:
            new, copied = service.copy_case(source=case, call=form.cleaned_data["call"], actor=user, now=now)
        except ValidationError as refused:
            form.add_error(None, "".join(refused.messages))
        else:
            if copied:
                messages.success(
                    request, f"已複製：{'、'.join(copied)}。請逐節核對，並補上時程、文件與各項聲明。"
                )
            else:
                messages.info(request, "這份草稿的各節都已經有內容，沒有複製任何東西。")
            return redirect("cases:detail", new.pk)
    context = {
        "case": case,
        "form": form,
        "calls": calls,
        "not_copied": [str(s.label) for s in service.NOT_COPIED],
    }
    return render(request, "applications/submit/copy.html", context, status=422 if form.errors else 200)
