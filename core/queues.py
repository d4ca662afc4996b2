"""The two queues of background work, and in which of them stands what is asked for now.

Whoever waits for one paper or one mail never waits behind a thousand: each queue has workers of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PROMPT = "prompt"  # somebody waits for it and it is short: one paper, one mail, the confirmation of a meeting
BULK = "bulk"  # batches, their merged file and mails, what grows with the number of cases, what beat does by itself
QUEUES = (PROMPT, BULK)

_current: ContextVar[str] = ContextVar("queue", default=PROMPT)


def current() -> str:
    """The queue for what is asked for now: that of the enclosing ``using``, else ``PROMPT``."""
    return _current.get()


@contextmanager
def using(queue: str) -> Iterator[None]:
    """Papers and mails that are asked for inside stand in ``queue``; their rows remember it. Also a decorator."""
    token = _current.set(queue)
    try:
        yield
    finally:
        _current.reset(token)
