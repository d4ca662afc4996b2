"""The reviewer's pages: what waits, the sheet beside the case, and the result when everybody has submitted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch

from applications.enums import CaseState
from applications.models import Case, CaseDocument
from applications.selectors import facts as case_facts
from applications.selectors import with_content
from programs.rules import granting
from programs.rules.check import AdvantageFact, advantage_facts
from programs.rules.facts import CaseFacts
from programs.rules.terms import Terms
from programs.selectors import zones
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import Assignment, CriterionScore, PanelMember, RecommendedAmount, ScoreSheet
from review.rules import scoring
from review.selectors.panels import STATE_TONES

_READ = ("partners", "trainees", "courses", "budget_lines", "outcome_promises", "advantage_claims")
_UNREAD = ("plan_texts", "milestones", "other_fundings", "avoided_reviewers")
OPEN_STATES = (AssignmentState.ASSIGNED, AssignmentState.DECLARED)


def scheme_of(terms: Terms) -> scoring.Scheme:
    """The call's criteria as the arithmetic takes them."""
    return scoring.Scheme(
        tuple(scoring.Criterion(c.id, Fraction(c.weight), c.label) for c in terms.criteria),
        Fraction(terms.settings.scoring_scale),
    )


def my_assignments(user: Any) -> list[Assignment]:
    """Everything that the expert has or had in started panels, by due date. Two queries."""
    return list(
        Assignment.objects.mine(user)
        .select_related(
            "panel_case__panel__call__current_terms", "panel_case__case__organisation", "panel_case__case__company",
            "sign_off",
        )
        .order_by("panel_case__panel__due_on", "panel_case__case__number", "pk")
    )  # fmt: skip


@dataclass(slots=True)
class WorkRow:
    """A case in the reviewer's list: number, company, title and call, and the next step; nothing else of it."""

    assignment: Assignment
    label: str
    tone: str
    action: str
    url_name: str
    company: str
    overdue: bool
    live: bool

    @property
    def case(self) -> Case:
        return self.assignment.panel_case.case


@dataclass(slots=True)
class ReviewerHome:
    """The reviewer's home."""

    invitations: list[PanelMember]
    panels: list[dict[str, Any]]
    rows: list[WorkRow]
    past: list[WorkRow]
    chaired: list[PanelMember]
    next: WorkRow | None
    to_sign: int

    @property
    def todo(self) -> list[WorkRow]:
        """What waits for the reviewer, by due date."""
        return [row for row in self.rows if row.tone == "mine"]

    @property
    def rest(self) -> list[WorkRow]:
        """What was handed in, recused or withdrawn."""
        return [row for row in self.rows if row.tone != "mine"]


def _row(assignment: Assignment, today: date) -> WorkRow:
    seat = assignment.panel_case
    stopped = seat.case.state == CaseState.WITHDRAWN
    live = seat.panel.state == PanelState.SCORING and not stopped
    label, tone = assignment.get_state_display(), STATE_TONES[AssignmentState(assignment.state)]
    action, url = "查看評分表", "review:sheet"
    if stopped:
        label, tone, action = "申請單位已撤案", "neutral", ""
    elif assignment.state == AssignmentState.RECUSED:
        action = ""
    elif assignment.state == AssignmentState.ASSIGNED:
        tone, action, url = "mine", "簽署聲明", "review:declare"
    elif assignment.state == AssignmentState.DECLARED:
        tone, action = "mine", "評分"
    elif seat.state == PanelCaseState.SIGNING and getattr(assignment, "sign_off", None) is None:
        label, tone, action, url = "請確認審查結果", "mine", "確認結果", "review:sign_off"
    elif seat.state == PanelCaseState.CLOSED:
        label = "審查完成"
    late = seat.panel.due_on is not None and today > seat.panel.due_on and assignment.state in OPEN_STATES
    return WorkRow(assignment, label, tone, action, url, seat.case.company_name, bool(late and live), live)


def work_rows(user: Any, today: date) -> list[WorkRow]:
    """The reviewer's rows in order. Two queries."""
    return [_row(a, today) for a in my_assignments(user)]


def next_row(rows: list[WorkRow], *, after: int | None = None) -> WorkRow | None:
    """The next case to work on, preferably one after the assignment ``after``; None when all is done."""
    todo = [r for r in rows if r.live and r.tone == "mine"]
    if after is not None:
        order = [r.assignment.pk for r in rows]
        place = order.index(after) if after in order else -1
        todo = [r for r in todo if r.assignment.pk != after]
        later = [r for r in todo if order.index(r.assignment.pk) > place]
        todo = later or todo
    return todo[0] if todo else None


def reviewer_home(user: Any, today: date) -> ReviewerHome:
    """Invitations, progress by panel, cases, panels that the user chairs. Four queries."""
    rows = work_rows(user, today)
    seats = list(
        PanelMember.objects.filter(reviewer__user=user)
        .select_related("panel__call", "reviewer")
        .order_by("panel__due_on", "pk")
    )
    current = [r for r in rows if r.live]
    total, done = Counter[int](), Counter[int]()
    for row in current:
        if row.assignment.state == AssignmentState.RECUSED:
            continue
        total[row.assignment.panel_case.panel_id] += 1
        done[row.assignment.panel_case.panel_id] += row.assignment.state == AssignmentState.SUBMITTED
    panels = [
        {
            "panel": m.panel,
            "total": total[m.panel_id],
            "done": done[m.panel_id],
            "late": bool(m.panel.due_on and today > m.panel.due_on and done[m.panel_id] < total[m.panel_id]),
            "days": (m.panel.due_on - today).days if m.panel.due_on else None,
        }
        for m in seats
        if m.state == InvitationState.ACCEPTED and m.panel.state == PanelState.SCORING
    ]
    return ReviewerHome(
        invitations=[
            m for m in seats if m.state == InvitationState.INVITED and m.panel.state != PanelState.CLOSED
        ],
        panels=panels,
        rows=current,
        past=[r for r in rows if not r.live],
        chaired=[
            m
            for m in seats
            if m.is_chair and m.state == InvitationState.ACCEPTED and m.panel.state != PanelState.FORMING
        ],
        next=next_row(rows),
        to_sign=sum(r.url_name == "review:sign_off" for r in current),
    )


def get_mine(user: Any, pk: int) -> Assignment | None:
    """The expert's own assignment with all that a page about it needs, None for anybody else's. Two queries."""
    return (
        Assignment.objects.mine(user)
        .select_related(
            "reviewer__user", "panel_case__panel__call__current_terms", "panel_case__book",
            "panel_case__case__organisation", "panel_case__case__company", "panel_case__case__terms",
            "panel_case__case__call", "declaration", "sign_off",
        )
        .filter(pk=pk)
        .first()
    )  # fmt: skip


@dataclass(slots=True)
class SheetFacts:
    """What the sheet shows of the case beside the PDF, worked out from what was entered."""

    case: CaseFacts
    requested: dict[str, int]
    totals: list[Any]
    advantages: list[AdvantageFact]
    heads: list[tuple[str, int]]
    hours: int

    @property
    def requested_total(self) -> int:
        return sum(self.requested.values())

    @property
    def held(self) -> int:
        """How many advantages hold."""
        return sum(fact.holds is True for fact in self.advantages)


def requested_amounts(case: Case) -> dict[str, int]:
    """What is asked for in each line of the grant, in its unit. One query unless prefetched."""
    terms = case.terms.terms
    if not terms.in_dollars:
        heads = sum(partner.heads or 0 for partner in case.partners.all())
        return dict.fromkeys((line.key for line in terms.award_lines), heads)
    sums: Counter[str] = Counter()
    for line in case.budget_lines.all():
        sums[line.account] += line.subsidy or 0
    return {a.key: sums[a.key] for a in terms.accounts}


def sheet_facts(case: Case) -> SheetFacts:
    """Requested amounts, advantages (R5, R6), head-count and hours. Eight queries."""
    # What the sheet does not show (texts, schedule, files, people to avoid) is not even read.
    unread = [
        Prefetch(name, queryset=getattr(Case, name).rel.related_model.objects.none()) for name in _UNREAD
    ]
    files = Prefetch("case_documents", queryset=CaseDocument.objects.none(), to_attr="current_documents")
    rows = with_content(Case.objects.all()).prefetch_related(None)
    case = rows.prefetch_related(*_READ, *unread, files).get(pk=case.pk)
    terms = case.terms.terms
    facts = case_facts(case)
    totals = granting.asks(terms, facts)
    heads = Counter(t.kind for t in facts.trainees or ())
    return SheetFacts(
        facts,
        {t.key: t.requested for t in totals},
        totals,
        advantage_facts(terms, facts, zones()),
        [(k.label, heads[k.key]) for k in terms.trainee_kinds],
        sum(t.planned_hours or 0 for t in facts.trainees or ()),
    )


@dataclass(slots=True)
class SheetValues:
    """A sheet's values as stored: None where nothing was entered."""

    sheet: ScoreSheet | None
    scores: dict[str, Decimal]
    comments: dict[str, str]
    amounts: dict[str, int]

    @property
    def version(self) -> int:
        return self.sheet.version if self.sheet else 0

    def exact(self) -> dict[str, Fraction]:
        """Scores for the arithmetic."""
        return {key: Fraction(value) for key, value in self.scores.items()}


def sheet_values(assignment: Assignment) -> SheetValues:
    """The stored values of one sheet. Three queries."""
    sheet = ScoreSheet.objects.select_related("document").filter(assignment=assignment).first()
    return values_of(sheet) if sheet else SheetValues(None, {}, {}, {})


def values_of(sheet: ScoreSheet) -> SheetValues:
    """The same for a sheet at hand, prefetched or not."""
    scores = list(sheet.scores.all())
    return SheetValues(
        sheet,
        {s.criterion: s.score for s in scores if s.score is not None},
        {s.criterion: s.comment for s in scores if s.comment},
        {a.account: a.amount for a in sheet.amounts.all() if a.amount is not None},
    )


def running_total(values: SheetValues, terms: Terms) -> Decimal:
    """Points of 100 reached so far, two decimals."""
    known = {c.id for c in terms.criteria}
    return scoring.display(
        scoring.running_total({k: v for k, v in values.exact().items() if k in known}, scheme_of(terms))
    )


def with_sheets(assignments: Any) -> Any:
    """Prefetch sheets with scores and amounts: three queries."""
    return assignments.select_related("reviewer__user", "sign_off").prefetch_related(
        Prefetch("sheet", queryset=ScoreSheet.objects.select_related("document")),
        Prefetch("sheet__scores", queryset=CriterionScore.objects.all()),
        Prefetch("sheet__amounts", queryset=RecommendedAmount.objects.all()),
    )
