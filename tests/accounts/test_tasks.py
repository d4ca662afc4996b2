"""What beat does for accounts."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from accounts.tasks import clear_sessions
from core import clock

pytestmark = pytest.mark.django_db


def test_sessions_that_are_over_are_deleted_others_stay() -> None:
    """Whoever posts without a login leaves a row behind; it must not stay for ever."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    over, alive = store(), store()
    for one in (over, alive):
        one["kept_sections"] = {"/cases/": "words"}
        one.save()
    Session.objects.filter(pk=over.session_key).update(expire_date=clock.now() - timedelta(days=1))
    clear_sessions()
    clear_sessions()
    assert [one.pk for one in Session.objects.all()] == [alive.session_key]
