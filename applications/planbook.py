"""The plan book (D2) and the self-check list (D1): a case's facts in the words and tables of paper.

Pure but for what it is given: terms, facts, findings. No contact data and no name of a reviewer to avoid
goes into either: both papers are read by reviewers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.enums import Gender
from applications.enums import CourseKind, Section, TraineeKind
from core.applicants import ApplicantKind
from core.findings import Finding, Severity
from core.money import fmt
from core.rocdate import roc
from documents import contexts as c
from programs.rules.check import (
    AdvantageFact,
    account_totals,
    is_missing,
    requested_heads,
    requested_subsidy,
    required_documents,
    sections_of,
    total_cost,
)
from programs.rules.facts import CaseFacts, Course
from programs.rules.granting import requested
from programs.rules.sections import partner_fields
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
_BLANK = "—"


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
        "合作單位": _partners(terms, facts) if Section.PARTNERS in sections else [],
        "培育對象": _trainees(terms, facts) if Section.TRAINEES in sections else [],
        "培育內容": _courses(terms, facts) if Section.COURSES in sections else [],
        "執行進度與查核點": _schedule(facts) if Section.SCHEDULE in sections else [],
        "預期效益": _outcomes(terms, facts) if Section.OUTCOMES in sections else [],
        "經費編列": _budget(terms, facts) if Section.BUDGET in sections else [],
        "審查優勢與其他政府補助": _advantages(advantages) + _other_funding(facts),
    }
    return {title: blocks for title, blocks in tables.items() if blocks}


def tables_of(
    terms: Terms, facts: CaseFacts, section: str, advantages: Sequence[AdvantageFact] = ()
) -> list[c.Block]:
    """The tables of one section as in the plan; the schedule without its drawing. For pages that show answers."""
    makers = {
        Section.PARTNERS: lambda: _partners(terms, facts),
        Section.TRAINEES: lambda: _trainees(terms, facts)[1:],
        Section.COURSES: lambda: _courses(terms, facts),
        Section.SCHEDULE: lambda: _schedule(facts)[-1:],
        Section.BUDGET: lambda: _budget(terms, facts),
        Section.OUTCOMES: lambda: _outcomes(terms, facts),
        Section.ADVANTAGES: lambda: _advantages(advantages),
        Section.OTHER_FUNDING: lambda: _other_funding(facts) if facts.other_funding else [],
    }
    return makers[Section(section)]()


def cover(terms: Terms, facts: CaseFacts) -> tuple[c.Pair, ...]:
    """What stands on the first page besides case number, title and period."""
    heads = Counter(t.kind for t in facts.trainees or ())
    pairs = [c.Pair("申請單位", facts.company.name or ""), c.Pair("統一編號", facts.company.ubn or "")]
    if terms.trainee_kinds:
        pairs.append(c.Pair("培育人數", _heads(terms, heads)))
    pairs.append(c.Pair(f"申請{terms.grant.noun}", f"{fmt(requested(terms, facts))} {terms.grant.unit}"))
    if not terms.in_dollars:
        pairs.append(c.Pair("申請補助款", f"{fmt(requested_subsidy(facts))} 元"))
    return (*pairs, c.Pair("計畫總經費", f"{fmt(total_cost(facts))} 元"))


def _heads(terms: Terms, heads: Mapping[Any, int]) -> str:
    parts = [f"{choice.label} {heads[choice.key]} 人" for choice in terms.trainee_kinds if heads[choice.key]]
    return f"{sum(heads.values())} 人（{'、'.join(parts)}）" if parts else "0 人"


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
        (f"{terms.applicant}名稱", company.name or _BLANK),
        ("統一編號", company.ubn or _BLANK),
        ("負責人", company.representative or _BLANK),
        ("地址", address or _BLANK),
        ("員工人數", f"{fmt(company.heads)} 人" if company.heads is not None else _BLANK),
    ]
    if terms.of_kind("code_prefixes"):
        pairs.append(("所營事業代碼", "、".join(company.codes or ()) or _BLANK))
    elif company.kind in set(ApplicantKind) and company.kind != ApplicantKind.COMPANY:
        pairs.append(("單位類別", ApplicantKind(company.kind).label))
    if facts.eligibility.founded_on:
        pairs.append(("設立日期", roc(facts.eligibility.founded_on)))
    return c.facts(pairs, "基本資料")


def _partners(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    """The bodies that the plan is carried out with, in the columns that the call asks about."""
    asked = partner_fields(terms)
    columns = [
        ("name", "名稱", "start", 30),
        ("kind", "種類", "center", 14),
        ("subject", "合作內容", "start", 30),
    ]
    columns += [("heads", "申請員額", "end", 12), ("months", "培訓（月）", "end", 12)]
    columns += [("practice_months", "其中實習（月）", "end", 14), ("bonus", "每人每年獎金（元）", "end", 16)]
    shown = [column for column in columns if column[0] in asked]
    whole = sum(width for *_, width in shown)
    rows = [
        tuple(
            terms.label("partner_kinds", partner.kind)
            if name == "kind"
            else _number(value)
            if isinstance(value := getattr(partner, name), int)
            else value or _BLANK
            for name, *_ in shown
        )
        for partner in facts.partners or ()
    ]
    totals = tuple(
        fmt(requested_heads(facts)) if name == "heads" else "合計" if name == "name" else ""
        for name, *_ in shown
    )
    return [
        c.table(
            "合作單位",
            [c.Column(label, align, width * 100 // whole) for _, label, align, width in shown],
            rows,
            totals=totals if "heads" in asked else (),
        )
    ]


def _trainees(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    people = facts.trainees or ()
    genders = Counter(t.gender for t in people)
    roles = Counter(t.job_role for t in people)
    by_kind = Counter(t.kind for t in people)
    summary = c.facts(
        [
            ("人數", _heads(terms, by_kind)),
            (
                "性別",
                "、".join(f"{label} {genders[key]} 人" for key, label in Gender.choices if genders[key]),
            ),
            (
                "職務類別",
                "、".join(f"{terms.label('job_roles', key)} {n} 人" for key, n in roles.most_common() if key),
            ),
        ],
        "人數統計",
    )
    rows = []
    for number, person in enumerate(people, 1):
        is_student = person.kind == TraineeKind.STUDENT
        wage = (
            f"時薪 {fmt(person.hourly_wage)}"
            if person.hourly_wage
            else f"月薪 {fmt(person.monthly_wage)}"
            if person.monthly_wage
            else _BLANK
        )
        rows.append(
            (
                str(number),
                "學生" if is_student else "員工" if person.kind == TraineeKind.EMPLOYEE else _BLANK,
                person.name or _BLANK,
                dict(Gender.choices).get(person.gender or "", _BLANK),
                f"{person.school} {person.department}".strip() if is_student else person.post or _BLANK,
                terms.label("student_levels", person.level) if is_student and person.level else _BLANK,
                terms.label("job_roles", person.job_role) or _BLANK,
                _number(person.planned_hours),
                wage,
            )
        )
    table = c.table(
        "受培育者名單",
        [
            c.Column("序", "center", 5),
            c.Column("身分", "center", 9),
            c.Column("姓名", "start", 12),
            c.Column("性別", "center", 8),
            c.Column("學校科系／職稱", "start", 19),
            c.Column("年級", "center", 10),
            c.Column("職務類別", "start", 13),
            c.Column("時數", "end", 9),
            c.Column("薪資（元）", "end", 15),
        ],
        rows,
        totals=(
            "",
            "合計",
            f"{len(people)} 人",
            "",
            "",
            "",
            "",
            fmt(sum(p.planned_hours or 0 for p in people)),
            "",
        ),
    )
    return [summary, table]


def _number(value: int | None) -> str:
    return _BLANK if value is None else fmt(value)


def _courses(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    courses = facts.courses or ()
    kinds = dict(CourseKind.choices)
    rows = [
        (
            course.name or _BLANK,
            {"lecture": "講授", "practice": "實作"}.get(
                course.kind or "", kinds.get(course.kind or "", _BLANK)
            ),
            _number(course.hours),
            course.site or _BLANK,
            _lecturer(terms, course),
            _number(course.fee_per_hour),
        )
        for course in courses
    ]
    practice = sum(x.hours or 0 for x in courses if x.kind == CourseKind.PRACTICE)
    return [
        c.table(
            "課程、場域與講師",
            [
                c.Column("課程名稱", "start", 28),
                c.Column("類型", "center", 8),
                c.Column("時數", "end", 8),
                c.Column("場域", "start", 21),
                c.Column("講師", "start", 21),
                c.Column("鐘點費（元）", "end", 14),
            ],
            rows,
            totals=("合計", "", fmt(sum(x.hours or 0 for x in courses)), "", "", ""),
            note=f"其中專案實作 {fmt(practice)} 小時。",
        )
    ]


def _lecturer(terms: Terms, course: Course) -> str:
    where = terms.label("lecturer_kinds", course.lecturer_affiliation)
    name = course.lecturer or _BLANK
    return f"{name}（{where}）" if where else name


def _schedule(facts: CaseFacts) -> list[c.Block]:
    bars = [
        c.Bar(m.name or _BLANK, m.starts_on, m.ends_on, m.checkpoint)
        for m in facts.schedule or ()
        if m.starts_on and m.ends_on and m.starts_on <= m.ends_on
    ]
    blocks: list[c.Block] = []
    days = [d for b in bars for d in (b.starts_on, b.ends_on)]
    days += [d for d in (facts.starts_on, facts.ends_on) if d]
    if bars:
        blocks.append(c.gantt("預定進度", min(days), max(days), bars))
    rows = [
        (
            m.name or _BLANK,
            roc(m.starts_on) if m.starts_on else _BLANK,
            roc(m.ends_on) if m.ends_on else _BLANK,
            m.checkpoint or _BLANK,
        )
        for m in facts.schedule or ()
    ]
    columns = [
        c.Column("工作項目", "start", 30),
        c.Column("開始", "center", 13),
        c.Column("結束", "center", 13),
        c.Column("查核點", "start", 44),
    ]
    blocks.append(c.table("工作項目與查核點", columns, rows))
    return blocks


def _outcomes(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    promised = {o.key: o for o in facts.outcomes or ()}
    rows = []
    for item in terms.outcomes:
        outcome = promised.get(item.key)
        if outcome is None or not (outcome.baseline or outcome.target or outcome.note):
            continue
        label = f"{item.label}（{item.unit}）" if item.unit else item.label
        rows.append((label, _grouped(outcome.baseline), _grouped(outcome.target), outcome.note or _BLANK))
    columns = [
        c.Column("指標", "start", 36),
        c.Column("現況", "end", 15),
        c.Column("目標", "end", 15),
        c.Column("說明", "start", 34),
    ]
    return [c.table("預期成效指標", columns, rows)]


def _grouped(text: str) -> str:
    """41000 → 41,000; words stay words."""
    return fmt(int(text)) if text.isascii() and text.isdigit() and len(text) < 13 else text or _BLANK


def _budget(terms: Terms, facts: CaseFacts) -> list[c.Block]:
    totals = account_totals(terms, facts)
    subsidy, cost = sum(t.subsidy for t in totals), sum(t.amount for t in totals)
    money = [
        c.Column("補助款", "end", 17),
        c.Column("配合款", "end", 17),
        c.Column("合計", "end", 17),
        c.Column("補助比例", "end", 14),
    ]
    summary = c.table(
        "經費總表",
        [c.Column("會計科目", "start", 35), *money],
        [
            (t.label, fmt(t.subsidy), fmt(t.company_share), fmt(t.amount), _ratio(t.subsidy, t.amount))
            for t in totals
        ],
        totals=("合計", fmt(subsidy), fmt(cost - subsidy), fmt(cost), _ratio(subsidy, cost)),
        note="單位：新臺幣元。",
    )
    blocks = [summary]
    for total in totals:
        lines = [(facts.budget or ())[i] for i in total.lines]
        if not lines:
            continue
        rows = [
            (
                line.item or _BLANK,
                f"{_number(line.quantity)} {line.unit}".strip(),
                _number(line.unit_price),
                _number(line.months),
                _number(line.amount),
                _number(line.subsidy),
                _number(line.company_share),
            )
            for line in lines
        ]
        blocks.append(
            c.table(
                f"{total.label}明細",
                [
                    c.Column("項目", "start", 27),
                    c.Column("數量", "end", 12),
                    c.Column("單價", "end", 13),
                    c.Column("月數", "end", 8),
                    c.Column("金額", "end", 14),
                    c.Column("補助款", "end", 13),
                    c.Column("配合款", "end", 13),
                ],
                rows,
                totals=("小計", "", "", "", fmt(total.amount), fmt(total.subsidy), fmt(total.company_share)),
                note="單位：新臺幣元；金額＝數量×單價×月數。",
            )
        )
    return blocks


def _ratio(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded up: more than half never reads as half."""
    if whole <= 0:
        return _BLANK
    tenths = -(-part * 1000 // whole)
    return f"{tenths // 10}.{tenths % 10}%"


def _advantages(advantages: Sequence[AdvantageFact]) -> list[c.Block]:
    rows = [
        (fact.group, fact.label, {True: "是", False: "否", None: _BLANK}[fact.holds], fact.text or _BLANK)
        for fact in advantages
    ]
    columns = [
        c.Column("類別", "center", 11),
        c.Column("項目", "start", 37),
        c.Column("符合", "center", 9),
        c.Column("依據", "start", 43),
    ]
    return [c.table("審查優勢", columns, rows)] if rows else []


def _other_funding(facts: CaseFacts) -> list[c.Block]:
    rows = [
        (x.agency or _BLANK, x.programme or _BLANK, _number(x.amount), x.period or _BLANK)
        for x in facts.other_funding or ()
    ]
    if not rows:
        return (
            [c.text("本計畫未申請或接受其他政府機關補助。", "其他政府補助")]
            if (facts.declared_no_other_funding)
            else []
        )
    columns = [
        c.Column("補助機關", "start", 28),
        c.Column("計畫名稱", "start", 36),
        c.Column("金額（元）", "end", 16),
        c.Column("期間", "start", 20),
    ]
    return [c.table("其他政府補助", columns, rows)]


# ---- self-check list (D1) -----------------------------------------------------------------------

_CHECK_GROUPS = (("申請資格", ("E",)), ("培育計畫", ("T",)), ("經費編列與其他", ("B", "G")))


def self_check_groups(
    terms: Terms, facts: CaseFacts, findings: Sequence[Finding]
) -> tuple[c.CheckGroup, ...]:
    """Each rule and document of the call with what the rulebook found: yes, no, or not applicable."""
    said: dict[str, list[Finding]] = {}
    for finding in findings:
        said.setdefault(finding.rule, []).append(finding)
    groups = []
    for title, letters in _CHECK_GROUPS:
        items = tuple(
            c.CheckItem(
                rule.id, rule.title, _verdict(said.get(rule.id, [])), note=_note(said.get(rule.id, []))
            )
            for rule in terms.rules
            if rule.enforced and rule.group in letters
        )
        if items:
            groups.append(c.CheckGroup(title, items))
    counts = {d.code: d.files for d in facts.documents or ()}
    documents = []
    checked: bool | None
    for item, required, _ in required_documents(terms, facts):
        files = counts.get(item.code, 0)
        if item.made_by == "portal":
            checked, note = True, "由系統產生"
        elif files:
            checked, note = True, f"{files} 個檔案"
        else:
            checked, note = (False, "尚未上傳") if required else (None, "無則免附")
        documents.append(c.CheckItem(item.code, item.label, checked, item.copies, note))
    groups.append(c.CheckGroup("應備文件", tuple(documents)))
    return tuple(groups)


def _verdict(said: Sequence[Finding]) -> bool | None:
    if any(f.severity is Severity.ERROR for f in said):
        return False
    return True if any(f.severity is Severity.OK for f in said) else None


def _note(said: Sequence[Finding]) -> str:
    errors = [f for f in said if f.severity is Severity.ERROR]
    if not errors:
        return ""
    return "尚未填寫完整" if all(is_missing(f) for f in errors) else "尚待修正"
