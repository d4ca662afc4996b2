"""From a scenario to a decision: adopted by the meeting, confirmed or sent back by the supervisor (A1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from applications.enums import CaseState
from applications.models import Case
from applications.services.outcome import Decided, record_outcomes
from core import money, workflow
from core.findings import Finding
from core.locking import lock_row
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents import contexts as c
from documents.models import OfficialDocument
from documents.services import request_document
from programs.models import Call
from programs.rules import granting
from programs.services.budgets import lock_budget_of
from review.enums import AssignmentState, MeetingState
from review.models import CriterionScore, DecisionMeeting, Scenario, ScoreSheet
from review.rules.ranking import Method
from review.selectors import decision as read
from review.services.guard import CONFIRM, PROPOSE, lock_preparing, require_meeting
from review.workflow import MEETING

#: States in which a case of the list may still be decided on, or be filled up (RA8).
DECIDABLE = (CaseState.REVIEWED, CaseState.RESERVED, CaseState.APPROVED)


class AdoptionRefused(Exception):
    """Rules that the scenario breaks (``findings``), or what the record still lacks (``reasons``)."""

    def __init__(self, findings: list[Finding] | None = None, reasons: list[str] | None = None) -> None:
        self.findings = findings or []
        self.reasons = reasons or []
        words = [f"{f.message}{f.remedy}" for f in self.findings] + self.reasons
        super().__init__("；".join(words))


def record_gaps(meeting: DecisionMeeting) -> list[str]:
    """What the record still lacks before a scenario can be adopted. One query."""
    wanted = {
        "held_on": "開會日期",
        "held_time": "開會時間",
        "place": "地點",
        "chaired_by": "主席",
        "recorded_by": "紀錄",
        "minutes_text": "討論紀要",
    }
    gaps = [
        f"會議紀錄還沒有填「{label}」。"
        for name, label in wanted.items()
        if getattr(meeting, name) in (None, "")
    ]
    if not any(person.present for person in meeting.attendance.all()):
        gaps.append("會議紀錄還沒有填出席人員。")
    return gaps


@transaction.atomic
def adopt(
    *,
    meeting: DecisionMeeting,
    scenario: Scenario,
    base_version: int,
    acknowledged: bool,
    actor: User,
    now: datetime,
) -> DecisionMeeting:
    """Adopt a scenario: the minutes are typeset and the supervisor is asked.

    ``acknowledged``: warnings (a better case left out) were read and are explained in the minutes. Every
    broken rule refuses. Adopting the adopted one again changes nothing. Raises ``AdoptionRefused``,
    ``ScenarioConflict`` for a version that one has not seen, ``PermissionDenied``, ``TransitionRefused``.
    """
    from review.services.scenarios import ScenarioConflict

    require_meeting(actor, PROPOSE, meeting)
    current = DecisionMeeting.objects.select_for_update().get(pk=meeting.pk)
    if current.state == MeetingState.ADOPTED and current.adopted_id == scenario.pk:
        return current
    meeting = lock_preparing(meeting.pk)
    scenario = meeting.scenarios.select_for_update().get(pk=scenario.pk)
    scenario.meeting = meeting
    if scenario.version != base_version:
        raise ScenarioConflict(scenario)
    reasons = record_gaps(meeting)
    if read.basis(meeting.call, meeting) != meeting.basis:
        reasons.append("名單或評分在排序之後有變動，請先重新整理名單，再採用方案。")
    board = read.board(scenario)
    if board.warnings and not acknowledged:
        reasons.append("有排序較前的案件未獲補助，請確認已在討論紀要說明理由。")
    if board.errors or reasons:
        raise AdoptionRefused(board.errors, reasons)
    scenario.envelope = board.money.available
    scenario.save(update_fields=["envelope"])
    old = meeting.minutes
    document = request_document(
        context=minutes_context(meeting, board),
        recipient=c.Recipient(meeting.call.terms.authority),
        actor=actor,
        now=now,
        replaces=old if old is not None and old.is_issued else None,
    )
    return workflow.apply(
        MEETING, meeting, "adopt", actor=actor, at=now, reason=scenario.name,
        adopted=scenario, adopted_at=now, minutes=document,
    )  # fmt: skip


def minutes_context(meeting: DecisionMeeting, board: read.Board) -> c.MinutesContext:
    """The minutes of the meeting with the board's amounts. One query (attendance)."""
    assert meeting.held_on is not None
    held = datetime.combine(meeting.held_on, meeting.held_time or time(0), TAIPEI)
    method = Method(meeting.ranking_method).label
    spent, rows = board.spent, board.rows
    grant = board.table.terms.grant
    passed = sum(row.item.passed for row in rows)
    report = (
        f"本次提會 {len(rows)} 案，依{method}排序；及格分數 {meeting.pass_mark} 分，達及格分數者 {passed} 案。\n"
        f"{grant.verb}總{grant.pool} {grant.say(board.money.full)}"
        + (f"，{read.cut_words(board.scenario)}計 {grant.say(board.money.cut)}" if board.money.cut else "")
        + (f"，預算凍結或刪減 {grant.say(board.money.withheld)}" if board.money.withheld else "")
        + (f"，已核定 {grant.say(board.money.awarded)}" if board.money.awarded else "")
        + f"，本次可分配 {grant.say(board.money.available)}。"
    )
    decision = (
        f"採用「{board.scenario.name}」：{grant.verb} {board.funded} 案，合計 {grant.say(spent)}"
        + (f"（{money.in_words(spent)}）" if grant.in_dollars else "")
        + f"，未獲{grant.verb} {len(rows) - board.funded} 案，各案{grant.measure}如附表，報請主辦單位核定。"
    )
    return c.MinutesContext(
        meeting_name=meeting.name,
        call_name=meeting.call.name,
        held_at=held,
        place=meeting.place,
        chair=meeting.chaired_by,
        recorder=meeting.recorded_by,
        attendees=tuple(c.Attendee(a.name, a.title, present=a.present) for a in meeting.attendance.all()),
        items=(
            c.MinuteItem("報告本次提會案件與審查結果", report, "洽悉。"),
            c.MinuteItem(
                "核定補助項目及金額" if grant.in_dollars else f"決定各單位的{grant.noun}",
                meeting.minutes_text,
                decision,
            ),
        ),
        allocations=tuple(
            c.AllocationRow(
                rank=row.item.rank,
                case_number=row.number,
                company_name=row.company,
                score=f"{row.item.average:.2f}",
                requested=row.requested,
                approved=row.amount,
                result=grant.verb if row.amount else f"未獲{grant.verb}",
            )
            for row in rows
        ),
        envelope=board.money.available,
        scenario=board.scenario.name,
        unit=grant.unit,
        noun=grant.noun,
        pool=grant.pool,
    )


@transaction.atomic
def reconsider(*, meeting: DecisionMeeting, reason: str, actor: User, now: datetime) -> DecisionMeeting:
    """The office takes the adopted scenario back before it is confirmed. Raises ``PermissionDenied``, ``TransitionRefused``."""
    require_meeting(actor, PROPOSE, meeting)
    return _back(meeting, "reconsider", reason=reason, actor=actor, now=now)


@transaction.atomic
def send_back(*, meeting: DecisionMeeting, reason: str, actor: User, now: datetime) -> DecisionMeeting:
    """The supervisor sends the meeting back to the office. Raises ``PermissionDenied``, ``TransitionRefused``."""
    require_meeting(actor, CONFIRM, meeting)
    return _back(meeting, "send_back", reason=reason, actor=actor, now=now)


def _back(
    meeting: DecisionMeeting, action: str, *, reason: str, actor: User, now: datetime
) -> DecisionMeeting:
    if not reason.strip():
        raise ValidationError({"reason": "請寫下理由，另一方會看到。"})
    # Under the meeting's lock, which a new request to confirm takes as well.
    locked = DecisionMeeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.confirmations.open().exists():
        raise TransitionRefused("主辦單位已按下核定，系統正在產生結果，現在不能退回或重新審議。")
    return workflow.apply(
        MEETING, meeting, action, actor=actor, at=now, reason=reason, adopted=None, adopted_at=None
    )


def decision_key(meeting: DecisionMeeting) -> str:
    """Names what was adopted: another scenario, or the same one adopted anew, has another key; "" before."""
    when = meeting.adopted_at
    return f"{meeting.adopted_id}-{when.astimezone(UTC):%Y%m%d%H%M%S%f}" if when else ""


@transaction.atomic
def confirm(
    *, meeting: DecisionMeeting, actor: User, now: datetime, seen: str | None = None
) -> DecisionMeeting:
    """Confirm the adopted scenario: every case gets its outcome, and the list becomes public.

    ``seen``: the :func:`decision_key` of the page that was read; what was adopted since is refused, so that
    nobody confirms amounts that they have not seen.

    Holds the call's row, so that of two confirmations the second sees what the first has spent: limits are
    checked anew against all confirmed grants, and no dollar is given twice. Confirming again changes nothing.
    Raises ``AdoptionRefused``, ``PermissionDenied`` (also for whoever proposed it), ``TransitionRefused``.
    """
    require_meeting(actor, CONFIRM, meeting)
    call = lock_row(Call.objects.select_related("current_terms"), pk=meeting.call_id)
    meeting = DecisionMeeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.state == MeetingState.CONFIRMED:
        return meeting
    meeting.call = call
    lock_budget_of(call)
    board = judged(meeting=meeting, actor=actor, seen=seen)
    suggestions = _suggestions(board.table)
    worth = read.worths(board)
    refills = granting.refills(call.terms)
    today = now.astimezone(TAIPEI).date()
    record_outcomes(
        decided=[
            Decided(
                case=row.item.case,
                awards={cell.account: (cell.requested, cell.amount) for cell in row.cells},
                worth=worth[row.item.case_id],
                reserved=refills and row.item.passed,
                filling=refills and row.item.case.state != CaseState.REVIEWED,
                average=row.item.average,
                rank=row.item.rank,
                suggestions=suggestions[row.item.case_id],
                sign_by=today + timedelta(days=board.table.terms_of(row.item.case).settings.days_to_sign),
            )
            for row in board.rows
        ],
        actor=actor,
        now=now,
    )
    if call.results_published_at is None:
        call.results_published_at = now
        call.save(update_fields=["results_published_at"])
    Scenario.objects.filter(pk=board.scenario.pk).update(envelope=board.money.available)
    return workflow.apply(
        MEETING, meeting, "confirm", actor=actor, at=now, confirmed_at=now, confirmed_by=actor
    )


def judged(*, meeting: DecisionMeeting, actor: User, seen: str | None) -> read.Board:
    """The board that may be confirmed now: adopted by somebody else, as it was ``seen``, and breaking no rule.

    Reads only. Raises ``AdoptionRefused``, ``PermissionDenied`` for whoever proposed it, ``TransitionRefused``.
    """
    MEETING.transition(meeting.state, "confirm")
    if seen is not None and seen != decision_key(meeting):
        raise AdoptionRefused(
            reasons=["這場會議在您開啟這一頁之後重新採用了方案，請看過下面的最新金額，再決定是否核定。"]
        )
    adopted = meeting.transitions.filter(action="adopt").last()
    if adopted is not None and adopted.actor_id == actor.pk:
        raise PermissionDenied("這個方案是您提出採用的，請由另一位主管核定。")
    scenario = meeting.adopted
    assert scenario is not None
    scenario.meeting = meeting
    board = read.board(scenario)
    left = [row.number for row in board.rows if row.item.case.state not in DECIDABLE]
    reasons = []
    if not meeting.call.budget_promulgated:
        reasons.append("中央政府總預算尚未公布，公布後才能核定。")
    if left:
        reasons.append(f"這些案件已經不在待決審（撤案或重啟審查），請退回重議：{'、'.join(left[:10])}。")
    elif read.basis(meeting.call, meeting) != meeting.basis:
        reasons.append("名單或評分在排序之後有變動，請退回重議。")
    if board.errors or reasons:
        raise AdoptionRefused(board.errors, reasons)
    return board


def _suggestions(frozen: read.Table) -> dict[Any, list[dict[str, str]]]:
    """Case → what the experts wrote for the applicant, by criterion, general remarks last. Two queries.

    Only the comments for the applicant leave the panel, without names and in an order that tells nobody's.
    """
    submitted = Q(assignment__state=AssignmentState.SUBMITTED) & Q(
        assignment__panel_case__case__in=frozen.meeting.meeting_cases.values("case")
    )
    sheets = ScoreSheet.objects.filter(submitted)
    general = sheets.values_list("assignment__panel_case__case", "comment_for_applicant")
    by_criterion = CriterionScore.objects.filter(sheet__in=sheets).values_list(
        "sheet__assignment__panel_case__case", "criterion", "comment"
    )
    criteria = {
        row.case_id: {c.id: (place, c.label) for place, c in enumerate(frozen.terms_of(row.case).criteria)}
        for row in frozen.rows
    }
    last = (max(len(own) for own in criteria.values()), "") if criteria else (0, "")
    found: dict[Any, set[tuple[int, str, str]]] = defaultdict(set)
    for case, text in general:
        found[case].add((*last, text.strip()))
    for case, criterion, text in by_criterion:
        found[case].add((*criteria[case].get(criterion, last), text.strip()))
    return defaultdict(
        list,
        {
            case: [{"criterion": label, "text": text} for _, label, text in sorted(remarks) if text]
            for case, remarks in found.items()
        },
    )


def minutes_of(meeting: DecisionMeeting) -> OfficialDocument | None:
    """The minutes of the adopted scenario; None while nothing is adopted."""
    return None if meeting.state == MeetingState.PREPARING else meeting.minutes


def withdrawn_since(meeting: DecisionMeeting) -> list[Case]:
    """Cases of an adopted list that no longer wait for the decision. One query."""
    if meeting.state != MeetingState.ADOPTED:
        return []
    return list(
        Case.objects.filter(meeting_cases__meeting=meeting).exclude(state__in=DECIDABLE).order_by("number")
    )


__all__ = [
    "AdoptionRefused",
    "TransitionRefused",
    "adopt",
    "confirm",
    "decision_key",
    "judged",
    "minutes_context",
    "minutes_of",
    "reconsider",
    "record_gaps",
    "send_back",
    "withdrawn_since",
]
