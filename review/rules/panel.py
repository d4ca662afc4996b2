"""The gender rule of a review panel: at least one third of each gender (RAISE 4-2; 112 性別影響評估 2-2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core.findings import Finding, Severity

RULE = "PANEL-GENDER"
CLAUSE = "RAISE 4-2；112 性別影響評估 2-2"
WOMAN = "female"
MAN = "male"


@dataclass(frozen=True, slots=True)
class PanelBalance:
    """Head-counts of a panel, the verdict, and whether the office has to record a reason to go on."""

    women: int
    men: int
    total: int
    finding: Finding
    needs_reason: bool


def check_gender(
    genders: Iterable[str | None], *, minimum: Fraction = Fraction(1, 3), reason: str = ""
) -> PanelBalance:
    """Judge a panel by its members' genders (``female``, ``male``; anything else counts in the total only).

    One of three is enough, one of four is not. A shortfall is a warning until a reason is recorded.
    """
    members = list(genders)
    women, men, total = members.count(WOMAN), members.count(MAN), len(members)
    least = -(-total * minimum.numerator // minimum.denominator)
    numbers = {"women": women, "men": men, "total": total, "least": least}
    short = [
        f"{name}委員 {count} 位，至少須 {least} 位"
        for name, count in (("女性", women), ("男性", men))
        if count < least
    ]
    if not total:
        return _balance(numbers, Severity.WARNING, "審查小組尚無委員。", "請先加入委員。", False)
    share = f"{minimum.numerator}/{minimum.denominator}"
    if not short:
        message = f"女性 {women} 位、男性 {men} 位，任一性別均達 {share}。"
        return _balance(numbers, Severity.OK, message, "", False)
    message = f"任一性別不得少於 {share}：共 {total} 位，{'；'.join(short)}。"
    if reason.strip():
        return _balance(numbers, Severity.INFO, f"{message}已記錄理由：{reason.strip()}", "", False)
    return _balance(numbers, Severity.WARNING, message, "請增聘該性別的委員，或記錄無法達到的理由。", True)


def _balance(
    numbers: dict[str, int], severity: Severity, message: str, remedy: str, needs_reason: bool
) -> PanelBalance:
    finding = Finding(RULE, CLAUSE, severity, message, "panel", numbers, remedy)
    return PanelBalance(numbers["women"], numbers["men"], numbers["total"], finding, needs_reason)
