"""Which papers of a case somebody may download; registered with ``documents.access`` at start-up."""

from __future__ import annotations

from typing import Any

from applications.models import CaseLetter
from documents.models import OfficialDocument


def reads_letters_of_cases(user: Any, document: OfficialDocument) -> bool:
    """Members of the company: what is meant for them. Who sees all cases: every paper of one handed in. One query."""
    letter = CaseLetter.objects.filter(document=document).select_related("case").first()
    if letter is None:
        return False
    if letter.for_applicant and letter.case.organisation_id in user.organisation_roles:
        return True
    return bool(letter.case.submitted_at and user.has_permission("case.view_all"))
