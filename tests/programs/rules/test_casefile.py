"""The case file: complete example, round trip, strict reading with paths."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Severity
from programs.rules.casefile import SCHEMA, CaseFileError, from_json, to_json
from programs.rules.check import check
from programs.rules.facts import (
    Advantage,
    AvoidedReviewer,
    BudgetLine,
    CaseFacts,
    Company,
    Course,
    DocumentFact,
    Eligibility,
    Milestone,
    OtherFunding,
    Outcome,
    Trainee,
)

from .builders import EXAMPLE, ROOT, facts, terms


def example() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return data


def test_the_example_is_complete_and_nothing_stops_it() -> None:
    assert {f.severity for f in check(terms(), from_json(example()))} == {Severity.OK}


def test_the_example_round_trips() -> None:
    assert to_json(from_json(example()), call="ipas-114") == example()


def test_the_documented_example_is_readable() -> None:
    text = (ROOT / "docs" / "case-schema.md").read_text(encoding="utf-8")
    block = text.split("```json\n", 1)[1].split("```", 1)[0]
    assert from_json(json.loads(block)).title


def test_every_finding_names_a_place_in_the_file() -> None:
    sections = set(example()) | {"submission"}
    for case in (CaseFacts(), facts(), facts(trainees=(Trainee(),), budget=(BudgetLine(),))):
        for finding in check(terms(), case):
            assert finding.section in sections, finding


def problems(**changes: Any) -> list[str]:
    with pytest.raises(CaseFileError) as error:
        from_json({**example(), **changes})
    assert error.value.messages == error.value.problems
    return [p.split(":")[0] for p in error.value.problems]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"schema": "ipas-case/2"}, "schema"),
        ({"colour": "red"}, "colour"),
        ({"company": {"uniform": "1"}}, "company.uniform"),
        ({"company": []}, "company"),
        ({"company": {"heads": "85"}}, "company.heads"),
        ({"company": {"heads": 85.0}}, "company.heads"),
        ({"company": {"heads": True}}, "company.heads"),
        ({"company": {"heads": 10**15}}, "company.heads"),
        ({"company": {"name": "甲\x00乙"}}, "company.name"),
        ({"eligibility": {"bank_rejected": "no"}}, "eligibility.bank_rejected"),
        ({"trainees": {}}, "trainees"),
        ({"trainees": [{}, {"planned_hours": "120"}]}, "trainees[1].planned_hours"),
        ({"schedule": {"ends_on": "114/7/10"}}, "schedule.ends_on"),
        ({"schedule": {"milestones": [{"ends_on": 5}]}}, "schedule.milestones[0].ends_on"),
        ({"budget": [{"subsidy": 1.5}]}, "budget[0].subsidy"),
        ({"budget": [{"amount": 1}]}, "budget[0].amount"),
        ({"advantages": [{"claimed": True}]}, "advantages[0].key"),
        ({"documents": {"D4": -1}}, "documents.D4"),
        ({"plan": {"goals": 3}}, "plan.goals"),
    ],
)
def test_bad_files_are_refused_with_the_path(changes: dict[str, Any], path: str) -> None:
    assert problems(**changes) == [path]


def test_all_problems_are_named_at_once() -> None:
    assert problems(company={"heads": "x", "size": 1}, budget=[3]) == [
        "company.size",
        "company.heads",
        "budget[0]",
    ]


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(CaseFileError):
        from_json(data)


def test_a_file_needs_only_its_schema() -> None:
    assert from_json({"schema": SCHEMA}) == CaseFacts()


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
INT = st.integers(-(10**9), 10**9)
DAY = st.dates(date(1950, 1, 1), date(2050, 1, 1))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(cls: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return maybe(st.lists(st.builds(cls, **fields), max_size=3).map(tuple))


CASES = st.builds(
    CaseFacts,
    title=maybe(TEXT),
    starts_on=maybe(DAY),
    ends_on=maybe(DAY),
    applied_on=maybe(DAY),
    company=st.builds(
        Company, ubn=maybe(TEXT), heads=maybe(INT), codes=maybe(st.lists(TEXT, max_size=3).map(tuple))
    ),
    eligibility=st.builds(
        Eligibility, net_worth=maybe(INT), founded_on=maybe(DAY), bank_rejected=maybe(st.booleans())
    ),
    plan=maybe(st.dictionaries(TEXT.filter(lambda k: k != "title"), TEXT, min_size=1, max_size=3)),
    trainees=some(
        Trainee, name=maybe(TEXT), planned_hours=maybe(INT), insured=maybe(st.booleans()), level=TEXT
    ),
    courses=some(Course, name=maybe(TEXT), hours=maybe(INT), site=TEXT),
    schedule=some(Milestone, name=maybe(TEXT), starts_on=maybe(DAY), checkpoint=TEXT),
    budget=some(BudgetLine, account=maybe(TEXT), quantity=maybe(INT), subsidy=maybe(INT)),
    outcomes=some(Outcome, key=maybe(TEXT), target=TEXT),
    advantages=some(Advantage, key=TEXT, claimed=st.booleans(), note=TEXT),
    other_funding=some(OtherFunding, agency=maybe(TEXT), amount=maybe(INT)),
    avoid_reviewers=some(AvoidedReviewer, name=maybe(TEXT), reason=TEXT),
    documents=maybe(
        st.lists(
            st.builds(DocumentFact, TEXT, st.integers(0, 9)), max_size=3, unique_by=lambda d: d.code
        ).map(tuple)
    ),
    declared_no_other_funding=maybe(st.booleans()),
)


@given(CASES)
def test_any_case_survives_the_round_trip(case: CaseFacts) -> None:
    assert from_json(json.loads(json.dumps(to_json(case)))) == case


@given(CASES)
def test_any_case_can_be_checked(case: CaseFacts) -> None:
    for full in (True, False):
        for finding in check(terms(), case, full=full):
            assert finding.message
            json.dumps(finding.as_dict())
