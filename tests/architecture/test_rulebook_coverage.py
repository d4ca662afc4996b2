"""Every rule of the schemes: in the call's terms under its ID, and proved by a test that bears the ID."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEME = ROOT / "fixtures" / "schemes" / "ipas_114.yaml"

# What the portal enforces, computes or carries out by itself today.
ENFORCED = (
    "E1 E2 E3 E3a E3b E4 E4a",  # eligibility
    "T1 T2 T3 T4 T5 T6 T7 T8",  # training plan
    "B1 B2 B3 B4",  # budget
    "D1 D2 D3 D4 D5 D6 D7 D8",  # documents
    "S1 S2 S3",  # submission
    "Q1 Q2 Q3",  # qualification check
    "R1 R2 R3 R4 R5 R6",  # expert review
    "A1 A2 A3",  # decision and result
    "C1 C2 C3",  # contract: the period to sign, the promises, the list of papers
)
ENFORCED_IDS = " ".join(ENFORCED).split()
# What people do, or what begins after the contract is signed. The terms hold them, so that pages can say them.
NOT_YET: dict[str, str] = {
    "X1": "reports, vouchers and visits belong to the execution of a grant, after signing",
    "X2": "pay and lay-offs are shown by payroll papers at the settlement; no machine sees them before",
    "X3": "a duty of the company towards its trainees; the exams are counted when a grant is closed",
    "X4": "changes are asked for while a grant runs; how a month is counted back is tested already",
    "X5": "follow-up over three years after the end",
    "X6": "a cut by parliament is decided by people; scenarios with a cut envelope are tested already",
    "P1": "payment of the first instalment, after signing",
    "P2": "payment of the second instalment, after closing",
    "P3": "audit of accounts at the settlement",
    "P4": "settlement of missing hours; its arithmetic (core.money) is tested already",
}
# The other schemes: what of RE1–RE7 and RA1–RA14 the portal enforces or carries out, and what it only tells.
OTHERS = {
    "recruit_112": (
        "RE1 RE2 RE2a RE3 RE3a RE3b RE4 RE4a RE4b RE5 RE6 RE6a RE7",
        "RE5a RE5b RE5c RE5d RE6b",
    ),
    "raise": (
        "RA1 RA2 RA2a RA3 RA3a RA3b RA3c RA4 RA5 RA6 RA8 RA9",
        "RA5a RA5b RA6a RA6b RA6c RA6d RA6e RA6f RA7 RA10 RA11 RA12 RA13 RA14",
    ),
    "size_band": ("SB1", "SB2 SB3"),
}
ID = re.compile(r"[A-Z]{1,2}\d+[a-z]?")


@cache
def scheme() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(SCHEME.read_text(encoding="utf-8"))
    return data


@cache
def rules() -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in scheme()["rules"]}


@cache
def proved() -> dict[str, list[str]]:
    """Rule ID → names of the test functions that bear it (``test_B3_…``, ``test_R1_R2_…``)."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for part in node.name.split("_")[1:]:
                    if not ID.fullmatch(part):
                        break
                    found.setdefault(part, []).append(f"{path.name}::{node.name}")
    return found


@pytest.mark.parametrize("rule", [*ENFORCED_IDS, *NOT_YET])
def test_the_terms_of_the_call_hold_the_rule(rule):
    row = rules()[rule]
    assert row["clause"].strip()
    assert row["title"].strip()
    assert row["text"].strip()


@pytest.mark.parametrize("rule", ENFORCED_IDS)
def test_a_rule_that_the_portal_enforces_is_proved_by_its_id(rule):
    assert proved().get(rule), f"No test is called test_{rule}_…"


def test_the_terms_hold_no_rule_that_this_test_does_not_know():
    own = {"G1", "G2", "W1"}  # asked for by the application form; and a warning that binds nobody
    assert set(rules()) == {*ENFORCED_IDS, *NOT_YET, *own}
    assert all(proved().get(rule) for rule in own)
    assert not set(ENFORCED_IDS) & set(NOT_YET)


def test_every_rule_that_can_be_broken_has_both_sides_of_its_edge():
    """A limit is proved by at least two tests, or by one that is given several values."""
    limits = ("T2", "T3", "T5", "T7", "B2", "B3", "B4", "Q2")
    for rule in limits:
        names = proved()[rule]
        assert len(names) >= 2, f"{rule}: only {names}"


def test_rules_that_name_a_document_name_one_that_the_call_asks_for():
    items = {item["code"] for item in scheme()["documents"]}
    for rule in rules().values():
        if rule["kind"] == "document":
            assert rule["params"]["item"] in items
            assert rule["id"] == rule["params"]["item"]


def test_the_criteria_are_the_rules_R1_to_R4_and_weigh_100():
    criteria = {item["id"]: item["weight"] for item in scheme()["criteria"]}
    assert criteria == {"R1": 40, "R2": 30, "R3": 20, "R4": 10}
    assert sum(criteria.values()) == 100
    for code, weight in criteria.items():
        assert rules()[code]["title"].endswith(f"{weight}%")


def test_a_rule_can_be_found_by_its_id_in_code_or_data_only_once():
    ids = [rule["id"] for rule in scheme()["rules"]]
    assert len(ids) == len(set(ids))


def rows_of(name: str) -> dict[str, dict[str, Any]]:
    text = (SCHEME.parent / f"{name}.yaml").read_text(encoding="utf-8")
    return {rule["id"]: rule for rule in yaml.safe_load(text)["rules"]}


@pytest.mark.parametrize("name", OTHERS)
def test_the_rules_of_another_scheme_are_there_and_proved(name):
    enforced, told = (part.split() for part in OTHERS[name])
    rows = rows_of(name)
    own = {rule for rule in rows if ID.fullmatch(rule) and rule[:2] in ("RE", "RA", "SB")}
    assert own == {*enforced, *told}
    assert not [rule for rule in enforced if not proved().get(rule)]
    assert all(rows[rule]["kind"] == "notice" for rule in told)
    for row in rows.values():
        assert row["clause"].strip()
        assert row["text"].strip()


def test_every_scheme_file_is_known_to_this_test():
    assert {path.stem for path in SCHEME.parent.glob("*.yaml")} == {*OTHERS, SCHEME.stem}


def test_limits_of_the_other_schemes_have_both_sides_of_their_edge():
    """A limit is proved by a test that is given several values."""
    for rule in ("RE3", "RE4a", "RE6", "RA2", "RA3", "RA3b", "RA3c", "RA4", "RA8", "RA9", "SB1"):
        for name in proved()[rule]:
            path, function = name.split("::")
            text = next((ROOT / "tests").rglob(path)).read_text(encoding="utf-8")
            if ")\ndef " + function in text:  # a decorator stands above it
                break
        else:
            pytest.fail(f"{rule}: no test with several values")
