"""What the tests that walk through the whole portal share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.architecture import world as worlds


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[worlds.World]:
    """Everybody and everything, built once for a module; each request leaves it as it was."""
    with django_db_blocker.unblock(), worlds.built() as made:  # type: ignore[attr-defined]
        yield made
