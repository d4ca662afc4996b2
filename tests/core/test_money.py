"""Whole dollars: shown, spelt, rounded, read."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import MAX_DOLLARS, floor_ratio, fmt, in_words, parse_dollars

amounts = st.one_of(st.integers(0, MAX_DOLLARS), st.integers(0, 100_000))


def spoken(words: str) -> int:
    """The amount that a careful reader understands."""
    total = group = digit = 0
    for sign in words.removeprefix("新臺幣").removesuffix("元整"):
        if sign in "零壹貳參肆伍陸柒捌玖":
            digit = "零壹貳參肆伍陸柒捌玖".index(sign)
        elif sign in "拾佰仟":
            group, digit = group + digit * 10 ** ("拾佰仟".index(sign) + 1), 0
        else:
            total, group, digit = total + (group + digit) * 10_000 ** ("萬億兆".index(sign) + 1), 0, 0
    return total + group + digit


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (2_500_000, "新臺幣貳佰伍拾萬元整"),
        (1_050_300, "新臺幣壹佰零伍萬零參佰元整"),
        (20_005, "新臺幣貳萬零伍元整"),
        (0, "新臺幣零元整"),
        (10, "新臺幣壹拾元整"),
        (105_000, "新臺幣壹拾萬伍仟元整"),
        (100_000_001, "新臺幣壹億零壹元整"),
        (MAX_DOLLARS, "新臺幣壹兆元整"),
    ],
)
def test_amounts_in_words(amount, words):
    assert in_words(amount) == words


@given(amounts)
def test_words_mean_the_amount_and_never_stammer(amount):
    words = in_words(amount)
    assert spoken(words) == amount
    assert "零零" not in words
    assert amount == 0 or not words.removesuffix("元整").endswith("零")


@pytest.mark.parametrize("amount", [-1, MAX_DOLLARS + 1])
def test_words_are_refused_outside_their_range(amount):
    with pytest.raises(ValueError, match="10\\^12"):
        in_words(amount)


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_only_whole_dollars_are_money(amount):
    with pytest.raises(TypeError):
        fmt(amount)
    with pytest.raises(TypeError):
        in_words(amount)
    with pytest.raises(TypeError):
        floor_ratio(amount, Fraction(1, 2))


@given(amounts, st.fractions(0, 3))
def test_a_ceiling_is_never_above_the_exact_value_and_less_than_a_dollar_below(amount, ratio):
    assert 0 <= amount * ratio - floor_ratio(amount, ratio) < 1


def test_P4_worked_example_of_the_ceiling():
    assert floor_ratio(1_000_000, 1 - Fraction(36, 1200)) == 970_000


def test_a_ratio_is_exact_and_not_negative():
    with pytest.raises(TypeError):
        floor_ratio(100, 0.5)
    with pytest.raises(ValueError, match="negative"):
        floor_ratio(-100, Fraction(1, 2))
    with pytest.raises(ValueError, match="negative"):
        floor_ratio(100, Fraction(-1, 2))


@given(amounts)
def test_a_shown_amount_can_be_read_back(amount):
    assert parse_dollars(fmt(amount)) == parse_dollars(str(amount)) == amount


@pytest.mark.parametrize(
    "text",
    ["NT$2,500,000", "2500000元", "２，５００，０００", " $ 2500000 ", "新台幣 2,500,000 元整", "002500000"],
)
def test_every_usual_way_to_write_an_amount_is_read(text):
    assert parse_dollars(text) == 2_500_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1000.5", "金額請填整數元，不含小數"),
        ("1,000.00", "不含小數"),
        ("-5", "負數"),
        ("(500)", "負數"),
        ("", "只用數字"),
        ("250萬", "只用數字"),
        ("1,00", "只用數字"),
        ("1e5", "只用數字"),
        ("١٢٣", "只用數字"),
        ("1000000000001", "太大"),
        ("9" * 10_000, "太大"),
    ],
)
def test_a_wrong_amount_is_refused_with_what_to_do(text, message):
    with pytest.raises(ValueError, match=message):
        parse_dollars(text)


@given(st.text())
def test_any_text_is_an_amount_or_refused(text):
    with suppress(ValueError):
        assert 0 <= parse_dollars(text) <= MAX_DOLLARS
