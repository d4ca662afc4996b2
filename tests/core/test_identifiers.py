"""Identifiers against published examples and against single typing errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import (
    is_business_code,
    is_postal_code,
    is_ubn,
    normalise_city,
    parse_phone,
)


@pytest.mark.parametrize(
    "number", ["04595257", "22099131", "00501503", "12345675", "10458574", "04595252", "62140097"]
)
def test_E1_valid_company_numbers_pass(number):
    assert is_ubn(number)


@pytest.mark.parametrize(
    "number",
    [
        "04595253",
        "80502417",
        "12345678",
        "00501502",
        "00000000",
        "",
        "1234567",
        "123456755",
        "1234567a",
        "１２３４５６７５",
        "12345675\n",
        "٠٤٥٩٥٢٥٧",
    ],
)
def test_E1_invalid_company_numbers_fail(number):
    assert not is_ubn(number)


@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_E1_each_start_has_a_valid_last_digit(start):
    # Every second last digit passes at mod 5; a seventh digit of 7 offers one remainder more.
    valid = sum(is_ubn(start + last) for last in "0123456789")
    assert 1 <= valid <= 4


@pytest.mark.parametrize(
    "code", ["CC01080", "CB01010", "I103060", "I301010", "IF04010", "IG02010", "ZZ99999"]
)
def test_business_codes_have_seven_characters(code):
    assert is_business_code(code)


@pytest.mark.parametrize("code", ["cc01080", "CC0108", "CC010800", "1C01080", "CCC1080", ""])
def test_malformed_business_codes_fail(code):
    assert not is_business_code(code)


def test_postal_codes_have_three_five_or_six_digits():
    assert [is_postal_code("1" * n) for n in range(1, 8)] == [False, False, True, False, True, True, False]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("(03)5916721", "03-591-6721"),
        ("0912-345-678", "0912-345-678"),
        ("02-23212200#123", "02-2321-2200#123"),
        ("02-2321 2200 分機 123", "02-2321-2200#123"),
        ("０２２３２１２２００轉９", "02-2321-2200#9"),
        ("+886 2 2321 2200", "02-2321-2200"),
        ("0800-000-123", "0800-000-123"),
        ("+81 3-3224-9999", "+81 3-3224-9999"),
    ],
)
def test_phones_come_out_in_one_form(raw, shown):
    assert parse_phone(raw) == shown
    assert parse_phone(shown) == shown


@pytest.mark.parametrize("raw", ["", "abc", "123", "0912-345-67", "1" * 300, "分機 12"])
def test_a_wrong_phone_is_refused_with_an_example(raw):
    with pytest.raises(ValueError, match="例如 02-2345-6789"):
        parse_phone(raw)


def test_both_ways_to_write_tai_are_the_same_place():
    assert normalise_city(" 台中市 ") == normalise_city("臺中市") == "臺中市"
