"""The few mails of this app. How they travel is decided above: ``ipas_portal`` sets a durable transport."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse

Transport = Callable[[str, str, str, datetime], None]


def _after_commit(to: str, subject: str, body: str, now: datetime) -> None:
    message = EmailMessage(subject, body, None, [to])
    transaction.on_commit(message.send)


_transport: Transport = _after_commit


def use_transport(transport: Transport) -> None:
    """Send through ``transport(to, subject, body, now)`` from now on."""
    global _transport
    _transport = transport


def link(name: str, *args: object) -> str:
    """The full address of a page."""
    return f"{settings.PORTAL_URL}{reverse(name, args=args)}"


def send(*, to: str, subject: str, lines: list[str], now: datetime) -> None:
    """Send a plain mail after commit: one purpose, one link. Blank lines go between the paragraphs."""
    closing = "這封信由系統寄出，請不要直接回覆。\niPAS 企業數位人才實作培育補助 申請入口"
    _transport(to, " ".join(subject.split()), "\n\n".join([*lines, closing]) + "\n", now)
