"""Pages of calls that anybody may read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from core import clock
from programs import notices, selectors
from programs.enums import CallState
from programs.models import Call
from programs.rules.kinds.registry import GROUPS
from programs.rules.terms import Terms
from programs.selectors.measures import measured


def visible_call(request: HttpRequest, slug: str) -> Call:
    """The call, if this visitor may know of it; else 404."""
    return get_object_or_404(Call.objects.visible_to(request.user).with_terms(), slug=slug)  # type: ignore[arg-type]


def terms_of(call: Call, version: int | None) -> Terms:
    """The call's current terms, or those of a version that was public; else 404. One query for a version."""
    if version is None:
        return call.terms
    return get_object_or_404(call.versions.exclude(frozen_at=None), version=version).terms


def rule_groups(terms: Terms) -> list[dict[str, Any]]:
    """The call's rules by first letter, with the heading that people read."""
    groups: dict[str, list[Any]] = {}
    for rule in terms.rules:
        groups.setdefault(rule.group, []).append(rule)
    return [{"title": GROUPS.get(key, key), "rules": rules} for key, rules in groups.items()]


@login_not_required
@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """All public calls: open, to come, over."""
    now = clock.now()
    groups = selectors.call_list(request.user, now)  # type: ignore[arg-type]
    for call in groups["open"]:
        call.days_left = selectors.days_left(call, now)  # type: ignore[attr-defined]
    return render(request, "programs/call_list.html", {"groups": groups})


@login_not_required
@require_safe
def call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: what it gives, when, to whom, and how to apply."""
    call = visible_call(request, slug)
    context = {
        **call_context(call, clock.now()),
        "extensions": list(call.extensions.all()),
        "single_extensions": notices.single_extensions(call),
        "versions": list(call.versions.exclude(change_note="").order_by("-version")),
        "measured": measured(call),
        "may_see_money": request.user.is_authenticated and request.user.has_permission("plan.view"),
        "may_extend": call.state == CallState.PUBLISHED
        and request.user.is_authenticated
        and request.user.has_permission("case.extend_window"),
    }
    return render(request, "programs/call_detail.html", context)


def call_context(call: Call, now: datetime) -> dict[str, Any]:
    """What the call's page shows of the call itself and its terms; no query."""
    terms = call.terms
    return {
        "call": call,
        "terms": terms,
        "is_open": call.is_open(now),
        "days_left": selectors.days_left(call, now),
        "timetable": selectors.timetable(call, now.date()),
        "rule_groups": rule_groups(terms),
        "limits": terms.of_kind("share_cap", "head_count_cap", "amount_cap"),
        "job_roles": terms.job_role_choices(),
    }


@login_not_required
@require_safe
def rule_detail(request: HttpRequest, slug: str, rule_id: str, version: int | None = None) -> HttpResponse:
    """One rule in plain words, with its clause and the numbers that this call sets, or that a version of it set."""
    call = visible_call(request, slug)
    terms = terms_of(call, version)
    try:
        rule = terms.rule(rule_id)
    except KeyError as missing:
        raise Http404 from missing
    context = {"call": call, "terms": terms, "rule": rule, "version": version}
    return render(request, "programs/rule_detail.html", context)


@login_not_required
@require_safe
def rule_anywhere(request: HttpRequest, rule_id: str) -> HttpResponse:
    """A rule's address without a call leads to the latest public call that has it."""
    for call in Call.objects.listed().with_terms():
        if call.terms.has_rule(rule_id):
            return redirect("calls:rule", slug=call.slug, rule_id=rule_id)
    raise Http404


@login_not_required
@require_safe
def terms_download(request: HttpRequest, slug: str) -> HttpResponse:
    """The call's terms as data (JSON), exactly as the rulebook reads them."""
    call = visible_call(request, slug)
    body = json.dumps(call.current_terms.data, ensure_ascii=False, indent=2)  # type: ignore[union-attr]
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(call.slug)}-terms.json"'
    return response


@login_not_required
@require_safe
def rules_text(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponse:
    """All rules of the call, or of a version of it, on one printable page."""
    call = visible_call(request, slug)
    terms = terms_of(call, version)
    return render(
        request,
        "programs/rules.html",
        {
            "call": call,
            "terms": terms,
            "version": version,
            "rule_groups": rule_groups(terms),
            "back": reverse("calls:detail", args=[slug]),
        },
    )
