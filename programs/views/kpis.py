"""The page of one KPI, and the rows behind a fed one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from core import clock
from core.sheets import write_csv, write_ods, write_xlsx
from core.uploads import CONTENT_TYPES
from programs import feeds
from programs.models import Kpi
from programs.permissions import why_not_report
from programs.rules.plans.kpis import Status, period_label
from programs.selectors.fedrows import FedRows, fed_rows
from programs.selectors.kpis import Figure, figures
from programs.views.reporting import today_of, user_of

PAGE = 12  # a year of months
ROWS = 100
TONES = {
    "ahead": "done",
    "on_track": "done",
    "reached": "done",
    "behind": "problem",
    "at_risk": "problem",
    "missed": "problem",
    "no_value": "waiting",
}
DOWNLOADS = {**CONTENT_TYPES, "csv": "text/csv; charset=utf-8"}


def kpi_of(request: HttpRequest, plan: str, code: str) -> Kpi:
    """The KPI for those who see plans and for its owner; 404 for everybody else. One query."""
    kpis = Kpi.objects.visible_to(user_of(request)).select_related("part__plan", "goal", "owner")
    return get_object_or_404(kpis, part__plan__code=plan, code=code)


def download(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep."""
    return HttpResponse(
        content,
        content_type=DOWNLOADS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
def kpi_page(request: HttpRequest, plan: str, code: str) -> HttpResponse:
    """What the KPI is, how it stands in each year, and everything that was reported of it with its versions."""
    kpi = kpi_of(request, plan, code)
    user, today = user_of(request), today_of(clock.now())
    years = list(figures([kpi], kpi.part.plan.years, today=today).values())
    values = kpi.values.order_by("-year", "-period", "-version")
    page = Paginator(values, PAGE).get_page(request.GET.get("page"))
    feed = feeds.feeds().get(kpi.feed)
    context = {
        "kpi": kpi,
        "plan": kpi.part.plan,
        "feed": feed,
        "years": [_year(kpi, figure, years) for figure in years],
        "caption": _caption(years),
        "page_obj": page,
        "values": [(value, period_label(value.period)) for value in page.object_list],
        "people": [figure for figure in years if figure.people and figure.people.total],
        "may_report": not why_not_report(user, kpi),
        "may_set_owner": user.has_permission("plan.edit"),
        "sees_plans": user.has_permission("plan.view"),
        "sees_rows": bool(feed) and _sees_rows(user),
    }
    return render(request, "programs/kpis/page.html", context)


def _caption(years: list[Figure]) -> str:
    """What the chart says in one sentence: how many years were reached, how the last known one stands."""
    judged = [f for f in years if f.status in (Status.REACHED, Status.MISSED)]
    reached = sum(f.status == Status.REACHED for f in judged)
    now = next((f for f in reversed(years) if f.value is not None and f not in judged), None)
    parts = [f"{len(judged)} 個已結束並有實際值的年度中，{reached} 個達成目標"] if judged else []
    parts += [f"{now.year} 年目前{now.status.label}"] if now else []
    return "；".join(parts) or "還沒有實際值"


def _sees_rows(user: Any) -> bool:
    return bool(user.has_permission("plan.view") and user.has_permission("case.view_all"))


def _year(kpi: Kpi, figure: Figure, years: list[Figure]) -> dict[str, Any]:
    """One year of the chart: widths in percent of the greatest number that any year shows."""
    greatest = max(
        [float(f.value or 0) for f in years] + [float(f.aim.target) for f in years if f.aim] or [1]
    )
    challenge = figure.target.challenge if figure.target else None
    greatest = max(greatest, float(challenge or 0)) or 1.0

    def width(number: Any) -> str:
        return f"{min(100.0, float(number) * 100 / greatest):.2f}"

    aim = figure.aim
    return {
        "figure": figure,
        "tone": TONES.get(figure.status, "neutral"),
        "actual": width(figure.value) if figure.value is not None else "",
        "target": width(aim.target) if aim else "",
        "due": width(float(aim.due)) if aim and 0 < aim.share < 1 and aim.due != aim.target else "",
        "challenge": width(challenge) if challenge is not None else "",
    }


@require_safe
@needs("plan.view")
@needs("case.view_all")
def rows(request: HttpRequest, plan: str, code: str) -> HttpResponse:
    """The rows that a fed number is counted from; their sum is the number."""
    kpi, figure, found = _rows(request, plan, code)
    page = Paginator(found.rows, ROWS).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    query = urlencode({"year": figure.year, "call": found.chosen.slug if found.chosen else ""})
    names = {call.pk: call.name for call in found.calls}
    context = {
        "kpi": kpi,
        "plan": kpi.part.plan,
        "figure": figure,
        "found": found,
        "page_obj": page,
        "rows": [(row, names.get(row.call, "")) for row in shown],
        "shown_sum": sum(row.value for row in shown),
        "years": list(kpi.part.plan.years),
        "downloads": [
            (kind.upper(), f"{reverse('kpis:rows_file', args=[plan, code, kind])}?{query}")
            for kind in ("xlsx", "ods", "csv")
        ],
    }
    return render(request, "programs/kpis/rows.html", context)


@require_safe
@needs("plan.view")
@needs("case.view_all")
def rows_file(request: HttpRequest, plan: str, code: str, kind: str) -> HttpResponse:
    """The same rows as XLSX, ODS or CSV, with the year's number in the last line."""
    writers = {"xlsx": write_xlsx, "ods": write_ods, "csv": write_csv}
    if kind not in writers:
        raise Http404
    _, figure, found = _rows(request, plan, code)
    names = {call.pk: call.name for call in found.calls}
    table = [(names.get(row.call, ""), row.label, row.detail, row.value) for row in found.rows]
    header = ("徵案", "案件", "計入的內容", f"計入（{'人' if found.feed.share else found.feed.unit}）")
    return download(writers[kind](header, table), f"{plan}-{code}-{figure.year}", kind)


def _rows(request: HttpRequest, plan: str, code: str) -> tuple[Kpi, Figure, FedRows]:
    kpi = kpi_of(request, plan, code)
    if kpi.feed not in feeds.feeds():
        raise Http404("這項指標不是由徵案資料計算的。")
    years = kpi.part.plan.years
    asked = request.GET.get("year", "")
    year = next((year for year in years if str(year) == asked), None)
    today = today_of(clock.now())
    if year is None:
        known = figures([kpi], years, today=today)
        year = next((f.year for f in reversed(known.values()) if f.calls), years[-1])
        figure = known[kpi.pk, year]
    else:
        figure = figures([kpi], [year], today=today)[kpi.pk, year]
    return kpi, figure, fed_rows(figure, call=request.GET.get("call", ""))
