"""Who can review a case: the candidates of one case with their conflicts, and the automatic plan of a whole panel."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from applications.enums import CaseState
from applications.models import Case
from programs.models import Call
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelCaseState
from review.models import Assignment, ChairDeclaration, Panel, PanelCase, ReviewerProfile
from review.rules.assignment import AssignmentPlan, Expert, ReviewJob, assign
from review.rules.conflicts import Conflict
from review.selectors import people
from review.selectors.panels import OWN_COMPANY, members_of


@dataclass(slots=True)
class Candidate:
    """An expert for one case: whether he or she can be assigned, and if not, why."""

    profile: ReviewerProfile
    skills: list[str]
    load: int
    conflicts: tuple[Conflict, ...]
    assignment: Assignment | None
    is_chair: bool
    declared: bool = False

    @property
    def refusal(self) -> str:
        """Why the expert can't be assigned, "" when nothing speaks against it."""
        if self.declared:
            return "召集人已聲明與這件有利益關係"
        if self.conflicts:
            return "須迴避"
        state = self.assignment.state if self.assignment else ""
        if state == AssignmentState.RECUSED:
            return "委員已聲明迴避"
        return "已指派" if state and state != AssignmentState.REMOVED else ""

    @property
    def full(self) -> bool:
        return self.load >= self.profile.capacity


def loads(call: Call) -> Counter[int]:
    """Cases that each expert holds in the call. One query."""
    rows = (
        Assignment.objects.active()
        .filter(panel_case__panel__call=call)
        .order_by()
        .values_list("reviewer")
        .annotate(n=Count("pk"))
    )
    return Counter(dict(rows))


def candidates(seat: PanelCase) -> list[Candidate]:
    """Every accepted member for one case, those who can take it first. At most 14 queries."""
    members = [m for m in members_of(seat.panel) if m.state == InvitationState.ACCEPTED]
    cases = list(people.cases_for_conflicts(Case.objects.filter(pk=seat.case_id)))
    found = people.conflicts([m.reviewer for m in members], cases)
    roles = {t.job_role for t in cases[0].trainees.all()}
    held = loads(seat.panel.call)
    own = {a.reviewer_id: a for a in seat.assignments.all()}
    declared = set(
        ChairDeclaration.objects.filter(panel_case=seat, has_conflict=True).values_list("reviewer", flat=True)
    )
    terms = seat.panel.call.terms
    rows = [
        Candidate(
            profile=m.reviewer,
            skills=[
                terms.label("job_roles", s.job_role) for s in m.reviewer.skills.all() if s.job_role in roles
            ],
            load=held[m.reviewer_id],
            conflicts=found.get((people.case_key(seat.case), str(m.reviewer_id)), ()),
            assignment=own.get(m.reviewer_id),
            is_chair=m.is_chair,
            declared=m.reviewer_id in declared,
        )
        for m in members
    ]
    return sorted(rows, key=lambda c: (bool(c.refusal), not c.skills, c.load, c.profile.user.name))


@dataclass(frozen=True, slots=True)
class Proposed:
    """One assignment that the plan adds."""

    seat: PanelCase
    reviewer: ReviewerProfile
    explanation: str


@dataclass(slots=True)
class PlanRow:
    """A case in the preview: who stays, who comes, what stays empty and why."""

    seat: PanelCase
    company: str
    fixed: list[str]
    new: list[Proposed]
    barred: list[str]
    unfilled: str = ""
    unmatched: bool = False


@dataclass(slots=True)
class PlanPage:
    """The preview. ``digest`` stands for exactly this plan: applying another one is refused."""

    rows: list[PlanRow]
    loads: list[tuple[str, int, int, int]]
    proposed: list[Proposed]
    digest: str
    imbalance: int
    unfilled: int


def plan(panel: Panel) -> PlanPage:
    """What the automatic assignment would do now. Deterministic; raises AssignmentError. Fifteen queries at most."""
    members = [m for m in members_of(panel) if m.state == InvitationState.ACCEPTED and m.reviewer.active]
    profiles = {str(m.reviewer_id): m.reviewer for m in members}
    seats = [
        s
        for s in people.seats(panel.pk)
        if s.state == PanelCaseState.OPEN and s.case.state in (CaseState.QUALIFIED, CaseState.IN_REVIEW)
    ]
    cases = {
        c.pk: c for c in people.cases_for_conflicts(Case.objects.filter(pk__in=[s.case_id for s in seats]))
    }
    found = people.conflicts(profiles.values(), cases.values())
    pairs = set(found) | _spoken_for(seats)
    held = loads(panel.call)
    here: Counter[int] = Counter()
    jobs = []
    for seat in seats:
        fixed = {a.reviewer_id for a in seat.assignments.all() if a.state not in people.OUT}
        here.update(fixed)
        roles = frozenset(t.job_role for t in cases[seat.case_id].trainees.all() if t.job_role)
        # A conflict that came up after an assignment is for a person to solve; it must not stop the rest.
        pairs -= {(people.case_key(seat.case), str(pk)) for pk in fixed}
        jobs.append(ReviewJob(people.case_key(seat.case), roles, frozenset(str(pk) for pk in fixed)))
    experts = [
        Expert(
            key,
            frozenset(s.job_role for s in p.skills.all()),
            p.capacity,
            held[p.pk] - here[p.pk],
        )
        for key, p in profiles.items()
    ]
    per_case = panel.call.terms.settings.reviewers_per_case
    result = assign(jobs, experts, per_case=per_case, conflicts=frozenset(pairs))
    return _plan_page(panel, seats, cases, profiles, jobs, result, found)


def hide_own(page: PlanPage, own: Collection[int]) -> None:
    """Take from the preview who reviews, or would review, the cases of these organisations. No query."""
    for row in page.rows:
        if row.seat.case.organisation_id in own:
            row.fixed, row.new, row.barred = [], [], [OWN_COMPANY]


def _spoken_for(seats: list[PanelCase]) -> set[tuple[str, str]]:
    """Pairs that a person has taken out: recused, removed, or a chair's declared conflict. One query."""
    keys = {s.pk: people.case_key(s.case) for s in seats}
    gone = {
        (keys[s.pk], str(a.reviewer_id)) for s in seats for a in s.assignments.all() if a.state in people.OUT
    }
    declared = ChairDeclaration.objects.filter(panel_case__in=keys, has_conflict=True)
    return gone | {
        (keys[seat], str(reviewer)) for seat, reviewer in declared.values_list("panel_case", "reviewer")
    }


def _plan_page(
    panel: Panel,
    seats: list[PanelCase],
    cases: dict[Any, Case],
    profiles: dict[str, ReviewerProfile],
    jobs: list[ReviewJob],
    result: AssignmentPlan,
    found: dict[tuple[str, str], tuple[Conflict, ...]],
) -> PlanPage:
    terms = panel.call.terms
    names = {key: p.user.name for key, p in profiles.items()}
    unfilled = {u.case: u for u in result.unfilled}
    by_key = {job.case: job for job in jobs}
    rows, proposed = [], []
    for seat in seats:
        key = people.case_key(seat.case)
        job = by_key[key]
        new = []
        for reviewer in result.assigned[key]:
            if reviewer in job.fixed:
                continue
            profile = profiles[reviewer]
            match = [s.job_role for s in profile.skills.all() if s.job_role in job.roles]
            words = (
                f"專長相符（{'、'.join(terms.label('job_roles', r) for r in match)}）"
                if match
                else "沒有相符的專長，為平均件數而排入"
            )
            new.append(
                Proposed(
                    seat,
                    profile,
                    f"{words}；分派後共 {result.loads[reviewer]} 件，上限 {profile.capacity} 件"[:300],
                )
            )
        proposed += new
        fixed = [a.reviewer.user.name for a in seat.assignments.all() if str(a.reviewer_id) in job.fixed]
        barred = [
            f"{names[r]}：{'；'.join(c.reason for c in reasons)}"
            for (case, r), reasons in found.items()
            if case == key and r not in job.fixed
        ]
        rows.append(
            PlanRow(
                seat,
                cases[seat.case_id].company_name,
                fixed,
                new,
                barred,
                unfilled[key].reason if key in unfilled else "",
                key in result.unmatched,
            )
        )
    pairs = sorted((str(p.seat.pk), str(p.reviewer.pk)) for p in proposed)
    digest = hashlib.sha256(json.dumps([panel.pk, pairs]).encode()).hexdigest()
    added = Counter(str(p.reviewer.pk) for p in proposed)
    load_rows = [
        (names[key], result.loads[key] - added[key], result.loads[key], profiles[key].capacity)
        for key in profiles
    ]
    return PlanPage(
        rows,
        sorted(load_rows, key=lambda r: (-r[2], r[0])),
        proposed,
        digest,
        result.imbalance,
        sum(u.missing for u in result.unfilled),
    )


def get_seat(user: Any, pk: int) -> PanelCase | None:
    """A case of a panel for those who manage panels and do not belong to the applicant. Two queries."""
    if not user.has_permission(permissions.MANAGE):
        return None
    seat = (
        PanelCase.objects.select_related(
            "panel__call__current_terms", "case__organisation", "case__company", "book"
        )
        .prefetch_related(people.ASSIGNMENTS)
        .filter(pk=pk)
        .first()
    )
    return seat if seat and not permissions.member_of_company(user, seat) else None
