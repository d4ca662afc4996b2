"""Which papers of a case somebody may download; registered with ``documents.access`` at start-up."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from applications.models import CaseLetter
from documents.models import OfficialDocument


def reads_letters_of_cases(user: Any, document: OfficialDocument) -> bool:
    """Members of the company: what is meant for them. Who sees all cases: every paper of one handed in. One query."""
    letter = CaseLetter.objects.filter(document=document).select_related("case").first()
    if letter is None:
        return False
    if letter.case.organisation_id in user.organisation_roles:
        return letter.for_applicant  # as a member and no more, whatever office one holds besides
    return bool(letter.case.submitted_at and user.has_permission("case.view_all"))


def papers_of_own_companies(user: Any) -> Q | None:
    """Every paper of a case of one's own company: read as its member, on the case's page, and not as the office."""
    own = list(user.organisation_roles)
    return Q(case_letter__case__organisation__in=own) if own else None
