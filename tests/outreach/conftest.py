"""No broker in these tests: mails are rows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails stay rows; no limit of another test counts here, and no minute begins in the middle of one."""
    monkeypatch.setattr("documents.throttle.time", SimpleNamespace(time=lambda: 1_000_000.0))
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)
    cache.clear()
