"""From the row to the one PDF: numbers, leases, killed workers, retries, corrections, batches, mail."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from core.queues import BULK, PROMPT
from core.workflow import TransitionRefused
from documents import contexts, samples, services, tasks, typesetting
from documents.enums import DocumentState
from documents.models import Batch, NumberSeries, OfficialDocument, OutgoingMail, StoredFile
from documents.rules.wording import WordingRefused
from documents.services import rendering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """What was queued, instead of running at once: each test is the worker itself."""
    calls = []
    monkeypatch.setattr(tasks, "deliver", lambda task, pk, queue=None: calls.append((task.name, pk)))
    return calls


def ask(now, kind="return", **more):
    """A document of ``kind`` from its sample."""
    arguments = {"numbered": "產發"} | more
    return services.request_document(
        context=samples.context(kind, today=now.date()),
        recipient=samples.RECIPIENT,
        actor=None,
        now=now,
        **arguments,
    )


def test_a_request_freezes_wording_and_queues_after_commit(
    letters, now, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        document = ask(now)
        assert queued == []
    assert queued == [("documents.render_document", str(document.pk))]
    assert document.full_number == "產發字第1140000001號"
    assert (document.template_kind, document.template_version) == ("return", 1)
    assert "IPAS-114-0007" in document.subject
    assert document.context["wording"]["body"].count("晨星") == 0
    assert len(document.verify_code) == 10


def test_rendering_twice_makes_one_document(letters, now, quick_pdf):
    document = ask(now)
    assert services.render_document(pk=str(document.pk), now=now) == "issued"
    assert services.render_document(pk=str(document.pk), now=now) == "already"
    document.refresh_from_db()
    assert StoredFile.objects.count() == 1
    assert document.sha256 == document.file.sha256
    assert [t.action for t in document.transitions.all()] == ["start", "issue"]


def test_a_second_worker_keeps_off_while_the_lease_holds(letters, now, quick_pdf, monkeypatch):
    document = ask(now)
    inner = []

    def typeset(row):
        inner.append(services.render_document(pk=str(document.pk), now=now + timedelta(seconds=1)))
        return quick_pdf

    monkeypatch.setattr(rendering, "typeset", typeset)
    assert services.render_document(pk=str(document.pk), now=now) == "issued"
    assert inner == ["busy"]


def test_a_killed_worker_is_replaced_and_there_is_one_document(letters, now, quick_pdf, queued, monkeypatch):
    document = ask(now)
    claimed = rendering._claim(pk=str(document.pk), now=now)  # the worker dies right after this
    assert claimed.state == DocumentState.RENDERING
    queued.clear()
    assert services.sweep(queue=PROMPT, now=now + timedelta(minutes=2))["documents"] == 0
    later = now + rendering.LEASE + timedelta(seconds=1)
    assert services.sweep(queue=PROMPT, now=later)["documents"] == 1
    assert services.render_document(pk=queued[0][1], now=later) == "issued"
    # The dead one wakes up after all: its PDF is thrown away.
    assert rendering._issue(claimed, content=b"late", now=later) == "superseded"
    document.refresh_from_db()
    assert StoredFile.objects.count() == 1
    assert document.number == "第1140000001號"
    assert [t.action for t in document.transitions.all()] == ["start", "restart", "issue"]


def test_a_lost_task_is_found_by_the_sweep(letters, now, queued):
    ask(now)
    queued.clear()
    assert services.sweep(queue=PROMPT, now=now + timedelta(seconds=30))["documents"] == 0
    assert services.sweep(queue=PROMPT, now=now + timedelta(seconds=61))["documents"] == 1


def test_failures_are_tried_again_then_given_up_and_can_be_retried(
    letters, now, monkeypatch, make_user, quick_pdf
):
    document = ask(now)
    monkeypatch.setattr(rendering, "typeset", lambda row: 1 / 0)
    outcomes = [services.render_document(pk=str(document.pk), now=now) for _ in range(rendering.MAX_ATTEMPTS)]
    assert outcomes == ["retry", "retry", "retry", "failed"]
    document.refresh_from_db()
    assert document.state == DocumentState.FAILED
    assert "ZeroDivisionError" in document.error
    monkeypatch.setattr(rendering, "typeset", lambda row: quick_pdf)
    services.retry_document(document=document, actor=make_user(), now=now)
    with pytest.raises(TransitionRefused):
        services.retry_document(document=document, actor=make_user(), now=now)
    assert services.render_document(pk=str(document.pk), now=now) == "issued"
    document.refresh_from_db()
    assert (document.error, document.number) == ("", "第1140000001號")


def test_a_document_that_kills_every_worker_is_given_up(letters, now):
    document = ask(now)
    moment = now
    for _ in range(rendering.MAX_ATTEMPTS):
        assert rendering._claim(pk=str(document.pk), now=moment).state == DocumentState.RENDERING
        moment += rendering.LEASE + timedelta(seconds=1)
    assert services.render_document(pk=str(document.pk), now=moment) == "failed"


def test_numbers_have_no_gap_when_a_transaction_rolls_back(letters, now):
    ask(now)

    def asks_and_breaks():
        with transaction.atomic():
            ask(now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asks_and_breaks()
    assert ask(now).number == "第1140000002號"
    assert ask(now, numbered="契").number == "第1140000001號"
    assert ask(now.replace(year=2026)).number == "第1150000001號"


def test_a_number_needs_the_transaction_of_its_document(now, transactional_db):
    with pytest.raises(RuntimeError, match="transaction"):
        services.take_number(prefix="產發", on=now.date())


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_under_threads(now):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory is one connection; its writers queue anyway")
    numbers, errors = [], []

    def take(fail):
        try:
            with transaction.atomic():
                number = services.take_number(prefix="產發", on=now.date())
                if fail:
                    raise ZeroDivisionError
            numbers.append(number)
        except ZeroDivisionError:
            pass
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(n % 3 == 0,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(numbers) == [f"第114{n:07d}號" for n in range(1, 21)]
    assert NumberSeries.objects.get().next_number == 21


def test_the_database_refuses_an_issued_row_without_its_file(letters, now):
    document = ask(now)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficialDocument.objects.filter(pk=document.pk).update(state=DocumentState.ISSUED)
    with pytest.raises(ValueError, match=r"documents\.services"):
        document.save()


def test_a_correction_is_a_new_document_that_names_the_old(letters, now, quick_pdf, make_user, monkeypatch):
    document = ask(now)
    user = make_user()
    again = samples.context("return", today=now.date())
    with pytest.raises(ValueError, match="已發出"):
        services.reissue(document=document, context=again, actor=user, now=now, reason="地址錯誤")
    services.render_document(pk=str(document.pk), now=now)
    new = services.reissue(document=document, context=again, actor=user, now=now, reason="地址錯誤")
    assert (new.replaces, new.number) == (document, "第1140000002號")
    html = []
    monkeypatch.setattr(typesetting, "html_to_pdf", lambda text: html.append(text) or quick_pdf)
    services.render_document(pk=str(new.pk), now=now)
    assert "更正並取代本辦公室產發字第1140000001號函" in html[0]
    with pytest.raises(ValueError, match="尚未被更正"):
        services.reissue(document=document, context=again, actor=user, now=now, reason="再一次")


def test_a_book_waits_for_the_documents_it_appends(
    letters, now, quick_pdf, queued, django_capture_on_commit_callbacks
):
    plan = ask(now, "plan", numbered=None)
    book = ask(now, "case_book", numbered=None, attachments=[services.Attachment("計畫書", document=plan)])
    assert services.render_document(pk=str(book.pk), now=now) == "waiting"
    assert services.sweep(queue=PROMPT, now=now + timedelta(minutes=5))["documents"] == 1
    queued.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.render_document(pk=str(plan.pk), now=now)
    assert ("documents.render_document", str(book.pk)) in queued
    assert services.render_document(pk=str(book.pk), now=now) == "issued"


def test_a_damaged_attachment_stops_the_document(letters, now, quick_pdf):
    stored = services.store_bytes(
        content=quick_pdf, name="甲.pdf", content_type="application/pdf", actor=None, now=now
    )
    document = ask(now, "case_book", numbered=None, attachments=[stored])
    with open(stored.file.path, "ab") as handle:
        handle.write(b"!")
    with pytest.raises(services.FileDamaged, match=r"甲\.pdf"):
        services.open_verified(stored)
    assert services.render_document(pk=str(document.pk), now=now) == "retry"
    document.refresh_from_db()
    assert "與存檔時不同" in document.error


def test_stored_names_come_from_the_hash_and_never_from_the_user(now):
    stored = services.store_bytes(
        content=b"x", name="../../etc/pass\x00wd.pdf", content_type="application/pdf", actor=None, now=now
    )
    assert stored.original_name == "passwd.pdf"
    assert stored.file.name == f"{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.pk}"


# ---- batches ------------------------------------------------------------------------------------


def batch_of(now, actor, count=3):
    """A batch of return letters."""
    requests = [
        services.LetterRequest(samples.context("return", today=now.date()), contexts.Recipient(f"公司{n}"))
        for n in range(1, count + 1)
    ]
    return services.request_batch(title="退件", requests=requests, actor=actor, now=now, numbered="產發")


def test_a_batch_goes_on_past_a_failure_and_is_merged_again_after_the_retry(
    letters, now, quick_pdf, queued, make_user, monkeypatch, django_capture_on_commit_callbacks
):
    batch = batch_of(now, make_user())
    rows = list(batch.documents.order_by("batch_position"))
    assert [row.number for row in rows] == ["第1140000001號", "第1140000002號", "第1140000003號"]

    def typeset(row):
        if row.pk == rows[1].pk:
            raise OSError("字型損壞")
        return quick_pdf

    monkeypatch.setattr(rendering, "typeset", typeset)
    assert services.merge_batch(pk=str(batch.pk), now=now) == "open"
    queued.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for row in rows:
            while services.render_document(pk=str(row.pk), now=now) == "retry":
                pass
    assert queued.count(("documents.merge_batch", str(batch.pk))) >= 1
    assert services.merge_batch(pk=str(batch.pk), now=now) == "merged"
    assert services.merge_batch(pk=str(batch.pk), now=now) == "current"
    batch.refresh_from_db()
    assert batch.merged_count == 2

    monkeypatch.setattr(rendering, "typeset", lambda row: quick_pdf)
    assert services.retry_batch(batch=batch, actor=make_user(), now=now) == 1
    assert services.retry_batch(batch=batch, actor=make_user(), now=now) == 0
    services.render_document(pk=str(rows[1].pk), now=now)
    assert services.sweep(queue=BULK, now=now)["batches"] == 1
    assert services.merge_batch(pk=str(batch.pk), now=now) == "merged"
    batch.refresh_from_db()
    assert batch.merged_count == 3


def test_a_batch_is_all_or_nothing(letters, now, make_user, monkeypatch):
    user = make_user()
    bad = services.LetterRequest(samples.context("rejection", today=now.date()), contexts.Recipient("x"))
    good = services.LetterRequest(samples.context("return", today=now.date()), contexts.Recipient("y"))
    from documents.services import requests

    real = requests.resolve_wording

    def refuse(*, context):
        if context.kind == "rejection":
            raise WordingRefused("欄位")
        return real(context=context)

    monkeypatch.setattr(requests, "resolve_wording", refuse)
    with pytest.raises(WordingRefused):
        services.request_batch(title="t", requests=[good, bad], actor=user, now=now, numbered="產發")
    assert (Batch.objects.count(), OfficialDocument.objects.count(), NumberSeries.objects.count()) == (
        0,
        0,
        0,
    )


# ---- wording ------------------------------------------------------------------------------------


def test_loading_the_default_wording_twice_changes_nothing(letters, now):
    assert services.load_letter_templates(now=now) == 0


def test_an_edit_is_a_new_version_and_old_documents_keep_theirs(letters, now, make_user):
    from documents.models import LetterTemplate
    from documents.services.templates import TEXT_FIELDS

    before = ask(now)
    current = LetterTemplate.objects.get(kind="return", is_current=True)
    texts = {name: getattr(current, name) for name in TEXT_FIELDS}
    user = make_user()
    same = services.save_template(kind="return", texts=texts, note="", actor=user, now=now)
    assert same == current
    texts["subject"] = "新主旨 {案號}"
    saved = services.save_template(kind="return", texts=texts, note="改主旨", actor=user, now=now)
    assert (saved.version, saved.is_current) == (2, True)
    assert ask(now).subject == "新主旨 IPAS-114-0007"
    before.refresh_from_db()
    assert before.template_version == 1
    with pytest.raises(WordingRefused, match="password"):
        services.save_template(
            kind="return", texts=texts | {"body": "{password}"}, note="", actor=user, now=now
        )


# ---- mail ---------------------------------------------------------------------------------------


def test_mail_goes_out_once(now, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = services.queue_mail(to="a@example.test", subject="案件\nA1", body="x", now=now, once_key="k")
        second = services.queue_mail(to="a@example.test", subject="案件 A1", body="x", now=now, once_key="k")
    assert first == second
    assert queued == [("documents.send_mail", str(first.pk))]
    assert services.send_mail(pk=str(first.pk), now=now) == "sent"
    assert services.send_mail(pk=str(first.pk), now=now) == "skipped"
    assert [m.subject for m in mail.outbox] == ["案件 A1"]


def test_a_key_with_a_very_long_address_still_tells_its_mails_apart(now, queued):
    start = "submission:1:" + "a" * 64 + "@" + "b" * 60 + "."
    mails = [
        services.queue_mail(to="a@example.test", subject="x", body="x", now=now, once_key=start + end)
        for end in ("one.test", "two.test", "one.test")
    ]
    assert len({m.pk for m in mails}) == 2
    assert all(len(m.once_key) <= OutgoingMail._meta.get_field("once_key").max_length for m in mails)


def test_mail_waits_longer_each_time_and_is_given_up_visibly(now, monkeypatch):
    def refuse(self):
        raise OSError("no server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    row = services.queue_mail(to="a@example.test", subject="s", body="b", now=now)
    moment = now
    outcomes = []
    for _ in range(6):
        outcomes.append(services.send_mail(pk=str(row.pk), now=moment))
        assert services.send_mail(pk=str(row.pk), now=moment) == "skipped"
        moment += timedelta(hours=1)
    assert outcomes == ["retry"] * 5 + ["failed"]
    row = OutgoingMail.objects.get()
    assert (row.state, row.attempts) == ("failed", 6)
    assert "no server" in row.error
    assert services.sweep(queue=PROMPT, now=moment)["mails"] == 0
