"""The main job once more, whole, under a call that was made in the designer alone."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.acts import ACTS
from tests.journeys.people import Person
from tests.journeys.play import Play
from tests.journeys.stage import Stage
from tests.journeys.steps import designer

SCENE = "staff"


def test_a_call_made_only_in_the_designer_runs_the_whole_journey(
    stage: Stage, person: Callable[..., Person]
) -> None:
    """From an empty portal to an approval letter and a contract, without a line of code or YAML."""
    play = Play(stage, person)
    designer.act_zero(play)
    stage.play("rival")
    for act in ACTS:
        act(play)
