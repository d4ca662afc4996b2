"""The public self-check. It stores nothing: the answers stay in the address, so a result can be kept or sent on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import clock
from core.findings import Severity
from programs.forms.selfcheck import SelfCheckForm
from programs.models import Call
from programs.rules.selfcheck import SelfCheckError, selfcheck
from programs.views.public import visible_call


@login_not_required
def self_check(request: HttpRequest, slug: str) -> HttpResponse:
    """Ten questions; the answer as a sentence, then rule by rule, and the highest subsidy for the head-count."""
    return render(
        request, "programs/self_check.html", check_context(request, visible_call(request, slug), clock.now())
    )


def check_context(request: HttpRequest, call: Call, now: datetime) -> dict[str, Any]:
    """The questions and, once something is answered, the result; no query."""
    terms = call.terms
    form = SelfCheckForm(request.GET or None, terms=terms)
    context: dict[str, Any] = {"call": call, "terms": terms, "form": form, "is_open": call.is_open(now)}
    if form.is_bound and form.is_valid():
        try:
            result = selfcheck(terms, form.answers())
        except SelfCheckError as refused:
            for key, message in refused.problems.items():
                form.add_error(key if key in form.fields else None, message)
        else:
            labels = {q.key: (n, q.text) for n, q in enumerate(terms.selfcheck, start=1)}
            context |= {
                "result": result,
                "problems": [f for f in result.findings if f.severity in (Severity.ERROR, Severity.WARNING)],
                "passed": [f for f in result.findings if f.severity is Severity.OK],
                "unanswered": [labels[key] for key in result.unanswered],
                "answered_all": not result.unanswered,
            }
    return context
