"""A transition table as data, and findings."""

from __future__ import annotations

import pytest

from core.findings import Finding, Severity, stops_submission
from core.workflow import Machine, TransitionRefused, row

DOOR = Machine(
    name="door",
    initial="closed",
    transitions=(
        row("open", "closed", "open", by="office", label="開門"),
        row("close", "open", "closed", by="office", label="關門"),
        row("seal", ("open", "closed"), "sealed", by="supervisor", label="封門"),
    ),
    turn={"closed": "office", "sealed": ""},
)


def test_an_action_leads_where_the_table_says():
    assert DOOR.transition("closed", "open").target == "open"
    assert {DOOR.transition(state, "seal").target for state in ("open", "closed")} == {"sealed"}


@pytest.mark.parametrize(
    ("state", "action"), [("open", "open"), ("sealed", "open"), ("closed", "fly"), ("", "open")]
)
def test_any_other_action_is_refused_in_words_for_the_user(state, action):
    assert not DOOR.allows(state, action)
    with pytest.raises(TransitionRefused, match="請重新整理頁面"):
        DOOR.transition(state, action)


def test_states_are_listed_once_with_the_initial_one_first():
    assert DOOR.states() == ["closed", "open", "sealed"]


def test_only_errors_stop_a_submission():
    findings = [Finding("B2", "貳.三(二)", severity, "…") for severity in Severity]
    assert stops_submission(findings)
    assert not stops_submission([f for f in findings if f.severity is not Severity.ERROR])


@pytest.mark.parametrize(
    ("where", "section"),
    [("budget[2].subsidy", "budget"), ("company.ubn", "company"), ("trainees", "trainees"), ("", "")],
)
def test_a_finding_names_the_section_that_mends_it(where, section):
    assert Finding("B2", "貳.三(二)", Severity.ERROR, "…", where=where).section == section
