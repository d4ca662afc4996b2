"""Budget kinds: B1–B4. Lines under their accounts, and the ceilings on the subsidy."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import floor_ratio, fmt
from programs.rules.budget_sums import (
    account_totals,
    head_count_limit,
    heads_of,
    heads_text,
    requested_subsidy,
)
from programs.rules.facts import BudgetLine, CaseFacts
from programs.rules.kinds.registry import Context, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

LINE_LABELS = {
    "account": "會計科目",
    "item": "項目",
    "unit": "單位",
    "quantity": "數量",
    "unit_price": "單價（元）",
    "months": "月數（不按月計者填 1）",
    "subsidy": "補助款（元；沒有請填 0）",
}


@dataclass(frozen=True, slots=True)
class AccountsParams:
    """``required``: what each budget line needs besides its account."""

    required: tuple[str, ...] = field(
        default=("item", "quantity", "unit_price", "months", "subsidy"),
        metadata=words("每筆經費的必填欄位", "勾選的欄位沒有填，申請就不能送出。", options=LINE_LABELS),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = BudgetLine.__dataclass_fields__
        return [f"required: 沒有欄位「{n}」" for n in self.required if n not in known]


@kind(
    "accounts",
    AccountsParams,
    title="會計科目與必填欄位",
    says="每一筆經費都要列在本徵案的科目下，並填妥下面勾選的欄位。",
    group="B",
)
def accounts(params: AccountsParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Every budget line stands under an account of the call and is complete."""
    if not facts.budget:
        return [missing(rule, "budget", "請編列經費。")] if context.full else []
    known = {a.key: a.label for a in context.terms.accounts}
    findings: list[Finding] = []
    for i, line in enumerate(facts.budget):
        where, who = f"budget[{i}]", f"第 {i + 1} 筆經費"
        if line.account and line.account not in known:
            text = f"{who}的科目「{line.account}」不在補助範圍。"
            findings.append(problem(rule, f"{where}.account", text, f"請選擇{'、'.join(known.values())}。"))
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"{who}：請填寫{LINE_LABELS.get(name, name)}。")
                for name in ("account", *params.required)
                if getattr(line, name) in (None, "")
            ]
        for name, least in (("quantity", 1), ("unit_price", 0), ("months", 1), ("subsidy", 0)):
            value = getattr(line, name)
            if value is not None and value < least:
                text = f"{who}的{LINE_LABELS[name].split('（')[0]}為 {fmt(value)}。"
                findings.append(problem(rule, f"{where}.{name}", text, f"請填 {least} 以上的整數。"))
    if not context.terms.of_kind(
        "share_cap", "size_bands"
    ):  # a rule about shares says it with its own clause
        findings += line_findings(rule, facts)
    if findings:
        return findings
    used = "、".join(t.label for t in account_totals(context.terms, facts) if t.lines)
    return [holds(rule, "budget", f"{len(facts.budget)} 筆經費都在規定科目內（{used}）。")]


@dataclass(frozen=True, slots=True)
class ShareCapParams:
    """``ratio``: the highest share of subsidy in each account."""

    ratio: Fraction = field(
        metadata=words("補助比例上限", "寫成 50% 或 1/2；每一個科目分別計算。", min=0, max=1)
    )


def percent(ratio: Fraction) -> str:
    """A ratio as people read it: 1/2 → 50%, 1/3 → 33.3%."""
    tenths = round(ratio * 1000)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


@kind(
    "share_cap",
    ShareCapParams,
    title="各科目的補助比例上限",
    says="每一個會計科目裡，補助款占該科目總經費的比例不得超過這個上限。",
    group="B",
)
def share_cap(params: ShareCapParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """In each account the subsidy is at most a share of the account; no line's subsidy exceeds the line."""
    return share_findings(params.ratio, rule, facts, context)


def line_findings(rule: Rule, facts: CaseFacts) -> list[Finding]:
    """Lines that ask for more subsidy than they cost: no call pays for what is not spent."""
    findings: list[Finding] = []
    for i, line in enumerate(facts.budget or ()):
        if line.amount is not None and line.subsidy is not None and line.subsidy > line.amount:
            over = line.subsidy - line.amount
            findings.append(
                problem(
                    rule,
                    f"budget[{i}].subsidy",
                    f"第 {i + 1} 筆補助款 {fmt(line.subsidy)} 元，超過該筆總額 {fmt(line.amount)} 元。",
                    f"請減少至少 {fmt(over)} 元。",
                    {"subsidy": line.subsidy, "amount": line.amount, "over": over},
                )
            )
    return findings


def share_findings(ratio: Fraction, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """What a share of subsidy says of each line and each account, wherever the share comes from."""
    findings = line_findings(rule, facts)
    for total in account_totals(context.terms, facts):
        limit = floor_ratio(max(total.amount, 0), ratio)
        if not total.lines or (not total.complete and not context.full):
            continue
        numbers = {
            "account": total.key,
            "subsidy": total.subsidy,
            "amount": total.amount,
            "limit": limit,
            "over": max(0, total.subsidy - limit),
        }
        where = f"budget.{total.key}"
        if total.subsidy * ratio.denominator <= total.amount * ratio.numerator:
            if total.complete:
                text = (
                    f"{total.label}補助款 {fmt(total.subsidy)} 元，"
                    f"不超過該科目 {fmt(total.amount)} 元的 {percent(ratio)}。"
                )
                findings.append(holds(rule, where, text, numbers))
            continue
        over = total.subsidy - limit
        text = (
            f"{total.label}補助款 {fmt(total.subsidy)} 元，超過該科目總經費 {fmt(total.amount)} 元的 "
            f"{percent(ratio)}（{fmt(limit)} 元）。"
        )
        remedy = f"請減少補助款 {fmt(over)} 元，改由公司配合款負擔。"
        findings.append(problem(rule, where, text, remedy, numbers))
    return findings


@dataclass(frozen=True, slots=True)
class HeadCountCapParams:
    """``per_head``: dollars of subsidy for each trainee, by kind."""

    per_head: dict[str, int] = field(
        metadata=words(
            "每人的補助上限",
            "各種受訓者每一位可補助的金額；留空表示不計。",
            refers="trainee_kinds",
            unit="元",
            not_empty=True,
        )
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = {k.key for k in terms.trainee_kinds}
        problems = [f"per_head.{key}: 沒有這種培訓對象" for key in self.per_head if key not in known]
        return problems + [f"per_head.{key}: 不可小於 0" for key, n in self.per_head.items() if n < 0]


@kind(
    "head_count_cap",
    HeadCountCapParams,
    title="依人數計算的補助上限",
    says="整件申請的補助款，不得超過各種受訓者人數乘上每人金額的總和。",
    group="B",
)
def head_count_cap(
    params: HeadCountCapParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """The whole subsidy is at most so many dollars for each trainee."""
    if facts.budget is None or facts.trainees is None or not facts.budget:
        return []
    heads = heads_of(context.terms, facts)
    limit, used = head_count_limit(params.per_head, heads), requested_subsidy(facts)
    working = heads_text(context.terms, params.per_head, heads)
    numbers = {"subsidy": used, "limit": limit, "over": max(0, used - limit), **heads}
    if used > limit:
        text = f"申請補助款 {fmt(used)} 元，超過培訓人數上限 {fmt(limit)} 元（{working}）。"
        remedy = f"請減少 {fmt(used - limit)} 元，或增加受訓人數。"
        return [problem(rule, "budget", text, remedy, numbers)]
    text = f"申請補助款 {fmt(used)} 元，未超過培訓人數上限 {fmt(limit)} 元（{working}）。"
    return [holds(rule, "budget", text, numbers)]


@dataclass(frozen=True, slots=True)
class AmountCapParams:
    """``maximum``: dollars of subsidy for one company in the call."""

    maximum: int = field(
        metadata=words("每家公司最高補助", "同一家公司的各件申請合併計算。", unit="元", min=1)
    )


@kind(
    "amount_cap",
    AmountCapParams,
    title="每家公司的補助上限",
    says="同一家公司在本徵案所有申請的補助款合計，不得超過這個金額。",
    group="B",
)
def amount_cap(params: AmountCapParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The company's whole subsidy in the call is at most so many dollars."""
    if not facts.budget:
        return []
    used = requested_subsidy(facts)
    total = used + context.other_subsidy
    numbers = {
        "subsidy": used,
        "other": context.other_subsidy,
        "limit": params.maximum,
        "over": max(0, total - params.maximum),
    }
    others = (
        f"（另有本公司其他申請案 {fmt(context.other_subsidy)} 元，合計 {fmt(total)} 元）"
        if context.other_subsidy
        else ""
    )
    if total > params.maximum:
        text = f"申請補助款 {fmt(used)} 元{others}，超過每家公司上限 {fmt(params.maximum)} 元。"
        return [problem(rule, "budget", text, f"請減少 {fmt(total - params.maximum)} 元。", numbers)]
    text = f"申請補助款 {fmt(used)} 元{others}，未超過每家公司上限 {fmt(params.maximum)} 元。"
    return [holds(rule, "budget", text, numbers)]
