"""Scores of the expert review (R1–R4): weighted totals, completeness, statistics and disagreement.

Everything is computed exactly on ``Fraction``; only :func:`display` rounds, and only for the eye.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import isqrt

Exact = int | Fraction | Decimal


class ScoringError(ValueError):
    """The criteria or the sheets cannot be used as they are; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the call: ``code`` such as R1, ``weight`` in points of 100."""

    code: str
    weight: Fraction
    label: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a call scores: each criterion from 0 to ``scale``; the weights sum to 100."""

    criteria: tuple[Criterion, ...]
    scale: Fraction = Fraction(100)

    def __post_init__(self) -> None:
        codes = [c.code for c in self.criteria]
        if not codes:
            raise ScoringError("至少要有一個評分項目。")
        if len(set(codes)) != len(codes):
            raise ScoringError("評分項目代碼重複。")
        if self.scale <= 0:
            raise ScoringError("評分級距須大於 0。")
        if any(c.weight <= 0 for c in self.criteria):
            raise ScoringError("評分項目的權重須大於 0。")
        if (total := sum((c.weight for c in self.criteria), Fraction(0))) != 100:
            raise ScoringError(f"評分項目的權重合計為 {display(total)}，須為 100。")

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(c.code for c in self.criteria)

    def label(self, code: str) -> str:
        """The criterion's name, or its code where no name was given."""
        return next((c.label or c.code for c in self.criteria if c.code == code), code)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reviewer's scores of one case, by criterion code; a missing code is not scored yet."""

    reviewer: str
    scores: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a sheet still lacks: criteria without a score, and scores outside 0…scale."""

    given: int
    needed: int
    missing: tuple[str, ...]
    out_of_range: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not (self.missing or self.out_of_range or self.unknown)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures over several reviewers. ``variance`` is the population's: a panel is no sample."""

    count: int
    mean: Fraction
    median: Fraction
    minimum: Fraction
    maximum: Fraction
    variance: Fraction

    @property
    def spread(self) -> Fraction:
        """Highest less lowest."""
        return self.maximum - self.minimum

    @property
    def deviation(self) -> Decimal:
        """Standard deviation, two decimals, half up."""
        return display_root(self.variance)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where reviewers *clearly differ*: a spread above ``total`` (of 100) or, in one criterion, above
    ``criterion`` (of the scale). None never raises the flag."""

    total: Fraction | None = None
    criterion: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All complete sheets of one case side by side; ``incomplete`` names the reviewers left out."""

    totals: Mapping[str, Fraction]
    total: Statistics | None
    criteria: Mapping[str, Statistics]
    differs: bool
    differing: tuple[str, ...]
    incomplete: tuple[str, ...] = field(default=())


def completeness(scores: Mapping[str, Fraction], scheme: Scheme) -> Completeness:
    """What is missing from a sheet before it can be handed in."""
    codes = scheme.codes
    return Completeness(
        given=sum(code in scores for code in codes),
        needed=len(codes),
        missing=tuple(code for code in codes if code not in scores),
        out_of_range=tuple(
            code for code in codes if code in scores and not 0 <= scores[code] <= scheme.scale
        ),
        unknown=tuple(sorted(code for code in scores if code not in codes)),
    )


def running_total(scores: Mapping[str, Fraction], scheme: Scheme) -> Fraction:
    """Points of 100 reached by the criteria scored so far (the rest count as nothing)."""
    return sum(
        (scores[c.code] * c.weight / scheme.scale for c in scheme.criteria if c.code in scores), Fraction(0)
    )


def weighted_total(scores: Mapping[str, Fraction], scheme: Scheme) -> Fraction:
    """The exact total of a complete sheet, in points of 100. Raises ScoringError for an incomplete one."""
    state = completeness(scores, scheme)
    if not state.complete:
        wrong = "、".join(state.missing + state.out_of_range + state.unknown)
        raise ScoringError(f"評分表尚未完成或分數超出 0 至 {plain(scheme.scale)}：{wrong}。")
    return running_total(scores, scheme)


def statistics(values: Sequence[Fraction]) -> Statistics:
    """Mean, median, extremes and population variance. Raises ScoringError when there are none."""
    if not values:
        raise ScoringError("沒有可統計的分數。")
    ordered = sorted(Fraction(v) for v in values)
    count, half = len(ordered), len(ordered) // 2
    mean = sum(ordered, Fraction(0)) / count
    median = ordered[half] if count % 2 else (ordered[half - 1] + ordered[half]) / 2
    variance = sum(((v - mean) ** 2 for v in ordered), Fraction(0)) / count
    return Statistics(count, mean, median, ordered[0], ordered[-1], variance)


def summarise(sheets: Iterable[Sheet], scheme: Scheme, thresholds: Thresholds | None = None) -> Summary:
    """The chair's view of one case. A spread above its threshold raises the flag.

    Incomplete sheets count for nothing and are named. Raises ScoringError when a reviewer appears twice,
    so that a duplicate can never bend the average.
    """
    limits = thresholds or Thresholds()
    ordered = sorted(sheets, key=lambda s: s.reviewer)
    if len({s.reviewer for s in ordered}) != len(ordered):
        raise ScoringError("同一位審查委員對同一案有兩份評分表。")
    done = [s for s in ordered if completeness(s.scores, scheme).complete]
    incomplete = tuple(s.reviewer for s in ordered if not completeness(s.scores, scheme).complete)
    totals = {s.reviewer: weighted_total(s.scores, scheme) for s in done}
    if not done:
        return Summary({}, None, {}, False, (), incomplete)
    total = statistics(list(totals.values()))
    criteria = {code: statistics([s.scores[code] for s in done]) for code in scheme.codes}
    differing = tuple(code for code, s in criteria.items() if _above(s.spread, limits.criterion))
    differs = _above(total.spread, limits.total) or bool(differing)
    return Summary(totals, total, criteria, differs, differing, incomplete)


def _above(spread: Fraction, threshold: Fraction | None) -> bool:
    return threshold is not None and spread > threshold


def mean_recommendation(amounts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The reviewers' mean recommended amount by account, whole dollars, rounded down.

    A reviewer who recommends nothing for an account that others name counts as 0 for it. Empty in, empty out.
    """
    accounts = sorted({account for given in amounts for account in given})
    return {a: sum(given.get(a, 0) for given in amounts) // len(amounts) for a in accounts}


def display(value: Exact, places: int = 2) -> Decimal:
    """The one rounding for the eye: ``places`` decimals, half away from zero (四捨五入)."""
    exact = Fraction(value) * 10**places
    scaled = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(scaled if exact >= 0 else -scaled).scaleb(-places)


def display_root(value: Fraction, places: int = 2) -> Decimal:
    """The square root of a value ≥ 0, rounded as :func:`display` does, without a float on the way."""
    scaled = value * 10 ** (2 * places)
    root = isqrt(scaled.numerator // scaled.denominator)
    if scaled >= (root + Fraction(1, 2)) ** 2:
        root += 1
    return Decimal(root).scaleb(-places)


def plain(value: Exact, places: int = 2) -> str:
    """:func:`display` without idle zeros: 7 rather than 7.00, 2.5 rather than 2.50."""
    text = f"{display(value, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
