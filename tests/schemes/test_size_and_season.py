"""Company size in the decision (5+2), and the small calls of the demo season as the rules see them."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from applications import selectors
from applications.enums import CaseState
from applications.models import Case, CaseOutcome
from core import clock
from core.findings import Severity
from ipas_portal.demo import accounts, plans, small
from programs.models import Call
from review.models import DecisionMeeting, MeetingCase
from review.rules import allocation as rules
from review.rules.allocation_check import check_allocation
from review.selectors import decision as read
from tests.programs.rules.others import scheme_terms


def candidate(ratio: Fraction | None) -> rules.Candidate:
    """400,000 of cost, all of it asked for."""
    ask = rules.AccountAsk("training", 400_000, 400_000, 400_000)
    return rules.Candidate("A-1", 1, True, (ask,), ratio=ratio)


@pytest.mark.parametrize(("ratio", "most"), [(Fraction(1), 400_000), (Fraction(1, 2), 0), (None, 400_000)])
def test_SB1_the_share_of_a_case_is_its_own(ratio: Fraction | None, most: int) -> None:
    limits = rules.Limits(envelope=1_000_000)
    made = rules.in_rank_order([candidate(ratio)], limits)
    assert made.spent == most
    laid = rules.by_hand([candidate(ratio)], limits, {"A-1": {"training": 400_000}})
    assert bool(check_allocation([candidate(ratio)], laid, limits)) is (most < 400_000)


@pytest.mark.parametrize(
    ("scheme", "clause", "request_rule"),
    [
        ("ipas_114", "參.一", ("A1", "參.一")),
        ("recruit_112", "2(2)", ("A1", "2(2)")),
        ("raise", "七(二)", ("RA8", "十、十一")),
        ("size_band", "措施4", ("A1", "措施4")),
    ],
)
def test_A1_an_overstepped_envelope_cites_the_clause_of_its_own_scheme(
    scheme: str, clause: str, request_rule: tuple[str, str]
) -> None:
    named = read.limits(scheme_terms(scheme), 0, {}).rules
    assert (named["envelope"].rule, named["envelope"].clause) == ("A1", clause)
    assert (named["request"].rule, named["request"].clause) == request_rule


@pytest.fixture
def season(db: None, settings: Any) -> dict[str, Call]:
    settings.DEMO = True
    call_command("load_reference", verbosity=0)
    cast, now = accounts.make_cast(), clock.now()
    plans.build(seed=114, office=cast.office, now=now)
    made = small.build(rng=Random(114), cast=cast, now=now)
    return {call.slug: call for call in made}


def test_the_small_calls_have_cases_in_every_state_up_to_the_result(season: dict[str, Call]) -> None:
    states = {slug: set(call.cases.values_list("state", flat=True)) for slug, call in season.items()}
    before = {"draft", "submitted", "supplementing", "qualified", "in_review", "returned", "withdrawn"}
    assert states["raise"] == before | {"approved", "reserved", "rejected"}
    assert states["recruit-112"] == before | {"reviewed", "approved", "rejected"}
    assert {"draft", "submitted", "in_review", "reviewed", "approved"} <= states["size-band"]

    # Whoever handed in keeps every rule of its call.
    for case in Case.objects.exclude(state=CaseState.DRAFT):
        fresh = selectors.fetch(Case.objects.all(), case.pk)
        assert fresh is not None
        wrong = [f for f in selectors.findings(fresh, clock.now()) if f.severity is Severity.ERROR]
        assert wrong == [], f"{case.number}: {wrong[0].message}"

    # No head is given twice, and what was given back waits in a meeting.
    call = season["raise"]
    granted = sum(CaseOutcome.objects.filter(case__call=call).values_list("granted", flat=True))
    meeting = DecisionMeeting.objects.get(call=call, state="preparing")
    assert granted == call.envelope - 3
    assert read.board(meeting.scenarios.get()).spent == 3

    # Size is frozen with the list: everything up to 50 people, half above.
    for row in MeetingCase.objects.filter(meeting__call=season["size-band"]).select_related("case__company"):
        assert row.share_ratio == ("1" if row.case.company.heads <= 50 else "1/2")
    decided = CaseOutcome.objects.filter(case__call=season["size-band"], result="approved")
    assert all(o.decided_at < clock.now() - timedelta(days=5) for o in decided)
