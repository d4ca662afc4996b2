"""Trying a draft on the handed-in cases of an earlier call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications import tryout
from applications.enums import CaseState
from programs import tryouts
from programs.models import Call, TryOut
from programs.rules.facts import CaseFacts, Milestone
from programs.selectors.drafts import read_draft
from programs.services import drafts as service
from programs.services.drafts import start_draft
from tests import factories, personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Call:
    return factories.make_call()


@pytest.fixture
def cases(call: Call) -> list[Any]:
    """Four handed-in cases (one with employees enough to matter), one withdrawn and one still a draft."""
    made = []
    for ubn in ("00501503", "12345675", "10458574", "04595252"):
        organisation = personas.make_organisation(ubn, f"範例 {ubn} 公司")
        made.append(factories.make_case(call=call, organisation=organisation, state=CaseState.SUBMITTED))
    factories.make_case(call=call, organisation=personas.rival())
    return made


def draft_with(call: Call, rule: str, **params: Any) -> Any:
    draft = start_draft(
        source=call.current_terms,
        name="115年度徵案",
        roc_year=115,
        opens_on=(call.opens_at + timedelta(days=365)).date(),
        actor=personas.make_office(),
        now=factories.now(),
    )
    part = next(r for r in read_draft(draft).rules if r.data["id"] == rule)
    service.save_part(
        draft=draft,
        key="rule",
        number=part.number,
        data=part.data | {"params": part.data["params"] | params},
        base_version=0,
        actor=personas.make_office(),
        now=factories.now(),
    )
    return type(draft).objects.get(pk=draft.pk)


def tried(draft: Any, call: Call) -> TryOut:
    asked = tryouts.ask(
        draft=draft,
        data=read_draft(draft).data,
        call=call,
        actor=personas.make_office(),
        now=factories.now(),
    )
    assert tryouts.run(pk=asked.pk, now=factories.now) == "done"
    asked.refresh_from_db()
    return asked


def test_terms_that_only_moved_in_time_fail_nobody(call, cases):
    trial = tried(draft_with(call, "T3", minimum=120), call)
    assert (trial.result["total"], trial.result["failing"], trial.result["newly"]) == (4, 0, 0)
    assert (trial.done, trial.total, trial.finished_at is not None) == (4, 4, True)


def test_B4_so_many_of_last_years_cases_would_have_failed_the_rule(call, cases):
    from applications.selectors import facts
    from programs.rules.check import requested_subsidy

    asked = [requested_subsidy(facts(case)) for case in cases]
    cases[0].budget_lines.update(subsidy=0)
    trial = tried(draft_with(call, "B4", maximum=max(asked) - 1), call)
    (line,) = [r for r in trial.result["rules"] if r["rule"] == "B4"]
    failing = sum(amount == max(asked) for amount in asked[1:])
    assert (line["then"], line["now"]) == (failing, 0)
    assert {c["number"] for c in line["cases"]} == {case.number for case in cases[1:]}
    assert all(c["new"] for c in line["cases"])
    assert "超過每家公司上限" in line["cases"][0]["message"]


def test_a_trial_writes_nothing_about_the_cases(call, cases):
    before = [(c.terms_id, c.updated_at) for c in cases]
    tried(draft_with(call, "T3", minimum=500), call)
    for case, was in zip(cases, before, strict=True):
        case.refresh_from_db()
        assert (case.terms_id, case.updated_at) == was


def test_a_trial_that_was_lost_is_taken_up_again_and_runs_once(call, cases):
    draft = draft_with(call, "T3", minimum=120)
    asked = TryOut.objects.create(
        draft=draft, call=call, data=read_draft(draft).data, asked_at=factories.now() - timedelta(minutes=5)
    )
    assert tryouts.sweep(now=factories.now()) == 1
    asked.refresh_from_db()
    if asked.finished_at is None:
        assert tryouts.run(pk=asked.pk, now=factories.now) == "done"
    assert tryouts.run(pk=asked.pk, now=factories.now) == "skipped"
    assert tryouts.sweep(now=factories.now()) == 0


def test_a_trial_that_somebody_works_on_is_left_alone(call, cases):
    draft = draft_with(call, "T3", minimum=120)
    asked = TryOut.objects.create(
        draft=draft,
        call=call,
        data=read_draft(draft).data,
        asked_at=factories.now(),
        lease_until=factories.now() + timedelta(minutes=1),
    )
    assert tryouts.run(pk=asked.pk, now=factories.now) == "skipped"


def test_terms_with_problems_and_calls_without_cases_are_refused_in_words(call, cases):
    draft = draft_with(call, "T3", minimum="很多")
    with pytest.raises(ValidationError, match="修正"):
        tryouts.ask(
            draft=draft,
            data=read_draft(draft).data,
            call=call,
            actor=personas.make_office(),
            now=factories.now(),
        )
    empty = factories.make_call(slug="empty")
    good = draft_with(call, "T3", minimum=120)
    with pytest.raises(ValidationError, match="選擇"):
        tryouts.ask(
            draft=good,
            data=read_draft(good).data,
            call=empty,
            actor=personas.make_office(),
            now=factories.now(),
        )


def test_only_those_who_may_see_cases_try_on_them(call, cases):
    draft = draft_with(call, "T3", minimum=130)
    trial = tried(draft, call)
    address = reverse("designer:trial", args=[draft.pk, trial.pk])
    office = personas.client_for(personas.make_office()).get(address).content.decode()
    assert cases[0].number in office
    administrator = personas.client_for(personas.make_administrator())
    page = administrator.get(address).content.decode()
    assert "件不符合 T3" in page
    assert cases[0].number not in page
    answer = administrator.post(reverse("designer:try", args=[draft.pk]), {"call": call.slug})
    assert answer["Location"] == reverse("designer:draft", args=[draft.pk])


def test_the_pages_of_a_trial_show_progress_then_the_answer(call, cases):
    office = personas.client_for(personas.make_office())
    draft = draft_with(call, "T3", minimum=500)
    answer = office.post(reverse("designer:try", args=[draft.pk]), {"call": call.slug})
    trial = TryOut.objects.get()
    assert answer["Location"] == reverse("designer:trial", args=[draft.pk, trial.pk])
    bar = office.get(reverse("designer:trial_progress", args=[draft.pk, trial.pk])).content.decode()
    assert "試算" in bar
    if trial.finished_at is None:
        tryouts.run(pk=trial.pk, now=factories.now)
    page = office.get(answer["Location"]).content.decode()
    assert "4 件中有 4 件不符合 T3" in page


def test_queries_of_a_trial_do_not_grow_with_the_cases(call, cases, django_assert_max_num_queries):
    draft = draft_with(call, "T3", minimum=120)
    asked = TryOut.objects.create(
        draft=draft, call=call, data=read_draft(draft).data, asked_at=factories.now()
    )
    with django_assert_max_num_queries(30):
        tryouts.run(pk=asked.pk, now=factories.now)


def test_every_date_of_a_case_moves_with_the_opening_day():
    known = CaseFacts(
        starts_on=factories.now().date(), schedule=(Milestone(name="a", ends_on=factories.now().date()),)
    )
    moved = tryout.moved_facts(known, timedelta(days=365))
    assert moved.starts_on == known.starts_on + timedelta(days=365)
    assert moved.schedule[0].ends_on == known.schedule[0].ends_on + timedelta(days=365)
