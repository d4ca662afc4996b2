"""What single sections show besides their fields; and how two versions of a section are compared."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from applications.enums import Section
from applications.forms.editors import Editor, FieldView
from applications.models import Case
from applications.selectors.content import OUTCOME_COLUMNS
from core.money import fmt
from core.rocdate import TAIPEI, roc
from documents.rules.gantt import chart
from programs.rules.check import account_totals, advantage_facts, subsidy_caps, total_cost
from programs.rules.facts import CaseFacts
from programs.selectors import zones


def of(
    section: str,
    *,
    case: Case,
    facts: CaseFacts,
    editor: Editor,
    views: dict[str, FieldView],
    now: datetime,
) -> dict[str, Any]:
    """Context of one section's extra parts; empty for most. ``views``: the section's fields by name."""
    if section == Section.SCHEDULE:
        return {"gantt": gantt(case, facts, now)}
    if section == Section.BUDGET:
        return budget(case, facts)
    if section == Section.ADVANTAGES:
        return advantages(case, facts, editor, views)
    if section == Section.OUTCOMES:
        return outcomes(case, editor, views)
    if section == Section.COMPANY:
        return {"ubn": case.organisation.ubn, "unit_kind": case.organisation.get_kind_display()}
    return {}


def gantt(case: Case, facts: CaseFacts, now: datetime) -> dict[str, Any] | None:
    """``components/gantt.html`` of the saved schedule; None while there is nothing to draw."""
    bars = [m for m in facts.schedule or () if m.starts_on and m.ends_on and m.starts_on <= m.ends_on]
    if not bars:
        return None
    starts = min([m.starts_on for m in bars if m.starts_on] + ([facts.starts_on] if facts.starts_on else []))
    ends = max([m.ends_on for m in bars if m.ends_on] + ([facts.ends_on] if facts.ends_on else []))
    drawn = chart(starts, ends, bars)  # type: ignore[arg-type]
    days = (ends - starts).days + 1
    today = (now.astimezone(TAIPEI).date() - starts).days
    return {
        "title": f"{roc(starts)} 至 {roc(ends)}，{len(bars)} 項工作、"
        f"{sum(1 for m in bars if m.checkpoint)} 個查核點",
        "ticks": [{"at": month.x / 10, "label": month.short} for month in drawn.months if month.short],
        "today": today * 100 / days if 0 <= today < days else None,
        "bars": [
            {
                "label": row.name or "（未命名）",
                "sub": f"{roc(row.starts_on)}–{roc(row.ends_on)}",
                "start": row.x / 10,
                "width": row.width / 10,
                "words": f"{roc(row.starts_on)} 至 {roc(row.ends_on)}",
                "marks": [{"at": (row.x + row.width) / 10, "label": f"查核點：{row.checkpoint}"}]
                if row.checkpoint
                else [],
            }
            for row in drawn.rows
        ],
    }


def budget(case: Case, facts: CaseFacts) -> dict[str, Any]:
    """Totals of each account and the caps with the room left (B2, B3, B4), as saved."""
    terms = case.terms.terms
    other = getattr(case, "other_subsidy", 0)
    totals = account_totals(terms, facts)
    share = next((r.params.ratio for r in terms.of_kind("share_cap")), None)
    return {
        "account_totals": {total.key: total for total in totals},
        "caps": subsidy_caps(terms, facts, other_subsidy=other),
        "total_cost": total_cost(facts),
        "total_subsidy": sum(total.subsidy for total in totals),
        "total_share": sum(total.company_share for total in totals),
        "share_ratio": f"{share.numerator}/{share.denominator}" if share is not None else "",
        "share_percent": f"{share * 100}" if share is not None else "",
        "share_rule": next(iter(terms.of_kind("share_cap")), None),
        "other_subsidy": other,
    }


def advantages(case: Case, facts: CaseFacts, editor: Editor, views: dict[str, FieldView]) -> dict[str, Any]:
    """Computed facts beside the company's claims, in the call's groups (R5, R6)."""
    computed = {fact.key: fact for fact in advantage_facts(case.terms.terms, facts, zones())}
    form: Any = editor.form
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in case.terms.terms.advantages:
        line: dict[str, Any] = {"item": item, "fact": computed[item.key]}
        if item.source == "claimed":
            line["claimed"], line["note"] = form[f"{item.key}-claimed"], form[f"{item.key}-note"]
            line["views"] = [views[f"{item.key}-note"]]
        groups.setdefault(item.group, []).append(line)
    return {"advantage_groups": list(groups.items())}


def outcomes(case: Case, editor: Editor, views: dict[str, FieldView]) -> dict[str, Any]:
    """One line for each kind of outcome, with its three fields."""
    form: Any = editor.form
    return {
        "outcome_lines": [
            {
                "item": item,
                "baseline": form[f"{item.key}-baseline"],
                "target": form[f"{item.key}-target"],
                "note": form[f"{item.key}-note"],
                "views": [views[f"{item.key}-{column}"] for column in OUTCOME_COLUMNS],
            }
            for item in case.terms.terms.outcomes
        ]
    }


def answers(editor: Editor) -> dict[str, Any]:
    """A section for reading: ``groups`` for ``components/summary_list.html``, ``tables`` in words."""
    groups = []
    if editor.form is not None:
        for title, views in editor.arrange([]).groups:
            rows = [
                {"label": str(view.bound.label), "value": words_of(view.bound.field, view.bound.initial)}
                for view in views
            ]
            groups.append((title, rows))
    tables = []
    for key, formset in editor.formsets.items():
        fields = formset.empty_form.fields
        names = [n for column in editor.spec.columns for n in column.fields if n in fields]
        tables.append(
            {
                "title": editor.terms.account(key).label if key else "",
                "header": [
                    (str(fields[name].label), hasattr(fields[name], "parse_number")) for name in names
                ],
                "rows": [
                    [
                        (
                            str(fields[name].label),
                            words_of(fields[name], row.get(name)),
                            hasattr(fields[name], "parse_number"),
                        )
                        for name in names
                    ]
                    for row in formset.initial or ()
                ],
            }
        )
    return {"groups": groups, "tables": tables}


def words_of(field: forms.Field, value: Any) -> str:
    """A saved value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return fmt(value)
    if isinstance(value, date):
        return roc(value)
    for key, label in getattr(field, "choices", ()):
        for one, text in label if isinstance(label, (list, tuple)) else [(key, label)]:
            if one == value:
                return str(text)
    return str(value)


# Two versions of a section -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two versions differ: a field or a whole row; ``key`` names the choice.

    ``default``: ``theirs`` where the reader has not touched the place since opening the page, else ``mine``.
    """

    key: str
    label: str
    theirs: str
    mine: str
    can_join: bool
    names_theirs: tuple[str, ...]
    names_mine: tuple[str, ...]
    default: str = "mine"


def _words(form: Any, name: str, payload: Mapping[str, str]) -> str:
    """What people read for a field's text in a payload."""
    field = form.fields[name]
    value = payload.get(form.add_prefix(name), "")
    if isinstance(field.widget, forms.CheckboxInput):
        return "是" if value else "否"
    for key, label in getattr(field, "choices", ()) if value else ():
        for one, text in label if isinstance(label, (list, tuple)) else [(key, label)]:
            if str(one) == value:
                return str(text)
    return str(value).strip().replace("\r\n", "\n")


def _row_words(form: Any, payload: Mapping[str, str]) -> str:
    if payload.get(form.add_prefix("DELETE")):
        return ""
    parts = [
        (str(field.label or name), _words(form, name, payload))
        for name, field in form.fields.items()
        if name not in ("id", "DELETE")
    ]
    return "；".join(f"{label} {text}" for label, text in parts if text)


def _mark(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def fingerprints(editor: Editor) -> str:
    """A short mark of each field and row as the page shows them: tells later which ones somebody has changed.

    It only chooses what is ticked first when two versions are compared, so it needs no signature.
    """
    saved = Editor(editor.case, editor.section)
    payload = saved.payload()
    marks = []
    if saved.form is not None:
        marks += [f"{name}:{_mark(_words(saved.form, name, payload))}" for name in saved.form.fields]
    for formset in saved.formsets.values():
        for form in formset.forms:
            if identity := payload.get(form.add_prefix("id")):
                marks.append(f"#{identity}:{_mark(_row_words(form, payload))}")
    return " ".join(marks)


def differences(theirs: Editor, payload: Mapping[str, str]) -> list[Difference]:
    """Every place where what is saved (``theirs``) and what was typed (``payload``) differ.

    Rows are matched by their id, so that a row that somebody put in above moves nothing.
    """
    saved = theirs.payload()
    opened = dict(mark.partition(":")[::2] for mark in payload.get("base", "").split())
    mine = Editor(theirs.case, theirs.section, data=payload)
    mine.is_valid()
    found: list[Difference] = []
    if theirs.form is not None:
        for name, field in theirs.form.fields.items():
            left, right = _words(theirs.form, name, saved), _words(theirs.form, name, payload)
            if left != right:
                join = isinstance(field.widget, forms.Textarea)
                default = "theirs" if opened.get(name) == _mark(right) else "mine"
                names = (theirs.form.add_prefix(name),)
                found.append(Difference(names[0], str(field.label), left, right, join, names, names, default))
    for key, formset in theirs.formsets.items():
        title = f"{theirs.terms.account(key).label} " if key else ""
        found += _row_differences(
            title, theirs.spec.row_noun, formset, mine.formsets[key], saved, payload, opened
        )
    return found


def _row_differences(
    title: str,
    noun: str,
    theirs: Any,
    mine: Any,
    saved: Mapping[str, str],
    payload: Mapping[str, str],
    opened: Mapping[str, str],
) -> list[Difference]:
    def names(form: Any) -> tuple[str, ...]:
        return tuple(form.add_prefix(name) for name in form.fields)

    left = {saved.get(f.add_prefix("id"), ""): f for f in theirs.forms}
    left.pop("", None)
    found: list[Difference] = []
    for number, form in enumerate(mine.forms, start=1):
        identity = payload.get(form.add_prefix("id"), "")
        right_words = _row_words(form, payload)
        other = left.pop(identity, None)
        left_words = _row_words(other, saved) if other is not None else ""
        if left_words != right_words:
            untouched = bool(identity) and opened.get(f"#{identity}") == _mark(right_words)
            found.append(
                Difference(
                    f"row-{theirs.prefix}-{number}",
                    f"{title}第 {number} {noun}",
                    left_words,
                    right_words,
                    False,
                    names(other) if other is not None else (),
                    names(form),
                    "theirs" if untouched else "mine",
                )
            )
    for identity, form in left.items():
        words = _row_words(form, saved)
        # Gone from mine: I took it out (and they left it alone), or they put it in.
        taken_out = opened.get(f"#{identity}") == _mark(words)
        found.append(
            Difference(
                f"row-{theirs.prefix}-id{identity}",
                f"{title}您的版本沒有的一{noun}",
                words,
                "",
                False,
                names(form),
                (),
                "mine" if taken_out else "theirs",
            )
        )
    return found


def merge(theirs: Editor, mine: Mapping[str, str], found: list[Difference], choices: Any) -> dict[str, str]:
    """The reader's choice as a payload: what was typed, with the saved version where they chose it.

    Without a choice for a place its default stands.
    """
    saved = theirs.payload()
    merged = dict(mine)
    for place in found:
        choice = choices.get(f"pick-{place.key}", place.default)
        if choice == "both" and place.can_join:
            name = place.names_mine[0]
            merged[name] = f"{mine.get(name, '').strip()}\n\n{saved.get(name, '').strip()}"
        elif choice == "theirs":
            _take(merged, saved, place)
    return merged


def _take(merged: dict[str, str], saved: dict[str, str], place: Difference) -> None:
    if not place.key.startswith("row-"):
        for name in place.names_theirs:
            merged.pop(name, None)
            if name in saved:
                merged[name] = saved[name]
        return
    if not place.names_theirs:  # only mine has the row: their version means that it goes
        for name in place.names_mine:
            merged.pop(name, None)
        return
    targets = place.names_mine
    if not targets:  # only theirs has it: append it
        prefix = place.names_theirs[0].split("-")[0]
        total = f"{prefix}-TOTAL_FORMS"
        # Behind the last row that is there: what stands in TOTAL_FORMS is only what somebody sent.
        row = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,6}})-")
        number = max((int(match[1]) + 1 for match in map(row.match, merged) if match), default=0)
        merged[total] = str(number + 1)
        targets = tuple(f"{prefix}-{number}-{name.split('-', 2)[2]}" for name in place.names_theirs)
    for source, target in zip(place.names_theirs, targets, strict=True):
        merged.pop(target, None)
        if source in saved:
            merged[target] = saved[source]
