"""Bands of a risk: likelihood × impact, as the plan's matrix names them (112 拾.四)."""

from __future__ import annotations

from enum import StrEnum

GRADES = (1, 2, 3)
LIKELIHOOD = {1: "不太可能", 2: "可能", 3: "非常可能"}
IMPACT = {1: "輕微", 2: "中度", 3: "嚴重"}


class Band(StrEnum):
    """How grave a risk is."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"
    EXTREME = "extreme"

    @property
    def label(self) -> str:
        """The document's word."""
        return {"low": "低度", "middle": "中度", "high": "高度", "extreme": "極度"}[self.value]


def band(likelihood: int, impact: int) -> Band:
    """The band of the product of two grades from 1 to 3: to 2 low, to 4 middle, 6 high, 9 extreme.

    Raises ValueError for other grades.
    """
    if likelihood not in GRADES or impact not in GRADES:
        raise ValueError("可能性與影響程度是 1 到 3")
    value = likelihood * impact
    if value <= 2:
        return Band.LOW
    if value <= 4:
        return Band.MIDDLE
    return Band.HIGH if value <= 6 else Band.EXTREME
