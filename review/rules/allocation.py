"""The decision meeting's arithmetic (A1): an envelope shared out to the ranked cases that passed.

Amounts are whole units, dollars or heads, as the call grants them; the same functions serve both, ``Limits.unit``
and its words only word the messages. Accounts are data. Nothing here rounds in a case's favour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from core.money import floor_ratio
from review.rules.scoring import plain


class AllocationError(ValueError):
    """The input cannot be allocated as it is; the message is for the user."""


class Base(StrEnum):
    """What an award starts from. An account without a recommendation starts from its request."""

    RECOMMENDED = "recommended"
    REQUESTED = "requested"


class Partial(StrEnum):
    """What the case gets at which the envelope runs out."""

    REMAINDER = "remainder"
    NOTHING = "nothing"


class Way(StrEnum):
    """How the envelope is shared out."""

    IN_RANK_ORDER = "in_rank_order"
    PROPORTIONAL = "proportional"
    BY_HAND = "by_hand"

    @property
    def label(self) -> str:
        return {"in_rank_order": "依排序至用罄", "proportional": "同比例分配", "by_hand": "逐案填列"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class AccountAsk:
    """One account of one case.

    ``total`` is subsidy and company share as applied for, None where no ratio applies.
    """

    account: str
    requested: int
    recommended: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case before the meeting. ``cap``: head-count cap (B3); ``company``: 統編, for B4 ("" for none).

    ``ratio``: the case's own share of subsidy in an account, where it depends on the applicant's size.
    ``company_cap``: the most for its company (B4) where the case began with another version of the call.
    """

    case: str
    rank: int | None
    passed: bool
    asks: tuple[AccountAsk, ...]
    cap: int | None = None
    company: str = ""
    ratio: Fraction | None = None
    company_cap: int | None = None

    @property
    def requested(self) -> int:
        return sum(ask.requested for ask in self.asks)


@dataclass(frozen=True, slots=True)
class RuleRef:
    """Which rule of the call a limit carries out."""

    rule: str
    clause: str


IPAS_RULES: Mapping[str, RuleRef] = {
    "ratio": RuleRef("B2", "貳.三(二)"),
    "case_cap": RuleRef("B3", "貳.三(二)"),
    "company_cap": RuleRef("B4", "貳.三(二)"),
    "envelope": RuleRef("A1", "參.一"),
    "request": RuleRef("A1-request", "參.一"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What no allocation may break. None switches a limit off.

    ``account_ratio``: most of an account that may be subsidy (B2). ``company_cap``: most for one company in
    the call (B4), less ``company_used``, what it was granted outside this meeting. ``labels`` names accounts;
    ``rules`` maps ratio, case_cap, company_cap, envelope and request to the call's own rule IDs.
    """

    envelope: int
    account_ratio: Fraction | None = None
    company_cap: int | None = None
    company_used: Mapping[str, int] = field(default_factory=dict)
    min_useful: int = 0
    unit: str = "元"
    pool: str = "經費"
    measure: str = "金額"
    verb: str = "補助"
    labels: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, RuleRef] = field(default_factory=lambda: IPAS_RULES)

    def say(self, amount: int) -> str:
        """An amount with its unit: ``800,000 元``."""
        return f"{amount:,} {self.unit}"

    def ratio(self, candidate: Candidate) -> Fraction | None:
        """The share that holds for a case: its own, or the call's (B2)."""
        return candidate.ratio if candidate.ratio is not None else self.account_ratio

    def company_most(self, candidate: Candidate) -> int | None:
        """The most for the case's company: by its own version, or the call's (B4)."""
        return candidate.company_cap if candidate.company_cap is not None else self.company_cap

    def label(self, account: str) -> str:
        return self.labels.get(account, account)


@dataclass(frozen=True, slots=True)
class Award:
    """What one case is proposed to get, by account, and why. ``base`` is what it could get at most."""

    case: str
    rank: int | None
    by_account: Mapping[str, int]
    base: int
    reasons: tuple[str, ...] = ()

    @property
    def amount(self) -> int:
        return sum(self.by_account.values())


@dataclass(frozen=True, slots=True)
class Allocation:
    """A whole proposal: one award for each candidate in rank order; ``ratio`` for the proportional way."""

    way: Way
    envelope: int
    awards: tuple[Award, ...]
    ratio: Fraction | None = None

    @property
    def spent(self) -> int:
        return sum(award.amount for award in self.awards)

    @property
    def remaining(self) -> int:
        """What is left of the envelope; negative when a proposal by hand oversteps it."""
        return self.envelope - self.spent

    @property
    def funded(self) -> int:
        """How many cases get something."""
        return sum(award.amount > 0 for award in self.awards)

    @property
    def by_case(self) -> dict[str, Award]:
        return {award.case: award for award in self.awards}


def head_count_cap(heads: Mapping[str, int], rates: Mapping[str, int]) -> int:
    """B3: Σ rate × heads over the kinds of trainee. A kind without a rate adds nothing."""
    return sum(rates.get(kind, 0) * count for kind, count in heads.items())


def cut_envelope(envelope: int, cut: Fraction) -> int:
    """The envelope after a cut by the share ``cut`` (0 to 1), rounded down."""
    if not 0 <= cut <= 1:
        raise AllocationError("刪減比例須介於 0% 與 100% 之間。")
    return floor_ratio(envelope, 1 - cut)


def account_limit(ask: AccountAsk, ratio: Fraction | None) -> int:
    """The most that an account may get: its request, and by B2 ``ratio`` of subsidy and company share.

    The company share stands when the award is cut, so subsidy ≤ ratio × (subsidy + share), that is
    subsidy ≤ share × ratio ÷ (1 − ratio); at 50 % the subsidy never exceeds the company share.
    """
    if ratio is None or ask.total is None or ratio >= 1:
        return max(0, ask.requested)
    share = max(0, ask.total - ask.requested)
    return max(0, min(ask.requested, floor_ratio(share, ratio / (1 - ratio))))


def shrink(amounts: Mapping[str, int], target: int) -> dict[str, int]:
    """``amounts`` scaled to sum to ``target`` (at most their sum), by largest remainder.

    Equal remainders go by the given order; no amount grows. Raises AllocationError for a target out of range.
    """
    total = sum(amounts.values())
    if not 0 <= target <= total:
        raise AllocationError("分配總額超出範圍。")
    if target == total:
        return dict(amounts)
    shares = {key: value * target // total for key, value in amounts.items()}
    by_remainder = sorted(amounts, key=lambda key: -(amounts[key] * target % total))
    for key in by_remainder[: target - sum(shares.values())]:
        shares[key] += 1
    return shares


@dataclass(frozen=True, slots=True)
class Want:
    """What a case could get if the envelope were endless, and the limits that made it so."""

    candidate: Candidate
    by_account: Mapping[str, int]
    reasons: tuple[str, ...]

    @property
    def amount(self) -> int:
        return sum(self.by_account.values())


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """By rank, unranked ones last by case number. Raises AllocationError for a case or a rank given twice."""
    rows = sorted(candidates, key=lambda c: (c.rank is None, c.rank or 0, c.case))
    ranks = [c.rank for c in rows if c.rank is not None]
    if len({c.case for c in rows}) != len(rows):
        raise AllocationError("案號重複。")
    if len(set(ranks)) != len(ranks):
        raise AllocationError("排序重複，請先排定先後。")
    for c in rows:
        if len({ask.account for ask in c.asks}) != len(c.asks):
            raise AllocationError(f"{c.case} 的會計科目重複。")
    return rows


def in_rank_order(
    candidates: Iterable[Candidate],
    limits: Limits,
    *,
    base: Base = Base.RECOMMENDED,
    partial: Partial = Partial.REMAINDER,
) -> Allocation:
    """Fund the passed cases fully in rank order until the envelope is used up.

    The first case that cannot be funded fully gets what is left (``REMAINDER``, unless less than
    ``limits.min_useful``) or nothing; every later case gets nothing, so that no case overtakes a better one.
    """
    awards: list[Award] = []
    left, closed = max(0, limits.envelope), False
    for want in wants(candidates, limits, base):
        amounts, reasons = dict(want.by_account), list(want.reasons)
        if want.amount and (closed or want.amount > left):
            grant, reason = (
                (0, f"{limits.pool}已由排序較前的案件用罄。")
                if closed
                else _last(want, left, limits, partial)
            )
            amounts, closed = shrink(amounts, grant), True
            reasons.append(reason)
        elif want.amount:
            reasons.append(f"依排序{limits.verb} {limits.say(want.amount)}。")
        left -= sum(amounts.values())
        awards.append(_award(want, amounts, reasons))
    return Allocation(Way.IN_RANK_ORDER, limits.envelope, tuple(awards))


def _last(want: Want, left: int, limits: Limits, partial: Partial) -> tuple[int, str]:
    short = f"可{limits.verb} {limits.say(want.amount)}，{limits.pool}僅餘 {limits.say(left)}"
    if partial is Partial.NOTHING:
        return 0, f"{short}，依設定不予部分{limits.verb}。"
    if not left or left < limits.min_useful:
        floor = f"，低於最低有效{limits.verb} {limits.say(limits.min_useful)}" if left else ""
        return 0, f"{short}{floor}，不予{limits.verb}。"
    return left, f"{short}，{limits.verb}餘額。"


def proportional(
    candidates: Iterable[Candidate], limits: Limits, *, base: Base = Base.RECOMMENDED
) -> Allocation:
    """Give every passed case the same ratio of what it could get, rounded down.

    The dollars left over by rounding go one each to the largest remainders, then by rank. The base is taken
    after the limits, so the result keeps all of them, save ``limits.min_useful``, which only the check tells.
    """
    wanted = list(wants(candidates, limits, base))
    total = sum(want.amount for want in wanted)
    target = max(0, min(limits.envelope, total))
    ratio = Fraction(target, total) if total else Fraction(1)
    shares = shrink({want.candidate.case: want.amount for want in wanted}, target)
    awards = []
    for want in wanted:
        grant = shares[want.candidate.case]
        reasons = list(want.reasons)
        if want.amount:
            percent = plain(ratio * 100)
            reasons.append(
                f"可{limits.verb} {limits.say(want.amount)}，同比例 {percent}% 分配，{limits.verb} {limits.say(grant)}。"
                if ratio < 1
                else f"{limits.pool}足夠，{limits.verb} {limits.say(grant)}。"
            )
        awards.append(_award(want, shrink(want.by_account, grant), reasons))
    return Allocation(Way.PROPORTIONAL, limits.envelope, tuple(awards), ratio)


def by_hand(
    candidates: Iterable[Candidate],
    limits: Limits,
    amounts: Mapping[str, Mapping[str, int]],
    *,
    base: Base = Base.RECOMMENDED,
) -> Allocation:
    """Lay out the given amounts (case → account → amount) as they are.

    What they break is for :func:`review.rules.allocation_check.check_allocation` to say.

    Raises AllocationError for a case that is not a candidate.
    """
    wanted = list(wants(candidates, limits, base))
    if unknown := sorted(set(amounts) - {want.candidate.case for want in wanted}):
        raise AllocationError(f"名單中沒有這些案號：{'、'.join(unknown)}。")
    awards = []
    for want in wanted:
        given = dict(amounts.get(want.candidate.case, {}))
        laid = {ask.account: given.pop(ask.account, 0) for ask in want.candidate.asks} | given
        reason = (
            f"逐案填列 {limits.say(sum(laid.values()))}。" if any(laid.values()) else f"未填列{limits.verb}。"
        )
        awards.append(_award(want, laid, [*want.reasons, reason]))
    return Allocation(Way.BY_HAND, limits.envelope, tuple(awards))


def _award(want: Want, amounts: Mapping[str, int], reasons: Sequence[str]) -> Award:
    c = want.candidate
    return Award(c.case, c.rank, amounts, want.amount, tuple(reasons))


def wants(candidates: Iterable[Candidate], limits: Limits, base: Base) -> Iterable[Want]:
    """Every candidate in rank order with its limits applied; a company's better case draws on B4 first."""
    used = dict(limits.company_used)
    for c in in_order(candidates):
        if c.rank is None or not c.passed:
            why = f"{'未列入排序' if c.rank is None else '未達及格分數'}，不予{limits.verb}。"
            yield Want(c, {ask.account: 0 for ask in c.asks}, (why,))
            continue
        want = _want(c, limits, base, used.get(c.company, 0) if c.company else 0)
        if c.company:
            used[c.company] = used.get(c.company, 0) + want.amount
        yield want


def _want(c: Candidate, limits: Limits, base: Base, used: int) -> Want:
    amounts: dict[str, int] = {}
    reasons: list[str] = []
    ratio = limits.ratio(c)
    for ask in c.asks:
        start = ask.requested if base is Base.REQUESTED or ask.recommended is None else ask.recommended
        asked = max(0, min(start, ask.requested))
        amounts[ask.account] = min(asked, account_limit(ask, ratio))
        if start > ask.requested:
            reasons.append(
                f"{limits.label(ask.account)}建議{limits.measure}高於申請{limits.measure}，以申請{limits.measure}計。"
            )
        if amounts[ask.account] < asked and ratio is not None:
            share = plain(ratio * 100)
            reasons.append(
                f"{limits.label(ask.account)}不得逾該科目總額 {share}%，由 {limits.say(asked)}減為"
                f" {limits.say(amounts[ask.account])}（{limits.rules['ratio'].rule}）。"
            )
    caps = []
    if c.cap is not None:
        caps.append((c.cap, "人數上限", limits.rules["case_cap"].rule))
    if c.company and (most := limits.company_most(c)) is not None:
        caps.append((most - used, "公司上限餘額", limits.rules["company_cap"].rule))
    if caps:
        cap, name, rule = min(caps, key=lambda item: item[0])
        total = sum(amounts.values())
        if total > max(0, cap):
            amounts = shrink(amounts, max(0, cap))
            reasons.append(
                f"合計 {limits.say(total)}超過{name} {limits.say(max(0, cap))}，各科目同比例減列（{rule}）。"
            )
    if not sum(amounts.values()):
        reasons.append(f"沒有可{limits.verb}的{limits.measure}。")
    return Want(c, amounts, tuple(reasons))


@dataclass(frozen=True, slots=True)
class Difference:
    """One case in two scenarios."""

    case: str
    before: int
    after: int
    by_account: Mapping[str, tuple[int, int]]

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def kind(self) -> str:
        """``gained`` or ``lost`` (from or to nothing), ``more``, ``less`` or ``same``, by the total."""
        if self.before == self.after:
            return "same"
        if not self.before:
            return "gained"
        if not self.after:
            return "lost"
        return "more" if self.change > 0 else "less"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two scenarios beside each other, in the rank order of the first."""

    rows: tuple[Difference, ...]
    spent_before: int
    spent_after: int

    @property
    def changed(self) -> tuple[Difference, ...]:
        """Only the cases for which an account differs."""
        return tuple(row for row in self.rows if any(a != b for a, b in row.by_account.values()))


def compare_scenarios(a: Allocation, b: Allocation) -> Comparison:
    """What changes for each case from scenario ``a`` to ``b``; a case that one lacks counts as 0 there."""
    before, after = a.by_case, b.by_case
    order = [*before, *(case for case in after if case not in before)]
    rows = []
    for case in order:
        old = before[case].by_account if case in before else {}
        new = after[case].by_account if case in after else {}
        accounts = {
            key: (old.get(key, 0), new.get(key, 0)) for key in [*old, *(k for k in new if k not in old)]
        }
        rows.append(Difference(case, sum(old.values()), sum(new.values()), accounts))
    return Comparison(tuple(rows), a.spent, b.spent)
