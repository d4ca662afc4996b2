"""The office's pages of panels: progress without scores, members, and what is in the way of the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from applications.enums import CaseState
from applications.models import Case
from programs.models import Call
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.models import Assignment, Panel, PanelCase, PanelMember, ReviewerProfile
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
    companies = {case.pk: case.company_name for case in cases}
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


def overdue(panel: Panel, today: date) -> bool:
    """Whether the panel's scoring is late."""
    return panel.state == PanelState.SCORING and panel.due_on is not None and today > panel.due_on
