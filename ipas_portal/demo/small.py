"""One call of each other scheme, open for some days more, its first meeting held already: a case in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings

from accounts.models import Organisation, User
from applications.enums import CaseState as S
from applications.enums import OutcomeResult
from applications.models import CaseOutcome
from applications.services.outcome import give_back
from ipas_portal.demo import accounts, casting, decision, people, plans
from ipas_portal.demo.files import attachments
from ipas_portal.demo.rows import Heap
from ipas_portal.demo.schemes import SMALL, Small
from programs.models import Call
from programs.rules.moving import moved
from programs.rules.terms import parse_terms
from programs.services import load_scheme
from programs.services.calls import read_scheme
from review.enums import InvitationState, PanelState
from review.models import Panel, PanelMember, ReviewerProfile
from review.services import meetings

CLOSES_IN = 10
# The window began long enough ago for a first round to be decided: these programmes take cases as they come.
OPENED_BEFORE = 60
DECIDED_BEFORE = 13
# Papers of so many submissions are typeset; the rest have their data only.
PAPERS = 3
# The first cases are about so good, each a step less: some get all, one a part, one nothing, one fails.
BEST, STEP = 91, 4


def build(*, rng: Random, cast: accounts.Cast, now: datetime) -> list[Call]:
    """Make the calls with their cases, meetings and letters. Writes a lot."""
    return [_build(part, number, rng=rng, cast=cast, now=now) for number, part in enumerate(SMALL)]


def _build(part: Small, number: int, *, rng: Random, cast: accounts.Cast, now: datetime) -> Call:
    call = _call(part, now)
    titles = {d.code: d.label for d in call.terms.documents if d.made_by == "upload"}
    files = attachments(variants=1, actor=None, now=now, titles=titles)
    panel = _panel(call, part, cast, now)
    applicants = _applicants(part, call, number, rng, cast, now)
    heap = Heap()
    states = [*[str(S.REVIEWED)] * part.decided, *part.waiting]
    numbered = 0
    for index, (state, who) in enumerate(zip(states, applicants, strict=True)):
        if index == part.decided:
            heap.write()
            _decide(call, part, cast, now)
        until = now - timedelta(days=DECIDED_BEFORE) if index < part.decided else now
        scene = casting.Scene(call, files, cast.office, now, (panel,), part.facts, until)
        numbered += state != S.DRAFT
        company, organisation, owner = who
        casting.add_case(
            heap,
            scene,
            rng,
            number=None if state == S.DRAFT else numbered,
            company=company,
            organisation=organisation,
            owner=owner,
            state=state,
            level=BEST - STEP * index if index < part.decided else None,
        )
    heap.write()
    Call.objects.filter(pk=call.pk).update(next_case_number=numbered + 1)
    if part.released:
        _release(call, part, cast, now)
    decision.papers(calls=[call], cast=cast, most=PAPERS)
    return call


def _call(part: Small, now: datetime) -> Call:
    data = read_scheme(settings.BASE_DIR / "fixtures" / "schemes" / f"{part.scheme}.yaml")
    closes = parse_terms(data).window.closes_at
    data = moved(data, days=(now.date() - closes.date()).days + CLOSES_IN)
    opens = now.replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=OPENED_BEFORE)
    data["window"]["opens_at"] = opens.isoformat()
    data["envelope"] = part.envelope
    call = load_scheme(data, actor=None, now=opens, slug=data["code"])
    plan, number, year = part.paid_from
    plans.fund(call, number, year, plan=plan)
    return call


def _panel(
    call: Call, part: Small, cast: accounts.Cast, now: datetime
) -> tuple[Panel, tuple[ReviewerProfile, ...]]:
    members = (cast.reviewers[1], cast.reviewers[0], *cast.reviewers[2:6])
    made = now - timedelta(days=OPENED_BEFORE - 2)
    panel = Panel.objects.create(
        call=call,
        name=part.panel,
        state=PanelState.SCORING,
        due_on=(now + timedelta(days=5)).date(),
        created_at=made,
    )
    PanelMember.objects.bulk_create(
        PanelMember(
            panel=panel,
            reviewer=member,
            is_chair=position == 0,
            state=InvitationState.ACCEPTED,
            invited_at=made,
            answered_at=made,
        )
        for position, member in enumerate(members)
    )
    return panel, members


def _applicants(
    part: Small, call: Call, number: int, rng: Random, cast: accounts.Cast, now: datetime
) -> list[tuple[people.DemoCompany, Organisation, User]]:
    """Invented applicants; the draft is that of somebody who may log in: the demo's company or its university."""
    known: Any = Organisation.objects.values_list("ubn", "name")
    taken, names = {ubn for ubn, _ in known}, {name for _, name in known}
    count = part.decided + len(part.waiting)
    own = accounts.own_applicant(cast, call.terms)
    invented = [part.applicant(rng, 9001 + number * 100 + n, taken, names) for n in range(count - 1)]
    made = accounts.register(invented, now)
    made.insert(part.decided, own)
    return made


def _decide(call: Call, part: Small, cast: accounts.Cast, now: datetime) -> None:
    decision.decide(call=call, cast=cast, now=now)


def _release(call: Call, part: Small, cast: accounts.Cast, now: datetime) -> None:
    """The best unit gives some of its heads back, and a meeting is prepared that shares them out (RA8)."""
    best = CaseOutcome.objects.filter(case__call=call, result=OutcomeResult.APPROVED).order_by("rank")[0]
    give_back(
        case=best.case,
        amount=min(part.released, best.granted),
        reason="未能足額錄取，釋出缺額",
        actor=cast.office,
        now=now - timedelta(days=3),
    )
    meetings.open_meeting(
        call=call,
        name=f"{call.terms.short_name}缺額遞補會議"[:120],
        actor=cast.office,
        now=now - timedelta(days=1),
    )
