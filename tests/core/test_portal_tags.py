"""Filters and tags as templates use them, without any {% load %}."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.template import Context, Template


def render(source: str, value: object) -> str:
    return Template(source).render(Context({"v": value}))


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{{ v|roc }}", date(2025, 3, 28), "114/3/28"),
        ("{{ v|rocdt }}", datetime(2025, 3, 28, 6, 3, tzinfo=UTC), "114/3/28 14:03"),
        ("{{ v|roc_long }}", date(2025, 2, 10), "中華民國114年2月10日"),
        ("{{ v|dollars }}", 2_500_000, "2,500,000"),
        ("{{ v|dollars }}", 0, "0"),
        ("{{ v|words }}", 20_005, "新臺幣貳萬零伍元整"),
        ("{{ v|percent }}", Fraction(1, 8), "12.5 %"),
        ("{{ v|percent }}", Decimal("0.5"), "50 %"),
        ("{{ v|percent }}", Fraction(1, 3), "33.3 %"),
        ("{{ v|percent }}", Fraction(2, 3), "66.7 %"),
        ("{{ v|percent }}", Fraction(1, 2000), "0.1 %"),
        ("{{ v|percent }}", 0, "0 %"),
        ("{{ v|percent }}", 1, "100 %"),
    ],
)
def test_filters_show_values_the_taiwanese_way(source, value, shown):
    assert render(source, value) == shown


@pytest.mark.parametrize("name", ["roc", "rocdt", "roc_long", "dollars", "words", "percent"])
@pytest.mark.parametrize("value", [None, ""])
def test_filters_show_nothing_for_nothing(name, value):
    assert render("{{ v|" + name + " }}", value) == ""


def test_a_float_is_no_ratio():
    with pytest.raises(TypeError):
        render("{{ v|percent }}", 0.5)


def test_a_date_can_be_read_by_machines():
    shown = render("{% rocdate v %}", date(2025, 3, 28))
    assert shown == '<time datetime="2025-03-28" title="2025-03-28">114/3/28</time>'
    moment = render("{% rocdate v %}", datetime(2025, 3, 28, 6, 3, tzinfo=UTC))
    assert 'datetime="2025-03-28T14:03:00+08:00"' in moment
    assert ">114/3/28 14:03<" in moment
    assert render("{% rocdate v %}", None) == ""


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert render('{% icon "check" %}', None) == '<span class="icon icon-check" aria-hidden="true"></span>'
    labelled = render("{% icon 'x' v %}", "<完成>")
    assert 'role="img"' in labelled
    assert 'aria-label="&lt;完成&gt;"' in labelled
