"""Template filters and tags for dates, money and ratios; a builtin, so that no template has to load it.

Every filter gives empty text for None and ``""``, so that a page never shows "None".
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from django import template
from django.template import Context
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware

from core import money, richtext
from core import rocdate as roc_dates
from core.web import typed_words

register = template.Library()


@register.filter
def roc(day: date | None) -> str:
    """114/3/28."""
    return roc_dates.roc(day) if day else ""


@register.filter
def rocdt(moment: datetime | None) -> str:
    """114/3/28 14:03, in Taipei."""
    return roc_dates.roc_datetime(moment) if moment else ""


@register.filter
def roc_long(day: date | None) -> str:
    """中華民國114年3月28日."""
    return roc_dates.roc_long(day) if day else ""


@register.filter
def dollars(amount: int | Literal[""] | None) -> str:
    """2,500,000 (whole dollars)."""
    return "" if amount is None or amount == "" else money.fmt(amount)


@register.filter
def words(amount: int | Literal[""] | None) -> str:
    """新臺幣貳佰伍拾萬元整."""
    return "" if amount is None or amount == "" else money.in_words(amount)


@register.filter
def filesize(size: int | None) -> str:
    """148.9 KB, with a plain space: the Kai type of the letters has no no-break space."""
    return "" if size is None else filesizeformat(size).replace("\xa0", " ")


@register.filter
def quantity(number: Decimal | Fraction | int | Literal[""] | None) -> str:
    """1,234.5: thousands separated, at most two decimals and no trailing zeros. Raises TypeError for a float."""
    if number is None or number == "":
        return ""
    if isinstance(number, float):
        raise TypeError("a quantity is a Decimal, Fraction or int, never a float")
    exact = Fraction(number)
    shown = (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{shown:,f}".rstrip("0").rstrip(".")


@register.filter
def percent(ratio: Fraction | Decimal | int | Literal[""] | None) -> str:
    """A ratio as "12.5 %": at most one decimal, half rounds up. Raises TypeError for a float."""
    if ratio is None or ratio == "":
        return ""
    if isinstance(ratio, float):
        raise TypeError("a ratio is a Fraction or Decimal, never a float")
    exact = Fraction(ratio) * 100
    tenths = (Decimal((exact * 1000).__floor__()) / 1000).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{str(tenths).removesuffix('.0')} %"


@register.filter
def rich(text: str) -> SafeString:
    """What the office wrote, with its paragraphs, lists and links; everything else escaped."""
    return richtext.render(text)


@register.filter
def plain(text: str) -> str:
    """What the office wrote, on one line without marks."""
    return richtext.plain(text)


@register.simple_tag
def rocdate(day: date | None) -> SafeString | str:
    """``<time datetime="2025-03-28" title="2025-03-28">114/3/28</time>``; a datetime shows its minute too."""
    if not day:
        return ""
    shown = roc_dates.roc(day)
    if isinstance(day, datetime):
        day = day.astimezone(roc_dates.TAIPEI) if is_aware(day) else day
        shown = roc_dates.roc_datetime(day)
        title = f"{day:%Y-%m-%d %H:%M}"
    else:
        title = day.isoformat()
    return format_html('<time datetime="{}" title="{}">{}</time>', day.isoformat(), title, shown)


@register.simple_tag(takes_context=True)
def typed(context: Context) -> list[str]:
    """What the visitor wrote into the form that is being refused (:func:`core.web.typed_words`)."""
    return typed_words(context["request"]) if "request" in context else []


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon drawn by the style sheet (``.icon-<name>``); read aloud as ``label``, else decoration."""
    if label:
        return format_html('<span class="icon icon-{}" role="img" aria-label="{}"></span>', name, label)
    return format_html('<span class="icon icon-{}" aria-hidden="true"></span>', name)
