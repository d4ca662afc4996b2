"""D1–D8: who makes each document, when it is required, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.findings import Severity
from programs.rules.check import is_missing, required_documents
from programs.rules.facts import CaseFacts, DocumentFact

from .builders import facts, faults, found, terms, with_company, with_eligibility


def handed_in(*codes: str) -> tuple[DocumentFact, ...]:
    return tuple(DocumentFact(code) for code in codes)


def needed(case: CaseFacts) -> dict[str, bool]:
    return {item.code: required for item, required, _ in required_documents(terms(), case)}


@pytest.mark.parametrize("code", ["D1", "D2"])
def test_D1_D2_are_typeset_by_the_portal(code: str) -> None:
    assert terms().document(code).made_by == "portal"
    assert faults(code, facts(documents=())) == []


def test_D1_is_always_required_in_two_copies() -> None:
    assert needed(facts())["D1"] is True
    assert terms().document("D1").copies == 2


def test_D2_is_always_required_in_two_copies() -> None:
    assert needed(facts())["D2"] is True
    assert terms().document("D2").copies == 2


def test_D3_is_optional() -> None:
    assert needed(facts())["D3"] is False
    assert faults("D3", facts(documents=())) == []


@pytest.mark.parametrize("code", ["D4", "D6", "D7"])
def test_D4_D6_D7_are_always_required(code: str) -> None:
    assert needed(facts())[code] is True
    others = tuple(d for d in facts().documents or () if d.code != code)
    assert [(f.where, is_missing(f)) for f in faults(code, facts(documents=others))] == [
        (f"documents.{code}", True)
    ]
    assert faults(code, facts()) == []


def test_D4_registration_proof() -> None:
    assert [f.where for f in faults("D4", facts(documents=handed_in("D6", "D7")))] == ["documents.D4"]


def test_D6_financial_proof() -> None:
    assert [f.where for f in faults("D6", facts(documents=handed_in("D4", "D7")))] == ["documents.D6"]


def test_D7_credit_check_consent() -> None:
    assert [f.where for f in faults("D7", facts(documents=handed_in("D4", "D6")))] == ["documents.D7"]
    assert faults("D7", facts(documents=(DocumentFact("D7", 0),)))


@pytest.mark.parametrize(
    ("codes", "required"),
    [
        (("I301010",), True),
        (("IG02010", "F113010"), True),
        (("CC01080",), False),
        (("CC01080", "I301010"), False),
        (("F113010",), False),
    ],
)
def test_D5_only_for_technical_services_without_a_manufacturing_code(
    codes: tuple[str, ...], required: bool
) -> None:
    case = with_company(codes=codes)
    assert needed(case)["D5"] is required
    assert bool(faults("D5", case)) is required
    assert faults("D5", replace(case, documents=handed_in("D5"))) == []


def test_D8_only_for_public_servants_and_related_persons() -> None:
    related = with_eligibility(public_servant_related=True)
    assert needed(related)["D8"] is True
    assert [f.where for f in faults("D8", related)] == ["documents.D8"]
    assert "公職人員或關係人" in faults("D8", related)[0].message
    assert faults("D8", replace(related, documents=handed_in("D8"))) == []
    assert needed(with_eligibility(public_servant_related=False))["D8"] is False
    assert faults("D8", with_eligibility(public_servant_related=False)) == []


def test_D8_unknown_relation_is_asked_for() -> None:
    unknown = with_eligibility(public_servant_related=None)
    assert [f.where for f in faults("D8", unknown)] == ["eligibility.public_servant_related"]
    (_, required, why) = next(r for r in required_documents(terms(), unknown) if r[0].code == "D8")
    assert required is False
    assert "回答" in why


def test_documents_are_silent_in_a_self_check_and_speak_when_they_hold() -> None:
    for code in ("D1", "D4", "D8"):
        assert found(code, facts(documents=None), full=False) == []
        assert [f.severity for f in found(code, facts())] == [Severity.OK]
