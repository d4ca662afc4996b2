"""Both plans with three years of plausible reports, some of them behind; the demo calls paid from them; money that moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.conf import settings

from accounts.models import User
from core.rocdate import TAIPEI
from programs import feeds
from programs.enums import BudgetStage, EntryKind, MeasureKind
from programs.models import BudgetAmount, Call, Kpi, KpiTarget, KpiValue, Milestone, Plan
from programs.selectors.measures import effect_of
from programs.services.budgets import fund_call
from programs.services.entries import book_entry
from programs.services.measures import confirm_measure, draft_measure
from programs.services.plans import load_plan

FOLDER = Path("fixtures") / "plans"
PLAN_112, PLAN_108 = "112-1402-11-20-01", "108-1901-06-20-01"
#: Last reported month of each year: the first plan ends with August 114.
YEARS = {PLAN_112: {112: 12, 113: 12, 114: 8}, PLAN_108: {107: 12, 108: 12, 109: 12}}
#: Not reported in the demo: sums that count what the demo's call feeds.
LEFT_OUT = {PLAN_112: (), PLAN_108: ("K01", "K15")}
#: KPIs that are the sum of others (see their notes in the plan's file), in the years that list their parts.
SUMS = {
    "K01": ("K08", "K10", "K14", "K19"),
    "K04": ("K15", "K18", "K20", "K21", "K24"),
    "K05": ("K16", "K23"),
}
#: Share of the year's target reached, where it is not simply reached; by KPI and year.
SHORT = {
    ("K09", 112): "0.86",
    ("K17", 112): "0.68",
    ("K12", 113): "0.75",
    ("K23", 113): "0.92",
    ("K02", 114): "0.71",
    ("K17", 114): "0.85",
    ("K22", 114): "0.5",
    ("K06", 114): "0.975",
    ("K13", 107): "0.81",
    ("K20", 108): "0.9",
    ("K25", 109): "0.8",
}
CAUSES = {
    "K02": ("下半年受輔導企業多在驗證階段，平台應用延後。", "改採每月驗證會議，剩餘家次併入下一期輔導。"),
    "K06": (
        "新開的進階班學員背景差異大，課後評量未通過者增加。",
        "加開課前補強與補測，並調整進階班的入班條件。",
    ),
    "K09": ("上半年線上課程平台改版，兩個班延後開課。", "下半年加開四班，並由顧問到廠協助報名。"),
    "K13": ("首年廠商多在觀望，合作意向未及簽約。", "由計畫辦公室逐家訪視，次年起併入年度徵件說明會。"),
    "K20": ("部分訓儲菁英延後結訓，尚未計入就業。", "結訓後六個月內續追蹤，併入次年度統計。"),
    "K25": ("兩案成果仍在場域驗證，未達可計列的標準。", "驗證完成後於結案報告補列。"),
    "K12": ("一案的合作企業因產線搬遷退出。", "已另覓企業遞補，併入下一年度驗證。"),
    "K17": ("邊境管制延後外籍學生入境，實習梯次順延。", "改以遠距業師與在臺外籍生先行，入境後補足實地實習。"),
    "K23": ("兩所學校課程與實作期程衝突，學員中途退出。", "與系所協調改在寒暑假密集實作。"),
}
COURSES = "數位課程平台的學員；補助案的受訓者由徵案計數。"
WOMEN = {"K08": "0.38", "K09": "0.41", "K16": "0.27", "K23": "0.18", "K24": "0.22", "K14": "0.36"}


@dataclass(frozen=True, slots=True)
class _Month:
    """What is reported of a month; ``split``: men, women, others, where people are counted."""

    value: Decimal
    split: tuple[int, ...] = ()


def build(*, seed: int, office: User, now: datetime) -> tuple[Plan, Plan]:
    """Load both plans, report on the first, mark milestones. Writes a lot."""
    rng = Random(seed)  # noqa: S311  repeatable, nothing secret
    plans = [load_plan(settings.BASE_DIR / FOLDER / f"{code}.yaml", now=now) for code in (PLAN_112, PLAN_108)]
    _approve(plans[1])
    for plan in plans:
        _report(plan, rng, office)
    _milestones(plans[0])
    return plans[0], plans[1]


def fund(call: Call, part: str, year: int, *, plan: str = PLAN_112) -> None:
    """Pay a demo call from a part of a plan. Raises ``ValidationError`` when its envelope is more than is free."""
    found = Plan.objects.get(code=plan)
    fund_call(call=call, part=found.parts.get(number=part), year=year, amount=call.envelope)


def _approve(plan: Plan) -> None:
    """The document knows only what was asked for 108 and 109; in the demo the office has it approved in full."""
    asked = BudgetAmount.objects.filter(part__plan=plan, stage=BudgetStage.ASKED)
    BudgetAmount.objects.bulk_create(
        BudgetAmount(
            part_id=row.part_id,
            year=row.year,
            stage=BudgetStage.APPROVED,
            category=row.category,
            amount=row.amount,
            source="示範資料：照申請數核定",
        )
        for row in asked
    )


def _report(plan: Plan, rng: Random, office: User) -> None:
    targets = {(t.kpi_id, t.year): t.target for t in KpiTarget.objects.filter(kpi__part__plan=plan)}
    kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(part__plan=plan) if kpi.takes_values}
    told = set(KpiValue.objects.filter(kpi__part__plan=plan).values_list("kpi__code", "year"))
    rows: list[KpiValue] = []
    sums = SUMS if plan.code == PLAN_112 else {}
    for year, until in YEARS[plan.code].items():
        months: dict[str, dict[int, _Month]] = {}
        for code, kpi in kpis.items():
            target = targets.get((kpi.pk, year))
            left_out = code in LEFT_OUT[plan.code] or (code, year) in told or (code in sums and year < 114)
            if target is not None and not left_out:
                months[code] = _months(kpi, target, year, until, rng)
        for code, parts in sums.items():
            if year < 114:
                months[code] = _added([months[part] for part in parts if part in months])
        for code, values in months.items():
            rows += _rows(kpis[code], year, values, office)
    KpiValue.objects.bulk_create(rows, batch_size=1000)


def _months(kpi: Kpi, target: Decimal, year: int, until: int, rng: Random) -> dict[int, _Month]:
    """What each month added, or the rate at its end."""
    share = Decimal(SHORT.get((kpi.code, year), "0")) or Decimal(rng.randint(100, 112)) / 100
    if kpi.accumulation == "latest":
        step = Decimal("0.1")
        return {
            m: _Month(
                (target * share * (Decimal(rng.randint(99, 101)) / 100 if m < until else 1)).quantize(step)
            )
            for m in range(3, until + 1, 3 if until % 3 == 0 else 1)
        }
    if kpi.unit == "億元":
        whole = (target * share).quantize(Decimal("0.1"))
        half = (whole / 2).quantize(Decimal("0.1"))
        return {6: _Month(half), until: _Month(whole - half)}
    whole_number = int(target * share) if share < 1 else -int(-target * share // 1)
    spread = _spread(whole_number, until, rng)
    if not kpi.by_gender:
        return {m: _Month(Decimal(n)) for m, n in spread.items()}
    return _split(kpi.code, spread, rng)


def _spread(whole: int, until: int, rng: Random) -> dict[int, int]:
    """A whole number over the months to ``until``, about evenly; months of nothing are reported as 0."""
    weights = [rng.randint(8, 11) for _ in range(until)]
    total, given, found = sum(weights), 0, {}
    for m, upto in zip(range(1, until + 1), range(1, len(weights) + 1), strict=True):
        now = whole * sum(weights[:upto]) // total
        found[m], given = now - given, now
    return found


def _split(code: str, spread: dict[int, int], rng: Random) -> dict[int, _Month]:
    """Heads by gender. Women are counted over the year so far: of one head a month a share would round to nobody."""
    share = Decimal(WOMEN.get(code, "0.4")) + Decimal(rng.randint(-3, 3)) / 100
    found, heads, women = {}, 0, 0
    for month, now in spread.items():
        heads += now
        more = min(now, int(heads * share + Decimal("0.5")) - women)
        women += more
        other = 1 if now > 40 and rng.random() < 0.3 else 0
        found[month] = _Month(Decimal(now), (max(0, now - more - other), more, min(other, now - more)))
    return found


def _added(parts: list[dict[int, _Month]]) -> dict[int, _Month]:
    """Months of several KPIs together."""
    found: dict[int, _Month] = {}
    for month in sorted({m for part in parts for m in part}):
        rows = [part[month] for part in parts if month in part]
        split = [sum(row.split[i] for row in rows) for i in range(3)]
        found[month] = _Month(sum((row.value for row in rows), Decimal(0)), tuple(split))
    return found


def _rows(kpi: Kpi, year: int, values: dict[int, _Month], office: User) -> list[KpiValue]:
    last = max(values)
    told = CAUSES.get(kpi.code) if (kpi.code, year) in SHORT else None
    rows = []
    for month, value in values.items():
        men, women, other = value.split or (None, None, None)
        reported = datetime(year + 1911, month, 28, 17, 0, tzinfo=TAIPEI)
        rows.append(
            KpiValue(
                kpi=kpi,
                year=year,
                period=month,
                value=value.value,
                men=men,
                women=women,
                other=other,
                note=COURSES if kpi.adds_reports and month == last else "",
                cause=told[0] if told and month == last else "",
                remedy=told[1] if told and month == last else "",
                reported_at=reported,
                reported_by=office,
                reported_by_name=str(office),
            )
        )
    return rows


def _milestones(plan: Plan) -> None:
    """What came to its end in the years reported is done, but for a few."""
    rows = list(Milestone.objects.filter(part__plan=plan))
    late = ("協助企業應用數位平台", "促成國際人才循環交流", "培育新科技應用人才")
    for row in rows:
        if row.year < 114 or not row.text.startswith(late):
            row.done_on = min(row.ends_on - timedelta(days=10 + row.position % 9), date(2025, 8, 25))
        elif row.text.startswith("培育新科技"):
            row.note = "兩案中一案完成驗證，另一案預計年底。"
    Milestone.objects.bulk_update(rows, ["done_on", "note"])


def money(call: Call, *, supervisor: User, auditor: User, now: datetime) -> None:
    """What happened to the money of a decided call: its year is partly frozen, and the first instalments are paid.

    A freeze of two percent leaves every call its envelope. Part of one payment came back.
    """
    measure = draft_measure(
        part=call.funding.part,
        year=call.funding.year,
        kind=MeasureKind.FREEZE,
        percent=Decimal(2),
        amount=None,
        reason="示範：立法院審議總預算決議凍結 2%，提出書面報告並經同意後始得動支。",
        actor=supervisor,
        now=now - timedelta(days=6),
    )
    confirm_measure(
        measure=measure, seen=effect_of(measure).key, actor=supervisor, now=now - timedelta(days=5)
    )
    awards = [int(row.value) for row in feeds.awards([call.pk])][:4]
    for number, granted in enumerate(awards, start=1):
        _book(
            call,
            EntryKind.PAID,
            granted // 2,
            f"示範-付-{number:03}",
            "第一期款，核定補助的 50%",
            auditor,
            now,
        )
    if awards:
        _book(
            call,
            EntryKind.RETURNED,
            awards[0] // 20,
            "示範-收-001",
            "受訓者中途退訓，繳回其補助",
            auditor,
            now,
        )


def _book(call: Call, kind: str, amount: int, reference: str, note: str, actor: User, now: datetime) -> None:
    on = now.astimezone(TAIPEI).date() - timedelta(days=2 if kind == EntryKind.PAID else 1)
    book_entry(
        call=call, kind=kind, on=on, amount=amount, reference=reference, note=note, actor=actor, now=now
    )
