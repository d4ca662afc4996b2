"""The parts of a call's terms, and what is wrong with terms that are still being written.

A draft holds the terms as plain data, exactly as typed: a weight of ``"39.5"`` stays that text until it is
mended. ``problems`` reads the whole as strictly as ``parse_terms`` does and says where each problem lies.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from programs.rules.terms import Terms, TermsError, parse_terms

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One page of the designer. ``lead`` says what it is for."""

    key: str
    title: str
    lead: str


PARTS: tuple[Part, ...] = (
    Part("basics", "基本資料", "名稱、年度、主辦與執行單位、摘要。這些文字會出現在徵案頁與公文。"),
    Part("timetable", "受理與時程", "什麼時候收件，以及從公告到結案的各個階段。"),
    Part("money", "經費", "補助總經費、會計科目與撥款期別。補助上限寫在「規則」。"),
    Part("people", "對象與清單", "可以培訓的人、職務、講師種類與財力證明的選項。申請表的選單就用這些清單。"),
    Part("plan", "計畫書與成效", "申請單位要寫的文字，以及要承諾的預期成效。"),
    Part("rules", "規則", "系統依這些規則檢查申請。每條規則都有條次，選一種規則、填數字就好，不用寫程式。"),
    Part("criteria", "審查項目", "審查委員評分的項目、權重與重點。"),
    Part("advantages", "審查優勢", "列給審查委員參考的優勢，不單獨計分。"),
    Part("documents", "應備文件", "申請與簽約要附的文件，以及什麼情況要附。"),
    Part("selfcheck", "自我檢測", "民眾不用登入就能回答的題目。"),
    Part("letters", "公文用語", "這個徵案的公文若要和通用範本不同，寫在這裡；沒有寫的沿用通用範本。"),
    Part("settings", "設定", "須知沒有規定、由計畫辦公室決定的數字。"),
)
BY_KEY = {part.key: part for part in PARTS}


def fields_of(part: str) -> list[dataclasses.Field[Any]]:
    """The fields of ``Terms`` that the part holds, in their order."""
    return [f for f in dataclasses.fields(Terms) if f.metadata.get("part") == part]


def part_of(path: str) -> str:
    """The part that holds what a path of the terms names; the first part for what belongs nowhere."""
    top = re.split(r"[.\[]", path, maxsplit=1)[0]
    for field in dataclasses.fields(Terms):
        if field.name == top:
            return str(field.metadata.get("part"))
    return PARTS[0].key


def group_of(rule: Mapping[str, Any]) -> str:
    """The letter under which people find a rule: its own group, else the first letter of its ID."""
    return str(rule.get("group") or str(rule.get("id", ""))[:1])


def split(data: Mapping[str, Any]) -> dict[str, Data]:
    """The data of each part but the rules: {part: {field: value}}. Unknown fields are left out."""
    return {
        part.key: {f.name: data[f.name] for f in fields_of(part.key) if f.name in data}
        for part in PARTS
        if part.key != "rules"
    }


def join(parts: Iterable[Mapping[str, Any]], rules: Iterable[Any]) -> Data:
    """The whole terms again, in the order of the fields."""
    found: Data = {}
    for part in parts:
        found |= part
    found["rules"] = list(rules)
    return {f.name: found[f.name] for f in dataclasses.fields(Terms) if f.name in found}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at ``path`` (of the terms), in the user's words."""

    path: str
    reason: str

    @property
    def part(self) -> str:
        """The part in which it is mended."""
        return part_of(self.path)


#: The reader's words for what is not there, and what people read instead.
_PLAINER = {"缺少這個欄位": "請填寫這一欄", "不可空白": "請填寫這一欄"}


def problem(line: str) -> Problem:
    """A problem from the reader's ``path: reason``."""
    path, _, reason = line.partition(": ")
    return Problem(path, _PLAINER.get(reason, reason))


def problems(data: Mapping[str, Any], fallback: Mapping[str, Any] | None = None) -> list[Problem]:
    """Everything that is wrong with the terms, each problem once, in the order of the terms.

    ``fallback``: terms that hold together (those that the draft was copied from). They stand in for fields
    that can't be read, so that sums and references of the others are judged all the same.
    """
    first = _refused(data)
    if not first:
        return []
    found = [problem(line) for line in first]
    unreadable = {_top(p.path) for p in found}
    # Sums and references are only judged once every field can be read. Rules are read one by one anyway.
    if fallback is not None:
        patched = {**data, **{key: fallback[key] for key in (unreadable - {"rules"}) & set(fallback)}}
        for line in _refused(patched):
            later = problem(line)
            if _top(later.path) not in unreadable - {"rules"}:
                found.append(later)
    order = {f.name: n for n, f in enumerate(dataclasses.fields(Terms))}
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda p: order.get(_top(p.path), -1))


def _refused(data: Mapping[str, Any]) -> list[str]:
    try:
        parse_terms(data)
    except TermsError as refused:
        return refused.problems
    return []


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
