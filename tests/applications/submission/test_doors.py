"""The doors by which the office and the decision move a case: guards, deadlines, amounts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.models import AwardLine, Case, CaseOutcome
from applications.services import progress
from applications.services.outcome import Decided, record_outcomes
from applications.services.supplements import Asked, extend_supplement, request_supplement
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from programs.models import CalendarDay
from tests import factories, personas

pytestmark = pytest.mark.django_db


def ask(case, office, now):
    return request_supplement(
        case=case, items=[Asked("plan", "T6", "請補充。")], note="", actor=office, now=now
    )


@pytest.fixture
def spring_holidays():
    for day in (3, 4):
        CalendarDay.objects.create(date=date(2025, 4, day), kind="off", name="清明連假")


def test_Q2_the_deadline_is_in_working_days(office, company, spring_holidays):
    case = factories.make_case(state="submitted")
    notice = ask(case, office, datetime(2025, 3, 28, 17, tzinfo=TAIPEI))
    # Mon 31, Tue 1, Wed 2, then the holidays and the weekend, Mon 7, Tue 8
    assert notice.due_on == date(2025, 4, 8)


@pytest.mark.parametrize(("days", "due"), [(1, date(2025, 4, 2)), (3, date(2025, 4, 8))])
def test_Q2_up_to_three_working_days_more(days, due, office, company, spring_holidays):
    case = factories.make_case(state="submitted")
    notice = ask(case, office, datetime(2025, 3, 25, 9, tzinfo=TAIPEI))
    assert notice.due_on == date(2025, 4, 1)
    longer = extend_supplement(
        supplement=notice, days=days, reason="負責人出國", actor=office, now=factories.now()
    )
    assert (longer.first_due_on, longer.due_on) == (date(2025, 4, 1), due)


@pytest.mark.parametrize(("days", "reason"), [(4, "出國"), (0, "出國"), (-1, "出國"), (2, "  ")])
def test_Q2_not_more_and_not_without_a_reason(days, reason, office, company):
    notice = ask(factories.make_case(state="submitted"), office, factories.now())
    with pytest.raises(ValidationError):
        extend_supplement(supplement=notice, days=days, reason=reason, actor=office, now=factories.now())


def test_extensions_are_counted_from_the_first_deadline(office, company):
    notice = ask(factories.make_case(state="submitted"), office, factories.now())
    notice = extend_supplement(supplement=notice, days=3, reason="一", actor=office, now=factories.now())
    with pytest.raises(ValidationError, match="更晚"):
        extend_supplement(supplement=notice, days=3, reason="二", actor=office, now=factories.now())


def test_Q3_returning_ends_the_open_notice(office, company):
    case = factories.make_case(state="submitted")
    notice = ask(case, office, factories.now())
    progress.return_case(
        case=Case.objects.get(pk=case.pk), reason="逾期未補", actor=None, now=factories.now()
    )
    case.refresh_from_db()
    notice.refresh_from_db()
    assert (case.state, notice.state) == ("returned", "expired")
    assert case.closed_at
    assert case.transitions.last().actor_name == "系統"


def test_nobody_decides_on_a_case_of_the_own_company(company):
    case = factories.make_case(state="submitted")
    insider = personas.join(personas.make_office(), personas.acme(), "viewer")
    with pytest.raises(PermissionDenied, match="利益迴避"):
        progress.qualify(case=case, actor=insider, now=factories.now())
    with pytest.raises(PermissionDenied, match="利益迴避"):
        ask(case, insider, factories.now())


def test_the_company_cannot_decide_on_its_own_case(company):
    with pytest.raises(PermissionDenied):
        progress.qualify(case=factories.make_case(state="submitted"), actor=company, now=factories.now())


def decide(case, actor, **awards):
    decided = Decided(
        case=case,
        awards=awards,
        average=Decimal("82.50"),
        rank=1,
        suggestions=[{"criterion": "R1", "text": "請補充指標。"}],
    )
    (outcome,) = record_outcomes(
        decided=[decided], sign_by=date(2026, 12, 31), actor=actor, now=factories.now()
    )
    return outcome


def test_A1_amounts_decide_between_approved_and_rejected(company, supervisor):
    call = factories.make_call()
    won = factories.make_case(call=call, state="reviewed")
    lost = factories.make_case(call=call, state="reviewed", subsidy=100_000)
    outcome = decide(won, supervisor, personnel=(200_000, 150_000), operations=(150_000, 0))
    assert outcome.approved_total == 150_000
    assert outcome.sign_by == date(2026, 12, 31)
    assert decide(lost, supervisor, personnel=(50_000, 0)).result == "rejected"
    won.refresh_from_db()
    lost.refresh_from_db()
    assert (won.state, lost.state) == ("approved", "rejected")
    assert won.closed_at is None
    assert lost.closed_at
    with pytest.raises(TransitionRefused):
        decide(won, supervisor, personnel=(200_000, 1))


def test_A1_every_awarded_amount_is_in_the_log(company, supervisor):
    """The auditor reads who awarded how much, for each account."""
    case = factories.make_case(state="reviewed")
    decide(case, supervisor, personnel=(200_000, 150_000), operations=(150_000, 0))
    entries = LogEntry.objects.get_for_model(AwardLine)
    assert {tuple(e.changes[n][1] for n in ("account", "requested", "approved")) for e in entries} == {
        ("personnel", "200000", "150000"),
        ("operations", "150000", "0"),
    }


def test_A1_one_case_that_may_not_move_leaves_all_as_they_were(company, supervisor):
    call = factories.make_call()
    good = factories.make_case(call=call, state="reviewed")
    moved_on = factories.make_case(call=call, state="withdrawn")
    both = [Decided(case=case, awards={"personnel": (200_000, 150_000)}) for case in (good, moved_on)]
    with pytest.raises(TransitionRefused):
        record_outcomes(decided=both, sign_by=date(2026, 12, 31), actor=supervisor, now=factories.now())
    good.refresh_from_db()
    assert good.state == "reviewed"
    assert not good.transitions.filter(action="approve").exists()
    assert not CaseOutcome.objects.exists()


def test_A1_the_state_change_of_each_case_has_its_row_and_its_entry(company, supervisor):
    call = factories.make_call()
    cases = [factories.make_case(call=call, state="reviewed") for _ in range(3)]
    decided = [Decided(case=case, awards={"personnel": (200_000, 100_000)}) for case in cases]
    now = factories.now()
    record_outcomes(decided=decided, sign_by=date(2026, 12, 31), actor=supervisor, now=now)
    for case in cases:
        step = case.transitions.get(action="approve")
        assert (step.from_state, step.to_state, step.actor, step.at) == (
            "reviewed",
            "approved",
            supervisor,
            now,
        )
        entry = LogEntry.objects.get_for_object(case).filter(changes__state=["reviewed", "approved"]).get()
        assert entry.actor == supervisor


def test_A1_the_queries_of_an_outcome_do_not_grow_with_the_cases(company, supervisor):
    counts = []
    for number in (1, 3):
        call = factories.make_call(slug=f"call-{number}")
        decided = [
            Decided(case=factories.make_case(call=call, state="reviewed"), awards={"personnel": (9, 1)})
            for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            record_outcomes(
                decided=decided, sign_by=date(2026, 12, 31), actor=supervisor, now=factories.now()
            )
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_A1_the_database_refuses_an_award_above_its_request(company, supervisor):
    case = factories.make_case(state="reviewed")
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(case, supervisor, personnel=(100, 101))
    case.refresh_from_db()
    assert case.state == "reviewed"
