"""5+2: company size decides share and procedure; both sides of 50 and 51."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from core.findings import Finding, Severity
from programs.rules.check import account_totals, check
from programs.rules.facts import CaseFacts, Eligibility
from programs.rules.selfcheck import selfcheck
from programs.rules.terms import TermsError, parse_terms

from .builders import faults as faults_of
from .builders import line
from .others import by_size, data, sized_facts


def faults(case: CaseFacts) -> list[Finding]:
    return faults_of("SB1", case, of=by_size())


@pytest.mark.parametrize("heads", [1, 50, 51, 5_000])
def test_a_complete_case_has_no_fault(heads: int) -> None:
    wrong = [
        f for f in check(by_size(), sized_facts(heads)) if f.severity in (Severity.ERROR, Severity.WARNING)
    ]
    assert wrong == []


@pytest.mark.parametrize(("heads", "ratio"), [(50, Fraction(1)), (51, Fraction(1, 2))])
def test_SB1_carried_in_full_up_to_50_and_in_part_from_51(heads: int, ratio: Fraction) -> None:
    most = int(400_000 * ratio)
    assert account_totals(by_size(), sized_facts(heads))[0].limit == most
    assert faults(sized_facts(heads, budget=(line("training", 400_000, most),))) == []
    over = faults(sized_facts(heads, budget=(line("training", 400_000, most + 1),)))
    assert over[-1].where == "budget.training"


@pytest.mark.parametrize(("heads", "asked"), [(50, True), (51, False)])
def test_SB1_a_consultant_comes_first_up_to_50(heads: int, asked: bool) -> None:
    for answer in (None, False):
        case = replace(sized_facts(heads), eligibility=Eligibility(consultant_visited=answer))
        assert [f.where for f in faults(case)] == (["eligibility.consultant_visited"] if asked else [])


def test_SB1_unknown_and_impossible_sizes() -> None:
    base = sized_facts(10)
    assert [f.where for f in faults(replace(base, company=replace(base.company, heads=None)))] == [
        "company.heads"
    ]
    assert "不在補助的規模內" in faults(sized_facts(0))[0].message


def test_the_self_check_tells_the_procedure() -> None:
    answers: dict[str, Any] = {
        "registered": True,
        "company_heads": 50,
        "consultant_visited": False,
        "employees": 5,
    }
    assert not selfcheck(by_size(), answers).eligible
    large = selfcheck(by_size(), {**answers, "company_heads": 51})
    assert large.eligible
    assert any("由企業主導" in f.message for f in large.findings)


@pytest.mark.parametrize(
    ("bands", "path"),
    [
        ([{"label": "小", "min_heads": 1, "max_heads": 50, "ratio": "1"}], "bands[0].max_heads"),
        (
            [
                {"label": "小", "min_heads": 1, "max_heads": 50, "ratio": "1"},
                {"label": "大", "min_heads": 52, "ratio": "1/2"},
            ],
            "bands[1].min_heads",
        ),
        (
            [
                {"label": "小", "min_heads": 1, "max_heads": 50, "ratio": "1"},
                {"label": "大", "min_heads": 50, "ratio": "1/2"},
            ],
            "bands[1].min_heads",
        ),
        ([{"label": "小", "min_heads": 1, "ratio": 0.5}], "bands[0].ratio"),
    ],
)
def test_bands_without_gap_and_overlap(bands: list[dict[str, Any]], path: str) -> None:
    terms = copy.deepcopy(data("size_band"))
    index = next(i for i, rule in enumerate(terms["rules"]) if rule["id"] == "SB1")
    terms["rules"][index]["params"]["bands"] = bands
    with pytest.raises(TermsError) as error:
        parse_terms(terms)
    assert f"rules[{index}].params.{path}" in [p.split(": ")[0] for p in error.value.problems]
