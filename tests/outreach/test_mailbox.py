"""Mails that the mail server pipes in: taken in once, safely, or refused with a reason."""

from __future__ import annotations

import io
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from core import clock
from outreach.enums import InquiryKind, InquirySource, InquiryState
from outreach.models import Inquiry, InquiryFile, ServiceSettings
from outreach.services import inquiries, mailbox
from tests import factories, personas

pytestmark = pytest.mark.django_db


def mail(subject: str = "請問配合款", body: str | None = "可以高於一半嗎？", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = headers.pop("From", "許來信 <Asker@Example.test>")
    message["To"] = "service@example.test"
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("Message-ID", "<1@example.test>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if body is not None:
        message.set_content(body)
    return message


def take_in(message: EmailMessage) -> Inquiry:
    return mailbox.take_in(raw=message.as_bytes(), now=clock.now())


def test_a_mail_becomes_an_inquiry_and_the_same_mail_again_is_the_same():
    first, again = take_in(mail()), take_in(mail())
    assert first == again
    assert (first.name, first.email, first.source) == ("許來信", "asker@example.test", InquirySource.MAIL)
    assert first.kind == InquiryKind.QUESTION
    assert first.messages.get().text == "可以高於一半嗎？"


def test_a_word_in_the_subject_makes_it_a_complaint():
    row = take_in(mail("我要申訴 ipas-114-0007 的補件期限"))
    assert (row.kind, row.case_number) == (InquiryKind.COMPLAINT, "IPAS-114-0007")
    other = take_in(mail("IPAS-114-2-0001 補件", **{"Message-ID": "<2@example.test>"}))
    assert (other.kind, other.case_number) == (InquiryKind.QUESTION, "IPAS-114-2-0001")


def test_attachments_are_looked_at_and_those_left_out_are_named():
    message = mail()
    good, bad = factories.pdf_upload(), b"MZ"
    message.add_attachment(good.read(), maintype="application", subtype="pdf", filename="證明.pdf")
    message.add_attachment(bad, maintype="application", subtype="x-msdownload", filename="virus.exe")
    message.add_attachment(b"<html>", maintype="application", subtype="pdf", filename="fake.pdf")
    row = take_in(message)
    assert [file.file.original_name for file in InquiryFile.objects.all()] == ["證明.pdf"]
    text = row.messages.get().text
    assert "virus.exe" in text
    assert "fake.pdf" in text


def test_html_alone_becomes_its_words():
    message = mail(body=None)
    message.set_content(
        "<style>p{}</style><p>第一段</p><script>alert(1)</script><p>第二段</p>", subtype="html"
    )
    assert take_in(message).messages.get().text == "第一段\n第二段"


def test_a_reply_with_the_number_goes_to_the_senders_own_inquiry():
    row = take_in(mail())
    more = take_in(mail(f"Re: [{row.number}] 已收到", "補充", **{"Message-ID": "<2@example.test>"}))
    assert more == row
    assert row.messages.count() == 2
    stranger = mail(
        f"Re: {row.number}", "別人", From="other@example.test", **{"Message-ID": "<3@example.test>"}
    )
    assert take_in(stranger) != row


def test_a_reply_to_a_closed_one_begins_a_new_one():
    row = take_in(mail())
    now = clock.now()
    inquiries.answer(inquiry=row, text="答", actor=personas.make_office(), now=now)
    inquiries.rate(inquiry=row, rating=5, comment="", now=now)
    new = take_in(mail(f"Re: {row.number}", "還有", **{"Message-ID": "<2@example.test>"}))
    assert new != row
    assert new.state == InquiryState.RECEIVED


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.test>"},
        {"Return_Path": "<>"},
        {"From": "nobody"},
        {"From": "service@example.test"},
    ],
)
def test_what_no_person_sent_is_refused(headers):
    ServiceSettings.objects.create(pk=1, mailbox="service@example.test")
    with pytest.raises(mailbox.MailRefused):
        take_in(mail(**headers))
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: a@example.test\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe",
        b"From: a@example.test\r\nSubject: =?utf-8?b?!!!?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x",
        b"From: a@example.test\r\nSubject: \x00x\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        ("From: a@example.test\r\nSubject: " + "長" * 500 + "\r\n\r\n" + "字" * 9000 + "\x00😀").encode(),
    ],
)
def test_broken_mail_is_taken_in_or_refused_never_worse(raw):
    try:
        row = mailbox.take_in(raw=raw, now=clock.now())
    except mailbox.MailRefused:
        return
    assert len(row.subject) <= 120
    assert len(row.messages.get().text) <= mailbox.MAX_TEXT + 20
    assert "\x00" not in row.subject + row.messages.get().text


def test_a_mail_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(mailbox, "MAX_BYTES", 10)
    with pytest.raises(mailbox.MailRefused, match="larger"):
        take_in(mail())


def test_the_command_prints_the_number_or_fails_with_a_reason(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(mail().as_bytes())))
    call_command("receive_inquiry", stdout=out)
    assert out.getvalue().strip() == Inquiry.objects.get().number
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    with pytest.raises(CommandError, match="not taken in"):
        call_command("receive_inquiry", stdout=out)
