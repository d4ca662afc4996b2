"""Money paid and returned, booked by call: never more than awarded, corrected by a negative entry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from core import clock
from programs.models import MoneyEntry
from programs.selectors.ledger import ledger
from programs.services.entries import book_entry, reverse_entry
from tests import personas
from tests.programs.budget.builders import YEAR, award, funded, plan_with_money
from tests.programs.plans.builders import part

pytestmark = pytest.mark.django_db


def book(call, amount, **fields):
    values = {"kind": "paid", "on": clock.today(), "reference": f"V-{amount}", "note": ""} | fields
    return book_entry(call=call, amount=amount, actor=personas.make_office(), now=clock.now(), **values)


def refusal(call, amount, **fields):
    before = MoneyEntry.objects.count()
    with pytest.raises(ValidationError) as caught:
        book(call, amount, **fields)
    assert MoneyEntry.objects.count() == before
    return caught.value.message_dict


def take_back(entry, reason="打錯金額"):
    return reverse_entry(entry=entry, reason=reason, actor=personas.make_office(), now=clock.now())


@pytest.fixture
def call():
    made = funded(plan_with_money(), 600_000)
    award(made, 500_000)
    return made


def test_paid_up_to_what_is_awarded_and_returned_up_to_what_was_paid(call):
    assert "累計撥付 500,001 元，超過這個徵案已核定的 500,000 元" in refusal(call, 500_001)["amount"][0]
    book(call, 300_000)
    assert "這一筆最多 200,000 元" in refusal(call, 200_001)["amount"][0]
    book(call, 200_000)
    assert "已撥付的 500,000 元" in refusal(call, 500_001, kind="returned")["amount"][0]
    book(call, 500_000, kind="returned")
    balance = ledger(call.funding.part.plan).at(part(call.funding.part.plan, "2"), YEAR)
    assert (balance.paid, balance.returned, balance.spent) == (500_000, 500_000, 0)


@pytest.mark.parametrize(
    ("amount", "fields", "field"),
    [
        (0, {}, "amount"),
        (-5, {}, "amount"),
        (5, {"reference": " "}, "reference"),
        (5, {"kind": "lent"}, "kind"),
    ],
)
def test_what_is_refused_and_where(call, amount, fields, field):
    assert list(refusal(call, amount, **fields)) == [field]


def test_a_day_that_has_not_come(call):
    tomorrow = clock.today() + timedelta(days=1)
    assert list(refusal(call, 5, on=tomorrow)) == ["on"]
    book(call, 5)


def test_the_same_again_is_the_same_and_a_voucher_counts_once(call):
    assert book(call, 5) == book(call, 5)
    assert "這個憑證號碼已登錄撥付 5 元" in refusal(call, 6, reference="V-5")["reference"][0]
    assert MoneyEntry.objects.count() == 1


def test_a_wrong_entry_is_taken_back_once_and_booked_anew(call):
    entry = book(call, 5)
    back = take_back(entry)
    assert (back.amount, back.reverses, back.note) == (-5, entry, "打錯金額")
    assert take_back(MoneyEntry.objects.get(pk=entry.pk)) == back
    again = book(call, 6, reference="V-5")
    assert sum(MoneyEntry.objects.values_list("amount", flat=True)) == again.amount == 6
    with pytest.raises(ValidationError, match="本身就是沖銷"):
        take_back(back)


def test_what_was_returned_keeps_its_payment(call):
    paid = book(call, 400_000)
    returned = book(call, 1, kind="returned")
    with pytest.raises(ValidationError, match="請先沖銷繳回"):
        take_back(paid)
    with pytest.raises(ValidationError, match="理由"):
        take_back(returned, reason=" ")
    take_back(returned)
    take_back(paid)
    assert sum(MoneyEntry.objects.values_list("amount", flat=True)) == 0
