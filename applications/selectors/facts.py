"""From rows to the frozen facts that the rulebook judges."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db.models import Max, OuterRef, Prefetch, Subquery, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from applications.enums import CaseState, Section
from applications.models import BudgetLine, Case, CaseDocument, SectionDraft
from applications.models.case import CaseQuerySet
from applications.selectors.intake import is_paper, received_on
from core.findings import Finding, Severity
from core.rocdate import TAIPEI, roc_datetime
from programs.rules import facts as f
from programs.rules.check import Context, check

# Rows of a case → the section that they belong to.
TABLES_OF_CASE: dict[str, Section] = {
    "plan_texts": Section.PLAN,
    "partners": Section.PARTNERS,
    "trainees": Section.TRAINEES,
    "courses": Section.COURSES,
    "milestones": Section.SCHEDULE,
    "budget_lines": Section.BUDGET,
    "outcome_promises": Section.OUTCOMES,
    "advantage_claims": Section.ADVANTAGES,
    "other_fundings": Section.OTHER_FUNDING,
    "avoided_reviewers": Section.AVOID_REVIEWERS,
}
# Cases of the same company and call that no longer ask for money do not use up its cap (B4).
_OVER = (
    CaseState.WITHDRAWN,
    CaseState.RETURNED,
    CaseState.REJECTED,
    CaseState.FORFEITED,
    CaseState.DRAFT,
)


def with_content(cases: CaseQuerySet) -> CaseQuerySet:
    """Everything that ``facts`` and ``findings`` read: thirteen queries, however many cases and rows."""
    others = (
        BudgetLine.objects.filter(
            case__call=OuterRef("call"), case__organisation=OuterRef("organisation"), subsidy__isnull=False
        )
        .exclude(case=OuterRef("pk"))
        .exclude(case__state__in=_OVER)
        .order_by()
        .values("case__call")
        .annotate(total=Sum("subsidy"))
        .values("total")
    )
    current = CaseDocument.objects.current().select_related("file", "added_by")
    return (
        cases.select_related("organisation", "call", "terms", "company", "eligibility", "outcome")
        .prefetch_related(
            *TABLES_OF_CASE, Prefetch("case_documents", queryset=current, to_attr="current_documents")
        )
        .annotate(
            other_subsidy=Coalesce(Subquery(others), 0), own_closes_at=Max("window_extensions__closes_at")
        )
    )


def fetch(cases: CaseQuerySet, pk: Any) -> Case | None:
    """One case with its content, without the tables of sections that it does not have. Twelve queries at most."""
    case = with_content(cases).prefetch_related(None).filter(pk=pk).first()
    if case is not None:
        current = CaseDocument.objects.current().select_related("file", "added_by")
        tables = [name for name, section in TABLES_OF_CASE.items() if section in case.sections]
        prefetch_related_objects(
            [case], *tables, Prefetch("case_documents", queryset=current, to_attr="current_documents")
        )
    return case


def _rows(case: Case, name: str) -> list[Any]:
    """The rows of a table, nothing where the case has no such section."""
    return list(getattr(case, name).all()) if TABLES_OF_CASE[name] in case.sections else []


def load(case: Case) -> Case:
    """The same object with its content read, once; a page that has saved something fetches the case anew."""
    if not hasattr(case, "current_documents"):
        fresh = fetch(Case.objects.all(), case.pk)
        assert fresh is not None
        case.__dict__["_prefetched_objects_cache"] = fresh.__dict__["_prefetched_objects_cache"]
        case._state.fields_cache.update(fresh._state.fields_cache)
        for name in ("current_documents", "other_subsidy", "own_closes_at"):
            setattr(case, name, getattr(fresh, name))
    return case


def closes_at(case: Case) -> datetime:
    """End of the window for this case, extensions included."""
    return case.closes_at()


def _copy(cls: type, row: Any, **changes: Any) -> Any:
    """A fact from the fields of the same name; empty text where the default is None counts as unknown."""
    values: dict[str, Any] = {}
    for name, spec in cls.__dataclass_fields__.items():  # type: ignore[attr-defined]
        if name in changes or not hasattr(row, name):
            continue
        value = getattr(row, name)
        values[name] = None if value == "" and spec.default is None else value
    return cls(**values, **changes)


def facts(case: Case) -> f.CaseFacts:
    """The case as the rules see it. Loads what is not prefetched (see ``with_content``)."""
    case = load(case)
    company = getattr(case, "company", None)
    eligibility = getattr(case, "eligibility", None)
    counts = Counter(document.item for document in case.current_documents)  # type: ignore[attr-defined]
    return f.CaseFacts(
        title=case.title or None,
        starts_on=case.starts_on,
        ends_on=case.ends_on,
        applied_on=_applied_on(case),
        company=_company(case, company),
        eligibility=_copy(f.Eligibility, eligibility) if eligibility else f.Eligibility(),
        plan={text.key: text.body for text in _rows(case, "plan_texts")},
        partners=tuple(_copy(f.Partner, row) for row in _rows(case, "partners")),
        trainees=tuple(_copy(f.Trainee, row) for row in _rows(case, "trainees")),
        courses=tuple(_copy(f.Course, row) for row in _rows(case, "courses")),
        schedule=tuple(_copy(f.Milestone, row) for row in _rows(case, "milestones")),
        budget=tuple(_copy(f.BudgetLine, row) for row in _rows(case, "budget_lines")),
        outcomes=tuple(_copy(f.Outcome, row) for row in _rows(case, "outcome_promises")),
        advantages=tuple(_copy(f.Advantage, row) for row in _in_terms_order(case)),
        other_funding=tuple(_copy(f.OtherFunding, row) for row in _rows(case, "other_fundings")),
        avoid_reviewers=tuple(_copy(f.AvoidedReviewer, row) for row in _rows(case, "avoided_reviewers")),
        documents=tuple(f.DocumentFact(code, files) for code, files in sorted(counts.items())),
        declared_no_other_funding=case.declared_no_other_funding,
    )


def _applied_on(case: Case) -> date | None:
    """The day that counts: as received, or what S2 derives for paper that is still being typed in."""
    if case.received_at:
        return case.received_at.astimezone(TAIPEI).date()
    return received_on(case) if is_paper(case) else None


def _company(case: Case, company: Any) -> f.Company:
    organisation = case.organisation
    if company is None:
        return f.Company(
            kind=organisation.kind, ubn=organisation.ubn, ubn_override=organisation.ubn_override_reason
        )
    fact: f.Company = _copy(
        f.Company,
        company,
        kind=organisation.kind,
        ubn=organisation.ubn,
        ubn_override=organisation.ubn_override_reason,
        codes=company.codes,
        registered=True,
    )
    return fact


def _in_terms_order(case: Case) -> list[Any]:
    order = {item.key: number for number, item in enumerate(case.terms.terms.advantages)}
    return sorted(_rows(case, "advantage_claims"), key=lambda claim: order.get(claim.key, len(order)))


_facts_of = facts


def findings(case: Case, now: datetime, *, facts: f.CaseFacts | None = None) -> list[Finding]:
    """Every verdict of the rulebook about the case, and one error for each input that is not saved yet.

    The rules are those of the terms under which the case was started. ``now`` stands for the moment of
    submission while the case is a draft (S1). At most 12 queries.
    """
    case = load(case)
    terms = case.terms.terms
    context = Context(
        terms,
        submitted_at=None if is_paper(case) else case.received_at or now,  # paper: by the day (S2)
        closes_at=closes_at(case),
        other_subsidy=case.other_subsidy,  # type: ignore[attr-defined]
    )
    return [*check(terms, facts or _facts_of(case), context=context), *_unsaved(case)]


def open_drafts(case: Case) -> list[SectionDraft]:
    """Input of any member that could not be saved as it is, while the case can be edited. One query."""
    if case.state not in (CaseState.DRAFT, CaseState.SUPPLEMENTING):
        return []
    cached: list[SectionDraft] | None = case.__dict__.get("_open_drafts")
    if cached is None:
        # The payload can be large and is only needed where it is shown.
        cached = list(
            SectionDraft.objects.filter(case=case)
            .select_related("user")
            .defer("payload")
            .order_by("saved_at")
        )
        case.__dict__["_open_drafts"] = cached
    return cached


def _unsaved(case: Case) -> list[Finding]:
    """Nothing typed may be left out of a submission without a word."""
    return [
        Finding(
            rule="",
            clause="",
            severity=Severity.ERROR,
            message=f"{draft.user}在 {roc_datetime(draft.saved_at)} 於「{Section(draft.section).label}」輸入的"
            "內容還沒有存入申請書。請打開這一節，修正後儲存，或捨棄這份輸入。",
            where=draft.section,
            numbers={"draft": draft.pk},
        )
        for draft in open_drafts(case)
        if draft.section in Section.values
    ]


def by_section(found: list[Finding]) -> dict[str, list[Finding]]:
    """Findings that are not fine, by the section that mends them."""
    grouped: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.severity is not Severity.OK:
            grouped.setdefault(finding.section, []).append(finding)
    return grouped
