"""No broker in these tests: mails are rows."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails stay rows, and no limit of another test counts here."""
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)
    cache.clear()
