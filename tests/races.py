"""What tests need to let two things happen at once: a worker during a page, several people in one moment.

:func:`at_each_query` interleaves on one connection, on every database; :func:`at_once` and :func:`held` use threads
and need a database with row locks.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

T = TypeVar("T")
WAIT = 30  # seconds until a thread that does not come is given up

#: For modules whose tests use threads.
needs_row_locks = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="an SQLite database in memory has one connection"
    ),
]


def at_each_query(look: Callable[[], T], work: Callable[[], object]) -> Iterator[tuple[int, T]]:
    """What ``look`` gives, once for each of its queries, with ``work`` done just before that query.

    ``work`` is another person or a worker: it may write although ``look`` may not. Rolled back after each.
    """
    with CaptureQueriesContext(connection) as counted:
        look()
    assert len(counted) > 0
    for place in range(len(counted)):
        with transaction.atomic():
            yield place, _interrupted(look, work, place)
            transaction.set_rollback(True)


def _interrupted(look: Callable[[], T], work: Callable[[], object], place: int) -> T:
    asked, done = 0, False

    def interrupt(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal asked, done
        asked += 1
        if asked == place + 1:
            of_the_page = connection.execute_wrappers[:]
            connection.execute_wrappers.clear()
            try:
                work()
            finally:
                connection.execute_wrappers[:] = of_the_page
            done = True
        return execute(*args)

    with connection.execute_wrapper(interrupt):
        seen = look()
    assert done, f"there was no query {place}"
    return seen


def goes_on(html: str, *results: str) -> bool:
    """Whether a page shows one of its ``results``, or asks again by itself."""
    return any(result in html for result in results) or 'hx-trigger="every' in html


def assert_downloads_answer(client: Client, html: str) -> None:
    """Every download that a page offers is there."""
    for address in set(re.findall(r'href="([^"]*/(?:download|merged)/)"', html)):
        answer = client.get(address)
        assert answer.status_code == 200, address
        b"".join(answer)  # read to its end it closes itself, and not the test's connection


def at_once(*works: Callable[[], T]) -> list[T | str]:
    """What each work gives, begun in the same moment in a thread and connection of its own; what it raises by its class."""
    barrier: threading.Barrier = threading.Barrier(len(works))
    said: list[Any] = ["not ended"] * len(works)

    def run(place: int, work: Callable[[], T]) -> None:
        try:
            barrier.wait(WAIT)
            said[place] = work()
        except Exception as refused:
            said[place] = type(refused).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT)
    assert connection.vendor == "postgresql"
    return said


@contextlib.contextmanager
def held(first: Callable[[], object]) -> Iterator[Callable[[Callable[[], T]], list[Any]]]:
    """``first`` is done but not committed; the second, called in the block, waits for its locks until it is.

    Gives a function that begins the second in a thread, waits until the database says that it waits for a lock
    (or that it has ended), and returns a list that holds what it said after the block.
    """
    said: list[Any] = []
    threads: list[threading.Thread] = []

    def begin(second: Callable[[], T]) -> list[Any]:
        backend: list[int] = []
        started = threading.Event()

        def run() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    backend.append(cursor.fetchone()[0])
                started.set()
                said.append(second())
            except Exception as refused:
                said.append(type(refused).__name__)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        threads.append(thread)
        thread.start()
        assert started.wait(WAIT)
        while thread.is_alive() and not _waits(backend[0]):
            thread.join(0.01)
        return said

    with transaction.atomic():
        first()
        yield begin
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive(), "the second still waits"


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
