"""A whole season: three rounds of the 114 call, one open, one in review, one decided, and a call of each other scheme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import transaction

from accounts.models import Organisation, User
from applications.enums import CaseState as S
from core.queues import BULK, using
from ipas_portal.demo import accounts, casting, decision, designing, people, plans, public_face, small
from ipas_portal.demo.files import attachments
from ipas_portal.demo.rows import Heap
from programs.models import Call
from programs.rules.moving import moved
from programs.rules.terms import parse_terms
from programs.services import load_scheme
from programs.services.calls import read_scheme
from review.enums import InvitationState, PanelState
from review.models import Panel, PanelMember, PanelTransition, ReviewerProfile

SCHEME = Path("fixtures") / "schemes" / "ipas_114.yaml"
# Cases are written in lots, so that memory stays bounded at any size.
LOT = 500
# Papers of so many submissions a call are typeset; in a large season the rest have their data only.
PAPERS = 30


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the call: when its window ends relative to today, and which states its cases are in."""

    slug: str
    name: str
    closes_in_days: int
    share: int
    states: tuple[tuple[str, int], ...]


ROUNDS = (
    Round("ipas-114-1", "第一梯次", -75, 4, ((S.REVIEWED, 86), (S.RETURNED, 8), (S.WITHDRAWN, 6))),
    Round("ipas-114-2", "第二梯次", -16, 3, ((S.IN_REVIEW, 50), (S.REVIEWED, 40), (S.QUALIFIED, 10))),
    Round(
        "ipas-114",
        "第三梯次",
        12,
        3,
        ((S.SUBMITTED, 45), (S.DRAFT, 35), (S.SUPPLEMENTING, 15), (S.QUALIFIED, 5)),
    ),
)


@dataclass(frozen=True, slots=True)
class Season:
    """What was made: the three rounds of the 114 call, oldest first, one call of each other scheme, and the people."""

    calls: tuple[Call, ...]
    others: tuple[Call, ...]
    cast: accounts.Cast
    cases: int


@using(BULK)  # its papers must not keep the first visitor waiting
def build(*, cases: int, seed: int, now: datetime) -> Season:
    """Make about ``cases`` cases in three calls. Refused outside a demo (``RuntimeError``). Writes a lot."""
    if not settings.DEMO:
        raise RuntimeError("The demo season is only loaded where the setting DEMO is on.")
    if Call.objects.exists():
        raise RuntimeError("There are calls already; the season is loaded into an empty portal only.")
    rng = Random(seed)  # noqa: S311  a repeatable season, nothing secret
    with transaction.atomic():
        cast = accounts.make_cast(capacity=40 if cases <= 200 else 2000)
        plans.build(seed=seed, office=cast.office, now=now)
        files = attachments(variants=3, actor=None, now=now)
        companies = accounts.make_companies(rng, max(cases - 3, 3), now)
        calls = []
        start = 0
        for index, part in enumerate(ROUNDS):
            count = len(companies) * part.share // 10 if index < 2 else len(companies) - start
            call = _call(part, cases=count, now=now)
            plans.fund(call, "3", 114)
            calls.append(call)
            lot = companies[start : start + count]
            start += count
            scene = casting.Scene(call, files, cast.office, now, _panels(call, cast, part, now))
            _cases(rng, scene, part, lot, cast)
    decision.decide(call=calls[0], cast=cast, now=now)
    plans.money(calls[0], supervisor=cast.supervisor, auditor=cast.auditor, now=now)
    decision.prepare(call=calls[1], cast=cast, now=now)
    decision.papers(calls=calls, cast=cast, most=PAPERS)
    others = small.build(rng=rng, cast=cast, now=now)
    designing.build(call=calls[0], cast=cast, now=now)
    public_face.build(cast=cast, calls=tuple(calls), now=now)
    return Season(tuple(calls), tuple(others), cast, cases)


def _call(part: Round, *, cases: int, now: datetime) -> Call:
    data = read_scheme(settings.BASE_DIR / SCHEME)
    closes = parse_terms(data).window.closes_at
    data = moved(data, days=(now.date() - closes.date()).days + part.closes_in_days)
    data["name"] = f"{data['name']}（{part.name}）"
    # Tight enough that the meeting has to draw a line; three of them fit into the plan's budget of the year.
    data["envelope"] = min(max(4_000_000, 350_000 * cases), 10_000_000)
    opened = parse_terms(data).window.opens_at
    return load_scheme(data, actor=None, now=min(opened, now), slug=part.slug)


def _panels(
    call: Call, cast: accounts.Cast, part: Round, now: datetime
) -> tuple[tuple[Panel, tuple[ReviewerProfile, ...]], ...]:
    """Two panels of six, the demo's chair and reviewer in the first; none for the round that is still open."""
    if part.closes_in_days > 0:
        return ()
    made = call.effective_closes_at + timedelta(days=4)
    panels = []
    first, rest = cast.reviewers[:2], cast.reviewers[2:]
    for name, members in (("甲組", [first[1], first[0], *rest[:4]]), ("乙組", rest[4:])):
        panel = Panel.objects.create(
            call=call,
            name=name,
            state=PanelState.SCORING if part.closes_in_days > -40 else PanelState.CLOSED,
            due_on=(now + timedelta(days=5)).date(),
            created_at=made,
        )
        steps = [("start", "forming", "scoring"), ("close", "scoring", "closed")]
        for action, source, target in steps[: 1 if panel.state == PanelState.SCORING else 2]:
            PanelTransition.objects.create(
                subject=panel, action=action, from_state=source, to_state=target, actor=cast.office,
                actor_name=str(cast.office), at=made,
            )  # fmt: skip
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
        panels.append((panel, tuple(members)))
    return tuple(panels)


def _states(rng: Random, part: Round, count: int) -> Iterator[str]:
    """States in the round's proportions; each one comes at least once when there are enough cases."""
    names = [state for state, _ in part.states]
    weights = [weight for _, weight in part.states]
    drawn = rng.choices(names, weights, k=max(count - len(names), 0))
    return iter([*names, *drawn][:count])


def _cases(
    rng: Random,
    scene: casting.Scene,
    part: Round,
    lot: list[tuple[people.DemoCompany, Organisation, User]],
    cast: accounts.Cast,
) -> None:
    heap = Heap()
    number = 0
    own = (cast.company, cast.organisation, cast.owner)
    own_state = {"ipas-114-1": S.REVIEWED, "ipas-114-2": S.IN_REVIEW, "ipas-114": S.DRAFT}[part.slug]
    everybody = [(own, own_state), *zip(lot, _states(rng, part, len(lot)), strict=True)]
    for index, ((company, organisation, owner), state) in enumerate(everybody, start=1):
        if state != S.DRAFT:
            number += 1
        casting.add_case(
            heap,
            scene,
            rng,
            number=None if state == S.DRAFT else number,
            company=company,
            organisation=organisation,
            owner=owner,
            state=state,
        )
        if index % LOT == 0:
            heap.write()
    heap.write()
    Call.objects.filter(pk=scene.call.pk).update(next_case_number=number + 1)
