"""The few pages that cross apps: the home of everybody, the search, fixed pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from core.clock import now as clock_now
from core.forms import CleanCharField
from ipas_portal import selectors
from ipas_portal.links import case_url
from ipas_portal.pages import PAGES
from outreach.selectors.public import front_page

PER_PAGE = 25


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Landing for visitors; members see what waits for them; everybody else goes to the role's home."""
    user: Any = request.user
    if not user.is_authenticated:
        now = clock_now()
        return render(request, "portal/landing.html", {"calls": selectors.calls_open(now), **front_page(now)})
    for role in user.role_list:
        try:
            return redirect(reverse(role.home))
        except NoReverseMatch:
            continue
    return render(request, "portal/home.html", {"home": selectors.applicant_home(user, clock_now())})


@login_not_required
@require_safe
def page(request: HttpRequest, page: str) -> HttpResponse:
    """A fixed page."""
    if page not in PAGES:
        raise Http404
    titles = [{"slug": slug, "title": title, "current": slug == page} for slug, title in PAGES.items()]
    return render(request, f"portal/pages/{page}.html", {"page_title": PAGES[page], "titles": titles})


class SearchForm(forms.Form):
    """One box."""

    q = CleanCharField(label="案號、計畫名稱、單位名稱或統一編號", required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"class": "form-control", "type": "search", "autofocus": True}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Cases that the person may know of; a whole case number goes straight to its case."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    page_obj = None
    rows: list[dict[str, Any]] = []
    if text:
        found = selectors.search_cases(request.user, text)
        page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        cases = list(page_obj.object_list)
        sheets = selectors.sheets_of(request.user, cases)
        if len(cases) == 1 and (cases[0].number or "").upper() == text.upper():
            return redirect(case_url(request.user, cases[0], sheet=sheets.get(cases[0].pk)))
        rows = [
            {
                "case": case,
                "url": case_url(request.user, case, sheet=sheets.get(case.pk)),
                "label": _label(request, case),
            }
            for case in cases
        ]
    return render(
        request, "portal/search.html", {"form": form, "text": text, "page_obj": page_obj, "rows": rows}
    )


def _label(request: HttpRequest, case: Any) -> str:
    """The state in the words of the person's audience."""
    user: Any = request.user
    mine = case.organisation_id in user.organisation_roles
    return str(case.applicant_label if mine else case.get_state_display())
