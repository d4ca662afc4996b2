"""Who waits for one paper or one mail never waits behind a batch: which row stands in which queue, and real workers."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from core.queues import BULK, PROMPT, using
from documents import contexts, samples, services, tasks
from documents.models import OfficialDocument, OutgoingMail
from ipas_portal.celery import app
from tests.workers import in_production, running

PATIENCE = 300  # seconds, on a machine that is busy with other tests


def ask(now, kind="receipt"):
    """One paper."""
    return services.request_document(
        context=samples.context(kind, today=now.date()), recipient=samples.RECIPIENT, actor=None, now=now
    )


def ask_batch(now, count=3):
    """A batch of return letters."""
    context = samples.context("return", today=now.date())
    requests = [services.LetterRequest(context, contexts.Recipient(f"公司{n}")) for n in range(count)]
    return services.request_batch(title="退件", requests=requests, actor=None, now=now, numbered="產發")


def routed(name):
    return settings.CELERY_TASK_ROUTES[name]["queue"]


@pytest.fixture
def sent(monkeypatch):
    """Task and queue of each message, in order; nothing runs."""
    messages = []
    for task in (tasks.render_document_task, tasks.merge_batch_task, tasks.send_mail_task):
        monkeypatch.setattr(
            task,
            "apply_async",
            lambda args, queue, name=task.name: messages.append((name, args[0], queue or routed(name))),
        )
    return messages


@pytest.fixture
def told(monkeypatch):
    """One mail for each issued document, as the apps above write it."""
    from core import workflow

    real = workflow.apply

    def apply(machine, row, action, **how):
        done = real(machine, row, action, **how)
        if action == "issue":
            services.queue_mail(to="a@example.test", subject="公文", body="x", now=how["at"])
        return done

    monkeypatch.setattr("documents.services.rendering.apply", apply)


@pytest.mark.django_db
def test_one_paper_and_one_mail_are_prompt_and_a_batch_is_not(
    letters, now, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        batch = ask_batch(now, 2)
        one = ask(now)
        mail = services.queue_mail(to="a@example.test", subject="請確認信箱", body="x", now=now)
    rows = [str(row.pk) for row in batch.documents.order_by("batch_position")]
    assert sent == [
        *(("documents.render_document", pk, BULK) for pk in rows),
        ("documents.render_document", str(one.pk), PROMPT),
        ("documents.send_mail", str(mail.pk), PROMPT),
    ]


@pytest.mark.django_db
def test_who_is_told_of_a_letter_of_a_batch_stands_behind_the_batch(
    letters, now, sent, told, quick_pdf, django_capture_on_commit_callbacks
):
    documents = [ask_batch(now, 1).documents.get(), ask(now)]
    for document in documents:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            assert services.render_document(pk=str(document.pk), now=now) == "issued"
        assert ("documents.send_mail", document.queue) in [(name, queue) for name, _, queue in sent]
        merged = [queue for name, _, queue in sent if name == "documents.merge_batch"]
        assert merged == ([BULK] if document.batch_id else [])
    assert [document.queue for document in documents] == [BULK, PROMPT]


@pytest.mark.django_db
def test_a_sweep_takes_up_its_own_queue_however_much_waits_in_the_other(letters, now, sent, monkeypatch):
    monkeypatch.setattr("documents.services.sweeping.LIMIT", 2)
    batch = ask_batch(now, 3)
    one = ask(now + timedelta(seconds=1))
    with using(BULK):
        reminder = services.queue_mail(to="a@example.test", subject="提醒", body="x", now=now)
    mail = services.queue_mail(to="a@example.test", subject="請確認信箱", body="x", now=now)
    later = now + timedelta(minutes=2)
    assert services.sweep(queue=PROMPT, now=later) == {"documents": 1, "batches": 0, "mails": 1}
    assert sent == [
        ("documents.render_document", str(one.pk), PROMPT),
        ("documents.send_mail", str(mail.pk), PROMPT),
    ]
    sent.clear()
    assert services.sweep(queue=BULK, now=later) == {"documents": 2, "batches": 0, "mails": 1}
    assert {queue for _, _, queue in sent} == {BULK}
    assert ("documents.send_mail", str(reminder.pk), BULK) in sent
    assert {pk for name, pk, _ in sent if name == "documents.render_document"} < {
        str(row.pk) for row in batch.documents.all()
    }


@pytest.mark.django_db
def test_a_failed_letter_of_a_batch_is_retried_in_its_queue(
    letters, now, sent, monkeypatch, django_capture_on_commit_callbacks
):
    def broken(row):
        raise OSError("字型損壞")

    monkeypatch.setattr("documents.services.rendering.typeset", broken)
    batch = ask_batch(now, 1)
    row = batch.documents.get()
    while services.render_document(pk=str(row.pk), now=now) != "failed":
        pass
    with django_capture_on_commit_callbacks(execute=True):
        assert services.retry_batch(batch=batch, actor=None, now=now) == 1
    assert sent == [("documents.render_document", str(row.pk), BULK)]


@pytest.mark.django_db
@pytest.mark.parametrize("model", [OfficialDocument, OutgoingMail])
def test_the_database_knows_the_queues(letters, now, model):
    ask(now)
    services.queue_mail(to="a@example.test", subject="s", body="b", now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(queue="celery")


# ---- real workers -------------------------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch, tmp_path):
    """Messages of this test go to Redis, into queues that no other run sees."""
    changed = {
        "task_always_eager": False,
        "broker_transport_options": {"global_keyprefix": f"journey-{tmp_path.name}:"},
    }
    before = {name: app.conf[name] for name in changed}
    app.conf.update(changed)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    yield app
    app.conf.update(before)
    server = redis.Redis.from_url(os.environ["REDIS_URL"])
    server.delete(*server.scan_iter(f"journey-{tmp_path.name}:*"))


@pytest.mark.skipif(
    "REDIS_URL" not in os.environ or connection.vendor != "postgresql",
    reason="bin/services gives PostgreSQL and Redis (the second run of make test)",
)
@pytest.mark.django_db(transaction=True)
def test_production_makes_a_receipt_before_the_batch_that_was_asked_for_first(now, broker, tmp_path):
    services.load_letter_templates(now=now)
    for name in ("files", "mail"):
        (tmp_path / name).mkdir()
    batch = ask_batch(now, 3)
    one = ask(now)
    database = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    workers = {options[options.index("--queues") + 1]: options for options in in_production()}

    def until(found):
        deadline = time.monotonic() + PATIENCE
        while not found():
            logs = "\n".join(log.read_text(errors="replace") for log in tmp_path.glob("*.log"))
            assert time.monotonic() < deadline, logs
            time.sleep(0.05)

    # The batch's worker is not there at all: as far behind as one can be.
    with running([workers[PROMPT]], database=database, folder=tmp_path):
        until(lambda: OfficialDocument.objects.issued().filter(pk=one.pk).exists())
    assert not batch.documents.issued().exists()
    with running([workers[BULK]], database=database, folder=tmp_path):
        until(lambda: type(batch).objects.filter(merged_count=3).exists())
