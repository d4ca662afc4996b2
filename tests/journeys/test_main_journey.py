"""The main job, whole: from a company's first click to its approval letter and contract, as seven people."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.acts import ACTS
from tests.journeys.people import Person
from tests.journeys.play import Play
from tests.journeys.stage import Stage


def test_a_case_from_the_first_click_to_its_contract(stage: Stage, person: Callable[..., Person]) -> None:
    """One test, because each act begins where the last one ended."""
    play = Play(stage, person)
    for act in ACTS:
        act(play)
