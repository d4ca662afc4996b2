"""Kinds for what the application form asks besides the numbered rules: other funding, reviewers to avoid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from programs.rules.facts import CaseFacts
from programs.rules.kinds.registry import Context, NoParams, holds, kind, missing, problem

if TYPE_CHECKING:
    from programs.rules.terms import Rule


@kind(
    "other_funding",
    NoParams,
    title="其他政府補助",
    says="要申請單位列出同一計畫的其他政府補助，沒有也要聲明。",
    group="G",
)
def other_funding(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Other public money for the same plan is listed in full, or declared to be none."""
    items = facts.other_funding or ()
    if items and facts.declared_no_other_funding:
        return [
            problem(
                rule,
                "other_funding.none",
                f"已聲明沒有其他政府補助，但列了 {len(items)} 筆。",
                "請取消聲明，或刪除所列補助。",
            )
        ]
    if not items:
        if facts.declared_no_other_funding:
            return [holds(rule, "other_funding.none", "聲明沒有其他政府補助。")]
        ask = "請列出同一計畫的其他政府補助；沒有的話，請勾選「沒有其他政府補助」。"
        return [missing(rule, "other_funding.none", ask)] if context.full else []
    findings: list[Finding] = []
    for i, item in enumerate(items):
        where = f"other_funding.items[{i}]"
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"第 {i + 1} 筆其他補助：請填寫{label}。")
                for name, label in (("agency", "補助機關"), ("programme", "計畫名稱"), ("amount", "補助金額"))
                if getattr(item, name) in (None, "")
            ]
        if item.amount is not None and item.amount < 0:
            findings.append(
                problem(
                    rule,
                    f"{where}.amount",
                    f"第 {i + 1} 筆其他補助金額為 {fmt(item.amount)} 元。",
                    "請填 0 以上的整數。",
                )
            )
    if findings:
        return findings
    total = sum(item.amount or 0 for item in items)
    return [
        holds(
            rule,
            "other_funding",
            f"列出 {len(items)} 筆其他政府補助，合計 {fmt(total)} 元。",
            {"total": total},
        )
    ]


@kind(
    "avoid_reviewers",
    NoParams,
    title="建議迴避的委員",
    says="申請單位可以提出建議迴避的委員並說明理由；人數上限寫在「設定」那一頁。",
    group="G",
)
def avoid_reviewers(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Each reviewer whom the applicant asks to avoid is named with a reason; no more than the call allows."""
    named = facts.avoid_reviewers or ()
    limit = context.terms.settings.reviewers_to_avoid_max
    findings: list[Finding] = []
    if len(named) > limit:
        findings.append(
            problem(
                rule,
                "avoid_reviewers",
                f"建議迴避 {len(named)} 位，最多 {limit} 位。",
                f"請刪除 {len(named) - limit} 位。",
                {"named": len(named), "limit": limit},
            )
        )
    if context.full:
        for i, person in enumerate(named):
            for name, label in (("name", "姓名"), ("reason", "迴避理由")):
                if not getattr(person, name):
                    ask = f"第 {i + 1} 位建議迴避的委員：請填寫{label}。"
                    findings.append(missing(rule, f"avoid_reviewers[{i}].{name}", ask))
    return findings
