"""Registering, the waiting list, cancelling; two at the same moment; what is kept and for how long."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.services.errors import Refused
from core import clock
from documents.models import OutgoingMail
from outreach.enums import RegistrationState
from outreach.models import Event, Registration, ServiceSettings
from outreach.services import publications, registrations
from tests import personas
from tests.outreach import builders

REGISTERED, WAITLISTED, CANCELLED = (
    RegistrationState.REGISTERED,
    RegistrationState.WAITLISTED,
    RegistrationState.CANCELLED,
)


def states(event: Event) -> list[str]:
    return list(event.registrations.in_order().values_list("state", flat=True))


@pytest.mark.django_db
def test_places_go_to_those_who_came_first_and_the_rest_wait():
    event = builders.event(capacity=2)
    rows = [builders.register(event, f"guest{n}@example.test") for n in range(4)]
    assert states(event) == [REGISTERED, REGISTERED, WAITLISTED, WAITLISTED]
    assert [row.state for row in rows] == states(event)
    assert OutgoingMail.objects.filter(subject__startswith="報名成功").count() == 2
    assert OutgoingMail.objects.filter(subject__startswith="已列入候補").count() == 2
    assert rows[0].token in OutgoingMail.objects.get(to="guest0@example.test").body


@pytest.mark.django_db
def test_who_cancels_lets_the_next_one_in_and_is_told_nothing_twice():
    event = builders.event(capacity=1)
    first, second, third = (builders.register(event, f"guest{n}@example.test") for n in range(3))
    now = clock.now()
    registrations.cancel(registration=first, actor=None, now=now)
    registrations.cancel(registration=first, actor=None, now=now)
    assert states(event) == [CANCELLED, REGISTERED, WAITLISTED]
    assert OutgoingMail.objects.filter(to=second.email, subject__startswith="報名成功").count() == 1
    registrations.cancel(registration=third, actor=None, now=now)
    assert states(event) == [CANCELLED, REGISTERED, CANCELLED]
    assert [t.action for t in first.transitions.all()] == ["confirm", "cancel"]


@pytest.mark.django_db
def test_more_places_go_to_the_waiting_list():
    event = builders.event(capacity=1)
    for n in range(3):
        builders.register(event, f"guest{n}@example.test")
    data = {name: getattr(event, name) for name in publications.EVENT_FIELDS} | {
        "title": "線上說明會",
        "capacity": 2,
    }
    office = personas.make_office()
    publications.save_publication(
        publication=event.publication, kind="event", data=data, version=1, actor=office, now=clock.now()
    )
    assert states(event) == [REGISTERED, REGISTERED, WAITLISTED]


@pytest.mark.django_db
def test_another_place_is_told_to_those_who_come_and_only_then():
    event = builders.event(capacity=1)
    builders.register(event, "guest@example.test")
    data = {name: getattr(event, name) for name in publications.EVENT_FIELDS} | {"title": "線上說明會"}
    save = {
        "publication": event.publication,
        "kind": "event",
        "actor": personas.make_office(),
        "now": clock.now(),
    }
    publications.save_publication(data=data, version=1, **save)
    assert not OutgoingMail.objects.filter(subject__startswith="活動時間或地點異動").exists()
    publications.save_publication(data=data | {"place": "高雄"}, version=2, **save)
    mail = OutgoingMail.objects.get(subject__startswith="活動時間或地點異動")
    assert "高雄" in mail.body
    assert mail.to == "guest@example.test"


@pytest.mark.django_db
def test_the_same_form_twice_is_one_registration():
    event = builders.event()
    key = uuid.uuid4()
    data = {"name": "林來賓", "email": "guest@example.test", "organisation": "", "phone": ""}
    rows = [registrations.register(event=event, data=data, form_key=key, now=clock.now()) for _ in range(2)]
    assert rows[0] == rows[1]
    assert Registration.objects.count() == 1
    # Back to the form, where the browser still has its key: a colleague, another event, or oneself once more.
    colleague = registrations.register(
        event=event, data={**data, "email": "other@example.test"}, form_key=key, now=clock.now()
    )
    elsewhere = registrations.register(event=builders.event(), data=data, form_key=key, now=clock.now())
    registrations.cancel(registration=rows[0], actor=None, now=clock.now())
    back = registrations.register(event=event, data=data, form_key=key, now=clock.now())
    assert len({rows[0].pk, colleague.pk, elsewhere.pk, back.pk}) == 4


@pytest.mark.django_db
def test_nobody_joins_the_waiting_list_of_an_event_that_has_begun():
    event = builders.event()
    event.registration_closes_at = event.ends_at
    event.save()
    with pytest.raises(Refused, match="已經開始"):
        builders.register(event, "late@example.test", now=event.starts_at)


@pytest.mark.django_db
def test_the_same_address_twice_is_refused_and_gets_its_mail_again():
    event = builders.event()
    builders.register(event, "guest@example.test")
    for _ in range(2):
        with pytest.raises(Refused, match="已經報名"):
            builders.register(event, "guest@example.test")
    assert OutgoingMail.objects.filter(to="guest@example.test").count() == 2  # once more, not twice
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(event=event, email="guest@example.test", registered_at=clock.now())


@pytest.mark.django_db
def test_one_who_cancelled_may_come_back_at_the_end_of_the_list():
    event = builders.event(capacity=1)
    first = builders.register(event, "guest0@example.test")
    builders.register(event, "guest1@example.test")
    registrations.cancel(registration=first, actor=None, now=clock.now())
    again = builders.register(event, "guest0@example.test")
    assert again.state == WAITLISTED


@pytest.mark.django_db
def test_outside_the_window_nobody_registers():
    event = builders.event(days=10)
    opens, closes = event.registration_opens_at, event.registration_closes_at
    second = timedelta(seconds=1)
    with pytest.raises(Refused, match="開始"):
        builders.register(event, "a@example.test", now=opens - second)
    assert builders.register(event, "a@example.test", now=opens)
    assert builders.register(event, "b@example.test", now=closes)
    with pytest.raises(Refused, match="截止"):
        builders.register(event, "c@example.test", now=closes + second)
    free = builders.event(registration_opens_at=None, registration_closes_at=None)
    with pytest.raises(Refused, match="不需要報名"):
        builders.register(free, "a@example.test")


@pytest.mark.django_db
def test_nobody_moves_up_or_cancels_after_the_beginning():
    event = builders.event(capacity=1)
    first, _ = builders.register(event, "a@example.test"), builders.register(event, "b@example.test")
    with pytest.raises(Refused, match="已經開始"):
        registrations.cancel(registration=first, actor=None, now=event.starts_at)
    assert registrations.fill_places(event=event, now=event.starts_at) == []
    assert states(event) == [REGISTERED, WAITLISTED]


@pytest.mark.django_db
def test_personal_data_goes_when_its_period_is_over_and_the_counts_stay():
    event = builders.event()
    row = builders.register(event, "guest@example.test", phone="0912-345-678", organisation="示範公司")
    ServiceSettings.objects.create(pk=1, registration_months=6)
    last = registrations.keep_until(event.ends_at.date(), 6)
    kept = clock.now() + (last - clock.today())
    assert registrations.forget(now=kept) == 0
    assert registrations.forget(now=kept + timedelta(days=1)) == 1
    assert registrations.forget(now=kept + timedelta(days=1)) == 0
    row.refresh_from_db()
    assert (row.name, row.email, row.organisation, row.phone) == ("", "", "", "")
    assert row.state == REGISTERED
    assert not OutgoingMail.objects.filter(to="guest@example.test").exists()


@pytest.mark.django_db
def test_an_event_that_is_taken_down_before_it_begins_is_told_to_those_who_wanted_to_come():
    coming, past = builders.event(capacity=1), builders.event(days=-3)
    rows = [builders.register(coming, f"guest{n}@example.test") for n in range(2)]
    registrations.cancel(registration=rows[0], actor=None, now=clock.now())
    office = personas.make_office()
    for event in (coming, coming, past):
        publications.take_down(publication=event.publication, actor=office, now=clock.now())
    mails = OutgoingMail.objects.filter(subject__startswith="活動取消")
    assert [mail.to for mail in mails] == ["guest1@example.test"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"capacity": 0},
        {"place": "", "online_url": ""},
        {"registration_opens_at": None},
    ],
)
def test_the_database_refuses_events_that_cannot_be(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        builders.event(**wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory has one connection")
def test_two_at_the_same_moment_for_the_last_place():
    event = builders.event(capacity=1)
    gate = threading.Barrier(4)
    problems: list[Exception] = []

    def run(number: int) -> None:
        try:
            gate.wait(20)
            builders.register(event, f"guest{number}@example.test")
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert sorted(states(event)) == [REGISTERED, *[WAITLISTED] * 3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory has one connection")
def test_two_who_cancel_at_the_same_moment_let_two_in():
    event = builders.event(capacity=2)
    rows = [builders.register(event, f"guest{n}@example.test") for n in range(4)]
    gate = threading.Barrier(2)
    problems: list[Exception] = []

    def run(row: Registration) -> None:
        try:
            gate.wait(20)
            registrations.cancel(registration=row, actor=None, now=clock.now())
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(row,)) for row in rows[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert states(event) == [CANCELLED, CANCELLED, REGISTERED, REGISTERED]
