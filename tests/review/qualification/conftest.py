from __future__ import annotations

import pytest

from accounts.models import User
from applications.models import Case
from tests import personas
from tests.review.qualification import support


@pytest.fixture(autouse=True)
def installation(db: None) -> None:
    support.ready()


@pytest.fixture
def case() -> Case:
    return support.handed_in()


@pytest.fixture
def second_officer() -> User:
    return personas.make_user("office2@example.test", "吳承辦", roles=("office",))
