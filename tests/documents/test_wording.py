"""The restricted wording: placeholders, outline levels, codes."""

from __future__ import annotations

import pytest

from documents.rules import codes, gantt, wording

FIELDS = {
    "案號": "例如 IPAS-114-0007",
    "計畫名稱": "申請計畫的名稱",
    "申請單位名稱": "公司或機構的全銜",
    "補件期限": "",
}


def test_fields_are_replaced():
    filled = wording.fill("貴公司{ 案號 }，{總經費}元", {"案號": "甲", "總經費": "5"})
    assert filled == "貴公司甲，5元"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("案件編號", "案號"),
        ("計畫名", "計畫名稱"),
        ("單位名稱", "申請單位名稱"),
        ("公司", "申請單位名稱"),  # by what it is for
        ("補件期現", "補件期限"),
    ],
)
def test_a_misspelt_field_is_refused_with_the_nearest_right_one(typed, meant):
    with pytest.raises(
        wording.WordingRefused, match=rf"沒有「{{{typed}}}」這個欄位，是不是要用「{{{meant}}}」？"
    ):
        wording.check(f"主旨 {{{typed}}}", FIELDS)


def test_nothing_is_suggested_where_nothing_is_near():
    with pytest.raises(wording.WordingRefused, match=r"沒有「\{case_number\}」這個欄位。請從"):
        wording.check("主旨 {case_number}", FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        "{name",
        "name}",
        "{{name}}",
        "{% if x %}",
        "{# c #}",
        "{name.__class__}",
        "{name|safe}",
        "{}",
        "｛name｝",
    ],
)
def test_anything_but_a_plain_field_is_refused(text):
    with pytest.raises(wording.WordingRefused):
        wording.fill(text, {"name": "甲"})


def test_a_value_that_looks_like_a_field_stays_itself():
    assert wording.fill("{name}", {"name": "{total}", "total": "5"}) == "{total}"


@pytest.mark.parametrize("text", ["一、{經費表}", "如下{經費表}", "{經費表}{經費表}"])
def test_a_table_that_is_not_alone_on_its_line_is_refused(text):
    wording.check("一、如下\n　{經費表} ", {}, {"經費表": ""})
    with pytest.raises(wording.WordingRefused, match="自己一行"):
        wording.check(text, {}, {"經費表": ""})
    with pytest.raises(wording.WordingRefused, match="自己一行"):
        wording.check("{經費表}", {}, {"經費表": ""}, takes_tables=False)


def test_a_line_of_empty_placeholders_disappears_with_its_number():
    text = "一、甲\n二、{nothing}\n三、丙"
    lines = wording.outline(wording.fill(text, {"nothing": ""}))
    assert [(line.number, line.text) for line in lines] == [("一、", "甲"), ("二、", "丙")]


def test_levels_are_read_and_numbered_anew():
    lines = wording.outline("第三條　甲\n五、乙\n（三）丙\n(九)丁\n7、戊\n(4)己\n二、庚\n(一)辛\n平文")
    assert [(line.level, line.number) for line in lines] == [
        (0, "第一條"),
        (1, "一、"),
        (2, "（一）"),
        (2, "（二）"),
        (3, "1、"),
        (4, "（1）"),
        (1, "二、"),
        (2, "（一）"),
        (wording.PLAIN, ""),
    ]


def test_a_block_stands_on_a_line_of_its_own():
    lines = wording.outline("一、甲\n{經費表}\n二、乙", {"經費表": "amounts_table"})
    assert [line.css for line in lines] == ["level-1", "block", "level-1"]
    assert lines[1].text == "amounts_table"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_han_numbers(number, text):
    assert wording.han(number) == text


@pytest.mark.parametrize("number", [0, 100])
def test_han_numbers_outside_an_outline(number):
    with pytest.raises(ValueError, match="1 to 99"):
        wording.han(number)


def test_letter_numbers_start_with_the_roc_year():
    assert codes.letter_number(114, 123) == "第1140000123號"
    assert codes.letter_number(99, 9_999_999) == "第0999999999號"
    with pytest.raises(ValueError, match="9,999,999"):
        codes.letter_number(114, 10_000_000)


def test_codes_are_tidied_and_nothing_else_passes():
    assert codes.tidy_code("7k3qx-4amrd") == "7K3QX4AMRD"
    assert codes.tidy_code("7K3QX－4AMRD ") == "7K3QX4AMRD"
    assert codes.tidy_code("7K3QX4AMR") == ""
    assert codes.tidy_code("7K3QX4AMR0") == ""


def test_gantt_places_bars_by_day():
    from datetime import date

    from documents.contexts import Bar

    chart = gantt.chart(
        date(2025, 1, 1), date(2025, 4, 10), [Bar("全程", date(2025, 1, 1), date(2025, 4, 10))]
    )
    assert [month.label for month in chart.months] == ["114/1", "114/2", "114/3", "114/4"]
    assert sum(month.width for month in chart.months) == 1000
    assert (chart.rows[0].x, chart.rows[0].width) == (0, 1000)


@pytest.mark.parametrize("mark", ["第一條 ", "一、", "(一)"])
def test_more_lines_than_formal_numbers_are_refused_in_words(mark):
    wording.check("\n".join(f"{mark}文字" for _ in range(99)), {})
    with pytest.raises(wording.WordingRefused, match="99"):
        wording.check("\n".join(f"{mark}文字" for _ in range(100)), {})


def test_figures_number_as_many_lines_as_there_are():
    text = "\n".join("1、文字" for _ in range(120))
    wording.check(text, {})
    assert wording.outline(text)[-1].number == "120、"
