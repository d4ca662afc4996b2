"""Pages of the auditor: what happened, by whom, from what to what."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.audit import EVENTS
from accounts.permissions import needs
from core.clock import now as clock_now
from core.forms import CleanCharField, RocDateField
from core.rocdate import roc_datetime
from core.sheets_write import escape_formula
from ipas_portal import audit_log

PER_PAGE = 50
EXPORT_LIMIT = 50_000
HOME_EVENTS = (
    "login_failed",
    "roles_changed",
    "account_created",
    "account_disabled",
    "mfa_removed",
    "log_exported",
)


class LogFilterForm(forms.Form):
    """Filters of the log; all optional."""

    q = CleanCharField(label="人員、物件名稱或編號", required=False, max_length=100)
    kind = forms.ChoiceField(label="種類", required=False)
    event = forms.ChoiceField(label="動作", required=False)
    start = RocDateField(label="起日", required=False)
    end = RocDateField(label="迄日", required=False)
    actor = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "全部"), *audit_log.kinds()]  # type: ignore[attr-defined]
        actions = [
            (str(code), label) for code, label in audit_log.ACTIONS.items() if code != LogEntry.Action.ACCESS
        ]
        self.fields["event"].choices = [("", "全部"), *actions, *EVENTS.items()]  # type: ignore[attr-defined]
        for name in ("q", "start", "end"):
            self.fields[name].widget.attrs["class"] = "form-control"
        for name in ("kind", "event"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def clean(self) -> dict[str, Any]:
        """The days in order."""
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", "迄日不能早於起日")
        return data

    def filters(self) -> dict[str, Any]:
        """Keyword arguments of :func:`ipas_portal.audit_log.entries`; what is invalid is left out."""
        data = getattr(self, "cleaned_data", {})
        return {
            name: data[name] for name in ("q", "kind", "event", "start", "end", "actor") if data.get(name)
        }


@require_safe
@needs("audit.view")
def home(request: HttpRequest) -> HttpResponse:
    """What an auditor looks at first: numbers of the week, events that matter, ways to the documents."""
    if not request.user.has_permission("case.view_all"):  # type: ignore[union-attr]
        raise PermissionDenied("這一頁是會計查核的首頁。操作紀錄請從選單開啟。")
    week = clock_now() - timedelta(days=7)
    counts = LogEntry.objects.filter(timestamp__gte=week).aggregate(
        total=Count("pk"),
        people=Count("actor", distinct=True),
        failed=Count("pk", filter=Q(additional_data__event="login_failed")),
        deleted=Count("pk", filter=Q(action=LogEntry.Action.DELETE)),
    )
    notable = (
        LogEntry.objects.filter(
            Q(additional_data__event__in=HOME_EVENTS) | Q(content_type__model__endswith="extension")
        )
        .select_related("actor", "content_type")
        .order_by("-timestamp")[:12]
    )
    return render(
        request, "portal/auditor.html", {"counts": counts, "lines": audit_log.present(notable), "since": week}
    )


@require_safe
@needs("audit.view")
def log(request: HttpRequest) -> HttpResponse:
    """The log with filters in the address."""
    form = LogFilterForm(request.GET)
    form.is_valid()
    filters = form.filters()
    page_obj = Paginator(audit_log.entries(**filters), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/log.html",
        {
            "form": form,
            "page_obj": page_obj,
            "lines": audit_log.present(page_obj.object_list),
            "filtered": bool(filters),
            "query": request.GET.urlencode(),
        },
    )


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, value: str) -> str:
        return value


def _rows(found: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())  # type: ignore[arg-type]
    yield "\ufeff" + _line(
        ["時間", "人員", "動作", "種類", "物件", "編號", "欄位", "原值", "新值", "說明", "來源位址"]
    )
    for entry in found.iterator(chunk_size=500):
        line = audit_log.present([entry])[0]
        head = [roc_datetime(line.at), line.who, line.action, line.kind, line.subject, line.subject_id]
        for change in line.changes or (audit_log.Change("", "", ""),):
            cells = [*head, change.field, change.before, change.after, line.details, line.address]
            yield str(writer.writerow([escape_formula(str(cell)) for cell in cells]))


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


@require_POST
@needs("audit.view")
def log_export(request: HttpRequest) -> Any:
    """The filtered log as CSV, at most 50,000 entries; the export itself is logged, so it is a POST."""
    form = LogFilterForm(request.POST)
    form.is_valid()
    filters = form.filters()
    found = audit_log.entries(**filters)
    newest = found.values_list("pk", flat=True).first() or 0
    shown = {name: str(value) for name, value in filters.items()}
    user: Any = request.user
    audit.record(user, actor=user, event="log_exported", filters=str(shown or "全部"))
    response = StreamingHttpResponse(
        _rows(found.filter(pk__lte=newest)[:EXPORT_LIMIT]), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return response
