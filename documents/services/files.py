"""Storing bytes with their hash, and giving them out only when the hash still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from core import uploads
from documents.enums import ScanState
from documents.models import StoredFile

_CHUNK = 1024 * 1024


class FileDamaged(Exception):
    """The stored bytes are gone or no longer those that were stored. The message is for the user."""

    def __init__(self, name: str) -> None:
        super().__init__(f"檔案「{name}」的內容與存檔時不同，為了安全已停止使用。請通知計畫辦公室。")


def store_file(
    *,
    upload: UploadedFile,
    allowed: Collection[str] | None = None,
    actor: Any | None,
    now: datetime,
    max_bytes: int | None = None,
) -> StoredFile:
    """Inspect an upload by its content and store it privately.

    ``allowed`` are kinds of ``core.uploads`` (``pdf``, ``xlsx`` …), all of them by default; ``max_bytes``
    defaults to ``settings.UPLOAD_MAX_BYTES``. Raises ``core.uploads.UploadRefused`` with words for the form
    field; then nothing is stored. Side effects: one file on disk, one row.
    """
    kinds = uploads.ALLOWED_KINDS if allowed is None else allowed
    found = uploads.inspect_upload(upload, max_bytes=max_bytes, allowed=kinds)
    upload.seek(0)
    row = StoredFile(
        original_name=_tidy_name(upload.name or ""),
        size=found.size,
        content_type=found.content_type,
        sha256=found.sha256,
        uploaded_by=actor,
        created_at=now,
        scan_state=ScanState.CLEAN if settings.CLAMAV_ADDRESS else ScanState.NOT_SCANNED,
    )
    row.file.save(row.original_name, upload, save=False)
    row.save(force_insert=True)
    return row


def store_bytes(
    *, content: bytes, name: str, content_type: str, actor: Any | None, now: datetime
) -> StoredFile:
    """Store bytes that the portal made itself (a PDF, an export). One file on disk, one row."""
    row = StoredFile(
        original_name=_tidy_name(name),
        size=len(content),
        content_type=content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
        created_at=now,
        scan_state=ScanState.OWN,
    )
    row.file.save(row.original_name, ContentFile(content), save=False)
    row.save(force_insert=True)
    return row


def open_verified(stored: StoredFile) -> IO[bytes]:
    """The file, opened at its start, after reading it whole and comparing size and hash.

    Raises :class:`FileDamaged`. The caller closes it.
    """
    try:
        handle: IO[bytes] = stored.file.storage.open(str(stored.file.name), "rb")
    except OSError as error:
        raise FileDamaged(stored.original_name) from error
    digest = hashlib.sha256()
    size = 0
    while chunk := handle.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    if size != stored.size or digest.hexdigest() != stored.sha256:
        handle.close()
        raise FileDamaged(stored.original_name)
    handle.seek(0)
    return handle


def read_verified(stored: StoredFile) -> bytes:
    """All bytes of the file, compared with size and hash. Raises :class:`FileDamaged`."""
    with open_verified(stored) as handle:
        return handle.read()


def _tidy_name(name: str) -> str:
    """A display name: last path part, no control characters, at most 255 characters, the ending kept."""
    tail = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(ch for ch in tail if ch.isprintable()).strip() or "檔案"
    if len(clean) <= 255:
        return clean
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: 254 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else clean[:255]
