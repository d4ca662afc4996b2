"""Words and shares that several pages of the decision show alike."""

from __future__ import annotations

from fractions import Fraction

from core.money import floor_ratio
from review.models import Scenario


def cut_words(scenario: Scenario) -> str:
    """「刪減 10%」, or "" without a cut."""
    if not scenario.cut_percent:
        return ""
    return f"經費刪減 {scenario.cut_percent.normalize():f}%"


def share(amount: int, whole: int) -> str:
    """``amount`` of ``whole`` in percent with one decimal, for the width of a bar; 0 to 100."""
    if whole <= 0:
        return "0"
    tenths = min(1000, max(0, floor_ratio(max(0, amount), Fraction(1000, whole))))
    return f"{tenths // 10}.{tenths % 10}"
