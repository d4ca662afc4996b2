"""Who comes to an event: everybody joins the waiting list, and free places go to those who came first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import mail
from accounts.services.errors import Refused
from core import workflow
from core.locking import lock_row
from core.queues import BULK, using
from core.workdays import add_months
from documents.services import forget_mail, queue_mail
from outreach.enums import RegistrationState
from outreach.models import Event, Registration, ServiceSettings
from outreach.workflow import REGISTRATION

CLOSING = "這封信由系統寄出，請不要直接回覆。\niPAS 企業數位人才實作培育補助 申請入口"


def register(*, event: Event, data: Mapping[str, str], form_key: uuid.UUID, now: datetime) -> Registration:
    """Put somebody on the list of an event and give out the free places.

    ``data``: name, email, organisation, phone. The same ``form_key`` again returns the same row, for the same
    event and address: going back to the form to register a colleague is no replay. Raises ``Refused`` outside
    the window and for an address that is on the list, which gets its mail again (once a day). Side effects: one
    mail.
    """
    form_key = uuid.uuid5(form_key, f"{event.pk} {data['email']}")
    with transaction.atomic():
        event = lock_row(Event.objects.select_related("publication"), pk=event.pk)
        again = Registration.objects.filter(form_key=form_key).first()
        if again and again.state != RegistrationState.CANCELLED:
            return again
        if again:  # cancelled, then back to the form: they want to come after all
            form_key = uuid.uuid4()
        if reason := event.registration_refusal(now):
            raise Refused(reason)
        known = event.registrations.active().filter(email=data["email"]).first()
        if known is None:
            made = Registration.objects.create(event=event, form_key=form_key, registered_at=now, **data)
            fill_places(event=event, now=now)
            made.refresh_from_db()
            if made.state == RegistrationState.WAITLISTED:
                _mail(made, once_key=f"registration-{made.pk}-waitlisted", now=now)
            return made
        _mail(known, once_key=f"registration-{known.pk}-again-{now.date()}", now=now)
    # Outside the transaction, so that the mail which tells the way goes out all the same.
    raise Refused(
        "這個電子郵件已經報名這場活動。要查看或取消，請用確認信裡的連結；我們會把確認信再寄一次到這個信箱。"
    )


def fill_places(*, event: Event, now: datetime) -> list[Registration]:
    """Give the free places to those on the waiting list, in order; who got one. The caller holds the event's lock.

    Nobody moves up after the event has begun. Side effects: a mail each.
    """
    if now >= event.starts_at:
        return []
    waiting = event.registrations.filter(state=RegistrationState.WAITLISTED).in_order()
    if event.capacity is not None:
        taken = event.registrations.filter(state=RegistrationState.REGISTERED).count()
        waiting = waiting[: max(event.capacity - taken, 0)]
    given = []
    for row in waiting:
        row = workflow.apply(REGISTRATION, row, "confirm", actor=None, at=now, confirmed_at=now)
        row.event = event
        _mail(row, once_key=f"registration-{row.pk}-registered", now=now)
        given.append(row)
    return given


@transaction.atomic
def cancel(*, registration: Registration, actor: Any | None, now: datetime) -> Registration:
    """Cancel, and let the next one in. Cancelled already: nothing happens. Refused once the event has begun."""
    event = lock_row(Event.objects.select_related("publication"), pk=registration.event_id)
    row = Registration.objects.get(pk=registration.pk)
    if row.state == RegistrationState.CANCELLED:
        return row
    if now >= event.starts_at:
        raise Refused("活動已經開始，不能再取消報名。")
    row = workflow.apply(REGISTRATION, row, "cancel", actor=actor, at=now, cancelled_at=now)
    fill_places(event=event, now=now)
    return row


@using(BULK)  # a mail to each on the list
def tell_of_change(*, event: Event, now: datetime) -> None:
    """Mail everybody on the list that time or place has changed. Once for each version of the publication."""
    for row in event.registrations.active().exclude(email=""):
        row.event = event
        _mail(
            row, once_key=f"registration-{row.pk}-changed-{event.publication.version}", now=now, changed=True
        )


@using(BULK)
def tell_of_end(*, event: Event, now: datetime) -> int:
    """Mail everybody on the list that the event does not take place; how many."""
    rows = list(event.registrations.active().exclude(email=""))
    for row in rows:
        queue_mail(
            to=row.email,
            subject=f"活動取消：{event.publication.title}",
            body=f"您報名的活動「{event.publication.title}」（{event.when}）已經取消，造成不便，敬請見諒。\n\n{CLOSING}\n",
            now=now,
            once_key=f"registration-{row.pk}-ended-{event.publication.version}",
        )
    return len(rows)


def _mail(row: Registration, *, once_key: str, now: datetime, changed: bool = False) -> None:
    event = row.event
    if row.state == RegistrationState.REGISTERED:
        subject, state = "報名成功", "您已完成報名。"
    else:
        subject, state = (
            "已列入候補",
            "目前名額已滿，您已列入候補；有人取消時會依報名順序遞補，並寄信通知您。",
        )
    if changed:
        subject, state = "活動時間或地點異動", "您報名的活動有異動，請看最新的時間與地點："
    place = event.place
    if event.online_url and row.state == RegistrationState.REGISTERED:
        place = "　".join(filter(None, (place, event.online_url)))
    lines = [
        f"{state}",
        f"活動：{event.publication.title}\n時間：{event.when}\n地點：{place or '線上（取得名額後通知）'}",
        f"查看或取消報名：\n{mail.link('public:registration', row.token)}",
        CLOSING,
    ]
    queue_mail(
        to=row.email,
        subject=f"{subject}：{event.publication.title}",
        body="\n\n".join(lines) + "\n",
        now=now,
        once_key=once_key,
    )


def keep_until(ends_on: date, months: int) -> date:
    """The last day on which the personal data of an event's list is kept."""
    return add_months(ends_on, months)


def forget(*, now: datetime) -> int:
    """Erase who registered for events whose period is over (個資法第11條); how many events. The counts stay."""
    months = ServiceSettings.current().registration_months
    done = 0
    for event in Event.objects.filter(forgotten_at=None, ends_at__lt=now):
        if now.date() <= keep_until(event.ends_at.astimezone(now.tzinfo).date(), months):
            continue
        with transaction.atomic():
            for row in event.registrations.select_for_update():
                row.name = row.email = row.organisation = row.phone = ""
                row.save(update_fields=["name", "email", "organisation", "phone"])
                forget_mail(prefix=f"registration-{row.pk}-")
            event.forgotten_at = now
            event.save(update_fields=["forgotten_at"])
        done += 1
    return done
