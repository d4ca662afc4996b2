"""New Taiwan dollars: whole dollars as int, everywhere. Ratios are exact fractions, never floats."""

from __future__ import annotations

import re
from fractions import Fraction

from core.text import half_width

MAX_DOLLARS = 10**12

_DIGITS = "零壹貳參肆伍陸柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("", "萬", "億", "兆")


def _whole(amount: int) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError(f"whole dollars are int, not {type(amount).__name__}")
    return amount


def fmt(amount: int) -> str:
    """Dollars with thousands separators: ``2,500,000``. Raises TypeError for anything but an int."""
    return f"{_whole(amount):,}"


def in_words(amount: int) -> str:
    """Dollars as contracts and receipts spell them: 20,005 → 新臺幣貳萬零伍元整.

    Raises ValueError below 0 and above 10^12.
    """
    if not 0 <= _whole(amount) <= MAX_DOLLARS:
        raise ValueError("amount in words: 0 to 10^12 dollars")
    words, gap = "", False
    for power in (3, 2, 1, 0):
        group = amount // 10_000**power % 10_000
        for digit, place in zip(f"{group:04}", _PLACES, strict=True):
            if digit == "0":
                gap = True
                continue
            # Zeros between two digits are spoken once, but not those that only end a full group of four.
            words += ("零" if words and gap else "") + _DIGITS[int(digit)] + place
            gap = False
        if group:
            words += _GROUPS[power]
            gap = False
    return f"新臺幣{words or '零'}元整"


def floor_ratio(amount: int, ratio: Fraction) -> int:
    """``amount × ratio`` in whole dollars, rounded down: a ceiling never grants a dollar too much.

    Raises TypeError unless dollars are int and the ratio exact, ValueError when either is negative.
    """
    if not isinstance(ratio, Fraction):
        raise TypeError(f"a ratio is a Fraction, not {type(ratio).__name__}")
    if _whole(amount) < 0 or ratio < 0:
        raise ValueError("amount and ratio must not be negative")
    return amount * ratio.numerator // ratio.denominator


def parse_dollars(text: str) -> int:
    """The whole dollars that somebody typed: ``2,500,000``, ``NT$ 2500000``, ``２５００元``.

    Raises ValueError with a message for the user: decimals, negatives, words, wrong commas, over 10^12.
    """
    text = half_width(text).strip()
    text = re.sub(r"^(?:NT\$|NTD|TWD|\$|新[臺台]幣)\s*|\s*(?:元整|元)$", "", text, flags=re.IGNORECASE)
    if re.fullmatch(r"[-−–(].*", text):
        raise ValueError("金額不能是負數，請填 0 或正整數元")
    if re.fullmatch(r"[0-9,]*\.[0-9]+", text):
        raise ValueError("金額請填整數元，不含小數")
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+", text):
        raise ValueError("金額請填整數元，只用數字，例如 2500000 或 2,500,000")
    digits = text.replace(",", "").lstrip("0") or "0"
    if len(digits) > 13 or int(digits) > MAX_DOLLARS:
        raise ValueError(f"金額太大，最多 {MAX_DOLLARS:,} 元，請確認單位是「元」")
    return int(digits)
