"""A case as JSON and back: ``ipas-case/1``, documented in ``docs/case-schema.md``.

The layout follows the sections of a case, so that ``Finding.where`` is a path into the file. Reading is
strict: unknown keys and wrong types are refused, each with its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from programs.rules.facts import (
    Advantage,
    AvoidedReviewer,
    BudgetLine,
    CaseFacts,
    Company,
    Course,
    DocumentFact,
    Eligibility,
    Milestone,
    OtherFunding,
    Outcome,
    Partner,
    Trainee,
)
from programs.rules.reader import ReadError, plain, read

SCHEMA = "ipas-case/1"


class CaseFileError(ReadError):
    """A case file that cannot be read; ``problems`` lists each one as ``path: reason``."""

    @property
    def messages(self) -> list[str]:
        """The same list, by the name that Django's errors use."""
        return self.problems


@dataclass(frozen=True, slots=True)
class _Schedule:
    starts_on: date | None = None
    ends_on: date | None = None
    milestones: tuple[Milestone, ...] | None = None


@dataclass(frozen=True, slots=True)
class _OtherFunding:
    none: bool | None = None
    items: tuple[OtherFunding, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Submission:
    applied_on: date | None = None
    received_at: datetime | None = None
    closes_at: datetime | None = None
    other_subsidy: int | None = field(default=None, metadata={"min": 0})


@dataclass(frozen=True, slots=True)
class _CaseFile:
    schema: str = field(metadata={"choices": (SCHEMA,)})
    call: str = ""
    terms_version: int | None = field(default=None, metadata={"min": 1})
    number: str = ""
    submission: _Submission = field(default_factory=_Submission)
    company: Company = field(default_factory=Company)
    eligibility: Eligibility = field(default_factory=Eligibility)
    plan: dict[str, str] | None = None
    partners: tuple[Partner, ...] | None = None
    trainees: tuple[Trainee, ...] | None = None
    courses: tuple[Course, ...] | None = None
    schedule: _Schedule = field(default_factory=_Schedule)
    budget: tuple[BudgetLine, ...] | None = None
    outcomes: tuple[Outcome, ...] | None = None
    advantages: tuple[Advantage, ...] | None = None
    other_funding: _OtherFunding = field(default_factory=_OtherFunding)
    avoid_reviewers: tuple[AvoidedReviewer, ...] | None = None
    documents: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies outside the case and yet decides findings: an export carries it, a hand-made file need not.

    ``received_at``: the second that counts for S1 (online). ``closes_at``: the end of the window for this case,
    extensions included. ``other_subsidy``: dollars that the company asks for in other cases of the call (B4).
    ``terms_version``: the version of the call's terms under which the case was started.
    """

    received_at: datetime | None = None
    closes_at: datetime | None = None
    other_subsidy: int | None = None
    terms_version: int | None = None


def to_json(
    facts: CaseFacts, *, call: str = "", number: str = "", surroundings: Surroundings | None = None
) -> dict[str, Any]:
    """The JSON-ready form of a case. ``call`` and ``number`` are carried along for people, not for rules.

    Unknown values (None) are left out; derived values (amounts) are not written.
    """
    around = surroundings or Surroundings()
    texts = dict(facts.plan or {})
    if facts.title is not None:
        texts["title"] = facts.title
    documents: dict[str, int] | None = None
    if facts.documents is not None:
        documents = {}
        for document in facts.documents:
            documents[document.code] = documents.get(document.code, 0) + document.files
    file = _CaseFile(
        schema=SCHEMA,
        call=call,
        terms_version=around.terms_version,
        number=number,
        submission=_Submission(facts.applied_on, around.received_at, around.closes_at, around.other_subsidy),
        company=facts.company,
        eligibility=facts.eligibility,
        plan=texts or None,
        partners=facts.partners,
        trainees=facts.trainees,
        courses=facts.courses,
        schedule=_Schedule(facts.starts_on, facts.ends_on, facts.schedule),
        budget=facts.budget,
        outcomes=facts.outcomes,
        advantages=facts.advantages,
        other_funding=_OtherFunding(facts.declared_no_other_funding, facts.other_funding),
        avoid_reviewers=facts.avoid_reviewers,
        documents=documents,
    )
    data: dict[str, Any] = plain(file)
    return {k: v for k, v in data.items() if v not in ("", {}) or k == "documents"}


def from_json(data: Mapping[str, Any]) -> CaseFacts:
    """Read a case. Raises CaseFileError listing every problem by its path. No side effects."""
    return read_file(data)[0]


def read_file(data: object) -> tuple[CaseFacts, Surroundings]:
    """Read a case with what the file says of its surroundings. Raises CaseFileError, as ``from_json``."""
    problems: list[str] = []
    file = read(_CaseFile, data, problems)
    if file is not None:
        for code, files in (file.documents or {}).items():
            if files < 0:
                problems.append(f"documents.{code}: 不可小於 0")
    if file is None or problems:
        raise CaseFileError(problems)
    texts = dict(file.plan or {})
    title = texts.pop("title", None)
    facts = CaseFacts(
        title=title,
        starts_on=file.schedule.starts_on,
        ends_on=file.schedule.ends_on,
        applied_on=file.submission.applied_on,
        company=file.company,
        eligibility=file.eligibility,
        plan=texts or None,
        partners=file.partners,
        trainees=file.trainees,
        courses=file.courses,
        schedule=file.schedule.milestones,
        budget=file.budget,
        outcomes=file.outcomes,
        advantages=file.advantages,
        other_funding=file.other_funding.items,
        avoid_reviewers=file.avoid_reviewers,
        documents=None
        if file.documents is None
        else tuple(DocumentFact(code, files) for code, files in file.documents.items()),
        declared_no_other_funding=file.other_funding.none,
    )
    sent = file.submission
    return facts, Surroundings(sent.received_at, sent.closes_at, sent.other_subsidy, file.terms_version)
