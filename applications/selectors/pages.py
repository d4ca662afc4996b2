"""The list of cases and the page of one case."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.http import Http404
from django.urls import reverse

from accounts.enums import MemberRole
from applications.enums import CaseState, OutcomeResult, SupplementState
from applications.models import Case, CaseOutcome, SupplementItem
from applications.permissions import is_member
from applications.selectors.facts import fetch
from programs.rules import granting
from programs.selectors.ledger import freezing

TONES = {
    CaseState.DRAFT: "mine",
    CaseState.SUPPLEMENTING: "mine",
    CaseState.APPROVED: "done",
    CaseState.REJECTED: "neutral",
    CaseState.RESERVED: "waiting",
    CaseState.FORFEITED: "neutral",
    CaseState.RETURNED: "problem",
    CaseState.WITHDRAWN: "neutral",
}


def get_case(user: Any, pk: Any, *, content: bool = True) -> Case:
    """The case if the user may know of it, with its content when wanted; else Http404.

    With its content comes ``budget_frozen``: whether a freeze falls on the budget of its call (X6).
    """
    cases = Case.objects.visible_to(user)
    frozen = Exists(freezing(OuterRef("call")))
    case = (
        fetch(cases.annotate(budget_frozen=frozen), pk) if content else cases.for_list().filter(pk=pk).first()
    )
    if case is None:
        raise Http404("這裡沒有這件申請案，或它不屬於您的公司或單位。")
    return case


def case_list(user: Any) -> list[Case]:
    """Cases of the user's own companies, the latest change first. One query."""
    return list(
        Case.objects.filter(organisation__in=user.organisation_roles)
        .for_list()
        .annotate(own_closes_at=Max("window_extensions__closes_at"))
        .order_by("-updated_at")
    )


def startable(user: Any) -> list[Any]:
    """Organisations for which the user may start a case: as owner or editor."""
    writers = (MemberRole.OWNER, MemberRole.EDITOR)
    return [m.organisation for m in user.membership_list if m.role in writers]


def case_page(case: Case, user: Any) -> dict[str, Any]:
    """What the home of a submitted case shows besides its sections: supplements, letters, hand-ins, outcome.

    At most three queries, and one that ``permissions.open_items`` then needs no more; none for a draft.
    """
    if case.submitted_at is None:
        return {"handed_in": [], "supplements": [], "letters": [], "outcome": None}
    letters = case.letters.select_related("document").order_by("pk")
    if is_member(user, case):
        letters = letters.filter(for_applicant=True)
    items = list(
        SupplementItem.objects.filter(supplement__case=case)
        .select_related("supplement")
        .order_by("supplement__sequence", "pk")
    )
    case.__dict__["_open_items"] = [i for i in items if i.supplement.state == SupplementState.OPEN]
    answered = {
        i.supplement.sequence: i.supplement for i in items if i.supplement.state == SupplementState.ANSWERED
    }
    outcome = getattr(case, "outcome", None)
    terms = case.terms.terms
    return {
        "appeal": terms.of_kind("no_appeal"),
        "reserve_places": granting.reserve_places(terms, outcome.granted) if outcome else None,
        "refill_place": _refill_place(outcome)
        if outcome and outcome.result == OutcomeResult.RESERVED
        else None,
        "handed_in": [("申請送件", case.submitted_at)]
        + [(f"第 {number} 次補件", one.ended_at) for number, one in answered.items()],
        "supplements": items,
        "letters": list(letters),
        "outcome": outcome,
    }


def _refill_place(own: CaseOutcome) -> int:
    """The place on the reserve list, in the order of the review (RA8). One query."""
    waiting = CaseOutcome.objects.filter(case__call=own.case.call_id, result=OutcomeResult.RESERVED)
    return 1 + waiting.filter(Q(rank__lt=own.rank) | Q(rank=own.rank, pk__lt=own.pk)).count()


def rule_base(case: Case) -> str:
    """Where the rules of the case are explained; ``components/finding.html`` adds the rule.

    A case that began with an earlier version of the call's terms reads its own.
    """
    if case.terms_id == case.call.current_terms_id:
        return reverse("calls:rules", args=[case.call.slug])
    return reverse("calls:version_rules", args=[case.call.slug, case.terms.version])
