"""What an allocation breaks (B2, B3, B4, A1, never above the request), as findings with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from core.findings import Finding, Severity
from review.rules.allocation import (
    AccountAsk,
    Allocation,
    AllocationError,
    Award,
    Base,
    Candidate,
    Limits,
    account_limit,
    in_order,
    wants,
)
from review.rules.scoring import plain


def check_allocation(
    candidates: Iterable[Candidate], allocation: Allocation, limits: Limits, *, base: Base = Base.RECOMMENDED
) -> list[Finding]:
    """Every limit that an allocation breaks, by its rule and with the numbers; an empty list is a clean bill.

    Errors: an amount below 0 or in an unknown account, more than the request, B2, B3, B4, a case that did
    not pass, more than the envelope (A1).
    Warnings: an award below ``limits.min_useful``; a passed case left out while a later one is funded.
    """
    rows = in_order(candidates)
    awards = allocation.by_case
    if unknown := sorted(set(awards) - {c.case for c in rows}):
        raise AllocationError(f"名單中沒有這些案號：{'、'.join(unknown)}。")
    findings: list[Finding] = []
    by_company: dict[str, list[tuple[int, int | None]]] = {}
    for c in rows:
        given = awards[c.case].by_account if c.case in awards else {}
        findings += _check_case(c, given, limits)
        if c.company and sum(given.values()):
            by_company.setdefault(c.company, []).append((sum(given.values()), limits.company_most(c)))
    findings += _check_companies(by_company, limits)
    findings += _check_skipped(rows, awards, limits, base)
    spent = allocation.spent
    if spent > limits.envelope:
        message = (
            f"{limits.verb}合計 {limits.say(spent)}，超過可用{limits.pool} {limits.say(limits.envelope)}"
            f"，多出 {limits.say(spent - limits.envelope)}。"
        )
        numbers = {"spent": spent, "envelope": limits.envelope, "over": spent - limits.envelope}
        findings.append(
            _finding(limits, "envelope", message, "allocation", numbers, f"請調減{limits.measure}或案數。")
        )
    return findings


def _finding(
    limits: Limits,
    limit: str,
    message: str,
    where: str,
    numbers: Mapping[str, int | str],
    remedy: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    ref = limits.rules[limit]
    return Finding(ref.rule, ref.clause, severity, message, where, dict(numbers), remedy)


def _check_case(c: Candidate, given: Mapping[str, int], limits: Limits) -> list[Finding]:
    findings: list[Finding] = []
    asks = {ask.account: ask for ask in c.asks}
    for account, amount in given.items():
        where, name = f"allocation.{c.case}.{account}", f"{c.case} {limits.label(account)}"
        ask = asks.get(account)
        if amount < 0:
            numbers = {"amount": amount}
            text = f"{name}的{limits.measure}不得為負數。"
            findings.append(_finding(limits, "request", text, where, numbers, "請改為 0 以上。"))
        elif amount > (ask.requested if ask else 0):
            requested = ask.requested if ask else 0
            text = f"{name}{limits.verb} {limits.say(amount)}，高於申請的 {limits.say(requested)}。"
            numbers = {"amount": amount, "requested": requested, "over": amount - requested}
            remedy = f"最多 {limits.say(requested)}。"
            findings.append(_finding(limits, "request", text, where, numbers, remedy))
        if ask and amount > 0:
            findings += _check_ratio(ask, amount, limits, limits.ratio(c), where, name)
    total = sum(given.values())
    where = f"allocation.{c.case}"
    if total > 0 and (c.rank is None or not c.passed):
        text = f"{c.case} {'未列入排序' if c.rank is None else '未達及格分數'}，不得{limits.verb}。"
        findings.append(_finding(limits, "envelope", text, where, {"amount": total}, "請改為 0。"))
    if c.cap is not None and total > c.cap:
        text = f"{c.case} {limits.verb} {limits.say(total)}，超過人數上限 {limits.say(c.cap)}。"
        numbers = {"amount": total, "cap": c.cap, "over": total - c.cap}
        findings.append(_finding(limits, "case_cap", text, where, numbers, f"最多 {limits.say(c.cap)}。"))
    if 0 < total < limits.min_useful:
        text = f"{c.case} {limits.verb} {limits.say(total)}，低於最低有效{limits.verb} {limits.say(limits.min_useful)}。"
        numbers = {"amount": total, "min_useful": limits.min_useful}
        remedy = f"請提高{limits.measure}或改為不{limits.verb}。"
        findings.append(_finding(limits, "envelope", text, where, numbers, remedy, Severity.WARNING))
    return findings


def _check_ratio(
    ask: AccountAsk, amount: int, limits: Limits, ratio: Fraction | None, where: str, name: str
) -> list[Finding]:
    if ratio is None or ask.total is None:
        return []
    share = max(0, ask.total - ask.requested)
    if amount * ratio.denominator <= ratio.numerator * (amount + share):
        return []
    most = account_limit(ask, ratio)
    text = (
        f"{name}補助 {limits.say(amount)}、配合款 {limits.say(share)}"
        f"，補助款超過該科目總額的 {plain(ratio * 100)}%。"
    )
    numbers = {"amount": amount, "company_share": share, "most": most, "over": amount - most}
    return [_finding(limits, "ratio", text, where, numbers, f"最多 {limits.say(most)}。")]


def _check_companies(
    by_company: Mapping[str, Sequence[tuple[int, int | None]]], limits: Limits
) -> list[Finding]:
    """``by_company``: amount and company cap of each funded case of a company, in rank order."""
    findings = []
    for company, cases in sorted(by_company.items()):
        used = limits.company_used.get(company, 0)
        amount = sum(given for given, _ in cases)
        cap = _company_most(cases)
        if cap is not None and amount + used > cap:
            before = f"（含先前核定 {limits.say(used)}）" if used else ""
            text = (
                f"統一編號 {company} 合計補助 {limits.say(amount + used)}{before}"
                f"，超過每一公司上限 {limits.say(cap)}。"
            )
            over = amount + used - cap
            numbers = {"amount": amount, "used": used, "cap": cap, "over": over}
            remedy = f"請調減 {limits.say(over)}。"
            where = f"allocation.company.{company}"
            findings.append(_finding(limits, "company_cap", text, where, numbers, remedy))
    return findings


def _company_most(cases: Sequence[tuple[int, int | None]]) -> int | None:
    """The most for a company over its funded cases: each case's cap counts what stands before it and itself.

    With one cap for all that is the cap; where versions of a call differ, a later case may still use its own room.
    """
    most, after = None, 0
    for given, cap in reversed(cases):
        if cap is not None and (most is None or cap + after < most):
            most = cap + after
        after += given
    return most


def _check_skipped(
    rows: Sequence[Candidate], awards: Mapping[str, Award], limits: Limits, base: Base
) -> list[Finding]:
    ranked = [c for c in rows if c.rank is not None]
    funded = [c for c in ranked if c.case in awards and awards[c.case].amount > 0]
    if not funded:
        return []
    last = funded[-1]
    worth = {want.candidate.case for want in wants(rows, limits, base) if want.amount}
    findings = []
    for c in ranked:
        got = awards[c.case].amount if c.case in awards else 0
        if (c.rank or 0) < (last.rank or 0) and c.passed and not got and c.case in worth:
            text = f"第 {c.rank} 名 {c.case} 未獲{limits.verb}，排序較後的第 {last.rank} 名 {last.case} 卻獲{limits.verb}。"
            numbers = {"rank": c.rank or 0, "later_rank": last.rank or 0}
            remedy = "請確認，並於會議紀錄說明理由。"
            where = f"allocation.{c.case}"
            findings.append(_finding(limits, "envelope", text, where, numbers, remedy, Severity.WARNING))
    return findings
