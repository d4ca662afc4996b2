"""The public result of a call (A3): page, XLSX, ODS, CSV and JSON of the same rows, after the confirmation only."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import sheets
from programs.models import Call
from review.selectors import decision as read

SCHEMA = "ipas-results/1"
PAGE = 100


def _published(slug: str) -> Call:
    """The call with its result; 404 until the result is public."""
    call = get_object_or_404(Call.objects.public(), slug=slug)
    if call.results_published_at is None:
        raise Http404("這個徵案還沒有公告核定結果。")
    return call


def _header(call: Call) -> tuple[str, ...]:
    """The columns; what heads are worth in dollars stands beside them."""
    terms = call.terms
    granted = f"核定{terms.grant.noun}（{terms.grant.unit}）"
    worth = () if terms.in_dollars else ("補助經費上限（元）",)
    return ("案號", f"{terms.applicant}名稱", "計畫名稱", granted, *worth, "核定日期")


def _table(call: Call) -> list[tuple[str | int | date, ...]]:
    in_dollars = call.terms.in_dollars
    return [
        (r.number, r.company, r.title, r.amount, *(() if in_dollars else (r.dollars,)), r.decided_on)
        for r in read.result_rows(call)
    ]


def _file(content: bytes, call: Call, extension: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="results-{call.slug}.{extension}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@require_safe
def result_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The approved list for everybody."""
    call = _published(slug)
    rows = read.result_rows(call)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "review/results/page.html",
        {
            "call": call,
            "terms": call.terms,
            "dollars": sum(row.dollars for row in rows),
            "appeal": call.terms.of_kind("no_appeal"),
            "page_obj": page,
            "total": sum(row.amount for row in rows),
            "count": len(rows),
            "updated": max((row.decided_on for row in rows), default=None),
            "downloads": [
                (label, reverse(f"results:{name}", args=[slug]))
                for label, name in (("ODS", "ods"), ("XLSX", "xlsx"), ("CSV", "csv"), ("JSON", "json"))
            ],
        },
    )


@login_not_required
@require_safe
def result_xlsx(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as XLSX."""
    call = _published(slug)
    content = sheets.write_xlsx(_header(call), _table(call), title="核定名單")
    return _file(content, call, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@login_not_required
@require_safe
def result_ods(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as ODS."""
    call = _published(slug)
    content = sheets.write_ods(_header(call), _table(call), title="核定名單")
    return _file(content, call, "ods", "application/vnd.oasis.opendocument.spreadsheet")


@login_not_required
@require_safe
def result_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as CSV with ISO dates."""
    call = _published(slug)
    return _file(sheets.write_csv(_header(call), _table(call)), call, "csv", "text/csv; charset=utf-8")


@login_not_required
@require_safe
def result_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as open data: amounts in whole New Taiwan dollars, ISO dates."""
    call = _published(slug)
    rows = read.result_rows(call)
    assert call.results_published_at is not None
    return JsonResponse(
        {
            "schema": SCHEMA,
            "call": {"id": call.slug, "name": call.name, "roc_year": call.roc_year},
            "published_at": call.results_published_at.isoformat(),
            "currency": "TWD",
            "count": len(rows),
            "unit": call.terms.grant.unit,
            "total": sum(row.dollars for row in rows),
            "total_granted": sum(row.amount for row in rows),
            "results": [
                {
                    "number": row.number,
                    "company": row.company,
                    "plan": row.title,
                    "granted": row.amount,
                    "approved_subsidy": row.dollars,
                    "approved_on": row.decided_on.isoformat(),
                }
                for row in rows
            ],
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
