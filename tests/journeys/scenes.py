"""What lies in the database when a journey begins. ``python -m tests.journeys.scenes SCENE`` fills the database
of ``tests.journeys.settings``; it runs in a process of its own, because the tests themselves never touch a database.
"""

from __future__ import annotations

import sys

import django


def tables() -> None:
    """Nothing yet but the tables, by the migrations; every other scene is put into a copy of this one."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def base() -> None:
    """Reference data, one open call, staff and reviewers; one other company has applied and is qualified."""
    from tests import factories, personas

    staff()
    factories.make_call(actor=personas.make_office())
    rival()


def rival() -> None:
    """One other company has applied to the call and is qualified."""
    from tests import factories, personas

    outsider = personas.make_outsider()
    factories.make_case(organisation=personas.rival(), actor=outsider, state="qualified")


def staff() -> None:
    """Reference data, staff and reviewers; no call yet."""
    from accounts.models import User
    from review.models import ReviewerProfile, ReviewerSkill
    from tests import personas

    personas.make_office()
    personas.make_supervisor()
    personas.make_auditor()
    personas.make_administrator()
    people: tuple[tuple[User, str, str, tuple[str, ...]], ...] = (
        (personas.make_reviewer(), "male", "海東科技大學機械工程系", ("smart_production", "mechanics")),
        (personas.make_reviewer2(), "female", "北辰大學資訊工程學系", ("smart_production", "iot")),
        (personas.make_chair(), "female", "東坡大學工業工程學系", ("operations", "smart_production")),
    )
    for user, gender, employer, skills in people:
        profile = ReviewerProfile.objects.create(
            user=user, title="教授", organisation_name=employer, gender=gender, field="智慧製造", capacity=20
        )
        ReviewerSkill.objects.bulk_create(ReviewerSkill(reviewer=profile, job_role=skill) for skill in skills)


def team() -> None:
    """As ``base``, with a company of two members and their complete draft."""
    from tests import factories, personas

    base()
    personas.make_company()
    personas.make_colleague()
    factories.make_case()


def company() -> None:
    """As ``base``, with a company that has not begun yet."""
    from tests import personas

    base()
    personas.make_company()


def season() -> None:
    """The demo season."""
    from django.core.management import call_command

    call_command("demo_season", cases=30)


SCENES = {scene.__name__: scene for scene in (tables, base, staff, rival, team, company, season)}

if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    if sys.argv[1] not in ("tables", "season"):
        call_command("load_reference", verbosity=0)
    SCENES[sys.argv[1]]()
