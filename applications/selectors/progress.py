"""How complete each section is, and where the whole case is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.enums import CaseState, Section
from applications.models import Case, SectionState
from applications.permissions import open_items
from applications.selectors.facts import by_section, closes_at, load
from applications.selectors.intake import is_paper
from core.findings import Finding, Severity
from core.rocdate import TAIPEI, roc, roc_datetime
from programs.rules.kinds.registry import is_missing

OPTIONAL = (Section.ADVANTAGES, Section.AVOID_REVIEWERS)


@dataclass(slots=True)
class SectionProgress:
    """One line of the task list. ``state``: todo, doing, done or fix; ``count``: findings to mend."""

    key: str
    label: str
    state: str
    count: int
    url: str = ""
    hint: str = ""
    current: bool = False


def section_states(case: Case) -> dict[str, SectionState]:
    """Section → when and by whom it was last saved. One query, kept with the case object."""
    cached: dict[str, SectionState] | None = case.__dict__.get("_section_states")
    if cached is None:
        rows = SectionState.objects.filter(case=case).select_related("saved_by")
        cached = {row.section: row for row in rows}
        case.__dict__["_section_states"] = cached
    return cached


def section_progress(case: Case, found: list[Finding]) -> list[SectionProgress]:
    """The sections in order with their state and the number of findings that would stop a submission.

    Never saved: todo. Something wrong, or asked for by a supplement notice and not touched since: fix.
    Something missing: doing. Else done. One query.
    """
    case = load(case)
    saved = section_states(case)
    grouped = by_section(found)
    asked = {item.where.replace("[", ".").split(".", 1)[0]: item.supplement for item in open_items(case)}
    lines = []
    for section in case.sections:
        errors = [f for f in grouped.get(section, []) if f.severity is Severity.ERROR]
        touched = section in saved or any(not f.rule for f in errors)
        if section == Section.DOCUMENTS:
            touched = touched or bool(case.current_documents)  # type: ignore[attr-defined]
        wrong = any(not is_missing(f) for f in errors)
        if not touched:
            state, count = "todo", 0
        elif wrong:
            state, count = "fix", len(errors)
        elif errors:
            state, count = "doing", len(errors)
        else:
            state, count = "done", 0
        hint = "選填" if not touched and section in OPTIONAL else ""
        if section in asked:
            last = saved.get(section)
            answered = last is not None and last.saved_at >= asked[section].requested_at
            hint = "已補正，尚未送出" if answered and state == "done" else "請補件"
            state = "fix" if not answered else state
        lines.append(SectionProgress(section.value, case.section_label(section), state, count, hint=hint))
    return lines


STAGES = (
    ("填寫申請", {CaseState.DRAFT}),
    ("資格初審", {CaseState.SUBMITTED, CaseState.SUPPLEMENTING}),
    ("專業審查", {CaseState.QUALIFIED, CaseState.IN_REVIEW}),
    ("決審核定", {CaseState.REVIEWED}),
    ("結果與簽約", {CaseState.APPROVED, CaseState.REJECTED, CaseState.RESERVED, CaseState.FORFEITED}),
)
# The stage that a case had reached when it left the way, by the action that a transition tells of.
_STOPPED = {
    CaseState.RETURNED: (1, "退件"),
    CaseState.REJECTED: (4, "不通過"),
    CaseState.FORFEITED: (4, "放棄"),
}


def stages(case: Case, now: datetime) -> list[dict[str, Any]]:
    """``components/stage_line.html``: the way of the case with the dates that are known."""
    current = next((i for i, (_, states) in enumerate(STAGES) if case.state in states), 0)
    stopped = ""
    if case.state in _STOPPED:
        current, stopped = _STOPPED[CaseState(case.state)]
    elif case.state == CaseState.WITHDRAWN:
        current, stopped = (1 if case.submitted_at else 0), "已撤案"
    dates = {0: roc(case.submitted_at.astimezone(TAIPEI).date()) if case.submitted_at else ""}
    if case.closed_at:
        dates[current] = roc(case.closed_at.astimezone(TAIPEI).date())
    lines = []
    for number, (label, _) in enumerate(STAGES):
        state = "done" if number < current else "current" if number == current else "todo"
        note = ""
        if number == current and stopped:
            state, note = "stopped", stopped
        elif number == current and case.state == CaseState.APPROVED:
            note = "核定通過"
        elif number == current and case.state == CaseState.RESERVED:
            note = "備取"
        elif number == current and case.state == CaseState.SUPPLEMENTING:
            note = "請補件"
        lines.append({"label": label, "state": state, "date": dates.get(number, ""), "note": note})
    return lines


@dataclass(frozen=True, slots=True)
class NextStep:
    """Whose turn it is, what is to be done, and by when. ``due_at`` for a countdown."""

    turn: str
    mine: bool
    text: str
    due: str = ""
    due_title: str = ""


def days_words(ends: datetime, now: datetime) -> str:
    """還有 3 天, 今天截止, 已截止."""
    if ends < now:
        return "已截止"
    days = (ends.astimezone(TAIPEI).date() - now.astimezone(TAIPEI).date()).days
    return "今天截止" if days == 0 else f"還有 {days} 天"


def next_step(case: Case, now: datetime, *, mine: bool, remaining: int = 0) -> NextStep:
    """What the reader is told below the stages. ``mine``: the reader may act for the company."""
    you = "貴公司" if case.terms.terms.applicant == "公司" else "貴單位"
    us = f"輪到{you}" if mine else "申請單位處理中"
    if case.state == CaseState.DRAFT:
        ends = closes_at(case)
        text = f"還有 {remaining} 件事要完成。" if remaining else "內容齊了，請檢查並送出。"
        if is_paper(case) and ends < now:
            # The paper's day counts; those who type it in hand it in when they are done (S2).
            return NextStep("計畫辦公室處理中", mine, text if mine else "計畫辦公室正在依紙本登打並送出。")
        if ends < now:
            text = "受理期間已經結束，這份草稿沒有送出。"
        due = f"{roc_datetime(ends)}（{days_words(ends, now)}）"
        return NextStep(us, mine and ends >= now, text, due, f"{ends.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}")
    if case.state == CaseState.SUPPLEMENTING:
        items = open_items(case)
        if not items:
            return NextStep("計畫辦公室處理中", False, "補件期限已過，等待計畫辦公室處理。")
        due_on = items[0].supplement.due_on
        days = (due_on - now.astimezone(TAIPEI).date()).days
        words = f"還有 {days} 天" if days > 0 else "今天截止" if days == 0 else "已逾期"
        return NextStep(
            us, mine, f"請補正 {len(items)} 項內容。", f"{roc(due_on)}（{words}）", due_on.isoformat()
        )
    texts = {
        CaseState.SUBMITTED: ("計畫辦公室處理中", "正在核對申請資格與應備資料。"),
        CaseState.QUALIFIED: ("計畫辦公室處理中", "資格初審符合，正在安排專業審查。"),
        CaseState.IN_REVIEW: ("審查委員處理中", "專業審查進行中。"),
        CaseState.REVIEWED: ("計畫辦公室處理中", "等待決審會議與主辦單位核定。"),
        CaseState.APPROVED: (us, "請依核定函的期限修正計畫並完成簽約。"),
        CaseState.REJECTED: ("", "本次未獲補助，委員建議隨通知函提供。"),
        CaseState.RESERVED: ("計畫辦公室處理中", "列為備取；有單位釋出時，依審查排序遞補，遞補時另行通知。"),
        CaseState.FORFEITED: ("", "已放棄核定的結果。"),
        CaseState.RETURNED: ("", "案件已退件，理由見退件函。"),
        CaseState.WITHDRAWN: ("", "案件已撤案。"),
    }
    turn, text = texts[CaseState(case.state)]
    if case.state == CaseState.APPROVED:
        outcome = getattr(case, "outcome", None)
        due = roc(outcome.sign_by) if outcome and outcome.sign_by else ""
        return NextStep(us, mine, text, due, outcome.sign_by.isoformat() if outcome and due else "")
    return NextStep(turn, False, text)
