"""The acts of the main journey, in their order."""

from tests.journeys.steps import applicant

ACTS = (applicant.act_one,)
