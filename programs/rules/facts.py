"""The case as the rules see it: frozen facts, the same from rows, a JSON file or a self-check.

``None`` always means *not known yet*: a rule that needs an unknown fact says nothing in a self-check
and asks for it in a full check. The JSON form of these classes is ``docs/case-schema.md``.
Money is whole New Taiwan dollars, hours are whole hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Company:
    """The applicant. ``codes`` are business item codes (所營事業代碼), ``kind`` a ``core.applicants`` kind.

    ``registered``: answered in a self-check, where no number is asked for. ``ubn_override``: the reason
    for which staff accepted a really registered number that fails the checksum.
    """

    registered: bool | None = None
    kind: str | None = None
    ubn: str | None = None
    ubn_override: str = ""
    name: str | None = None
    postal_code: str | None = None
    city: str | None = None
    township: str | None = None
    address: str | None = None
    heads: int | None = None
    representative: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the applicant declares about E1–E4 and D8. ``net_worth_basis`` names the evidence of E3a.

    ``special_approval``: approved case by case (RA1); ``consultant_visited``: the consultant has been (5+2).
    """

    founded_on: date | None = None
    bank_rejected: bool | None = None
    net_worth: int | None = None
    net_worth_basis: str | None = None
    positive_after_increase: bool | None = None
    serves_manufacturing: bool | None = None
    public_servant_related: bool | None = None
    special_approval: bool | None = None
    consultant_visited: bool | None = None


@dataclass(frozen=True, slots=True)
class Trainee:
    """One person to be trained. ``kind``: ``student`` or ``employee``; ``level``: a student level.

    ``hourly_wage`` in dollars an hour. ``monthly_wage``: for employees who are paid by the month, in dollars;
    T8 compares whichever is known with the statutory minimum of the same unit (a month's minimum
    divided by hours is not the hourly minimum).
    """

    name: str | None = None
    kind: str | None = None
    gender: str | None = None
    school: str = ""
    department: str = ""
    level: str = ""
    post: str = ""
    job_role: str | None = None
    planned_hours: int | None = None
    hourly_wage: int | None = None
    monthly_wage: int | None = None
    insured: bool | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """One body that the plan is carried out with; ``kind``: of the terms' list (a university, a company).

    ``heads``: the head-count asked for together with it; ``months`` of training, ``practice_months`` of them
    there; ``bonus``: dollars that it adds for a head and year.
    """

    name: str | None = None
    kind: str | None = None
    subject: str = ""
    heads: int | None = None
    months: int | None = None
    practice_months: int | None = None
    bonus: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the training content. ``kind``: ``lecture`` or ``practice``; hours for each trainee.

    ``lecturer_affiliation``: a lecturer kind (``inside``, ``affiliated``, ``outside``), or the
    name of where the lecturer works (the company's own name counts as ``inside``).
    """

    name: str | None = None
    kind: str | None = None
    hours: int | None = None
    site: str = ""
    lecturer: str = ""
    lecturer_affiliation: str = ""
    fee_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One bar of the schedule; ``checkpoint`` says what is shown at its end ("" for none)."""

    name: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    checkpoint: str = ""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """quantity × unit_price × months = amount; subsidy + company share = amount (B2)."""

    account: str | None = None
    item: str | None = None
    unit: str = ""
    quantity: int | None = None
    unit_price: int | None = None
    months: int | None = None
    subsidy: int | None = None

    @property
    def amount(self) -> int | None:
        """The line's total in dollars, None while a factor is missing."""
        if self.quantity is None or self.unit_price is None or self.months is None:
            return None
        return self.quantity * self.unit_price * self.months

    @property
    def company_share(self) -> int | None:
        """What the company pays of the line (配合款)."""
        if self.amount is None or self.subsidy is None:
            return None
        return self.amount - self.subsidy


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expected outcome (a promise): ``key`` from the terms' list, numbers before and after."""

    key: str | None = None
    baseline: str = ""
    target: str = ""
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Advantage:
    """One advantage of R5/R6 that the applicant claims, with what proves it."""

    key: str
    claimed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class OtherFunding:
    """Other public money for the same plan."""

    agency: str | None = None
    programme: str | None = None
    amount: int | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class AvoidedReviewer:
    """Somebody whom the applicant asks not to have as a reviewer, with the reason."""

    name: str | None = None
    organisation: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document item that has been handed in: its code (``D4``) and how many files are current."""

    code: str
    files: int = 1


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything that the rules may look at. A tuple field of None means that the section is unknown."""

    title: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    applied_on: date | None = None
    company: Company = field(default_factory=Company)
    eligibility: Eligibility = field(default_factory=Eligibility)
    plan: dict[str, str] | None = None
    partners: tuple[Partner, ...] | None = None
    trainees: tuple[Trainee, ...] | None = None
    courses: tuple[Course, ...] | None = None
    schedule: tuple[Milestone, ...] | None = None
    budget: tuple[BudgetLine, ...] | None = None
    outcomes: tuple[Outcome, ...] | None = None
    advantages: tuple[Advantage, ...] | None = None
    other_funding: tuple[OtherFunding, ...] | None = None
    avoid_reviewers: tuple[AvoidedReviewer, ...] | None = None
    documents: tuple[DocumentFact, ...] | None = None
    declared_no_other_funding: bool | None = None
