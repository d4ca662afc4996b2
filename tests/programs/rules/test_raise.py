"""RAISE: each rule by its ID, with both sides of its edge; heads as the unit of the grant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Finding, Severity
from programs.rules import granting
from programs.rules.casefile import from_json, to_json
from programs.rules.check import check, requested_subsidy, required_documents, sections_of, subsidy_caps
from programs.rules.facts import CaseFacts
from programs.rules.sections import eligibility_fields
from programs.rules.selfcheck import selfcheck

from .builders import faults as faults_of
from .builders import line, terms
from .others import partner, raise_facts, raising, stipend


def faults(rule: str, case: CaseFacts) -> list[Finding]:
    return faults_of(rule, case, of=raising())


def test_a_complete_case_has_no_fault() -> None:
    wrong = [f for f in check(raising(), raise_facts()) if f.severity in (Severity.ERROR, Severity.WARNING)]
    assert wrong == []


def test_a_case_survives_its_file() -> None:
    assert from_json(to_json(raise_facts())).partners == raise_facts().partners


def test_the_sections_follow_from_the_terms() -> None:
    assert list(sections_of(raising())) == [
        "company", "eligibility", "plan", "partners", "budget", "outcomes", "avoid_reviewers", "documents",
    ]  # fmt: skip
    assert eligibility_fields(raising()) == ("special_approval",)


def applying(kind: str | None, approval: bool | None = None) -> CaseFacts:
    base = raise_facts()
    return replace(
        base,
        company=replace(base.company, kind=kind),
        eligibility=replace(base.eligibility, special_approval=approval),
    )


@pytest.mark.parametrize("kind", ["public_research", "university", "foundation", "medical"])
def test_RA1_research_bodies_and_universities_may_apply(kind: str) -> None:
    assert faults("RA1", applying(kind)) == []
    assert required_documents(raising(), applying(kind))[-1][1] is False


@pytest.mark.parametrize("kind", ["company", "other"])
def test_RA1_others_by_special_approval_only(kind: str) -> None:
    assert [f.where for f in faults("RA1", applying(kind))] == ["eligibility.special_approval"]
    assert [f.where for f in faults("RA1", applying(kind, approval=False))] == [
        "eligibility.special_approval"
    ]
    assert faults("RA1", applying(kind, approval=True)) == []
    assert required_documents(raising(), applying(kind))[-1][1] is True


def test_RA1_the_kind_and_the_particulars_are_asked_for() -> None:
    assert [f.where for f in faults("RA1", applying(None))] == ["company.kind"]
    base = raise_facts()
    nobody = replace(base, company=replace(base.company, representative=None, ubn="04595258"))
    assert [f.where for f in faults("RA1", nobody)] == ["company.ubn", "company.representative"]


@pytest.mark.parametrize(("heads", "wrong"), [(4, True), (5, False)])
def test_RA2_at_least_five_heads(heads: int, wrong: bool) -> None:
    assert bool(faults("RA2", raise_facts(partners=(partner(heads),)))) is wrong


def test_RA2_counts_over_all_partners() -> None:
    assert faults("RA2", raise_facts(partners=(partner(2), partner(3)))) == []
    assert faults("RA2", raise_facts(partners=()))[0].numbers == {"missing": True}


def test_RA2a_at_least_one_partner_company_with_all_that_is_asked() -> None:
    assert faults("RA2a", raise_facts()) == []
    assert [f.where for f in faults("RA2a", raise_facts(partners=()))] == ["partners"]
    case = raise_facts(partners=(partner(5, subject="", bonus=None),))
    assert [f.where for f in faults("RA2a", case)] == ["partners[0].subject", "partners[0].bonus"]


@pytest.mark.parametrize(("subsidy", "wrong"), [(1_050_000, False), (1_050_001, True)])
def test_RA3_at_most_1050000_for_a_head(subsidy: int, wrong: bool) -> None:
    one = raise_facts(partners=(partner(1),), budget=(line("staff", subsidy, subsidy),))
    assert bool(faults("RA3", one)) is wrong
    many = raise_facts(partners=(partner(7),), budget=(line("staff", 7 * subsidy, 7 * subsidy),))
    assert bool(faults("RA3", many)) is wrong


def test_RA3_the_cap_stands_beside_the_budget() -> None:
    caps = subsidy_caps(raising(), raise_facts())
    assert [(c.rule, c.limit, c.used) for c in caps] == [("RA3", 10_500_000, 10_500_000)]


def test_RA3a_only_what_the_clause_lists() -> None:
    strange = raise_facts(budget=(line("party", 1, 1), stipend(10)))
    assert [f.where for f in faults("RA3a", strange)] == ["budget[0].account"]
    assert faults("RA3a", raise_facts()) == []


@pytest.mark.parametrize(("price", "wrong"), [(59_999, True), (60_000, False), (60_001, True)])
def test_RA3b_a_stipend_of_60000_whatever_the_seniority(price: int, wrong: bool) -> None:
    case = raise_facts(budget=(stipend(5, unit_price=price), line("staff", 10, 10)))
    assert [f.where for f in faults("RA3b", case)] == (["budget[0].unit_price"] if wrong else [])


@pytest.mark.parametrize(("overhead", "wrong"), [(50_000, False), (50_001, True)])
def test_RA3c_overhead_at_most_5_percent_of_the_subsidy(overhead: int, wrong: bool) -> None:
    rest = 1_000_000 - overhead
    case = raise_facts(budget=(line("staff", rest, rest), line("overhead", overhead, overhead)))
    found = faults("RA3c", case)
    assert [f.where for f in found] == (["budget.overhead"] if wrong else [])


@pytest.mark.parametrize(("bonus", "wrong"), [(89_999, True), (90_000, False)])
def test_RA4_a_bonus_of_90000_for_a_head_and_year(bonus: int, wrong: bool) -> None:
    case = raise_facts(partners=(partner(5), partner(5, bonus=bonus)))
    assert [f.where for f in faults("RA4", case)] == (["partners[1].bonus"] if wrong else [])


def test_RA4_a_partner_without_heads_adds_nothing() -> None:
    assert faults("RA4", raise_facts(partners=(partner(5), partner(0, bonus=0)))) == []


def test_RA5_no_appeal_is_said_in_the_rules_own_words() -> None:
    (rule,) = raising().of_kind("no_appeal")
    assert (rule.id, rule.clause) == ("RA5", "七")
    assert "不受理申覆" in rule.text
    assert terms().of_kind("no_appeal") == []


def test_RA6_weights_5_25_20_20_20_10() -> None:
    assert [c.weight for c in raising().criteria] == [5, 25, 20, 20, 20, 10]
    assert sum(c.weight for c in raising().criteria) == 100


@pytest.mark.parametrize(("heads", "places"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (99, 19), (100, 20)])
def test_RA8_a_reserve_list_of_20_percent_rounds_down(heads: int, places: int) -> None:
    assert granting.reserve_places(raising(), heads) == places
    assert granting.refills(raising())
    assert granting.reserve_places(terms(), heads) is None


@pytest.mark.parametrize(
    ("months", "practice", "where"),
    [
        (12, 5, "partners[0].practice_months"),
        (12, 6, ""),
        (12, 11, ""),
        (12, 12, "partners[0].practice_months"),
        (13, 6, "partners[0].months"),
        (7, 6, ""),
        (6, 6, "partners[0].practice_months"),
    ],
)
def test_RA9_six_months_at_the_partner_but_never_all(months: int, practice: int, where: str) -> None:
    case = raise_facts(partners=(partner(5, months=months, practice_months=practice),))
    assert [f.where for f in faults("RA9", case)] == ([where] if where else [])


@pytest.mark.parametrize(("subsidy", "wrong"), [(1000, False), (1001, True)])
def test_RA3a_a_line_asks_for_no_more_than_it_costs(subsidy: int, wrong: bool) -> None:
    case = raise_facts(budget=(stipend(10), line("staff", 1000, subsidy)))
    assert [f.where for f in faults("RA3a", case)] == (["budget[1].subsidy"] if wrong else [])


def test_G1_the_plan_names_what_is_reviewed() -> None:
    assert faults("G1", raise_facts()) == []
    assert {f.where for f in faults("G1", raise_facts(plan={}))} == {
        f"plan.{t.key}" for t in raising().plan_texts
    }


def test_what_is_asked_for_is_heads_in_one_line() -> None:
    assert raising().grant.unit == "名"
    asks = granting.asks(raising(), raise_facts())
    assert [(a.key, a.label, a.requested, a.total) for a in asks] == [("heads", "培訓員額", 10, 10)]
    assert not raising().in_dollars
    assert [a.key for a in granting.asks(terms(), raise_facts())] == [a.key for a in terms().accounts]


@given(st.integers(1, 200), st.integers(0, 200), st.integers(0, 10**9))
def test_what_heads_are_worth_never_exceeds_their_part_of_the_request(
    asked: int, got: int, dollars: int
) -> None:
    got = min(got, asked)
    worth = granting.worth(raising(), subsidy=dollars, requested=asked, granted=got)
    assert worth * asked <= dollars * got < (worth + 1) * asked
    assert granting.worth(terms(), subsidy=dollars, requested=asked, granted=got) == got


def test_what_heads_are_worth_keeps_RA3() -> None:
    case = raise_facts()
    assert requested_subsidy(case) == 10_500_000
    assert granting.worth(raising(), subsidy=10_500_000, requested=10, granted=7) == 7 * 1_050_000


GOOD: dict[str, Any] = {
    "applicant_kind": "university",
    "special_approval": None,
    "asked_heads": 5,
    "partner_bonus": 90_000,
    "practice_months": 6,
}


def test_the_self_check_tells_what_the_heads_are_worth() -> None:
    result = selfcheck(raising(), GOOD)
    assert result.eligible
    assert result.maximum == 5_250_000


@pytest.mark.parametrize(
    ("key", "answer", "rule"),
    [
        ("asked_heads", 4, "RA2"),
        ("partner_bonus", 89_999, "RA4"),
        ("practice_months", 5, "RA9"),
        ("practice_months", 12, "RA9"),
    ],
)
def test_the_self_check_names_the_rule(key: str, answer: Any, rule: str) -> None:
    result = selfcheck(raising(), {**GOOD, key: answer})
    assert [f.rule for f in result.findings if f.severity is Severity.ERROR] == [rule]


def test_RA9_eleven_of_twelve_months_are_the_most_that_the_self_check_allows() -> None:
    assert selfcheck(raising(), {**GOOD, "practice_months": 11}).eligible


def test_RA3_the_self_check_knows_no_highest_subsidy_before_the_heads() -> None:
    assert selfcheck(raising(), {**GOOD, "asked_heads": None}).maximum is None


def test_the_self_check_asks_others_for_their_approval() -> None:
    other = {**GOOD, "applicant_kind": "other"}
    assert [f.severity for f in selfcheck(raising(), other).findings if f.rule == "RA1"] == [Severity.WARNING]
    assert selfcheck(raising(), {**other, "special_approval": True}).eligible
    assert not selfcheck(raising(), {**other, "special_approval": False}).eligible
