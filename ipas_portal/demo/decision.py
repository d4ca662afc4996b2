"""The decided round: its meeting, minutes, confirmation and letters, made by the real use cases, dated back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal

from applications.letters import request_submission_papers
from applications.models import Case, CaseLetter, Submission
from applications.selectors.facts import facts, findings, with_content
from documents.enums import DocumentKind
from documents.services import render_document
from ipas_portal.demo.accounts import Cast
from programs.models import Call
from review.enums import AllocationMethod
from review.models import DecisionMeeting, PanelCase
from review.services import confirmation, meetings, outgoing, scenarios
from review.services.panels import ensure_book

# Letters of the demo are typeset by the worker after the start; more than these would keep it busy for long.
LETTERS = 30
CONTRACTS = 5


def decide(*, call: Call, cast: Cast, now: datetime) -> DecisionMeeting:
    """Hold the decision meeting of a round whose cases are reviewed, confirm it and issue the letters."""
    held = now - timedelta(days=10)
    meeting = meetings.open_meeting(call=call, name=f"{call.name}決審會議"[:120], actor=cast.office, now=held)
    scenario = meeting.scenarios.get()
    scenarios.add_scenario(
        meeting=meeting,
        name=f"{call.terms.grant.pool}刪減一成",
        actor=cast.office,
        now=held,
        cut_percent=Decimal(10),
        copy_of=None,
    )
    meetings.save_record(
        meeting=meeting,
        fields={
            "held_on": held.date(),
            "held_time": time(14, 0),
            "place": "第一會議室",
            "chaired_by": cast.supervisor.name,
            "recorded_by": cast.office.name,
            "minutes_text": "逐案說明審查結果後，決議依名次核定至可分配的額度用罄，未及格案件不予補助。",
        },
        attendance=[
            {
                "name": profile.user.name,
                "title": f"{profile.organisation_name} {profile.title}",
                "present": True,
            }
            for profile in cast.reviewers[:5]
        ],
        base_version=meeting.record_version,
        actor=cast.office,
        now=held,
    )
    scenario.refresh_from_db()
    confirmation.adopt(
        meeting=meeting,
        scenario=scenario,
        base_version=scenario.version,
        acknowledged=True,
        actor=cast.office,
        now=held + timedelta(hours=3),
    )
    meeting = confirmation.confirm(meeting=meeting, actor=cast.supervisor, now=held + timedelta(days=2))
    _letters(meeting, cast, held + timedelta(days=3))
    return meeting


def prepare(*, call: Call, cast: Cast, now: datetime) -> DecisionMeeting:
    """Open the meeting of the round in review, with a second scenario to compare: the demo's office goes on from here."""
    opened = now - timedelta(days=1)
    meeting = meetings.open_meeting(
        call=call, name=f"{call.name}決審會議"[:120], actor=cast.office, now=opened
    )
    scenarios.add_scenario(
        meeting=meeting,
        name="及格案件依比例",
        actor=cast.office,
        now=opened,
        method=AllocationMethod.PROPORTIONAL,
        copy_of=None,
    )
    return meeting


def _letters(meeting: DecisionMeeting, cast: Cast, sent: datetime) -> None:
    """Approvals and rejections for the first cases, and contracts for those whose approval is typeset here at once."""
    kinds = outgoing.kinds_of(meeting)
    for kind in (kind for kind in kinds if kind != DocumentKind.CONTRACT):
        cases = [row.outcome.case_id for row in outgoing.letter_rows(meeting, kind) if row.issuable][:LETTERS]
        if cases:
            outgoing.issue_letters(meeting=meeting, kind=kind, cases=cases, actor=cast.office, now=sent)
    if DocumentKind.CONTRACT not in kinds:
        return
    own = CaseLetter.objects.filter(case__call=meeting.call, document__kind=DocumentKind.APPROVAL)
    for letter in own.order_by("-case__organisation__ubn")[:CONTRACTS]:
        render_document(pk=str(letter.document_id), now=sent)
    cases = [
        row.outcome.case_id for row in outgoing.letter_rows(meeting, DocumentKind.CONTRACT) if row.issuable
    ]
    if cases:
        outgoing.issue_letters(
            meeting=meeting,
            kind=DocumentKind.CONTRACT,
            cases=cases,
            actor=cast.office,
            now=sent + timedelta(days=1),
        )


def papers(*, calls: Iterable[Call], cast: Cast, most: int) -> None:
    """Receipt, plan and self-check list for up to ``most`` submissions of each call; case books where a panel reads them."""
    for call in calls:
        for submission in Submission.objects.filter(case__call=call).order_by("case__number")[:most]:
            case = with_content(Case.objects.filter(pk=submission.case_id)).get()
            submission.case = case
            given = facts(case)
            request_submission_papers(
                submission=submission,
                facts=given,
                findings=findings(case, submission.at, facts=given),
                actor=submission.by or cast.owner,
                now=submission.at,
            )
        for seat in PanelCase.objects.filter(panel__call=call, state="open").order_by("case__number")[:most]:
            ensure_book(seat=seat, actor=cast.office, now=seat.case.updated_at)
