"""Downloads: permission first, then the bytes after their hash was checked."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import needs
from documents import access, permissions, selectors
from documents.models import OfficialDocument
from documents.responses import file_response
from documents.services import FileDamaged


@require_safe
def document_download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A document's PDF for those whom ``documents.access`` lets; ``?inline=1`` shows it in the page."""
    document = get_object_or_404(OfficialDocument.objects.select_related("file").defer("context"), pk=pk)
    if not access.may_read(request.user, document):
        raise Http404
    if document.file is None:
        return render(request, "documents/not_ready.html", {"document": document}, status=404)
    try:
        return file_response(document.file, inline="inline" in request.GET, filename=document.filename)
    except FileDamaged as error:
        return render(request, "documents/damaged.html", {"error": error}, status=503)


@require_safe
@needs(permissions.VIEW)
def batch_merged(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A batch's merged PDF for printing."""
    batch = get_object_or_404(selectors.visible_batches(request.user).select_related("merged"), pk=pk)
    if batch.merged is None:
        raise Http404
    try:
        return file_response(batch.merged, inline="inline" in request.GET)
    except FileDamaged as error:
        return render(request, "documents/damaged.html", {"error": error}, status=503)
