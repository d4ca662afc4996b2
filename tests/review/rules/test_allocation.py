"""The envelope shared out (A1) within B2, B3, B4 and the request; heads by the same functions as dollars."""

import random
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Severity
from review.rules.allocation import (
    AccountAsk,
    AllocationError,
    Base,
    Candidate,
    Limits,
    Partial,
    RuleRef,
    account_limit,
    by_hand,
    compare_scenarios,
    cut_envelope,
    head_count_cap,
    in_rank_order,
    proportional,
    shrink,
)
from review.rules.allocation_check import check_allocation

HALF = F(1, 2)


def case(number, rank, requested, recommended=None, *, total=None, passed=True, cap=None, company=""):
    ask = AccountAsk("operations", requested, recommended, total)
    return Candidate(number, rank, passed, (ask,), cap, company)


def amounts(allocation):
    return {award.case: award.amount for award in allocation.awards}


def reasons(allocation, number):
    return "".join(allocation.by_case[number].reasons)


THREE = [case("3", 3, 300), case("1", 1, 500, 400), case("2", 2, 600)]


def test_A1_in_rank_order_funds_until_used_up_and_gives_the_rest_to_the_last():
    result = in_rank_order(THREE, Limits(1100))
    assert amounts(result) == {"1": 400, "2": 600, "3": 100}
    assert (result.spent, result.remaining, result.funded) == (1100, 0, 3)
    assert "經費僅餘 100 元，補助餘額" in reasons(result, "3")


@pytest.mark.parametrize(("envelope", "last"), [(1099, 0), (1100, 100)])
def test_A1_a_rest_below_the_least_useful_amount_is_not_given(envelope, last):
    result = in_rank_order(THREE, Limits(envelope, min_useful=100))
    assert amounts(result)["3"] == last


def test_A1_nothing_for_the_last_when_the_call_says_so_and_nobody_overtakes():
    result = in_rank_order([*THREE, case("4", 4, 50)], Limits(1100), partial=Partial.NOTHING)
    assert amounts(result) == {"1": 400, "2": 600, "3": 0, "4": 0}
    assert result.remaining == 100
    assert "不予部分補助" in reasons(result, "3")
    assert "用罄" in reasons(result, "4")


def test_A1_an_envelope_that_just_suffices_leaves_nothing_and_cuts_nobody():
    assert amounts(in_rank_order(THREE, Limits(1300))) == {"1": 400, "2": 600, "3": 300}
    assert in_rank_order(THREE, Limits(0)).spent == 0


def test_the_base_may_be_the_request():
    assert amounts(in_rank_order(THREE, Limits(9999), base=Base.REQUESTED))["1"] == 500


def test_cases_that_did_not_pass_or_are_unranked_get_nothing():
    rows = [case("1", 1, 100), case("2", 2, 100, passed=False), case("3", None, 100)]
    for result in (in_rank_order(rows, Limits(999)), proportional(rows, Limits(999))):
        assert amounts(result) == {"1": 100, "2": 0, "3": 0}
        assert "未達及格分數" in reasons(result, "2")
        assert "未列入排序" in reasons(result, "3")


def test_A1_proportional_gives_everyone_the_same_ratio_and_spends_it_all():
    rows = [case("1", 1, 100), case("2", 2, 100), case("3", 3, 100)]
    result = proportional(rows, Limits(200))
    # 66⅔ each: equal remainders, so the two best ranked get the two dollars left over.
    assert amounts(result) == {"1": 67, "2": 67, "3": 66}
    assert result.ratio == F(2, 3)
    assert result.remaining == 0


def test_A1_proportional_gives_left_over_dollars_to_the_largest_remainder():
    result = proportional([case("1", 1, 10), case("2", 2, 19)], Limits(15))
    # 5.17 and 9.83
    assert amounts(result) == {"1": 5, "2": 10}


def test_A1_proportional_never_gives_more_than_the_base():
    result = proportional(THREE, Limits(10**9))
    assert amounts(result) == {"1": 400, "2": 600, "3": 300}
    assert result.ratio == 1


@pytest.mark.parametrize(("requested", "most"), [(500, 500), (501, 499)])
def test_B2_the_subsidy_never_exceeds_the_company_share_at_50_percent(requested, most):
    rows = [case("1", 1, requested, total=1000)]
    assert amounts(in_rank_order(rows, Limits(9999, account_ratio=HALF))) == {"1": most}


def test_B2_the_company_share_stands_when_the_award_is_cut():
    ask = AccountAsk("operations", 400, 300, total=1000)
    assert account_limit(ask, HALF) == 400
    assert account_limit(ask, F(1, 3)) == 300
    assert account_limit(ask, F(1)) == 400
    assert account_limit(ask, None) == 400


@pytest.mark.parametrize(("given", "broken"), [(499, False), (500, True)])
def test_B2_is_found_to_the_dollar(given, broken):
    rows = [case("1", 1, 501, total=1000)]
    limits = Limits(9999, account_ratio=HALF)
    findings = check_allocation(rows, by_hand(rows, limits, {"1": {"operations": given}}), limits)
    assert [f.rule for f in findings] == (["B2"] if broken else [])
    if broken:
        assert findings[0].numbers == {"amount": 500, "company_share": 499, "most": 499, "over": 1}
        assert findings[0].clause == "貳.三(二)"


def test_B3_the_head_count_cap_is_100000_a_student_and_60000_an_employee():
    rates = {"student": 100_000, "employee": 60_000}
    assert head_count_cap({"student": 2, "employee": 3}, rates) == 380_000


def test_B3_cuts_the_accounts_in_proportion():
    asks = (AccountAsk("personnel", 300), AccountAsk("operations", 100))
    result = in_rank_order([Candidate("1", 1, True, asks, cap=200)], Limits(9999))
    assert result.awards[0].by_account == {"personnel": 150, "operations": 50}
    assert "（B3）" in reasons(result, "1")


@pytest.mark.parametrize(("given", "rules"), [(380_000, []), (380_001, ["B3"])])
def test_B3_is_found_to_the_dollar(given, rules):
    rows = [case("1", 1, 500_000, cap=380_000)]
    limits = Limits(9_999_999)
    result = by_hand(rows, limits, {"1": {"operations": given}})
    assert [f.rule for f in check_allocation(rows, result, limits)] == rules


def test_B4_the_better_ranked_case_of_a_company_draws_on_its_cap_first():
    rows = [case("2", 2, 1_500_000, company="90000000"), case("1", 1, 1_500_000, company="90000000")]
    limits = Limits(9_999_999, company_cap=2_500_000)
    result = in_rank_order(rows, limits)
    assert amounts(result) == {"1": 1_500_000, "2": 1_000_000}
    assert "（B4）" in reasons(result, "2")
    assert check_allocation(rows, result, limits) == []


def test_B4_counts_what_was_granted_before():
    limits = Limits(9_999_999, company_cap=2_500_000, company_used={"90000000": 2_400_000})
    assert amounts(in_rank_order([case("1", 1, 500_000, company="90000000")], limits)) == {"1": 100_000}


@pytest.mark.parametrize(("second", "rules"), [(1_000_000, []), (1_000_001, ["B4"])])
def test_B4_is_found_to_the_dollar_across_the_cases_of_a_company(second, rules):
    rows = [case("1", 1, 1_500_000, company="90000000"), case("2", 2, 1_500_000, company="90000000")]
    limits = Limits(9_999_999, company_cap=2_500_000)
    given = {"1": {"operations": 1_500_000}, "2": {"operations": second}}
    findings = check_allocation(rows, by_hand(rows, limits, given), limits)
    assert [f.rule for f in findings] == rules
    if rules:
        assert "90000000" in findings[0].message
        assert findings[0].numbers["over"] == 1


def test_cases_without_a_company_share_no_cap():
    rows = [case("1", 1, 2_500_000), case("2", 2, 2_500_000)]
    limits = Limits(9_999_999, company_cap=2_500_000)
    assert in_rank_order(rows, limits).spent == 5_000_000


@pytest.mark.parametrize(("given", "rules"), [(100, []), (101, ["A1-request"])])
def test_never_above_the_request(given, rules):
    rows, limits = [case("1", 1, 100)], Limits(9999)
    result = by_hand(rows, limits, {"1": {"operations": given}})
    assert [f.rule for f in check_allocation(rows, result, limits)] == rules


def test_a_recommendation_above_the_request_is_held_to_it():
    result = in_rank_order([case("1", 1, 100, 150)], Limits(9999))
    assert amounts(result) == {"1": 100}
    assert "以申請金額計" in reasons(result, "1")


@pytest.mark.parametrize(("envelope", "rules"), [(200, []), (199, ["A1"])])
def test_A1_is_found_to_the_dollar(envelope, rules):
    rows, limits = [case("1", 1, 100), case("2", 2, 100)], Limits(envelope)
    result = by_hand(rows, limits, {"1": {"operations": 100}, "2": {"operations": 100}})
    findings = check_allocation(rows, result, limits)
    assert [f.rule for f in findings] == rules
    assert result.remaining == envelope - 200


def test_by_hand_reports_every_kind_of_mistake_at_once():
    rows = [case("1", 1, 100), case("2", 2, 100, passed=False), case("3", None, 100), case("4", 4, 100)]
    limits = Limits(9999, min_useful=50)
    given = {"1": {"operations": -1}, "2": {"operations": 60}, "3": {"gift": 70}, "4": {"operations": 49}}
    findings = check_allocation(rows, by_hand(rows, limits, given), limits)
    found = {(f.where, f.severity) for f in findings}
    assert ("allocation.1.operations", Severity.ERROR) in found
    assert ("allocation.2", Severity.ERROR) in found
    assert ("allocation.3.gift", Severity.ERROR) in found
    assert ("allocation.3", Severity.ERROR) in found
    assert ("allocation.4", Severity.WARNING) in found


def test_A1_skipping_a_better_case_is_a_warning():
    rows, limits = [case("1", 1, 100), case("2", 2, 100)], Limits(9999)
    findings = check_allocation(rows, by_hand(rows, limits, {"2": {"operations": 100}}), limits)
    assert [(f.rule, f.severity) for f in findings] == [("A1", Severity.WARNING)]
    assert findings[0].message == "第 1 名 1 未獲補助，排序較後的第 2 名 2 卻獲補助。"


def test_unknown_cases_duplicate_cases_ranks_and_accounts_are_refused():
    limits = Limits(1)
    with pytest.raises(AllocationError, match="9"):
        by_hand(THREE, limits, {"9": {}})
    with pytest.raises(AllocationError, match="案號"):
        in_rank_order([case("1", 1, 1), case("1", 2, 1)], limits)
    with pytest.raises(AllocationError, match="排序"):
        in_rank_order([case("1", 1, 1), case("2", 1, 1)], limits)
    twice = (AccountAsk("a", 1), AccountAsk("a", 1))
    with pytest.raises(AllocationError, match="科目"):
        in_rank_order([Candidate("1", 1, True, twice)], limits)
    with pytest.raises(AllocationError, match="9"):
        check_allocation(THREE, in_rank_order([case("9", 1, 1)], limits), limits)


@pytest.mark.parametrize(("cut", "left"), [(F(0), 1001), (F(1, 10), 900), (F(1), 0)])
def test_X6_a_cut_envelope_rounds_down(cut, left):
    assert cut_envelope(1001, cut) == left


@pytest.mark.parametrize("cut", [F(-1, 10), F(11, 10)])
def test_X6_a_cut_is_between_nothing_and_all(cut):
    with pytest.raises(AllocationError):
        cut_envelope(1000, cut)


def test_RA8_heads_are_shared_out_by_the_same_functions():
    rows = [
        Candidate("甲", 1, True, (AccountAsk("heads", 10, 8),)),
        Candidate("乙", 2, True, (AccountAsk("heads", 6),)),
        Candidate("丙", 3, True, (AccountAsk("heads", 5),)),
    ]
    limits = Limits(15, unit="人", min_useful=5, rules={**Limits(0).rules, "request": RuleRef("RA8", "十一")})
    result = in_rank_order(rows, limits)
    assert amounts(result) == {"甲": 8, "乙": 6, "丙": 0}
    assert "低於最低有效補助 5 人" in reasons(result, "丙")
    too_many = by_hand(rows, limits, {"丙": {"heads": 6}})
    assert "RA8" in [f.rule for f in check_allocation(rows, too_many, limits)]
    assert sum(amounts(proportional(rows, limits)).values()) == 15


def test_scenarios_are_compared_case_by_case():
    full = in_rank_order(THREE, Limits(1300))
    cut = in_rank_order(THREE, Limits(cut_envelope(1300, F(1, 4))))
    comparison = compare_scenarios(full, cut)
    assert [(r.case, r.change, r.kind) for r in comparison.rows] == [
        ("1", 0, "same"),
        ("2", -25, "less"),
        ("3", -300, "lost"),
    ]
    assert [r.case for r in comparison.changed] == ["2", "3"]
    assert (comparison.spent_before, comparison.spent_after) == (1300, 975)
    assert [r.kind for r in compare_scenarios(cut, full).rows] == ["same", "more", "gained"]


def test_scenarios_with_different_cases_count_the_missing_as_nothing():
    a, b = in_rank_order(THREE[:1], Limits(300)), in_rank_order(THREE[1:], Limits(9999))
    assert {r.case: r.kind for r in compare_scenarios(a, b).rows} == {
        "3": "lost",
        "1": "gained",
        "2": "gained",
    }


def season(count, seed=1):
    random_ = random.Random(seed)
    rows = []
    for i in range(1, count + 1):
        asks = []
        for account in ("personnel", "operations", "equipment"):
            total = random_.randrange(0, 2_000_000)
            asked = random_.randrange(0, total // 2 + 50_000)
            asks.append(AccountAsk(account, min(asked, total), random_.choice([None, asked]), total))
        cap = random_.randrange(100_000, 3_000_000)
        company = f"9{random_.randrange(count):07}"
        rows.append(Candidate(f"114-{i:04}", i, random_.random() < 0.8, tuple(asks), cap, company))
    return rows


def test_a_thousand_cases_break_no_limit_in_either_way():
    rows = season(1000)
    limits = Limits(300_000_000, HALF, 2_500_000)
    for result in (in_rank_order(rows, limits), proportional(rows, limits)):
        assert [f for f in check_allocation(rows, result, limits) if f.severity is Severity.ERROR] == []
        assert result.remaining == 0
        assert len(result.awards) == 1000


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50)), st.data())
def test_shrinking_sums_up_and_never_grows(given_amounts, data):
    target = data.draw(st.integers(0, sum(given_amounts.values())))
    result = shrink(given_amounts, target)
    assert sum(result.values()) == target
    assert all(0 <= result[key] <= given_amounts[key] for key in given_amounts)
    total = sum(given_amounts.values())
    assert all(
        abs(result[k] * total - given_amounts[k] * target) < total for k in given_amounts if target < total
    )


def test_shrinking_never_grows_a_total():
    for target in (-1, 3):
        with pytest.raises(AllocationError):
            shrink({"a": 2}, target)


asks = st.builds(
    lambda requested, recommended, extra: (requested, recommended, requested + extra),
    st.integers(0, 60),
    st.one_of(st.none(), st.integers(0, 80)),
    st.integers(0, 60),
)
rows_of = st.lists(
    st.tuples(
        asks, asks, st.booleans(), st.one_of(st.none(), st.integers(0, 90)), st.sampled_from(["", "A", "B"])
    ),
    max_size=7,
).map(
    lambda drawn: [
        Candidate(str(i), i, ok, (AccountAsk("p", *a), AccountAsk("o", *b)), cap, company)
        for i, (a, b, ok, cap, company) in enumerate(drawn, 1)
    ]
)


@given(
    rows_of,
    st.integers(0, 300),
    st.sampled_from([None, F(1, 2), F(1, 3), F(49, 100)]),
    st.one_of(st.none(), st.integers(0, 120)),
    st.sampled_from(list(Base)),
    st.sampled_from(list(Partial)),
    st.randoms(),
)
def test_no_way_ever_breaks_a_limit_and_order_never_matters(rows, envelope, ratio, cap, base, partial, rng):
    limits = Limits(envelope, ratio, cap)
    shuffled = rng.sample(rows, len(rows))
    ways = (
        lambda r: in_rank_order(r, limits, base=base, partial=partial),
        lambda r: proportional(r, limits, base=base),
    )
    for way in ways:
        result = way(rows)
        assert result == way(shuffled)
        errors = [
            f for f in check_allocation(rows, result, limits, base=base) if f.severity is Severity.ERROR
        ]
        assert errors == []
        assert result.spent == min(envelope, sum(a.base for a in result.awards)) or partial is Partial.NOTHING
        assert all(award.amount <= award.base for award in result.awards)


def _of_versions(first: int, second: int) -> list[Candidate]:
    """Two cases of one company: rank 1 of a version that caps at 300, rank 2 of one that caps at 500."""
    asks = [(AccountAsk("operations", amount, total=2 * amount),) for amount in (first, second)]
    return [
        Candidate("1", 1, True, asks[0], company="12345675", company_cap=300),
        Candidate("2", 2, True, asks[1], company="12345675"),
    ]


def test_B4_versions_of_a_call_cap_a_company_as_each_case_began():
    limits = Limits(10_000, company_cap=500)
    made = in_rank_order(_of_versions(400, 400), limits)
    assert amounts(made) == {"1": 300, "2": 200}
    assert check_allocation(_of_versions(400, 400), made, limits) == []


@pytest.mark.parametrize(
    ("first", "second", "over"), [(300, 200, 0), (301, 0, 1), (301, 199, 1), (0, 501, 1)]
)
def test_B4_a_company_over_the_cap_of_one_of_its_cases_is_named(first, second, over):
    rows = _of_versions(600, 600)
    limits = Limits(10_000, company_cap=500)
    laid = by_hand(rows, limits, {"1": {"operations": first}, "2": {"operations": second}})
    found = [f for f in check_allocation(rows, laid, limits) if f.rule == "B4"]
    assert [f.numbers["over"] for f in found] == ([over] if over else [])
