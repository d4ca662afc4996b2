"""The list of cases and the page of one case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.enums import MemberRole
from applications.enums import CaseState
from applications.models import Case, CaseOutcome, Submission, SupplementItem
from applications.permissions import is_member
from applications.selectors.facts import with_content

TONES = {
    CaseState.DRAFT: "mine",
    CaseState.SUPPLEMENTING: "mine",
    CaseState.APPROVED: "done",
    CaseState.REJECTED: "neutral",
    CaseState.RETURNED: "problem",
    CaseState.WITHDRAWN: "neutral",
}


def get_case(user: Any, pk: Any, *, content: bool = True) -> Case:
    """The case if the user may know of it, with its content when wanted; else Http404."""
    cases = Case.objects.visible_to(user)
    cases = with_content(cases) if content else cases.for_list()
    case = cases.filter(pk=pk).first()
    if case is None:
        raise Http404("這裡沒有這件申請案，或它不屬於您的公司。")
    return case


def case_list(user: Any) -> list[Case]:
    """Cases of the user's own companies, the latest change first. One query."""
    submissions = Submission.objects.filter(case=OuterRef("pk"))
    return list(
        Case.objects.filter(organisation__in=user.organisation_roles)
        .for_list()
        .annotate(handed_in=Exists(submissions))
        .order_by("-updated_at")
    )


def startable(user: Any) -> list[Any]:
    """Organisations for which the user may start a case: as owner or editor."""
    writers = (MemberRole.OWNER, MemberRole.EDITOR)
    return [m.organisation for m in user.membership_list if m.role in writers]


def case_page(case: Case, user: Any, now: datetime) -> dict[str, Any]:
    """What the home of a submitted case shows besides its sections: hand-ins, supplements, letters, outcome.

    At most four queries; a draft has none of them.
    """
    if case.submitted_at is None:
        return {"submissions": [], "supplements": [], "letters": [], "outcome": None}
    letters = case.letters.select_related("document").order_by("pk")
    if is_member(user, case):
        letters = letters.filter(for_applicant=True)
    items = SupplementItem.objects.filter(supplement__case=case).select_related("supplement").order_by("pk")
    return {
        "submissions": list(case.submissions.select_related("receipt").defer("snapshot")),
        "supplements": list(items),
        "letters": list(letters),
        "outcome": CaseOutcome.objects.filter(case=case).first(),
    }
