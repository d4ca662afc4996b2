"""The service mailbox: a mail that the mail server pipes in becomes an inquiry, or more on one that there is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from html.parser import HTMLParser

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import validate_email

from core import text, uploads
from core.workflow import TransitionRefused
from outreach.enums import InquiryKind, InquirySource
from outreach.models import Inquiry, InquiryMessage, ServiceSettings
from outreach.services import inquiries

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 10
MAX_TEXT = 5_000
_NUMBER = re.compile(r"\bQ-\d{2,3}-\d{4,}\b", re.IGNORECASE)
# A case's number, as receipts show it: the letters of the call, the year, the round if there are several, a running number.
_CASE = re.compile(r"\b(?!Q-)[A-Z]{2,12}-\d{2,3}(?:-\d{1,2})?-\d{3,6}\b", re.IGNORECASE)
_COMPLAINT = re.compile("申訴|投訴|檢舉")


class MailRefused(Exception):
    """The mail is not taken in; the message is for the mail server's log."""


class _Words(HTMLParser):
    """The visible words of a mail that has no plain part."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style", "head")
        if tag in ("p", "br", "div", "li", "tr"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "head") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a mail says."""

    name: str
    email: str
    subject: str
    body: str
    mail_id: str
    files: tuple[SimpleUploadedFile, ...]
    left_out: tuple[str, ...]


def parse(raw: bytes) -> Parsed:
    """Read a mail by the standard library. Attachments that can't be taken are named in ``left_out``.

    Raises :class:`MailRefused` for what no person sent (bounces, lists, automatic answers, our own mail) and
    for what has no usable sender or is too large.
    """
    if len(raw) > MAX_BYTES:
        raise MailRefused(f"larger than {MAX_BYTES} bytes")
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    try:
        return _parsed(message, raw)
    except (ValueError, LookupError, AttributeError, IndexError) as broken:
        raise MailRefused(f"cannot be read: {type(broken).__name__}") from broken


def _parsed(message: EmailMessage, raw: bytes) -> Parsed:
    automatic = str(message.get("Auto-Submitted", "no")).strip().lower() not in ("", "no")
    bulk = str(message.get("Precedence", "")).strip().lower() in ("bulk", "list", "junk")
    if automatic or bulk or message.get("List-Id") or str(message.get("Return-Path", "")).strip() == "<>":
        raise MailRefused("sent by a machine")
    name, address = parseaddr(str(message.get("From", "")))
    address = address.lower()
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise MailRefused("no usable sender") from wrong
    own = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(), ServiceSettings.current().mailbox.lower()}
    if len(address) > 254 or address in own:
        raise MailRefused("sent by ourselves, or an address that is too long")
    files, left_out = _attachments(message)
    given = text.clean_line(str(message.get("Message-ID", "")))
    return Parsed(
        name=text.clean_line(name)[:60] or address.partition("@")[0][:60],
        email=address,
        subject=text.clean_line(str(message.get("Subject", "")))[:120] or "（沒有主旨）",
        body=_body(message),
        mail_id=given[:250] or f"sha256:{hashlib.sha256(raw).hexdigest()}",
        files=files,
        left_out=left_out,
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    words = str(part.get_content()) if part is not None else ""
    if part is not None and part.get_content_subtype() == "html":
        reader = _Words()
        reader.feed(words)
        words = "".join(reader.parts)
    lines = [line.rstrip() for line in text.clean(words).splitlines()]
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or "（信件沒有文字內容）"
    return words if len(words) <= MAX_TEXT else words[:MAX_TEXT] + "\n（其後省略）"


def _attachments(message: EmailMessage) -> tuple[tuple[SimpleUploadedFile, ...], tuple[str, ...]]:
    files: list[SimpleUploadedFile] = []
    left_out: list[str] = []
    for part in message.iter_attachments():
        name = text.clean_line(part.get_filename() or "附件")[:200]
        content = part.get_payload(decode=True)
        file = SimpleUploadedFile(name, content if isinstance(content, bytes) else b"")
        try:
            if len(files) >= MAX_FILES:
                raise uploads.UploadRefused("附件太多")
            uploads.inspect_upload(file, allowed=inquiries.FILE_KINDS, max_bytes=inquiries.FILE_BYTES)
        except uploads.UploadRefused as refused:
            left_out.append(f"{name}（{refused}）")
        else:
            files.append(file)
    return tuple(files), tuple(left_out)


def take_in(*, raw: bytes, now: datetime) -> Inquiry:
    """Make a piped mail an inquiry, or add it to the sender's own one that its subject names.

    The same mail twice is one message. A mail about a closed inquiry begins a new one. Raises
    :class:`MailRefused`.
    """
    mail = parse(raw)
    known = InquiryMessage.objects.select_related("inquiry").filter(mail_id=mail.mail_id).first()
    if known:
        return known.inquiry
    body = mail.body
    if mail.left_out:
        body += "\n\n（未收下的附件：" + "、".join(mail.left_out) + "）"
    number = _NUMBER.search(mail.subject)
    earlier = (
        Inquiry.objects.filter(number__iexact=number[0], email__iexact=mail.email).first() if number else None
    )
    if earlier:
        try:
            return inquiries.ask_again(
                inquiry=earlier, text=body, uploads=mail.files, mail_id=mail.mail_id, now=now
            )
        except TransitionRefused:
            pass
    complaint = _COMPLAINT.search(mail.subject)
    case = _CASE.search(mail.subject)
    asked = inquiries.Asked(
        name=mail.name,
        email=mail.email,
        kind=InquiryKind.COMPLAINT if complaint else InquiryKind.QUESTION,
        subject=mail.subject,
        text=body,
        case_number=case[0].upper() if case else "",
        source=InquirySource.MAIL,
        mail_id=mail.mail_id,
    )
    return inquiries.receive(asked=asked, uploads=mail.files, now=now)
