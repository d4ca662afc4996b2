"""What the acts of the main journey share: the portal, who has come in, and the figures that must stay the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.people import Person
from tests.journeys.stage import Stage

CALL = "ipas-114"
COMPANY = "晴川精密股份有限公司"
UBN = "12345675"
APPLICANT = "founder@demo.test"
TITLE = "五軸加工智慧生產人才實作培育計畫"

# Account → (item, unit, quantity, unit price, months, subsidy). Four students and two employees: the head-count cap is
# 4 × 100,000 + 2 × 60,000 = 520,000, which the first draft passes by 20,000.
BUDGET: dict[str, list[tuple[str, str, int, int, int, int]]] = {
    "personnel": [("學生薪資", "人", 4, 45_000, 3, 270_000)],
    "operations": [("講師鐘點費", "小時", 120, 2_000, 1, 120_000), ("教材費", "式", 1, 160_000, 1, 50_000)],
    "equipment": [("模擬軟體使用費", "月", 1, 60_000, 4, 100_000)],
}
HEAD_COUNT_CAP = 520_000
OVER = 20_000
MENDED_PERSONNEL = 250_000
REQUESTED = {"personnel": 250_000, "operations": 170_000, "equipment": 100_000}
COST = 540_000 + 400_000 + 240_000
APPROVED = {"personnel": 240_000, "operations": 160_000, "equipment": 100_000}
OTHER_COMPANY = "對照科技有限公司"
OTHER_REQUESTED = 400_000


@dataclass
class Play:
    """``person(email)`` opens a browser for somebody; ``known`` carries numbers and addresses from act to act."""

    stage: Stage
    person: Callable[..., Person]
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> str:
        """Address of the case, with a slash at its end."""
        return str(self.known["case"])


def today() -> date:
    """The day in Taipei."""
    return datetime.now(ZoneInfo("Asia/Taipei")).date()


def figure(amount: int) -> str:
    """2,500,000, as every page and paper writes it."""
    return f"{amount:,}"
