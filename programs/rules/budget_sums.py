"""Sums and ceilings of the budget, shared by the checks, the budget page's live totals and the meeting."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from core.money import floor_ratio
from programs.rules.facts import CaseFacts

if TYPE_CHECKING:
    from programs.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """Sums of one account in dollars. ``limit``: the highest subsidy that B2 leaves for ``amount``.

    ``complete``: every line has all its factors; sums count the lines that do.
    """

    key: str
    label: str
    amount: int
    subsidy: int
    company_share: int
    limit: int | None
    complete: bool
    lines: tuple[int, ...]

    @property
    def room(self) -> int | None:
        """Dollars of subsidy left under B2; negative when over."""
        return None if self.limit is None else self.limit - self.subsidy

    @property
    def ratio(self) -> Fraction | None:
        """The subsidy's share of the account, None while the account is empty."""
        return Fraction(self.subsidy, self.amount) if self.amount > 0 else None


def share_ratio(terms: Terms, heads: int | None = None) -> Fraction | None:
    """The highest share of subsidy in an account (B2), None when the call sets none.

    ``heads``: the applicant's size, where the share depends on it (5+2); unknown leaves such a rule out.
    """
    ratios = [rule.params.ratio for rule in terms.of_kind("share_cap")]
    if heads is not None:
        bands = [rule.params.band(heads) for rule in terms.of_kind("size_bands")]
        ratios += [band.ratio for band in bands if band is not None]
    return min(ratios, default=None)


def account_totals(terms: Terms, facts: CaseFacts) -> list[AccountTotal]:
    """The sums of each account of the call, in its order, empty accounts included (B1, B2)."""
    ratio = share_ratio(terms, facts.company.heads)
    totals: list[AccountTotal] = []
    for account in terms.accounts:
        numbered = [(i, b) for i, b in enumerate(facts.budget or ()) if b.account == account.key]
        known = [b for _, b in numbered if b.amount is not None and b.subsidy is not None]
        amount = sum(b.amount or 0 for b in known)
        subsidy = sum(b.subsidy or 0 for b in known)
        totals.append(
            AccountTotal(
                key=account.key,
                label=account.label,
                amount=amount,
                subsidy=subsidy,
                company_share=amount - subsidy,
                limit=floor_ratio(max(amount, 0), ratio) if ratio is not None else None,
                complete=len(known) == len(numbered),
                lines=tuple(i for i, _ in numbered),
            )
        )
    return totals


def requested_subsidy(facts: CaseFacts) -> int:
    """The subsidy that the budget asks for in all, in dollars (lines without one count 0)."""
    return sum(b.subsidy or 0 for b in facts.budget or ())


def requested_heads(facts: CaseFacts) -> int:
    """The head-count that the case asks for, over its partners (RA2)."""
    return sum(p.heads or 0 for p in facts.partners or ())


def total_cost(facts: CaseFacts) -> int:
    """The plan's total cost in dollars (lines without an amount count 0)."""
    return sum(b.amount or 0 for b in facts.budget or ())


def max_subsidy(terms: Terms, students: int, employees: int) -> tuple[int, list[tuple[str, int]]]:
    """The highest subsidy for a head-count (B3, B4): dollars, and each ceiling that led to it with its label.

    Scheme-general form: ``max_subsidy_for``. Returns (0, []) when the call has no ceiling at all.
    """
    return max_subsidy_for(terms, {"student": students, "employee": employees})


def max_subsidy_for(terms: Terms, heads: dict[str, int], asked: int = 0) -> tuple[int, list[tuple[str, int]]]:
    """As ``max_subsidy``, for heads by trainee kind and a requested head-count (RA3)."""
    ceilings: list[tuple[str, int]] = []
    for rule in terms.of_kind("per_head_cap"):
        ceilings.append((f"依申請員額：{asked} × {rule.params.maximum:,}", rule.params.maximum * asked))
    for rule in terms.of_kind("head_count_cap"):
        per_head = rule.params.per_head
        ceilings.append(("依人數：" + heads_text(terms, per_head, heads), head_count_limit(per_head, heads)))
    ceilings += [("每家公司上限", rule.params.maximum) for rule in terms.of_kind("amount_cap")]
    return (min(n for _, n in ceilings), ceilings) if ceilings else (0, [])


def head_count_limit(per_head: dict[str, int], heads: dict[str, int]) -> int:
    """Σ dollars per head × heads (B3)."""
    return sum(dollars * heads.get(key, 0) for key, dollars in per_head.items())


def heads_text(terms: Terms, per_head: dict[str, int], heads: dict[str, int]) -> str:
    """The working of B3 as people read it: 學生 4 × 100,000 + 在職員工 2 × 60,000."""
    short = {"student": "學生", "employee": "在職員工"}
    return " + ".join(
        f"{short.get(key, terms.label('trainee_kinds', key))} {heads.get(key, 0)} × {dollars:,}"
        for key, dollars in per_head.items()
    )


def heads_of(terms: Terms, facts: CaseFacts) -> dict[str, int]:
    """Trainees by kind, every kind of the call named."""
    return {
        choice.key: sum(1 for t in facts.trainees or () if t.kind == choice.key)
        for choice in terms.trainee_kinds
    }


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling on the whole subsidy, for the live totals of the budget page. Dollars.

    ``short`` names it where room is scarce; ``beside``: how much of ``used`` belongs to the applicant's other cases.
    """

    rule: str
    clause: str
    label: str
    short: str
    limit: int
    used: int
    beside: int = 0

    @property
    def own(self) -> int:
        """The ceiling that is left for this case, less what the applicant asks for in its other ones."""
        return self.limit - self.beside

    @property
    def room(self) -> int:
        """Dollars left; negative when over."""
        return self.limit - self.used


def subsidy_caps(terms: Terms, facts: CaseFacts, *, other_subsidy: int = 0) -> list[Cap]:
    """The ceilings on the whole subsidy with what is used (B3, B4).

    ``other_subsidy``: dollars that the company asks for in its other cases of the call.
    """
    used = requested_subsidy(facts)
    heads = heads_of(terms, facts)
    caps: list[Cap] = []
    for rule in terms.of_kind("per_head_cap"):
        asked = requested_heads(facts)
        label = f"員額上限（{asked} × {rule.params.maximum:,}）"
        caps.append(Cap(rule.id, rule.clause, label, "員額上限", rule.params.maximum * asked, used))
    for rule in terms.of_kind("head_count_cap"):
        label = f"培訓人數上限（{heads_text(terms, rule.params.per_head, heads)}）"
        caps.append(
            Cap(rule.id, rule.clause, label, "人數上限", head_count_limit(rule.params.per_head, heads), used)
        )
    for rule in terms.of_kind("amount_cap"):
        total = used + other_subsidy
        caps.append(
            Cap(rule.id, rule.clause, "每家公司上限", "公司上限", rule.params.maximum, total, other_subsidy)
        )
    return caps
