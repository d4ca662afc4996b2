"""Experts and cases as the conflict rules see them, and the pool with everybody's workload."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Membership
from applications.models import Case
from programs.models import Call
from review.enums import AssignmentState, PanelState
from review.models import Assignment, PanelCase, QualificationCheck, ReviewerProfile
from review.rules.conflicts import Avoided, CaseSide, Conflict, ReviewerFacts, Tie, conflict_pairs

ASSIGNMENTS = Prefetch(
    "assignments", queryset=Assignment.objects.select_related("reviewer__user").order_by("pk")
)
OUT = (AssignmentState.REMOVED, AssignmentState.RECUSED)
_OPEN = Q(assignments__panel_case__panel__state__in=[PanelState.FORMING, PanelState.SCORING])


def skill_labels() -> dict[str, str]:
    """Job role → its label, of every published call; the newest call names it. One query, no terms parsed."""
    found = [call.current_terms.data for call in Call.objects.public().with_terms() if call.current_terms]
    return {role["key"]: role["label"] for data in reversed(found) for role in data.get("job_roles", ())}


def skill_choices() -> tuple[list[tuple[str, list[tuple[str, str]]]], dict[str, str]]:
    """Job roles of every call that has terms: grouped for forms, and key → label. One query."""
    groups: dict[str, dict[str, str]] = {}
    for call in Call.objects.public().with_terms():
        if call.current_terms is None:
            continue
        for label, roles in call.terms.job_role_choices():
            groups.setdefault(label, {}).update({k: v for k, v in roles if k not in groups.get(label, {})})
    labels = {k: v for roles in groups.values() for k, v in roles.items()}
    return [(group, list(roles.items())) for group, roles in groups.items()], labels


def office_behind(case_number: str) -> set[int]:
    """Accounts of the office that handled a case's qualification: whom a complaint about it concerns. One query."""
    rows = QualificationCheck.objects.filter(case__number__iexact=case_number)
    found = rows.values_list("officer", "items__judged_by")
    return {pk for pair in found for pk in pair if pk}


def with_workload(reviewers: QuerySet[ReviewerProfile]) -> QuerySet[ReviewerProfile]:
    """Add ``held`` (cases that count, in panels not closed), ``done`` (submitted of them) and ``all_time``."""
    counts = ~Q(assignments__state__in=OUT)
    return reviewers.annotate(
        held=Count("assignments", filter=_OPEN & counts, distinct=True),
        done=Count(
            "assignments", filter=_OPEN & Q(assignments__state=AssignmentState.SUBMITTED), distinct=True
        ),
        all_time=Count("assignments", filter=counts, distinct=True),
    )


def pool(*, q: str = "", skill: str = "", gender: str = "", active: str = "yes") -> QuerySet[ReviewerProfile]:
    """The pool, filtered. Two queries with skills."""
    rows = ReviewerProfile.objects.select_related("user").prefetch_related("skills")
    if q:
        rows = rows.filter(
            Q(user__name__icontains=q)
            | Q(user__email__icontains=q)
            | Q(organisation_name__icontains=q)
            | Q(field__icontains=q)
        )
    if skill:
        rows = rows.filter(pk__in=ReviewerProfile.objects.filter(skills__job_role=skill))
    if gender:
        rows = rows.filter(gender=gender)
    if active in ("yes", "no"):
        rows = rows.filter(active=active == "yes")
    return with_workload(rows).order_by("user__name", "pk")


def with_facts(reviewers: QuerySet[ReviewerProfile]) -> QuerySet[ReviewerProfile]:
    """Prefetch what :func:`reviewer_facts` reads: four queries."""
    memberships = Membership.objects.select_related("organisation")
    return reviewers.select_related("user").prefetch_related(
        "skills", "ties", Prefetch("user__memberships", queryset=memberships)
    )


def reviewer_facts(profile: ReviewerProfile) -> ReviewerFacts:
    """An expert for the conflict rules; companies whose member the account is count as where he or she works."""
    companies = [m.organisation for m in profile.user.memberships.all()]
    return ReviewerFacts(
        key=str(profile.pk),
        name=profile.user.name,
        organisations=(profile.organisation_name, *(c.name for c in companies)),
        ubns=tuple(u for u in (profile.organisation_ubn, *(c.ubn for c in companies)) if u),
        emails=(profile.user.email,),
        ties=tuple(Tie(t.organisation_name, t.organisation_ubn, t.note) for t in profile.ties.all()),
    )


def cases_for_conflicts(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Prefetch what :func:`case_side` reads: five queries however many cases."""
    return cases.select_related("organisation", "company", "terms", "call").prefetch_related(*sides())


def sides(prefix: str = "") -> list[Prefetch]:
    """The prefetches of :func:`case_side`, from a case or, with ``prefix``, from what leads to one."""
    members = Membership.objects.select_related("user")
    return [
        *(Prefetch(f"{prefix}{name}") for name in ("trainees", "courses", "avoided_reviewers")),
        Prefetch(f"{prefix}organisation__memberships", queryset=members),
    ]


def case_side(case: Case) -> CaseSide:
    """The applicant's side for the conflict rules: company, its people's mail, schools and lecturers' employers."""
    company = getattr(case, "company", None)
    kinds = {choice.key for choice in case.terms.terms.lecturer_kinds}
    partners = [t.school for t in case.trainees.all()]
    partners += [c.lecturer_affiliation for c in case.courses.all() if c.lecturer_affiliation not in kinds]
    emails = [m.user.email for m in case.organisation.memberships.all()]
    emails.append(company.contact_email if company else case.organisation.contact_email)
    return CaseSide(
        case=case_key(case),
        organisation=case.company_name,
        ubn=case.organisation.ubn,
        emails=tuple(dict.fromkeys(e for e in emails if e)),
        partners=tuple(dict.fromkeys(p for p in partners if p.strip())),
        avoided=tuple(Avoided(a.name, a.organisation, a.reason) for a in case.avoided_reviewers.all()),
    )


def case_key(case: Case) -> str:
    """How the rules and their messages name a case: its number, unique in a call."""
    return case.number or str(case.pk)


def conflicts(
    reviewers: Iterable[ReviewerProfile], cases: Iterable[Case]
) -> dict[tuple[str, str], tuple[Conflict, ...]]:
    """Every automatic conflict by (case key, reviewer key), for rows loaded with the prefetches above."""
    return conflict_pairs([reviewer_facts(r) for r in reviewers], [case_side(c) for c in cases])


def seats(panel_pk: int) -> QuerySet[PanelCase]:
    """The cases of a panel with their assignments. Two queries with the prefetch."""
    return (
        PanelCase.objects.filter(panel=panel_pk)
        .select_related("case", "case__organisation", "case__terms", "case__call", "panel", "book")
        .prefetch_related(ASSIGNMENTS)
        .order_by("case__number")
    )
