"""The demo's unfinished draft: something to ask about, and a trial that has run."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from core import clock
from ipas_portal.demo import accounts, designing
from programs.models import CallDraft
from programs.selectors.drafts import read_draft
from tests import factories


@pytest.mark.django_db
def test_the_demo_shows_a_draft_of_next_year_at_work() -> None:
    call_command("load_reference", verbosity=0)
    call = factories.make_call()
    made = designing.build(call=call, cast=accounts.make_cast(), now=clock.now())
    draft = read_draft(CallDraft.objects.get(pk=made.pk))
    assert not draft.problems, "the previews open"
    assert draft.silent == ["B3"]
    assert made.tryouts.get().finished_at is not None
