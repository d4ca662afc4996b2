"""Kinds about the plan itself: its period (T5), its content (T6), and what lecturers cost (W1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from core.rocdate import roc
from core.text import half_width
from programs.rules.facts import CaseFacts, Course, Milestone
from programs.rules.kinds.promises import as_number
from programs.rules.kinds.registry import Context, caution, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

COURSE_LABELS = {"name": "名稱", "kind": "類別", "hours": "時數", "site": "場域", "lecturer": "講師"}
MILESTONE_LABELS = {"name": "名稱", "starts_on": "開始日", "ends_on": "結束日", "checkpoint": "查核點"}
COURSE_KINDS = {"lecture": "課程", "practice": "專案實作"}


@dataclass(frozen=True, slots=True)
class PlanPeriodParams:
    """``latest_end``: the last day on which the plan may be carried out.

    ``from_signing``: the plan begins with the contract, which no company can have on the day it applies.
    """

    latest_end: date = field(metadata=words("最後執行日", "計畫最晚要在這一天結束。"))
    from_signing: bool = field(
        default=False, metadata=words("自簽約日起執行", "勾選後，預定開始日不能在送件當天或更早。")
    )


@kind(
    "plan_period",
    PlanPeriodParams,
    title="執行期限",
    says="計畫的結束日不得晚於這一天，各項工作也要落在計畫期間內。",
    group="T",
)
def plan_period(params: PlanPeriodParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The plan ends in time, and the schedule lies within the plan."""
    findings: list[Finding] = []
    start, end, latest = facts.starts_on, facts.ends_on, params.latest_end
    numbers = {"ends_on": end.isoformat() if end else None, "latest": latest.isoformat()}
    if context.full:
        if start is None:
            findings.append(missing(rule, "schedule.starts_on", "請填寫預定開始日（預計簽約日）。"))
        if end is None:
            findings.append(missing(rule, "schedule.ends_on", f"請填寫結束日，最晚 {roc(latest)}。"))
    if end is not None and end > latest:
        findings.append(
            problem(
                rule,
                "schedule.ends_on",
                f"結束日 {roc(end)} 晚於最後執行日 {roc(latest)}。",
                f"請改為 {roc(latest)} 或更早。",
                numbers,
            )
        )
    if start is not None and end is not None and start > end:
        text = f"開始日 {roc(start)} 晚於結束日 {roc(end)}。"
        findings.append(problem(rule, "schedule.starts_on", text, "請更正其中一個日期。"))
    applied = context.reference_date(facts)
    if params.from_signing and start is not None and start <= applied:
        text = f"預定開始日 {roc(start)} 不晚於送件日 {roc(applied)}，但計畫自簽約日起才能執行。"
        remedy = "請改為核定並簽約之後的日期。"
        findings.append(problem(rule, "schedule.starts_on", text, remedy))
    for i, bar in enumerate(facts.schedule or ()):
        where, who = f"schedule.milestones[{i}]", f"第 {i + 1} 項工作"
        if bar.starts_on and bar.ends_on and bar.starts_on > bar.ends_on:
            text = f"{who}的開始日 {roc(bar.starts_on)} 晚於結束日 {roc(bar.ends_on)}。"
            findings.append(problem(rule, f"{where}.starts_on", text, "請更正其中一個日期。"))
        last = min(end, latest) if end else latest
        if bar.ends_on and bar.ends_on > last:
            text = f"{who}到 {roc(bar.ends_on)} 才結束，晚於計畫結束日 {roc(last)}。"
            findings.append(problem(rule, f"{where}.ends_on", text, f"請改為 {roc(last)} 或更早。"))
        if bar.starts_on and start and bar.starts_on < start:
            text = f"{who}從 {roc(bar.starts_on)} 開始，早於計畫開始日 {roc(start)}。"
            findings.append(problem(rule, f"{where}.starts_on", text, f"請改為 {roc(start)} 或更晚。"))
    if findings or end is None:
        return findings
    return [holds(rule, "schedule.ends_on", f"執行到 {roc(end)}，不晚於 {roc(latest)}。", numbers)]


@dataclass(frozen=True, slots=True)
class PlanContentParams:
    """``course_fields`` and ``milestone_fields``: what each row needs; ``exam_outcome``: at least 1."""

    course_fields: tuple[str, ...] = field(
        default=("name", "hours"),
        metadata=words(
            "每門課程的必填欄位",
            "沒有填就不能送出；全部不勾，這個徵案就沒有課程一節。",
            options=COURSE_LABELS,
        ),
    )
    milestone_fields: tuple[str, ...] = field(
        default=("name",),
        metadata=words(
            "每項進度的必填欄位", "沒有填就不能送出；全部不勾，就不填工作進度。", options=MILESTONE_LABELS
        ),
    )
    exam_outcome: str = field(
        default="",
        metadata=words(
            "至少要填 1 的預期成效",
            "通常是報考人次：計畫要輔導受訓者報考，不能填 0。",
            refers="outcomes",
            blank="沒有這種要求",
        ),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        problems = [
            f"course_fields: 沒有欄位「{n}」"
            for n in self.course_fields
            if n not in Course.__dataclass_fields__
        ]
        problems += [
            f"milestone_fields: 沒有欄位「{n}」"
            for n in self.milestone_fields
            if n not in Milestone.__dataclass_fields__
        ]
        if self.exam_outcome and self.exam_outcome not in {o.key for o in terms.outcomes}:
            problems.append(f"exam_outcome: 沒有預期成效「{self.exam_outcome}」")
        return problems


@kind(
    "plan_content",
    PlanContentParams,
    title="計畫書要寫的內容",
    says="檢查計畫名稱、必填的計畫文字、課程、進度與預期成效是否齊全。",
    group="T",
)
def plan_content(params: PlanContentParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The plan has a title, every text, courses, a schedule and expected outcomes that the clause names."""
    findings = [
        *_texts(rule, facts, context),
        *_courses(params, rule, facts, context),
        *_milestones(params, rule, facts, context),
        *_outcomes(params, rule, facts, context),
    ]
    if findings or not context.full:
        return findings
    return [
        holds(
            rule,
            "plan",
            f"計畫內容齊全：{'、'.join(t.label for t in context.terms.plan_texts if t.required)}都已填寫。",
        )
    ]


def _texts(rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    findings: list[Finding] = []
    if context.full and not (facts.title or "").strip():
        findings.append(missing(rule, "plan.title", "請填寫計畫名稱。"))
    texts = facts.plan or {}
    for item in context.terms.plan_texts:
        text = texts.get(item.key, "").strip()
        if not text and item.required and context.full:
            findings.append(missing(rule, f"plan.{item.key}", f"請填寫「{item.label}」。"))
        if len(text) > item.max_length:
            over = len(text) - item.max_length
            findings.append(
                problem(
                    rule,
                    f"plan.{item.key}",
                    f"「{item.label}」共 {fmt(len(text))} 字，上限 {fmt(item.max_length)} 字。",
                    f"請精簡 {fmt(over)} 字。",
                    {"length": len(text), "maximum": item.max_length},
                )
            )
    return findings


def _courses(params: PlanContentParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    if not params.course_fields:
        return []  # the call asks for no courses
    if not facts.courses:
        return [missing(rule, "courses", "請填寫培訓課程：名稱、時數、場域與講師。")] if context.full else []
    findings: list[Finding] = []
    for i, course in enumerate(facts.courses):
        where, who = f"courses[{i}]", f"第 {i + 1} 門課程"
        if context.full:
            findings += [
                missing(rule, f"{where}.{name}", f"{who}：請填寫{COURSE_LABELS.get(name, name)}。")
                for name in params.course_fields
                if getattr(course, name) in (None, "")
            ]
        if course.kind and course.kind not in COURSE_KINDS:
            text = f"{who}的類別「{course.kind}」不認得。"
            findings.append(problem(rule, f"{where}.kind", text, "請選擇課程或專案實作。"))
        if course.hours is not None and course.hours < 1:
            text = f"{who}的時數為 {fmt(course.hours)}。"
            findings.append(problem(rule, f"{where}.hours", text, "請填 1 以上的整數小時。"))
    return findings


def _milestones(params: PlanContentParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    if not context.full or not params.milestone_fields:
        return []
    if not facts.schedule:
        return [missing(rule, "schedule.milestones", "請填寫工作進度與查核點。")]
    findings = [
        missing(
            rule,
            f"schedule.milestones[{i}].{name}",
            f"第 {i + 1} 項工作：請填寫{MILESTONE_LABELS.get(name, name)}。",
        )
        for i, bar in enumerate(facts.schedule)
        for name in params.milestone_fields
        if getattr(bar, name) in (None, "")
    ]
    if not any(bar.checkpoint for bar in facts.schedule):
        ask = "請至少在一項工作寫明查核點（結束時要看到什麼）。"
        findings.append(missing(rule, "schedule.milestones[0].checkpoint", ask))
    return findings


def _outcomes(params: PlanContentParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    findings: list[Finding] = []
    known = {item.key: item for item in context.terms.outcomes}
    entered = facts.outcomes or ()
    for i, outcome in enumerate(entered):
        where = f"outcomes[{i}]"
        if outcome.key and outcome.key not in known:
            text = f"預期成效「{outcome.key}」不在清單內。"
            findings.append(problem(rule, f"{where}.key", text, "請從清單選擇，或改用「其他效益」。"))
        target = as_number(half_width(outcome.target)) if outcome.key == params.exam_outcome else None
        if target is not None and target < 1:
            text = f"{known[outcome.key].label if outcome.key in known else outcome.key}為 {outcome.target.strip()}。"
            findings.append(
                problem(rule, f"{where}.target", text, "計畫應輔導受訓者報考 iPAS，請填 1 以上。")
            )
    if context.full and known:
        if not entered:
            return [*findings, missing(rule, "outcomes", "請填寫預期成效。")]
        for item in known.values():
            if not item.required:
                continue
            at = next((i for i, o in enumerate(entered) if o.key == item.key), None)
            if at is None or not entered[at].target.strip():
                where = "outcomes" if at is None else f"outcomes[{at}].target"
                findings.append(missing(rule, where, f"請填寫預期成效「{item.label}」的目標。"))
    return findings


@dataclass(frozen=True, slots=True)
class LecturerFeeCeilingParams:
    """``ceilings``: dollars for 50 minutes by the lecturer's kind."""

    ceilings: dict[str, int] = field(
        metadata=words(
            "每 50 分鐘的參考上限",
            "各種講師的鐘點費，超過時提醒。",
            refers="lecturer_kinds",
            unit="元",
            not_empty=True,
        )
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = {k.key for k in terms.lecturer_kinds}
        return [f"ceilings.{key}: 沒有這種講師" for key in self.ceilings if key not in known]


@kind(
    "lecturer_fee_ceiling",
    LecturerFeeCeilingParams,
    title="講師鐘點費參考上限",
    says="講師鐘點費超過參考上限時提醒說明理由，不會擋下送件。",
    group="W",
)
def lecturer_fee_ceiling(
    params: LecturerFeeCeilingParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Warn where a lecturer's fee lies above the scale that public bodies follow; stops nothing."""
    findings: list[Finding] = []
    for i, course in enumerate(facts.courses or ()):
        if course.fee_per_hour is None:
            continue
        where, who = f"courses[{i}].fee_per_hour", f"第 {i + 1} 門課程"
        if course.fee_per_hour < 0:
            text = f"{who}的鐘點費為 {fmt(course.fee_per_hour)} 元。"
            findings.append(problem(rule, where, text, "請填 0 以上的整數。"))
            continue
        affiliation = course.lecturer_affiliation.strip()
        lecturer = "inside" if affiliation and affiliation == facts.company.name else affiliation
        # Whoever is not said to be of the house may be from outside: the most generous ceiling applies.
        ceiling = params.ceilings.get(lecturer, max(params.ceilings.values()))
        if course.fee_per_hour > ceiling:
            known = lecturer in params.ceilings
            label = context.terms.label("lecturer_kinds", lecturer) if known else "講師"
            findings.append(
                caution(
                    rule,
                    where,
                    f"{who}的鐘點費 {fmt(course.fee_per_hour)} 元，"
                    f"高於{label}的參考上限 {fmt(ceiling)} 元（50 分鐘）。",
                    "若有必要，請在經費編列說明寫明理由。",
                    {"fee": course.fee_per_hour, "ceiling": ceiling},
                )
            )
    return findings
