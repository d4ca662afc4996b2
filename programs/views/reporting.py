"""Reporting KPI values: many KPIs of one period on one page, the periods and their locks, the owner."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import needs
from core import clock
from core.text import clean_line
from core.workflow import TransitionRefused
from programs.forms.reporting import LockForm, OwnerForm, PeriodForm, ReopenForm, ReportRowForm
from programs.models import Kpi, Plan, ReportingPeriod
from programs.rules.plans.kpis import period_label
from programs.selectors import reporting as selectors
from programs.services import kpis as services
from programs.services.kpis import ReportRefused


def user_of(request: HttpRequest) -> Any:
    """Whoever is logged in; the middleware lets nobody else here."""
    return request.user


def plan_of(request: HttpRequest, code: str) -> Plan:
    """The plan for those who see plans and for owners of its KPIs; 404 for everybody else. One query or two."""
    user = user_of(request)
    plans = (
        Plan.objects.visible_to(user)
        if user.has_permission("plan.view")
        else Plan.objects.filter(parts__kpis__in=Kpi.objects.filter(owner=user.pk)).distinct()
    )
    return get_object_or_404(plans, code=code)


def report_url(plan: Plan, year: int, period: int, **more: str) -> str:
    """The reporting page of a period."""
    query = {"year": year, "period": period, **{k: v for k, v in more.items() if v}}
    return f"{reverse('kpis:report', args=[plan.code])}?{urlencode(query)}"


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, plan: str) -> HttpResponse:
    """Every KPI that the person may report, for one period; what is wrong stands at its field, nothing typed is lost."""
    found = plan_of(request, plan)
    user, now = user_of(request), clock.now()
    today = now.astimezone(clock.TAIPEI).date()
    kpis = selectors.reportable(user, found)
    chosen = PeriodForm(request.GET, plan=found, today=today)
    year, period = chosen.chosen()
    only = clean_line(request.GET.get("kpi", ""))
    lines = selectors.lines(kpis.filter(code=only) if only else kpis, year, period, today=today)
    if not lines and not kpis.exists():
        raise PermissionDenied("這個計畫沒有由您填報的指標。如果工作上需要，請洽計畫辦公室。")
    data = request.POST if request.method == "POST" else None
    rows = [(line, ReportRowForm(data, kpi=line.kpi, current=line.current)) for line in lines]
    refusal = ""
    if request.method == "POST":
        refusal, stored = _store(found, year, period, [form for _, form in rows], user, now)
        if stored is not None:
            return _thanks(request, found, year, period, stored, only)
    else:
        refusal = services.problem_of_period(found, year, period, today)
    context = {
        "plan": found,
        "year": year,
        "period": period,
        "period_label": period_label(period),
        "filter": chosen,
        "rows": rows,
        "forms": [form for _, form in rows],
        "refusal": refusal,
        "takes_values": not refusal or request.method == "POST",
        "form_errors": request.method == "POST",
        "only": only,
        "periods": selectors.periods_of(found, year, today=today) if user.has_permission("plan.view") else (),
        "sheet_url": f"{reverse('kpis:sheet_preview', args=[found.code])}?year={year}&period={period}",
        "may_lock": user.has_permission("plan.edit"),
    }
    return render(request, "programs/kpis/report.html", context, status=422 if data is not None else 200)


def _store(
    plan: Plan, year: int, period: int, forms: list[ReportRowForm], user: Any, now: Any
) -> tuple[str, int | None]:
    """(Words about the period, how many values were stored: None when something is to be mended)."""
    # Every form is looked at, so that all errors show at once.
    if len([form for form in forms if form.is_valid()]) < len(forms):
        return services.problem_of_period(plan, year, period, now.astimezone(clock.TAIPEI).date()), None
    by_kpi = {form.kpi.pk: form for form in forms}
    entries = {pk: form.entry() for pk, form in by_kpi.items() if not form.is_blank}
    try:
        stored = services.report_values(
            plan=plan, year=year, period=period, entries=entries, actor=user, now=now
        )
    except ReportRefused as refused:
        for pk, newer in refused.newer.items():
            by_kpi[pk].meet_newer(newer)
        for pk, problems in refused.problems.items():
            by_kpi[pk].refuse(dict(problems))
        return refused.period, None
    return "", len(stored)


def _thanks(request: HttpRequest, plan: Plan, year: int, period: int, stored: int, only: str) -> HttpResponse:
    when = f"{year} 年{period_label(period)}"
    words = f"已儲存 {when}的 {stored} 項指標。" if stored else f"{when}的內容和原來一樣，沒有新的版本。"
    messages.success(request, words)
    return redirect(report_url(plan, year, period, kpi=only))


def _period(request: HttpRequest) -> tuple[int, int]:
    """Year and period that a POST names; 0 and 0 for what is no number."""
    try:
        return int(request.POST.get("year", "")), int(request.POST.get("period", ""))
    except ValueError:
        return 0, 0


@require_POST
@needs("plan.edit")
def lock(request: HttpRequest, plan: str) -> HttpResponse:
    """Take no more values for a period; a second click changes nothing."""
    found = get_object_or_404(Plan.objects.visible_to(user_of(request)), code=plan)
    year, period = _period(request)
    form = LockForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([e for errors in form.errors.values() for e in errors])
        services.lock_period(
            plan=found,
            year=year,
            period=period,
            reason=form.cleaned_data["reason"],
            actor=user_of(request),
            now=clock.now(),
        )
    except TransitionRefused:
        messages.info(request, f"{year} 年{period_label(period)}已經鎖定了。")
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
        return redirect("kpis:report", found.code)
    else:
        messages.success(request, f"{year} 年{period_label(period)}已鎖定，不再接受填報。")
    return redirect(report_url(found, year, period))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def reopen(request: HttpRequest, plan: str, pk: int) -> HttpResponse:
    """Take values again for a locked period, with a reason."""
    found = get_object_or_404(Plan.objects.visible_to(user_of(request)), code=plan)
    row = get_object_or_404(ReportingPeriod, pk=pk, plan=found)
    form = ReopenForm(request.POST or None)
    when = f"{row.year} 年{period_label(row.period)}"
    back = report_url(found, row.year, row.period)
    if request.method == "POST" and form.is_valid():
        try:
            services.reopen_period(
                period=row, reason=form.cleaned_data["reason"], actor=user_of(request), now=clock.now()
            )
        except TransitionRefused:
            messages.info(request, f"{when}已經開放填報了。")
        else:
            messages.success(request, f"{when}已重新開放填報。")
        return redirect(back)
    context = {
        "title": f"重新開放{when}填報？",
        "intro": f"{found}",
        "consequences": ["填報人可以再更正這一期的值；先前的版本都會保留。", "理由會留在紀錄裡。"],
        "form": form,
        "submit_label": "重新開放",
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def owner(request: HttpRequest, plan: str, code: str) -> HttpResponse:
    """Say who reports a KPI."""
    kpi = get_object_or_404(
        Kpi.objects.select_related("owner", "part__plan"), part__plan__code=plan, code=code
    )
    back = reverse("kpis:page", args=[plan, code])
    form = OwnerForm(request.POST or None, initial={"email": kpi.owner.email if kpi.owner else ""})
    if request.method == "POST":
        form = OwnerForm(request.POST)
        if form.is_valid():
            services.set_owner(kpi=kpi, owner=form.owner, actor=user_of(request))
            who = f"{form.owner}" if form.owner else "計畫辦公室"
            messages.success(request, f"{kpi.code} 改由 {who} 填報。")
            return redirect(back)
    context = {
        "title": f"{kpi.code} {kpi.name}：由誰填報？",
        "intro": "填報人不需要有計畫的權限，只會看到自己填報的指標。",
        "form": form,
        "submit_label": "儲存",
        "cancel_url": back,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)


def today_of(now: Any) -> date:
    """The day in Taipei."""
    day: date = now.astimezone(clock.TAIPEI).date()
    return day
