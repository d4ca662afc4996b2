"""What an applicant changed between two hand-ins: snapshots of the case file compared, in readable words.

Snapshots are ``ipas-case/1`` (``docs/case-schema.md``). Numbers are shown as people read them; keys of closed
lists by their labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from core.applicants import ApplicantKind
from core.money import fmt
from core.rocdate import roc
from programs.rules.kinds.eligibility import COMPANY_LABELS
from programs.rules.kinds.partners import PARTNER_LABELS
from programs.rules.sections import SECTIONS
from programs.rules.terms import Terms

SAME, OUT, IN = "same", "out", "in"
_CONTEXT = 24
_BLANK = "（空白）"

_ELIGIBILITY = {
    "founded_on": "設立日期",
    "bank_rejected": "為銀行拒絕往來戶",
    "net_worth": "公司淨值（元）",
    "net_worth_basis": "淨值的證明文件",
    "positive_after_increase": "增資後淨值轉正",
    "serves_manufacturing": "三年內曾服務製造業",
    "public_servant_related": "為公職人員或關係人",
    "special_approval": "經專案核定",
    "consultant_visited": "輔導顧問已進場",
}
_ROWS: dict[str, dict[str, str]] = {
    "partners": {"name": "合作單位", "kind": "種類"}
    | {name: label for name, label in PARTNER_LABELS.items() if name != "name"},
    "trainees": {
        "name": "姓名",
        "kind": "身分",
        "gender": "性別",
        "school": "學校",
        "department": "科系",
        "level": "年級／學位",
        "post": "職稱",
        "job_role": "職務類別",
        "planned_hours": "預計培訓時數",
        "hourly_wage": "時薪（元）",
        "monthly_wage": "月薪（元）",
        "insured": "投保勞保",
    },
    "courses": {
        "name": "課程名稱",
        "kind": "類型",
        "hours": "時數",
        "site": "場域",
        "lecturer": "講師",
        "lecturer_affiliation": "講師單位",
        "fee_per_hour": "鐘點費（元）",
    },
    "schedule": {"name": "工作項目", "starts_on": "開始", "ends_on": "結束", "checkpoint": "查核點"},
    "budget": {
        "item": "項目",
        "account": "會計科目",
        "unit": "單位",
        "quantity": "數量",
        "unit_price": "單價（元）",
        "months": "月數",
        "subsidy": "補助款（元）",
    },
    "outcomes": {"key": "指標", "baseline": "現況", "target": "目標", "unit": "單位", "note": "說明"},
    "advantages": {"key": "優勢", "claimed": "主張", "note": "說明與佐證"},
    "other_funding": {
        "programme": "計畫名稱",
        "agency": "補助機關",
        "amount": "金額（元）",
        "period": "期間",
    },
    "avoid_reviewers": {"name": "姓名", "organisation": "服務單位", "reason": "理由"},
}
_WORDS = {
    "student": "學生",
    "employee": "在職員工",
    "female": "女",
    "male": "男",
    "lecture": "課堂講授",
    "practice": "專案實作",
} | {kind.value: kind.label for kind in ApplicantKind}
# Column → the terms' list that names its keys.
_LISTS = {
    "net_worth_basis": "net_worth_bases",
    "level": "student_levels",
    "job_role": "job_roles",
    "account": "accounts",
    "lecturer_affiliation": "lecturer_kinds",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changed. ``parts``: a long text piece by piece, as (same|out|in, text)."""

    label: str
    before: str
    after: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SectionChanges:
    """What changed in one section."""

    key: str
    label: str
    changes: tuple[Change, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any], terms: Terms) -> list[SectionChanges]:
    """The sections that differ, in the order of the case's pages. Files are compared by their hashes elsewhere."""
    found = []
    for key, label in SECTIONS.items():
        if key == "documents":
            continue
        changes = tuple(_section(key, before, after, terms))
        if changes:
            found.append(SectionChanges(key, label, changes))
    return found


def _section(key: str, before: Mapping[str, Any], after: Mapping[str, Any], terms: Terms) -> Iterable[Change]:
    old, new = before.get(key), after.get(key)
    if key == "company":
        yield from _fields(old, new, {**COMPANY_LABELS, "codes": "所營事業代碼"}, terms)
    elif key == "eligibility":
        yield from _fields(old, new, _ELIGIBILITY, terms)
    elif key == "plan":
        labels = {"title": "計畫名稱", **{text.key: text.label for text in terms.plan_texts}}
        yield from _fields(old, new, labels, terms, long=True)
    elif key == "schedule":
        yield from _fields(old, new, {"starts_on": "執行開始", "ends_on": "執行結束"}, terms)
        yield from _rows(_get(old, "milestones"), _get(new, "milestones"), key, terms)
    elif key == "other_funding":
        yield from _fields(old, new, {"none": "本計畫無其他公部門補助"}, terms)
        yield from _rows(_get(old, "items"), _get(new, "items"), key, terms)
    else:
        yield from _rows(old, new, key, terms)


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, Mapping) else None


def _fields(
    old: Any, new: Any, labels: Mapping[str, str], terms: Terms, *, long: bool = False
) -> Iterable[Change]:
    for name, label in labels.items():
        was, now = _value(name, _get(old, name), terms), _value(name, _get(new, name), terms)
        if was != now:
            yield Change(
                label, was or _BLANK, now or _BLANK, text_parts(was, now) if long and was and now else ()
            )


def _rows(old: Any, new: Any, section: str, terms: Terms) -> Iterable[Change]:
    labels = _ROWS[section]
    was, now = _plain_rows(old, labels, section, terms), _plain_rows(new, labels, section, terms)
    title = next(iter(labels))
    matcher = SequenceMatcher(None, [tuple(r.items()) for r in was], [tuple(r.items()) for r in now], False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs, gone, come = _pair(was[i1:i2], now[j1:j2], title)
        for before, after in pairs:
            for name, label in labels.items():
                if before[name] != after[name]:
                    where = f"{after[title] or before[title] or '未命名'}：{label}"
                    yield Change(where, before[name] or _BLANK, after[name] or _BLANK)
        for row in gone:
            yield Change(f"移除 {row[title] or '未命名'}", _sentence(row, labels), "")
        for row in come:
            yield Change(f"新增 {row[title] or '未命名'}", "", _sentence(row, labels))


def _pair(
    old: Sequence[dict[str, str]], new: Sequence[dict[str, str]], title: str
) -> tuple[list[tuple[dict[str, str], dict[str, str]]], list[dict[str, str]], list[dict[str, str]]]:
    """Rows of one changed stretch: by the same title first, then in order where as many are left on both sides."""
    left, pairs, come = list(old), [], []
    for row in new:
        twin = next((r for r in left if r[title] == row[title]), None)
        if twin is None:
            come.append(row)
        else:
            left.remove(twin)
            pairs.append((twin, row))
    if len(left) == len(come):
        return [*pairs, *zip(left, come, strict=True)], [], []
    return pairs, left, come


def _plain_rows(rows: Any, labels: Mapping[str, str], section: str, terms: Terms) -> list[dict[str, str]]:
    plain = []
    for row in rows or ():
        values = {name: _value(name, _get(row, name), terms) for name in labels}
        if "key" in values:
            values["key"] = terms.label("outcomes" if section == "outcomes" else "advantages", values["key"])
        if section == "partners":
            values["kind"] = terms.label("partner_kinds", _get(row, "kind"))
        plain.append(values)
    return plain


def _sentence(row: Mapping[str, str], labels: Mapping[str, str]) -> str:
    return "、".join(f"{labels[name]} {value}" for name, value in row.items() if value)


def _value(name: str, value: Any, terms: Terms) -> str:
    """A value of the snapshot as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return fmt(value)
    if isinstance(value, (list, tuple)):
        return "、".join(str(v) for v in value)
    text = str(value)
    if name in _LISTS:
        return terms.label(_LISTS[name], text)
    if name in ("kind", "gender"):
        return _WORDS.get(text, text)
    if name.endswith("_on") and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return roc(date.fromisoformat(text))
    return text


def text_parts(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """A long text piece by piece; stretches that stayed the same are shortened in the middle."""
    old, new = _pieces(before), _pieces(after)
    parts: list[tuple[str, str]] = []
    opcodes = SequenceMatcher(None, old, new, False).get_opcodes()
    for number, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag == "equal":
            parts.append((SAME, _shorten("".join(old[i1:i2]), number == 0, number == len(opcodes) - 1)))
            continue
        if i2 > i1:
            parts.append((OUT, "".join(old[i1:i2])))
        if j2 > j1:
            parts.append((IN, "".join(new[j1:j2])))
    return tuple(parts)


def _pieces(text: str) -> list[str]:
    """Clauses with their closing mark, so that a change shows as a phrase and not as single characters."""
    return re.findall(r"[^，。；：、！？\n]*[，。；：、！？\n]|[^，。；：、！？\n]+", text)


def _shorten(text: str, first: bool, last: bool) -> str:
    if len(text) <= 3 * _CONTEXT:
        return text
    head = "" if first else text[:_CONTEXT]
    tail = "" if last else text[-_CONTEXT:]
    return f"{head}…{tail}"
