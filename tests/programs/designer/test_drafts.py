"""Writing a draft: beginning, saving side by side, publishing, the next version, and the end of a call."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from applications.models import Case
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from programs.enums import CallState, DraftState
from programs.models import BudgetAmount, Call, CallDraft, CallFunding, DraftPart, Plan, PlanPart
from programs.selectors.drafts import read_draft
from programs.services import drafts as service
from programs.services import extend_window, new_terms_version, publishing
from programs.services.calls import TermsFrozen
from tests import factories, personas
from tests.programs.rules.builders import ROOT

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


@pytest.fixture
def call() -> Call:
    return factories.make_call()


@pytest.fixture
def actor() -> Any:
    return personas.make_office()


def next_year(call: Call, actor: Any, name: str = "115年度徵案") -> CallDraft:
    opens = (call.opens_at + timedelta(days=365)).astimezone(TAIPEI).date()
    return service.start_draft(
        source=call.current_terms,
        name=name,
        roc_year=115,
        opens_on=opens,
        actor=actor,
        now=factories.now(),
    )


def save(
    draft: CallDraft, key: str, actor: Any, *, base: int = 0, tab: str = "", **changes: Any
) -> DraftPart:
    part = draft.parts.get(key=key, number=0)
    return service.save_part(
        draft=draft,
        key=key,
        data=part.data | changes,
        base_version=base,
        actor=actor,
        now=factories.now(),
        tab=tab,
    )


def publish(draft: CallDraft, actor: Any, note: str = "") -> Any:
    return publishing.publish_draft(
        draft=draft,
        seen=publishing.stamp(read_draft(draft)),
        change_note=note,
        actor=actor,
        now=factories.now(),
    )


def test_a_new_call_is_a_copy_with_every_date_moved(call, actor):
    draft = next_year(call, actor)
    data = read_draft(draft).data
    assert data["name"] == "115年度徵案"
    moved = date.fromisoformat(data["timetable"][0]["starts_on"])
    was = date.fromisoformat(call.current_terms.data["timetable"][0]["starts_on"])
    assert moved - was == timedelta(days=365)
    assert read_draft(draft).problems == []


def test_two_drafts_for_the_same_year_get_different_addresses(call, actor):
    assert next_year(call, actor).slug == "ipas-115"
    assert next_year(call, actor).slug == "ipas-115-2"


def test_a_date_out_of_the_calendar_is_refused_in_words(call, actor):
    with pytest.raises(ValidationError, match="太遠"):
        service.start_draft(
            source=call.current_terms,
            name="x",
            roc_year=115,
            opens_on=date(9999, 12, 1),
            actor=actor,
            now=factories.now(),
        )


def test_two_people_work_on_different_parts_and_neither_loses_a_word(call, actor):
    draft = next_year(call, actor)
    other = personas.make_administrator()
    save(draft, "basics", actor, summary="甲寫的摘要")
    save(draft, "money", other, envelope=7_000_000)
    data = read_draft(CallDraft.objects.get(pk=draft.pk)).data
    assert (data["summary"], data["envelope"]) == ("甲寫的摘要", 7_000_000)


def test_the_second_to_save_the_same_part_is_told_and_nothing_is_overwritten(call, actor):
    draft = next_year(call, actor)
    save(draft, "basics", actor, summary="甲")
    with pytest.raises(service.DraftConflict) as told:
        save(draft, "basics", personas.make_administrator(), summary="乙")
    assert told.value.part.data["summary"] == "甲"
    assert told.value.part.saved_by == actor


def test_the_same_content_again_and_the_same_open_page_never_conflict(call, actor):
    draft = next_year(call, actor)
    first = save(draft, "basics", actor, tab="a", summary="一")
    assert save(draft, "basics", actor, summary="一").version == first.version == 1
    assert save(draft, "basics", actor, tab="a", summary="二").version == 2


def test_what_cannot_be_published_is_saved_all_the_same(call, actor):
    draft = next_year(call, actor)
    save(draft, "money", actor, envelope="很多")
    assert [(p.path, p.part) for p in read_draft(draft).problems] == [("envelope", "money")]


def test_publishing_makes_a_call_with_frozen_terms_as_version_1(call, actor):
    version = publish(next_year(call, actor), actor)
    made = Call.objects.get(slug="ipas-115")
    assert (made.state, made.current_terms, version.version) == (CallState.PUBLISHED, version, 1)
    assert version.frozen_at is not None
    assert CallDraft.objects.get().state == DraftState.PUBLISHED


def test_of_two_who_publish_one_wins_and_the_other_is_told_who(call, actor):
    draft = next_year(call, actor)
    publish(draft, actor)
    with pytest.raises(TransitionRefused, match=f"{actor}.*公告"):
        publish(draft, personas.make_administrator())
    assert Call.objects.filter(slug="ipas-115").count() == 1


def test_a_change_after_the_confirming_page_was_opened_stops_the_publication(call, actor):
    draft = next_year(call, actor)
    seen = publishing.stamp(read_draft(draft))
    save(draft, "basics", actor, summary="後來改的")
    with pytest.raises(publishing.DraftMoved):
        publishing.publish_draft(draft=draft, seen=seen, change_note="", actor=actor, now=factories.now())
    assert not Call.objects.filter(slug="ipas-115").exists()


def test_terms_with_problems_are_not_published(call, actor):
    draft = next_year(call, actor)
    criteria = read_draft(draft).data["criteria"]
    criteria[0] = criteria[0] | {"weight": "39.5"}
    save(draft, "criteria", actor, criteria=criteria)
    with pytest.raises(publishing.DraftRefused) as refused:
        publish(draft, actor)
    assert [p.path for p in refused.value.problems] == ["criteria[0].weight"]


def test_a_rule_whose_parameter_is_missing_is_named_at_the_rule(call, actor):
    draft = next_year(call, actor)
    added = service.add_rule(draft=draft, kind="min_hours", actor=actor, now=factories.now())
    read = read_draft(CallDraft.objects.get(pk=draft.pk))
    place = read.place_of_rule(added.number)
    assert added.data["id"] == "T9"
    assert {p.path for p in read.problems} == {f"rules[{place}].params.minimum", f"rules[{place}].clause"}
    assert [r.data["id"] for r in read.rules][place - 1] == "T8"


def test_rules_are_moved_within_their_subject_and_removed(call, actor):
    draft = next_year(call, actor)
    ids = [r.data["id"] for r in read_draft(draft).rules]
    second = read_draft(draft).rules[ids.index("T2")]
    service.move_rule(draft=draft, number=second.number, now=factories.now())
    service.move_rule(draft=draft, number=second.number, now=factories.now())
    again = [r.data["id"] for r in read_draft(CallDraft.objects.get(pk=draft.pk)).rules]
    assert again.index("T2") == ids.index("T1")
    service.remove_rule(draft=draft, number=second.number, now=factories.now())
    service.remove_rule(draft=draft, number=second.number, now=factories.now())
    assert "T2" not in [r.data["id"] for r in read_draft(CallDraft.objects.get(pk=draft.pk)).rules]


# Versions ------------------------------------------------------------------------------------------------


def test_frozen_terms_never_change_under_a_case(call, actor):
    case = factories.make_case(call=call)
    before = (case.terms_id, case.terms.digest, case.terms.data)
    draft = service.revise_call(call=call, actor=actor, now=factories.now())
    save(draft, "money", actor, envelope=9_000_000)
    version = publish(draft, actor, "補助總經費調整為 9,000,000 元。")
    case.refresh_from_db()
    assert (case.terms_id, case.terms.digest, case.terms.data) == before
    call.refresh_from_db()
    assert (version.version, call.current_terms, call.envelope) == (2, version, 9_000_000)
    later = factories.make_case(call=Call.objects.get(pk=call.pk), organisation=personas.rival())
    assert later.terms == version


def test_a_new_version_needs_a_public_note(call, actor):
    draft = service.revise_call(call=call, actor=actor, now=factories.now())
    with pytest.raises(ValidationError, match="公開"):
        publish(draft, actor, "  ")
    assert call.versions.count() == 1


def test_a_call_has_one_working_copy(call, actor):
    first = service.revise_call(call=call, actor=actor, now=factories.now())
    assert service.revise_call(call=call, actor=personas.make_administrator(), now=factories.now()) == first


def test_a_version_that_came_in_between_stops_the_publication(call, actor):
    draft = service.revise_call(call=call, actor=actor, now=factories.now())
    new_terms_version(
        call=call, data=call.current_terms.data, change_note="另一版", actor=actor, now=factories.now()
    )
    with pytest.raises(TransitionRefused, match="另一版"):
        publish(draft, actor, "說明")


def test_S1_a_window_that_was_announced_is_not_shortened(call, actor):
    draft = service.revise_call(call=call, actor=actor, now=factories.now())
    window = read_draft(draft).data["window"]
    earlier = (call.closes_at - timedelta(seconds=1)).isoformat()
    save(draft, "timetable", actor, window=window | {"closes_at": earlier})
    assert [p.path for p in read_draft(CallDraft.objects.get(pk=draft.pk)).problems] == ["window.closes_at"]
    later = (call.closes_at + timedelta(days=3)).isoformat()
    save(draft, "timetable", actor, base=1, window=window | {"closes_at": later})
    publish(CallDraft.objects.get(pk=draft.pk), actor, "受理截止延後三天。")
    call.refresh_from_db()
    assert call.effective_closes_at == call.closes_at


# The envelope --------------------------------------------------------------------------------------------


@pytest.fixture
def plan_part() -> PlanPart:
    plan = Plan.objects.create(code="P-1", name="示範計畫", ministry="示範部", from_year=114, to_year=117)
    root = PlanPart.objects.create(plan=plan, level="plan", name="示範計畫")
    part = PlanPart.objects.create(
        plan=plan, parent=root, level="sub_programme", number="3", name="細部計畫三"
    )
    BudgetAmount.objects.create(
        part=part, year=115, stage="approved", category="recurrent_other", amount=20_000
    )
    return part


@pytest.mark.parametrize(("envelope", "fits"), [(20_000_000, True), (20_000_001, False)])
def test_an_envelope_cannot_exceed_what_is_free(call, actor, plan_part, envelope, fits):
    draft = next_year(call, actor)
    service.choose_budget(draft=draft, part=plan_part, year=115, now=factories.now())
    save(draft, "money", actor, envelope=envelope)
    draft = CallDraft.objects.get(pk=draft.pk)
    if fits:
        version = publish(draft, actor)
        assert CallFunding.objects.get(call=version.call).dollars == envelope
        return
    with pytest.raises(publishing.DraftRefused) as refused:
        publish(draft, actor)
    (problem,) = refused.value.problems
    assert (problem.path, problem.part) == ("envelope", "money")
    assert "20,000,000 元，請減少 1 元" in problem.reason
    assert not Call.objects.filter(slug="ipas-115").exists()


def test_RA3_heads_above_what_is_free_are_told_in_heads(actor, plan_part):
    draft = service.start_draft(
        source=ROOT / "fixtures" / "schemes" / "raise.yaml",
        name="115年度員額徵案",
        roc_year=115,
        opens_on=date(2026, 2, 9),
        actor=actor,
        now=factories.now(),
    )
    service.choose_budget(draft=draft, part=plan_part, year=115, now=factories.now())
    (problem,) = read_draft(CallDraft.objects.get(pk=draft.pk)).problems
    assert "請改為 19 名以內（每名以 1,050,000 元計）" in problem.reason


# The end of a call ---------------------------------------------------------------------------------------


def test_a_call_is_closed_only_after_its_results_and_then_changes_no_more(call, actor):
    now = call.effective_closes_at + A_DAY
    with pytest.raises(ValidationError, match="核定名單"):
        publishing.close_call(call=call, actor=actor, now=now)
    Call.objects.filter(pk=call.pk).update(results_published_at=now)
    closed = publishing.close_call(call=call, actor=actor, now=now)
    assert closed.state == CallState.CLOSED
    with pytest.raises(ValidationError, match="結案"):
        service.revise_call(call=closed, actor=actor, now=now)
    with pytest.raises(TermsFrozen, match="結案"):
        new_terms_version(call=closed, data=call.current_terms.data, change_note="x", actor=actor, now=now)
    with pytest.raises(ValidationError):
        extend_window(call=closed, closes_at=now + timedelta(days=90), reason="x", actor=actor, now=now)


@pytest.mark.parametrize(("state", "stays"), [("submitted", True), ("reviewed", True), ("returned", False)])
def test_a_case_without_a_decision_keeps_a_call_from_being_closed(call, actor, state, stays):
    now = call.effective_closes_at + A_DAY
    case = factories.make_case(call=call)
    Case.objects.filter(pk=case.pk).update(state=state, number="X-1", submitted_at=now, received_at=now)
    Call.objects.filter(pk=call.pk).update(results_published_at=now)
    if stays:
        with pytest.raises(ValidationError, match="還有 1 件"):
            publishing.close_call(call=call, actor=actor, now=now)
    else:
        assert publishing.close_call(call=call, actor=actor, now=now).state == CallState.CLOSED


def test_S1_a_call_is_not_closed_before_its_window_ends(call, actor):
    now = factories.now()
    Call.objects.filter(pk=call.pk).update(results_published_at=now)
    with pytest.raises(ValidationError, match="才截止"):
        publishing.close_call(call=call, actor=actor, now=now)


def test_an_open_working_copy_keeps_a_call_from_being_closed(call, actor):
    now = call.effective_closes_at + A_DAY
    Call.objects.filter(pk=call.pk).update(results_published_at=now)
    service.revise_call(call=call, actor=actor, now=factories.now())
    with pytest.raises(ValidationError, match="草稿"):
        publishing.close_call(call=call, actor=actor, now=now)


def test_an_archived_call_leaves_the_public_list_but_can_be_read(call, actor, client):
    now = call.effective_closes_at + A_DAY
    Call.objects.filter(pk=call.pk).update(results_published_at=now)
    closed = publishing.close_call(call=call, actor=actor, now=now)
    assert call.name in client.get("/calls/").content.decode()
    publishing.archive_call(call=closed, actor=actor, now=now)
    assert call.name not in client.get("/calls/").content.decode()
    assert client.get(f"/calls/{call.slug}/").status_code == 200
    publishing.unarchive_call(call=closed, actor=actor, now=now)
    assert call.name in client.get("/calls/").content.decode()
    with pytest.raises(ValidationError, match="理由"):
        publishing.reopen_call(call=closed, actor=actor, now=now, reason=" ")
    assert (
        publishing.reopen_call(call=closed, actor=actor, now=now, reason="誤按").state == CallState.PUBLISHED
    )


def test_a_draft_that_is_given_up_changes_nothing_and_can_not_be_edited(call, actor):
    draft = next_year(call, actor)
    service.discard_draft(draft=draft, actor=actor, now=factories.now())
    with pytest.raises(TransitionRefused, match="捨棄"):
        save(draft, "basics", actor, summary="x")
    assert Call.objects.count() == 1
