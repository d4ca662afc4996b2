"""Things of outreach for tests, made by the services where there is one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from core import clock
from documents.services import store_bytes
from outreach.enums import EventCategory, InquiryKind, PublicationKind
from outreach.models import (
    Event,
    Inquiry,
    InquiryFile,
    Publication,
    PublicationFile,
    Registration,
    Topic,
)
from outreach.services import inquiries, registrations
from tests import factories


def topic(code: str = "budget", name: str = "補助與經費", order: int = 10) -> Topic:
    return Topic.objects.get_or_create(code=code, defaults={"name": name, "order": order})[0]


def publication(kind: str = PublicationKind.NEWS, title: str = "徵案說明", **fields: Any) -> Publication:
    """A publication that has been public for an hour, unless said otherwise."""
    now = clock.now()
    if kind in (PublicationKind.FAQ, PublicationKind.DOWNLOAD):
        fields.setdefault("topic", topic())
    return Publication.objects.create(
        **{
            "kind": kind,
            "title": title,
            "body": "內文",
            "published_from": now - timedelta(hours=1),
            "created_at": now,
            "updated_at": now,
            **fields,
        }
    )


def with_file(row: Publication, name: str = "範本.pdf") -> PublicationFile:
    file = store_bytes(
        content=factories.pdf_bytes("x"),
        name=name,
        content_type="application/pdf",
        actor=None,
        now=clock.now(),
    )
    return PublicationFile.objects.create(publication=row, file=file)


def event(*, capacity: int | None = 2, days: int = 10, **fields: Any) -> Event:
    """An event to come whose registration is open."""
    now = clock.now()
    title = fields.pop("title", "線上說明會")
    shown = {k: fields.pop(k) for k in ("published_from", "published_until") if k in fields}
    return Event.objects.create(
        **{
            "publication": publication(PublicationKind.EVENT, title, **shown),
            "category": EventCategory.BRIEFING,
            "starts_at": now + timedelta(days=days),
            "ends_at": now + timedelta(days=days, hours=2),
            "place": "臺中",
            "capacity": capacity,
            "registration_opens_at": now - timedelta(days=5),
            "registration_closes_at": now + timedelta(days=days - 1),
            **fields,
        }
    )


def register(on: Event, email: str, *, now: datetime | None = None, **data: str) -> Registration:
    person = {"name": "林來賓", "email": email, "organisation": "", "phone": "", **data}
    return registrations.register(event=on, data=person, form_key=uuid.uuid4(), now=now or clock.now())


def inquiry(*, kind: str = InquiryKind.QUESTION, now: datetime | None = None, **fields: Any) -> Inquiry:
    asked = inquiries.Asked(
        **{
            "name": "許來信",
            "email": "asker@example.test",
            "kind": kind,
            "subject": "配合款怎麼算",
            "text": "請問配合款可以高於一半嗎？",
            **fields,
        }
    )
    return inquiries.receive(asked=asked, now=now or clock.now())


def with_attachment(on: Inquiry) -> InquiryFile:
    file = store_bytes(
        content=factories.pdf_bytes("x"),
        name="附件.pdf",
        content_type="application/pdf",
        actor=None,
        now=clock.now(),
    )
    return InquiryFile.objects.create(message=on.messages.get(), file=file)
