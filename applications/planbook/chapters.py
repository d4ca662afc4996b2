"""The plan book (D2): cover, particulars, texts and tables in the order in which reviewers read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from applications.enums import Section
from applications.planbook import tables as make
from core.applicants import ApplicantKind
from core.money import fmt
from core.rocdate import roc
from documents import contexts as c
from programs.rules.check import (
    AdvantageFact,
    requested_subsidy,
    sections_of,
    total_cost,
)
from programs.rules.facts import CaseFacts
from programs.rules.granting import requested
from programs.rules.terms import Terms

# Chapters that hold tables, in the order in which reviewers read them. A text that names another chapter opens its
# own, behind the one that stands before it in the terms.
_ORDER = (
    "公司簡介與現況說明",
    "培育目標與實施策略",
    "合作單位",
    "培育對象",
    "培育內容",
    "執行進度與查核點",
    "預期效益",
    "經費編列",
    "審查優勢與其他政府補助",
)


def plan_chapters(
    terms: Terms, facts: CaseFacts, advantages: Sequence[AdvantageFact] = ()
) -> tuple[c.Chapter, ...]:
    """The chapters of the plan, in the order in which reviewers read them (T6, R1–R6).

    Texts stand in the chapter that the terms name; tables close the chapter of their section, and what the
    call does not ask for is left out. The applicant's particulars open the first chapter.
    """
    texts: dict[str, list[str]] = {}
    for item in terms.plan_texts:
        texts.setdefault(item.chapter or item.label, []).append(item.key)
    tables = _chapter_tables(terms, facts, advantages)
    titles = list(texts)
    places = {title: _ORDER.index(title) for title in (*titles, *tables) if title in _ORDER}
    for before, title in zip(["", *titles], titles, strict=False):
        places.setdefault(title, places.get(before, 0))
    ordered = sorted([*titles, *(t for t in tables if t not in texts)], key=lambda title: places[title])
    chapters = []
    for number, title in enumerate(ordered):
        opening = [_company(terms, facts)] if number == 0 else []
        blocks = (*opening, *_texts(terms, facts, texts.get(title, ()), under=title), *tables.get(title, ()))
        if blocks:
            chapters.append(c.Chapter(title, blocks))
    return tuple(chapters)


def _chapter_tables(
    terms: Terms, facts: CaseFacts, advantages: Sequence[AdvantageFact]
) -> dict[str, list[c.Block]]:
    """Chapter → the tables that close it, of the sections that the call has."""
    sections = sections_of(terms)
    tables = {
        "合作單位": make.partners(terms, facts) if Section.PARTNERS in sections else [],
        "培育對象": make.trainees(terms, facts) if Section.TRAINEES in sections else [],
        "培育內容": make.courses(terms, facts) if Section.COURSES in sections else [],
        "執行進度與查核點": make.schedule(facts) if Section.SCHEDULE in sections else [],
        "預期效益": make.outcomes(terms, facts) if Section.OUTCOMES in sections else [],
        "經費編列": make.budget(terms, facts) if Section.BUDGET in sections else [],
        "審查優勢與其他政府補助": make.advantages(advantages) + make.other_funding(facts),
    }
    return {title: blocks for title, blocks in tables.items() if blocks}


def tables_of(
    terms: Terms, facts: CaseFacts, section: str, advantages: Sequence[AdvantageFact] = ()
) -> list[c.Block]:
    """The tables of one section as in the plan; the schedule without its drawing. For pages that show answers."""
    makers = {
        Section.PARTNERS: lambda: make.partners(terms, facts),
        Section.TRAINEES: lambda: make.trainees(terms, facts)[1:],
        Section.COURSES: lambda: make.courses(terms, facts),
        Section.SCHEDULE: lambda: make.schedule(facts)[-1:],
        Section.BUDGET: lambda: make.budget(terms, facts),
        Section.OUTCOMES: lambda: make.outcomes(terms, facts),
        Section.ADVANTAGES: lambda: make.advantages(advantages),
        Section.OTHER_FUNDING: lambda: make.other_funding(facts) if facts.other_funding else [],
    }
    return makers[Section(section)]()


def cover(terms: Terms, facts: CaseFacts) -> tuple[c.Pair, ...]:
    """What stands on the first page besides case number, title and period."""
    heads = Counter(t.kind for t in facts.trainees or ())
    pairs = [c.Pair("申請單位", facts.company.name or ""), c.Pair("統一編號", facts.company.ubn or "")]
    if terms.trainee_kinds:
        pairs.append(c.Pair("培育人數", make.heads(terms, heads)))
    pairs.append(c.Pair(f"申請{terms.grant.noun}", f"{fmt(requested(terms, facts))} {terms.grant.unit}"))
    if not terms.in_dollars:
        pairs.append(c.Pair("申請補助款", f"{fmt(requested_subsidy(facts))} 元"))
    return (*pairs, c.Pair("計畫總經費", f"{fmt(total_cost(facts))} 元"))


def _texts(terms: Terms, facts: CaseFacts, keys: Iterable[str], under: str = "") -> list[c.Block]:
    """The texts with their labels; a label that only repeats the chapter's title is left out."""
    labels = {item.key: item.label for item in terms.plan_texts}
    bodies = facts.plan or {}
    return [
        c.text(bodies[key], "" if labels[key] == under else labels[key])
        for key in keys
        if key in labels and bodies.get(key, "").strip()
    ]


def _company(terms: Terms, facts: CaseFacts) -> c.Block:
    company = facts.company
    address = "".join(
        part or "" for part in (company.postal_code, company.city, company.township, company.address)
    )
    pairs = [
        (f"{terms.applicant}名稱", company.name or make.BLANK),
        ("統一編號", company.ubn or make.BLANK),
        ("負責人", company.representative or make.BLANK),
        ("地址", address or make.BLANK),
        ("員工人數", f"{fmt(company.heads)} 人" if company.heads is not None else make.BLANK),
    ]
    if terms.of_kind("code_prefixes"):
        pairs.append(("所營事業代碼", "、".join(company.codes or ()) or make.BLANK))
    elif company.kind in set(ApplicantKind) and company.kind != ApplicantKind.COMPANY:
        pairs.append(("單位類別", ApplicantKind(company.kind).label))
    if facts.eligibility.founded_on:
        pairs.append(("設立日期", roc(facts.eligibility.founded_on)))
    return c.facts(pairs, "基本資料")
