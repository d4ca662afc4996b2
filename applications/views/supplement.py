"""What is asked for in a supplement notice; and the record of a case after it was handed in."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import permissions, selectors
from applications.enums import CaseState, Section
from applications.models import Case, SupplementItem
from applications.selectors import record
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
    stopping = service.stopping(case, found, actor=user)
    editable = permissions.editable_sections(user, case)
    labels = {item.code: item.label for item in case.terms.terms.documents}
    states = selectors.section_states(case)
    context = case_frame(request, case, now, found=found) | {
        "notice": notice,
        "items": [
            {
                "item": item,
                "place": _place(item, labels),
                "url": _url(case, item) if _section(item) in editable else "",
                "touched": _touched(case, item, states, notice.requested_at),
            }
            for item in items
        ],
        "due": roc(notice.due_on),
        "left": record.days_left(notice, today, work_calendar()),
        "is_last_day": today == notice.due_on,
        "extended": notice.due_on != notice.first_due_on,
        "over": today > notice.due_on,
        "errors": stopping,
        "refusal": permissions.submit_refusal(user, case),
        "letter": _letter(case, notice),
        "primary_url": "",
    }
    return render(request, "applications/submit/supplement.html", context)


def _section(item: SupplementItem) -> str:
    return item.where.replace("[", ".").split(".", 1)[0]


def _place(item: SupplementItem, labels: dict[str, str]) -> str:
    section, _, code = item.where.partition(".")
    if section == Section.DOCUMENTS and code:
        return f"{code} {labels.get(code, '')}".strip()
    key = _section(item)
    return str(Section(key).label) if key in Section.values else item.where


def _url(case: Case, item: SupplementItem) -> str:
    section, _, code = item.where.partition(".")
    anchor = f"#item-{code}" if section == Section.DOCUMENTS and code else ""
    return section_url(case, _section(item)) + anchor


def _touched(case: Case, item: SupplementItem, states: dict, since: object) -> bool:  # type: ignore[type-arg]
    """Whether anything was changed at this place since the notice."""
    section, _, code = item.where.partition(".")
    if section == Section.DOCUMENTS and code:
        documents = case.current_documents  # type: ignore[attr-defined]
        return any(d.item == code and d.added_at > since for d in documents)
    state = states.get(_section(item))
    return bool(state and state.saved_at > since)


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
        "step": selectors.next_step(case, now, mine=permissions.can_submit(user, case)),
        "papers": record.papers(case, user),
        "submissions": record.submissions(case),
        "history": record.history(case),
        "received": record.received_words(case),
        "may_withdraw": permissions.can_withdraw(user, case),
        "is_member": permissions.is_member(user, case),
    }
    return render(request, "applications/submit/record.html", context)
