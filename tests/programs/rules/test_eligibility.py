"""E1–E4a and G1–G2, both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.findings import Severity
from programs.rules.check import is_missing
from programs.rules.facts import AvoidedReviewer, CaseFacts, Company, DocumentFact, Eligibility, OtherFunding

from .builders import facts, faults, found, with_company, with_eligibility


@pytest.mark.parametrize("ubn", ["04595257", "22099131", "00501503", "12345675", "10458574", "04595252"])
def test_E1_accepts_a_valid_number(ubn: str) -> None:
    assert faults("E1", with_company(ubn=ubn)) == []


@pytest.mark.parametrize("ubn", ["04595253", "80502417", "12345678", "00501502", "00000000", "1234567"])
def test_E1_refuses_a_number_that_fails_the_checksum(ubn: str) -> None:
    (fault,) = faults("E1", with_company(ubn=ubn))
    assert fault.where == "company.ubn"
    assert ubn in fault.message


def test_E1_takes_an_override_by_staff() -> None:
    assert faults("E1", with_company(ubn="12345678", ubn_override="登記證明文件已核對")) == []


def test_E1_asks_for_each_missing_particular_only_in_a_full_check() -> None:
    case = with_company(name=None, heads=None)
    assert [f.where for f in faults("E1", case)] == ["company.name", "company.heads"]
    assert all(is_missing(f) for f in faults("E1", case))
    assert faults("E1", case, full=False) == []


@pytest.mark.parametrize(("heads", "wrong"), [(0, True), (1, False)])
def test_E1_heads_are_at_least_one(heads: int, wrong: bool) -> None:
    assert bool(faults("E1", with_company(heads=heads))) is wrong


def test_E1_refuses_who_is_not_registered() -> None:
    assert faults("E1", CaseFacts(company=Company(registered=False)), full=False)
    assert not faults("E1", CaseFacts(company=Company(registered=True)), full=False)


def test_E2_refuses_a_rejected_account() -> None:
    (fault,) = faults("E2", with_eligibility(bank_rejected=True))
    assert fault.where == "eligibility.bank_rejected"
    assert faults("E2", with_eligibility(bank_rejected=False)) == []


def test_E2_asks_when_it_is_not_known() -> None:
    assert [is_missing(f) for f in faults("E2", with_eligibility(bank_rejected=None))] == [True]
    assert found("E2", with_eligibility(bank_rejected=None), full=False) == []


@pytest.mark.parametrize(("worth", "wrong"), [(-1, True), (0, True), (1, False)])
def test_E3_net_worth_is_positive(worth: int, wrong: bool) -> None:
    assert bool(faults("E3", with_eligibility(net_worth=worth))) is wrong


def test_E3_unknown_is_asked_for() -> None:
    assert [is_missing(f) for f in faults("E3", with_eligibility(net_worth=None))] == [True]


def _new_company(founded: date, files: int = 2) -> CaseFacts:
    case = with_eligibility(net_worth_basis="new_company", founded_on=founded)
    return replace(case, documents=(DocumentFact("D4"), DocumentFact("D6", files), DocumentFact("D7")))


def test_E3a_knows_each_basis_of_the_call() -> None:
    assert faults("E3a", with_eligibility(net_worth_basis="tax_return")) == []
    (fault,) = faults("E3a", with_eligibility(net_worth_basis="consolidated"))
    assert not is_missing(fault)


def test_E3a_company_of_the_application_year_may_use_the_substitutes() -> None:
    # The builder's case applies on 114/3/20.
    assert faults("E3a", _new_company(date(2025, 3, 20))) == []
    assert [f.where for f in faults("E3a", _new_company(date(2025, 3, 21)))] == ["eligibility.founded_on"]


@pytest.mark.parametrize(("files", "reminded"), [(0, True), (1, True), (2, False), (3, False)])
def test_E3a_reminds_a_new_company_of_both_papers_and_stops_nothing(files: int, reminded: bool) -> None:
    told = faults("E3a", _new_company(date(2025, 3, 20), files))
    assert [(f.severity, f.where) for f in told] == [(Severity.WARNING, "documents.D6")] * reminded
    assert not told or "資本額查核報告書" in told[0].message


def test_E3a_counts_no_papers_of_an_older_company() -> None:
    assert faults("E3a", with_eligibility(net_worth_basis="cpa_report")) == []


def test_E3a_company_younger_than_a_year_may_use_the_substitutes() -> None:
    assert faults("E3a", _new_company(date(2024, 3, 21))) == []


def test_E3a_company_over_a_year_old_without_a_whole_fiscal_year_is_a_question_for_the_office() -> None:
    for founded in (date(2024, 3, 20), date(2024, 1, 2)):
        assert [f.severity for f in faults("E3a", _new_company(founded))] == [Severity.WARNING]


def test_E3a_company_with_a_whole_fiscal_year_may_not_use_the_substitutes() -> None:
    assert [f.severity for f in faults("E3a", _new_company(date(2024, 1, 1)))] == [Severity.ERROR]


def test_E3a_asks_when_the_company_was_founded() -> None:
    case = with_eligibility(net_worth_basis="new_company", founded_on=None)
    assert [f.where for f in faults("E3a", case)] == ["eligibility.founded_on"]


def test_E3b_capital_increase_counts_as_positive_with_interim_statements() -> None:
    case = with_eligibility(net_worth=-5, positive_after_increase=True, net_worth_basis="interim")
    assert faults("E3", case) == []
    assert faults("E3b", case) == []
    assert [f.severity for f in found("E3b", case)] == [Severity.OK]


def test_E3b_capital_increase_is_not_shown_by_last_years_report() -> None:
    case = with_eligibility(net_worth=0, positive_after_increase=True, net_worth_basis="cpa_report")
    assert [f.where for f in faults("E3b", case)] == ["eligibility.net_worth_basis"]


def test_E3b_interim_statements_are_for_those_who_increased_their_capital() -> None:
    chosen = with_eligibility(net_worth=9, positive_after_increase=False, net_worth_basis="interim")
    (fault,) = faults("E3b", chosen)
    assert (fault.where, fault.clause) == ("eligibility.net_worth_basis", "註1")
    unanswered = with_eligibility(net_worth=9, positive_after_increase=None, net_worth_basis="interim")
    assert len(faults("E3b", unanswered)) == 1
    increased = with_eligibility(net_worth=9, positive_after_increase=True, net_worth_basis="interim")
    assert faults("E3b", increased) == []


def test_E3b_is_silent_while_net_worth_was_never_negative() -> None:
    assert found("E3b", with_eligibility(net_worth=1, positive_after_increase=True)) == []


ELIGIBLE = ["CC01080", "CB01010", "I103060", "I301010", "IF04010", "IG02010"]
NOT_ELIGIBLE = ["I401010", "I501010", "IA01010", "IZ12010", "F113010", "ZZ99999"]


@pytest.mark.parametrize("code", ELIGIBLE)
def test_E4_accepts_manufacturing_and_technical_services(code: str) -> None:
    assert faults("E4", with_company(codes=(code,))) == []


@pytest.mark.parametrize("code", NOT_ELIGIBLE)
def test_E4_refuses_other_lines_of_business(code: str) -> None:
    assert faults("E4", with_company(codes=(code,)))
    assert faults("E4", with_company(codes=(code, "CC01080"))) == []


def test_E4_names_a_malformed_code_at_its_place() -> None:
    assert [f.where for f in faults("E4", with_company(codes=("CC01080", "C123")))] == ["company.codes[1]"]
    assert faults("E4", with_company(codes=("C123",)))[0].where == "company.codes[0]"


@pytest.mark.parametrize("code", ["I103060", "I301010", "IF04010", "IG02010"])
def test_E4a_technical_services_prove_their_service_to_manufacturing(code: str) -> None:
    from dataclasses import replace

    base = with_company(codes=(code,))
    served = replace(base, eligibility=replace(base.eligibility, serves_manufacturing=True))
    never = replace(base, eligibility=replace(base.eligibility, serves_manufacturing=False))
    assert [is_missing(f) for f in faults("E4a", base)] == [True]
    assert [is_missing(f) for f in faults("E4a", never)] == [False]
    assert faults("E4a", served) == []


def test_E4a_does_not_ask_a_manufacturer() -> None:
    assert found("E4a", with_company(codes=("I301010", "CC01080"))) == []
    assert found("E4a", CaseFacts(eligibility=Eligibility())) == []


def test_G1_other_funding_is_listed_or_declared_to_be_none() -> None:
    other = OtherFunding("示範機關", "示範計畫", 100_000, "114 年")
    assert faults("G1", facts(declared_no_other_funding=None, other_funding=(other,))) == []
    assert [is_missing(f) for f in faults("G1", facts(declared_no_other_funding=None))] == [True]
    assert faults("G1", facts(declared_no_other_funding=True, other_funding=(other,)))
    assert [
        f.where
        for f in faults("G1", facts(declared_no_other_funding=None, other_funding=(OtherFunding("機關"),)))
    ] == ["other_funding.items[0].programme", "other_funding.items[0].amount"]


@pytest.mark.parametrize(("amount", "wrong"), [(-1, True), (0, False)])
def test_G1_amounts_are_not_negative(amount: int, wrong: bool) -> None:
    other = OtherFunding("示範機關", "示範計畫", amount)
    case = facts(declared_no_other_funding=None, other_funding=(other,))
    assert bool(faults("G1", case)) is wrong


def test_G2_a_reviewer_to_avoid_has_a_name_and_a_reason_and_there_are_three_at_most() -> None:
    person = AvoidedReviewer("趙示範", "示範大學", "曾為訴訟對造")
    assert faults("G2", facts(avoid_reviewers=(person,) * 3)) == []
    assert [f.where for f in faults("G2", facts(avoid_reviewers=(person,) * 4))] == ["avoid_reviewers"]
    assert [f.where for f in faults("G2", facts(avoid_reviewers=(AvoidedReviewer("趙示範"),)))] == [
        "avoid_reviewers[0].reason"
    ]
