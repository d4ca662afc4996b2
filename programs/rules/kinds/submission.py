"""Submission kinds: S1 (the window) and S2 (which day counts as received)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from core.findings import Finding
from core.rocdate import roc
from core.workdays import WorkCalendar
from programs.rules.facts import CaseFacts
from programs.rules.kinds.registry import Context, NoParams, holds, kind, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@kind(
    "window",
    NoParams,
    title="受理期間",
    says="申請要在受理期間內送出；受理的起訖時間寫在「受理與時程」那一頁。",
    group="S",
)
def window(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The application came within the window: to the second online, to the day (S2) on paper."""
    span, where = context.terms.window, "submission.applied_on"
    last = max(span.closes_at, context.closes_at) if context.closes_at else span.closes_at
    zone = span.closes_at.tzinfo
    moment = context.submitted_at.astimezone(zone) if context.submitted_at else None
    day = moment.date() if moment else facts.applied_on
    if day is None:
        return []
    early = moment < span.opens_at if moment else day < span.opens_at.astimezone(zone).date()
    late = moment >= last + timedelta(seconds=1) if moment else day > last.astimezone(zone).date()
    said = f"{roc(day)} {moment:%H:%M:%S}" if moment else roc(day)
    until = f"{roc(last.astimezone(zone).date())} {last.astimezone(zone):%H:%M:%S}"
    numbers = {"received": (moment or day).isoformat(), "closes_at": last.isoformat()}
    if early:
        text = f"{said} 送件，受理自 {roc(span.opens_at.astimezone(zone).date())} 開始。"
        return [problem(rule, where, text, "請於受理開始後再送出。", numbers)]
    if late:
        text = f"{said} 送件，受理已於 {until} 截止。"
        remedy = "如因不可歸責的事由遲誤，請洽計畫辦公室。"
        return [problem(rule, where, text, remedy, numbers)]
    return [holds(rule, where, f"{said} 送件，在受理期間內（至 {until}）。", numbers)]


#: Ways of handing in paper whose postmark may count (``applications.enums`` has all ways).
POSTMARKED = {"registered_post": "中華郵政掛號", "carrier": "其他快遞或郵寄"}


@dataclass(frozen=True, slots=True)
class ReceivedDateParams:
    """``postmark_channels``: ways for which the postmark counts; others arrive in office hours."""

    postmark_channels: tuple[str, ...] = field(
        default=("registered_post",),
        metadata=words("以郵戳為準的寄送方式", "其餘方式以送達的時間為準。", options=POSTMARKED),
    )
    opens: str = field(default="09:00", metadata=words("每天開始收件", "寫成 09:00。"))
    closes: str = field(
        default="18:00", metadata=words("每天停止收件", "寫成 18:00；之後送達的算下一個收件日。")
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        try:
            ok = time.fromisoformat(self.opens) < time.fromisoformat(self.closes)
        except ValueError:
            ok = False
        return [] if ok else ["opens: 收件時間請寫成 09:00，且早於 closes"]


@kind(
    "received_date",
    ReceivedDateParams,
    title="紙本收件日的認定",
    says="哪些寄送方式以郵戳為準、其餘以送達為準，以及每天的收件時間。",
    group="S",
)
def received(params: ReceivedDateParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """How paper's received date is derived: see ``received_date``; S1 then checks that date."""
    return []


def received_date(
    channel: str,
    posted_on: date | None,
    arrived_at: datetime | None,
    calendar: WorkCalendar | None = None,
    params: ReceivedDateParams | None = None,
) -> date:
    """The day on which paper counts as received (S2).

    ``channel``: ``registered_post`` (Chunghwa Post registered mail: the postmark), or any other, such as
    ``in_person`` and ``courier``: the day of arrival, Monday to Friday within office hours. What arrives
    after hours, at a weekend or on a day off counts on the next day the office receives.
    ``arrived_at``: Taipei local time. Raises ValueError (for the user) when the needed one is unknown.
    """
    rule = params or ReceivedDateParams()
    if channel in rule.postmark_channels:
        if posted_on is None:
            raise ValueError("中華郵政掛號以郵戳為準，請填寫郵戳日期")
        return posted_on
    if arrived_at is None:
        raise ValueError("親送或非中華郵政掛號以送達為準，請填寫送達日期與時間")
    day = arrived_at.date()
    if arrived_at.time().replace(tzinfo=None) > time.fromisoformat(rule.closes):
        day += timedelta(days=1)
    while day.weekday() >= 5 or (calendar is not None and not calendar.is_working(day)):
        day += timedelta(days=1)
    return day
