"""Saving a section: versions, replays, drafts, permissions; and starting a case."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from applications import permissions, selectors
from applications.enums import CaseState, Section
from applications.models import Case, SectionDraft, SectionState
from applications.selectors.content import read_section
from applications.services import sections
from applications.services.cases import start_case
from core.findings import Severity
from tests import factories, personas

pytestmark = pytest.mark.django_db


def save(case: Case, section: str, content: dict[str, Any], base: int, actor: Any = None) -> SectionState:
    return sections.save_section(
        case=case,
        section=section,
        cleaned=content,
        base_version=base,
        actor=actor or personas.make_company(),
        now=factories.now(),
    )


def test_a_valid_case_has_no_finding_that_stops_it() -> None:
    case = factories.make_case()
    found = selectors.findings(case, factories.now())
    assert [f for f in found if f.severity is Severity.ERROR] == []
    assert {line.state for line in selectors.section_progress(case, found)} == {"done"}


def test_an_empty_case_has_everything_to_do_but_the_company() -> None:
    case = factories.make_case(valid=False)
    lines = selectors.section_progress(case, selectors.findings(case, factories.now()))
    assert {line.key for line in lines if line.state == "done"} == {"company"}


def test_facts_and_findings_need_a_bounded_number_of_queries(django_assert_num_queries: Any) -> None:
    small = factories.make_case(students=2, employees=1)
    large = factories.make_case(call=factories.make_call(slug="large"), students=40, employees=20)
    for case in (small, large):
        fresh, now = Case.objects.get(pk=case.pk), factories.now()
        with django_assert_num_queries(12):
            selectors.findings(fresh, now)


def test_an_old_version_conflicts_and_a_replay_does_not() -> None:
    case = factories.make_case()
    content = read_section(case, Section.PLAN)
    content["fields"]["title"] = "新標題"
    assert save(case, Section.PLAN, content, 1).version == 2
    assert save(case, Section.PLAN, content, 1).version == 2
    content["fields"]["title"] = "更新的標題"
    with pytest.raises(sections.SectionConflict):
        save(case, Section.PLAN, content, 1)


def test_rows_keep_their_identity() -> None:
    case = factories.make_case()
    content = read_section(case, Section.TRAINEES)
    before = [row["id"] for row in content["rows"]]
    content["rows"][2]["name"] = "改名"
    del content["rows"][0]
    save(case, Section.TRAINEES, content, 1)
    fresh = Case.objects.get(pk=case.pk)
    assert [row["id"] for row in read_section(fresh, Section.TRAINEES)["rows"]] == before[1:]


def test_saving_uses_up_only_ones_own_draft() -> None:
    case, colleague = factories.make_case(), personas.make_colleague()
    for actor in (personas.make_company(), colleague):
        sections.keep_draft(
            case=case,
            section=Section.PLAN,
            payload={"title": "草\x00稿"},
            base_version=1,
            actor=actor,
            now=factories.now(),
        )
    save(case, Section.PLAN, read_section(case, Section.PLAN), 1)
    draft = SectionDraft.objects.get()
    assert (draft.user, draft.payload["title"]) == (colleague, "草稿")


@pytest.mark.parametrize("state", [s for s in CaseState.values if s not in ("draft", "supplementing")])
def test_nothing_is_editable_in_later_states(state: str) -> None:
    case, company = factories.make_case(state=state), personas.make_company()
    assert permissions.editable_sections(company, case, factories.now()) == set()
    with pytest.raises(PermissionDenied):
        save(case, Section.PLAN, read_section(case, Section.PLAN), 1)


def test_a_supplement_opens_what_it_names() -> None:
    case, company = factories.make_case(state=CaseState.SUPPLEMENTING), personas.make_company()
    factories.open_supplement(case, "trainees[3].planned_hours", "documents.D6")
    assert permissions.editable_sections(company, case, factories.now()) == {
        Section.TRAINEES,
        Section.DOCUMENTS,
    }
    assert permissions.editable_documents(company, case, factories.now()) == {"D6"}
    assert permissions.editable_sections(personas.make_viewer(), case, factories.now()) == set()
    lines = selectors.section_progress(case, selectors.findings(case, factories.now()))
    assert {line.key for line in lines if line.hint == "請補件"} == {"trainees", "documents"}


def test_the_money_of_other_cases_counts_towards_the_companys_cap() -> None:
    """B4 looks at what is handed in; a draft or a withdrawn case asks for nothing."""
    call = factories.make_call()
    factories.make_case(call=call, state=CaseState.SUBMITTED)
    factories.make_case(call=call, state=CaseState.WITHDRAWN)
    case = factories.make_case(call=call)
    assert selectors.load(case).other_subsidy == 400_000  # type: ignore[attr-defined]


def test_only_owners_and_editors_start_a_case() -> None:
    call = factories.make_call()
    for make in (personas.make_viewer, personas.make_outsider, personas.make_office):
        with pytest.raises(PermissionDenied):
            start_case(call=call, organisation=personas.acme(), actor=make(), now=factories.now())
    case = start_case(
        call=call, organisation=personas.acme(), actor=personas.make_colleague(), now=factories.now()
    )
    assert (case.state, case.terms_id) == (CaseState.DRAFT, call.current_terms_id)
