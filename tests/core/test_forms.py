"""Form fields: what people type, and the words they get back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.forms import (
    CleanCharField,
    CleanTextField,
    DollarField,
    HoursField,
    IntField,
    PhoneField,
    RocDateField,
    UbnField,
)

FIELDS = [
    CleanCharField,
    CleanTextField,
    DollarField,
    HoursField,
    IntField,
    PhoneField,
    RocDateField,
    UbnField,
]


def refused(field: forms.Field, raw: object) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(raw)
    assert len(caught.value.messages) == 1
    return caught.value.messages[0]


def test_a_line_is_cleaned_and_emoji_stay():
    assert CleanCharField().clean(" １２\x00號\r\n\u200b樓 🙂 ") == "12號 樓 🙂"
    assert CleanTextField().clean("甲\r\n\r\n乙\x07 <b>🙂") == "甲\n\n乙 <b>🙂"


@pytest.mark.parametrize("field", [CleanCharField, CleanTextField])
def test_too_long_text_is_counted_in_the_message(field):
    assert field(max_length=2_000).clean("字" * 2_000) == "字" * 2_000
    assert "最多 2,000 字，目前 2,013 字" in refused(field(max_length=2_000), "字" * 2_013)


def test_a_newline_counts_once_as_the_page_shows_it():
    assert CleanTextField(max_length=3).clean("甲\r\n乙") == "甲\n乙"


def test_ten_megabytes_are_refused_like_any_other_length():
    assert "目前 10,000,000 字" in refused(CleanTextField(max_length=2_000), "x" * 10_000_000)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("raw", ["", "  ", "\u3000", "\x00", None])
def test_nothing_is_nothing(field, raw):
    assert refused(field(), raw) == "請填寫這一欄"
    assert field(required=False).clean(raw) in ("", None)


@pytest.mark.parametrize("field", FIELDS)
@given(raw=st.text())
def test_no_text_breaks_a_field(field, raw):
    try:
        field(required=False).clean(raw)
    except ValidationError as error:
        assert error.messages  # noqa: PT017


@pytest.mark.parametrize("raw", ["2500000", "2,500,000", "ＮＴ＄２，５００，０００", "2500000 元", 2_500_000])
def test_dollars_are_read(raw):
    assert DollarField().clean(raw) == 2_500_000


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("1000.5", "金額請填整數元，不含小數"),
        ("-1", "金額不能是負數"),
        ("－１", "金額不能是負數"),
        ("一百", "只用數字"),
        ("2500001", "金額最多 2,500,000 元"),
    ],
)
def test_wrong_dollars_are_explained(raw, message):
    assert message in refused(DollarField(max_value=2_500_000), raw)


@pytest.mark.parametrize(("raw", "hours"), [("120", 120), ("１２０", 120), ("120小時", 120), ("1,200", 1200)])
def test_hours_are_read(raw, hours):
    assert HoursField().clean(raw) == hours


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("119.5", "時數請填整數，不含小數"),
        ("-3", "時數不能是負數"),
        ("12O", "時數請填整數，只用阿拉伯數字"),
        ("10000", "時數最多 9,999 小時"),
        ("9" * 5_000, "時數太大"),
    ],
)
def test_wrong_hours_are_explained(raw, message):
    assert message in refused(HoursField(), raw)


def test_a_lower_bound_holds_on_both_sides():
    field = IntField(min_value=2, unit="人")
    assert field.clean("2人") == 2
    assert refused(field, "1") == "數字至少 2 人"


def test_dates_are_read_and_shown_in_roc_years():
    field = RocDateField()
    assert field.clean("１１４/3/28") == field.clean("2025-03-28") == date(2025, 3, 28)
    assert field.clean(datetime(2025, 3, 27, 17, tzinfo=UTC)) == date(2025, 3, 28)
    assert field.prepare_value(date(2025, 3, 28)) == "114/3/28"
    assert field.prepare_value("114/2/30") == "114/2/30"
    assert "沒有 2 月 30 日" in refused(field, "114/2/30")


def test_phones_and_company_numbers_come_out_in_one_form():
    assert PhoneField().clean("（０２）２３２１２２００ 分機 12") == "02-2321-2200#12"
    assert "區碼" in refused(PhoneField(), "123")
    assert UbnField().clean("０４５９-5257") == "04595257"
    assert "8 位數字" in refused(UbnField(), "0459525")
    assert "檢查碼不符" in refused(UbnField(), "04595253")


@pytest.mark.parametrize(
    ("field", "same", "other"),
    [
        (DollarField(), "2,500,000", "2500001"),
        (RocDateField(), "2025-03-28", "114/3/29"),
        (PhoneField(), "(02)23212200", "02-2321-2201"),
    ],
)
def test_another_spelling_is_no_change(field, same, other):
    initial = {"2,500,000": 2_500_000, "2025-03-28": date(2025, 3, 28)}.get(same, "02-2321-2200")
    assert not field.has_changed(initial, same)
    assert field.has_changed(initial, other)
    assert field.has_changed(initial, "nonsense")


def test_fields_render_with_hints_for_phones_and_cut_nothing_off():
    class Form(forms.Form):
        amount = DollarField()
        phone = PhoneField()
        day = RocDateField(initial=date(2025, 3, 28))
        plan = CleanTextField(max_length=2_000)

    html = Form().as_div()
    assert 'inputmode="numeric"' in html
    assert 'inputmode="tel"' in html
    assert 'autocomplete="tel"' in html
    assert 'value="114/3/28"' in html
    assert 'data-max-length="2000"' in html
    assert ' maxlength="' not in html
    assert 'type="number"' not in html


def test_what_was_typed_wrongly_is_shown_again_escaped():
    class Form(forms.Form):
        amount = DollarField()

    form = Form({"amount": '"><b>12.5'})
    assert not form.is_valid()
    assert "&quot;&gt;&lt;b&gt;12.5" in form.as_div()
