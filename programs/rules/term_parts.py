"""The entries of a call's terms: lists, criteria, documents, payments and settings, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a closed list: what is stored and what people read."""

    key: str = field(metadata={"not_empty": True})
    label: str = field(metadata={"not_empty": True})
    note: str = ""


@dataclass(frozen=True, slots=True)
class JobRole:
    """A digital job role (T4). ``group`` is a key of ``Terms.job_role_groups``."""

    key: str = field(metadata={"not_empty": True})
    label: str = field(metadata={"not_empty": True})
    group: str


@dataclass(frozen=True, slots=True)
class Window:
    """When applications are accepted (S1). Both ends belong to it, the last with its whole second."""

    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime, *, closes_at: datetime | None = None) -> bool:
        """Whether ``now`` lies in the window; ``closes_at`` is an extended end (S1)."""
        last = max(self.closes_at, closes_at) if closes_at is not None else self.closes_at
        return self.opens_at <= now < last + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the timetable. ``when`` is what the notice says; the dates draw it."""

    key: str
    label: str
    text: str
    when: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class PlanText:
    """One text of the plan (T6). ``max_length`` in characters."""

    key: str
    label: str
    prompt: str
    required: bool = True
    max_length: int = field(default=5000, metadata={"min": 1})


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the budget (B1) and what may be listed under it."""

    key: str
    label: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aspect:
    """What a reviewer looks at within a criterion."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A review criterion (R1–R4). ``weight`` in percent; a call's weights make 100."""

    id: str
    clause: str
    label: str
    weight: int = field(metadata={"min": 1, "max": 100})
    aspects: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True)
class AdvantageItem:
    """One advantage of R5/R6. ``source``: ``computed`` from facts, or ``claimed`` with proof."""

    key: str
    rule: str
    group: str
    label: str
    source: str = field(metadata={"choices": ("computed", "claimed")})
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """A document of the application (D1–D8). ``condition`` names a function of ``programs.rules.conditions``.

    ``made_by``: ``portal`` (typeset from what was entered) or ``upload``. ``copies``: paper copies.
    ``accept``: file kinds that the upload takes.
    """

    code: str
    label: str
    clause: str
    condition: str
    made_by: str = field(metadata={"choices": ("portal", "upload")})
    copies: int = field(metadata={"min": 0})
    help: str = ""
    accept: tuple[str, ...] = ()
    max_files: int = field(default=10, metadata={"min": 1})
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class OutcomeItem:
    """A kind of expected outcome (R3). ``better``: ``up``, ``down`` or ``text``; C2 compares by it."""

    key: str
    label: str
    unit: str = ""
    better: str = field(default="up", metadata={"choices": ("up", "down", "text")})
    required: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """A document of the contract (C3)."""

    key: str
    label: str
    made_by: str = field(default="upload", metadata={"choices": ("portal", "upload")})


@dataclass(frozen=True, slots=True)
class Instalment:
    """A payment (P1, P2): its share of the approved subsidy and what has to be there."""

    rule: str
    label: str
    share: Fraction = field(metadata={"min": 0, "max": 1})
    condition: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the public self-check. ``answer``: ``yes_no``, ``count``, ``dollars`` or ``choice``."""

    key: str
    rule: str
    text: str
    answer: str = field(metadata={"choices": ("yes_no", "count", "dollars", "choice")})
    help: str = ""
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the documents leave to the office. Days are calendar days unless named working.

    ``scoring_scale``: the highest mark of one criterion. ``pass_mark``: on the weighted total of 0–100.
    ``spread_flag``: points between the highest and lowest total above which the chair sees a flag.
    ``grace_minutes``: how long a submission that began within the window may take to end.
    ``tie_rules``: keys in the order in which they break a tie; ``criterion:R1`` means the mark in R1.
    """

    pass_mark: int = field(metadata={"min": 0, "max": 100})
    reviewers_per_case: int = field(metadata={"min": 1})
    scoring_scale: int = field(metadata={"min": 1})
    ranking: str = field(metadata={"choices": ("average", "rank_sum")})
    tie_rules: tuple[str, ...]
    supplement_working_days: int = field(metadata={"min": 1})
    extension_working_days_max: int = field(metadata={"min": 0})
    reminder_working_days: int = field(metadata={"min": 0})
    days_to_sign: int = field(metadata={"min": 1})
    letter_prefix: str = field(metadata={"not_empty": True})
    retention_years: int = field(metadata={"min": 1})
    closing_window_days: int = field(metadata={"min": 1})
    spread_flag: int = field(metadata={"min": 1})
    panel_gender_share: Fraction = field(metadata={"min": 0, "max": Fraction(1, 2)})
    grace_minutes: int = field(metadata={"min": 0})
    upload_max_mb: int = field(metadata={"min": 1})
    reviewers_to_avoid_max: int = field(metadata={"min": 0})
