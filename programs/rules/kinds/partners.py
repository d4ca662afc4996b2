"""Kinds about the bodies that a plan is carried out with, and the head-count asked for: RE2, RA2, RA4, RA9."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from programs.rules.budget_sums import requested_heads
from programs.rules.facts import CaseFacts, Partner
from programs.rules.kinds.registry import Context, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

PARTNER_LABELS = {
    "name": "名稱",
    "subject": "合作內容",
    "heads": "申請員額",
    "months": "培訓月數",
    "practice_months": "實習月數",
    "bonus": "每人每年獎金（元）",
}


@dataclass(frozen=True, slots=True)
class PartnersParams:
    """At least ``minimum`` partners of ``kind``; ``fields``: what is asked about each of them."""

    kind: str = field(metadata=words("合作單位的種類", "要有哪一種合作單位。", refers="partner_kinds"))
    minimum: int = field(
        default=1, metadata=words("至少幾個", "每件申請最少要有幾個這種合作單位。", unit="個", min=0, max=100)
    )
    fields: tuple[str, ...] = field(
        default=("name",),
        metadata=words("每個合作單位的必填欄位", "沒有填就不能送出。", options=PARTNER_LABELS),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        problems = []
        if self.kind not in {k.key for k in terms.partner_kinds}:
            problems.append("kind: 沒有這種合作單位")
        return problems + [
            f"fields: 沒有欄位「{name}」" for name in self.fields if name not in PARTNER_LABELS
        ]


@kind(
    "partners",
    PartnersParams,
    title="合作單位",
    says="計畫要有這一種合作單位（例如大專校院、合作廠商），並逐一填寫勾選的欄位。",
    group="T",
)
def partners(params: PartnersParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The plan is carried out with at least so many partners of a kind, each described."""
    if facts.partners is None and not context.full:
        return []
    known = {k.key for k in context.terms.partner_kinds}
    label = context.terms.label("partner_kinds", params.kind)
    findings: list[Finding] = []
    number = 0
    first = (
        context.terms.of_kind("partners")[0].id == rule.id
    )  # several may share the section; one speaks of kinds
    for i, partner in enumerate(facts.partners or ()):
        where, who = f"partners[{i}]", f"第 {i + 1} 個合作單位"
        if partner.kind in (None, "") and first and context.full:
            findings.append(missing(rule, f"{where}.kind", f"{who}：請選擇種類。"))
        elif partner.kind and partner.kind not in known and first:
            text = f"{who}的種類「{partner.kind}」不在清單內。"
            findings.append(problem(rule, f"{where}.kind", text, "請從清單選擇。"))
        if partner.kind != params.kind:
            continue
        number += 1
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"{who}：請填寫{PARTNER_LABELS[name]}。")
                for name in params.fields
                if getattr(partner, name) in (None, "")
            ]
    numbers = {"count": number, "minimum": params.minimum}
    if number < params.minimum:
        if not facts.partners and context.full:
            ask = f"請填寫合作的{label}，至少 {params.minimum} 個。"
            return [*findings, missing(rule, "partners", ask)]
        text = f"合作的{label} {number} 個，至少 {params.minimum} 個。"
        findings.append(problem(rule, "partners", text, f"請再增加 {params.minimum - number} 個。", numbers))
    if findings:
        return findings
    return [holds(rule, "partners", f"合作的{label} {number} 個，達到至少 {params.minimum} 個。", numbers)]


@dataclass(frozen=True, slots=True)
class RequestedHeadsParams:
    """At least ``minimum`` heads are asked for in an application."""

    minimum: int = field(
        metadata=words("每次至少申請", "各合作單位的員額合計。", unit="名", min=1, max=10_000)
    )


@kind(
    "requested_heads",
    RequestedHeadsParams,
    title="最少申請員額",
    says="各合作單位的申請員額加起來，每次至少要有這麼多名。",
    group="T",
)
def min_requested_heads(
    params: RequestedHeadsParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """The application asks for a head-count that makes training worth while."""
    heads = requested_heads(facts)
    unknown = all(p.heads is None for p in facts.partners or ())
    if unknown and not context.full:
        return []
    numbers = {"heads": heads, "minimum": params.minimum}
    if unknown:
        return [missing(rule, "partners", f"請填寫各合作單位的申請員額，合計至少 {params.minimum} 名。")]
    if heads < params.minimum:
        text = f"申請員額合計 {fmt(heads)} 名，每次至少 {params.minimum} 名。"
        return [problem(rule, "partners", text, f"請再增加 {params.minimum - heads} 名。", numbers)]
    return [holds(rule, "partners", f"申請員額合計 {fmt(heads)} 名，達到至少 {params.minimum} 名。", numbers)]


def _with_heads(facts: CaseFacts) -> list[tuple[int, Partner]]:
    """The partners that heads are or may be asked for with, and their place."""
    return [(i, p) for i, p in enumerate(facts.partners or ()) if p.heads != 0]


@dataclass(frozen=True, slots=True)
class PartnerBonusParams:
    """``minimum`` dollars that a partner adds for a head and year."""

    minimum: int = field(metadata=words("每人每年獎金至少", "等於這個金額也可以。", unit="元", min=0))


@kind(
    "partner_bonus",
    PartnerBonusParams,
    title="合作單位配合的獎金",
    says="合作單位配合編列的每人每年獎金，不得低於這個金額。",
    group="T",
)
def partner_bonus(
    params: PartnerBonusParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Each partner with heads adds a bonus for a head and year."""
    findings: list[Finding] = []
    known: list[int] = []
    for i, partner in _with_heads(facts):
        where, who = f"partners[{i}].bonus", f"第 {i + 1} 個合作單位"
        if partner.bonus is None:
            if context.full:
                findings.append(missing(rule, where, f"{who}：請填寫配合編列的每人每年獎金（元）。"))
            continue
        known.append(partner.bonus)
        if partner.bonus < params.minimum:
            text = f"{who}配合編列每人每年獎金 {fmt(partner.bonus)} 元，低於 {fmt(params.minimum)} 元。"
            remedy = f"請提高 {fmt(params.minimum - partner.bonus)} 元。"
            numbers = {"bonus": partner.bonus, "minimum": params.minimum}
            findings.append(problem(rule, where, text, remedy, numbers))
    if findings or not known:
        return findings
    text = f"合作單位配合編列的獎金都達到每人每年 {fmt(params.minimum)} 元（最低 {fmt(min(known))} 元）。"
    return [holds(rule, "partners", text, {"least": min(known), "minimum": params.minimum})]


@dataclass(frozen=True, slots=True)
class PracticeMonthsParams:
    """At least ``minimum`` months at the partner, never all of the training, which lasts ``longest`` at most."""

    minimum: int = field(
        metadata=words("在合作單位實習至少", "等於這個月數也可以。", unit="個月", min=0, max=120)
    )
    longest: int = field(metadata=words("培訓最長", "整個培訓最多幾個月。", unit="個月", min=1, max=120))


@kind(
    "practice_months",
    PracticeMonthsParams,
    title="在合作單位的實習期間",
    says="實習至少這麼多個月，但不可占滿整個培訓期間；培訓也有最長期間。",
    group="T",
)
def practice_months(
    params: PracticeMonthsParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Part of the training, but not the whole of it, is spent at the partner."""
    findings: list[Finding] = []
    checked = 0
    for i, partner in _with_heads(facts):
        where, who = f"partners[{i}]", f"第 {i + 1} 個合作單位"
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"{who}：請填寫{PARTNER_LABELS[name]}。")
                for name in ("months", "practice_months")
                if getattr(partner, name) is None
            ]
        months, practice = partner.months, partner.practice_months
        if months is not None and not 1 <= months <= params.longest:
            text = f"{who}的培訓月數為 {months} 個月，須為 1 至 {params.longest} 個月。"
            findings.append(problem(rule, f"{where}.months", text, f"請改為 {params.longest} 個月以內。"))
        if practice is None:
            continue
        checked += 1
        numbers = {"practice": practice, "minimum": params.minimum}
        if practice < params.minimum:
            text = f"{who}的實習 {practice} 個月，至少 {params.minimum} 個月。"
            remedy = f"請增加 {params.minimum - practice} 個月。"
            findings.append(problem(rule, f"{where}.practice_months", text, remedy, numbers))
        elif practice >= (months if months is not None else params.longest):
            # In a self-check nobody says how long the training is; it is never longer than the longest.
            whole = f"培訓共 {months} 個月" if months is not None else f"培訓最長 {params.longest} 個月"
            text = f"{who}的實習 {practice} 個月，{whole}，不可全部都在合作單位實習。"
            remedy = "請保留由培訓單位辦理的職務訓練期間。"
            findings.append(problem(rule, f"{where}.practice_months", text, remedy, numbers))
    if findings or not checked:
        return findings
    return [holds(rule, "partners", f"各合作單位的實習都達到 {params.minimum} 個月，且未占滿培訓期間。")]
