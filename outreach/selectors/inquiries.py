"""The queue of inquiries, one of them, and the report: every number is a filter of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When

from accounts.models import User
from core.clock import TAIPEI
from core.rocdate import roc_year
from outreach.enums import WAITING_STATES, InquiryState, MessageKind, PublicationKind
from outreach.models import Inquiry, InquiryFile, InquiryMessage, Publication
from outreach.permissions import ANSWER, SUPERVISE

# What the queue and the report call a group of inquiries → the words for it.
VIEWS = {
    "waiting": "待答覆",
    "mine": "我的",
    "unassigned": "待分派",
    "overdue": "逾期未答",
    "escalated": "已提報督導",
    "answered": "已答覆",
    "closed": "已結案",
    "all": "全部",
}
RESULTS = {"on_time": "如期答覆", "late": "逾期答覆", "overdue": "逾期未答", "rated": "已評分"}


def _view(name: str, user: Any, today: date) -> Q:
    waiting = Q(state__in=WAITING_STATES)
    return {
        "waiting": waiting,
        "mine": waiting & Q(assignee=user.pk),
        "unassigned": Q(state=InquiryState.RECEIVED),
        "overdue": waiting & Q(due_on__lt=today),
        "escalated": Q(state=InquiryState.ESCALATED),
        "answered": Q(state=InquiryState.ANSWERED),
        "closed": Q(state=InquiryState.CLOSED),
        "all": Q(),
    }[name]


def result_filter(name: str, today: date) -> Q:
    """The inquiries behind one number of the report."""
    answered = Q(state__in=(InquiryState.ANSWERED, InquiryState.CLOSED))
    return {
        "on_time": answered & Q(late=False),
        "late": answered & Q(late=True),
        "overdue": Q(state__in=WAITING_STATES, due_on__lt=today),
        "rated": Q(rating__isnull=False),
    }[name]


def _day(day: date, at: time) -> datetime:
    return datetime.combine(day, at, TAIPEI)


def queue(
    user: Any,
    *,
    view: str = "all",
    kind: str = "",
    q: str = "",
    result: str = "",
    since: date | None = None,
    until: date | None = None,
    today: date,
) -> QuerySet[Inquiry]:
    """Inquiries by filters, those that are due first; ``since`` and ``until`` are days on which they came."""
    found = Inquiry.objects.visible_to(user).filter(_view(view, user, today))
    if kind:
        found = found.filter(kind=kind)
    if result:
        found = found.filter(result_filter(result, today))
    if since:
        found = found.filter(received_at__gte=_day(since, time.min))
    if until:
        found = found.filter(received_at__lte=_day(until, time.max))
    if q:
        found = found.filter(
            Q(number__icontains=q)
            | Q(subject__icontains=q)
            | Q(name__icontains=q)
            | Q(case_number__icontains=q)
        )
    open_first = Case(
        When(state__in=WAITING_STATES, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return found.select_related("assignee", "topic").order_by(open_first, "due_on", "-received_at", "pk")


def view_counts(user: Any, today: date) -> dict[str, int]:
    """How many are in each view. One query."""
    visible = Inquiry.objects.filter(pk__in=Inquiry.objects.visible_to(user).values("pk"))
    counts: dict[str, int] = visible.aggregate(
        **{name: Count("pk", filter=_view(name, user, today)) for name in VIEWS if name != "all"},
        all=Count("pk"),
    )
    return counts


def thread(inquiry: Inquiry, *, notes: bool) -> list[InquiryMessage]:
    """What was said, oldest first, with files; notes for the office only. Two queries."""
    rows = inquiry.messages.prefetch_related(
        Prefetch("files", queryset=InquiryFile.objects.select_related("file"))
    )
    return list(rows if notes else rows.exclude(kind=MessageKind.NOTE))


def answerers(inquiry: Inquiry) -> list[User]:
    """Whom the inquiry may be given to: nobody whom it is about, supervisors once it is escalated. Three queries."""
    concerned = set(inquiry.concerned.values_list("pk", flat=True))
    codes = {ANSWER, SUPERVISE} if inquiry.escalated_at else {ANSWER}
    return [user for user in office_people() if user.pk not in concerned and codes & user.permission_codes]


def office_people() -> list[User]:
    """Active accounts of those who answer or supervise. Two queries."""
    rows = User.objects.filter(is_active=True, roles__isnull=False).distinct().prefetch_related("roles")
    return [user for user in rows if user.has_permission(ANSWER) or user.has_permission(SUPERVISE)]


def answers_to_use(inquiry: Inquiry, now: datetime) -> list[Publication]:
    """Published answers to begin with, those of the inquiry's topic first. One query."""
    shown = Publication.objects.shown(now).filter(kind=PublicationKind.FAQ).select_related("topic")
    same = (
        Case(When(topic=inquiry.topic_id, then=Value(0)), default=Value(1), output_field=IntegerField())
        if inquiry.topic_id
        else Value(0)
    )
    return list(shown.order_by(same, "topic__order", "order", "pk")[:60])


def draft_of(inquiry: Inquiry) -> dict[str, Any]:
    """A question and answer to begin an FAQ with. One query. The editor takes out what is personal."""
    last = inquiry.messages.filter(kind=MessageKind.ANSWER).last()
    return {"title": inquiry.subject, "body": last.text if last else "", "topic": inquiry.topic_id}


@dataclass(frozen=True)
class Line:
    """One month (or all of them) of the report; ``links`` lead to the rows of each number."""

    label: str
    received: int
    on_time: int
    late: int
    overdue: int
    waiting: int
    rated: int
    average: Decimal | None
    links: dict[str, str]

    @property
    def rate(self) -> Fraction | None:
        """Answered in time, of all that were answered or should have been; None when nothing was due."""
        due = self.on_time + self.late + self.overdue
        return Fraction(self.on_time, due) if due else None


def _line(label: str, found: QuerySet[Inquiry], since: date, until: date, kind: str, today: date) -> Line:
    inside = found.order_by().filter(
        received_at__gte=_day(since, time.min), received_at__lte=_day(until, time.max)
    )
    counts = inside.aggregate(
        received=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=WAITING_STATES)),
        average=Avg("rating"),
        **{name: Count("pk", filter=result_filter(name, today)) for name in RESULTS},
    )
    average = counts.pop("average")
    base = {"since": since.isoformat(), "until": until.isoformat()} | ({"kind": kind} if kind else {})
    links = {name: urlencode(base | {"view": "all", "result": name}) for name in RESULTS}
    links |= {
        "received": urlencode(base | {"view": "all"}),
        "waiting": urlencode(base | {"view": "waiting"}),
    }
    shown = None if average is None else Decimal(str(average)).quantize(Decimal("0.01"))
    return Line(label=label, average=shown, links=links, **counts)


def report(user: Any, *, kind: str, year: int, today: date) -> tuple[list[Line], Line]:
    """The months of an AD year and their total, of what the user may see. Thirteen queries, whatever the rows."""
    visible = Inquiry.objects.visible_to(user)
    found = Inquiry.objects.filter(pk__in=visible.values("pk"))
    if kind:
        found = found.filter(kind=kind)
    lines = []
    for month in range(1, 13):
        since = date(year, month, 1)
        if since > today:
            break
        until = date(year + month // 12, month % 12 + 1, 1)
        until = date.fromordinal(until.toordinal() - 1)
        lines.append(_line(f"{roc_year(since)} 年 {month} 月", found, since, until, kind, today))
    total = _line("全年", found, date(year, 1, 1), date(year, 12, 31), kind, today)
    return lines, total


REPORT_HEADER = (
    "期間",
    "收件",
    "如期答覆",
    "逾期答覆",
    "逾期未答",
    "尚在期限內",
    "如期率（%）",
    "已評分",
    "平均滿意度",
)


def report_rows(lines: Iterable[Line]) -> list[tuple[Any, ...]]:
    """The report as a sheet."""
    rows = []
    for line in lines:
        rate = None if line.rate is None else (Decimal(line.rate.numerator * 100) / line.rate.denominator)
        rows.append(
            (
                line.label,
                line.received,
                line.on_time,
                line.late,
                line.overdue,
                line.waiting - line.overdue,
                None if rate is None else rate.quantize(Decimal("0.1")),
                line.rated,
                line.average,
            )
        )
    return rows
