"""The documents of a case: added, replaced, removed; nothing that was handed over ever disappears."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from applications import permissions
from applications.enums import Section
from applications.models import Case, CaseDocument
from applications.services.sections import lock_for_edit, touch
from documents.services import store_file
from programs.rules.terms import DocumentItem


def max_bytes(case: Case) -> int:
    """The size that one file may have: the call's setting, never above the portal's."""
    return min(case.terms.terms.settings.upload_max_mb * 1024 * 1024, settings.UPLOAD_MAX_BYTES)


def _item(case: Case, code: str) -> DocumentItem:
    """The upload item of this code. Raises ``ValidationError`` for anything else."""
    for item in case.terms.terms.documents:
        if item.code == code and item.made_by == "upload":
            return item
    raise ValidationError("這個徵案沒有這項上傳文件，請重新整理頁面。")


def _check_open(actor: User, case: Case, code: str, now: datetime) -> None:
    allowed = permissions.editable_documents(actor, case, now)
    if allowed is not None and code not in allowed:
        raise PermissionDenied("這次補件沒有要求這項文件。")


@transaction.atomic
def add_document(*, case: Case, item: str, upload: UploadedFile, actor: User, now: datetime) -> CaseDocument:
    """Store a file for a document item. The same bytes again for the same item find the first one.

    Raises ``core.uploads.UploadRefused`` (the file), ``ValidationError`` (the item, too many files),
    ``PermissionDenied``. Side effects: one stored file, one row.
    """
    case = lock_for_edit(case, Section.DOCUMENTS, actor, now)
    wanted = _item(case, item)
    _check_open(actor, case, item, now)
    current = list(case.case_documents.current().filter(item=item).select_related("file"))
    stored = store_file(
        upload=upload,
        allowed=wanted.accept,
        actor=actor,
        now=now,
        max_bytes=max_bytes(case),
    )
    for document in current:
        if document.file.sha256 == stored.sha256:
            _forget(stored)
            return document
    if len(current) >= wanted.max_files:
        _forget(stored)
        raise ValidationError(f"這項文件最多 {wanted.max_files} 個檔案，請先移除不需要的，或合併成一個檔案。")
    document = CaseDocument.objects.create(case=case, item=item, file=stored, added_at=now, added_by=actor)
    touch(case, Section.DOCUMENTS, actor=actor, now=now)
    return document


@transaction.atomic
def replace_document(
    *, document: CaseDocument, upload: UploadedFile, actor: User, now: datetime
) -> CaseDocument:
    """Put a newer version in the place of a file; the older one stays readable in the history.

    Replacing what was replaced already replaces its newest version. Raises as :func:`add_document`.
    """
    case = lock_for_edit(document.case, Section.DOCUMENTS, actor, now)
    wanted = _item(case, document.item)
    _check_open(actor, case, document.item, now)
    document = CaseDocument.objects.select_for_update().get(pk=document.pk)
    while document.replaced_by_id is not None:
        document = CaseDocument.objects.select_for_update().get(pk=document.replaced_by_id)
    stored = store_file(upload=upload, allowed=wanted.accept, actor=actor, now=now, max_bytes=max_bytes(case))
    if document.ended_at is None and document.file.sha256 == stored.sha256:
        _forget(stored)
        return document
    newer = CaseDocument.objects.create(
        case=case, item=document.item, file=stored, added_at=now, added_by=actor
    )
    if document.ended_at is None:
        document.ended_at, document.ended_by = now, actor
        document.replaced_by = newer
        document.save(update_fields=["ended_at", "ended_by", "replaced_by"])
    touch(case, Section.DOCUMENTS, actor=actor, now=now)
    return newer


@transaction.atomic
def remove_document(*, document: CaseDocument, actor: User, now: datetime) -> None:
    """Take a file out of the application; it stays in the history. Removing twice does no harm."""
    case = lock_for_edit(document.case, Section.DOCUMENTS, actor, now)
    _check_open(actor, case, document.item, now)
    ended = case.case_documents.current().filter(pk=document.pk).first()
    if ended is None:
        return
    ended.ended_at, ended.ended_by = now, actor
    ended.save(update_fields=["ended_at", "ended_by"])
    touch(case, Section.DOCUMENTS, actor=actor, now=now)


def _forget(stored: object) -> None:
    """Drop a just stored copy that nobody will refer to."""
    stored.file.delete(save=False)  # type: ignore[attr-defined]
    stored.delete()  # type: ignore[attr-defined]
