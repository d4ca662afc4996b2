"""At least one third of each gender on a panel."""

from fractions import Fraction as F

import pytest

from core.findings import Severity
from review.rules.panel import check_gender


@pytest.mark.parametrize(
    ("women", "men", "ok"),
    [(1, 2, True), (1, 3, False), (2, 4, True), (2, 5, False), (3, 1, False), (3, 3, True), (3, 0, False)],
)
def test_PANEL_GENDER_one_of_three_is_enough_one_of_four_is_not(women, men, ok):
    balance = check_gender(["female"] * women + ["male"] * men)
    assert balance.needs_reason is not ok
    assert balance.finding.severity is (Severity.OK if ok else Severity.WARNING)
    assert (balance.women, balance.men, balance.total) == (women, men, women + men)


def test_undisclosed_gender_counts_in_the_total_only():
    assert check_gender(["female", "male", None]).finding.severity is Severity.OK
    assert check_gender(["female", "male", "other", ""]).needs_reason


def test_a_recorded_reason_is_enough_and_blank_is_not_a_reason():
    panel = ["male"] * 3
    assert check_gender(panel, reason="  ").needs_reason
    settled = check_gender(panel, reason="該領域女性專家均須迴避")
    assert not settled.needs_reason
    assert settled.finding.severity is Severity.INFO
    assert "該領域女性專家均須迴避" in settled.finding.message


def test_the_message_says_how_many_are_missing():
    finding = check_gender(["female"] + ["male"] * 3).finding
    assert finding.message == "任一性別不得少於 1/3：共 4 位，女性委員 1 位，至少須 2 位。"
    assert finding.numbers["least"] == 2


def test_an_empty_panel_asks_for_members_not_for_a_reason():
    balance = check_gender([])
    assert not balance.needs_reason
    assert balance.finding.severity is Severity.WARNING


def test_the_share_is_a_setting_of_the_call():
    assert check_gender(["female", "male", "male", "male"], minimum=F(1, 4)).finding.severity is Severity.OK
