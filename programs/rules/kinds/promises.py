"""The promises kind (C2): a contract's plan may not promise less than the application did."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from core.findings import Finding
from programs.rules.facts import CaseFacts, Trainee
from programs.rules.kinds.registry import Context, NoParams, holds, kind, problem

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@kind(
    "promises",
    NoParams,
    title="簽約不低於申請承諾",
    says="簽約計畫書的人數、時數、薪資與成效，不得低於申請時寫的。",
    group="C",
)
def promises(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Compares a contract's plan with its application: see ``compare_promises``. Silent on an application."""
    return []


def as_number(text: str) -> Decimal | None:
    """The number that a promise's text is (``40,000``, ``85%``, ``42000 元``), None when it is words."""
    match = re.fullmatch(
        r"\s*([+-]?\d{1,3}(?:,\d{3})+|[+-]?\d+)(\.\d+)?\s*(?:%|％|元|人次|人|位|天)?\s*", text
    )
    if match is None:
        return None
    return Decimal(match.group(1).replace(",", "") + (match.group(2) or ""))


def _shown(number: Decimal | int) -> str:
    return f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"


def compare_promises(terms: Terms, application: CaseFacts, contract: CaseFacts) -> list[Finding]:
    """Findings where ``contract`` promises less than ``application`` (C2), or one that says it does not.

    Compared: trainees of each kind, planned hours (least, in all, and how many of each kind reach which), pay
    (least of each kind, and how many reach which), course hours, and every expected outcome with a number. Returns [] when the call has no such rule.
    """
    rule = next(iter(terms.of_kind("promises")), None)
    if rule is None:
        return []
    findings = [*_people(terms, rule, application, contract), *_outcomes(terms, rule, application, contract)]
    before = sum(c.hours or 0 for c in application.courses or ())
    after = sum(c.hours or 0 for c in contract.courses or ())
    findings += _less(rule, "courses", "課程總時數", "小時", before, after)
    return findings or [holds(rule, "", "簽約內容不低於申請時的承諾。")]


def _less(
    rule: Rule, where: str, label: str, unit: str, before: Decimal | int, after: Decimal | int
) -> list[Finding]:
    if after >= before:
        return []
    text = f"{label}由申請時的 {_shown(before)} {unit}降為 {_shown(after)} {unit}，低於原承諾。"
    remedy = f"請調整為至少 {_shown(before)} {unit}。"
    return [problem(rule, where, text, remedy, {"before": before, "after": after})]


def _pays(people: list[Trainee], name: str) -> list[int]:
    return [pay for pay in (getattr(t, name) for t in people) if pay is not None]


def _people(terms: Terms, rule: Rule, application: CaseFacts, contract: CaseFacts) -> list[Finding]:
    findings: list[Finding] = []
    for choice in terms.trainee_kinds:
        old = [t for t in application.trainees or () if t.kind == choice.key]
        new = [t for t in contract.trainees or () if t.kind == choice.key]
        findings += _less(rule, "trainees", f"{choice.label}人數", "位", len(old), len(new))
        if not new:
            continue  # nobody left whose pay and hours could be compared
        for name, label in (("hourly_wage", "時薪"), ("monthly_wage", "月薪")):
            findings += _pay_kept(rule, choice.label, label, _pays(old, name), _pays(new, name))
        findings += _level_kept(
            rule, f"{choice.label}規劃時數", "小時", _pays(old, "planned_hours"), _pays(new, "planned_hours")
        )
    old_hours = [t.planned_hours or 0 for t in application.trainees or ()]
    new_hours = [t.planned_hours or 0 for t in contract.trainees or ()]
    findings += _less(rule, "trainees", "培訓總時數", "小時", sum(old_hours), sum(new_hours))
    if old_hours and new_hours:
        findings += _less(rule, "trainees", "每人最少時數", "小時", min(old_hours), min(new_hours))
    return findings


def _pay_kept(rule: Rule, who: str, what: str, old: list[int], new: list[int]) -> list[Finding]:
    """The least pay of a kind of people, and how many of them reach each pay that was promised."""
    if not old:
        return []
    if not new:
        text = f"申請時承諾的{who}{what}（最低 {_shown(min(old))} 元）不見了。"
        return [problem(rule, "trainees", text, "請補回這項承諾。")]
    less = _less(rule, "trainees", f"{who}最低{what}", "元", min(old), min(new))
    return less or _level_kept(rule, f"{who}{what}", "元", old, new)


def _level_kept(rule: Rule, label: str, unit: str, old: list[int], new: list[int]) -> list[Finding]:
    """Whoever was promised more than the others is still promised it, under whatever name: compared from the top.

    Fewer people is another finding: only as many as there still are get compared.
    """
    for before, after in zip(sorted(old, reverse=True), sorted(new, reverse=True), strict=False):
        if after < before:
            was, now = (sum(value >= before for value in values) for values in (old, new))
            text = f"{label}達 {_shown(before)} {unit}者由申請時的 {was} 位降為 {now} 位，低於原承諾。"
            remedy = f"請讓至少 {was} 位維持 {_shown(before)} {unit}。"
            return [problem(rule, "trainees", text, remedy, {"level": before, "before": was, "after": now})]
    return []


def _outcomes(terms: Terms, rule: Rule, application: CaseFacts, contract: CaseFacts) -> list[Finding]:
    labels = {item.key: item for item in terms.outcomes}
    now = {o.key: (i, o) for i, o in enumerate(contract.outcomes or ())}
    findings: list[Finding] = []
    for promise in application.outcomes or ():
        item = labels.get(promise.key or "")
        if item is None or not promise.target.strip():
            continue
        i, kept = now.get(promise.key, (None, None))
        if kept is None or i is None or not kept.target.strip():
            text = f"申請時承諾的「{item.label}」（{promise.target}）不見了。"
            findings.append(problem(rule, "outcomes", text, "請補回這項承諾。"))
            continue
        before, after = as_number(promise.target), as_number(kept.target)
        if before is None or after is None or item.better == "text":
            continue  # words are compared by people
        worse = after < before if item.better == "up" else after > before
        if worse:
            text = f"「{item.label}」由申請時的 {promise.target} 改為 {kept.target}，低於原承諾。"
            bound = "至少" if item.better == "up" else "至多"
            findings.append(
                problem(
                    rule,
                    f"outcomes[{i}].target",
                    text,
                    f"請調整為{bound} {promise.target}。",
                    {"before": str(before), "after": str(after)},
                )
            )
    return findings
