"""Pages of other apps rendered from terms that are not public yet; they register, as imports point down only.

A preview writes nothing: the call and everything that hangs on it exist in memory alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from programs.enums import CallState
from programs.models import Call, CallTerms
from programs.rules.terms import Terms

#: (request, call, which page of the preview, template context of the mark) → the page
Render = Callable[[HttpRequest, Call, str, dict[str, object]], HttpResponse]


@dataclass(frozen=True, slots=True)
class Preview:
    """One audience's page. ``pages``: (key, label) of each page that it has, given the terms."""

    key: str
    label: str
    audience: str
    render: Render
    pages: Callable[[Terms], list[tuple[str, str]]] = lambda terms: []


_previews: dict[str, Preview] = {}


def register(preview: Preview) -> Preview:
    """Add a preview; twice the same key replaces it."""
    _previews[preview.key] = preview
    return preview


def all_of() -> list[Preview]:
    """Every preview, in the order in which they were registered."""
    return list(_previews.values())


def find(key: str) -> Preview | None:
    """The preview with this key."""
    return _previews.get(key)


def unsaved_call(data: dict[str, object], terms: Terms, slug: str) -> Call:
    """A call in memory that bears the terms, public and open as on its opening day."""
    call = Call(
        pk=0,
        slug=slug,
        name=terms.name,
        roc_year=terms.roc_year,
        state=CallState.PUBLISHED,
        opens_at=terms.window.opens_at,
        closes_at=terms.window.closes_at,
        effective_closes_at=terms.window.closes_at,
        envelope=terms.envelope,
        published_at=terms.window.opens_at,
    )
    version = CallTerms(pk=0, call=call, version=1, data=data, digest="")
    version.__dict__["_terms"] = terms
    call.current_terms = version
    return call


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, object],
    mark: dict[str, object],
    *,
    dead: str = "",
) -> HttpResponse:
    """Render an audience's own template, marked as a preview: it saves nothing and leads nowhere.

    ``dead``: the addresses, as a regular expression, of what exists in memory alone or is its audience's own;
    links to them become plain words.
    """
    context = {**context, **mark, "preview_template": template}
    response = render(request, "programs/designer/preview.html", context)
    if dead:
        response.content = re.sub(rf' href="{dead}"', "", response.content.decode()).encode()
    return response


def _public(request: HttpRequest, call: Call, page_key: str, mark: dict[str, object]) -> HttpResponse:
    from programs.views.public import call_context

    return page(request, "programs/call_detail.html", call_context(call, call.opens_at), mark)


def _self_check(request: HttpRequest, call: Call, page_key: str, mark: dict[str, object]) -> HttpResponse:
    from programs.views.selfcheck import check_context

    return page(request, "programs/self_check.html", check_context(request, call, call.opens_at), mark)


register(Preview("call", "徵案頁", "民眾", _public))
register(Preview("self-check", "資格自我檢測", "民眾", _self_check))
