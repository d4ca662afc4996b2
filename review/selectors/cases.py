"""The office's home, its list of cases and the page of one case, each in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.models import User
from applications import selectors as applications
from applications.enums import CaseState
from applications.models import BudgetLine, Case, CaseLetter, CaseTransition, Supplement
from applications.models.case import CaseQuerySet
from core.rocdate import TAIPEI
from documents.enums import DocumentKind, DocumentState
from documents.selectors import visible_documents
from programs.selectors import days_left, open_calls
from review.models import QualificationCheck

OLDEST = 10


# ---- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """A saved view of the list of cases: what it is called, what to do with its cases, and why it is empty."""

    key: str
    label: str
    next: str
    empty: str
    problem: bool = False


VIEWS: tuple[View, ...] = (
    View("to_check", "待初審", "逐項初審", "新送件和補件送回的案件會出現在這裡。"),
    View("supplementing", "補件中", "等待補件", "發出補件通知的案件會出現在這裡。"),
    View("overdue", "補件逾期", "依規定退件", "補件期限過了還沒有補的案件會出現在這裡。", problem=True),
    View("qualified", "初審符合待送審", "編入審查小組", "初審符合的案件會出現在這裡，等待編入審查小組。"),
    View("to_send", "待發文", "發出公文", "已核定或已退件、還沒有發文的案件會出現在這裡。"),
    View("failed", "失敗文件", "重新製作", "製作失敗的公文會出現在這裡。", problem=True),
)
ALL = View("all", "全部", "", "公司送件之後，案件會出現在這裡。")
_BY_KEY = {view.key: view for view in (*VIEWS, ALL)}

# What a decided case must have been sent.
_LETTER_OF = {
    CaseState.APPROVED: DocumentKind.APPROVAL,
    CaseState.REJECTED: DocumentKind.REJECTION,
    CaseState.RESERVED: DocumentKind.RESERVE,
    CaseState.RETURNED: DocumentKind.RETURN,
}

SORTS: Mapping[str, tuple[str, ...]] = {
    "since": ("since", "number"),
    "number": ("number",),
    "company": ("organisation__name", "number"),
    "due": ("due_on", "number"),
    "requested": ("requested", "number"),
    "received": ("received_at", "number"),
}


def view(key: str) -> View:
    """The saved view of this key; everything for one that is not known."""
    return _BY_KEY.get(key, ALL)


def _letters(*kinds: str, **conditions: Any) -> Exists:
    """Whether the case has a document of these kinds (any kind when none is named)."""
    rows = CaseLetter.objects.filter(case=OuterRef("pk"), **conditions)
    return Exists(rows.filter(document__kind__in=kinds) if kinds else rows)


def _conditions(today: date) -> dict[str, Q]:
    """Saved view → its condition. Overdue cases are those that beat has not returned yet."""
    late = Exists(Supplement.objects.filter(case=OuterRef("pk"), state="open", due_on__lt=today))
    to_send = Q()
    for state, kind in _LETTER_OF.items():
        to_send |= Q(state=state) & ~Q(_letters(kind))
    return {
        "to_check": Q(state=CaseState.SUBMITTED),
        "supplementing": Q(state=CaseState.SUPPLEMENTING) & ~Q(late),
        "overdue": Q(state=CaseState.SUPPLEMENTING) & Q(late),
        "qualified": Q(state=CaseState.QUALIFIED),
        "to_send": to_send,
        "failed": Q(_letters(document__state=DocumentState.FAILED)),
        "all": Q(),
    }


def submitted_cases(user: User) -> CaseQuerySet:
    """Every case that the office may know of."""
    return Case.objects.visible_to(user).submitted()


def counts(cases: QuerySet[Case], today: date) -> dict[str, int]:
    """How many cases each saved view holds. One query."""
    wanted = {key: Count("pk", filter=condition) for key, condition in _conditions(today).items()}
    found: dict[str, int] = cases.order_by().aggregate(**wanted)
    return found


def filtered(
    cases: QuerySet[Case],
    *,
    call: str = "",
    state: str = "",
    q: str = "",
    officer: str = "",
) -> QuerySet[Case]:
    """Narrow by what stands in the address. ``officer``: a user's pk, or ``none`` for nobody yet."""
    if call:
        cases = cases.filter(call__slug=call)
    if state:
        cases = cases.filter(state=state)
    if officer == "none":
        cases = cases.filter(qualification_check__officer=None)
    elif officer.isdigit():
        cases = cases.filter(qualification_check__officer=int(officer))
    if q:
        cases = cases.filter(
            Q(number__icontains=q)
            | Q(title__icontains=q)
            | Q(organisation__name__icontains=q)
            | Q(company__name__icontains=q)
            | Q(organisation__ubn__startswith=q)
        )
    return cases


def rows(cases: QuerySet[Case], *, key: str, today: date, sort: str = "since") -> QuerySet[Case]:
    """The cases of a saved view with what a row shows: ``since``, ``due_on``, ``requested``, ``officer``."""
    latest = CaseTransition.objects.filter(subject=OuterRef("pk")).order_by("-at", "-pk").values("at")[:1]
    due = Supplement.objects.filter(case=OuterRef("pk"), state="open").values("due_on")[:1]
    asked = (
        BudgetLine.objects.filter(case=OuterRef("pk"))
        .order_by()
        .values("case")
        .annotate(total=Sum("subsidy"))
        .values("total")
    )
    order = SORTS[sort.removeprefix("-")]
    if sort.startswith("-"):
        ordering = [F(name).desc(nulls_last=True) for name in order]
    else:
        ordering = [F(name).asc(nulls_last=True) for name in order]
    return (
        cases.filter(_conditions(today)[key])
        .select_related("organisation", "call", "company", "qualification_check__officer")
        .annotate(
            since=Coalesce(Subquery(latest), F("submitted_at")),
            due_on=Subquery(due, output_field=DateField()),
            requested=Coalesce(Subquery(asked), 0, output_field=BigIntegerField()),
        )
        .order_by(*ordering, "pk")
    )


def next_to_check(user: User, after: Case, today: date) -> Case | None:
    """The next case that waits for the check, after this one in the queue and then from its head; None when all is done.

    Cases that a colleague has taken and those of one's own company are passed over. At most three queries.
    """
    mine = Q(qualification_check__officer=None) | Q(qualification_check__officer=user)
    own = user.organisation_roles
    queue = rows(submitted_cases(user), key="to_check", today=today)
    queue = queue.filter(mine).exclude(pk=after.pk).exclude(organisation__in=list(own))
    if after.state == CaseState.SUBMITTED:
        latest = (
            CaseTransition.objects.filter(subject=after).order_by("-at", "-pk").values_list("at", flat=True)
        )
        since = latest.first() or after.submitted_at
        later = queue.filter(Q(since__gt=since) | Q(since=since, number__gt=after.number)).first()
        if later is not None:
            return later
    return queue.first()


def officers() -> list[User]:
    """Everybody who has taken a check. One query."""
    taken = QualificationCheck.objects.exclude(officer=None).values("officer")
    return list(User.objects.filter(pk__in=taken).order_by("name"))


def home(user: User, now: datetime) -> dict[str, Any]:
    """What waits for the office: the saved views with their oldest cases, open calls. At most 9 queries."""
    today = now.astimezone(TAIPEI).date()
    cases = submitted_cases(user)
    number = counts(cases, today)
    groups = [
        {
            "view": one,
            "count": number[one.key],
            "rows": list(rows(cases, key=one.key, today=today)[:OLDEST]) if number[one.key] else [],
        }
        for one in VIEWS
    ]
    return {
        "groups": groups,
        "today": today,
        "calls": [{"call": call, "days": days_left(call, now)} for call in open_calls(now)],
        "failed_documents": visible_documents(user).filter(state=DocumentState.FAILED).count(),
    }


# ---- one case ---------------------------------------------------------------------------------


def get_case(user: User, pk: Any, *, content: bool = False) -> Case:
    """A submitted case that the user may know of; else Http404.

    ``content``: with what the rules ask for beside the facts.
    """
    cases = submitted_cases(user)
    if content:
        # Rows are read only where a hand-in has no snapshot (``qualification.handed_in``).
        found = applications.with_content(cases).prefetch_related(None)
    else:
        found = cases.select_related("organisation", "call", "terms", "company")
    case = found.filter(pk=pk).first()
    if case is None:
        raise Http404("這裡沒有這件案件，或它還沒有送出。")
    return case


def case_page(case: Case) -> dict[str, Any]:
    """The office's page of one case: hand-ins with files, transitions, supplements, letters. Six queries."""
    return {
        "submissions": list(
            case.submissions.select_related("receipt")
            .defer("snapshot", "receipt__context")
            .prefetch_related("files")
        ),
        "transitions": list(case.transitions.all()),
        "supplements": list(case.supplements.prefetch_related("items").select_related("requested_by")),
        "letters": list(
            case.letters.select_related("document")
            .defer("document__context")
            .order_by("-document__requested_at")
        ),
        "check": QualificationCheck.objects.filter(case=case).select_related("officer").first(),
    }
