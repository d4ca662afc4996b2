"""B1–B4: accounts, the half, the head-count, the company."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Severity
from programs.rules.check import (
    Context,
    account_totals,
    is_missing,
    max_subsidy,
    requested_subsidy,
    subsidy_caps,
    total_cost,
)
from programs.rules.facts import BudgetLine

from .builders import bent, facts, faults, found, line, people, terms


@pytest.mark.parametrize("account", ["personnel", "operations", "equipment"])
def test_B1_accepts_each_account(account: str) -> None:
    assert faults("B1", facts(budget=(line(account, 100, 50),))) == []


def test_B1_the_accounts_are_those_of_the_notice() -> None:
    assert [a.label for a in terms().accounts] == ["人事費", "業務費", "設備使用費及維護費"]


def test_B1_refuses_another_account_and_asks_for_what_a_line_lacks() -> None:
    got = faults("B1", facts(budget=(line("travel", 100, 50), BudgetLine(account="personnel"))))
    assert got[0].where == "budget[0].account"
    assert [f.where for f in got if is_missing(f)] == [
        f"budget[1].{name}" for name in ("item", "unit", "quantity", "unit_price", "months", "subsidy")
    ]
    assert [is_missing(f) for f in faults("B1", facts(budget=()))] == [True]


@pytest.mark.parametrize(
    ("field", "least"), [("quantity", 1), ("unit_price", 0), ("months", 1), ("subsidy", 0)]
)
def test_B1_numbers_have_a_least_value(field: str, least: int) -> None:
    good = replace(line("personnel", 0, 0), **{field: least})
    assert faults("B1", facts(budget=(good,))) == []
    bad = replace(good, **{field: least - 1})
    assert f"budget[0].{field}" in [f.where for f in faults("B1", facts(budget=(bad,)))]


@pytest.mark.parametrize("account", ["personnel", "operations", "equipment"])
@pytest.mark.parametrize(("subsidy", "wrong"), [(500, False), (501, True)])
def test_B2_half_of_each_account_and_not_a_dollar_more(account: str, subsidy: int, wrong: bool) -> None:
    others = tuple(line(a.key, 1_000_000, 0) for a in terms().accounts if a.key != account)
    got = faults("B2", facts(budget=(*others, line(account, 1000, subsidy))))
    assert [f.where for f in got] == ([f"budget.{account}"] if wrong else [])
    if wrong:
        assert "請減少補助款 1 元" in got[0].message
        assert got[0].numbers["over"] == 1


@pytest.mark.parametrize(("subsidy", "wrong"), [(500, False), (501, True)])
def test_B2_half_of_an_odd_amount_rounds_down(subsidy: int, wrong: bool) -> None:
    assert bool(faults("B2", facts(budget=(line("personnel", 1001, subsidy),)))) is wrong


def test_B2_lines_of_an_account_are_taken_together() -> None:
    lines = (line("personnel", 1000, 1000), line("personnel", 1000, 0))
    assert faults("B2", facts(budget=lines)) == []


def test_B2_a_line_asks_for_no_more_than_it_costs() -> None:
    lines = (line("personnel", 9000, 0), line("personnel", 1000, 1001))
    assert [f.where for f in faults("B2", facts(budget=lines))] == ["budget[1].subsidy"]


def test_B2_an_unfinished_line_is_silent_in_a_self_check() -> None:
    lines = (line("personnel", 1000, 501), BudgetLine(account="personnel", subsidy=1))
    assert faults("B2", facts(budget=lines), full=False) == []


def test_B2_speaks_of_held_accounts_too() -> None:
    assert [f.severity for f in found("B2", facts())] == [Severity.OK] * 3


def test_B2_another_ratio_is_data() -> None:
    third = bent("B2", ratio="1/3")
    assert faults("B2", facts(budget=(line("personnel", 900, 300),)), of=third) == []
    (fault,) = faults("B2", facts(budget=(line("personnel", 900, 301),)), of=third)
    assert "33.3%" in fault.message


def _asks(subsidy: int, students: int = 4, employees: int = 2):  # type: ignore[no-untyped-def]
    budget = (line("personnel", subsidy * 2, subsidy),)
    return facts(trainees=people(students, employees), budget=budget)


@pytest.mark.parametrize(("subsidy", "wrong"), [(519_999, False), (520_000, False), (520_001, True)])
def test_B3_head_count_cap(subsidy: int, wrong: bool) -> None:
    assert bool(faults("B3", _asks(subsidy))) is wrong


def test_B3_speaks_like_a_helpful_colleague() -> None:
    (fault,) = faults("B3", _asks(540_000))
    assert fault.message == (
        "申請補助款 540,000 元，超過培訓人數上限 520,000 元（學生 4 × 100,000 + 在職員工 2 × 60,000）。"
        "請減少 20,000 元，或增加受訓人數。"
    )
    assert fault.remedy == "請減少 20,000 元，或增加受訓人數。"
    assert (fault.rule, fault.clause, fault.where) == ("B3", "貳.三(二)", "budget")
    assert fault.numbers == {
        "subsidy": 540_000,
        "limit": 520_000,
        "over": 20_000,
        "student": 4,
        "employee": 2,
    }


def test_B3_is_silent_while_trainees_are_unknown() -> None:
    assert found("B3", facts(trainees=None)) == []


@pytest.mark.parametrize(("subsidy", "wrong"), [(2_499_999, False), (2_500_000, False), (2_500_001, True)])
def test_B4_company_cap(subsidy: int, wrong: bool) -> None:
    assert bool(faults("B4", _asks(subsidy, students=30))) is wrong


def test_B4_counts_the_companys_other_cases_of_the_call() -> None:
    case = _asks(500_000)
    exact = Context(terms(), other_subsidy=2_000_000)
    over = Context(terms(), other_subsidy=2_000_001)
    assert faults("B4", case, context=exact) == []
    (fault,) = faults("B4", case, context=over)
    assert fault.message.endswith("請減少 1 元。")
    assert "2,000,001" in fault.message


def test_B3_B4_highest_subsidy_of_a_head_count() -> None:
    amount, working = max_subsidy(terms(), 4, 2)
    assert amount == 520_000
    assert working == [
        ("依人數：學生 4 × 100,000 + 在職員工 2 × 60,000", 520_000),
        ("每家公司上限", 2_500_000),
    ]
    assert max_subsidy(terms(), 25, 0)[0] == 2_500_000
    assert max_subsidy(terms(), 26, 0)[0] == 2_500_000
    assert max_subsidy(terms(), 0, 0)[0] == 0


def test_live_totals_of_the_budget_page() -> None:
    case = facts()
    totals = {t.key: t for t in account_totals(terms(), case)}
    assert (totals["personnel"].amount, totals["personnel"].subsidy) == (600_000, 300_000)
    assert (totals["personnel"].company_share, totals["personnel"].room) == (300_000, 0)
    caps = {c.rule: c for c in subsidy_caps(terms(), case)}
    assert (caps["B3"].limit, caps["B3"].room) == (520_000, 20_000)
    assert (caps["B4"].limit, caps["B4"].room) == (2_500_000, 2_000_000)
    assert requested_subsidy(case) == 500_000
    assert total_cost(case) == 1_000_000


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["personnel", "operations", "equipment"]),
        st.integers(0, 3_000_000),
        st.integers(0, 2_000_000),
    ),
    min_size=1,
    max_size=6,
)


@given(LINES)
def test_B2_verdict_equals_exact_arithmetic(lines: list[BudgetLine]) -> None:
    case = facts(budget=tuple(lines))
    wrong = {f.where for f in faults("B2", case) if not f.where.endswith(".subsidy")}
    for total in account_totals(terms(), case):
        assert (f"budget.{total.key}" in wrong) is (2 * total.subsidy > total.amount)
        assert total.subsidy + total.company_share == total.amount
        assert total.limit is not None
        assert 2 * total.limit <= total.amount < 2 * (total.limit + 1)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 4_000_000))
def test_B3_B4_verdict_equals_the_highest_subsidy(students: int, employees: int, subsidy: int) -> None:
    case = _asks(subsidy, students, employees)
    over = bool(faults("B3", case) or faults("B4", case))
    assert over is (subsidy > max_subsidy(terms(), students, employees)[0])
