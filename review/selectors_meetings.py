"""The decision meeting as pages and services see it, in a bounded number of queries, however many cases.

Two readings: what the ranking is made from (:func:`ranking_input`, once, when the list is made), and the
board of a scenario (:func:`board`): frozen list, amounts, envelope and everything that the rules say of it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from applications.enums import CaseState
from applications.models import AwardChange, AwardLine, BudgetLine, Case, CaseOutcome, Partner, Trainee
from core.findings import Finding, Severity
from core.money import floor_ratio
from programs.models import Call
from programs.rules import budget_sums, granting
from programs.rules import facts as f
from programs.rules.terms import Terms as CallTerms
from programs.selectors.ledger import Standing, may_award, standing_of
from review.enums import AllocationBase, AssignmentState, MeetingState
from review.models import (
    Allocation,
    Assignment,
    CriterionScore,
    DecisionMeeting,
    MeetingAsk,
    MeetingCase,
    RecommendedAmount,
    Scenario,
)
from review.rules import allocation as rules
from review.rules import ranking
from review.rules.allocation_check import check_allocation
from review.rules.scoring import Criterion, Scheme, Sheet, Thresholds, mean_recommendation, statistics

# ---- the list -----------------------------------------------------------------------------------


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

    ``ratio``: its own share of subsidy, where that depends on its size.
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
    rows = list(cases.select_related("terms", "organisation", "company").order_by("number"))
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
        )
        result.append(
            CaseInput(
                case=case,
                entry=entry,
                asks=tuple(_asks(terms, facts, recommended[case.pk], granted[case.pk])),
                students=heads.get("student", 0),
                employees=sum(heads.values()) - heads.get("student", 0),
                cap=_head_count_cap(terms, heads),
                ratio=budget_sums.share_ratio(terms, facts.company.heads)
                if terms.of_kind("size_bands")
                else None,
            )
        )
    return result


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


# ---- the board of a scenario --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """The frozen list of a meeting: cases in rank order, each with its accounts.

    ``standing``: the call's money in its plan's budget, where it has one and the decision is still to come.
    """

    meeting: DecisionMeeting
    terms: CallTerms
    rows: tuple[MeetingCase, ...]
    accounts: tuple[tuple[str, str], ...]
    standing: Standing | None = None

    @property
    def passed(self) -> int:
        """Cases that reached the pass mark."""
        return sum(row.passed for row in self.rows)


# What no board shows and a list of thousands need not carry.
_UNSEEN_CASE = ("starts_on", "ends_on", "created_at", "updated_at", "channel", "posted_on", "arrived_at")
_UNSEEN_COMPANY = (
    "postal_code", "city", "township", "address", "heads", "representative", "contact_name", "contact_phone",
    "contact_email",
)  # fmt: skip


def asks_of(row: MeetingCase) -> list[MeetingAsk]:
    """The accounts of a row of :func:`table`, without a query."""
    found: list[MeetingAsk] = row.ask_list  # type: ignore[attr-defined]
    return found


def table(meeting: DecisionMeeting) -> Table:
    """Read the frozen list. Three queries (``meeting`` brings call and terms), ten where a plan pays the call."""
    rows = tuple(
        meeting.meeting_cases.select_related("case__organisation", "case__company")
        .prefetch_related(Prefetch("asks", to_attr="ask_list"))
        .defer(*(f"case__{name}" for name in _UNSEEN_CASE))
        .defer(*(f"case__{part}__{name}" for part in ("organisation", "company") for name in _UNSEEN_COMPANY))
    )
    terms = meeting.call.terms
    used = {ask.account for row in rows for ask in asks_of(row)}
    lines = [line.key for line in terms.award_lines]
    order = [key for key in lines if key in used] + sorted(used - set(lines))
    decided = meeting.state == MeetingState.CONFIRMED
    standing = None if decided else standing_of(meeting.call)
    labels = tuple((key, terms.label("award_lines", key)) for key in order)
    return Table(meeting, terms, rows, labels, standing)


@dataclass(frozen=True, slots=True)
class Money:
    """The envelope in the call's unit: the call's, after a cut, less what the call has already granted.

    ``withheld``: what measures on its plan's budget take besides (X6).
    """

    full: int
    cut: int
    awarded: int
    available: int
    withheld: int = 0

    @property
    def overdrawn(self) -> int:
        """By how much earlier grants exceed what is left after a cut; normally 0."""
        return max(0, self.awarded - (self.full - self.cut - self.withheld))


def awarded(call: Call) -> dict[str, int]:
    """統一編號 → what is already confirmed in the call, in its unit. One query."""
    return dict(
        CaseOutcome.objects.filter(case__call=call)
        .order_by()
        .values_list("case__organisation__ubn")
        .annotate(total=Sum("granted"))
    )


def money(call: Call, scenario: Scenario, granted: Mapping[str, int], standing: Standing | None) -> Money:
    """What a scenario may divide. A cut is one of the call's whole envelope; it rounds down.

    A scenario may foresee a cut that then comes: the stricter of it and the measures in force counts, not both.
    """
    after = rules.cut_envelope(call.envelope, Fraction(scenario.cut_percent) / 100)
    covered = min(after, may_award(call, standing))
    spent = sum(granted.values())
    return Money(call.envelope, call.envelope - after, spent, max(0, covered - spent), after - covered)


def limits(terms: CallTerms, envelope: int, granted: Mapping[str, int]) -> rules.Limits:
    """The call's own limits with their rule IDs and clauses."""
    named = dict(rules.IPAS_RULES)
    for limit, kind in (
        ("ratio", "size_bands"),
        ("ratio", "share_cap"),
        ("case_cap", "head_count_cap"),
        ("company_cap", "amount_cap"),
    ):
        for rule in terms.of_kind(kind)[:1]:
            named[limit] = rules.RuleRef(rule.id, rule.clause)
    for rule in [*terms.of_kind("requested_heads"), *terms.of_kind("reserve")]:
        # A grant of heads: nobody gets more than it asked for (RA8).
        named["envelope"] = rules.RuleRef(rule.id, rule.clause)
    named["request"] = named["envelope"]
    caps = [rule.params.maximum for rule in terms.of_kind("amount_cap") if terms.in_dollars]
    grant = terms.grant
    return rules.Limits(
        envelope=envelope,
        account_ratio=budget_sums.share_ratio(terms) if terms.in_dollars else None,
        company_cap=min(caps) if caps else None,
        company_used=granted,
        unit=grant.unit,
        pool=grant.pool,
        measure=grant.measure,
        verb=grant.verb,
        labels={line.key: line.label for line in terms.award_lines},
        rules=named,
    )


def candidates(rows: Sequence[MeetingCase], base: str) -> list[rules.Candidate]:
    """The list as the allocation's arithmetic takes it."""

    def recommended(ask: Any) -> int | None:
        if base == AllocationBase.REQUESTED:
            return None
        value: int | None = ask.median if base == AllocationBase.MEDIAN else ask.mean
        return value

    return [
        rules.Candidate(
            case=row.case.number or "",
            rank=row.rank,
            passed=row.passed,
            asks=tuple(
                rules.AccountAsk(ask.account, ask.requested, recommended(ask), ask.total)
                for ask in asks_of(row)
            ),
            cap=row.cap,
            company=row.case.organisation.ubn,
            ratio=Fraction(row.share_ratio) if row.share_ratio else None,
        )
        for row in rows
    ]


def rules_base(scenario: Scenario) -> rules.Base:
    """The base in the words of the arithmetic."""
    return rules.Base.REQUESTED if scenario.base == AllocationBase.REQUESTED else rules.Base.RECOMMENDED


@dataclass(slots=True)
class Cell:
    """One line of one case on the board, in the call's unit. ``most``: what B2 and the request leave."""

    pk: int
    account: str
    label: str
    requested: int
    total: int
    recommended: int | None
    amount: int
    most: int
    typed: str = ""  # what somebody typed and could not be saved as it is

    @property
    def over(self) -> bool:
        """Above the request or the account's limit."""
        return self.amount > self.most


@dataclass(slots=True)
class BoardRow:
    """One case on the board, in the call's unit. ``possible``: what it could get at most from this base."""

    item: MeetingCase
    number: str
    company: str
    ubn: str
    cells: list[Cell]
    amount: int
    possible: int
    findings: list[Finding] = field(default_factory=list)
    is_cut: bool = False

    @property
    def requested(self) -> int:
        return sum(cell.requested for cell in self.cells)

    @property
    def recommended(self) -> int | None:
        known = [cell.recommended for cell in self.cells if cell.recommended is not None]
        return sum(known) if known else None

    @property
    def outcome(self) -> str:
        """``none``, ``part``, ``full`` or ``failed`` (below the pass mark)."""
        if not self.amount:
            return "none" if self.item.passed else "failed"
        return "full" if self.amount >= self.possible else "part"

    @property
    def broken(self) -> bool:
        """Whether some rule is broken here."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(slots=True)
class Board:
    """A scenario over its meeting's list, with what the rules say of it."""

    table: Table
    scenario: Scenario
    money: Money
    allocation: rules.Allocation
    rows: list[BoardRow]
    findings: list[Finding]
    limits: rules.Limits
    words: str = ""  # how the scenario is computed, for pages

    @property
    def spent(self) -> int:
        return self.allocation.spent

    @property
    def remaining(self) -> int:
        """Dollars left of the envelope; negative when overstepped."""
        return self.allocation.envelope - self.allocation.spent

    @property
    def over(self) -> int:
        """By how many dollars the envelope is overstepped."""
        return max(0, -self.remaining)

    @property
    def funded(self) -> int:
        return self.allocation.funded

    @property
    def errors(self) -> list[Finding]:
        """Broken rules: they prevent adoption."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """What has to be explained in the minutes."""
        return [finding for finding in self.findings if finding.severity is not Severity.ERROR]

    @property
    def fallen(self) -> int:
        """Cases that passed and get nothing."""
        return sum(row.item.passed and not row.amount for row in self.rows)

    @property
    def requested(self) -> int:
        return sum(row.requested for row in self.rows)

    @property
    def recommended(self) -> int:
        return sum(row.recommended or 0 for row in self.rows)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Account → label and sums, for the head and foot of the table."""
        sums: dict[str, list[int]] = {key: [0, 0, 0] for key, _ in self.table.accounts}
        for row in self.rows:
            for cell in row.cells:
                for at, value in enumerate((cell.requested, cell.recommended or 0, cell.amount)):
                    sums[cell.account][at] += value
        return [
            {"key": key, "label": label, "requested": s[0], "recommended": s[1], "amount": s[2]}
            for (key, label), s in ((item, sums[item[0]]) for item in self.table.accounts)
        ]


def board(
    scenario: Scenario, *, frozen: Table | None = None, granted: Mapping[str, int] | None = None
) -> Board:
    """The whole board. Four queries, two of them saved by ``frozen`` and one by ``granted``.

    Once a meeting is confirmed its own grants no longer count against it: what it divided is what it kept.
    """
    meeting = scenario.meeting
    frozen = frozen or table(meeting)
    if granted is None:
        granted = awarded_before(meeting)
    purse = money(meeting.call, scenario, granted, frozen.standing)
    if meeting.state == MeetingState.CONFIRMED:
        purse = Money(purse.full, purse.cut, purse.awarded, scenario.envelope)
    bounds = limits(frozen.terms, purse.available, granted)
    people = candidates(frozen.rows, scenario.base)
    stored: dict[Any, list[Allocation]] = defaultdict(list)
    for allocation in scenario.allocations.all():
        stored[allocation.case_id].append(allocation)
    given = {row.case.number or "": {a.account: a.amount for a in stored[row.case_id]} for row in frozen.rows}
    base = rules_base(scenario)
    laid = rules.by_hand(people, bounds, given, base=base)
    found = check_allocation(people, laid, bounds, base=base)
    by_case: dict[str, list[Finding]] = defaultdict(list)
    by_company: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        parts = finding.where.split(".")
        if len(parts) > 2 and parts[1] == "company":
            by_company[parts[2]].append(finding)
        elif len(parts) > 1:
            by_case[parts[1]].append(finding)
    rows = []
    for row, person, award in zip(frozen.rows, people, laid.awards, strict=True):
        keys = {a.account: a.pk for a in stored[row.case_id]}
        cells = [
            Cell(
                pk=keys.get(ask.account, 0),
                account=ask.account,
                label=bounds.label(ask.account),
                requested=ask.requested,
                total=ask.total or 0,
                recommended=ask.recommended,
                amount=award.by_account.get(ask.account, 0),
                most=rules.account_limit(ask, bounds.ratio(person)),
            )
            for ask in sorted(person.asks, key=lambda ask: _place(frozen, ask.account))
        ]
        number = row.case.number or ""
        rows.append(
            BoardRow(
                item=row,
                number=number,
                company=company_name(row.case),
                ubn=person.company,
                cells=cells,
                amount=award.amount,
                possible=award.base,
                findings=by_case[number] + (by_company[person.company] if award.amount else []),
            )
        )
    funded = [row for row in rows if row.amount]
    if funded:
        funded[-1].is_cut = True
    return Board(frozen, scenario, purse, laid, rows, found, bounds)


def _place(frozen: Table, account: str) -> int:
    return next(at for at, (key, _) in enumerate(frozen.accounts) if key == account)


def company_name(case: Case) -> str:
    """The company's name as it applied."""
    company = getattr(case, "company", None)
    return (company.name if company else "") or case.organisation.name


def awarded_before(meeting: DecisionMeeting) -> dict[str, int]:
    """As :func:`awarded`, without what this very meeting has granted. One query."""
    if meeting.state != MeetingState.CONFIRMED:
        return awarded(meeting.call)
    return dict(
        CaseOutcome.objects.filter(case__call=meeting.call)
        .exclude(case__in=meeting.meeting_cases.values("case"))
        .filter(decided_at__lte=meeting.confirmed_at)
        .order_by()
        .values_list("case__organisation__ubn")
        .annotate(total=Sum("granted"))
    )


def allocate(people: Sequence[rules.Candidate], bounds: rules.Limits, scenario: Scenario) -> rules.Allocation:
    """Compute a scenario by its own method; ``by_hand`` gives nothing to anybody."""
    base = rules_base(scenario)
    if scenario.method == rules.Way.PROPORTIONAL:
        return rules.proportional(people, bounds, base=base)
    if scenario.method == rules.Way.BY_HAND:
        return rules.by_hand(people, bounds, {}, base=base)
    return rules.in_rank_order(people, bounds, base=base, partial=rules.Partial(scenario.last_case))


def boards(meeting: DecisionMeeting, frozen: Table) -> list[Board]:
    """Every scenario of the meeting. Three queries, however many scenarios."""
    granted = awarded_before(meeting)
    scenarios = list(meeting.scenarios.prefetch_related("allocations"))
    for scenario in scenarios:
        scenario.meeting = meeting
    return [board(scenario, frozen=frozen, granted=granted) for scenario in scenarios]


def compare(a: Board, b: Board) -> list[dict[str, Any]]:
    """Both boards case by case, with the difference in words and by account."""
    rows = {row.number: row for row in a.rows}
    words = {"gained": "新增補助", "lost": "落選", "more": "增加", "less": "減少", "same": ""}
    result = []
    for difference in rules.compare_scenarios(a.allocation, b.allocation).rows:
        accounts = [
            {"label": a.limits.label(key), "before": before, "after": after, "changed": before != after}
            for key, (before, after) in difference.by_account.items()
        ]
        result.append(
            {
                "row": rows[difference.case],
                "before": difference.before,
                "after": difference.after,
                "change": difference.change,
                "kind": difference.kind,
                "word": words[difference.kind],
                "accounts": accounts,
                "changed": any(account["changed"] for account in accounts),
            }
        )
    return result


# ---- lists --------------------------------------------------------------------------------------


def meeting_list(*, q: str = "", call: str = "", state: str = "") -> QuerySet[DecisionMeeting]:
    """The office's list with counts and the adopted sum, newest first. One query."""
    rows = DecisionMeeting.objects.select_related("call__current_terms", "adopted").annotate(
        cases=Count("meeting_cases", distinct=True), plans=Count("scenarios", distinct=True)
    )
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(call__name__icontains=q))
    if call:
        rows = rows.filter(call__slug=call)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-created_at", "-pk")


def adopted_totals(meetings: Sequence[DecisionMeeting]) -> dict[int, int]:
    """Meeting → what the adopted scenario gives, in the unit of its call. One query."""
    return dict(
        Allocation.objects.filter(scenario__in=[m.adopted_id for m in meetings if m.adopted_id])
        .order_by()
        .values_list("scenario__meeting")
        .annotate(total=Sum("amount"))
    )


def waiting_cases() -> dict[int, int]:
    """Call → cases to decide on that lie before no open meeting: reviewed ones, and where something was given back,
    those that may get more (RA8). One query."""
    taken = MeetingCase.objects.exclude(meeting__state=MeetingState.CONFIRMED)
    freed = AwardChange.objects.filter(outcome__case__call=OuterRef("call"), after__lt=F("before"))
    return dict(
        Case.objects.filter(Q(state=CaseState.REVIEWED) | (may_get_more() & Q(Exists(freed))))
        .exclude(pk__in=taken.values("case"))
        .order_by()
        .values_list("call")
        .annotate(count=Count("pk"))
    )


# ---- the public result --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One approved case as the public sees it; no person appears. ``amount``: in the call's unit, ``dollars``: worth."""

    number: str
    company: str
    title: str
    amount: int
    dollars: int
    decided_on: Any


def result_rows(call: Call) -> list[ResultRow]:
    """The approved cases of a call in the order of their numbers (A3). One query."""
    from core.rocdate import TAIPEI

    outcomes = (
        CaseOutcome.objects.filter(case__call=call, result="approved")
        .select_related("case__company", "case__organisation")
        .order_by("case__number")
    )
    return [
        ResultRow(
            number=outcome.case.number or "",
            company=company_name(outcome.case),
            title=outcome.case.title,
            amount=outcome.granted,
            dollars=outcome.approved_total,
            decided_on=outcome.decided_at.astimezone(TAIPEI).date(),
        )
        for outcome in outcomes
    ]


def cut_words(scenario: Scenario) -> str:
    """「刪減 10%」, or "" without a cut."""
    if not scenario.cut_percent:
        return ""
    return f"經費刪減 {scenario.cut_percent.normalize():f}%"


def share(amount: int, whole: int) -> str:
    """``amount`` of ``whole`` in percent with one decimal, for the width of a bar; 0 to 100."""
    if whole <= 0:
        return "0"
    tenths = min(1000, max(0, floor_ratio(max(0, amount), Fraction(1000, whole))))
    return f"{tenths // 10}.{tenths % 10}"


def worths(board: Board) -> dict[Any, int]:
    """Case → dollars that it has been granted in all once the board is confirmed.

    Money is itself, with what was granted before; of heads each is worth its part of the subsidy asked for (RA3).
    Two queries at most.
    """
    terms = board.table.terms
    cases = [row.item.case_id for row in board.rows]
    before = dict(CaseOutcome.objects.filter(case__in=cases).values_list("case", "granted"))
    subsidy: dict[Any, int] = {}
    if not terms.in_dollars:
        lines = BudgetLine.objects.filter(case__in=cases).order_by().values_list("case")
        subsidy = dict(lines.annotate(total=Sum("subsidy")))
    return {
        row.item.case_id: granting.worth(
            terms,
            subsidy=subsidy.get(row.item.case_id) or 0,
            requested=row.requested + before.get(row.item.case_id, 0),
            granted=row.amount + before.get(row.item.case_id, 0),
        )
        for row in board.rows
    }
