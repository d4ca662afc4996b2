"""The chair's pages. Scores come into them only through :func:`case_summary`, and only when all are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.models import Membership
from applications.enums import CaseState
from documents.enums import DocumentState
from programs.rules.terms import Terms
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import (
    Assignment,
    ChairDeclaration,
    Panel,
    PanelCase,
    PanelMember,
    ReviewerProfile,
    ScoreSheet,
    SignOff,
)
from review.rules import scoring
from review.selectors import people
from review.selectors.reviewing import requested_amounts, scheme_of, values_of, with_sheets


@dataclass(slots=True)
class SheetColumn:
    """One expert's sheet beside the others."""

    assignment: Assignment
    name: str
    sheet: ScoreSheet
    scores: dict[str, Decimal]
    comments: dict[str, str]
    amounts: dict[str, int]
    total: Decimal
    signed_at: Any

    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recommended(self) -> int:
        return sum(self.amounts.values())


@dataclass(slots=True)
class CriterionRow:
    """One criterion over all sheets."""

    code: str
    label: str
    weight: int
    cells: list[tuple[Decimal | None, str]]
    mean: Decimal
    median: Decimal
    spread: Decimal
    differs: bool


@dataclass(slots=True)
class Summary:
    """All sheets of one case side by side with the figures over them."""

    columns: list[SheetColumn]
    criteria: list[CriterionRow]
    mean: Decimal
    median: Decimal
    spread: Decimal
    deviation: Decimal
    differs: bool
    flag: int
    accounts: list[dict[str, Any]]
    requested: int
    recommended_mean: int
    recommending: int

    @property
    def names(self) -> list[str]:
        return [c.name for c in self.columns]

    @property
    def flag_words(self) -> str:
        return str(self.flag)

    @property
    def unsigned(self) -> list[SheetColumn]:
        return [c for c in self.columns if c.signed_at is None]


def thresholds(terms: Terms) -> scoring.Thresholds:
    """Where reviewers clearly differ: the call's points, scaled to the scoring scale for one criterion."""
    flag = Fraction(terms.settings.spread_flag)
    return scoring.Thresholds(flag, flag * terms.settings.scoring_scale / 100)


def sheets_of(seat: PanelCase) -> list[Assignment]:
    """The assignments that count, with their sheets. Five queries."""
    return list(with_sheets(Assignment.objects.active().filter(panel_case=seat)).order_by("pk"))


def every_sheet() -> Prefetch:
    """Prefetch the assignments of panel cases with their sheets: four queries."""
    return Prefetch("assignments", queryset=with_sheets(Assignment.objects.all()).order_by("pk"))


def unprinted(assignments: Iterable[Assignment]) -> list[Assignment]:
    """Those whose printed sheet failed for good, scores aside. No query when the sheets are prefetched."""
    rows = [a for a in assignments if a.state == AssignmentState.SUBMITTED and hasattr(a, "sheet")]
    return [a for a in rows if a.sheet.document and a.sheet.document.state == DocumentState.FAILED]


def case_summary(seat: PanelCase, assignments: Iterable[Assignment] | None = None) -> Summary | None:
    """The sheets of a case, or None while anybody who counts has not submitted: then nothing is read out."""
    rows = sheets_of(seat) if assignments is None else list(assignments)
    if not permissions.revealed(rows):
        return None
    terms = seat.case.terms.terms
    scheme = scheme_of(terms)
    columns = [_column(a, terms) for a in rows]
    sheets = [
        scoring.Sheet(str(c.assignment.pk), {k: Fraction(v) for k, v in c.scores.items()}) for c in columns
    ]
    figures = scoring.summarise(sheets, scheme, thresholds(terms))
    if figures.total is None:
        return None
    criteria = [
        CriterionRow(
            c.id,
            c.label,
            c.weight,
            [(col.scores.get(c.id), col.comments.get(c.id, "")) for col in columns],
            scoring.display(figures.criteria[c.id].mean),
            scoring.display(figures.criteria[c.id].median),
            scoring.display(figures.criteria[c.id].spread, 1),
            c.id in figures.differing,
        )
        for c in terms.criteria
    ]
    requested = requested_amounts(seat.case)
    mean = scoring.mean_recommendation([c.amounts for c in columns])
    accounts = [
        {
            "label": a.label,
            "requested": requested.get(a.key, 0),
            "cells": [c.amounts.get(a.key) for c in columns],
            "mean": mean.get(a.key, 0),
        }
        for a in terms.award_lines
    ]
    return Summary(
        columns=columns,
        criteria=criteria,
        mean=scoring.display(figures.total.mean),
        median=scoring.display(figures.total.median),
        spread=scoring.display(figures.total.spread),
        deviation=figures.total.deviation,
        differs=figures.differs,
        flag=terms.settings.spread_flag,
        accounts=accounts,
        requested=sum(requested.values()),
        recommended_mean=sum(mean.values()),
        recommending=sum(bool(c.sheet.recommends) for c in columns),
    )


def _column(assignment: Assignment, terms: Terms) -> SheetColumn:
    scheme = scheme_of(terms)
    values = values_of(assignment.sheet)
    known = {k: v for k, v in values.exact().items() if k in scheme.codes}
    signed: SignOff | None = getattr(assignment, "sign_off", None)
    return SheetColumn(
        assignment,
        assignment.reviewer.user.name,
        assignment.sheet,
        {k: v for k, v in values.scores.items() if k in known},
        values.comments,
        values.amounts,
        scoring.display(scoring.running_total(known, scheme)),
        signed.signed_at if signed else None,
        [(c.label, values.comments[c.id]) for c in terms.criteria if values.comments.get(c.id)],
    )


# ---- who leads -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Lead:
    """How a user stands to a case of a panel. ``barred``: why not; ``needs_declaration``: sign first."""

    may_lead: bool
    barred: str = ""
    needs_declaration: bool = False
    as_office: bool = False
    conflicted: bool = False


def _chair_stand(
    seat: PanelCase, profile: ReviewerProfile, found: Any, declarations: dict[int, ChairDeclaration]
) -> Lead:
    """The chair's own interests come first: recused, declared, or shown by the data."""
    own = next((a for a in seat.assignments.all() if a.reviewer_id == profile.pk), None)
    declared = declarations.get(seat.pk)
    if own and own.state == AssignmentState.RECUSED:
        return Lead(False, "您已聲明迴避這件，由計畫辦公室代為召集。", conflicted=True)
    if declared and declared.has_conflict:
        return Lead(False, "您已聲明迴避這件，由計畫辦公室代為召集。", conflicted=True)
    if found.get((people.case_key(seat.case), str(profile.pk))):
        return Lead(False, "依系統資料您須迴避這件，由計畫辦公室代為召集。", conflicted=True)
    if own and own.state in (AssignmentState.DECLARED, AssignmentState.SUBMITTED):
        return Lead(True)
    if own and own.state == AssignmentState.ASSIGNED:
        return Lead(False, "您也是這件的審查委員，請先簽署利益迴避聲明。")
    if declared:
        return Lead(True)
    return Lead(False, needs_declaration=True)


def chair_of(panel: Panel) -> PanelMember | None:
    """The accepted chair with the facts for conflicts. Three queries."""
    memberships = Membership.objects.select_related("organisation")
    return (
        PanelMember.objects.filter(panel=panel, is_chair=True, state=InvitationState.ACCEPTED)
        .select_related("reviewer__user")
        .prefetch_related("reviewer__ties", Prefetch("reviewer__user__memberships", queryset=memberships))
        .first()
    )


def lead_of(user: Any, seat: PanelCase) -> Lead | None:
    """How the user stands to the case as its leader; None for somebody who may not know of it here.

    The office leads where the chair is barred. At most eight queries.
    """
    if permissions.member_of_company(user, seat):
        return None
    chair = chair_of(seat.panel)
    is_chair = (
        chair is not None and chair.reviewer.user_id == user.pk and user.has_permission(permissions.CHAIR)
    )
    is_office = user.has_permission(permissions.MANAGE)
    if not is_chair and not is_office:
        return None
    if chair is None:
        return Lead(True, as_office=True)
    prefetch_related_objects([seat.case], *people.sides())
    found = people.conflicts([chair.reviewer], [seat.case])
    declarations = {
        d.panel_case_id: d for d in ChairDeclaration.objects.filter(panel_case=seat, reviewer=chair.reviewer)
    }
    stand = _chair_stand(seat, chair.reviewer, found, declarations)
    if is_chair:
        return stand
    if stand.conflicted:
        return Lead(True, as_office=True)
    return Lead(False, "這件由小組召集人主持。", as_office=True)


# ---- the chair's list ----------------------------------------------------------------------------


@dataclass(slots=True)
class ChairRow:
    """A case in the chair's list; ``summary`` only when all sheets are in and the chair may see them."""

    seat: PanelCase
    company: str
    total: int
    sent: int
    signed: int
    lead: Lead
    own: Assignment | None = None
    summary: Summary | None = None
    unprinted: int = 0

    @property
    def withdrawn(self) -> bool:
        return bool(self.seat.case.state == CaseState.WITHDRAWN)

    @property
    def state(self) -> tuple[str, str]:
        """Word and tone: what the chair has to do with it."""
        if self.withdrawn:
            return "已撤案", "neutral"
        if self.seat.state == PanelCaseState.CLOSED:
            return "已完成", "done"
        if self.seat.state == PanelCaseState.SIGNING:
            done = self.signed == self.total
            return ("可以完成" if done else f"委員確認中 {self.signed}/{self.total}"), (
                "mine" if done else "waiting"
            )
        if self.total and self.sent == self.total:
            return "評分已收齊", "mine"
        return f"評分中 {self.sent}/{self.total}", "waiting"


@dataclass(slots=True)
class ChairPage:
    """The chair's list of one panel."""

    panel: Panel
    rows: list[ChairRow] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(r.seat.state != PanelCaseState.CLOSED and not r.withdrawn for r in self.rows)

    @property
    def collected(self) -> int:
        return sum(bool(r.total) and r.sent == r.total for r in self.rows if not r.withdrawn)


def chair_page(panel: Panel, chair: PanelMember) -> ChairPage:
    """Every case of the panel for its chair. Eleven queries, whatever the size."""
    seats = list(
        PanelCase.objects.filter(panel=panel)
        .select_related("case__organisation", "case__company", "case__terms", "case__call")
        .prefetch_related(every_sheet(), *people.sides("case__"), "case__budget_lines")
        .order_by("case__number")
    )
    found = people.conflicts([chair.reviewer], [seat.case for seat in seats])
    declarations = {
        d.panel_case_id: d
        for d in ChairDeclaration.objects.filter(panel_case__panel=panel, reviewer=chair.reviewer)
    }
    page = ChairPage(panel)
    for seat in seats:
        seat.panel = panel
        active = [a for a in seat.assignments.all() if a.state not in people.OUT]
        lead = _chair_stand(seat, chair.reviewer, found, declarations)
        row = ChairRow(
            seat,
            seat.case.company_name,
            len(active),
            sum(a.state == AssignmentState.SUBMITTED for a in active),
            sum(getattr(a, "sign_off", None) is not None for a in active),
            lead,
            next((a for a in active if a.reviewer_id == chair.reviewer_id), None),
            unprinted=len(unprinted(active)),
        )
        if lead.may_lead:
            row.summary = case_summary(seat, active)
        page.rows.append(row)
    # What waits for the chair comes first; else by number.
    page.rows.sort(key=lambda row: row.state[1] != "mine")
    return page


# ---- what waits for the chair --------------------------------------------------------------------


@dataclass(slots=True)
class ChairTask:
    """A case that nobody but its chair can take on; no score in it."""

    seat: PanelCase
    company: str
    label: str
    words: str


def chair_todo(chaired: Iterable[PanelMember]) -> list[ChairTask]:
    """The cases that wait for the chair, by due date: all sheets in, or everybody's confirmation in.

    ``chaired``: somebody's own seats as chair. Cases that this chair has to stay away from are left out. None
    without a panel that scores, else at most fourteen queries.
    """
    members = [m for m in chaired if m.panel.state == PanelState.SCORING]
    if not members:
        return []
    ready = [seat for seat in _unfinished([m.panel_id for m in members]) if _waits(seat)]
    if not ready:
        return []
    profile = people.with_facts(ReviewerProfile.objects.filter(pk=members[0].reviewer_id)).get()
    # ``_chair_stand`` looks at the chair's own assignment.
    prefetch_related_objects(ready, "assignments")
    prefetch_related_objects([seat.case for seat in ready], *people.sides())
    found = people.conflicts([profile], [seat.case for seat in ready])
    declarations = {
        d.panel_case_id: d for d in ChairDeclaration.objects.filter(panel_case__in=ready, reviewer=profile)
    }
    return [
        ChairTask(seat, seat.case.company_name, *_waits(seat))
        for seat in ready
        if not _chair_stand(seat, profile, found, declarations).conflicted
    ]


def _unfinished(panels: Iterable[int]) -> QuerySet[PanelCase]:
    """Cases in review of these panels by due date, with ``active``, ``sent`` and ``signed`` counted. One query."""
    counts = ~Q(assignments__state__in=people.OUT)
    return (
        PanelCase.objects.filter(panel__in=panels, case__state=CaseState.IN_REVIEW)
        .exclude(state=PanelCaseState.CLOSED)
        .select_related("panel", "case__organisation", "case__company", "case__terms", "case__call")
        .annotate(
            active=Count("assignments", filter=counts),
            sent=Count("assignments", filter=Q(assignments__state=AssignmentState.SUBMITTED)),
            signed=Count("assignments__sign_off", filter=counts),
        )
        .order_by("panel__due_on", "case__number")
    )


def next_task(seat: PanelCase, chair: Any) -> ChairTask | None:
    """The next case of the same panel that waits for its chair, after this one and then from the first. One query.

    Cases that the chair declared to keep away from are passed over; where only the data say so, the page tells.
    """
    kept_away = ChairDeclaration.objects.filter(reviewer__user=chair, has_conflict=True).values("panel_case")
    recused = Assignment.objects.filter(reviewer__user=chair, state=AssignmentState.RECUSED).values(
        "panel_case"
    )
    others = (
        _unfinished([seat.panel_id]).exclude(pk=seat.pk).exclude(pk__in=kept_away).exclude(pk__in=recused)
    )
    tasks = [ChairTask(one, one.case.company_name, *_waits(one)) for one in others if _waits(one)]
    later = [task for task in tasks if (task.seat.case.number or "") > (seat.case.number or "")]
    return next(iter(later or tasks), None)


def _waits(seat: Any) -> tuple[str, ...]:
    """Word and sentence of what the chair has to do with a case of :func:`_unfinished`; () while others have to act."""
    if not seat.active or seat.sent < seat.active:
        return ()
    if seat.state == PanelCaseState.OPEN:
        return "評分已收齊", "請看過各委員的評分，再請委員確認結果。"
    if seat.signed == seat.active:
        return "可以完成", "委員都已確認，可以完成這件，送決審。"
    return ()
