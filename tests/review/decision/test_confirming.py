"""The confirmation in the worker: durable, done once, all or nothing, and its way shown on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from applications.models import CaseOutcome
from core.workflow import TransitionRefused, apply
from review import tasks
from review.models import Confirmation, DecisionMeeting
from review.services import confirmation, confirming
from review.workflow import CONFIRMATION
from tests import personas
from tests.factories import make_call, now
from tests.personas import client_for
from tests.races import at_each_query, at_once, goes_on
from tests.review.decision.test_confirmation import adopted

pytestmark = pytest.mark.django_db


def ask(meeting, actor=None, seen=None):
    return confirming.request_confirmation(
        meeting=meeting,
        seen=confirmation.decision_key(meeting) if seen is None else seen,
        actor=actor or personas.make_supervisor(),
        now=now(),
    )


def run(row, at=None):
    return confirming.run_confirmation(pk=row.pk, now=at or now())


def test_asking_writes_a_row_and_nothing_else():
    meeting = adopted()
    row = ask(meeting)
    meeting.refresh_from_db()
    assert (row.state, row.total, meeting.state) == ("pending", 3, "adopted")
    assert not CaseOutcome.objects.exists()


def test_the_worker_writes_every_outcome_and_the_end_together():
    meeting, boss = adopted(call=make_call(envelope=1_000_000)), personas.make_supervisor()
    row = ask(meeting, boss)
    assert run(row) == "done"
    row.refresh_from_db()
    meeting.refresh_from_db()
    assert (row.state, meeting.state, meeting.confirmed_by) == ("done", "confirmed", boss)
    assert CaseOutcome.objects.count() == 3
    assert [step.action for step in row.transitions.all()] == ["start", "finish"]
    entries = LogEntry.objects.get_for_object(meeting).filter(changes__state__isnull=False)
    assert entries.first().actor == boss, "the log names the person, not the worker"


def test_running_again_does_nothing():
    row = ask(adopted())
    assert [run(row), run(row)] == ["done", "already"]
    assert CaseOutcome.objects.count() == 3


def test_two_supervisors_and_a_double_click_share_one_row():
    meeting = adopted()
    first = ask(meeting)
    other = personas.make_user("boss2@example.test", "另一位主管", roles=("supervisor",))
    assert ask(meeting).pk == first.pk
    assert ask(meeting, other).pk == first.pk
    run(first)
    with pytest.raises(TransitionRefused):
        ask(meeting, other)
    assert Confirmation.objects.count() == 1


def test_what_can_be_refused_is_refused_at_once():
    meeting = adopted()
    with pytest.raises(confirmation.AdoptionRefused, match="重新採用"):
        ask(meeting, seen="1-20200101000000000000")
    both = personas.make_office()
    both.roles.add(*personas.make_supervisor().roles.all())
    with pytest.raises(PermissionDenied, match="另一位主管"):
        ask(meeting, type(both).objects.get(pk=both.pk))
    assert not Confirmation.objects.exists()


def test_a_rule_broken_meanwhile_fails_with_the_reason_and_changes_nothing():
    meeting = adopted()
    row = ask(meeting)
    case = meeting.meeting_cases.first().case
    type(case).objects.filter(pk=case.pk).update(state="withdrawn", closed_at=now())
    assert run(row) == "failed"
    row.refresh_from_db()
    assert case.number in row.error
    assert row.finished_at
    assert not CaseOutcome.objects.exists()
    html = (
        client_for(personas.make_supervisor())
        .get(reverse("meetings:detail", args=[meeting.pk]))
        .content.decode()
    )
    assert "但沒有完成；任何一案都還沒有結果" in html
    assert "再核定一次" in html


def test_an_error_half_way_leaves_nothing_and_is_tried_three_times(monkeypatch):
    meeting = adopted()
    row = ask(meeting)
    real = confirming.confirm

    def breaks_after_writing(**kwargs):
        real(**kwargs)
        raise RuntimeError("out of memory")

    monkeypatch.setattr(confirming, "confirm", breaks_after_writing)
    assert [run(row), run(row)] == ["retry", "retry"]
    assert not CaseOutcome.objects.exists()
    assert run(row) == "failed"
    row.refresh_from_db()
    assert "RuntimeError" in row.error
    meeting.refresh_from_db()
    assert meeting.state == "adopted"
    monkeypatch.undo()
    again = ask(meeting)
    assert run(again) == "done"
    assert CaseOutcome.objects.count() == 3


def test_a_killed_worker_is_taken_over_after_its_lease_and_not_before(monkeypatch):
    row, moment = ask(adopted()), now()
    apply(
        CONFIRMATION, row, "start", actor=None, at=moment, attempts=1, lease_until=moment + confirming.LEASE
    )
    assert run(row, moment) == "busy"
    queued = []
    monkeypatch.setattr(tasks.confirm_meeting, "apply_async", lambda args, queue: queued.append(args[0]))
    assert confirming.sweep_confirmations(now=moment) == 0
    later = moment + confirming.LEASE
    assert confirming.sweep_confirmations(now=later) == 1
    assert queued == [str(row.pk)]
    assert run(row, later) == "done"
    assert CaseOutcome.objects.count() == 3


def test_a_lost_message_is_queued_again(monkeypatch):
    row = ask(adopted())
    queued = []
    monkeypatch.setattr(tasks.confirm_meeting, "apply_async", lambda args, queue: queued.append(args[0]))
    assert confirming.sweep_confirmations(now=now()) == 0
    assert confirming.sweep_confirmations(now=now() + timedelta(minutes=2)) == 1
    assert queued == [str(row.pk)]


def test_what_kills_workers_is_not_tried_for_ever():
    row, moment = ask(adopted()), now()
    for attempt in range(confirming.MAX_ATTEMPTS):
        apply(
            CONFIRMATION, row, "restart" if attempt else "start", actor=None, at=moment,
            attempts=attempt + 1, lease_until=moment,
        )  # fmt: skip
    assert run(row, moment + timedelta(seconds=1)) == "failed"
    row.refresh_from_db()
    assert "連續中斷" in row.error
    assert not CaseOutcome.objects.exists()


def test_a_worker_whose_lease_was_taken_over_rolls_back(monkeypatch):
    row = ask(adopted())
    real = confirming.confirm

    def slow(**kwargs):
        real(**kwargs)
        Confirmation.objects.filter(pk=row.pk).update(attempts=2)  # another worker has taken it up

    monkeypatch.setattr(confirming, "confirm", slow)
    assert run(row) == "superseded"
    assert not CaseOutcome.objects.exists()


def test_nothing_is_taken_back_while_it_runs():
    meeting = adopted()
    row = ask(meeting)
    with pytest.raises(TransitionRefused, match="正在產生結果"):
        confirmation.send_back(meeting=meeting, reason="重議", actor=personas.make_supervisor(), now=now())
    with pytest.raises(TransitionRefused, match="正在產生結果"):
        confirmation.reconsider(meeting=meeting, reason="重議", actor=personas.make_office(), now=now())
    run(row)


def test_the_page_shows_the_bar_and_is_loaded_anew_at_the_end(django_capture_on_commit_callbacks):
    meeting = adopted()
    boss = client_for(personas.make_supervisor())
    detail = reverse("meetings:detail", args=[meeting.pk])
    bar = reverse("meetings:confirming", args=[meeting.pk])
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        answer = boss.post(
            reverse("meetings:confirm", args=[meeting.pk]), {"seen": confirmation.decision_key(meeting)}
        )
    assert answer.url == detail
    html = boss.get(detail).content.decode()
    assert "正在產生各案結果" in html
    assert f'hx-get="{bar}"' in html
    assert "退回重議" not in html
    assert boss.get(reverse("meetings:confirm", args=[meeting.pk])).url == detail
    polled = boss.get(bar)
    text = polled.content.decode()
    assert "3 件會同時完成" in text, "nothing between none and all could be counted: the bar must not pretend"
    assert "value=" not in text
    assert "0 / 3" not in text + html
    assert "HX-Refresh" not in polled
    (queue,) = waiting
    queue()
    assert boss.get(bar)["HX-Refresh"] == "true"
    assert DecisionMeeting.objects.get().state == "confirmed"
    assert "正在產生各案結果" not in boss.get(detail).content.decode()


def test_a_worker_that_ends_while_the_page_is_made_leaves_a_page_that_goes_on():
    """At whichever query of the page the worker ends: the page shows the bar, or the result."""
    meeting, boss = adopted(), client_for(personas.make_supervisor())
    row = ask(meeting)
    detail = reverse("meetings:detail", args=[meeting.pk])
    for place, answer in at_each_query(lambda: boss.get(detail), lambda: run(row)):
        assert goes_on(answer.content.decode(), "公開的核定名單"), f"at query {place}"
        assert DecisionMeeting.objects.get().state == "confirmed"
    assert DecisionMeeting.objects.get().state == "adopted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite database in memory has one connection")
def test_two_workers_at_once_make_one_set_of_outcomes(monkeypatch):
    monkeypatch.setattr(
        tasks.confirm_meeting, "apply_async", lambda *_, **__: None
    )  # the two below are the workers
    row = ask(adopted())
    results = at_once(*[lambda: confirming.run_confirmation(pk=row.pk, now=now())] * 2)
    assert results.count("done") == 1
    assert set(results) <= {"done", "busy", "already"}
    assert CaseOutcome.objects.count() == 3
