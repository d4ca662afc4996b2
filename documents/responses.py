"""Giving a stored file to a browser: verified first, named safely, with nothing that could run."""

from __future__ import annotations

from django.http import FileResponse, HttpResponseBase

from documents.models import StoredFile
from documents.services.files import open_verified

# Types that a browser may show inside the page; everything else is always a download.
INLINE_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})


def file_response(stored: StoredFile, *, inline: bool = False, filename: str = "") -> HttpResponseBase:
    """The file as a response; the caller has checked the permission. Raises ``FileDamaged``.

    ``inline`` is kept for PDFs and pictures only. Pictures come with a sandbox of their own; PDFs
    cannot (the browser's viewer would refuse them).
    """
    show = inline and stored.content_type in INLINE_TYPES
    response = FileResponse(
        open_verified(stored),
        as_attachment=not show,
        filename=filename or stored.original_name,
        content_type=stored.content_type if show or stored.is_pdf else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    if not stored.is_pdf:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
