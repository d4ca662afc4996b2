"""Kinds about how long a plan lasts and what it promises: RE3, RE4, RE6."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from core.rocdate import roc
from core.workdays import add_months
from programs.rules.facts import CaseFacts
from programs.rules.kinds.promises import as_number
from programs.rules.kinds.registry import Context, holds, kind, missing, problem
from programs.rules.kinds.trainees import numbered
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@dataclass(frozen=True, slots=True)
class PeriodHours:
    """A period of ``months``, the last of which may be a part of one, asks for ``hours`` of each trainee."""

    months: int = field(metadata=words("培育期", "這一級最長幾個月。", unit="個月", min=1, max=120))
    hours: int = field(
        metadata=words("每人最少時數", "這一級每位受訓者至少要有的時數。", unit="小時", min=1, max=8760)
    )


@dataclass(frozen=True, slots=True)
class HoursByPeriodParams:
    """``periods``: least hours by length, shortest first; no plan is shorter than the first or longer than the last."""

    periods: tuple[PeriodHours, ...] = field(
        metadata=words("培育期與時數", "由短到長；計畫不能比第一級短，也不能比最後一級長。", not_empty=True)
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        months = [p.months for p in self.periods]
        hours = [p.hours for p in self.periods]
        ok = months == sorted(set(months)) and hours == sorted(hours)
        return [] if ok else ["periods: 請由短到長排列，時數不可遞減"]

    def too_short(self, starts_on: date, ends_on: date) -> bool:
        """Whether the plan lasts fewer months, begun ones counted, than the shortest period."""
        return ends_on < add_months(starts_on, self.periods[0].months - 1)

    def of(self, starts_on: date, ends_on: date) -> PeriodHours | None:
        """The shortest period that holds both days; None when the plan is longer than every one."""
        for period in self.periods:
            if ends_on <= add_months(starts_on, period.months) - timedelta(days=1):
                return period
        return None


@kind(
    "hours_by_period",
    HoursByPeriodParams,
    title="依培育期的最少時數",
    says="計畫起訖日決定培育期有幾個月，每位受訓者的時數要達到那一級。",
    group="T",
)
def hours_by_period(
    params: HoursByPeriodParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """The length of the training decides the least hours of each trainee."""
    start, end = facts.starts_on, facts.ends_on
    if start is None or end is None or end < start:
        return []  # the rule about the period asks for both
    period, longest = params.of(start, end), params.periods[-1]
    span = f"{roc(start)} 至 {roc(end)}"
    if period is None:
        last = add_months(start, longest.months) - timedelta(days=1)
        text = f"培育期 {span}，超過 {longest.months} 個月。"
        return [problem(rule, "schedule.ends_on", text, f"請改為 {roc(last)} 或更早結束。")]
    if params.too_short(start, end):
        shortest = params.periods[0].months
        last = add_months(start, shortest) - timedelta(days=1)
        text = f"培育期 {span}，不到 {shortest} 個月。"
        return [problem(rule, "schedule.ends_on", text, f"請延長到 {roc(last)}。")]
    findings: list[Finding] = []
    known: list[int] = []
    for _, trainee, where, who in numbered(facts):
        hours = trainee.planned_hours
        if hours is None:
            if context.full:
                findings.append(missing(rule, f"{where}.planned_hours", f"{who}：請填寫規劃時數。"))
            continue
        known.append(hours)
        if hours < period.hours:
            text = (
                f"{who}規劃 {fmt(hours)} 小時，{period.months} 個月的培育期（{span}）每人至少 "
                f"{fmt(period.hours)} 小時。"
            )
            numbers = {"hours": hours, "minimum": period.hours, "months": period.months}
            remedy = f"請增加 {fmt(period.hours - hours)} 小時。"
            findings.append(problem(rule, f"{where}.planned_hours", text, remedy, numbers))
    if findings or not known:
        return findings
    text = (
        f"{period.months} 個月的培育期，每人都達到 {fmt(period.hours)} 小時（最少 {fmt(min(known))} 小時）。"
    )
    return [holds(rule, "trainees", text, {"least": min(known), "minimum": period.hours})]


@dataclass(frozen=True, slots=True)
class PromisedLevelParams:
    """The promise ``outcome`` is at least ``minimum``, or, when ``above``, more than that."""

    outcome: str = field(metadata=words("預期成效", "哪一項承諾。", refers="outcomes"))
    minimum: int = field(metadata=words("門檻", "單位和這項預期成效相同。"))
    above: bool = field(default=False, metadata=words("必須高於門檻", "不勾選時，等於門檻也可以。"))

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        return [] if self.outcome in {o.key for o in terms.outcomes} else ["outcome: 沒有這項預期成效"]


@kind(
    "promised_level",
    PromisedLevelParams,
    title="預期成效的門檻",
    says="申請單位承諾的一項成效，要達到這個數字。",
    group="T",
)
def promised_level(
    params: PromisedLevelParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """A promised outcome reaches the level that the clause names."""
    item = context.terms.outcome(params.outcome)
    at = next((i for i, o in enumerate(facts.outcomes or ()) if o.key == params.outcome), None)
    if at is None or facts.outcomes is None or not facts.outcomes[at].target.strip():
        return []  # whether it has to be promised at all is said with the outcome
    where, target = f"outcomes[{at}].target", facts.outcomes[at].target
    promised = as_number(target)
    unit = f" {item.unit}" if item.unit else ""
    if promised is None:
        text = f"「{item.label}」的目標「{target}」不是數字。"
        return [problem(rule, where, text, f"請填數字，例如 {fmt(params.minimum)}。")]
    numbers = {"promised": str(promised), "minimum": params.minimum}
    word = "高於" if params.above else "至少"
    if promised < params.minimum or (params.above and promised == params.minimum):
        text = f"「{item.label}」承諾 {promised:,f}{unit}，應{word} {fmt(params.minimum)}{unit}。"
        return [problem(rule, where, text, "請提高目標。", numbers)]
    return [
        holds(
            rule,
            where,
            f"「{item.label}」承諾 {promised:,f}{unit}（應{word} {fmt(params.minimum)}）。",
            numbers,
        )
    ]
