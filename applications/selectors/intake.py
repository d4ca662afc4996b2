"""Paper applications: the day that counts (S2), the queue of the office, who they belong to."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db.models import Max, QuerySet

from applications.enums import CaseState, Channel, Section
from applications.models import Case, CaseWindowExtension
from core.rocdate import TAIPEI
from core.workdays import WorkCalendar
from programs.models import Call
from programs.notices import SingleExtension
from programs.rules.check import received_date
from programs.rules.kinds.submission import ReceivedDateParams
from programs.rules.terms import Terms
from programs.selectors import work_calendar


def _params(terms: Terms) -> ReceivedDateParams:
    rule = next(iter(terms.of_kind("received_date")), None)
    return rule.params if rule is not None else ReceivedDateParams()


def derive_received_on(
    terms: Terms,
    *,
    channel: str,
    posted_on: date | None,
    arrived_at: datetime | None,
    calendar: WorkCalendar | None = None,
) -> date:
    """The day on which paper counts as received (S2), by the call's rule. One query without ``calendar``.

    Raises ValueError (for the user) when postmark or arrival is missing.
    """
    params = _params(terms)
    if calendar is None and channel not in params.postmark_channels:
        calendar = work_calendar()
    local = arrived_at.astimezone(TAIPEI) if arrived_at else None
    return received_date(channel, posted_on, local, calendar, params)


def received_on(case: Case, calendar: WorkCalendar | None = None) -> date:
    """The day on which a paper case counts as received. One query at most, none with ``calendar``."""
    return derive_received_on(
        case.terms.terms,
        channel=case.channel,
        posted_on=case.posted_on,
        arrived_at=case.arrived_at,
        calendar=calendar,
    )


def received_moment(case: Case) -> datetime:
    """``Case.received_at`` of a paper case: its arrival if that day counts, else the start of the day that does."""
    day = received_on(case)
    if case.arrived_at and case.channel not in _params(case.terms.terms).postmark_channels:
        local = case.arrived_at.astimezone(TAIPEI)
        if local.date() == day:
            return local
    return datetime.combine(day, time(), TAIPEI)


def paper_drafts() -> QuerySet[Case]:
    """Paper that has been entered but not handed in yet, the oldest first, with its own window's end."""
    return (
        Case.objects.filter(state=CaseState.DRAFT)
        .exclude(channel=Channel.ONLINE)
        .for_list()
        .annotate(own_closes_at=Max("window_extensions__closes_at"))
        .order_by("created_at")
    )


def has_content(case: Case) -> bool:
    """Whether anybody has written or uploaded anything in a draft, besides what was copied at its start."""
    return (
        case.section_states.exclude(section=Section.COMPANY, version=1).exists()
        or case.section_drafts.exists()
        or case.case_documents.exists()
    )


def public_extensions(call: Call) -> list[SingleExtension]:
    """Longer windows of single cases, as everybody may read them: until when and why, not who. One query."""
    rows = CaseWindowExtension.objects.filter(case__call=call).values_list("closes_at", "reason")
    return [SingleExtension(closes_at, reason) for closes_at, reason in rows]


def is_paper(case: Case) -> bool:
    """Whether the case came on paper."""
    return case.channel != Channel.ONLINE
