"""Reference tables and window extensions, kept by the office."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.permissions import needs
from core import clock
from programs import services
from programs.forms.reference import CalendarDayForm, ExtendWindowForm, PassRateForm, RegionForm
from programs.models import CalendarDay, PassRate, Region
from programs.views.public import visible_call


@needs("reference.edit")
def reference_home(request: HttpRequest) -> HttpResponse:
    """The three tables: calendar of one year, regions, pass rates; each with a form to add a row."""
    this_year = clock.today().year
    try:
        year = int(request.GET.get("year", this_year))
    except ValueError:
        year = this_year
    return _reference(request, year=year)


def _reference(request: HttpRequest, *, year: int, status: int = 200, **bound: Any) -> HttpResponse:
    context = {
        "year": year,
        "roc_year": year - 1911,
        "previous_year": year - 1,
        "next_year": year + 1,
        "days": list(CalendarDay.objects.filter(date__year=year)) if 1912 <= year <= 9998 else [],
        "regions": list(Region.objects.all()),
        "pass_rates": list(PassRate.objects.all()[:500]),
        "day_form": bound.get("day_form") or CalendarDayForm(prefix="day"),
        "region_form": bound.get("region_form") or RegionForm(prefix="region"),
        "rate_form": bound.get("rate_form") or PassRateForm(prefix="rate"),
        "bound_forms": list(bound.values()),
        "form_errors": bool(bound),
    }
    return render(request, "programs/reference.html", context, status=status)


@needs("reference.edit")
@require_POST
def day_save(request: HttpRequest) -> HttpResponse:
    """Add or change a calendar day."""
    form = CalendarDayForm(request.POST, prefix="day")
    if not form.is_valid():
        return _reference(request, year=clock.today().year, status=422, day_form=form)
    data = form.cleaned_data
    services.save_day(day=data["date"], kind=data["kind"], name=data["name"])
    messages.success(request, "行事曆已更新；之後計算的期限會依新的行事曆。")
    return redirect(f"{request.path.removesuffix('days/')}?year={data['date'].year}")


@needs("reference.edit")
@require_POST
def day_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a day out of the calendar."""
    row = CalendarDay.objects.filter(pk=pk).first()
    if row:
        services.remove_day(day=row.date)
        messages.success(request, f"已移除「{row.name}」。")
    return redirect("reference:home")


@needs("reference.edit")
@require_POST
def region_save(request: HttpRequest) -> HttpResponse:
    """Add a region row."""
    form = RegionForm(request.POST, prefix="region")
    if not form.is_valid():
        return _reference(request, year=clock.today().year, status=422, region_form=form)
    form.save()
    messages.success(request, "區域表已更新。")
    return redirect("reference:home")


@needs("reference.edit")
@require_POST
def region_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a region row; a second click finds it gone and says nothing."""
    Region.objects.filter(pk=pk).delete()
    return redirect("reference:home")


@needs("reference.edit")
@require_POST
def rate_save(request: HttpRequest) -> HttpResponse:
    """Add a pass-rate row."""
    form = PassRateForm(request.POST, prefix="rate")
    if not form.is_valid():
        return _reference(request, year=clock.today().year, status=422, rate_form=form)
    form.save()
    messages.success(request, "通過率已更新。")
    return redirect("reference:home")


@needs("reference.edit")
@require_POST
def rate_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a pass-rate row; a second click finds it gone and says nothing."""
    PassRate.objects.filter(pk=pk).delete()
    return redirect("reference:home")


@needs("case.extend_window")
def extend_window(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a call's window longer for everybody, with a public reason."""
    call = visible_call(request, slug)
    form = ExtendWindowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.extend_window(
                call=call,
                closes_at=form.closes_at(),
                reason=form.cleaned_data["reason"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except ValidationError as refused:
            for text in refused.messages:
                form.add_error(None, text)
        else:
            messages.success(request, "受理時間已延長，理由已公開在徵案頁。")
            return redirect("calls:detail", slug=slug)
    return render(
        request,
        "components/confirm.html",
        {
            "title": "延長受理時間",
            "intro": f"{call.name}，目前截止於公告的時間。延長後所有申請單位都適用。",
            "consequences": ["理由會公開在徵案頁。", "受理時間只能延長，不能縮短。"],
            "form": form,
            "submit_label": "延長",
            "cancel_url": f"/calls/{slug}/",
        },
        status=422 if form.is_bound else 200,
    )
