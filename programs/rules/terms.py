"""The terms of a call: everything that differs from scheme to scheme and from year to year, as frozen data.

Read from a dict (``fixtures/schemes/*.yaml`` or the JSON stored with a call). ``parse_terms`` refuses terms
that do not hold together and names every problem with its path, so that the office's editor can show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeVar

from core.findings import Severity
from programs.rules.kinds import KINDS
from programs.rules.reader import ReadError, read
from programs.rules.term_parts import (
    Account,
    AdvantageItem,
    Aspect,
    Choice,
    ContractDocument,
    Criterion,
    DocumentItem,
    Instalment,
    JobRole,
    OutcomeItem,
    PlanText,
    Question,
    Settings,
    Stage,
    Window,
)

__all__ = [
    "SCHEMA",
    "TIE_RULES",
    "Account",
    "AdvantageItem",
    "Aspect",
    "Choice",
    "ContractDocument",
    "Criterion",
    "DocumentItem",
    "Instalment",
    "JobRole",
    "OutcomeItem",
    "PlanText",
    "Question",
    "Rule",
    "Settings",
    "Stage",
    "Terms",
    "TermsError",
    "Window",
    "parse_terms",
]

T = TypeVar("T")

SCHEMA = "ipas-terms/1"


class TermsError(ReadError):
    """Terms that cannot be used; ``problems`` lists each one as ``path: reason``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the call: ID, clause, kind with typed parameters, and words for the public page."""

    id: str
    kind: str
    clause: str
    title: str
    text: str
    severity: Severity
    params: Any
    group: str = ""

    @property
    def enforced(self) -> bool:
        """Whether the rulebook itself checks it (False: a rule that people follow, listed for reading)."""
        return self.kind != "notice"


@dataclass(frozen=True, slots=True)
class _RawRule:
    id: str = field(metadata={"not_empty": True})
    kind: str
    clause: str = field(metadata={"not_empty": True})
    title: str = field(metadata={"not_empty": True})
    text: str = field(metadata={"not_empty": True})
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one version of a call. Money in whole dollars."""

    schema: str = field(metadata={"choices": (SCHEMA,)})
    code: str = field(metadata={"not_empty": True})
    name: str = field(metadata={"not_empty": True})
    short_name: str
    roc_year: int = field(metadata={"min": 100, "max": 200})
    authority: str
    operator: str
    operator_address: str
    website: str
    legal_basis: str
    summary: str
    window: Window
    timetable: tuple[Stage, ...] = field(metadata={"not_empty": True})
    envelope: int = field(metadata={"min": 1})
    trainee_kinds: tuple[Choice, ...] = field(metadata={"not_empty": True})
    student_levels: tuple[Choice, ...]
    lecturer_kinds: tuple[Choice, ...]
    job_role_groups: tuple[Choice, ...]
    job_roles: tuple[JobRole, ...]
    net_worth_bases: tuple[Choice, ...]
    plan_texts: tuple[PlanText, ...]
    accounts: tuple[Account, ...]
    criteria: tuple[Criterion, ...] = field(metadata={"not_empty": True})
    advantages: tuple[AdvantageItem, ...]
    documents: tuple[DocumentItem, ...]
    outcomes: tuple[OutcomeItem, ...]
    contract_documents: tuple[ContractDocument, ...]
    instalments: tuple[Instalment, ...]
    selfcheck: tuple[Question, ...]
    settings: Settings
    notes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=(), metadata={"computed": True})

    def rule(self, rule_id: str) -> Rule:
        """The rule with this ID. Raises KeyError when the call has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def has_rule(self, rule_id: str) -> bool:
        """Whether the call has a rule with this ID."""
        return any(rule.id == rule_id for rule in self.rules)

    def of_kind(self, *kinds: str) -> list[Rule]:
        """The rules of these kinds, in the call's order."""
        return [rule for rule in self.rules if rule.kind in kinds]

    def document(self, code: str) -> DocumentItem:
        """The document item with this code. Raises KeyError."""
        return _by(self.documents, "code", code)

    def account(self, key: str) -> Account:
        """The account with this key. Raises KeyError."""
        return _by(self.accounts, "key", key)

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion with this ID. Raises KeyError."""
        return _by(self.criteria, "id", criterion_id)

    def outcome(self, key: str) -> OutcomeItem:
        """The outcome item with this key. Raises KeyError."""
        return _by(self.outcomes, "key", key)

    def label(self, list_name: str, key: str | None) -> str:
        """What people read for ``key`` of a list such as ``"job_roles"``; an unknown key itself."""
        for entry in getattr(self, list_name):
            if entry.key == key:
                return str(entry.label)
        return key or ""

    def choices(self, list_name: str) -> list[tuple[str, str]]:
        """(key, label) pairs of a list such as ``"student_levels"``, for form fields."""
        return [(entry.key, entry.label) for entry in getattr(self, list_name)]

    def job_role_choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Job roles grouped as T4 groups them: [(group label, [(key, label), …]), …]."""
        return [
            (g.label, [(r.key, r.label) for r in self.job_roles if r.group == g.key])
            for g in self.job_role_groups
        ]


def _by(entries: Iterable[T], attribute: str, key: str) -> T:
    for entry in entries:
        if getattr(entry, attribute) == key:
            return entry
    raise KeyError(key)


def parse_terms(data: Mapping[str, Any]) -> Terms:
    """Read and validate terms. Raises TermsError listing every problem with its path. No side effects."""
    problems: list[str] = []
    if not isinstance(data, Mapping):
        raise TermsError(["（檔案）: 應為一組欄位（物件）"])
    raw_rules = data.get("rules")
    rules = _rules(raw_rules, problems)
    terms = read(Terms, {k: v for k, v in data.items() if k != "rules"}, problems)
    if terms is None:
        raise TermsError(problems)
    terms = replace(terms, rules=tuple(rules))
    # Rules that could not be read are named already; what refers to them is not wrong as well.
    named = {str(r.get("id")) for r in raw_rules or () if isinstance(r, Mapping)} if rules else None
    _hold_together(terms, named, problems)
    if problems:
        raise TermsError(problems)
    return terms


def _rules(data: object, problems: list[str]) -> list[Rule]:
    if not isinstance(data, (list, tuple)) or not data:
        problems.append("rules: 應為規則清單，至少一條")
        return []
    rules: list[Rule] = []
    for i, entry in enumerate(data):
        path = f"rules[{i}]"
        if not isinstance(entry, Mapping):
            problems.append(f"{path}: 應為一組欄位（物件）")
            continue
        raw = read(_RawRule, {k: v for k, v in entry.items() if k != "params"}, problems, path)
        if raw is None:
            continue
        kind = KINDS.get(raw.kind)
        if kind is None:
            problems.append(f"{path}.kind: 沒有「{raw.kind}」這種規則；可用的有 {'、'.join(sorted(KINDS))}")
            continue
        params = read(kind.params, entry.get("params") or {}, problems, f"{path}.params")
        if params is not None:
            rules.append(
                Rule(raw.id, raw.kind, raw.clause, raw.title, raw.text, raw.severity, params, raw.id[:1])
            )
    return rules


def _hold_together(terms: Terms, ids: set[str] | None, problems: list[str]) -> None:
    """Checks across fields: unique keys, sums, and references that lead somewhere (``ids``: of rules)."""
    from programs.rules.conditions import CONDITIONS

    for name, attribute in (
        ("rules", "id"),
        ("timetable", "key"),
        ("trainee_kinds", "key"),
        ("student_levels", "key"),
        ("lecturer_kinds", "key"),
        ("job_role_groups", "key"),
        ("job_roles", "key"),
        ("net_worth_bases", "key"),
        ("plan_texts", "key"),
        ("accounts", "key"),
        ("criteria", "id"),
        ("advantages", "key"),
        ("documents", "code"),
        ("outcomes", "key"),
        ("contract_documents", "key"),
        ("selfcheck", "key"),
    ):
        _unique(name, attribute, getattr(terms, name), problems)
    weight = sum(c.weight for c in terms.criteria)
    if weight != 100:
        problems.append(f"criteria: 各審查項目權重合計應為 100，現為 {weight}")
    share = sum((i.share for i in terms.instalments), Fraction(0))
    if terms.instalments and share != 1:
        problems.append(f"instalments: 各期撥款比例合計應為 100%，現為 {share}")
    if terms.window.closes_at <= terms.window.opens_at:
        problems.append("window.closes_at: 截止時間應晚於開始時間")
    for i, stage in enumerate(terms.timetable):
        if stage.ends_on < stage.starts_on:
            problems.append(f"timetable[{i}].ends_on: 結束日不可早於開始日")
    for name in ("advantages", "instalments", "selfcheck"):
        for i, entry in enumerate(getattr(terms, name)):
            if ids is not None and entry.rule not in ids:
                problems.append(f"{name}[{i}].rule: 沒有規則 {entry.rule}")
    groups = {g.key for g in terms.job_role_groups}
    for i, role in enumerate(terms.job_roles):
        if role.group not in groups:
            problems.append(f"job_roles[{i}].group: 沒有群組 {role.group}")
    for i, item in enumerate(terms.documents):
        if item.condition not in CONDITIONS:
            problems.append(f"documents[{i}].condition: 只能是 {'、'.join(sorted(CONDITIONS))}")
    criteria = {c.id for c in terms.criteria}
    for i, tie in enumerate(terms.settings.tie_rules):
        if tie not in TIE_RULES and not (tie.startswith("criterion:") and tie[10:] in criteria):
            problems.append(f"settings.tie_rules[{i}]: 不認得的同分規則「{tie}」")
    for i, rule in enumerate(terms.rules):
        validate = getattr(rule.params, "validate", None)
        if validate is not None:
            problems.extend(f"rules[{i}].params.{message}" for message in validate(terms))


#: Tie rules besides ``criterion:<ID>``: more students first, smaller request first, earlier submission first.
TIE_RULES = ("students", "smaller_request", "earlier_submission")


def _unique(name: str, attribute: str, entries: tuple[Any, ...], problems: list[str]) -> None:
    seen: set[str] = set()
    for i, entry in enumerate(entries):
        key = getattr(entry, attribute)
        if key in seen:
            problems.append(f"{name}[{i}].{attribute}: 「{key}」重複了")
        seen.add(key)
