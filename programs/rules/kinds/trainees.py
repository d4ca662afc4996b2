"""Kinds about the people to be trained: T1–T4, T7, T8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from programs.rules.facts import CaseFacts, Trainee
from programs.rules.kinds.registry import Context, NoParams, caution, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

TRAINEE_LABELS = {
    "name": "姓名",
    "gender": "性別",
    "school": "學校",
    "department": "科系",
    "level": "學制年級",
    "post": "職稱",
    "job_role": "對應的 iPAS 職務",
}


def numbered(facts: CaseFacts, kind_key: str = "") -> Iterator[tuple[int, Trainee, str, str]]:
    """(index, trainee, path, how to call the row) of the trainees, of one kind or all."""
    for i, trainee in enumerate(facts.trainees or ()):
        if not kind_key or trainee.kind == kind_key:
            yield i, trainee, f"trainees[{i}]", f"第 {i + 1} 位受訓者"


def count(facts: CaseFacts, kind_key: str = "") -> int:
    """How many trainees there are, of one kind or all."""
    return sum(1 for _ in numbered(facts, kind_key))


@dataclass(frozen=True, slots=True)
class TraineeKindsParams:
    """``fields``: what is asked about each kind; ``levels_for``: the kind that has a level."""

    fields: dict[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=words(
            "每種對象的必填資料",
            "勾選的欄位沒有填，申請就不能送出。",
            refers="trainee_kinds",
            options=TRAINEE_LABELS,
        ),
    )
    levels_for: str = field(
        default="",
        metadata=words(
            "要填學制年級的對象",
            "這一種對象的學制年級，限本徵案列出的學制。",
            refers="trainee_kinds",
            blank="都不用填",
        ),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        kinds = {k.key for k in terms.trainee_kinds}
        problems = [f"fields.{key}: 沒有這種培訓對象" for key in self.fields if key not in kinds]
        if self.levels_for and self.levels_for not in kinds:
            problems.append("levels_for: 沒有這種培訓對象")
        known = Trainee.__dataclass_fields__
        for key, names in self.fields.items():
            problems += [f"fields.{key}: 沒有欄位「{n}」" for n in names if n not in known]
        return problems


@kind(
    "trainee_kinds",
    TraineeKindsParams,
    title="培訓對象與必填資料",
    says="每位受訓者都要屬於本徵案的培訓對象，並填妥下面勾選的資料。",
    group="T",
)
def trainee_kinds(
    params: TraineeKindsParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Each trainee is of a kind (and, for students, of a level) that the call supports."""
    kinds = {k.key: k.label for k in context.terms.trainee_kinds}
    levels = {level.key: level.label for level in context.terms.student_levels}
    if not facts.trainees:
        if context.full:
            return [missing(rule, "trainees", "請填寫受訓者名單。")]
        nobody = facts.trainees is not None  # a self-check that says 0, rather than nothing
        return [problem(rule, "trainees", "沒有受訓者。", "請至少安排一位。")] if nobody else []
    findings: list[Finding] = []
    for _, trainee, where, who in numbered(facts):
        if trainee.kind in (None, ""):
            if context.full:
                ask = f"{who}：請選擇培訓對象（{'、'.join(kinds.values())}）。"
                findings.append(missing(rule, f"{where}.kind", ask))
            continue
        if trainee.kind not in kinds:
            findings.append(
                problem(
                    rule,
                    f"{where}.kind",
                    f"{who}的身分「{trainee.kind}」不在培訓對象內。",
                    f"請選擇{'或'.join(kinds.values())}。",
                )
            )
            continue
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"{who}：請填寫{TRAINEE_LABELS.get(name, name)}。")
                for name in params.fields.get(trainee.kind, ())
                if getattr(trainee, name) in (None, "")
            ]
        if trainee.kind == params.levels_for and trainee.level and trainee.level not in levels:
            findings.append(
                problem(
                    rule,
                    f"{where}.level",
                    f"{who}的學制年級「{trainee.level}」不在培訓對象內。",
                    f"學生限{'、'.join(levels.values())}。",
                )
            )
    if findings:
        return findings
    parts = "、".join(f"{label} {count(facts, key)} 位" for key, label in kinds.items() if count(facts, key))
    return [holds(rule, "trainees", f"培訓對象：{parts}。", {k: count(facts, k) for k in kinds})]


@dataclass(frozen=True, slots=True)
class MinTraineesParams:
    """``minimum`` trainees of ``kind`` ("" for all kinds together)."""

    minimum: int = field(metadata=words("至少幾位", "每件申請的受訓人數下限。", unit="位", min=0, max=10_000))
    kind: str = field(
        default="",
        metadata=words(
            "計算哪一種對象", "只算這一種受訓者。", refers="trainee_kinds", blank="所有受訓者合計"
        ),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = {k.key for k in terms.trainee_kinds} | {""}
        return [] if self.kind in known else ["kind: 沒有這種培訓對象"]


@kind(
    "min_trainees",
    MinTraineesParams,
    title="受訓人數下限",
    says="每件申請至少要有這麼多位受訓者，可以限定某一種對象。",
    group="T",
)
def min_trainees(params: MinTraineesParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """There are at least so many trainees of a kind."""
    if facts.trainees is None and not context.full:
        return []
    label = context.terms.label("trainee_kinds", params.kind) or "受訓者"
    number = count(facts, params.kind)
    numbers = {"count": number, "minimum": params.minimum}
    if number < params.minimum:
        if not facts.trainees:
            return [missing(rule, "trainees", f"請填寫受訓者，{label}至少 {params.minimum} 位。")]
        return [
            problem(
                rule,
                "trainees",
                f"{label} {number} 位，每案至少 {params.minimum} 位。",
                f"請再增加 {params.minimum - number} 位。",
                numbers,
            )
        ]
    return [holds(rule, "trainees", f"{label} {number} 位，達到至少 {params.minimum} 位。", numbers)]


@dataclass(frozen=True, slots=True)
class MinHoursParams:
    """``minimum`` planned hours of each trainee; ``practice_required``: a practice course."""

    minimum: int = field(
        metadata=words("每人至少幾小時", "每位受訓者規劃時數的下限。", unit="小時", min=0, max=8760)
    )
    practice_required: bool = field(
        default=False, metadata=words("要有專案實作", "勾選後，課程裡至少要有一門專案實作。")
    )


@kind(
    "min_hours",
    MinHoursParams,
    title="每人培訓時數下限",
    says="每位受訓者規劃的時數不得低於這個數字；可以要求課程含專案實作。",
    group="T",
)
def min_hours(params: MinHoursParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Each trainee is trained for at least so many hours, with project practice."""
    findings: list[Finding] = []
    known: list[int] = []
    for _, trainee, where, who in numbered(facts):
        hours = trainee.planned_hours
        if hours is None:
            if context.full:
                findings.append(missing(rule, f"{where}.planned_hours", f"{who}：請填寫規劃時數。"))
            continue
        known.append(hours)
        if hours < params.minimum:
            findings.append(
                problem(
                    rule,
                    f"{where}.planned_hours",
                    f"{who}規劃 {fmt(hours)} 小時，少於每人至少 {params.minimum} 小時。",
                    f"請增加 {fmt(params.minimum - hours)} 小時。",
                    {"hours": hours, "minimum": params.minimum},
                )
            )
    courses = facts.courses or ()
    if params.practice_required and courses and not any(c.kind in (None, "", "practice") for c in courses):
        findings.append(problem(rule, "courses", "培訓內容沒有專案實作課程。", "請至少加入一門專案實作。"))
    if not findings and known:
        least = min(known)
        findings.append(
            holds(
                rule,
                "trainees",
                f"{len(known)} 位受訓者的規劃時數都達到 {params.minimum} 小時（最少 {fmt(least)} 小時）。",
                {"least": least, "minimum": params.minimum},
            )
        )
    hours_of_courses = [c.hours for c in facts.courses or ()]
    if known and hours_of_courses and all(h is not None for h in hours_of_courses):
        total = sum(h or 0 for h in hours_of_courses)
        if total < max(known):
            findings.append(
                caution(
                    rule,
                    "courses",
                    f"課程合計 {fmt(total)} 小時，少於受訓者規劃的最高時數 {fmt(max(known))} 小時。",
                    f"請補足 {fmt(max(known) - total)} 小時的課程，或調整規劃時數。",
                    {"courses": total, "planned": max(known)},
                )
            )
    return findings


@kind(
    "job_roles",
    NoParams,
    title="限定的數位人才職務",
    says="每位受訓者對應的職務，要在本徵案的職務清單裡。",
    group="T",
)
def job_roles(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Each trainee's job role is one of the call's list."""
    roles = {r.key for r in context.terms.job_roles}
    findings: list[Finding] = []
    matched = 0
    for _, trainee, where, who in numbered(facts):
        if trainee.job_role in (None, ""):
            if context.full:
                findings.append(
                    missing(rule, f"{where}.job_role", f"{who}：請選擇對應的 iPAS 數位人才職務。")
                )
        elif trainee.job_role not in roles:
            findings.append(
                problem(
                    rule,
                    f"{where}.job_role",
                    f"{who}的職務「{trainee.job_role}」不在 iPAS 數位人才職務內。",
                    "請從自辦項目或民間採認項目中選擇。",
                )
            )
        else:
            matched += 1
    if findings or not matched:
        return findings
    return [holds(rule, "trainees", f"{matched} 位受訓者的職務都屬 iPAS 數位人才職務。", {"count": matched})]


@dataclass(frozen=True, slots=True)
class MinHourlyWageParams:
    """``minimum`` dollars an hour for trainees of ``kind``."""

    kind: str = field(metadata=words("哪一種對象", "只檢查這一種受訓者。", refers="trainee_kinds"))
    minimum: int = field(metadata=words("時薪至少", "低於這個金額的受訓者會被指出。", unit="元", min=1))

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = {k.key for k in terms.trainee_kinds}
        return [] if self.kind in known else ["kind: 沒有這種培訓對象"]


@kind(
    "min_hourly_wage",
    MinHourlyWageParams,
    title="時薪下限",
    says="某一種受訓者的時薪不得低於這個金額。",
    group="T",
)
def min_hourly_wage(
    params: MinHourlyWageParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Trainees of a kind earn at least so much an hour."""
    label = context.terms.label("trainee_kinds", params.kind)
    findings: list[Finding] = []
    known: list[int] = []
    for _, trainee, where, who in numbered(facts, params.kind):
        wage = trainee.hourly_wage
        if wage is None:
            if context.full:
                findings.append(missing(rule, f"{where}.hourly_wage", f"{who}：請填寫時薪（元）。"))
            continue
        known.append(wage)
        if wage < params.minimum:
            findings.append(
                problem(
                    rule,
                    f"{where}.hourly_wage",
                    f"{who}（{label}）時薪 {fmt(wage)} 元，低於 {fmt(params.minimum)} 元。",
                    f"請提高 {fmt(params.minimum - wage)} 元。",
                    {"wage": wage, "minimum": params.minimum},
                )
            )
    if findings or not known:
        return findings
    least = min(known)
    text = f"{len(known)} 位{label}的時薪都達到 {fmt(params.minimum)} 元（最低 {fmt(least)} 元）。"
    return [holds(rule, "trainees", text, {"least": least, "minimum": params.minimum})]


@dataclass(frozen=True, slots=True)
class MinimumWage:
    """The statutory minimum from ``since`` on, in dollars a month and an hour."""

    since: date = field(metadata=words("生效日", "從這一天起適用。"))
    month: int = field(metadata=words("每月", "每月基本工資。", unit="元", min=1))
    hour: int = field(metadata=words("每小時", "每小時基本工資。", unit="元", min=1))


@dataclass(frozen=True, slots=True)
class LabourProtectionParams:
    """``insurance``: ask whether each trainee is insured. ``minimum_wages``: the table, oldest first."""

    minimum_wages: tuple[MinimumWage, ...] = field(
        metadata=words("基本工資", "依生效日由早到晚排列；檢查時採用計畫結束日當時的那一列。", not_empty=True)
    )
    insurance: bool = field(default=True, metadata=words("要投保勞保", "勾選後，每位受訓者都要確認投保。"))

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        days = [w.since for w in self.minimum_wages]
        return [] if days == sorted(set(days)) else ["minimum_wages: 請依生效日由早到晚排列，不可重複"]


def minimum_wage_on(table: tuple[MinimumWage, ...], day: date) -> MinimumWage:
    """The row in force on ``day``; the first row for days before the table begins."""
    rows = [row for row in table if row.since <= day]
    return rows[-1] if rows else table[0]


@kind(
    "labour_protection",
    LabourProtectionParams,
    title="勞保與基本工資",
    says="受訓者要投保勞保，薪資不得低於計畫結束日當時的基本工資。",
    group="T",
)
def labour_protection(
    params: LabourProtectionParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Every trainee is insured and paid no less than the statutory minimum wage of the plan's last day."""
    day = facts.ends_on or facts.starts_on or context.reference_date(facts)
    least = minimum_wage_on(params.minimum_wages, day)
    asked_elsewhere = {r.params.kind for r in context.terms.of_kind("min_hourly_wage")}
    findings: list[Finding] = []
    checked = 0
    for _, trainee, where, who in numbered(facts):
        if params.insurance and trainee.insured is False:
            findings.append(
                problem(
                    rule,
                    f"{where}.insured",
                    f"{who}沒有投保勞保。",
                    "執行期間須為每位受訓者投保勞保，請改為投保。",
                )
            )
        elif params.insurance and trainee.insured is None and context.full:
            findings.append(missing(rule, f"{where}.insured", f"{who}：請確認將投保勞保。"))
        pays = (
            ("hourly_wage", "時薪", trainee.hourly_wage, least.hour),
            ("monthly_wage", "月薪", trainee.monthly_wage, least.month),
        )
        for name, label, wage, floor in pays:
            if wage is not None and wage < floor:
                findings.append(
                    problem(
                        rule,
                        f"{where}.{name}",
                        f"{who}{label} {fmt(wage)} 元，低於基本工資 {fmt(floor)} 元。",
                        f"請提高 {fmt(floor - wage)} 元。",
                        {"wage": wage, "minimum": floor},
                    )
                )
        if trainee.hourly_wage is not None or trainee.monthly_wage is not None:
            checked += 1
        elif context.full and trainee.kind and trainee.kind not in asked_elsewhere:
            findings.append(missing(rule, f"{where}.hourly_wage", f"{who}：請填寫時薪或月薪（元）。"))
    if findings or not checked:
        return findings
    text = (
        f"{checked} 位受訓者的薪資都不低於基本工資（時薪 {fmt(least.hour)} 元、月薪 {fmt(least.month)} 元）。"
    )
    return [holds(rule, "trainees", text, {"hour": least.hour, "month": least.month})]
