"""Opening a decision meeting, its frozen list of ranked cases, and its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from core.locking import lock_row
from programs.models import Call
from review.models import (
    DecisionMeeting,
    MeetingAsk,
    MeetingAttendance,
    MeetingCase,
    MeetingTransition,
)
from review.rules import ranking
from review.rules.scoring import display
from review.selectors import decision as read
from review.services import scenarios
from review.services.guard import PROPOSE, lock_preparing, require_meeting
from review.workflow import MEETING


class RecordConflict(Exception):
    """Somebody else saved the record since ``version``; what they saved is in ``meeting``."""

    def __init__(self, meeting: DecisionMeeting) -> None:
        self.meeting = meeting
        super().__init__("會議紀錄剛才有別人改過。")


@transaction.atomic
def open_meeting(*, call: Call, name: str, actor: User, now: datetime) -> DecisionMeeting:
    """Open a meeting over all reviewed cases of the call that no other open meeting has, with a first scenario.

    The same name again returns the meeting of that name, so that a replay makes no second one. Raises
    ``PermissionDenied``; ``ValidationError`` when there is no case to decide on.
    """
    if not actor.has_permission(PROPOSE):
        raise PermissionDenied("您的角色沒有召開決審會議的權限。")
    call = lock_row(Call.objects.select_related("current_terms"), pk=call.pk)
    if existing := DecisionMeeting.objects.filter(call=call, name=name).first():
        return existing
    meeting = DecisionMeeting.objects.create(call=call, name=name, created_at=now)
    _freeze(meeting, now=now)
    if not meeting.meeting_cases.exists():
        raise ValidationError(
            "這個徵案目前沒有可以提會的案件。案件要完成專業審查（待決審），而且沒有排入其他未核定的會議。"
        )
    require_meeting(actor, PROPOSE, meeting)
    MeetingTransition.objects.create(
        subject=meeting,
        action="open",
        from_state="",
        to_state=MEETING.initial,
        actor=actor,
        actor_name=str(actor),
        at=now,
    )
    scenarios.first_scenario(meeting=meeting, actor=actor, now=now)
    return meeting


@transaction.atomic
def refresh(*, meeting: DecisionMeeting, actor: User, now: datetime) -> DecisionMeeting:
    """Make the list anew from the cases and sheets of now; amounts typed for cases that stay are kept.

    New cases start with nothing, cases that left take their amounts with them; every scenario gets a new
    version. Raises ``PermissionDenied``, ``TransitionRefused``.
    """
    require_meeting(actor, PROPOSE, meeting)
    # The call's row first, as when a meeting is opened: else two lists made at once could hold the same case.
    Call.objects.select_for_update().get(pk=meeting.call_id)
    meeting = lock_preparing(meeting.pk)
    meeting.meeting_cases.all().delete()
    _freeze(meeting, now=now)
    require_meeting(actor, PROPOSE, meeting)
    scenarios.follow_list(meeting=meeting, actor=actor, now=now)
    return meeting


def _freeze(meeting: DecisionMeeting, *, now: datetime) -> None:
    """Rank the reviewed cases by the call's method and write the list. Cases without a complete sheet stay out."""
    call = meeting.call
    terms = read.ranking_terms(call.terms)
    digest = read.basis(call, meeting)
    inputs = {item.entry.case: item for item in read.ranking_input(read.open_cases(call, meeting))}
    result = ranking.rank((item.entry for item in inputs.values()), terms)
    rows = {row.case: row for row in result.rows if row.rank is not None}
    made = MeetingCase.objects.bulk_create(
        _meeting_case(meeting, inputs[number], row) for number, row in rows.items()
    )
    MeetingAsk.objects.bulk_create(
        MeetingAsk(
            meeting_case=item,
            account=ask.account,
            requested=ask.requested,
            total=ask.total,
            mean=ask.mean,
            median=ask.median,
        )
        for item in made
        for ask in inputs[item.case.number or ""].asks
    )
    notes = list(result.notes)
    notes += [f"{row.case} 尚無完成的評分表，沒有列入名單。" for row in result.rows if row.rank is None]
    if earlier := sum(inputs[number].case.terms_id != call.current_terms_id for number in rows):
        notes.append(
            f"{earlier} 案開始申請時適用較早版本的條件：評分項目、及格分數、補助上限與簽約期限，都依各案適用的版本計算。"
        )
    meeting.ranking_method = result.method.value
    meeting.ranking_notes = notes
    meeting.pass_mark = call.terms.settings.pass_mark
    meeting.ranked_at = now
    meeting.basis = digest
    meeting.save(update_fields=["ranking_method", "ranking_notes", "pass_mark", "ranked_at", "basis"])


def _meeting_case(meeting: DecisionMeeting, item: read.CaseInput, row: ranking.RankedCase) -> MeetingCase:
    total = row.summary.total
    assert total is not None
    assert row.rank is not None
    return MeetingCase(
        meeting=meeting,
        case=item.case,
        rank=row.rank,
        average=display(row.average or 0),
        median=display(total.median),
        spread=display(total.spread),
        sheets=total.count,
        rank_sum=display(row.rank_sum or 0),
        mean_rank=display(row.mean_rank or 0),
        passed=row.passed,
        differs=row.summary.differs,
        reasoning="\n".join(row.explanations),
        criteria={code: str(display(stats.mean)) for code, stats in row.summary.criteria.items()},
        students=item.students,
        employees=item.employees,
        cap=item.cap,
        share_ratio=str(item.ratio) if item.ratio is not None else "",
    )


@transaction.atomic
def save_record(
    *,
    meeting: DecisionMeeting,
    fields: Mapping[str, Any],
    attendance: Sequence[Mapping[str, Any]],
    base_version: int,
    actor: User,
    now: datetime,
) -> DecisionMeeting:
    """Save date, time, place, people and text of the meeting. Saving what is there already changes nothing.

    ``fields``: held_on, held_time, place, chaired_by, recorded_by, minutes_text; ``attendance``: name, title,
    present. Raises ``RecordConflict`` when somebody saved something else since ``base_version``,
    ``PermissionDenied``, ``TransitionRefused``.
    """
    require_meeting(actor, PROPOSE, meeting)
    meeting = lock_preparing(meeting.pk)
    before = [(a.name, a.title, a.present) for a in meeting.attendance.all()]
    after = [(a["name"], a.get("title", ""), bool(a.get("present"))) for a in attendance]
    if all(getattr(meeting, name) == value for name, value in fields.items()) and before == after:
        return meeting
    if meeting.record_version != base_version:
        raise RecordConflict(meeting)
    for name, value in fields.items():
        setattr(meeting, name, value)
    meeting.record_version += 1
    meeting.record_saved_at = now
    meeting.save(update_fields=[*fields, "record_version", "record_saved_at"])
    if before != after:
        meeting.attendance.all().delete()
        for name, title, present in after:
            MeetingAttendance.objects.create(meeting=meeting, name=name, title=title, present=present)
    return meeting
