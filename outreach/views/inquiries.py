"""Questions and complaints as anybody makes them: the form, and the personal page that follows one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from documents import throttle
from outreach.enums import InquiryKind, InquiryState, MessageKind
from outreach.forms.public import AskAgainForm, InquiryForm, RatingForm
from outreach.models import Inquiry, InquiryFile, ServiceSettings
from outreach.selectors import inquiries as selectors
from outreach.services import inquiries as services
from outreach.views.common import TOO_MANY, form_attempt, give


def _limited(request: HttpRequest) -> bool:
    return throttle.too_many(request, name="inquiry", limit=6, seconds=600)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Where to reach the office, and the form. POST leads to the personal page with the number."""
    service = ServiceSettings.current()
    user: Any = request.user
    known = {"name": user.name, "email": user.email} if user.is_authenticated else {}
    wanted = request.GET.get("kind")
    if wanted in InquiryKind.values:
        known["kind"] = wanted
    form = InquiryForm(request.POST or None, request.FILES or None, initial=known)
    if request.method == "POST":
        # Only what is whole counts: correcting a mistake must not lock anybody out.
        if form.is_valid() and _limited(request):
            form.add_error(None, TOO_MANY)
        elif form.is_valid():
            data = form.cleaned_data
            names = ("name", "email", "kind", "subject", "text", "case_number", "topic")
            made = form_attempt(
                form,
                lambda: services.receive(
                    asked=services.Asked(**{name: data[name] for name in names}),
                    uploads=data["file"],
                    form_key=data["form_key"],
                    now=clock.now(),
                ),
                "file",
            )
            if made:
                messages.success(request, f"已收到，編號 {made.number}。收件通知已寄到 {made.email}。")
                return redirect(made)
    context = {
        "form": form,
        "file_lost": bool(form.errors and request.FILES),
        "service": service,
        "days": [(label, service.days_for(kind)) for kind, label in InquiryKind.choices],
        "notice": {
            "purpose": "答覆您的詢問、處理申訴，以及統計服務品質",
            "categories": "姓名、電子郵件，以及您在內容與附件中提供的資料",
            "period": f"自收件日起至結案後 {service.inquiry_years} 年，期滿由系統刪除姓名與電子郵件；只在國內由主辦機關與執行單位使用",
            "refusal": "沒有姓名與電子郵件，無法受理與答覆",
        },
    }
    return render(request, "outreach/public/contact.html", context, status=422 if form.errors else 200)


def _by_token(token: str) -> Inquiry | None:
    return Inquiry.objects.select_related("topic").filter(token=token).first()


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def inquiry(request: HttpRequest, token: str) -> HttpResponse:
    """The personal page: where it stands, what was said, asking again, rating."""
    row = _by_token(token)
    if row is None or row.forgotten_at:
        return render(request, "outreach/public/link_over.html", {"what": "來信"}, status=404)
    again, rating = AskAgainForm(), RatingForm(initial={"rating": row.rating, "comment": row.rating_comment})
    if request.method == "POST":
        if request.POST.get("action") == "rate":
            rating = RatingForm(request.POST)
            if rating.is_valid() and form_attempt(
                rating,
                lambda: services.rate(
                    inquiry=row,
                    rating=rating.cleaned_data["rating"],
                    comment=rating.cleaned_data["comment"],
                    now=clock.now(),
                ),
            ):
                messages.success(request, "謝謝您的評分，這一件已經結案。")
                return redirect(row)
        else:
            again = AskAgainForm(request.POST, request.FILES)
            if again.is_valid() and _limited(request):
                again.add_error(None, TOO_MANY)
            elif again.is_valid() and form_attempt(
                again,
                lambda: services.ask_again(
                    inquiry=row,
                    text=again.cleaned_data["text"],
                    uploads=again.cleaned_data["file"],
                    now=clock.now(),
                ),
            ):
                messages.success(request, "已收到您的補充。")
                return redirect(row)
    context = {
        "inquiry": row,
        "messages_said": selectors.thread(row, notes=False),
        "again": again,
        "rating": rating,
        "may_ask": row.state != InquiryState.CLOSED,
        "may_rate": row.state in (InquiryState.ANSWERED, InquiryState.CLOSED),
        "form_errors": bool(again.errors or rating.errors),
        "file_base": reverse("public:inquiry", args=[token]),
    }
    return render(
        request, "outreach/public/inquiry.html", context, status=422 if context["form_errors"] else 200
    )


@login_not_required
@require_safe
def inquiry_file(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """A file of one's own inquiry; never one of the office's notes."""
    row = _by_token(token)
    if row is None or row.forgotten_at:
        raise Http404
    said = InquiryFile.objects.filter(message__inquiry=row).exclude(message__kind=MessageKind.NOTE)
    return give(request, get_object_or_404(said.select_related("file"), pk=pk).file)
