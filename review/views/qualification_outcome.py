"""What the qualification check leads to: passed, supplement notice, return; extension and expiry."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from applications.enums import CaseState, SupplementState
from applications.letters import recipient
from applications.models import Case
from applications.services.guard import require_office
from core import clock
from core.rocdate import roc
from core.workflow import TransitionRefused
from documents.assembling import preview_context_pdf
from programs.selectors import work_calendar
from review.forms.qualification import ExtendForm, SupplementForm, VersionForm
from review.selectors import cases
from review.services import qualification as service
from review.services.qualification import PERMISSION, CheckChanged
from review.views.office import user_of
from review.views.qualification import case_and_sheet, summary_context


@require_safe
@needs(PERMISSION)
def letter_preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The letter as the verdicts write it now, as PDF with 預覽 across it. Writes nothing."""
    now = clock.now()
    case, sheet = case_and_sheet(request, pk)
    if not sheet.against:
        raise Http404("目前的判定沒有需要發文的項目。")
    context = service.draft_return(sheet) if sheet.tally.failed else service.draft_supplement(sheet, now)
    response = HttpResponse(
        preview_context_pdf(context, recipient(case), now=now), content_type="application/pdf"
    )
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return response


def _decide(
    request: HttpRequest,
    pk: uuid.UUID,
    *,
    wanted: str,
    reached: str,
    form_class: type[VersionForm],
    act: Callable[[Case, Any, datetime], Any],
    done: str,
    page: dict[str, Any],
) -> HttpResponse:
    """Ask (GET), then act (POST). A decision that was taken already is told as such, not refused."""
    now = clock.now()
    case, sheet = case_and_sheet(request, pk)
    require_office(user_of(request), PERMISSION, case)
    back = reverse("office:qualification", args=[pk])
    form = form_class(request.POST or None, initial={"version": sheet.version})
    if request.method == "POST" and form.is_valid():
        try:
            act(case, form, now)
        except CheckChanged as changed:
            messages.warning(request, str(changed))
            return redirect(request.path)
        except (ValidationError, TransitionRefused) as refused:
            words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
            messages.error(request, " ".join(words))
            return redirect(back)
        messages.success(request, done)
        return redirect("office:case", pk)
    if case.state == reached:
        messages.info(request, f"這件案件已經是「{case.get_state_display()}」。")
        return redirect("office:case", pk)
    if not sheet.is_open or sheet.tally.decision != wanted:
        if sheet.is_open and sheet.tally.missing:
            messages.warning(request, f"還有 {sheet.tally.missing} 項沒有判定，全部判定後才能做決定。")
        elif sheet.is_open:
            messages.warning(request, "依目前的判定，應該辦理的是另一個決定。")
        else:
            messages.warning(request, f"案件目前是「{case.get_state_display()}」，不能再做這個決定。")
        return redirect(back)
    context = (
        page
        | summary_context(request, sheet, now, locked="")
        | {
            "form": form,
            "cancel_url": back,
            "preview_url": reverse("office:letter_preview", args=[pk]) if wanted != "qualify" else "",
        }
    )
    return render(request, "review/office/decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PERMISSION)
def qualify(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every item passes."""
    return _decide(
        request,
        pk,
        wanted="qualify",
        reached=CaseState.QUALIFIED,
        form_class=VersionForm,
        act=lambda case, form, now: service.qualify(
            case=case,
            version=form.cleaned_data["version"] or 0,
            actor=user_of(request),
            now=now,
        ),
        done="初審符合，案件可以編入審查小組。",
        page={
            "title": "確定初審符合？",
            "consequences": [
                "全部項目都判定為符合。",
                "案件進入「初審符合」，等待編入審查小組。",
                "申請單位會看到「審查中」，這一步不發公文。",
            ],
            "submit_label": "確定，初審符合",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PERMISSION)
def request_supplement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The supplement notice: preview, then send."""
    return _decide(
        request,
        pk,
        wanted="supplement",
        reached=CaseState.SUPPLEMENTING,
        form_class=SupplementForm,
        act=lambda case, form, now: service.send_supplement(
            case=case,
            version=form.cleaned_data["version"] or 0,
            note=form.cleaned_data["note"],
            actor=user_of(request),
            now=now,
        ),
        done="補件通知已發出；公文製作中，完成後申請單位登入即可下載。",
        page={
            "title": "發出補件通知",
            "consequences": [
                "公文取號後發出，並寄信通知聯絡人與公司成員。",
                "申請單位只能修改通知所列的範圍；補正後若使其他規定不符，系統會一併開放那一處，補正完才能送出。",
                "期限過後仍未補件，系統會自動退件並發文。",
            ],
            "submit_label": "發出補件通知",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PERMISSION)
def return_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The return letter: preview, then send."""
    return _decide(
        request,
        pk,
        wanted="return",
        reached=CaseState.RETURNED,
        form_class=VersionForm,
        act=lambda case, form, now: service.send_return(
            case=case,
            version=form.cleaned_data["version"] or 0,
            actor=user_of(request),
            now=now,
        ),
        done="案件已退件；退件函製作中，完成後申請單位登入即可下載。",
        page={
            "title": "確定退件？",
            "danger": True,
            "consequences": [
                "退件後案件就結束了，不能再補件或恢復。",
                "退件函取號後發出，並寄信通知聯絡人與公司成員。",
            ],
            "submit_label": "退件並發文",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PERMISSION)
def extend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A longer supplement deadline."""
    now = clock.now()
    case = cases.get_case(user_of(request), pk)
    require_office(user_of(request), PERMISSION, case)
    supplement = case.supplements.filter(state=SupplementState.OPEN).first()
    if supplement is None:
        messages.warning(request, "這件案件目前沒有等待中的補件通知。")
        return redirect("office:case", pk)
    most = case.terms.terms.settings.extension_working_days_max
    calendar = work_calendar()
    options = [
        (days, f"{roc(calendar.add(supplement.first_due_on, days))}（{days} 個工作日）")
        for days in range(1, most + 1)
    ]
    form = ExtendForm(request.POST or None, options=options)
    if request.method == "POST" and form.is_valid():
        try:
            done = service.extend(supplement=supplement, actor=user_of(request), now=now, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"補件期限展延到 {roc(done.due_on)}，已寄信通知申請單位。")
            return redirect("office:case", pk)
    context = {
        "title": "展延補件期限",
        "intro": f"案號 {case.number}，目前的期限是 {roc(supplement.due_on)}。",
        "consequences": ["展延不另發公文，會寄信通知聯絡人與公司成員。"],
        "form": form,
        "submit_label": "展延",
        "cancel_url": reverse("office:case", args=[pk]),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_POST
@needs(PERMISSION)
def expire(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Return an overdue case by hand, when beat has not done so yet."""
    now = clock.now()
    case = cases.get_case(user_of(request), pk)
    require_office(user_of(request), PERMISSION, case)
    supplement = case.supplements.filter(state=SupplementState.OPEN).first()
    if supplement is not None and service.expire(supplement=supplement, actor=user_of(request), now=now):
        messages.success(request, "案件已依規定退件，退件函製作中。")
    elif supplement is not None:
        messages.warning(request, "補件期限還沒有過，不能以逾期退件。")
    return redirect("office:case", pk)
