"""The office's pages of panels: progress without scores, candidates with their conflicts, the automatic plan."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from applications.enums import CaseState
from applications.models import Case
from programs.models import Call
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import Assignment, ChairDeclaration, Panel, PanelCase, PanelMember, ReviewerProfile
from review.rules.assignment import AssignmentPlan, Expert, ReviewJob, assign
from review.rules.conflicts import Conflict
from review.rules.panel import PanelBalance, check_gender
from review.selectors import people

STATE_TONES = {
    AssignmentState.ASSIGNED: "waiting",
    AssignmentState.DECLARED: "waiting",
    AssignmentState.SUBMITTED: "done",
    AssignmentState.RECUSED: "problem",
    AssignmentState.REMOVED: "neutral",
}


def panel_list(*, call: str = "", state: str = "") -> QuerySet[Panel]:
    """Panels with how far they are; counts of submitted sheets, never scores. Two queries with members."""
    rows = Panel.objects.select_related("call").order_by("-call__opens_at", "name")
    if call:
        rows = rows.filter(call__slug=call)
    if state:
        rows = rows.filter(state=state)
    active = ~Q(panel_cases__assignments__state__in=people.OUT) & Q(panel_cases__assignments__isnull=False)
    sent = Q(panel_cases__assignments__state=AssignmentState.SUBMITTED)
    return rows.annotate(
        case_count=Count("panel_cases", distinct=True),
        closed_count=Count("panel_cases", filter=Q(panel_cases__state=PanelCaseState.CLOSED), distinct=True),
        sheet_count=Count("panel_cases__assignments", filter=active, distinct=True),
        sent_count=Count("panel_cases__assignments", filter=sent, distinct=True),
    ).prefetch_related(Prefetch("members", queryset=PanelMember.objects.select_related("reviewer__user")))


def balance(panel: Panel, members: list[PanelMember]) -> PanelBalance:
    """The one-third rule over those who have accepted or may still accept."""
    terms = panel.call.terms
    return check_gender(
        [m.reviewer.gender for m in members if m.state != InvitationState.DECLINED],
        minimum=terms.settings.panel_gender_share,
        reason=panel.gender_exception_reason,
    )


@dataclass(slots=True)
class MemberRow:
    """A member on the panel's page. ``held`` and ``sent``: assignments in this panel."""

    member: PanelMember
    skills: list[str]
    held: int
    sent: int


@dataclass(slots=True)
class CaseRow:
    """A case on the panel's page: who reviews it and how far each is; no scores."""

    seat: PanelCase
    company: str
    assignments: list[Assignment]
    gone: list[Assignment]
    missing: int
    warnings: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(a.state == AssignmentState.SUBMITTED for a in self.assignments)

    @property
    def withdrawn(self) -> bool:
        return self.seat.case.state == CaseState.WITHDRAWN


@dataclass(slots=True)
class PanelPage:
    """Everything that the panel's page shows."""

    panel: Panel
    members: list[MemberRow]
    rows: list[CaseRow]
    balance: PanelBalance
    per_case: int
    blockers: list[str]

    @property
    def accepted(self) -> int:
        return sum(m.member.state == InvitationState.ACCEPTED for m in self.members)

    @property
    def sheets(self) -> int:
        return sum(len(r.assignments) for r in self.rows)

    @property
    def sent(self) -> int:
        return sum(r.sent for r in self.rows)

    @property
    def missing(self) -> int:
        return sum(r.missing for r in self.rows if not r.withdrawn)


def members_of(panel: Panel) -> list[PanelMember]:
    """Members with facts for the conflict rules, the chair first. Five queries."""
    profiles = people.with_facts(ReviewerProfile.objects.all())
    return list(panel.members.prefetch_related(Prefetch("reviewer", queryset=profiles)))


OWN_COMPANY = "您是這家公司的成員，這裡不顯示審查委員。"


def panel_page(panel: Panel, *, own: Collection[int] = ()) -> PanelPage:
    """Members, cases, progress and what is still in the way of the start. Fifteen queries, whatever the size.

    ``own``: organisations of whoever looks; who reviews their cases is not shown.
    """
    members = members_of(panel)
    seats = list(people.seats(panel.pk))
    terms = panel.call.terms
    cases = list(people.cases_for_conflicts(Case.objects.filter(pk__in=[s.case_id for s in seats])))
    found = people.conflicts([m.reviewer for m in members], cases)
    companies = {case.pk: company_name(case) for case in cases}
    rows = [
        CaseRow(seat, companies[seat.case_id], [], [], 0, [OWN_COMPANY])
        if seat.case.organisation_id in own
        else _case_row(seat, companies[seat.case_id], terms.settings.reviewers_per_case, found)
        for seat in seats
    ]
    labels = people.skill_labels()
    active = [a for row in rows for a in row.assignments]
    held = Counter(a.reviewer_id for a in active)
    sent = Counter(a.reviewer_id for a in active if a.state == AssignmentState.SUBMITTED)
    member_rows = [
        MemberRow(
            m,
            [labels.get(s.job_role, s.job_role) for s in m.reviewer.skills.all()],
            held[m.reviewer_id],
            sent[m.reviewer_id],
        )
        for m in members
    ]
    gender = balance(panel, members)
    return PanelPage(
        panel, member_rows, rows, gender, terms.settings.reviewers_per_case,
        start_blockers(panel, members, len(seats), gender),
    )  # fmt: skip


def company_name(case: Case) -> str:
    """The company as named in the case."""
    company = getattr(case, "company", None)
    return (company.name if company else "") or case.organisation.name


def _case_row(
    seat: PanelCase, company: str, per_case: int, found: dict[tuple[str, str], tuple[Conflict, ...]]
) -> CaseRow:
    all_of_it = list(seat.assignments.all())
    active = [a for a in all_of_it if a.state not in people.OUT]
    warnings = [
        f"{a.reviewer.user.name}：{conflict.reason}"
        for a in active
        for conflict in found.get((people.case_key(seat.case), str(a.reviewer_id)), ())
    ]
    gone = [a for a in all_of_it if a.state in people.OUT]
    return CaseRow(seat, company, active, gone, max(0, per_case - len(active)), warnings)


def start_blockers(
    panel: Panel, members: list[PanelMember], cases: int, gender: PanelBalance | None = None
) -> list[str]:
    """What must be done before scoring can start, in words; empty when nothing is in the way."""
    if panel.state != PanelState.FORMING:
        return []
    accepted = [m for m in members if m.state == InvitationState.ACCEPTED]
    least = panel.call.terms.settings.reviewers_per_case
    problems = []
    if not panel.call.budget_promulgated:
        problems.append("中央政府總預算尚未公布，公布後才能開始審查。")
    if len(accepted) < least:
        problems.append(f"已接受的委員 {len(accepted)} 位，每案需 {least} 位，請再邀請委員或等候回覆。")
    if not any(m.is_chair for m in accepted):
        problems.append("請從已接受的委員中指定召集人。")
    # Only those who really sit on the panel count for the rule: an open invitation may still be declined.
    real = check_gender(
        [m.reviewer.gender for m in accepted],
        minimum=panel.call.terms.settings.panel_gender_share,
        reason=panel.gender_exception_reason,
    )
    if accepted and real.needs_reason:
        problems.append(f"{real.finding.message}{real.finding.remedy}")
    if panel.due_on is None:
        problems.append("請訂定評分期限。")
    if not cases:
        problems.append("請先把初審符合的案件排入小組。")
    return problems


def qualified_cases(call: Call) -> QuerySet[Case]:
    """Cases that passed the qualification check and wait for a panel, oldest number first."""
    return (
        Case.objects.filter(call=call, state=CaseState.QUALIFIED, panel_case=None)
        .select_related("organisation")
        .prefetch_related("trainees")
        .order_by("number")
    )


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


# ---- the automatic plan --------------------------------------------------------------------------


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
                company_name(cases[seat.case_id]),
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


def overdue(panel: Panel, today: date) -> bool:
    """Whether the panel's scoring is late."""
    return panel.state == PanelState.SCORING and panel.due_on is not None and today > panel.due_on
