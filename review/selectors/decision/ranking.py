"""What the ranked list of a decision meeting is made from, in a bounded number of queries, however many cases.

Read once, when the list is made or made anew (:func:`ranking_input`); :func:`basis` tells whether it still stands.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from applications.enums import CaseState
from applications.models import AwardChange, AwardLine, BudgetLine, Case, Partner, Trainee
from programs.models import Call
from programs.rules import budget_sums, granting
from programs.rules import facts as f
from programs.rules.terms import Terms as CallTerms
from review.enums import AssignmentState, MeetingState
from review.models import Assignment, CriterionScore, DecisionMeeting, MeetingCase, RecommendedAmount
from review.rules import ranking
from review.rules.scoring import Criterion, Scheme, Sheet, Thresholds, mean_recommendation, statistics


def ranking_terms(terms: CallTerms) -> ranking.Terms:
    """How the call ranks: criteria, method, tie rules, pass mark and the flag for clear differences."""
    settings = terms.settings
    criteria = tuple(Criterion(c.id, Fraction(c.weight), c.label) for c in terms.criteria)
    return ranking.Terms(
        scheme=Scheme(criteria, Fraction(settings.scoring_scale)),
        method=ranking.Method(settings.ranking),
        tie_rules=tuple(ranking.TieRule.parse(rule) for rule in settings.tie_rules),
        pass_mark=Fraction(settings.pass_mark),
        thresholds=Thresholds(total=Fraction(settings.spread_flag)),
    )


@dataclass(frozen=True, slots=True)
class AskFacts:
    """One line of a case in the call's unit, as asked and as the experts recommend it (None: nobody did)."""

    account: str
    requested: int
    total: int
    mean: int | None
    median: int | None


@dataclass(frozen=True, slots=True)
class CaseInput:
    """A reviewed case with all that the list needs. ``cap``: B3 in dollars, None without such a rule.

    ``ratio``: its own share of subsidy, where that depends on its size or on the version that it began with.
    """

    case: Case
    entry: ranking.Entry
    asks: tuple[AskFacts, ...]
    students: int
    employees: int
    cap: int | None
    ratio: Fraction | None


def undecided(call: Call) -> Q:
    """Cases that a meeting may decide on: reviewed ones, and where the call fills up, those that may get more (RA8)."""
    waiting = Q(state=CaseState.REVIEWED)
    return waiting | may_get_more() if granting.refills(call.terms) else waiting


def may_get_more() -> Q:
    """On the reserve list, or granted less than asked for and nothing given back since."""
    open_line = AwardLine.objects.filter(outcome__case=OuterRef("pk"), approved__lt=F("requested"))
    given_back = AwardChange.objects.filter(outcome__case=OuterRef("pk"), after__lt=F("before"))
    return Q(state=CaseState.RESERVED) | (
        Q(state=CaseState.APPROVED) & Q(Exists(open_line)) & ~Q(Exists(given_back))
    )


def open_cases(call: Call, meeting: DecisionMeeting | None = None) -> QuerySet[Case]:
    """Cases to decide on (:func:`undecided`) that lie before no other meeting which is still open."""
    taken = MeetingCase.objects.exclude(meeting__state=MeetingState.CONFIRMED).filter(meeting__call=call)
    if meeting is not None:
        taken = taken.exclude(meeting=meeting)
    return Case.objects.filter(undecided(call), call=call).exclude(pk__in=taken.values("case"))


def ranking_input(cases: QuerySet[Case]) -> list[CaseInput]:
    """The facts of the cases for ranking and allocation. Ten queries at most.

    Only sheets that were handed in count; reviewers are told apart by their key alone, never by name.
    """
    rows = list(cases.select_related("call", "terms", "organisation", "company").order_by("number"))
    budget: dict[Any, list[f.BudgetLine]] = defaultdict(list)
    columns = ("case_id", "account", "quantity", "unit_price", "months", "subsidy")
    for pk, account, quantity, price, months, subsidy in BudgetLine.objects.filter(
        case__in=cases.values("pk")
    ).values_list(*columns):
        line = f.BudgetLine(account, quantity=quantity, unit_price=price, months=months, subsidy=subsidy)
        budget[pk].append(line)
    trainees: dict[Any, list[f.Trainee]] = defaultdict(list)
    for pk, kind in Trainee.objects.filter(case__in=cases.values("pk")).values_list("case_id", "kind"):
        trainees[pk].append(f.Trainee(kind=kind))
    partners: dict[Any, list[f.Partner]] = defaultdict(list)
    if any(not case.terms.terms.in_dollars for case in rows):
        for pk, wanted in Partner.objects.filter(case__in=cases.values("pk")).values_list("case_id", "heads"):
            partners[pk].append(f.Partner(heads=wanted))
    granted = _granted(rows)
    sheets, recommended = _sheets(cases)
    scored = {case.terms_id: ranking_terms(case.terms.terms) for case in rows}
    result = []
    for case in rows:
        terms = case.terms.terms
        company = getattr(case, "company", None)
        facts = f.CaseFacts(
            company=f.Company(heads=company.heads if company else None),
            budget=tuple(budget[case.pk]),
            trainees=tuple(trainees[case.pk]),
            partners=tuple(partners[case.pk]),
        )
        heads = budget_sums.heads_of(terms, facts)
        entry = ranking.Entry(
            case=case.number or "",
            sheets=tuple(sheets[case.pk]),
            students=heads.get("student", 0),
            submitted_at=case.received_at,
            requested=granting.requested(terms, facts),
            own=scored[case.terms_id],
        )
        result.append(
            CaseInput(
                case=case,
                entry=entry,
                asks=tuple(_asks(terms, facts, recommended[case.pk], granted[case.pk])),
                students=heads.get("student", 0),
                employees=sum(heads.values()) - heads.get("student", 0),
                cap=_head_count_cap(terms, heads),
                ratio=_own_share(case, facts),
            )
        )
    return result


def _own_share(case: Case, facts: f.CaseFacts) -> Fraction | None:
    """The case's own share of subsidy (B2) where it may differ from the call's: by size, or by an earlier version."""
    terms = case.terms.terms
    if not terms.in_dollars:
        return None
    if terms.of_kind("size_bands"):
        return budget_sums.share_ratio(terms, facts.company.heads)
    if case.terms_id == case.call.current_terms_id:
        return None
    return budget_sums.share_ratio(terms) or Fraction(1)


def _granted(cases: Sequence[Case]) -> dict[Any, dict[str, int]]:
    """Case → line → what it was granted before. One query where any case was decided on already, else none."""
    found: dict[Any, dict[str, int]] = defaultdict(dict)
    earlier = [case.pk for case in cases if case.state != CaseState.REVIEWED]
    if earlier:
        for pk, line, approved in AwardLine.objects.filter(outcome__case__in=earlier).values_list(
            "outcome__case", "account", "approved"
        ):
            found[pk][line] = approved
    return found


def _sheets(cases: QuerySet[Case]) -> tuple[dict[Any, list[Sheet]], dict[Any, list[dict[str, int]]]]:
    """Case → its handed-in sheets, and → each reviewer's recommended amounts. Three queries."""
    where = "panel_case__case"
    handed_in = Assignment.objects.filter(
        state=AssignmentState.SUBMITTED, sheet__isnull=False, panel_case__case__in=cases.values("pk")
    )
    scores: dict[int, dict[str, Fraction]] = defaultdict(dict)
    for sheet, criterion, score in CriterionScore.objects.filter(
        sheet__assignment__in=handed_in.values("pk"), score__isnull=False
    ).values_list("sheet_id", "criterion", "score"):
        scores[sheet][criterion] = Fraction(score or 0)
    amounts: dict[int, dict[str, int]] = defaultdict(dict)
    for sheet, account, amount in RecommendedAmount.objects.filter(
        sheet__assignment__in=handed_in.values("pk"), amount__isnull=False
    ).values_list("sheet_id", "account", "amount"):
        amounts[sheet][account] = amount or 0
    sheets: dict[Any, list[Sheet]] = defaultdict(list)
    recommended: dict[Any, list[dict[str, int]]] = defaultdict(list)
    for sheet, reviewer, case, recommends in handed_in.order_by("pk").values_list(
        "sheet__pk", "reviewer_id", where, "sheet__recommends"
    ):
        sheets[case].append(Sheet(str(reviewer), scores[sheet]))
        # "Not recommended" counts as nothing; an expert who left every amount blank has no say in it.
        if amounts[sheet] or recommends is False:
            recommended[case].append(amounts[sheet] if recommends is not False else {})
    return sheets, recommended


def _asks(
    terms: CallTerms, facts: f.CaseFacts, given: list[dict[str, int]], granted: Mapping[str, int]
) -> Iterable[AskFacts]:
    """Each line with what is still open of it; of the recommendation as well, what is granted is taken off."""
    mean = mean_recommendation(given)
    for ask in granting.asks(terms, facts):
        values = [amounts.get(ask.key, 0) for amounts in given]
        before = granted.get(ask.key)
        # Whoever is filled up may get what it asked for: the experts' number was for the first round.
        asked_only = before is not None
        yield AskFacts(
            account=ask.key,
            requested=ask.requested - (before or 0),
            total=ask.total - (before or 0),
            mean=mean.get(ask.key, 0) if given and not asked_only else None,
            median=int(statistics([Fraction(v) for v in values]).median)
            if values and not asked_only
            else None,
        )


def _head_count_cap(terms: CallTerms, heads: dict[str, int]) -> int | None:
    caps = [budget_sums.head_count_limit(r.params.per_head, heads) for r in terms.of_kind("head_count_cap")]
    return min(caps) if caps else None


def basis(call: Call, meeting: DecisionMeeting | None = None) -> str:
    """A digest of what the list depends on: the cases and the state of their sheets. Two queries."""
    cases = open_cases(call, meeting)
    sheets = Assignment.objects.filter(panel_case__case__in=cases.values("pk"), sheet__isnull=False)
    content = [
        sorted(f"{pk} {granted}" for pk, granted in cases.values_list("pk", "outcome__granted")),
        sorted(map(list, sheets.values_list("pk", "state", "sheet__version"))),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
