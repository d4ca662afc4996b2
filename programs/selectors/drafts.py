"""A draft of terms as the designer's pages show it: whole, with its problems and how far each part is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from core.money import fmt
from core.rocdate import roc
from documents.rules.gantt import chart
from documents.services.templates import check_texts
from programs.models import CallDraft, DraftPart
from programs.rules.designing import parts as p
from programs.rules.designing.differences import Difference, differences, silent_rules
from programs.rules.designing.parts import PARTS, Data, Problem
from programs.rules.designing.references import rows
from programs.rules.designing.values import moment
from programs.rules.granting import unit_price
from programs.rules.term_parts import LETTERS
from programs.rules.terms import Terms, TermsError, parse_terms
from programs.selectors.ledger import Room, room_for_call

RULE = "rule"
MOST_NAME = 120
MOST_DAYS = 3660  # a drawing of more than ten years says nothing

#: What apps and services further up have to say against a draft; see ``judge``.
Judge = Callable[["Draft"], list[Problem]]
_judges: list[Judge] = []


def judge(one: Judge) -> Judge:
    """Register a further check of drafts (an envelope above what is free, a placeholder that no letter knows)."""
    if one not in _judges:
        _judges.append(one)
    return one


@dataclass
class Draft:
    """A draft with its parts read. ``row``: the stored draft; ``data``: its terms as typed."""

    row: CallDraft
    parts: dict[str, DraftPart] = field(default_factory=dict)
    rules: list[DraftPart] = field(default_factory=list)

    @cached_property
    def data(self) -> Data:
        """The whole terms as typed."""
        return p.join((part.data for part in self.parts.values()), (rule.data for rule in self.rules))

    @cached_property
    def terms(self) -> Terms | None:
        """The terms as the rulebook reads them; None while they do not hold together."""
        try:
            return parse_terms(self.data)
        except TermsError:
            return None

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that stands against publishing, each with its place."""
        found = p.problems(self.data, self.row.base)
        for one in _judges:
            found += one(self)
        return found

    @cached_property
    def differences(self) -> list[Difference]:
        """Every change against what the draft was copied from."""
        return differences(self.row.base, self.data)

    @cached_property
    def room(self) -> Room | None:
        """What the chosen budget still has for the envelope; None while none is chosen. Eight queries."""
        part, year = self.row.budget_part, self.row.budget_year
        return None if part is None or year is None else room_for_call(part, year, call=self.row.call_id)

    @cached_property
    def silent(self) -> list[str]:
        """The rules whose numbers were changed, but not the words that people read."""
        return silent_rules(self.row.base, self.data)

    def problems_of(self, part: str) -> list[Problem]:
        """The problems that are mended on one page."""
        return [problem for problem in self.problems if problem.part == part]

    def place_of_rule(self, number: int) -> int:
        """Where a rule stands among the rules. Raises KeyError for one that is gone."""
        for place, rule in enumerate(self.rules):
            if rule.number == number:
                return place
        raise KeyError(number)

    def problems_of_rule(self, place: int) -> list[Problem]:
        """The problems of the rule at a place."""
        head = f"rules[{place}]"
        return [q for q in self.problems if q.path == head or q.path.startswith(f"{head}.")]


def read_draft(row: CallDraft) -> Draft:
    """The draft with its parts. One query (none when they are prefetched)."""
    draft = Draft(row)
    order = {part.key: n for n, part in enumerate(PARTS)}
    for part in sorted(row.parts.all(), key=lambda part: order.get(part.key, 0)):
        if part.key != RULE:
            draft.parts[part.key] = part
    draft.rules = [part for part in row.parts.all() if part.key == RULE]
    return draft


@judge
def _name_fits(draft: Draft) -> list[Problem]:
    name = draft.data.get("name")
    if isinstance(name, str) and len(name) > MOST_NAME:
        return [Problem("name", f"最多 {MOST_NAME} 字，目前 {len(name)} 字")]
    return []


@judge
def _window_of_a_public_call(draft: Draft) -> list[Problem]:
    """A window that was announced is never shortened (S1)."""
    call = draft.row.call
    window = draft.data.get("window")
    closes = moment(window.get("closes_at")) if isinstance(window, dict) else None
    if call is not None and closes is not None and closes < call.closes_at:
        return [Problem("window.closes_at", "受理截止已經公告，只能延後，不能提早")]
    return []


@judge
def _letters_use_known_names(draft: Draft) -> list[Problem]:
    """A letter's own texts may use only the names that its kind can fill in."""
    found = []
    for place, row in enumerate(rows(draft.data, "letters")):
        if row.get("kind") in LETTERS:
            texts = {name: value for name, value in row.items() if isinstance(value, str)}
            found += [
                Problem(f"letters[{place}].{name}", reason)
                for name, reason in check_texts(kind=str(row["kind"]), texts=texts).items()
            ]
    return found


@judge
def _envelope_is_free(draft: Draft) -> list[Problem]:
    """An envelope out of a plan's budget can't exceed what is free there; heads at what they cost at most."""
    terms, room, year = draft.terms, draft.room, draft.row.budget_year
    if terms is None or room is None:
        return []
    price = unit_price(terms)
    if not price:
        return [Problem("envelope", "以員額核給的徵案要有「每名補助上限」的規則，才能換算經費")]
    over = terms.envelope * price - room.free
    if over <= 0:
        return []
    less = (
        f"減少 {fmt(over)} 元"
        if price == 1
        else f"改為 {terms.grant.say(room.free // price)}以內（每{terms.grant.unit}以 {fmt(price)} 元計）"
    )
    text = f"超過「{room.bound}」{year} 年度可用的 {fmt(room.free)} 元，請{less}，或改選其他經費來源"
    return [Problem("envelope", text)]


def part_list(draft: Draft) -> list[dict[str, Any]]:
    """The parts for ``components/task_list.html``: state, how many problems, whether it was changed."""
    changed = {d.part for d in draft.differences}
    lines = []
    for part in PARTS:
        count = len(draft.problems_of(part.key))
        lines.append(
            {
                "key": part.key,
                "label": part.title,
                "lead": part.lead,
                "state": "fix" if count else "done",
                "count": count,
                "hint": "已修改" if part.key in changed else "沿用，未修改",
            }
        )
    return lines


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    starts_on: date
    ends_on: date
    checkpoint: str = ""


def drawing_of(data: Data) -> dict[str, Any] | None:
    """The timetable as typed for ``components/gantt.html``; rows that can't be read are left out."""
    bars = []
    for row in rows(data, "timetable"):
        try:
            bar = _Bar(
                str(row.get("label") or "（未命名）"),
                date.fromisoformat(str(row.get("starts_on"))),
                date.fromisoformat(str(row.get("ends_on"))),
            )
        except ValueError:
            continue
        if bar.starts_on <= bar.ends_on:
            bars.append(bar)
    if not bars:
        return None
    starts, ends = min(b.starts_on for b in bars), max(b.ends_on for b in bars)
    if (ends - starts).days > MOST_DAYS:
        return None
    drawn = chart(starts, ends, bars)
    return {
        "title": f"{roc(starts)} 至 {roc(ends)}，{len(bars)} 個階段",
        "ticks": [{"at": month.x / 10, "label": month.short} for month in drawn.months if month.short],
        "bars": [
            {
                "label": bar.name,
                "sub": f"{roc(bar.starts_on)}–{roc(bar.ends_on)}",
                "start": bar.x / 10,
                "width": bar.width / 10,
                "words": f"{roc(bar.starts_on)} 至 {roc(bar.ends_on)}",
            }
            for bar in drawn.rows
        ],
    }
