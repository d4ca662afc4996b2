"""The demo's public face: what is published, who registered, what was asked, in every state."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.html import format_html, format_html_join

from accounts.models import Role, User
from core import text
from core.sheets import write_ods
from core.uploads import CONTENT_TYPES
from documents import typesetting
from documents.models import OutgoingMail, StoredFile
from documents.services import store_bytes
from ipas_portal.demo.accounts import PASSWORD, Cast
from outreach.enums import PublicationKind
from outreach.models import Event, Inquiry, Publication, PublicationFile, ServiceSettings, Topic
from outreach.services import inquiries, registrations
from programs.models import Call
from programs.selectors import work_calendar

CONTENT = Path(__file__).with_name("public_face.yaml")


@transaction.atomic
def build(*, cast: Cast, calls: tuple[Call, ...], now: datetime) -> None:
    """Publish, register and ask everything of the file. Writes about two hundred rows and a few files."""
    data: dict[str, Any] = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    topics = {topic.code: topic for topic in Topic.objects.all()}
    ServiceSettings.objects.create(pk=1, phone="0800-000-114", mailbox="service@demo.test")
    office = cast.office
    for kind, rows in (
        (PublicationKind.NEWS, data["news"]),
        (PublicationKind.STORY, data["stories"]),
    ):
        for row in rows:
            _publish(kind, row, topics, office, now)
    for order, row in enumerate(data["faq"], start=1):
        published = _publish(PublicationKind.FAQ, {"day": -30, **row}, topics, office, now, order=order * 10)
        published.helpful, published.not_helpful = (order * 7) % 31, (order * 3) % 5
        published.save(update_fields=["helpful", "not_helpful"])
    for order, row in enumerate(data["downloads"], start=1):
        published = _publish(
            PublicationKind.DOWNLOAD, {"day": -30, **row}, topics, office, now, order=order * 10
        )
        for file in _files(row, office, now):
            PublicationFile.objects.create(publication=published, file=file)
    for row in data["events"]:
        _event(row, data["guests"], topics, office, now)
    second = _second_officer()
    for row in data["inquiries"]:
        _inquiry(row, topics, office, second, calls, now)
    # Nobody waits for these mails: in the demo's story they went out long ago.
    OutgoingMail.objects.filter(once_key__regex="^(inquiry|registration)-", sent_at=None).update(sent_at=now)


def _publish(
    kind: str, row: dict[str, Any], topics: dict[str, Topic], office: User, now: datetime, **more: Any
) -> Publication:
    day = row["day"]
    begun = None if day is None else now + timedelta(days=day)
    return Publication.objects.create(
        kind=kind,
        title=row["title"],
        body=text.clean(row.get("body", "")),
        topic=topics.get(row.get("topic", "")),
        figures=text.clean(row.get("figures", "")),
        pinned=row.get("pinned", False),
        published_from=begun,
        published_until=now + timedelta(days=row["until"]) if "until" in row else None,
        created_at=begun or now,
        updated_at=begun or now,
        updated_by=office,
        **more,
    )


def _files(row: dict[str, Any], office: User, now: datetime) -> list[StoredFile]:
    """A PDF, and a sheet to fill in where there are columns."""
    items = format_html_join("", "<li>{}</li>", ((line,) for line in row["lines"]))
    html = format_html(
        "<html lang='zh-Hant'><head><title>{}</title></head><body><h1>{}</h1><ol>{}</ol></body></html>",
        row["pdf"], row["pdf"], items,
    )  # fmt: skip
    made = [(f"{row['pdf']}.pdf", CONTENT_TYPES["pdf"], typesetting.html_to_pdf(str(html)))]
    if "ods" in row:
        made.append((f"{row['pdf']}.ods", CONTENT_TYPES["ods"], write_ods(row["ods"], [], title=row["pdf"])))
    return [
        store_bytes(content=content, name=name, content_type=kind, actor=office, now=now)
        for name, kind, content in made
    ]


def _event(
    row: dict[str, Any], guests: list[str], topics: dict[str, Topic], office: User, now: datetime
) -> None:
    starts = (now + timedelta(days=row["day"])).replace(hour=14, minute=0, second=0, microsecond=0)
    publication = _publish(PublicationKind.EVENT, {**row, "day": min(row["opens"], -10)}, topics, office, now)
    event = Event.objects.create(
        publication=publication,
        category=row["category"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=row["hours"]),
        place=row.get("place", ""),
        online_url=row.get("online_url", ""),
        capacity=row["capacity"],
        registration_opens_at=now + timedelta(days=row["opens"]),
        registration_closes_at=(now + timedelta(days=row["closes"])).replace(hour=12, minute=0, second=0),
    )
    for number, name in enumerate(guests[: row.get("guests", 0)], start=1):
        registrations.register(
            event=event,
            data={
                "name": name,
                "email": f"guest{number}@demo.test",
                "organisation": "示範參加公司",
                "phone": "",
            },
            form_key=uuid.uuid4(),
            now=now + timedelta(days=row["opens"], hours=number),
        )


def _second_officer() -> User:
    """A colleague in the office, so that a complaint can be given away."""
    user = User.objects.create_user("office2@demo.test", PASSWORD, name="鄧承辦")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.roles.add(Role.objects.get(code="office"))
    return user


def _inquiry(
    row: dict[str, Any],
    topics: dict[str, Topic],
    office: User,
    second: User,
    calls: tuple[Call, ...],
    now: datetime,
) -> Inquiry:
    """One inquiry, taken along its way to the state that the file names."""
    came = now + timedelta(days=row["day"])
    case = calls[1].cases.exclude(number=None).order_by("number").first() if row.get("case") else None
    made = inquiries.receive(
        asked=inquiries.Asked(
            name=row["name"],
            email="asker@demo.test",
            kind=row["kind"],
            subject=row["subject"],
            text=row["text"],
            case_number=(case.number if case else None) or "",
            topic=topics[row["topic"]],
        ),
        now=came,
    )
    officer = second if row["kind"] == "complaint" else office
    if row["state"] in ("assigned", "answered", "closed"):
        made = inquiries.assign(inquiry=made, to=officer, actor=officer, now=came + timedelta(hours=1))
    if "note" in row:
        inquiries.note(inquiry=made, text=row["note"], actor=officer, now=came + timedelta(hours=2))
    if row["state"] == "escalated":
        inquiries.watch(now=now)
        made.refresh_from_db()
    if "answer" in row:
        days = (work_calendar().add(made.due_on, 2 if row.get("late") else -1) - came.date()).days
        made = inquiries.answer(
            inquiry=made, text=row["answer"], actor=officer, now=came + timedelta(days=max(days, 0), hours=3)
        )
    if "rating" in row:
        assert made.answered_at is not None
        made = inquiries.rate(
            inquiry=made,
            rating=row["rating"],
            comment=row.get("comment", ""),
            now=made.answered_at + timedelta(days=1),
        )
    return made
