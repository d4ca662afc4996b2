"""Ranking of the reviewed cases (參.三): by average score or by rank sum (序位法), with the call's tie rules.

The result depends on the facts alone, never on the order in which they arrive: the case number is always
the last tie rule. Each tie that had to be broken is explained in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from typing import Any

from review.rules.scoring import (
    Scheme,
    ScoringError,
    Sheet,
    Summary,
    Thresholds,
    display,
    plain,
    summarise,
)

TAIPEI = timezone(timedelta(hours=8))


class Method(StrEnum):
    """What is compared first."""

    AVERAGE = "average"
    RANK_SUM = "rank_sum"

    @property
    def label(self) -> str:
        return {"average": "平均分數", "rank_sum": "序位法"}[self.value]


class TieKind(StrEnum):
    """What may break a tie."""

    AVERAGE = "average"
    RANK = "rank"
    CRITERION = "criterion"
    STUDENTS = "students"
    SMALLER_REQUEST = "smaller_request"
    SUBMITTED = "earlier_submission"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class TieRule:
    """One tie rule; ``criterion`` is the code for the kind of that name, else ""."""

    kind: TieKind
    criterion: str = ""

    @classmethod
    def parse(cls, text: str) -> TieRule:
        """From the words of the call's terms: a kind's value, or ``criterion:R1``.

        Raises ValueError for anything else.
        """
        kind, _, code = text.strip().partition(":")
        rule = cls(TieKind(kind), code.strip())
        if (rule.kind is TieKind.CRITERION) != bool(rule.criterion):
            raise ValueError(text)
        return rule

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.criterion}" if self.criterion else self.kind.value

    @property
    def label(self) -> str:
        """The rule in words, as the reasoning quotes it."""
        return {
            TieKind.AVERAGE: "平均分數較高",
            TieKind.RANK: "序位較前",
            TieKind.CRITERION: f"{self.criterion} 分數較高",
            TieKind.STUDENTS: "培訓學生人數較多",
            TieKind.SMALLER_REQUEST: "申請金額較低",
            TieKind.SUBMITTED: "送件時間較早",
            TieKind.NUMBER: "案號較前",
        }[self.kind]


NUMBER = TieRule(TieKind.NUMBER)
DEFAULT_TIE_RULES = (
    TieRule(TieKind.AVERAGE),
    TieRule(TieKind.CRITERION, "R1"),
    TieRule(TieKind.CRITERION, "R2"),
    TieRule(TieKind.STUDENTS),
    TieRule(TieKind.SUBMITTED),
    NUMBER,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The call's way of ranking. ``pass_mark``: least average (of 100) that passes, None for no mark."""

    scheme: Scheme
    method: Method = Method.AVERAGE
    tie_rules: tuple[TieRule, ...] = DEFAULT_TIE_RULES
    pass_mark: Fraction | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        for rule in self.tie_rules:
            if rule.criterion and rule.criterion not in self.scheme.codes:
                raise ScoringError(f"同分規則用到不存在的評分項目 {rule.criterion}。")


@dataclass(frozen=True, slots=True)
class Entry:
    """A reviewed case: its number (unique in the call), sheets, and the facts that tie rules may ask for.

    ``submitted_at`` carries its time zone. A case without time or request comes after those that have it.
    ``own``: criteria, pass mark and thresholds of the version of the call that the case began with, where that
    is not the one of the list; method and tie rules are always the list's.
    """

    case: str
    sheets: tuple[Sheet, ...]
    students: int = 0
    submitted_at: datetime | None = None
    requested: int | None = None
    own: Terms | None = None

    def terms(self, of_list: Terms) -> Terms:
        """The terms that score this case."""
        return self.own or of_list


@dataclass(frozen=True, slots=True)
class RankedCase:
    """One row of the result. ``rank`` is None without a complete sheet. Scores are exact, of 100.

    ``scale``: the highest mark of a criterion for this case.
    """

    case: str
    rank: int | None
    passed: bool
    summary: Summary
    average: Fraction | None
    rank_sum: Fraction | None
    mean_rank: Fraction | None
    students: int
    submitted_at: datetime | None
    requested: int | None
    reviewer_ranks: Mapping[str, Fraction]
    explanations: tuple[str, ...] = ()
    scale: Fraction = Fraction(100)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All rows, best first, unranked ones last, and notes that hold for the whole list."""

    method: Method
    rows: tuple[RankedCase, ...]
    uses_mean_rank: bool
    notes: tuple[str, ...]

    def row(self, case: str) -> RankedCase:
        """The row of a case. Raises KeyError."""
        for row in self.rows:
            if row.case == case:
                return row
        raise KeyError(case)


def natural_key(number: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts case numbers as people do: 114-9 before 114-10; the text itself settles what is left."""
    parts = re.findall(r"[0-9]+|[^0-9]+", number)
    return (*((0, int(p), "") if p[0] in "0123456789" else (1, 0, p) for p in parts), (2, 0, number))


def average_ranks(totals: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """One reviewer's ranks of his or her cases, 1 the best; equal totals share the mean of their places."""
    by_total: dict[Fraction, list[str]] = {}
    for case, total in totals.items():
        by_total.setdefault(total, []).append(case)
    ranks: dict[str, Fraction] = {}
    place = 1
    for total in sorted(by_total, reverse=True):
        tied = by_total[total]
        shared = Fraction(2 * place + len(tied) - 1, 2)
        ranks.update(dict.fromkeys(tied, shared))
        place += len(tied)
    return ranks


def rank(entries: Iterable[Entry], terms: Terms) -> Ranking:
    """Rank the cases. Raises ScoringError for a case number or a reviewer that appears twice in its place.

    Rank sums are compared as they are while every case has the same number of sheets; otherwise the mean
    rank takes their place, because a case seen by fewer reviewers would win by its smaller sum.
    """
    cases = sorted(entries, key=lambda e: natural_key(e.case))
    if len({e.case for e in cases}) != len(cases):
        raise ScoringError("案號重複。")
    judged = {e.case: e.terms(terms) for e in cases}
    summaries = {e.case: summarise(e.sheets, judged[e.case].scheme, judged[e.case].thresholds) for e in cases}
    ranks = _ranks_by_reviewer(summaries)
    unranked = [_row(e, summaries[e.case], ranks, terms) for e in cases if not summaries[e.case].totals]
    rows = [_row(e, summaries[e.case], ranks, terms) for e in cases if summaries[e.case].totals]

    mean_rank = terms.method is Method.RANK_SUM and len({len(row.reviewer_ranks) for row in rows}) > 1
    rules = (*(r for r in terms.tie_rules if r.kind is not TieKind.NUMBER), NUMBER)
    keyed = {
        row.case: (_primary(row, terms.method, mean_rank), *(_key(row, rule) for rule in rules))
        for row in rows
    }
    ordered = sorted(rows, key=lambda row: keyed[row.case])
    keys = [keyed[row.case] for row in ordered]
    result = tuple(
        replace(
            row,
            rank=at + 1,
            explanations=(
                *_explain(at, ordered, keys, rules, terms.method, mean_rank),
                *_explain_own(judged[row.case], terms),
                *_explain_mark(row, judged[row.case].pass_mark),
            ),
        )
        for at, row in enumerate(ordered)
    )
    notes = _notes(result, unranked, ranks, mean_rank, terms)
    return Ranking(terms.method, (*result, *unranked), mean_rank, notes)


def _ranks_by_reviewer(summaries: Mapping[str, Summary]) -> dict[str, dict[str, Fraction]]:
    totals: dict[str, dict[str, Fraction]] = {}
    for case, summary in summaries.items():
        for reviewer, total in summary.totals.items():
            totals.setdefault(reviewer, {})[case] = total
    return {reviewer: average_ranks(given) for reviewer, given in totals.items()}


def _row(
    entry: Entry, summary: Summary, ranks: Mapping[str, Mapping[str, Fraction]], terms: Terms
) -> RankedCase:
    own = {reviewer: ranks[reviewer][entry.case] for reviewer in summary.totals}
    average = summary.total.mean if summary.total else None
    judged = entry.terms(terms)
    total_rank = sum(own.values(), Fraction(0)) if own else None
    return RankedCase(
        case=entry.case,
        rank=None,
        passed=average is not None and (judged.pass_mark is None or average >= judged.pass_mark),
        summary=summary,
        average=average,
        rank_sum=total_rank,
        mean_rank=None if total_rank is None else total_rank / len(own),
        students=entry.students,
        submitted_at=entry.submitted_at,
        requested=entry.requested,
        reviewer_ranks=own,
        explanations=() if own else ("尚無完成的評分表，未列入排序。",),
        scale=judged.scheme.scale,
    )


def _primary(row: RankedCase, method: Method, mean_rank: bool) -> Fraction:
    """Smaller is better, as in every key."""
    if method is Method.AVERAGE:
        return -(row.average or Fraction(0))
    return (row.mean_rank if mean_rank else row.rank_sum) or Fraction(0)


def _key(row: RankedCase, rule: TieRule) -> Any:
    match rule.kind:
        case TieKind.AVERAGE:
            return -(row.average or Fraction(0))
        case TieKind.RANK:
            return row.mean_rank or Fraction(0)
        case TieKind.CRITERION:
            mark = row.summary.criteria.get(rule.criterion)
            # Marks of different scales compare as shares of the scale; a case without the criterion comes last.
            return (mark is None, mark and -mark.mean / row.scale)
        case TieKind.STUDENTS:
            return -row.students
        case TieKind.SMALLER_REQUEST:
            return (row.requested is None, row.requested)
        case TieKind.SUBMITTED:
            return (row.submitted_at is None, row.submitted_at)
        case TieKind.NUMBER:
            return natural_key(row.case)


def _primary_text(row: RankedCase, method: Method, mean_rank: bool) -> str:
    if method is Method.AVERAGE:
        return f"{display(row.average or 0)} 分"
    if mean_rank:
        return f"平均序位 {display(row.mean_rank or 0)}"
    return f"序位和 {plain(row.rank_sum or 0)}"


def _gap(text: str) -> str:
    """A space before a figure, none before a word, as Chinese is set."""
    return f" {text}" if text[0].isdigit() else text


def _value_text(row: RankedCase, rule: TieRule) -> str:
    match rule.kind:
        case TieKind.AVERAGE:
            return f"{display(row.average or 0)} 分"
        case TieKind.RANK:
            return f"平均序位 {display(row.mean_rank or 0)}"
        case TieKind.CRITERION:
            mark = row.summary.criteria.get(rule.criterion)
            return f"{display(mark.mean)} 分" if mark else "無此項目"
        case TieKind.STUDENTS:
            return f"{row.students} 人"
        case TieKind.SMALLER_REQUEST:
            return "無申請金額" if row.requested is None else f"{row.requested:,}"
        case TieKind.SUBMITTED:
            at = row.submitted_at
            return at.astimezone(TAIPEI).strftime("%m/%d %H:%M:%S") if at else "無送件時間"
        case TieKind.NUMBER:
            return row.case


def _explain(
    at: int,
    ordered: Sequence[RankedCase],
    keys: Sequence[tuple[Any, ...]],
    rules: Sequence[TieRule],
    method: Method,
    mean_rank: bool,
) -> tuple[str, ...]:
    """Why this row stands after the one before it and before the one after it, where they tie or seem to."""
    row, said = ordered[at], []
    for other_at, side in ((at - 1, "後"), (at + 1, "前")):
        if not 0 <= other_at < len(ordered):
            continue
        other, mine, theirs = ordered[other_at], keys[at], keys[other_at]
        text = _primary_text(row, method, mean_rank)
        if mine[0] == theirs[0]:
            rule = next(rule for rule, a, b in zip(rules, mine[1:], theirs[1:], strict=True) if a != b)
            figures = f"（本案 {_value_text(row, rule)}，該案 {_value_text(other, rule)}）"
            if rule.kind is TieKind.NUMBER:
                figures = "（其他條件均相同）"
            said.append(f"與 {other.case} 同為{_gap(text)}，依『{rule.label}』排序在{side}{figures}。")
        elif text == _primary_text(other, method, mean_rank):
            said.append(f"與 {other.case} 四捨五入後同為{_gap(text)}，以未進位的實際數值排序在{side}。")
    return tuple(said)


def _explain_own(own: Terms, of_list: Terms) -> tuple[str, ...]:
    """Where the case is scored by an earlier version of the call, and that changes how: which criteria and mark hold."""
    if own.scheme == of_list.scheme and own.pass_mark == of_list.pass_mark:
        return ()
    weights = "、".join(f"{c.label or c.code} {plain(c.weight)}" for c in own.scheme.criteria)
    mark = "" if own.pass_mark is None else f"，及格分數 {plain(own.pass_mark)} 分"
    return (f"本案依其適用的版本評分：{weights}{mark}。",)


def _explain_mark(row: RankedCase, mark: Fraction | None) -> tuple[str, ...]:
    """An average that only rounding would lift to the pass mark fails, and says so."""
    if mark is None or row.average is None or row.passed or display(row.average) < mark:
        return ()
    # As many decimals as it takes to see the difference.
    places = next(n for n in range(3, 50) if display(row.average, n) < mark)
    exact = display(row.average, places)
    return (f"平均 {exact} 分，四捨五入為 {display(row.average)} 分，實際未達及格分數 {plain(mark)} 分。",)


def _notes(
    rows: Sequence[RankedCase],
    unranked: Sequence[RankedCase],
    ranks: Mapping[str, Mapping[str, Fraction]],
    mean_rank: bool,
    terms: Terms,
) -> tuple[str, ...]:
    notes = []
    if mean_rank:
        notes.append(
            "各案的評分委員人數不同，序位和不能直接相比，改以平均序位（序位和 ÷ 評分委員人數）排序。"
        )
    loads = {len(given) for given in ranks.values()}
    if terms.method is Method.RANK_SUM and len(loads) > 1:
        notes.append(
            f"各委員評分的件數不同（{min(loads)} 至 {max(loads)} 件），序位只在各委員自己評分的案件之間排列。"
            "評的件數多的委員，排出的序位數字也大，所評案件的序位會偏後；須知沒有規定如何換算，系統不換算，請一併參考平均分數。"
        )
    left_out = [(row.case, row.summary.incomplete) for row in (*rows, *unranked) if row.summary.incomplete]
    notes += [f"{case} 有 {len(who)} 份評分表尚未完成，未列入計算。" for case, who in left_out]
    if unranked:
        notes.append(f"{len(unranked)} 案尚無完成的評分表，未列入排序。")
    return tuple(notes)
