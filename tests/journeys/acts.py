"""The acts of the main journey, in their order."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.play import Play
from tests.journeys.steps import applicant, audit, decision, office, review

ACTS: tuple[Callable[[Play], None], ...] = (
    applicant.act_one,
    office.act_two,
    applicant.act_three,
    office.act_three_office,
    review.act_four,
    decision.act_five,
    decision.act_six,
    audit.act_seven,
)
