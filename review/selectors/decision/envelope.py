"""What a scenario computes with: the frozen list of its meeting, the money that is left and the call's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch, Sum

from applications.models import Case, CaseOutcome
from programs.models import Call
from programs.rules import budget_sums
from programs.rules.terms import Terms as CallTerms
from programs.selectors.ledger import Standing, may_award, standing_of
from review.enums import AllocationBase, MeetingState
from review.models import DecisionMeeting, MeetingAsk, MeetingCase, Scenario
from review.rules import allocation as rules


@dataclass(frozen=True, slots=True)
class Table:
    """The frozen list of a meeting: cases in rank order, each with its accounts.

    ``standing``: the call's money in its plan's budget, where it has one and the decision is still to come.
    ``earlier``: the versions of the call that cases on the list began with, other than the current one, by key.
    """

    meeting: DecisionMeeting
    terms: CallTerms
    rows: tuple[MeetingCase, ...]
    accounts: tuple[tuple[str, str], ...]
    standing: Standing | None = None
    earlier: Mapping[int, CallTerms] = field(default_factory=dict)

    def terms_of(self, case: Case) -> CallTerms:
        """The terms that the case began with."""
        return self.earlier.get(case.terms_id, self.terms)

    @property
    def criteria(self) -> list[tuple[str, str, int]]:
        """(ID, label, weight) of the current version, then of criteria that only earlier versions have."""
        found: dict[str, tuple[str, str, int]] = {}
        for terms in (self.terms, *self.earlier.values()):
            for one in terms.criteria:
                found.setdefault(one.id, (one.id, one.label, one.weight))
        return list(found.values())

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
    """Read the frozen list. Three queries (``meeting`` brings call and terms), ten where a plan pays the call.

    One more where cases began with an earlier version of the call.
    """
    rows = tuple(
        meeting.meeting_cases.select_related("case__organisation", "case__company")
        .prefetch_related(Prefetch("asks", to_attr="ask_list"))
        .defer(*(f"case__{name}" for name in _UNSEEN_CASE))
        .defer(*(f"case__{part}__{name}" for part in ("organisation", "company") for name in _UNSEEN_COMPANY))
    )
    terms = meeting.call.terms
    earlier = _earlier(meeting.call, rows)
    used = {ask.account for row in rows for ask in asks_of(row)}
    named = _line_labels(terms, earlier)
    order = [key for key in named if key in used] + sorted(used - set(named))
    decided = meeting.state == MeetingState.CONFIRMED
    standing = None if decided else standing_of(meeting.call)
    labels = tuple((key, named.get(key, key)) for key in order)
    return Table(meeting, terms, rows, labels, standing, earlier)


def _earlier(call: Call, rows: Sequence[MeetingCase]) -> dict[int, CallTerms]:
    """The versions other than the current one that cases of the list began with. One query where there are any."""
    others = {row.case.terms_id for row in rows} - {call.current_terms_id}
    return {one.pk: one.terms for one in call.versions.filter(pk__in=others)} if others else {}


def _line_labels(terms: CallTerms, earlier: Mapping[int, CallTerms]) -> dict[str, str]:
    """Line → what people read: the current version's lines in order, then those that only earlier versions have."""
    labels: dict[str, str] = {}
    for version in (terms, *earlier.values()):
        for line in version.award_lines:
            labels.setdefault(line.key, line.label)
    return labels


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


def money(call: Call, scenario: Scenario, granted: Mapping[str, int], standing: Standing | None) -> Money:
    """What a scenario may divide. A cut is one of the call's whole envelope; it rounds down.

    A scenario may foresee a cut that then comes: the stricter of it and the measures in force counts, not both.
    """
    after = rules.cut_envelope(call.envelope, Fraction(scenario.cut_percent) / 100)
    covered = min(after, may_award(call, standing))
    spent = sum(granted.values())
    return Money(call.envelope, call.envelope - after, spent, max(0, covered - spent), after - covered)


def limits(
    terms: CallTerms,
    envelope: int,
    granted: Mapping[str, int],
    earlier: Mapping[int, CallTerms] | None = None,
) -> rules.Limits:
    """The call's own limits with their rule IDs and clauses; cases of ``earlier`` versions bring theirs along."""
    named = dict(rules.IPAS_RULES)
    for limit, kind in (
        ("ratio", "size_bands"),
        ("ratio", "share_cap"),
        ("case_cap", "head_count_cap"),
        ("company_cap", "amount_cap"),
    ):
        for rule in terms.of_kind(kind)[:1]:
            named[limit] = rules.RuleRef(rule.id, rule.clause)
    if terms.has_rule("A1"):
        named["envelope"] = rules.RuleRef("A1", terms.rule("A1").clause)
    named["request"] = named["envelope"]
    for rule in [*terms.of_kind("requested_heads"), *terms.of_kind("reserve")]:
        # A grant of heads: nobody gets more than it asked for (RA8).
        named["request"] = rules.RuleRef(rule.id, rule.clause)
    grant = terms.grant
    return rules.Limits(
        envelope=envelope,
        account_ratio=budget_sums.share_ratio(terms) if terms.in_dollars else None,
        company_cap=_company_cap(terms),
        company_used=granted,
        unit=grant.unit,
        pool=grant.pool,
        measure=grant.measure,
        verb=grant.verb,
        labels=_line_labels(terms, earlier or {}),
        rules=named,
    )


def _company_cap(terms: CallTerms) -> int | None:
    """The most dollars for one company (B4), None where the terms cap none."""
    caps = [rule.params.maximum for rule in terms.of_kind("amount_cap") if terms.in_dollars]
    return min(caps) if caps else None


def candidates(
    rows: Sequence[MeetingCase], base: str, earlier: Mapping[int, CallTerms] | None = None
) -> list[rules.Candidate]:
    """The list as the allocation's arithmetic takes it. ``earlier``: of :class:`Table`, for B4 as each case began."""
    own_caps = {pk: _company_cap(terms) for pk, terms in (earlier or {}).items()}

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
            company_cap=own_caps.get(row.case.terms_id),
        )
        for row in rows
    ]


def rules_base(scenario: Scenario) -> rules.Base:
    """The base in the words of the arithmetic."""
    return rules.Base.REQUESTED if scenario.base == AllocationBase.REQUESTED else rules.Base.RECOMMENDED


def allocate(people: Sequence[rules.Candidate], bounds: rules.Limits, scenario: Scenario) -> rules.Allocation:
    """Compute a scenario by its own method; ``by_hand`` gives nothing to anybody."""
    base = rules_base(scenario)
    if scenario.method == rules.Way.PROPORTIONAL:
        return rules.proportional(people, bounds, base=base)
    if scenario.method == rules.Way.BY_HAND:
        return rules.by_hand(people, bounds, {}, base=base)
    return rules.in_rank_order(people, bounds, base=base, partial=rules.Partial(scenario.last_case))
