"""The applicant's sections rendered from a call's draft, with a sample case that exists in memory alone."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import Organisation
from applications.enums import Section
from applications.models import BudgetLine, Case, CaseCompany, CaseEligibility, Trainee
from applications.selectors.facts import TABLES_OF_CASE
from programs import previews
from programs.models import Call
from programs.rules.sections import sections_of
from programs.rules.terms import Terms

COMPANY = "範例股份有限公司"


def register() -> None:
    """Tell the designer about the applicant's pages."""
    previews.register(previews.Preview("sections", "申請書各節", "申請單位", _render, _pages))


def _pages(terms: Terms) -> list[tuple[str, str]]:
    return list(sections_of(terms).items())


def sample_case(call: Call) -> Case:
    """A draft of a company that has just begun: a trainee of each kind, a line of each account. Unsaved."""
    version = call.current_terms
    assert version is not None
    terms = version.terms
    case = Case(
        call=call,
        terms=version,
        organisation=Organisation(pk=0, ubn="12345675", name=COMPANY),
        title="範例計畫",
        created_at=call.opens_at,
        updated_at=call.opens_at,
    )
    rows: dict[str, list[Any]] = {name: [] for name in TABLES_OF_CASE}
    rows["trainees"] = [
        Trainee(pk=n, case=case, position=n, kind=kind.key, name=f"範例{kind.label}")
        for n, kind in enumerate(terms.trainee_kinds)
    ]
    rows["budget_lines"] = [
        BudgetLine(pk=n, case=case, position=n, account=account.key, item=(account.lists or ("",))[0])
        for n, account in enumerate(terms.accounts)
    ]
    rows["case_documents"] = []
    cache = {}
    for name, entries in rows.items():
        found = getattr(Case, name).rel.related_model.objects.all()
        found._result_cache = entries
        cache[name] = found
    case.__dict__["_prefetched_objects_cache"] = cache
    case.company = CaseCompany(case=case, name=COMPANY)
    case.eligibility = CaseEligibility(case=case)
    for name, value in {
        "current_documents": [],
        "other_subsidy": 0,
        "own_closes_at": None,
        "_section_states": {},
        "_open_drafts": [],
        "_open_items": [],
    }.items():
        case.__dict__[name] = value
    return case


def _render(request: HttpRequest, call: Call, page: str, mark: dict[str, object]) -> HttpResponse:
    from applications.views import documents, sections

    case = sample_case(call)
    if page == Section.DOCUMENTS:
        context = documents.page_context(request, case, call.opens_at)
        template = "applications/sections/documents.html"
    else:
        context = sections.page(request, case, page, call.opens_at)
        template = "applications/sections/section.html"
    sample = re.escape(reverse("cases:detail", args=[case.pk]))
    return previews.page(request, template, {**context, "refusal": ""}, mark, dead=f'{sample}[^"]*')
