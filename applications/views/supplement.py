"""What is asked for in a supplement notice; and the record of a case after it was handed in."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import permissions, selectors
from applications.enums import CaseState
from applications.models import Case, SupplementItem
from applications.selectors import record
from applications.selectors.asked import asked, document_of, section_of
from applications.services import submission as service
from applications.views.cases import user_of
from applications.views.frame import case_frame, section_url
from core import clock
from core.rocdate import TAIPEI, roc
from programs.selectors import work_calendar


@require_safe
def supplement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is asked, why, by when, and where to mend each; then on to the check."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    items = permissions.open_items(case)
    if case.state != CaseState.SUPPLEMENTING or not items:
        return redirect("cases:record", case.pk)
    notice = items[0].supplement
    today = now.astimezone(TAIPEI).date()
    facts = selectors.facts(case)
    found = selectors.findings(case, now, facts=facts)
    stopping = service.stopping(case, found, actor=user, now=now)
    editable = permissions.editable_sections(user, case, now)
    context = case_frame(request, case, now, found=found) | {
        "notice": notice,
        "items": [
            line | {"url": _url(case, line["item"]) if section_of(line["item"]) in editable else ""}
            for line in asked(case)
        ],
        "due": roc(notice.due_on),
        "left": record.days_left(notice, today, work_calendar()),
        "is_last_day": today == notice.due_on,
        "extended": notice.due_on != notice.first_due_on,
        "over": today > notice.due_on,
        "errors": stopping,
        "refusal": permissions.submit_refusal(user, case, now),
        "letter": _letter(case, notice),
        "primary_url": "",
    }
    return render(request, "applications/submit/supplement.html", context)


def _url(case: Case, item: SupplementItem) -> str:
    code = document_of(item)
    return section_url(case, section_of(item)) + (f"#item-{code}" if code else "")


def _letter(case: Case, notice: object) -> str:
    """Address of the notice's letter once it is issued, else ""."""
    document = getattr(notice, "notice", None)
    if document is None or not document.is_issued:
        return ""
    return reverse("documents:download", args=[document.pk])


@require_safe
def case_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Letters, receipts, what was handed in, and the history of a case in the applicant's words."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk, content=False)
    context = {
        "case": case,
        "stages": selectors.stages(case, now),
        "step": selectors.next_step(case, now, mine=permissions.can_submit(user, case, now)),
        "papers": record.papers(case, user),
        "submissions": record.submissions(case),
        "history": record.history(case),
        "received": record.received_words(case),
        "may_withdraw": permissions.can_withdraw(user, case),
        "is_member": permissions.is_member(user, case),
    }
    return render(request, "applications/submit/record.html", context)
