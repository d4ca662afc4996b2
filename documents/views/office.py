"""The office's documents: list, one document, batches and retries."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.workflow import TransitionRefused
from documents import access, permissions, selectors, services
from documents.enums import VERIFIABLE_KINDS, DocumentKind, DocumentState
from documents.forms import DocumentFilter
from documents.models import Batch, OfficialDocument

PAGE = 50
TONES = {
    DocumentState.PENDING: "waiting",
    DocumentState.RENDERING: "waiting",
    DocumentState.ISSUED: "done",
    DocumentState.FAILED: "problem",
}


@require_safe
@needs(permissions.VIEW)
def document_list(request: HttpRequest) -> HttpResponse:
    """Every document, filtered by what stands in the address."""
    view = request.GET.get("view", "letters")
    if view not in selectors.VIEWS:
        view = "letters"
    form = DocumentFilter(request.GET)
    chosen = form.chosen()
    page = Paginator(selectors.document_list(request.user, view=view, **chosen), PAGE).get_page(
        request.GET.get("page")
    )
    counts = selectors.view_counts(request.user)
    base = reverse("documents:list")
    views = [
        {
            "label": label,
            "url": f"{base}?view={key}",
            "count": counts[key],
            "active": key == view,
            "problem": key == "failed",
        }
        for key, (label, _) in selectors.VIEWS.items()
    ]
    for row in page.object_list:
        row.tone = TONES[DocumentState(row.state)]  # type: ignore[attr-defined]
    return render(
        request,
        "documents/list.html",
        {
            "form": form,
            "views": views,
            "page_obj": page,
            "extra": [{"name": "view", "value": view}],
            "clear_url": f"{base}?view={view}" if any(chosen.values()) else "",
        },
    )


@require_safe
def document_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One document with its history, for whoever may read it."""
    document = get_object_or_404(
        OfficialDocument.objects.select_related("file", "batch", "replaces", "requested_by").defer("context"),
        pk=pk,
    )
    if not access.may_read(request.user, document):
        raise Http404
    office = permissions.reads_every_document(request.user, document)
    sheet = document.kind == DocumentKind.SCORE_SHEET
    return render(
        request,
        "documents/detail.html",
        {
            "document": document,
            "tone": TONES[DocumentState(document.state)],
            # An error may quote what was being typeset, and nobody sees scores before their time.
            "transitions": document.transitions.all() if office and not sheet else [],
            "error": "" if sheet else document.error,
            "attachments": document.attachments.select_related("file", "source"),
            "replacement": document.replacements.defer("context").first(),
            "office": office,
            "verifiable": document.kind in VERIFIABLE_KINDS,
            "may_retry": office
            and permissions.may_issue(request.user)
            and document.state == DocumentState.FAILED,
        },
    )


@require_safe
def document_waiting(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What ``documents/_waiting.html`` polls: nothing while the document is on its way, then a link to load the page anew.

    ``?alone``: there is nothing else on the page, which is loaded anew by itself.
    """
    document = get_object_or_404(OfficialDocument.objects.defer("context"), pk=pk)
    if not access.may_read(request.user, document):
        raise Http404
    if document.is_open:
        return HttpResponse(status=204)
    if "alone" in request.GET:
        return HttpResponse(headers={"HX-Refresh": "true"})
    words = "已完成" if document.is_issued else "沒有製作成功"
    return HttpResponse(f'<a href="">{document.get_kind_display()}{words}，重新整理這一頁</a>')


@require_POST
@needs(permissions.ISSUE)
def document_retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Try a failed document again; pressing twice does no harm."""
    document = get_object_or_404(selectors.known_documents(request.user), pk=pk)
    try:
        services.retry_document(document=document, actor=request.user, now=clock.now())
        messages.success(request, "已重新排入製作。")
    except TransitionRefused:
        messages.info(request, f"這份文件目前是「{document.get_state_display()}」，不需要重試。")
    # A score sheet that is being made again is no longer the office's to look at.
    return redirect("documents:list" if document.kind == DocumentKind.SCORE_SHEET else document)


@require_safe
@needs(permissions.VIEW)
def batch_list(request: HttpRequest) -> HttpResponse:
    """Batches, newest first."""
    page = Paginator(selectors.batches(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "documents/batch_list.html", {"page_obj": page})


def _progress_context(batch: Batch, now: datetime) -> dict[str, object]:
    progress = selectors.batch_progress(batch, now=now)
    url = reverse("documents:batch", args=[batch.pk])
    return {
        "id": "batch-progress",
        "done": progress.done + progress.failed,
        "total": progress.total,
        "failed": progress.failed,
        "left": progress.left,
        "label": "製作公文" if not progress.settled or progress.finished else "合併列印檔",
        "finished": progress.finished,
        "poll_url": reverse("documents:batch_progress", args=[batch.pk]),
        "refresh_url": url,
        "failed_url": f"{url}#failures" if progress.failed else "",
        "note": "合併列印檔時發生錯誤，系統會再試。" if batch.merge_error else "",
    }


@require_safe
@needs(permissions.VIEW)
def batch_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A batch: how far it is, what failed, the merged file, each document."""
    batch = get_object_or_404(
        selectors.visible_batches(request.user).select_related("merged", "created_by"), pk=pk
    )
    now = clock.now()
    progress, given_up = _progress_context(batch, now), batch.merge_given_up(now)
    page = Paginator(selectors.batch_documents(batch), 100).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.tone = TONES[DocumentState(row.state)]  # type: ignore[attr-defined]
    return render(
        request,
        "documents/batch.html",
        {
            "batch": batch,
            "page_obj": page,
            "progress": progress,
            "failed": progress["failed"],
            "may_retry": permissions.may_issue(request.user) and (progress["failed"] or given_up),
            "given_up": given_up,
        },
    )


@require_safe
@needs(permissions.VIEW)
def batch_progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress bar alone, for htmx; when all is done the page is loaded anew."""
    batch = get_object_or_404(selectors.visible_batches(request.user), pk=pk)
    context = _progress_context(batch, clock.now())
    response = render(request, "components/progress.html", context)
    if context["finished"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(permissions.ISSUE)
def batch_retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Try everything that failed again."""
    batch = get_object_or_404(selectors.visible_batches(request.user), pk=pk)
    count = services.retry_batch(batch=batch, actor=request.user, now=clock.now())
    messages.success(request, f"已重新排入 {count} 件。" if count else "已重新處理。")
    return redirect(batch)
