"""What approved cases feed into KPIs: each number is the sum of its rows, to the last one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from applications.enums import CaseState
from applications.feeds import figure
from applications.models import BudgetLine, Trainee
from programs import feeds
from tests import factories, personas

pytestmark = pytest.mark.django_db
KEYS = list(feeds.feeds())


@pytest.fixture
def season():
    """Two calls: ours approved in both, a rival approved in the second, one case of theirs still in review."""
    first, second = factories.make_call(slug="first"), factories.make_call(slug="second")
    rival = personas.rival()
    factories.make_case(call=first, state=CaseState.APPROVED)
    factories.make_case(call=second, state=CaseState.APPROVED)
    factories.make_case(call=second, state=CaseState.APPROVED, organisation=rival, students=3, employees=1)
    factories.make_case(call=first, state=CaseState.REVIEWED, organisation=rival)
    return first, second


@pytest.mark.parametrize("key", KEYS)
def test_the_number_is_the_sum_of_its_rows_for_every_set_of_calls(season, key):
    first, second = (call.pk for call in season)
    feed = feeds.feeds()[key]
    for calls in ([first], [second], [first, second], []):
        fed = feeds.number(feed, feeds.counts([key], [first, second])[key], calls)
        rows = list(feeds.rows(key, calls))
        total = sum((row.value for row in rows), Decimal(0))
        if feed.share:
            assert fed.value == (round(total * 100 / len(rows), 2) if rows else 0)
        else:
            assert fed.value == total
        if feed.people and not feed.share:
            assert fed.men + fed.women + fed.other == fed.value


def test_figures(season):
    first, second = (call.pk for call in season)
    counted = feeds.counts(KEYS, [first, second])
    values = {
        key: feeds.number(feed, counted[key], [first, second]).value for key, feed in feeds.feeds().items()
    }
    assert values["trainees"] == 6 + 6 + 4
    assert values["internships"] == 4 + 4 + 3
    assert values["companies"] == 2
    assert values["company_share"] > 0
    assert values["exam_entries"] > 0


def test_a_trainee_more_counts_at_once(season):
    first, _ = season
    before = feeds.counts(["trainees"], [first.pk])["trainees"][first.pk].value
    case = first.cases.get(state=CaseState.APPROVED)
    Trainee.objects.create(case=case, name="新學員", kind="student", gender="female", position=99)
    after = feeds.counts(["trainees"], [first.pk])["trainees"][first.pk]
    assert after.value == before + 1


def test_the_largest_line_that_the_form_takes_is_counted(db):
    call = factories.make_call()
    case = factories.make_case(call=call, state=CaseState.APPROVED)
    before = feeds.counts(["company_share"], [call.pk])["company_share"][call.pk].value
    BudgetLine.objects.create(
        case=case, account="equipment", item="機器", quantity=1_000_000, unit_price=10**9, months=120,
        subsidy=0, position=99,
    )  # fmt: skip
    after = feeds.counts(["company_share"], [call.pk])["company_share"][call.pk].value
    assert after - before == 120 * 10**15


@pytest.mark.parametrize("people", [1, 3])
def test_queries_do_not_grow(season, django_assert_num_queries, people):
    first, second = (call.pk for call in season)
    for n in range(people):
        case = factories.make_case(call=season[0], state=CaseState.APPROVED)
        Trainee.objects.create(case=case, name=f"學員{n}", kind="employee", gender="male", position=50)
    with django_assert_num_queries(5):
        feeds.counts(KEYS, [first, second])


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("12 人次", 12), ("１２", 12), ("1,200 元", 1200), ("85.5%", "85.5"), ("略", 0)],
)
def test_the_first_number_of_a_promise(text, value):
    assert figure(text) == Decimal(value)
