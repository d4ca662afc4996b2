"""Terms: the 114 scheme holds together, broken terms are refused with every path; the rulebook is covered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from programs.rules.facts import CaseFacts
from programs.rules.kinds import KINDS
from programs.rules.reader import as_ratio, plain
from programs.rules.terms import TermsError, parse_terms

from .builders import ROOT, scheme, terms
from .others import SCHEMES, scheme_terms

DOMAIN = [
    *("E1", "E2", "E3", "E3a", "E3b", "E4", "E4a"),
    *(f"T{n}" for n in range(1, 9)),
    *(f"B{n}" for n in range(1, 5)),
    *(f"D{n}" for n in range(1, 9)),
    *(f"{letter}{n}" for letter in "SQAC" for n in range(1, 4)),
    *(f"{letter}{n}" for letter in "RX" for n in range(1, 7)),
    *(f"P{n}" for n in range(1, 5)),
]


def test_the_114_terms_have_every_rule_of_the_notice_with_its_clause() -> None:
    assert [i for i in DOMAIN if not terms().has_rule(i)] == []
    assert all(rule.clause and rule.title and rule.text for rule in terms().rules)


def test_the_numbers_of_the_114_terms() -> None:
    assert {c.id: c.weight for c in terms().criteria} == {"R1": 40, "R2": 30, "R3": 20, "R4": 10}
    assert [i.share for i in terms().instalments] == [Fraction(1, 2), Fraction(1, 2)]
    assert terms().settings.extension_working_days_max == 3
    assert len(terms().contract_documents) == 9
    assert len(terms().selfcheck) == 10


def test_terms_read_the_same_from_json() -> None:
    assert parse_terms(json.loads(json.dumps(scheme()))) == terms()


def refused(change: Callable[[dict[str, Any]], object]) -> list[str]:
    data = scheme()
    change(data)
    with pytest.raises(TermsError) as error:
        parse_terms(data)
    return [p.split(": ")[0] for p in error.value.problems]


def rule(data: dict[str, Any], rule_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in data["rules"] if r["id"] == rule_id)
    return found


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["criteria"][0].update(weight=41), "criteria"),
        (lambda d: d["instalments"][0].update(share="1/3"), "instalments"),
        (lambda d: d.update(envelope=0), "envelope"),
        (lambda d: d.update(envelope=1.5), "envelope"),
        (lambda d: d.update(colour="teal"), "colour"),
        (lambda d: d.pop("name"), "name"),
        (lambda d: d.update(schema="ipas-terms/9"), "schema"),
        (lambda d: d["window"].update(closes_at="2025-02-01T00:00:00+08:00"), "window.closes_at"),
        (lambda d: d["window"].update(closes_at="2025-03-28T23:59:59"), "window.closes_at"),
        (lambda d: d["timetable"][1].update(ends_on="2025-01-01"), "timetable[1].ends_on"),
        (lambda d: d["job_roles"][0].update(group="moon"), "job_roles[0].group"),
        (lambda d: d["documents"][4].update(condition="sometimes"), "documents[4].condition"),
        (lambda d: d["accounts"].append(d["accounts"][0]), "accounts[3].key"),
        (lambda d: d["rules"].append(d["rules"][0]), f"rules[{len(scheme()['rules'])}].id"),
        (lambda d: d["selfcheck"][0].update(rule="E9"), "selfcheck[0].rule"),
        (lambda d: d["settings"].update(ranking="dice"), "settings.ranking"),
        (lambda d: d["settings"].update(tie_rules=["criterion:R9"]), "settings.tie_rules[0]"),
        (lambda d: d["settings"].update(panel_gender_share="2/3"), "settings.panel_gender_share"),
        (lambda d: d["rules"][0].update(kind="magic"), "rules[0].kind"),
        (lambda d: d["rules"][0].update(severity="fatal"), "rules[0].severity"),
        (lambda d: d["rules"][0]["params"].update(required=["shoe_size"]), "rules[0].params.required"),
        (lambda d: d.update(rules=[]), "rules"),
    ],
)
def test_terms_that_do_not_hold_together_are_refused(
    change: Callable[[dict[str, Any]], object], path: str
) -> None:
    assert refused(change) == [path]


@pytest.mark.parametrize(
    ("rule_id", "params", "path"),
    [
        ("T3", {}, "minimum"),
        ("T3", {"minimum": "120"}, "minimum"),
        ("T3", {"minimum": -1}, "minimum"),
        ("T3", {"minimum": 120, "maximum": 200}, "maximum"),
        ("T2", {"kind": "visitor", "minimum": 2}, "kind"),
        ("B2", {"ratio": 0.5}, "ratio"),
        ("B2", {"ratio": "3/2"}, "ratio"),
        ("B3", {"per_head": {"student": -1}}, "per_head.student"),
        ("B3", {"per_head": {"guest": 1}}, "per_head.guest"),
        ("T5", {"latest_end": "someday"}, "latest_end"),
        ("T8", {"minimum_wages": []}, "minimum_wages"),
        ("D4", {"item": "D99"}, "item"),
        ("E2", {"field": "moon"}, "expected"),
        ("S2", {"opens": "late"}, "opens"),
        ("R6", {"facts": {"ipas_link": {}}}, "facts.ipas_link"),
    ],
)
def test_parameters_are_validated_by_their_kind(rule_id: str, params: dict[str, Any], path: str) -> None:
    index = [r["id"] for r in scheme()["rules"]].index(rule_id)
    assert f"rules[{index}].params.{path}" in refused(lambda d: rule(d, rule_id).update(params=params))


def test_every_problem_is_listed_at_once() -> None:
    def change(data: dict[str, Any]) -> None:
        data["envelope"] = "much"
        data["accounts"][0]["color"] = 1
        rule(data, "T3")["params"] = {}

    assert len(refused(change)) == 3


@pytest.mark.parametrize("data", [None, [], {}, "terms"])
def test_what_is_no_terms_at_all_is_refused(data: Any) -> None:
    with pytest.raises(TermsError):
        parse_terms(data)


@pytest.mark.parametrize(
    ("text", "ratio"), [("1/2", Fraction(1, 2)), ("50%", Fraction(1, 2)), (1, Fraction(1))]
)
def test_ratios_are_exact(text: Any, ratio: Fraction) -> None:
    assert as_ratio(text) == ratio


@pytest.mark.parametrize("text", [0.5, True, "half", "1/0", None])
def test_ratios_are_never_floats(text: Any) -> None:
    with pytest.raises(ValueError, match="比率"):
        as_ratio(text)


def test_plain_terms_are_json() -> None:
    json.dumps(plain(terms()))


def test_every_rule_that_is_enforced_has_a_test_by_its_id() -> None:
    names = set()
    for path in (ROOT / "tests" / "programs" / "rules").glob("test_*.py"):
        for name in re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            names |= set(re.findall(r"(?:^|_)([A-Z]{1,2}\d+[a-z]?)(?=_)", name))
    rules = [rule for name in SCHEMES for rule in scheme_terms(name).rules]
    assert [r.id for r in rules if r.enforced and r.id not in names] == []


def test_rules_that_people_follow_never_speak_about_an_application() -> None:
    from programs.rules.check import check

    followed = {r.id for r in terms().rules if not r.enforced}
    assert followed <= set(DOMAIN)
    assert not followed & {f.rule for f in check(terms(), CaseFacts())}


def test_every_kind_is_used_by_a_scheme_and_explains_itself() -> None:
    assert set(KINDS) == {rule.kind for name in SCHEMES for rule in scheme_terms(name).rules}
    assert all(kind.check.__doc__ for kind in KINDS.values())


def test_every_kind_is_documented() -> None:
    text = (ROOT / "docs" / "rulebook.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}`" not in text] == []


def test_a_letterhead_is_whole_or_not_there() -> None:
    def without_agency(data: dict[str, Any]) -> None:
        data["letterhead"] = {"contact": "承辦人：示範"}

    assert refused(without_agency) == ["letterhead.agency"]
    assert terms().letterhead.agency == ""
    assert scheme_terms("raise").letterhead.agency == "重點產業高階人才培訓與就業計畫辦公室"
