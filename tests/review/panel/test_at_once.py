"""Two people of a panel in the same second. Needs a database with row locks."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections, transaction

from accounts.services.errors import Refused
from documents.models import OutgoingMail
from review.models import SignOff
from review.services import chair, sheets
from tests.review.panel.conftest import Stage

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in str(connection.vendor), reason="SQLite has no row locks; one writer at a time"
    ),
]


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("documents.services.requests.enqueue", lambda document: None)
    stage = Stage()
    stage.seat_everybody()
    [seat] = stage.add_cases()
    stage.assign_all(seat)
    stage.start()
    for user in (stage.chair, stage.one, stage.two):
        stage.declare(user)
    return stage


def in_thread(work: object) -> threading.Thread:
    def run() -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_nobody_signs_a_result_that_is_being_reopened(ready: Stage):
    for user in (ready.chair, ready.one, ready.two):
        ready.submit(user)
    ready.collect(ready.seat())
    mine, reopened, refused = ready.assignment(ready.two), threading.Event(), []
    row, now = ready.assignment(ready.one), ready.now

    def reopen() -> None:
        with transaction.atomic():
            chair.reopen_sheet(assignment=row, reason="R3 請再確認", actor=ready.chair, now=now)
            reopened.set()
            time.sleep(1.5)

    def sign() -> None:
        reopened.wait(20)
        try:
            chair.sign_off(assignment=mine, actor=ready.two, now=now)
        except Refused as reason:
            refused.append(str(reason))

    threads = [in_thread(reopen), in_thread(sign)]
    for thread in threads:
        thread.join(60)
    assert SignOff.objects.count() == 0
    assert len(refused) == 1


def test_the_chair_is_told_when_the_last_two_sheets_come_at_once(ready: Stage):
    ready.submit(ready.chair)
    users = (ready.one, ready.two)
    for user in users:
        ready.fill(user)
    rows = [ready.assignment(user) for user in users]
    now, gate = ready.now, threading.Barrier(2)

    def hand_in(number: int) -> None:
        gate.wait(20)
        with transaction.atomic():
            sheets.submit_sheet(assignment=rows[number], version=None, actor=users[number], now=now)
            time.sleep(1)

    threads = [in_thread(lambda n=n: hand_in(n)) for n in range(2)]
    for thread in threads:
        thread.join(60)
    assert OutgoingMail.objects.filter(subject__contains="評分已收齊").count() == 1
