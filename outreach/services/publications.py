"""Writing, publishing and taking down what everybody reads; counting what they say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.services.errors import Outdated, Refused
from documents.services import store_file
from outreach.enums import PublicationKind
from outreach.models import Event, Inquiry, Publication, PublicationFile
from outreach.services import registrations

FIELDS = ("title", "body", "topic", "figures", "pinned", "order", "published_from", "published_until")
EVENT_FIELDS = (
    "category", "starts_at", "ends_at", "place", "online_url", "capacity", "registration_opens_at",
    "registration_closes_at",
)  # fmt: skip
# What somebody who registered has to know when it changes.
TOLD = ("starts_at", "ends_at", "place", "online_url")
FILE_KINDS = frozenset({"pdf", "odt", "ods", "docx", "xlsx", "jpg", "png"})
# What everybody can open without buying a program (數位發展部 ODF 推動).
DOWNLOAD_KINDS = frozenset({"pdf", "odt", "ods"})
MAX_FILES = 10


def file_kinds(kind: str) -> frozenset[str]:
    """Kinds of files that a publication of this kind takes."""
    return DOWNLOAD_KINDS if kind == PublicationKind.DOWNLOAD else FILE_KINDS


@transaction.atomic
def save_publication(
    *,
    publication: Publication | None,
    kind: str,
    data: Mapping[str, Any],
    version: int,
    uploads: Sequence[UploadedFile] = (),
    alt: str = "",
    origin: Inquiry | None = None,
    actor: User,
    now: datetime,
) -> Publication:
    """Make a publication (None) or change one; ``data`` holds what the kind has of FIELDS and EVENT_FIELDS.

    Raises ``Outdated`` when somebody saved since ``version``, ``UploadRefused`` for a file. A change of an
    event's time or place is mailed to those who registered; more places go to the waiting list.
    """
    if publication is None:
        row = Publication(kind=kind, created_at=now, origin=origin)
    else:
        row = Publication.objects.select_for_update().get(pk=publication.pk)
        if row.version != version:
            raise Outdated(
                "您編輯的時候，有人先儲存了另一個版本。您打的內容還在下面；請另開一頁看最新內容，合併後再儲存。"
            )
        row.version += 1
    for name in FIELDS:
        if name in data:
            setattr(row, name, data[name])
    row.updated_at, row.updated_by = now, actor
    row.save()
    if row.kind == PublicationKind.EVENT:
        _save_event(row, data, now)
    for upload in uploads:
        stored = store_file(upload=upload, allowed=file_kinds(row.kind), actor=actor, now=now)
        PublicationFile.objects.create(publication=row, file=stored, alt=alt if stored.is_image else "")
    return row


def _save_event(row: Publication, data: Mapping[str, Any], now: datetime) -> None:
    event = Event.objects.select_for_update().filter(pk=row.pk).first()
    before = [getattr(event, name) for name in TOLD] if event else None
    event = event or Event(publication=row)
    for name in EVENT_FIELDS:
        setattr(event, name, data[name])
    event.save()
    if before is not None and before != [getattr(event, name) for name in TOLD]:
        registrations.tell_of_change(event=event, now=now)
    registrations.fill_places(event=event, now=now)


@transaction.atomic
def take_down(*, publication: Publication, actor: User, now: datetime) -> Publication:
    """End the publication now; one that has not begun becomes a draft again. Twice does no harm.

    An event to come is thereby cancelled: everybody on its list gets a mail.
    """
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    if row.is_shown(now):
        row.published_until = now
    elif row.published_from is not None and row.published_from > now:
        row.published_from = row.published_until = None
    row.version += 1
    row.updated_at, row.updated_by = now, actor
    row.save(update_fields=["published_from", "published_until", "version", "updated_at", "updated_by"])
    event = Event.objects.filter(pk=row.pk, starts_at__gt=now).first()
    if event is not None and row.published_until == now:
        registrations.tell_of_end(event=event, now=now)
    return row


@transaction.atomic
def remove_file(*, file: PublicationFile, actor: User, now: datetime) -> None:
    """Take a file off its publication. The stored bytes stay, as the log names them."""
    if file.publication.kind == PublicationKind.DOWNLOAD and file.publication.is_shown(now):
        others = file.publication.files.exclude(pk=file.pk)
        if not others.exists():
            raise Refused("公開中的下載項目至少要有一個檔案。請先上傳新的檔案，或先下架。")
    file.delete()


def vote(*, publication: Publication, helpful: bool) -> None:
    """Count one answer to 有幫助嗎. The caller has limited how often one person may."""
    name = "helpful" if helpful else "not_helpful"
    Publication.objects.filter(pk=publication.pk).update(**{name: F(name) + 1})
