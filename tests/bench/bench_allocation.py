"""How long 1,000 cases take at the decision meeting; run by hand, judges nothing.

    .venv/bin/python -m pytest tests/bench/bench_allocation.py -s -q -o python_files='bench_*.py'

Prints seconds for each step and its ratio to the one second that the portal promises for a re-allocation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from review.selectors import decision as read
from review.services import confirmation, scenarios
from tests import personas
from tests.factories import make_call, now
from tests.personas import client_for
from tests.review.decision.builders import keep_record, open_with

CASES = 1000


@pytest.mark.django_db
def test_a_thousand_cases() -> None:
    office = personas.make_office()
    rows: list[tuple[str, float]] = []

    def timed(label: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = act()
        rows.append((label, time.perf_counter() - began))
        return result

    call = make_call(envelope=400_000_000)
    meeting = timed(
        "open (with making the data)",
        lambda: open_with([100 - n % 40 for n in range(CASES)], call=call, students=9),
    )
    scenario = meeting.scenarios.get()
    for method in ("in_rank_order", "proportional"):
        for cut in (0, 60):
            version = scenarios.Scenario.objects.get(pk=scenario.pk).version
            timed(
                f"re-allocate {method}, cut {cut} %",
                lambda version=version, method=method, cut=cut: scenarios.recompute(
                    scenario=scenario,
                    base_version=version,
                    method=method,
                    cut_percent=Decimal(cut),
                    actor=office,
                    now=now(),
                ),
            )
    fresh = scenarios.Scenario.objects.select_related("meeting__call__current_terms").get(pk=scenario.pk)
    timed("judge the board", lambda: read.board(fresh))
    cell = fresh.allocations.first()
    timed(
        "save one typed cell",
        lambda: scenarios.save_amounts(
            scenario=fresh, amounts={cell.pk: 1}, base_version=fresh.version, actor=office, now=now()
        ),
    )
    client = client_for(office)
    timed(
        "the board's page", lambda: client.get(reverse("meetings:scenario", args=[meeting.pk, scenario.pk]))
    )
    fresh.refresh_from_db()
    keep_record(meeting)
    meeting = timed(
        "adopt",
        lambda: confirmation.adopt(
            meeting=meeting,
            scenario=fresh,
            base_version=fresh.version,
            acknowledged=True,
            actor=office,
            now=now(),
        ),
    )
    timed(
        "confirm", lambda: confirmation.confirm(meeting=meeting, actor=personas.make_supervisor(), now=now())
    )
    print()
    for label, seconds in rows:
        print(f"{label:40} {seconds:7.3f} s   {seconds:6.2f} × 1 s")
