"""The reviewer's sheet rendered from a call's draft, for a sample case that exists in memory alone."""

from __future__ import annotations

import re
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from programs import previews
from programs.models import Call
from programs.rules import granting
from programs.rules.check import advantage_facts
from programs.rules.facts import CaseFacts
from review.rules.sheet import check_sheet
from review.selectors.reviewing import SheetFacts, SheetValues, scheme_of

COMPANY = "範例股份有限公司"


def register() -> None:
    """Tell the designer about the reviewer's page."""
    previews.register(previews.Preview("sheet", "評分表", "審查委員", _render))


def _render(request: HttpRequest, call: Call, page: str, mark: dict[str, object]) -> HttpResponse:
    from review.forms.sheet import SheetForm
    from review.views.sheet import sheet_context

    terms = call.terms
    known = CaseFacts()
    totals = granting.asks(terms, known)
    facts = SheetFacts(
        known,
        {total.key: total.requested for total in totals},
        totals,
        advantage_facts(terms, known, {}),
        [(kind.label, 0) for kind in terms.trainee_kinds],
        0,
    )
    values = SheetValues(None, {}, {}, {})
    form = SheetForm(None, terms=terms, requested=facts.requested)
    scheme = scheme_of(terms)
    todo = check_sheet(
        scheme,
        {},
        amounts={},
        requested=facts.requested,
        labels={},
        grant=terms.grant,
        recommends=None,
        comment="",
    )
    context = {
        **sheet_context(form, facts, values, todo),
        "assignment": SimpleNamespace(pk=0, state="declared"),
        "seat": SimpleNamespace(panel=SimpleNamespace(name="範例小組", due_on=None), book=None),
        "number": "範例案件",
        "company": COMPANY,
        "plan_title": "範例計畫",
        "call": call.name,
        "done": 0,
        "all": 1,
    }
    home = re.escape(reverse("review:home"))
    return previews.page(
        request, "review/reviewer/sheet.html", context, mark, dead=f'{home}(assignments/0/[^"]*)?'
    )
