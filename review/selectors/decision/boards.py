"""The board of a scenario: frozen list, amounts, envelope and everything that the rules say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from applications.models import BudgetLine, CaseOutcome
from core.findings import Finding, Severity
from programs.rules import granting
from review.enums import MeetingState
from review.models import Allocation, DecisionMeeting, MeetingCase, Scenario
from review.rules import allocation as rules
from review.rules.allocation_check import check_allocation
from review.selectors.decision.envelope import (
    Money,
    Table,
    awarded_before,
    candidates,
    limits,
    money,
    rules_base,
    table,
)


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
    bounds = limits(frozen.terms, purse.available, granted, frozen.earlier)
    people = candidates(frozen.rows, scenario.base, frozen.earlier)
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
                company=row.case.company_name,
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
