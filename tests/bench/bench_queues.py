"""How long a receipt takes while a batch of 200 letters is typeset; run by hand, judges nothing.

    .venv/bin/python bin/services .venv/bin/python -m tests.bench.bench_queues

Starts the workers of docker-compose.yml on PostgreSQL and Redis. Prints the median seconds from asking for a receipt
to its PDF, with idle workers and during the batch, and their ratio.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import psycopg2

from tests.workers import in_production, running

LETTERS = 200
TIMES = 5
PATIENCE = 1200  # seconds


def main() -> None:
    """Make a database, ask, measure, drop it."""
    base, name = os.environ["DATABASE_URL"].rsplit("/", 1)
    server = psycopg2.connect(f"{base}/postgres")
    server.autocommit = True
    with tempfile.TemporaryDirectory(prefix="bench-queues-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
            "DATABASE_URL": f"{base}/{name}_bench",
            "JOURNEY_FOLDER": folder,
        }
        for made in ("files", "mail"):
            Path(folder, made).mkdir()
        with server.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}_bench"')
        try:
            measure(Path(folder))
        finally:
            with server.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}_bench" WITH (FORCE)')


def measure(folder: Path) -> None:
    """Idle first, then beside the batch."""
    import django

    django.setup()
    from django.core.management import call_command

    from core.clock import now
    from documents import contexts, samples, services
    from documents.models import OfficialDocument

    call_command("migrate", verbosity=0)
    services.load_letter_templates(now=now())

    def receipt() -> float:
        began = time.perf_counter()
        document = services.request_document(
            context=samples.context("receipt", today=now().date()),
            recipient=samples.RECIPIENT,
            actor=None,
            now=now(),
        )
        while not OfficialDocument.objects.issued().filter(pk=document.pk).exists():
            assert time.perf_counter() - began < PATIENCE, "the receipt is not made"
            time.sleep(0.01)
        return time.perf_counter() - began

    with running(in_production(), database=os.environ["DATABASE_URL"], folder=folder):
        for _ in range(6):  # each process has read its fonts
            receipt()
        idle = statistics.median(receipt() for _ in range(TIMES))
        letter = contexts.Recipient("範例股份有限公司")
        request = services.LetterRequest(samples.context("return", today=now().date()), letter)
        began = time.perf_counter()
        batch = services.request_batch(
            title="退件", requests=[request] * LETTERS, actor=None, now=now(), numbered="產發"
        )
        busy = []
        while len(busy) < TIMES and batch.documents.open().exists():
            busy.append(receipt())
            time.sleep(1)
        while not type(batch).objects.exclude(merged=None).exists():
            assert time.perf_counter() - began < PATIENCE, "the batch is not made"
            time.sleep(0.1)
        whole = time.perf_counter() - began
    print(f"receipt, idle workers        {idle:7.2f} s")
    print(
        f"receipt, beside the batch    {statistics.median(busy):7.2f} s   {statistics.median(busy) / idle:6.1f} ×"
    )
    print(f"the batch, merged            {whole:7.2f} s   {len(busy)} receipts meanwhile")


if __name__ == "__main__":
    main()
