"""The mid-term and the final report of a plan, from its data to the context of the document."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Prefetch

from core.templatetags.portal import percent, quantity, roc
from documents import contexts as c
from programs.enums import BudgetCategory, BudgetStage, PartLevel
from programs.models import BudgetAmount, Goal, KeyResult, Kpi, Milestone, Plan, PlanPart, Risk
from programs.rules.plans.kpis import last_day, period_label
from programs.rules.plans.ledger import Tree
from programs.rules.plans.risks import GRADES, IMPACT, LIKELIHOOD, band
from programs.selectors.kpis import Figure, figures
from programs.selectors.ledger import ledger

NONE = "—"


def report_context(plan: Plan, *, year: int, period: int, today: date) -> c.PlanReportContext:
    """Everything that the report of a closing period says, as known at its end. Bounded queries."""
    day = min(today, last_day(year, period))
    parts = list(plan.parts.order_by("position"))
    kpis = list(Kpi.objects.filter(part__plan=plan).select_related("part__plan").order_by("position", "pk"))
    known = figures(kpis, [year], today=day, parts={part.pk: part for part in parts})
    shown = [f for f in known.values() if f.aim is not None or f.value is not None]
    behind = [f for f in shown if f.status.asks_for_remedy]
    budget = _budget(plan, parts, year)
    return c.PlanReportContext(
        plan_code=plan.code,
        plan_name=plan.name,
        heading=f"{year} 年度{period_label(period)}執行報告",
        as_of=day,
        cover=tuple(
            c.Pair(label, value)
            for label, value in (
                ("審議編號", plan.code),
                ("主管機關", plan.ministry),
                ("執行機關", "、".join(plan.agencies)),
                ("全程期間", f"{plan.from_year} 年至 {plan.to_year} 年"),
                ("資料截至", roc(day)),
            )
            if value
        ),
        chapters=(
            c.Chapter("摘要", _summary(plan, year, shown, behind, budget)),
            c.Chapter("目標與關鍵成果", (_goals(plan, year),)),
            c.Chapter("績效指標達成情形", _kpis(parts, shown)),
            c.Chapter("落後指標之原因與改善措施", (_behind(behind),)),
            c.Chapter("性別統計", (_people(shown),)),
            c.Chapter("經費", (_money(year, budget), *_execution(plan, year))),
            c.Chapter("里程碑", (_milestones(plan, year, day),)),
            c.Chapter("風險", _risks(plan)),
        ),
    )


def _summary(
    plan: Plan, year: int, shown: list[Figure], behind: list[Figure], budget: list[tuple[str, ...]]
) -> tuple[c.Block, ...]:
    counts = Counter(f.status.label for f in shown)
    states = "、".join(f"{label} {n} 項" for label, n in counts.most_common()) or "沒有指標"
    total = next((row for row in budget if row[1] == "合計" and row[0] == "全計畫"), None)
    pairs = [
        ("本年度指標", f"{len(shown)} 項：{states}"),
        ("需要改善", f"{len(behind)} 項" if behind else "沒有落後的指標"),
    ]
    if total:
        pairs.append(("本年度經費", f"送審 {total[2]} 千元，核定 {total[3]} 千元"))
    blocks = [c.facts(pairs, "執行概況")]
    if plan.summary:
        blocks.insert(0, c.text(plan.summary, "計畫概要"))
    return tuple(blocks)


def _goals(plan: Plan, year: int) -> c.Block:
    goals = (
        Goal.objects.filter(part__plan=plan)
        .order_by("part__position", "position")
        .prefetch_related(Prefetch("results", KeyResult.objects.filter(year=year)))
    )
    rows = [(g.code, g.text, "\n".join(r.text for r in g.results.all()) or NONE) for g in goals]
    columns = [c.Column("代碼", "center", 8), c.Column("目標", "start", 36), c.Column(f"{year} 年關鍵成果")]
    return c.table("", columns, rows)


def _kpis(parts: list[PlanPart], shown: list[Figure]) -> tuple[c.Block, ...]:
    by_part: dict[int, list[Figure]] = defaultdict(list)
    for figure in shown:
        by_part[figure.kpi.part_id].append(figure)
    columns = [
        c.Column("代碼", "center", 8),
        c.Column("指標", "start", 29),
        c.Column("目標值", "end", 13),
        c.Column("至今應達", "end", 13),
        c.Column("實際值", "end", 12),
        c.Column("達成率", "end", 10),
        c.Column("狀態", "center"),
    ]
    return tuple(
        c.table(
            part.name if part.level == PartLevel.PLAN else str(part),
            columns,
            [
                (
                    f.kpi.code,
                    f"{f.kpi.name}（{f.kpi.unit}）{'※' if f.fed else ''}",
                    quantity(f.aim.target) if f.aim else NONE,
                    quantity(f.aim.due) if f.aim else NONE,
                    quantity(f.value) or NONE,
                    percent(f.reached) or NONE,
                    f.status.label,
                )
                for f in by_part[part.pk]
            ],
            note=_counted(by_part[part.pk]),
        )
        for part in parts
        if by_part[part.pk]
    ) or (c.text("本年度沒有訂定目標的指標。"),)


def _counted(figures: list[Figure]) -> str:
    """Below a table: which of its numbers calls feed, and how much of them was reported beside."""
    if not any(f.fed for f in figures):
        return ""
    beside = [
        f"{f.kpi.code} 其中徵案計數 {quantity(f.counted)}、另行填報 {quantity(f.reported)} {f.kpi.unit}"
        for f in figures
        if f.reported is not None
    ]
    return "；".join(["※ 由徵案核定案件的資料自動計算", *beside]) + "。"


def _behind(behind: list[Figure]) -> c.Block:
    if not behind:
        return c.text("沒有落後的指標。")
    rows = []
    for f in behind:
        due = quantity(f.aim.due) if f.aim else NONE
        said = f.words
        rows.append(
            (
                f"{f.kpi.code} {f.kpi.name}",
                f"應達 {due} {f.kpi.unit}\n實際 {quantity(f.value)} {f.kpi.unit}\n{f.status.label}",
                (said.cause if said else "") or "尚未填報",
                (said.remedy if said else "") or "尚未填報",
            )
        )
    columns = [
        c.Column("指標", "start", 24),
        c.Column("進度", "start", 20),
        c.Column("原因", "start", 28),
        c.Column("改善措施"),
    ]
    return c.table("", columns, rows)


def _people(shown: list[Figure]) -> c.Block:
    rows = [
        (
            f"{f.kpi.code} {f.kpi.name}",
            quantity(f.people.men),
            quantity(f.people.women),
            quantity(f.people.other),
            percent(f.people.women_share),
            f.kpi.women_goal or NONE,
        )
        for f in shown
        if f.people and f.people.total
    ]
    if not rows:
        return c.text("本期沒有分性別的人數。")
    columns = [
        c.Column("指標", "start", 36),
        c.Column("男（人）", "end", 13),
        c.Column("女（人）", "end", 13),
        c.Column("其他／未揭露（人）", "end", 16),
        c.Column("女性比例", "end", 11),
        c.Column("女性目標", "center"),
    ]
    return c.table("", columns, rows)


def _budget(plan: Plan, parts: list[PlanPart], year: int) -> list[tuple[str, ...]]:
    """Rows (part, category, asked, approved) in 千元: the plan and its sub-programmes with their sums. One query."""
    tree = Tree({part.pk: part.parent_id for part in parts})
    amounts: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for pk, stage, category, amount in BudgetAmount.objects.filter(part__plan=plan, year=year).values_list(
        "part", "stage", "category", "amount"
    ):
        amounts[stage, category][pk] += amount
    sums = {key: tree.sums(own) for key, own in amounts.items()}
    found: list[tuple[str, ...]] = []
    for part in parts:
        if part.level == PartLevel.ITEM:
            continue
        name = "全計畫" if part.level == PartLevel.PLAN else str(part)
        totals = [0, 0]
        for category in BudgetCategory:
            both = [sums.get((stage, category), {}).get(part.pk, 0) for stage in BudgetStage]
            if any(both):
                found.append((name, category.label, *(f"{n:,}" if n else NONE for n in both)))
                totals = [a + b for a, b in zip(totals, both, strict=True)]
        if any(totals):
            found.append((name, "合計", *(f"{n:,}" if n else NONE for n in totals)))
    return found


def _money(year: int, budget: list[tuple[str, ...]]) -> c.Block:
    if not budget:
        return c.text(f"{year} 年沒有經費。")
    columns = [
        c.Column("部分", "start", 40),
        c.Column("經費科目", "start", 24),
        c.Column("送審數（千元）", "end", 18),
        c.Column("核定數（千元）", "end"),
    ]
    return c.table("", columns, budget)


def _execution(plan: Plan, year: int) -> tuple[c.Block, ...]:
    """What became of the money that calls may give, as it stands while the report is made; nothing without money."""
    book = ledger(plan)
    rows = []
    for part in book.parts.values():
        now = book.at(part, year)
        if part.level != PartLevel.ITEM and now.base:
            sums = (now.base, now.cut + now.frozen, now.enveloped, now.committed, now.paid, now.free)
            name = "全計畫" if part.level == PartLevel.PLAN else str(part)
            rows.append((name, *(f"{n:,}" if n else NONE for n in sums)))
    if not rows:
        return ()
    heads = ("可給徵案", "刪減與凍結", "已匡列", "已核定", "已撥付", "可用餘額")
    columns = [c.Column("部分", "start", 22), *(c.Column(head, "end", 13) for head in heads)]
    returned = next(
        book.at(part, year).returned for part in book.parts.values() if part.level == PartLevel.PLAN
    )
    note = f"已撥付的補助中繳回 {returned:,} 元。" if returned else ""
    return (c.table("預算執行（元，製作報告當日）", columns, rows, note=note),)


def _milestones(plan: Plan, year: int, day: date) -> c.Block:
    """Milestones of the year; what was done after ``day`` is not done yet."""
    rows = [
        (str(m.part), m.text, roc(m.ends_on), roc(m.done_on) if m.done_on and m.done_on <= day else NONE)
        for m in Milestone.objects.filter(part__plan=plan, year=year)
        .select_related("part")
        .order_by("part__position", "position")
    ]
    if not rows:
        return c.text(f"{year} 年沒有里程碑。")
    columns = [c.Column("部分", "start", 26), c.Column("里程碑", "start", 44), c.Column("預定", "center", 15)]
    return c.table("", [*columns, c.Column("完成", "center")], rows)


def _risks(plan: Plan) -> tuple[c.Block, ...]:
    risks = list(Risk.objects.filter(part__plan=plan).order_by("part__position", "position"))
    if not risks:
        return (c.text("計畫沒有列風險。"),)
    rows = [
        (
            f"{r.code} {r.name}",
            r.measures or NONE,
            _grade(r.likelihood, r.impact),
            _grade(r.likelihood_after, r.impact_after),
        )
        for r in risks
    ]
    columns = [c.Column("風險", "start", 26), c.Column("對策", "start", 38), c.Column("原來", "center", 18)]
    return (
        _matrix("風險圖像（對策前）", [(r.code, r.likelihood, r.impact) for r in risks]),
        _matrix("風險圖像（對策後）", [(r.code, r.likelihood_after, r.impact_after) for r in risks]),
        c.table("風險與對策", [*columns, c.Column("對策後", "center")], rows),
    )


def _grade(likelihood: int, impact: int) -> str:
    return f"{band(likelihood, impact).label} {likelihood}×{impact}"


def _matrix(title: str, risks: list[tuple[str, int, int]]) -> c.Block:
    """Impact upwards, likelihood to the right, as the documents draw it; each cell names its band and its risks."""
    rows = []
    for impact in reversed(GRADES):
        cells = []
        for likelihood in GRADES:
            here = "、".join(code for code, a, b in risks if (a, b) == (likelihood, impact))
            cells.append(f"{band(likelihood, impact).label}\n{here}".strip())
        rows.append((f"{impact} {IMPACT[impact]}", *cells))
    columns = [c.Column("影響＼可能性", "center", 22)]
    columns += [c.Column(f"{n} {LIKELIHOOD[n]}", "center", 26) for n in GRADES]
    return c.table(title, columns, rows)
