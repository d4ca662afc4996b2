"""Questions and complaints: received with a number, assigned, answered in time or escalated, rated, closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from accounts.services.errors import Refused
from core import workflow
from core.rocdate import roc_year
from documents.models import StoredFile
from documents.services import forget_mail, store_file, take_next
from outreach import concern
from outreach.enums import InquiryKind, InquirySource, InquiryState, MessageKind
from outreach.models import Inquiry, InquiryFile, InquiryMessage, ServiceSettings
from outreach.permissions import ANSWER, answer_refusal
from outreach.services import inquiry_mails as mails
from outreach.workflow import INQUIRY
from programs.selectors import work_calendar

FILE_KINDS = frozenset({"pdf", "odt", "ods", "docx", "xlsx", "jpg", "png"})
FILE_BYTES = 10 * 1024 * 1024
SERIES = "Q"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks, whichever way it came."""

    name: str
    email: str
    kind: str
    subject: str
    text: str
    case_number: str = ""
    topic: Any = None
    source: str = InquirySource.FORM
    mail_id: str | None = None


def receive(
    *, asked: Asked, uploads: Sequence[UploadedFile] = (), form_key: uuid.UUID | None = None, now: datetime
) -> Inquiry:
    """Take an inquiry in: a number without gaps, a due day in working days, a mail that says so.

    The same words under the same ``form_key`` return the same inquiry, also when both come at once; other words
    (somebody went back to the form and asked something else) are a new one. A complaint about a case names those
    who handled it as concerned. Raises ``UploadRefused``; then nothing is taken in.
    """
    words = "\n".join((asked.email, asked.name, asked.kind, asked.case_number, asked.subject, asked.text))
    form_key = uuid.uuid5(form_key, words) if form_key else uuid.uuid4()
    again = Inquiry.objects.filter(form_key=form_key)
    if found := again.first():
        return found
    try:
        return _receive(asked, uploads, form_key, now)
    except IntegrityError:  # the same form a moment ago: its number stands, ours went back
        if found := again.first():
            return found
        raise


@transaction.atomic
def _receive(asked: Asked, uploads: Sequence[UploadedFile], form_key: uuid.UUID, now: datetime) -> Inquiry:
    today = now.date()
    inquiry = Inquiry.objects.create(
        number=f"{SERIES}-{roc_year(today)}-{take_next(prefix=SERIES, on=today):04d}",
        kind=asked.kind,
        source=asked.source,
        topic=asked.topic,
        subject=asked.subject,
        case_number=asked.case_number,
        name=asked.name,
        email=asked.email,
        received_at=now,
        due_on=work_calendar().add(today, ServiceSettings.current().days_for(asked.kind)),
        form_key=form_key,
    )
    if asked.kind == InquiryKind.COMPLAINT:
        inquiry.concerned.set(concern.people_behind(asked.case_number))
    _say(inquiry, MessageKind.QUESTION, asked.text, None, now, uploads, mail_id=asked.mail_id)
    mails.acknowledge(inquiry, now)
    return _escalate_if_nobody(inquiry, now)


def _escalate_if_nobody(row: Inquiry, now: datetime) -> Inquiry:
    """A complaint that concerns everybody in the office goes to the supervisor at once, not only when it is late."""
    if not row.concerned.exists() or mails.people_with(ANSWER, row):
        return row
    _step(row, "escalate", now, reason="辦公室沒有可以承辦的人（迴避）", escalated_at=now)
    row.refresh_from_db()
    return row


def _say(
    inquiry: Inquiry,
    kind: str,
    text: str,
    author: User | None,
    now: datetime,
    uploads: Sequence[UploadedFile] = (),
    *,
    mail_id: str | None = None,
) -> InquiryMessage:
    message = InquiryMessage.objects.create(
        inquiry=inquiry,
        kind=kind,
        text=text,
        author=author,
        author_name=str(author) if author else "",
        at=now,
        mail_id=mail_id,
    )
    for upload in uploads:
        stored: StoredFile = store_file(
            upload=upload, allowed=FILE_KINDS, actor=author, now=now, max_bytes=FILE_BYTES
        )
        InquiryFile.objects.create(message=message, file=stored)
    return message


def _locked(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.select_for_update().get(pk=inquiry.pk)


def _require(user: User, inquiry: Inquiry) -> None:
    if reason := answer_refusal(user, inquiry):
        raise Refused(reason)


@transaction.atomic
def assign(*, inquiry: Inquiry, to: User, actor: User, now: datetime) -> Inquiry:
    """Give an unanswered inquiry to somebody, who is told by mail unless it is oneself.

    Raises ``Refused`` for somebody who may not answer it (the complaint is about them), ``TransitionRefused``
    once it is answered. To the one who has it: nothing happens.
    """
    row = _locked(inquiry)
    _require(to, row)
    if row.state == InquiryState.ASSIGNED and row.assignee_id == to.pk:
        return row
    row = workflow.apply(INQUIRY, row, "assign", actor=actor, at=now, reason=f"承辦人：{to}", assignee=to)
    if to != actor:
        mails.tell_assignee(row, now)
    return row


@transaction.atomic
def answer(
    *, inquiry: Inquiry, text: str, uploads: Sequence[UploadedFile] = (), actor: User, now: datetime
) -> Inquiry:
    """Answer; who answers becomes the one in charge. The asker gets a mail with the personal address.

    Raises ``Refused``, ``TransitionRefused`` (answered by somebody else meanwhile), ``UploadRefused``.
    """
    row = _locked(inquiry)
    _require(actor, row)
    if row.is_waiting and (row.state == InquiryState.RECEIVED or row.assignee_id != actor.pk):
        row = workflow.apply(
            INQUIRY, row, "assign", actor=actor, at=now, reason=f"承辦人：{actor}", assignee=actor
        )
    late = row.late or now.date() > row.due_on
    row = workflow.apply(INQUIRY, row, "answer", actor=actor, at=now, answered_at=now, late=late)
    _say(row, MessageKind.ANSWER, text, actor, now, uploads)
    mails.tell_answered(row, now)
    return row


@transaction.atomic
def note(*, inquiry: Inquiry, text: str, actor: User, now: datetime) -> InquiryMessage:
    """A note among the office; the asker never sees it."""
    return _say(inquiry, MessageKind.NOTE, text, actor, now)


@transaction.atomic
def set_concerned(*, inquiry: Inquiry, people: Sequence[User], actor: User, now: datetime) -> Inquiry:
    """Say whom of the office a complaint is about; from then on they neither see nor answer it.

    One who has it in hand has to give it away first (``Refused``), so that it never lies with nobody.
    """
    row = _locked(inquiry)
    if row.is_waiting and row.assignee in people:
        raise Refused(f"{row.assignee} 是目前的承辦人，請先改派給其他人。")
    before = "、".join(str(person) for person in row.concerned.all())
    row.concerned.set(people)
    audit.record(
        row,
        actor=actor,
        event="concerned_changed",
        before=before,
        after="、".join(str(person) for person in people),
    )
    return _escalate_if_nobody(row, now)


@transaction.atomic
def ask_again(
    *,
    inquiry: Inquiry,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    mail_id: str | None = None,
    now: datetime,
) -> Inquiry:
    """More from the asker: while it waits, a further message; after the answer, a new period begins.

    The same words without a file, sent once more, are not said twice. Who answered takes it up again; when they
    no longer may, it goes to the supervisor. Raises ``TransitionRefused`` once it is closed.
    """
    row = _locked(inquiry)
    last = row.messages.exclude(kind=MessageKind.NOTE).last()
    if last and last.kind == MessageKind.QUESTION and last.text == text and not uploads:
        return row
    if not row.is_waiting:
        days = ServiceSettings.current().days_for(row.kind)
        row = workflow.apply(
            INQUIRY,
            row,
            "ask_again",
            actor=None,
            at=now,
            due_on=work_calendar().add(now.date(), days),
            escalated_at=None,
        )
        if row.assignee and row.assignee.is_active and not answer_refusal(row.assignee, row):
            mails.tell_assignee(row, now)
        else:
            _step(row, "escalate", now, reason="原承辦人不能再承辦", escalated_at=now)
            row.refresh_from_db()
    _say(row, MessageKind.QUESTION, text, None, now, uploads, mail_id=mail_id)
    return row


@transaction.atomic
def rate(*, inquiry: Inquiry, rating: int, comment: str, now: datetime) -> Inquiry:
    """The asker's satisfaction, 1 to 5; it closes an answered inquiry. A second rating replaces the first."""
    row = _locked(inquiry)
    changes: Mapping[str, Any] = {"rating": rating, "rating_comment": comment, "rated_at": now}
    if row.state == InquiryState.ANSWERED:
        return workflow.apply(
            INQUIRY, row, "close", actor=None, at=now, closed_at=now, reason="評分", **changes
        )
    if row.state != InquiryState.CLOSED:
        raise Refused("還沒有答覆，收到答覆後再請您評分。")
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row


def watch(*, now: datetime) -> dict[str, int]:
    """Beat: remind before the due day, escalate after it, close what was answered long ago; how many of each.

    Each row in a transaction of its own; running twice does no harm.
    """
    current, days = ServiceSettings.current(), work_calendar()
    today = now.date()
    remind_to = days.add(today, current.remind_days)
    reminded = escalated = closed = 0
    states = (InquiryState.RECEIVED, InquiryState.ASSIGNED)
    for row in Inquiry.objects.filter(state__in=states, due_on__gte=today, due_on__lte=remind_to):
        reminded += mails.remind(row, now)
    for row in Inquiry.objects.filter(state__in=states, due_on__lt=today, escalated_at=None):
        escalated += _step(row, "escalate", now, reason="逾期未答覆", escalated_at=now)
    for row in Inquiry.objects.filter(state=InquiryState.ANSWERED):
        assert row.answered_at is not None
        if days.between(row.answered_at.astimezone(now.tzinfo).date(), today) > current.close_days:
            closed += _step(row, "close", now, reason="答覆後期滿", closed_at=now)
    return {"reminded": reminded, "escalated": escalated, "closed": closed}


def _step(row: Inquiry, action: str, now: datetime, *, reason: str, **changes: Any) -> int:
    """One step by the portal itself; 0 when somebody was quicker."""
    try:
        with transaction.atomic():
            row = workflow.apply(INQUIRY, row, action, actor=None, at=now, reason=reason, **changes)
            if action == "escalate":
                mails.tell_supervisors(row, now)
    except workflow.TransitionRefused:
        return 0
    return 1


def forget(*, now: datetime) -> int:
    """Erase who asked, years after closing (個資法第11條); how many. What was asked and answered stays."""
    years = ServiceSettings.current().inquiry_years
    limit = now.replace(year=now.year - years, day=min(now.day, 28))
    rows = Inquiry.objects.filter(state=InquiryState.CLOSED, closed_at__lt=limit, forgotten_at=None)
    done = 0
    for row in rows:
        with transaction.atomic():
            row.name = row.email = ""
            row.forgotten_at = now
            row.save(update_fields=["name", "email", "forgotten_at"])
            forget_mail(prefix=f"inquiry-{row.pk}-")
        done += 1
    return done
