"""Text cleaning and masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean, clean_line, half_width, mask_company, mask_name, unfold


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("１２３ＡＢＣ", "123ABC"),
        ("（一）培訓，目標。", "（一）培訓，目標。"),
        ("a\x00b\x07c", "abc"),
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("  \u3000前後空白\u3000\n", "前後空白"),
        ("段一\n\n段二\t末", "段一\n\n段二\t末"),
        ("\ufeff看\u202e不\u200b見", "看不見"),
        ("\ud800壞字", "壞字"),
        ("👩\u200d🔧 與 ❤\ufe0f", "👩\u200d🔧 與 ❤\ufe0f"),
        ("堃犇喆", "堃犇喆"),
        ("", ""),
    ],
)
def test_clean_keeps_what_was_meant_and_drops_what_cannot_be_seen(raw, expected):
    assert clean(raw) == expected


@given(st.text(st.characters()))
def test_clean_is_idempotent_and_its_result_can_be_stored(raw):
    once = clean(raw)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode()


@given(st.text())
def test_a_line_has_no_newline_and_no_double_space(raw):
    line = clean_line(raw)
    assert clean_line(line) == line
    assert "\n" not in line
    assert "  " not in line


def test_half_width_turns_every_full_width_sign():
    assert half_width("（０３）５９１－６７２１＃１２　") == "(03)591-6721#12 "


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王○明"),
        ("王明", "王○"),
        ("歐陽小明", "歐○○明"),
        ("王", "○"),
        ("", ""),
        (" 王 小明 ", "王○○明"),
    ],
)
def test_a_masked_name_hides_the_middle(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("範例科技股份有限公司", "範例○○股份有限公司"),
        ("宏圖有限公司", "宏○有限公司"),
        ("甲公司", "○公司"),
        ("小小工作室", "小○工作室"),
        ("公司", "公○"),
        ("", ""),
    ],
)
def test_a_masked_company_keeps_its_legal_form(name, masked):
    assert mask_company(name) == masked


def test_folded_lines_come_together_without_a_space_between_chinese_characters():
    assert unfold("培育人才； 充實\n  產業 AI 人才 100 人 次") == "培育人才；充實產業 AI 人才 100 人次"
