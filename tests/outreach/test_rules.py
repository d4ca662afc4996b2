"""Finding, calendar files, safe text: no database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import richtext
from outreach.rules.calendar_file import Entry, calendar_file
from outreach.rules.finding import excerpt, has_all, pieces, spellings, words_of

ENTRY = Entry(
    uid="event-1@portal.test",
    title="說明會；北區, 第 1 場",
    starts_at=datetime(2025, 3, 3, 6, 0, tzinfo=UTC),
    ends_at=datetime(2025, 3, 3, 8, 0, tzinfo=UTC),
    place="臺北市" + "很長的地址" * 20,
    url="https://portal.test/events/1/",
    changed_at=datetime(2025, 2, 1, tzinfo=UTC),
    sequence=3,
)


def test_a_calendar_file_has_its_times_in_utc_and_no_long_line():
    text = calendar_file(ENTRY)
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert text.endswith("END:VCALENDAR\r\n")
    assert "DTSTART:20250303T060000Z" in lines
    assert "SEQUENCE:3" in lines
    assert max(len(line.encode()) for line in lines) <= 75
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:說明會；北區\\, 第 1 場" in unfolded
    assert ENTRY.place in unfolded


def test_pieces_join_to_the_text_and_mark_every_hit():
    found = pieces("補助款與配合款，補助上限", ["補助"])
    assert found == [("補助", True), ("款與配合款，", False), ("補助", True), ("上限", False)]
    assert pieces("iPAS 與 IPAS", ["ipas"])[0] == ("iPAS", True)
    assert pieces("a.b", ["."]) == [("a", False), (".", True), ("b", False)]


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_pieces_never_lose_a_character(text, words):
    assert "".join(piece for piece, _ in pieces(text, words)) == text


def test_an_excerpt_stands_around_the_first_hit():
    text = "前" * 200 + "配合款" + "後" * 200
    shown = excerpt(text, ["配合款"], length=60)
    assert shown[0] == shown[-1] == ("…", False)
    assert ("配合款", True) in shown
    assert excerpt("短", ["無"]) == [("短", False)]


def test_words_are_few_and_the_longest_first():
    assert words_of("款 配合款 款") == ["配合款", "款"]
    assert len(words_of("a b c d e f g")) == 5
    assert words_of("配合款怎麼算？") == ["配合款怎麼算"]
    assert words_of(" ？、 ") == []


def test_both_ways_to_write_taiwan_are_the_same():
    assert spellings("台南") == {"台南", "臺南"}
    assert has_all(["台南", "IPAS"], "臺南的 iPAS 說明會")
    assert not has_all(["台南"], "台北")
    assert pieces("在臺南", ["台南"]) == [("在", False), ("臺南", True)]


def test_text_becomes_paragraphs_lists_and_links():
    html = richtext.render(
        "第一段\n接著\n\n- 甲\n- 乙\n\n1. 一\n2. 二\n\n請看 [須知](/calls/ipas-114/) 或 https://example.tw/a?b=1&c=2。"
    )
    assert "<p>第一段<br>接著</p>" in html
    assert "<ul><li>甲</li><li>乙</li></ul>" in html
    assert "<ol><li>一</li><li>二</li></ol>" in html
    assert '<a href="/calls/ipas-114/">須知</a>' in html
    assert '<a href="https://example.tw/a?b=1&amp;c=2">https://example.tw/a?b=1&amp;c=2</a>。' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](//evil.example/)",
        "[x](data:text/html,x)",
        '[x](https://a.example/"onmouseover="alert(1))',
        "- <img src=x onerror=alert(1)>",
        "https://a.example/<script>",
        "[<b>x</b>](https://a.example/)",
    ],
)
def test_nothing_that_is_typed_becomes_markup(text):
    html = str(richtext.render(text))
    for bad in ("<script", "<img", "<b>", 'href="javascript', 'href="//', 'href="data', '"onmouse'):
        assert bad not in html


@given(st.text(max_size=200))
def test_any_text_renders_to_the_few_known_tags(text):
    import re

    html = str(richtext.render(text))
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", html)) <= {"p", "ul", "ol", "li", "a", "br"}


def test_plain_text_has_no_marks():
    assert richtext.plain("- 看 [須知](/a/)\n- 乙") == "看 須知 乙"
