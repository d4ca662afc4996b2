"""The office's pages: what is published, who registered, what the service promises."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.permissions import needs
from core import clock
from core.sheets import write_ods, write_xlsx
from core.uploads import CONTENT_TYPES
from outreach.enums import TONES, PublicationKind, RegistrationState
from outreach.forms.publications import PublicationFilterForm, PublicationForm, initial_of
from outreach.models import Inquiry, Publication, PublicationFile, Registration
from outreach.permissions import EDIT
from outreach.selectors import office as selectors
from outreach.selectors.inquiries import draft_of
from outreach.services import publications as services
from outreach.services import registrations
from outreach.views.common import attempt, form_attempt

PER_PAGE = 50


@require_safe
@needs(EDIT)
def home(request: HttpRequest) -> HttpResponse:
    """Everything that is or was published, with filters in the address."""
    now = clock.now()
    form = PublicationFilterForm(request.GET)
    chosen = form.chosen()
    kind = request.GET.get("kind", "")
    kind = kind if kind in PublicationKind.values else ""
    found = selectors.publications(kind=kind, stage=chosen.get("stage", ""), q=chosen.get("q", ""), now=now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.shown_stage = row.stage(now)  # type: ignore[attr-defined]
    counts = selectors.kind_counts()
    base = reverse("outreach:home")
    views = [{"label": "全部", "url": base, "active": not kind, "count": sum(counts.values())}]
    views += [
        {
            "label": k.label,
            "url": f"{base}?kind={k.value}",
            "active": kind == k.value,
            "count": counts[k.value],
        }
        for k in PublicationKind
    ]
    return render(
        request,
        "outreach/home.html",
        {
            "form": form,
            "views": views,
            "extra": [{"name": "kind", "value": kind}] if kind else [],
            "clear_url": f"{base}?kind={kind}" if kind else base if chosen else "",
            "filtered": bool(chosen),
            "page_obj": page,
            "kinds": PublicationKind.choices,
            "kind": kind,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(EDIT)
def publication_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new publication; ``?inquiry=`` fills a question in from a good answer."""
    if kind not in PublicationKind.values:
        raise Http404
    origin = None
    if kind == PublicationKind.FAQ:
        number = request.POST.get("inquiry") or request.GET.get("inquiry", "")
        if number.isascii() and number.isdigit() and len(number) < 16:
            origin = Inquiry.objects.visible_to(request.user).filter(pk=int(number)).first()
    initial = draft_of(origin) if origin else {}
    return _edit(request, None, kind, initial, origin)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(EDIT)
def publication_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a publication."""
    row = get_object_or_404(
        Publication.objects.select_related("event").prefetch_related("files__file"), pk=pk
    )
    return _edit(request, row, row.kind, initial_of(row), None)


def _edit(
    request: HttpRequest, row: Publication | None, kind: str, initial: dict[str, Any], origin: Inquiry | None
) -> HttpResponse:
    now = clock.now()
    bound = request.method == "POST"
    form = PublicationForm(
        request.POST if bound else None, request.FILES if bound else None, kind=kind, initial=initial
    )
    at_once = request.POST.get("action") == "publish"
    if bound and form.is_valid():
        data = dict(form.cleaned_data)
        if at_once and (data["published_from"] is None or data["published_from"] > now):
            data["published_from"] = now
        if (
            at_once
            and kind == PublicationKind.DOWNLOAD
            and not data["uploads"]
            and not (row and row.files.all())
        ):
            form.add_error("uploads", "公開的下載項目至少要有一個檔案。")
        else:
            saved = form_attempt(
                form,
                lambda: services.save_publication(
                    publication=row,
                    kind=kind,
                    data=data,
                    version=data["version"] or 0,
                    uploads=data["uploads"],
                    alt=data["alt"],
                    origin=origin,
                    actor=request.user,  # type: ignore[arg-type]
                    now=now,
                ),
            )
            if saved:
                words = "已公開。" if saved.is_shown(now) else "已儲存，目前沒有公開。"
                messages.success(request, words)
                return redirect("outreach:edit", saved.pk)
    return render(
        request,
        "outreach/edit.html",
        {
            "form": form,
            "row": row,
            "kind": kind,
            "kind_label": PublicationKind(kind).label,
            "stage": row.stage(now) if row else ("新增", "neutral"),
            "is_shown": row is not None and row.is_shown(now),
            "origin": origin,
            "publication_files": list(row.files.all()) if row else [],
            "form_errors": bool(form.errors),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@needs(EDIT)
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """End a publication now."""
    row = get_object_or_404(Publication, pk=pk)
    attempt(
        request,
        lambda: services.take_down(publication=row, actor=request.user, now=clock.now()),  # type: ignore[arg-type]
        "已下架。",
    )
    return redirect("outreach:edit", pk)


@require_POST
@needs(EDIT)
def file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file off its publication; a second click finds it gone."""
    file = PublicationFile.objects.select_related("publication", "file").filter(pk=pk).first()
    if file is None:
        return redirect("outreach:home")
    attempt(
        request,
        lambda: services.remove_file(file=file, actor=request.user, now=clock.now()) or True,  # type: ignore[arg-type, func-returns-value]
        f"已移除「{file}」。",
    )
    return redirect("outreach:edit", file.publication_id)


@require_safe
@needs(EDIT)
def attendees(request: HttpRequest, pk: int) -> HttpResponse:
    """Who registered for an event."""
    event = selectors.event_with_places(pk)
    if event is None:
        raise Http404
    state = request.GET.get("state", "")
    state = state if state in RegistrationState.values else ""
    page = Paginator(selectors.attendees(event, state), PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.tone = TONES[row.state]  # type: ignore[attr-defined]
    return render(request, "outreach/attendees.html", {"event": event, "page_obj": page, "state": state})


@require_POST
@needs(EDIT)
def attendees_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as XLSX or ODS, without those who cancelled. That it was taken away is logged, so it is a POST."""
    event = selectors.event_with_places(pk)
    if event is None:
        raise Http404
    kind = "ods" if request.POST.get("format") == "ods" else "xlsx"
    write = write_ods if kind == "ods" else write_xlsx
    rows = list(selectors.attendee_rows(event))
    audit.record(event, actor=request.user, event="attendees_exported", rows=len(rows))
    response = HttpResponse(
        write(selectors.ATTENDEE_HEADER, rows, title="報名名單"), content_type=CONTENT_TYPES[kind]
    )
    response["Content-Disposition"] = f'attachment; filename="event-{pk}-attendees.{kind}"'
    return response


@require_POST
@needs(EDIT)
def registration_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel for somebody who asked the office to; the next one moves up."""
    row = get_object_or_404(Registration, pk=pk)
    attempt(
        request,
        lambda: registrations.cancel(registration=row, actor=request.user, now=clock.now()),
        "已取消這筆報名；有候補時已依序遞補。",
    )
    return redirect("outreach:attendees", row.event_id)
