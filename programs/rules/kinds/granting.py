"""Kinds about what is granted: ceilings of a head and of an account (RA3), the reserve list (RA8), no appeal (RA5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import floor_ratio, fmt
from programs.rules.budget_sums import account_totals, requested_heads, requested_subsidy
from programs.rules.facts import CaseFacts
from programs.rules.kinds.budget import percent
from programs.rules.kinds.registry import Context, NoParams, holds, kind, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@dataclass(frozen=True, slots=True)
class PerHeadCapParams:
    """``maximum``: dollars of subsidy for each head that is asked for."""

    maximum: int = field(metadata=words("每名最高補助", "一名一年最多補助多少。", unit="元", min=1))


@kind(
    "per_head_cap",
    PerHeadCapParams,
    title="每名的補助上限",
    says="整件申請的補助款，不得超過申請員額乘上每名的上限。",
    group="B",
)
def per_head_cap(params: PerHeadCapParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The whole subsidy is at most so many dollars for each head asked for."""
    heads, used = requested_heads(facts), requested_subsidy(facts)
    if not facts.budget or not heads:
        return []
    limit = params.maximum * heads
    working = f"{fmt(heads)} 名 × {fmt(params.maximum)} 元"
    numbers = {"subsidy": used, "limit": limit, "over": max(0, used - limit), "heads": heads}
    if used > limit:
        text = f"申請補助款 {fmt(used)} 元，超過員額上限 {fmt(limit)} 元（{working}）。"
        return [problem(rule, "budget", text, f"請減少 {fmt(used - limit)} 元。", numbers)]
    text = f"申請補助款 {fmt(used)} 元，未超過員額上限 {fmt(limit)} 元（{working}）。"
    return [holds(rule, "budget", text, numbers)]


@dataclass(frozen=True, slots=True)
class AccountShareCapParams:
    """The subsidy of ``account`` is at most ``ratio`` of the whole subsidy."""

    account: str = field(metadata=words("會計科目", "受限制的科目。", refers="accounts"))
    ratio: Fraction = field(metadata=words("占補助總額上限", "寫成 5% 或 1/20。", min=0, max=1))

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        return _known_account(terms, self.account)


def _known_account(terms: Terms, key: str) -> list[str]:
    return [] if key in {a.key for a in terms.accounts} else ["account: 沒有這個會計科目"]


@kind(
    "account_share_cap",
    AccountShareCapParams,
    title="單一科目占比上限",
    says="一個會計科目（例如管理費）的補助款，不得超過補助總額的這個比例。",
    group="B",
)
def account_share_cap(
    params: AccountShareCapParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """One account takes at most a share of the whole subsidy."""
    if not facts.budget:
        return []
    total = requested_subsidy(facts)
    account = next(t for t in account_totals(context.terms, facts) if t.key == params.account)
    limit = floor_ratio(max(total, 0), params.ratio)
    numbers = {"subsidy": account.subsidy, "total": total, "limit": limit}
    where = f"budget.{params.account}"
    if account.subsidy > limit:
        text = (
            f"{account.label} {fmt(account.subsidy)} 元，超過補助總額 {fmt(total)} 元的 "
            f"{percent(params.ratio)}（{fmt(limit)} 元）。"
        )
        return [problem(rule, where, text, f"請減少至少 {fmt(account.subsidy - limit)} 元。", numbers)]
    text = f"{account.label} {fmt(account.subsidy)} 元，未超過補助總額的 {percent(params.ratio)}。"
    return [holds(rule, where, text, numbers)]


@dataclass(frozen=True, slots=True)
class FixedPriceParams:
    """Every line of ``account`` has this ``price``, in dollars for one unit."""

    account: str = field(metadata=words("會計科目", "單價固定的科目。", refers="accounts"))
    price: int = field(metadata=words("固定單價", "每一筆都要寫這個金額，不多也不少。", unit="元", min=1))

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        return _known_account(terms, self.account)


@kind(
    "fixed_price",
    FixedPriceParams,
    title="固定單價的科目",
    says="這個會計科目每一筆的單價，都必須是規定的金額。",
    group="B",
)
def fixed_price(params: FixedPriceParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The lines of an account all have the price that the clause fixes."""
    label = context.terms.label("accounts", params.account)
    lines = [(i, b) for i, b in enumerate(facts.budget or ()) if b.account == params.account]
    priced = [(i, b.unit_price) for i, b in lines if b.unit_price is not None]
    findings = [
        problem(
            rule,
            f"budget[{i}].unit_price",
            f"第 {i + 1} 筆{label}單價 {fmt(price)} 元，規定一律 {fmt(params.price)} 元。",
            f"請改為 {fmt(params.price)} 元。",
            {"price": price, "fixed": params.price},
        )
        for i, price in priced
        if price != params.price
    ]
    if findings or not priced:
        return findings
    return [holds(rule, f"budget.{params.account}", f"{label}單價都是 {fmt(params.price)} 元。")]


@dataclass(frozen=True, slots=True)
class ReserveParams:
    """``ratio`` of what is granted may be kept on a reserve list; ``refill``: what is unused goes to others."""

    ratio: Fraction = field(
        metadata=words("備取比例", "占核定數的比例，例如 20%；不足一名不計。", min=0, max=1)
    )
    refill: bool = field(
        default=True,
        metadata=words("缺額遞補其他單位", "釋出的數額依審查排序給其他單位，不超過各單位的原申請數。"),
    )


@kind(
    "reserve",
    ReserveParams,
    title="備取與遞補",
    says="核定時附帶備取名額；有單位釋出時，依審查排序遞補給其他單位。",
    group="A",
)
def reserve(params: ReserveParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """A reserve list beside what is granted; the decision carries it out. Silent on an application."""
    return []


@kind(
    "no_appeal",
    NoParams,
    title="不受理申覆",
    says="審查結果不受理申覆；這條規則的說明會寫在結果函與結果頁。",
    group="A",
)
def no_appeal(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The result can't be appealed: the rule's text stands on letters and result pages. Silent on an application."""
    return []
