"""Two people of the office at the same moment on one meeting: never two decisions, never a lost amount."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from review.models import DecisionMeeting, Scenario
from review.services import confirmation, scenarios
from tests import personas
from tests.factories import now
from tests.races import at_once, needs_row_locks
from tests.review.decision.builders import keep_record, open_with

pytestmark = needs_row_locks


def colleague(name: str) -> User:
    return personas.make_user(f"{name}@office.test", name, roles=("office",))


def meeting_with_two_scenarios() -> tuple[DecisionMeeting, Scenario, Scenario]:
    meeting = keep_record(open_with([90, 80]))
    office = colleague("first")
    second = scenarios.add_scenario(
        meeting=meeting, name="依比例", method="proportional", actor=office, now=now()
    )
    first = meeting.scenarios.exclude(pk=second.pk).get()
    return meeting, first, second


def adopt(meeting: DecisionMeeting, scenario: Scenario, actor) -> str:
    confirmation.adopt(
        meeting=DecisionMeeting.objects.get(pk=meeting.pk), scenario=scenario, base_version=scenario.version,
        acknowledged=True, actor=actor, now=now(),
    )  # fmt: skip
    return "adopted"


def test_of_two_scenarios_adopted_at_once_one_holds():
    meeting, first, second = meeting_with_two_scenarios()
    one, other = colleague("a"), colleague("b")
    said = at_once(lambda: adopt(meeting, first, one), lambda: adopt(meeting, second, other))
    assert sorted(said) == ["TransitionRefused", "adopted"]
    meeting.refresh_from_db()
    assert meeting.adopted == (first if said[0] == "adopted" else second)
    assert meeting.transitions.filter(to_state="adopted").count() == 1


def test_an_amount_saved_while_the_scenario_is_adopted_is_either_in_it_or_refused():
    meeting, first, _ = meeting_with_two_scenarios()
    one, other = colleague("a"), colleague("b")
    cell = first.allocations.order_by("pk").first()

    def save() -> str:
        scenarios.save_amounts(
            scenario=first, amounts={cell.pk: 1_000}, base_version=first.version, actor=other, now=now()
        )
        return "saved"

    said = at_once(lambda: adopt(meeting, first, one), save)
    assert said in (["adopted", "TransitionRefused"], ["ScenarioConflict", "saved"])
    cell.refresh_from_db()
    assert (cell.amount == 1_000) is (said[1] == "saved")


def test_two_people_typing_into_one_cell_are_told():
    _, first, _ = meeting_with_two_scenarios()
    one, other = colleague("a"), colleague("b")
    cell = first.allocations.order_by("pk").first()

    def save(amount: int, actor) -> Callable[[], str]:
        def work() -> str:
            scenarios.save_amounts(
                scenario=first, amounts={cell.pk: amount}, seen={cell.pk: cell.amount},
                base_version=first.version, actor=actor, now=now(),
            )  # fmt: skip
            return str(amount)

        return work

    said = at_once(save(1_000, one), save(2_000, other))
    assert said.count("ScenarioConflict") == 1
    stored = type(cell).objects.get(pk=cell.pk).amount
    assert str(stored) in said
