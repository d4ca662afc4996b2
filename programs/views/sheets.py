"""KPI values and budgets as spreadsheets: templates out, filled ones in with a preview, all or nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.sheets import SheetRefused
from core.sheets_layout import write_pages
from core.templatetags.portal import quantity
from programs.enums import BudgetCategory, BudgetStage
from programs.forms.reporting import PeriodForm, ReportRowForm
from programs.models import Plan
from programs.rules.plans.kpis import period_label
from programs.selectors import plan_forms
from programs.selectors import reporting as selectors
from programs.selectors.reporting import Line
from programs.services import budget_sheets, kpi_sheets
from programs.services.kpis import Entry, Reported, ReportRefused, report_values, try_values
from programs.views.kpis import download
from programs.views.reporting import plan_of, report_url, today_of, user_of

_SALT = "programs.sheets"
_PREVIEW_SECONDS = 4 * 3600
NO_FILE = "請先選擇填好的 XLSX 或 ODS 試算表再上傳。"
STALE = "這次匯入的預覽已經失效，請重新上傳試算表。"


def _lines(request: HttpRequest, code: str) -> tuple[Plan, int, int, list[Line]]:
    """Plan, year, period, and the KPIs that the person may report. Raises PermissionDenied where there are none."""
    plan = plan_of(request, code)
    today = today_of(clock.now())
    year, period = PeriodForm(request.GET, plan=plan, today=today).chosen()
    lines = selectors.lines(selectors.reportable(user_of(request), plan), year, period, today=today)
    if not lines and not selectors.reportable(user_of(request), plan).exists():
        raise PermissionDenied("這個計畫沒有由您填報的指標。如果工作上需要，請洽計畫辦公室。")
    return plan, year, period, lines


def _kind(kind: str) -> str:
    if kind not in ("xlsx", "ods"):
        raise Http404
    return kind


def _refused(request: HttpRequest, refused: SheetRefused | str, **context: Any) -> HttpResponse:
    """Every problem by its place; nothing was taken over."""
    if isinstance(refused, str):
        problems, name = [refused], ""
    else:
        problems = [str(problem) for problem in refused.problems]
        problems += [f"另外還有 {refused.left_out} 處。"] if refused.left_out else []
        upload = request.FILES.get("sheet")
        name = str(upload.name) if upload else ""
    context |= {"problems": problems, "file_name": name, "form_errors": True}
    return render(request, "programs/sheets/refused.html", context, status=422)


# KPI values ----------------------------------------------------------------------------------------------


@require_safe
def kpi_template(request: HttpRequest, plan: str, kind: str) -> HttpResponse:
    """The KPIs that the person may report, with what is stored of the period."""
    found, year, period, lines = _lines(request, plan)
    content = kpi_sheets.kpi_template(lines, year=year, period=period, kind=_kind(kind))
    return download(content, f"{found.code}-kpi-{year}-{period:02}", kind)


@require_POST
def kpi_preview(request: HttpRequest, plan: str) -> HttpResponse:
    """Read a filled sheet and show what it would change, or every error by row and column. Saves nothing."""
    found, year, period, lines = _lines(request, plan)
    by_pk = {line.kpi.pk: line for line in lines}
    upload = request.FILES.get("sheet")
    back = report_url(found, year, period)
    title = f"{found.code} {year} 年{period_label(period)}指標實際值"
    query = back.partition("?")[2]
    again = {
        "title": title,
        "upload_url": f"{reverse('kpis:sheet_preview', args=[found.code])}?{query}",
        "template_url": f"{reverse('kpis:sheet_template', args=[found.code, 'xlsx'])}?{query}",
        "back_url": back,
    }
    if upload is None:
        return _refused(request, NO_FILE, **again)
    forms: dict[int, ReportRowForm] = {}

    def validate(kpi: Any, typed: dict[str, str]) -> dict[str, list[str]]:
        form = forms[kpi.pk] = _row_form(by_pk[kpi.pk], typed)
        return {name: [str(e) for e in errors] for name, errors in form.errors.items()}

    try:
        rows = kpi_sheets.read_kpis(
            upload,
            plan=found,
            year=year,
            period=period,
            kpis={line.kpi.code: line.kpi for line in lines},
            validate=validate,
        )
        entries = {pk: forms[pk].entry() for pk in rows}
        try:
            try_values(
                plan=found, year=year, period=period, entries=entries, actor=user_of(request), now=clock.now()
            )
        except ReportRefused as refused:
            raise kpi_sheets.refused_at(rows, refused) from refused
    except SheetRefused as refused:
        return _refused(request, refused, **again)
    context = {
        **again,
        "file_name": upload.name,
        "header": ("指標", "原來的值", "新的值", "男／女／其他", "說明"),
        "lines": [_kpi_line(by_pk[pk], entry) for pk, entry in entries.items()],
        "confirm_url": f"{reverse('kpis:sheet_confirm', args=[found.code])}?{query}",
        "token": signing.dumps(
            [found.pk, year, period, {pk: _packed(entry) for pk, entry in entries.items()}],
            salt=_SALT,
            compress=True,
        ),
    }
    return render(request, "programs/sheets/preview.html", context)


def _row_form(line: Line, typed: dict[str, str]) -> ReportRowForm:
    """A sheet's row as the page's own form would get it; a value typed for a fed KPI is told by the service."""
    data = QueryDict(mutable=True)
    prefix = f"kpi{line.kpi.pk}"
    for name, value in typed.items():
        data[f"{prefix}-{name}"] = value
    data[f"{prefix}-version"] = str(line.current.version if line.current else 0)
    form = ReportRowForm(data, kpi=line.kpi, current=line.current)
    form.is_valid()
    if not line.kpi.takes_values and typed["value"]:
        form.errors["value"] = form.error_class(["這項指標由徵案資料自動計算，不能填寫數值，請清空這一格"])
    return form


def _kpi_line(line: Line, entry: Entry) -> dict[str, Any]:
    said, row = entry.report, line.current
    word = "新增" if row is None else "不變" if said.same_as(row) else "更正"
    split = "／".join("—" if n is None else f"{n:,}" for n in (said.men, said.women, said.other))
    return {
        "word": word,
        "tone": {"新增": "done", "更正": "mine", "不變": "neutral"}[word],
        "cells": [
            f"{line.kpi.code} {line.kpi.name}",
            quantity(row.value) if row else "",
            quantity(said.value),
            split if line.kpi.by_gender else "",
            "\n".join(part for part in (said.note, said.cause, said.remedy) if part),
        ],
    }


def _packed(entry: Entry) -> list[Any]:
    said = {name: getattr(entry.report, name) for name in Reported.__slots__}
    return [entry.base_version, {**said, "value": None if said["value"] is None else str(said["value"])}]


@require_POST
def kpi_confirm(request: HttpRequest, plan: str) -> HttpResponse:
    """Store what was previewed; whatever somebody reported meanwhile is told, and nothing is stored."""
    found, year, period, _ = _lines(request, plan)
    try:
        token = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_PREVIEW_SECONDS)
        plan_pk, said_year, said_period, packed = token
    except (signing.BadSignature, ValueError):
        plan_pk, said_year, said_period, packed = None, year, period, {}
    if plan_pk != found.pk:
        messages.error(request, STALE)
        return redirect(report_url(found, year, period))
    entries = {}
    for pk, (version, said) in packed.items():
        value = None if said["value"] is None else Decimal(said["value"])
        entries[int(pk)] = Entry(Reported(**{**said, "value": value}), version)
    back = report_url(found, said_year, said_period)
    try:
        stored = report_values(
            plan=found,
            year=said_year,
            period=said_period,
            entries=entries,
            actor=user_of(request),
            now=clock.now(),
        )
    except ReportRefused as refused:
        messages.error(request, f"沒有匯入：{refused}請重新上傳試算表，看過新的差異再匯入。")
        return redirect(back)
    messages.success(request, f"已匯入 {len(stored)} 項指標。")
    return redirect(back)


# Budgets ---------------------------------------------------------------------------------------------------


def _plan_and_year(request: HttpRequest, code: str) -> tuple[Plan, int]:
    plan = get_object_or_404(Plan.objects.visible_to(user_of(request)), code=code)
    form = PeriodForm({"year": request.GET.get("year")}, plan=plan, today=today_of(clock.now()))
    return plan, form.chosen()[0]


@require_safe
@needs("plan.edit")
def budget_page(request: HttpRequest, plan: str) -> HttpResponse:
    """Where a year's budget is downloaded as a template and uploaded again."""
    found, year = _plan_and_year(request, plan)
    context = {
        "plan": found,
        "year": year,
        "years": list(found.years),
        "preview_url": f"{reverse('kpis:budget_preview', args=[found.code])}?year={year}",
    }
    return render(request, "programs/sheets/budget.html", context)


@require_safe
@needs("plan.edit")
def budget_template(request: HttpRequest, plan: str, kind: str) -> HttpResponse:
    """The amounts of a year with their sums."""
    found, year = _plan_and_year(request, plan)
    content = budget_sheets.budget_template(found, year=year, kind=_kind(kind))
    return download(content, f"{found.code}-budget-{year}", kind)


@require_POST
@needs("plan.edit")
def budget_preview(request: HttpRequest, plan: str) -> HttpResponse:
    """Read a filled sheet and show what it would change, or every error by row and column. Saves nothing."""
    found, year = _plan_and_year(request, plan)
    upload = request.FILES.get("sheet")
    again = {
        "title": f"{found.code} {year} 年經費",
        "upload_url": f"{reverse('kpis:budget_preview', args=[found.code])}?year={year}",
        "template_url": f"{reverse('kpis:budget_template', args=[found.code, 'xlsx'])}?year={year}",
        "back_url": f"{reverse('kpis:budget_sheet', args=[found.code])}?year={year}",
    }
    if upload is None:
        return _refused(request, NO_FILE, **again)
    try:
        sheet = budget_sheets.read_budget(upload, plan=found, year=year)
    except SheetRefused as refused:
        return _refused(request, refused, **again)
    seen = budget_sheets.stored_amounts(found, year)
    context = {
        **again,
        "file_name": upload.name,
        "header": ("部分", "階段", "經費科目", "原來（千元）", "新的（千元）"),
        "lines": _budget_lines(found, seen, sheet),
        "confirm_url": f"{reverse('kpis:budget_confirm', args=[found.code])}?year={year}",
        "token": signing.dumps(
            [found.pk, year, _flat(sheet.amounts), sorted(sheet.stages), _flat(seen)],
            salt=_SALT,
            compress=True,
        ),
    }
    return render(request, "programs/sheets/preview.html", context)


def _flat(amounts: budget_sheets.Amounts) -> list[list[Any]]:
    return [[*key, amount] for key, amount in amounts.items()]


def _budget_lines(
    plan: Plan, seen: budget_sheets.Amounts, sheet: budget_sheets.BudgetSheet
) -> list[dict[str, Any]]:
    parts = {part.pk: part for part in plan.parts.order_by("position")}
    order = list(parts)
    keys = {key for key in seen if key[1] in sheet.stages} | set(sheet.amounts)
    found = []
    for key in sorted(keys, key=lambda k: (k[1], order.index(k[0]), k[2])):
        old, new = seen.get(key), sheet.amounts.get(key)
        word = "新增" if old is None else "移除" if new is None else "不變" if old == new else "變更"
        found.append(
            {
                "word": word,
                "tone": {"新增": "done", "變更": "mine", "移除": "problem", "不變": "neutral"}[word],
                "cells": [
                    str(parts[key[0]]),
                    BudgetStage(key[1]).label,
                    BudgetCategory(key[2]).label,
                    "" if old is None else f"{old:,}",
                    "" if new is None else f"{new:,}",
                ],
            }
        )
    return found


@require_POST
@needs("plan.edit")
def budget_confirm(request: HttpRequest, plan: str) -> HttpResponse:
    """Store what was previewed, unless the budget changed meanwhile."""
    found, year = _plan_and_year(request, plan)
    back = f"{reverse('kpis:budget_sheet', args=[found.code])}?year={year}"
    try:
        token = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_PREVIEW_SECONDS)
        plan_pk, said_year, amounts, stages, seen = token
    except (signing.BadSignature, ValueError):
        plan_pk = None
    if plan_pk != found.pk or said_year != year:
        messages.error(request, STALE)
        return redirect(back)
    try:
        changed = budget_sheets.save_budget(
            plan=found,
            year=year,
            sheet=budget_sheets.BudgetSheet(_unflat(amounts), frozenset(stages)),
            seen=_unflat(seen),
            actor=user_of(request),
            now=clock.now(),
        )
    except budget_sheets.BudgetMoved:
        messages.error(request, "預覽之後經費又有異動，沒有匯入。請重新上傳試算表，看過新的差異再匯入。")
    else:
        messages.success(request, f"已匯入 {year} 年經費，{changed} 筆有變動。")
    return redirect(back)


def _unflat(rows: list[list[Any]]) -> budget_sheets.Amounts:
    return {(part, stage, category): amount for part, stage, category, amount in rows}


# The ministry's forms --------------------------------------------------------------------------------------


@require_safe
@needs("plan.view")
def plan_form(request: HttpRequest, plan: str, form: str, kind: str) -> HttpResponse:
    """B003 or B005 as XLSX or ODS; ``?year=`` is the year that it is made for (what comes before was reached)."""
    if form not in ("b003", "b005"):
        raise Http404
    _kind(kind)
    found, year = _plan_and_year(request, plan)
    pages = (
        [plan_forms.b003(found, base=year, today=today_of(clock.now()))]
        if form == "b003"
        else plan_forms.b005(found, base=year)
    )
    return download(write_pages(kind, pages), f"{found.code}-{form}-{year}", kind)
