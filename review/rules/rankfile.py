"""Reading a ranking file (schema ``ipas-rank/1``, ``docs/rank-schema.md``) into the facts of the rules.

Every problem is collected with its path, so that a file is mended in one go; nothing is guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from review.rules.allocation import (
    AccountAsk,
    AllocationError,
    Base,
    Limits,
    Partial,
    Way,
    cut_envelope,
    head_count_cap,
)
from review.rules.ranking import TAIPEI, Entry, Method, Terms, TieRule
from review.rules.scoring import (
    Criterion,
    Scheme,
    ScoringError,
    Sheet,
    Thresholds,
    completeness,
    mean_recommendation,
    plain,
)

SCHEMA = "ipas-rank/1"
MOST_DOLLARS = 10**12
MOST_CASES = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the file: ``path`` such as ``cases[2].sheets[0].scores.R1``, and what to do."""

    path: str
    message: str


class RankFileError(ValueError):
    """The file cannot be used; ``problems`` says where and why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("；".join(f"{p.path}：{p.message}" for p in self.problems))


@dataclass(frozen=True, slots=True)
class FileCase:
    """One case of the file: what ranks it and what it asks for."""

    entry: Entry
    name: str
    company: str
    cap: int | None
    asks: tuple[AccountAsk, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The allocation that the file asks for; ``full_envelope`` is the envelope before the cut."""

    way: Way
    limits: Limits
    full_envelope: int
    cut: Fraction
    base: Base
    partial: Partial
    by_hand: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class RankFile:
    """A whole file. ``plan`` is None when only a ranking is asked for."""

    call: str
    terms: Terms
    cases: tuple[FileCase, ...]
    plan: Plan | None


def load(text: str) -> RankFile:
    """Parse the text of a file. Raises RankFileError with every problem found."""
    try:
        data = json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_no_twins
        )
    except json.JSONDecodeError as error:
        message = f"不是正確的 JSON：第 {error.lineno} 行第 {error.colno} 個字附近有誤。"
        raise RankFileError([Problem("$", message)]) from error
    except RecursionError as error:
        raise RankFileError([Problem("$", "JSON 的層數過多。")]) from error
    except RankFileError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise RankFileError([Problem("$", "JSON 中有過大或無法辨識的數字。")]) from error
    return parse(data)


def parse(data: Any) -> RankFile:
    """Check parsed JSON and build the facts. Raises RankFileError with every problem found."""
    reader = _Reader()
    result = _file(reader, data)
    if reader.problems or result is None:
        raise RankFileError(reader.problems or [Problem("$", "檔案內容不完整。")])
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise RankFileError([Problem("$", f"不接受數值 {name}。")])


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twin = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise RankFileError([Problem("$", f"同一層的欄位「{twin[:40]}」重複。")])
    return found


_NONE: Any = object()


@dataclass(slots=True)
class _Reader:
    """Reads values by path and collects what is wrong with them."""

    problems: list[Problem] = field(default_factory=list)

    def say(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def mapping(self, value: Any, path: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.say(path, "須為物件（{…}）。" if value is not _NONE else "缺少此欄位。")
            return {}
        if known is not None:
            for key in sorted(set(value) - set(known)):
                self.say(_at(path, key), "不認得的欄位，請對照 docs/rank-schema.md。")
        return value

    def array(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            self.say(path, "須為陣列（[…]）。" if value is not _NONE else "缺少此欄位。")
            return []
        return value

    def text(self, value: Any, path: str, default: str | None = None) -> str:
        if value is _NONE and default is not None:
            return default
        if not isinstance(value, str) or not (value.strip() or default == ""):
            self.say(path, "須為文字，不可空白。" if value is not _NONE else "缺少此欄位。")
            return ""
        if len(value) > 200 or re.search(r"[\x00-\x1f\x7f]", value):
            self.say(path, "文字過長或含有控制字元。")
            return ""
        return value.strip()

    def whole(
        self,
        value: Any,
        path: str,
        default: int | None = None,
        *,
        most: int = MOST_DOLLARS,
        need: bool = True,
    ) -> int | None:
        if value is _NONE or (value is None and not need):
            if need and default is None:
                self.say(path, "缺少此欄位。")
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.say(path, f"須為 0 至 {most:,} 的整數，不含小數、逗號或引號。")
            return default
        return value

    def exact(self, value: Any, path: str, default: Fraction | None = None) -> Fraction:
        """An int, a decimal, or text: ``12.5``, ``1/3``, ``10%``."""
        if value is _NONE:
            if default is None:
                self.say(path, "缺少此欄位。")
            return default or Fraction(0)
        number: Fraction | None = None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            # A huge exponent would become a huge integer: it is refused before it is converted.
            if isinstance(value, int) or (value.is_finite() and -12 <= value.adjusted() <= 15):
                number = Fraction(value)
        elif isinstance(value, str):
            match = re.fullmatch(r"\s*(-?[0-9]{1,15}(?:\.[0-9]{1,12})?)(?:/([0-9]{1,15})|(%))?\s*", value)
            if match and match[2] != "0" and (not match[2] or int(match[2])):
                number = Fraction(match[1]) / (int(match[2]) if match[2] else 100 if match[3] else 1)
        if number is None or abs(number) > 10**15:
            self.say(path, "須為數字，或如「1/3」「10%」的文字。")
            return default or Fraction(0)
        return number

    def choice(self, value: Any, path: str, options: type[Any], default: Any) -> Any:
        if value is _NONE:
            return default
        try:
            return options(value)
        except (ValueError, TypeError):
            self.say(path, f"須為 {'、'.join(o.value for o in options)} 其中之一。")
            return default


def _at(path: str, key: str) -> str:
    return f"{path}.{key[:60]}" if path else key[:60]


def _file(reader: _Reader, data: Any) -> RankFile | None:
    top = reader.mapping(data, "$", ("schema", "call", "scoring", "ranking", "allocation", "cases"))
    if not top:
        return None
    if top.get("schema") != SCHEMA:
        reader.say("schema", f"須為「{SCHEMA}」。")
        return None
    call = reader.text(top.get("call", _NONE), "call", "")
    terms = _terms(reader, top)
    raw = reader.array(top.get("cases", _NONE), "cases")
    if len(raw) > MOST_CASES:
        reader.say("cases", f"案件數超過 {MOST_CASES:,} 件。")
        return None
    given = top.get("allocation", _NONE)
    allocation = reader.mapping(given, "allocation", _ALLOCATION) if given is not _NONE else None
    rates = _wholes(reader, (allocation or {}).get("head_rates", {}), "allocation.head_rates")
    cases = tuple(_case(reader, item, f"cases[{i}]", terms, rates) for i, item in enumerate(raw))
    seen: set[str] = set()
    for i, case in enumerate(cases):
        if case.entry.case and case.entry.case in seen:
            reader.say(f"cases[{i}].number", f"案號「{case.entry.case}」重複。")
        seen.add(case.entry.case)
    plan = None if allocation is None else _plan(reader, allocation, seen)
    return RankFile(call, terms, cases, plan) if terms else None


def _terms(reader: _Reader, top: dict[str, Any]) -> Terms | None:
    known = len(reader.problems)
    scoring = reader.mapping(
        top.get("scoring", _NONE), "scoring", ("scale", "criteria", "spread_flag", "criterion_spread_flag")
    )
    criteria = []
    for i, item in enumerate(reader.array(scoring.get("criteria", _NONE), "scoring.criteria")):
        path = f"scoring.criteria[{i}]"
        row = reader.mapping(item, path, ("code", "label", "weight"))
        code = reader.text(row.get("code", _NONE), _at(path, "code"))
        weight = reader.exact(row.get("weight", _NONE), _at(path, "weight"))
        criteria.append(Criterion(code, weight, reader.text(row.get("label", _NONE), _at(path, "label"), "")))
    flags = [
        reader.exact(scoring[key], f"scoring.{key}") if key in scoring else None
        for key in ("spread_flag", "criterion_spread_flag")
    ]
    scale = reader.exact(scoring.get("scale", _NONE), "scoring.scale", Fraction(100))
    ranking = reader.mapping(top.get("ranking", _NONE), "ranking", ("method", "pass_mark", "tie_rules"))
    method = reader.choice(ranking.get("method", _NONE), "ranking.method", Method, Method.AVERAGE)
    mark = reader.exact(ranking["pass_mark"], "ranking.pass_mark") if "pass_mark" in ranking else None
    if mark is not None and not 0 <= mark <= 100:
        reader.say("ranking.pass_mark", "須介於 0 與 100 之間。")
    rules = []
    for i, item in enumerate(reader.array(ranking.get("tie_rules", []), "ranking.tie_rules")):
        try:
            rules.append(TieRule.parse(item if isinstance(item, str) else ""))
        except ValueError:
            reader.say(f"ranking.tie_rules[{i}]", f"不認得的同分規則「{str(item)[:40]}」。")
    if len(reader.problems) > known:
        return None
    try:
        scheme = Scheme(tuple(criteria), scale)
    except ScoringError as error:
        reader.say("scoring", str(error))
        return None
    try:
        return Terms(scheme, method, tuple(rules), mark, Thresholds(flags[0], flags[1]))
    except ScoringError as error:
        reader.say("ranking.tie_rules", str(error))
        return None


_CASE = ("number", "name", "company", "students", "submitted_at", "case_cap", "heads", "accounts", "sheets")


def _case(reader: _Reader, item: Any, path: str, terms: Terms | None, rates: Mapping[str, int]) -> FileCase:
    row = reader.mapping(item, path, _CASE)
    number = reader.text(row.get("number", _NONE), _at(path, "number"))
    asks: list[AccountAsk] = []
    sheets: list[Sheet] = []
    advice: list[dict[str, int]] = []
    for i, raw in enumerate(reader.array(row.get("sheets", _NONE), _at(path, "sheets"))):
        sheet, amounts = _sheet(reader, raw, f"{path}.sheets[{i}]", terms)
        if any(sheet.reviewer == other.reviewer for other in sheets):
            reader.say(f"{path}.sheets[{i}].reviewer", "同一位審查委員對同一案有兩份評分表。")
        sheets.append(sheet)
        if amounts is not None:
            advice.append(amounts)
    recommended = mean_recommendation(advice)
    for i, raw in enumerate(reader.array(row.get("accounts", []), _at(path, "accounts"))):
        asks.append(_ask(reader, raw, f"{path}.accounts[{i}]", recommended, bool(advice)))
        if asks[-1].account in {ask.account for ask in asks[:-1]}:
            reader.say(f"{path}.accounts[{i}].code", "會計科目重複。")
    for account in sorted(set(recommended) - {ask.account for ask in asks}):
        reader.say(_at(path, "accounts"), f"委員建議了科目「{account[:40]}」的金額，但本案沒有申請此科目。")
    heads = _wholes(reader, row.get("heads", {}), _at(path, "heads"))
    for kind in sorted(set(heads) - set(rates)):
        reader.say(f"{path}.heads.{kind[:40]}", "allocation.head_rates 沒有這一類人員的每人上限。")
    cap = reader.whole(row.get("case_cap", _NONE), _at(path, "case_cap"), need=False)
    if heads:
        cap = min(head_count_cap(heads, rates), MOST_DOLLARS if cap is None else cap)
    entry = Entry(
        case=number,
        sheets=tuple(sheets),
        students=reader.whole(
            row.get("students", _NONE), _at(path, "students"), heads.get("student", 0), most=100_000
        )
        or 0,
        submitted_at=_moment(reader, row.get("submitted_at", _NONE), _at(path, "submitted_at")),
        requested=sum(ask.requested for ask in asks) if asks else None,
    )
    name = reader.text(row.get("name", _NONE), _at(path, "name"), "")
    company = reader.text(row.get("company", _NONE), _at(path, "company"), "")
    return FileCase(entry, name, company, cap, tuple(asks))


def _sheet(reader: _Reader, item: Any, path: str, terms: Terms | None) -> tuple[Sheet, dict[str, int] | None]:
    row = reader.mapping(item, path, ("reviewer", "scores", "recommended"))
    reviewer = reader.text(row.get("reviewer", _NONE), _at(path, "reviewer"))
    where = _at(path, "scores")
    raw = reader.mapping(row.get("scores", _NONE), where)
    scores = {code: reader.exact(value, _at(where, code)) for code, value in raw.items() if value is not None}
    if terms:
        state = completeness(scores, terms.scheme)
        for code in state.out_of_range:
            reader.say(_at(where, code), f"須介於 0 與 {plain(terms.scheme.scale)} 之間。")
        for code in state.unknown:
            reader.say(_at(where, code), "沒有這個評分項目。")
    given = row.get("recommended", _NONE)
    amounts = None if given is _NONE else _wholes(reader, given, _at(path, "recommended"))
    return Sheet(reviewer, scores), amounts


def _ask(reader: _Reader, item: Any, path: str, recommended: Mapping[str, int], advised: bool) -> AccountAsk:
    row = reader.mapping(item, path, ("code", "requested", "recommended", "total"))
    code = reader.text(row.get("code", _NONE), _at(path, "code"))
    requested = reader.whole(row.get("requested", _NONE), _at(path, "requested")) or 0
    total = reader.whole(row.get("total", _NONE), _at(path, "total"), need=False)
    if total is not None and total < requested:
        reader.say(_at(path, "total"), "科目總額（補助款＋配合款）不得低於申請補助。")
    own = reader.whole(row.get("recommended", _NONE), _at(path, "recommended"), need=False)
    if own is None and advised:
        own = recommended.get(code, 0)
    return AccountAsk(code, requested, own, total)


def _wholes(reader: _Reader, value: Any, path: str) -> dict[str, int]:
    rows = reader.mapping(value, path)
    return {key: reader.whole(amount, _at(path, key)) or 0 for key, amount in rows.items()}


def _moment(reader: _Reader, value: Any, path: str) -> datetime | None:
    if value is _NONE or value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        # Near year 1 or 9999 a change of time zone would leave the calendar.
        if not 1912 <= moment.year <= 9000:
            raise ValueError(value)
    except (ValueError, TypeError):
        reader.say(path, "須為 ISO 8601 時間，例如 2025-03-20T09:30:00+08:00。")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=TAIPEI)


_ALLOCATION = (
    "way",
    "envelope",
    "cut",
    "base",
    "partial",
    "min_useful",
    "account_ratio",
    "company_cap",
    "company_used",
    "head_rates",
    "unit",
    "labels",
    "by_hand",
)


def _plan(reader: _Reader, row: dict[str, Any], cases: set[str]) -> Plan:
    top = "allocation"
    envelope = reader.whole(row.get("envelope", _NONE), f"{top}.envelope") or 0
    cut = reader.exact(row.get("cut", _NONE), f"{top}.cut", Fraction(0))
    left = envelope
    try:
        left = cut_envelope(envelope, cut)
    except AllocationError:
        reader.say(f"{top}.cut", "須介於 0 與 1（或 0% 與 100%）之間。")
    ratio = reader.exact(row["account_ratio"], f"{top}.account_ratio") if "account_ratio" in row else None
    if ratio is not None and not 0 <= ratio <= 1:
        reader.say(f"{top}.account_ratio", "須介於 0 與 1（或 0% 與 100%）之間。")
    labels = reader.mapping(row.get("labels", {}), f"{top}.labels")
    limits = Limits(
        envelope=left,
        account_ratio=ratio,
        company_cap=reader.whole(row.get("company_cap", _NONE), f"{top}.company_cap", need=False),
        company_used=_wholes(reader, row.get("company_used", {}), f"{top}.company_used"),
        min_useful=reader.whole(row.get("min_useful", _NONE), f"{top}.min_useful", 0) or 0,
        unit=reader.text(row.get("unit", _NONE), f"{top}.unit", "元"),
        labels={key: reader.text(value, f"{top}.labels.{key[:40]}") for key, value in labels.items()},
    )
    way = reader.choice(row.get("way", _NONE), f"{top}.way", Way, Way.IN_RANK_ORDER)
    by_hand = {}
    for case, amounts in reader.mapping(row.get("by_hand", {}), f"{top}.by_hand").items():
        path = f"{top}.by_hand.{case[:60]}"
        if case not in cases:
            reader.say(path, "cases 中沒有這個案號。")
        by_hand[case] = _wholes(reader, amounts, path)
    if way is Way.BY_HAND and "by_hand" not in row:
        reader.say(f"{top}.by_hand", "逐案填列時須有此欄位。")
    return Plan(
        way=way,
        limits=limits,
        full_envelope=envelope,
        cut=cut,
        base=reader.choice(row.get("base", _NONE), f"{top}.base", Base, Base.RECOMMENDED),
        partial=reader.choice(row.get("partial", _NONE), f"{top}.partial", Partial, Partial.REMAINDER),
        by_hand=by_hand,
    )
