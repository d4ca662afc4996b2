"""Opening a meeting, its ranked list, and scenarios: computed, copied, typed into by two people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Case
from core.workflow import TransitionRefused
from review.models import Assignment, ScenarioLog, ScoreSheet
from review.selectors import decision as read
from review.services import meetings, scenarios
from tests import personas
from tests.factories import make_call, now, scheme
from tests.review.decision.builders import keep_record, open_with, reviewed_cases

pytestmark = pytest.mark.django_db
EACH = 900_000


def amounts(scenario):
    """Case number → dollars, in rank order."""
    return {row.number: row.amount for row in read.board(scenario).rows}


def save(scenario, values, *, version=None, seen=None, actor=None):
    return scenarios.save_amounts(
        scenario=scenario,
        amounts=values,
        base_version=scenario.version if version is None else version,
        seen=seen,
        actor=actor or personas.make_office(),
        now=now(),
    )


def cells(scenario, number):
    return {a.account: a for a in scenario.allocations.filter(case__number=number)}


def test_the_list_is_frozen_in_rank_order_with_scores_and_limits():
    meeting = open_with([80, 95, 60], students=7)
    rows = list(meeting.meeting_cases.all())
    assert [(r.case.number, r.rank, r.average, r.passed) for r in rows] == [
        ("IPAS-114-0002", 1, Decimal(95), True),
        ("IPAS-114-0001", 2, Decimal(80), True),
        ("IPAS-114-0003", 3, Decimal(60), False),
    ]
    assert {row.cap for row in rows} == {700_000}
    assert [(a.account, a.requested, a.total, a.mean, a.median) for a in rows[0].asks.all()] == [
        ("personnel", 500_000, 1_000_000, 500_000, 500_000),
        ("operations", 300_000, 600_000, 300_000, 300_000),
        ("equipment", 100_000, 200_000, 100_000, 100_000),
    ]


def test_ties_are_broken_by_the_calls_rules_and_explained():
    meeting = open_with([80, 80])
    assert "同為 80.00 分" in meeting.meeting_cases.first().reasoning
    assert "送件時間較早" in meeting.meeting_cases.first().reasoning


def test_rank_sum_orders_by_the_experts_places():
    call = make_call(settings=scheme()["settings"] | {"ranking": "rank_sum"})
    meeting = open_with([80, 95], call=call)
    first = meeting.meeting_cases.first()
    assert (meeting.ranking_method, first.case.number, first.rank_sum) == (
        "rank_sum",
        "IPAS-114-0002",
        Decimal(2),
    )


def test_recommendations_are_the_mean_and_the_median_of_the_experts():
    reviewed_cases([90], experts=3)
    sheets = list(ScoreSheet.objects.order_by("pk"))
    for sheet, amount in zip(sheets, (500_000, 200_000, 101_000), strict=True):
        sheet.amounts.filter(account="personnel").update(amount=amount)
    meeting = meetings.open_meeting(call=make_call(), name="會議", actor=personas.make_office(), now=now())
    ask = meeting.meeting_cases.get().asks.get(account="personnel")
    assert (ask.mean, ask.median) == (267_000, 200_000)


def test_an_expert_who_does_not_recommend_counts_as_nothing():
    reviewed_cases([90], experts=2)
    ScoreSheet.objects.filter(pk=ScoreSheet.objects.first().pk).update(recommends=False)
    meeting = meetings.open_meeting(call=make_call(), name="會議", actor=personas.make_office(), now=now())
    assert meeting.meeting_cases.get().asks.get(account="personnel").mean == 250_000


def test_only_sheets_that_were_handed_in_count():
    reviewed_cases([90], experts=2)
    open_one = Assignment.objects.first()
    open_one.sheet.scores.update(score=0)
    Assignment.objects.filter(pk=open_one.pk).update(state="declared", submitted_at=None)
    meeting = meetings.open_meeting(call=make_call(), name="會議", actor=personas.make_office(), now=now())
    row = meeting.meeting_cases.get()
    assert (row.average, row.sheets) == (Decimal(90), 1)


def test_opening_twice_by_the_same_name_makes_one_meeting():
    meeting = open_with([90])
    again = meetings.open_meeting(
        call=meeting.call, name=meeting.name, actor=personas.make_office(), now=now()
    )
    assert again.pk == meeting.pk


def test_a_case_lies_before_one_open_meeting_only():
    open_with([90])
    with pytest.raises(ValidationError, match="沒有可以提會的案件"):
        meetings.open_meeting(call=make_call(), name="另一場", actor=personas.make_office(), now=now())


def test_only_the_office_opens_and_never_over_its_own_company():
    reviewed_cases([90])
    for person in (
        personas.make_supervisor(),
        personas.make_auditor(),
        personas.make_reviewer(),
        personas.make_company(),
    ):
        with pytest.raises(PermissionDenied):
            meetings.open_meeting(call=make_call(), name="會議", actor=person, now=now())
    insider = personas.join(personas.make_office(), Case.objects.get().organisation, "viewer")
    with pytest.raises(PermissionDenied, match="利益迴避"):
        meetings.open_meeting(call=make_call(), name="會議", actor=insider, now=now())


def test_in_rank_order_until_the_envelope_is_used_up():
    meeting = open_with([90, 85, 80, 60], call=make_call(envelope=2_000_000))
    board = read.board(meeting.scenarios.get())
    assert [row.amount for row in board.rows] == [EACH, EACH, 200_000, 0]
    assert [row.outcome for row in board.rows] == ["full", "full", "part", "failed"]
    assert (board.spent, board.remaining, board.funded, board.findings) == (2_000_000, 0, 3, [])
    assert [row.is_cut for row in board.rows] == [False, False, True, False]


def test_the_last_case_may_get_nothing_instead():
    meeting = open_with([90, 85, 80], call=make_call(envelope=2_000_000))
    scenario = scenarios.recompute(
        scenario=meeting.scenarios.get(),
        base_version=1,
        last_case="nothing",
        actor=personas.make_office(),
        now=now(),
    )
    assert list(amounts(scenario).values()) == [EACH, EACH, 0]


def test_proportional_gives_everybody_above_the_mark_the_same_share():
    meeting = open_with([90, 85, 60], call=make_call(envelope=900_000))
    scenario = scenarios.recompute(
        scenario=meeting.scenarios.get(),
        base_version=1,
        method="proportional",
        actor=personas.make_office(),
        now=now(),
    )
    assert list(amounts(scenario).values()) == [450_000, 450_000, 0]


def test_a_cut_takes_a_share_of_the_whole_envelope():
    meeting = open_with([90, 85, 80], call=make_call(envelope=2_000_000))
    cut = scenarios.add_scenario(
        meeting=meeting, name="刪減 10%", cut_percent=Decimal(10), actor=personas.make_office(), now=now()
    )
    assert cut.envelope == 1_800_000
    assert list(amounts(cut).values()) == [EACH, EACH, 0]


def test_recommendation_median_or_request_is_the_base():
    meeting = open_with([90], recommended=(400_000, 300_000, 0))
    scenario = meeting.scenarios.get()
    assert list(amounts(scenario).values()) == [700_000]
    scenario = scenarios.recompute(
        scenario=scenario, base_version=1, base="requested", actor=personas.make_office(), now=now()
    )
    assert list(amounts(scenario).values()) == [EACH]


def test_by_hand_keeps_what_is_there():
    meeting = open_with([90, 85])
    scenario = scenarios.recompute(
        scenario=meeting.scenarios.get(),
        base_version=1,
        method="by_hand",
        actor=personas.make_office(),
        now=now(),
    )
    assert list(amounts(scenario).values()) == [EACH, EACH]


def test_a_copy_has_the_same_amounts_and_its_own_life():
    meeting = open_with([90])
    office, first = personas.make_office(), meeting.scenarios.get()
    cell = cells(first, "IPAS-114-0001")["personnel"]
    first = save(first, {cell.pk: 123_000}).scenario
    copy = scenarios.copy_scenario(scenario=first, name="副本", actor=office, now=now())
    assert amounts(copy) == amounts(first) == {"IPAS-114-0001": 523_000}
    save(first, {cell.pk: 0})
    assert list(amounts(copy).values()) == [523_000]
    assert scenarios.copy_scenario(scenario=first, name="副本", actor=office, now=now()).pk == copy.pk


def test_two_scenarios_are_compared_case_by_case():
    meeting = open_with([90, 85, 80], call=make_call(envelope=2_000_000))
    cut = scenarios.add_scenario(
        meeting=meeting, name="刪", cut_percent=Decimal(50), actor=personas.make_office(), now=now()
    )
    frozen = read.table(meeting)
    rows = read.compare(*[read.board(s, frozen=frozen) for s in (meeting.scenarios.first(), cut)])
    assert [(r["before"], r["after"], r["kind"]) for r in rows] == [
        (EACH, EACH, "same"),
        (EACH, 100_000, "less"),
        (200_000, 0, "lost"),
    ]


def test_the_last_scenario_stays():
    meeting = open_with([90])
    office, first = personas.make_office(), meeting.scenarios.get()
    with pytest.raises(ValidationError, match="至少要留一個"):
        scenarios.delete_scenario(scenario=first, actor=office, now=now())
    second = scenarios.add_scenario(meeting=meeting, name="二", actor=office, now=now())
    scenarios.delete_scenario(scenario=second, actor=office, now=now())
    assert list(meeting.scenarios.all()) == [first]


def test_what_is_typed_is_kept_with_a_version_and_a_log():
    meeting = open_with([90])
    scenario = meeting.scenarios.get()
    cell = cells(scenario, "IPAS-114-0001")["equipment"]
    result = save(scenario, {cell.pk: 80_000})
    assert result.scenario.version == 2
    assert cells(scenario, "IPAS-114-0001")["equipment"].amount == 80_000
    log = ScenarioLog.objects.filter(action="type").get()
    assert (log.version, log.by_name, log.changes) == (
        2,
        "周承辦",
        [["IPAS-114-0001", "equipment", 100_000, 80_000]],
    )


def test_a_replayed_save_changes_nothing():
    scenario = open_with([90]).scenarios.get()
    cell = cells(scenario, "IPAS-114-0001")["equipment"]
    save(scenario, {cell.pk: 80_000}, version=1)
    assert save(scenario, {cell.pk: 80_000}, version=1).scenario.version == 2


def test_two_people_in_the_same_cell_see_both_values():
    scenario = open_with([90]).scenarios.get()
    cell = cells(scenario, "IPAS-114-0001")["equipment"]
    save(scenario, {cell.pk: 80_000}, version=1, seen={cell.pk: 100_000})
    with pytest.raises(scenarios.ScenarioConflict) as caught:
        save(scenario, {cell.pk: 70_000}, version=1, seen={cell.pk: 100_000})
    (clash,) = caught.value.clashes
    assert (clash.case, clash.account, clash.mine, clash.theirs) == (
        "IPAS-114-0001",
        "equipment",
        70_000,
        80_000,
    )
    assert cells(scenario, "IPAS-114-0001")["equipment"].amount == 80_000
    assert caught.value.scenario.version == 2


def test_two_people_in_different_cells_both_keep_their_work():
    scenario = open_with([90]).scenarios.get()
    found = cells(scenario, "IPAS-114-0001")
    save(scenario, {found["equipment"].pk: 80_000}, version=1, seen={found["equipment"].pk: 100_000})
    result = save(scenario, {found["personnel"].pk: 1}, version=1, seen={found["personnel"].pk: 500_000})
    assert result.others[found["equipment"].pk] == 80_000
    assert [a.amount for a in scenario.allocations.all()] == [1, 300_000, 80_000]


def test_a_stale_whole_form_is_a_conflict_in_every_cell_that_differs():
    scenario = open_with([90]).scenarios.get()
    found = cells(scenario, "IPAS-114-0001")
    save(scenario, {found["equipment"].pk: 80_000})
    with pytest.raises(scenarios.ScenarioConflict) as caught:
        save(scenario, {a.pk: a.amount for a in found.values()}, version=1)
    assert [c.account for c in caught.value.clashes] == ["equipment"]


def test_recomputing_a_version_that_one_has_not_seen_is_a_conflict():
    scenario = open_with([90]).scenarios.get()
    save(scenario, {cells(scenario, "IPAS-114-0001")["equipment"].pk: 1})
    with pytest.raises(scenarios.ScenarioConflict):
        scenarios.recompute(scenario=scenario, base_version=1, actor=personas.make_office(), now=now())


def test_another_scenarios_cells_are_refused():
    meeting = open_with([90])
    other = scenarios.add_scenario(meeting=meeting, name="二", actor=personas.make_office(), now=now())
    with pytest.raises(ValidationError):
        save(meeting.scenarios.first(), {cells(other, "IPAS-114-0001")["equipment"].pk: 1})


@pytest.mark.parametrize("amount", [-1, 10**12 + 1])
def test_amounts_out_of_range_are_refused(amount):
    scenario = open_with([90]).scenarios.get()
    with pytest.raises(ValidationError):
        save(scenario, {scenario.allocations.first().pk: amount})


def test_refreshing_keeps_what_was_typed_and_follows_the_cases():
    meeting = open_with([90, 85])
    office, scenario = personas.make_office(), meeting.scenarios.get()
    save(scenario, {cells(scenario, "IPAS-114-0002")["equipment"].pk: 5})
    Case.objects.filter(number="IPAS-114-0001").update(state="withdrawn", closed_at=now())
    reviewed_cases([99], first=9)
    assert read.basis(meeting.call, meeting) != meeting.basis
    meeting = meetings.refresh(meeting=meeting, actor=office, now=now())
    assert read.basis(meeting.call, meeting) == meeting.basis
    assert amounts(meeting.scenarios.get()) == {"IPAS-114-0009": 0, "IPAS-114-0002": 800_005}
    assert meeting.scenarios.get().version == 3


def test_a_changed_sheet_shows():
    meeting = open_with([90])
    ScoreSheet.objects.update(version=7)
    assert read.basis(meeting.call, meeting) != meeting.basis


def test_two_people_at_the_record_never_overwrite_each_other():
    meeting = open_with([90])
    kept = keep_record(meeting)
    assert kept.record_version == 1
    again = keep_record(meeting)  # the same words by a stale page: nothing to overwrite
    assert again.record_version == 1
    with pytest.raises(meetings.RecordConflict):
        keep_record(meeting, place="別的地方")


def test_nothing_moves_once_a_scenario_is_adopted():
    from review.services import confirmation

    meeting = open_with([90])
    office, scenario = personas.make_office(), meeting.scenarios.get()
    keep_record(meeting)
    confirmation.adopt(
        meeting=meeting, scenario=scenario, base_version=1, acknowledged=False, actor=office, now=now()
    )
    for act in (
        lambda: save(scenario, {}),
        lambda: scenarios.recompute(scenario=scenario, base_version=1, actor=office, now=now()),
        lambda: scenarios.add_scenario(meeting=meeting, name="三", actor=office, now=now()),
        lambda: meetings.refresh(meeting=meeting, actor=office, now=now()),
        lambda: keep_record(meeting, place="別處"),
    ):
        with pytest.raises(TransitionRefused):
            act()


def test_a_thousand_cases_are_re_allocated_in_bulk():
    meeting = open_with([100 - n % 40 for n in range(1000)], students=9, call=make_call(envelope=400_000_000))
    scenario = meeting.scenarios.get()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        scenarios.recompute(
            scenario=scenario,
            base_version=1,
            base="requested",
            cut_percent=Decimal(60),
            actor=personas.make_office(),
            now=now(),
        )
    # Rows are written some hundreds at a time; what a database takes in one statement differs.
    assert len(queries) < 60
    with CaptureQueriesContext(connection) as queries:
        board = read.board(meeting.scenarios.get())
    assert len(queries) <= 6
    assert board.remaining >= 0
