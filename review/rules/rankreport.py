"""The answer to a ranking file: ranking and allocation with their reasoning, as JSON data or as text."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from typing import Any

from core.findings import Finding
from review.rules.allocation import (
    Allocation,
    Candidate,
    Way,
    by_hand,
    in_rank_order,
    proportional,
)
from review.rules.allocation_check import check_allocation
from review.rules.rankfile import Plan, RankFile
from review.rules.ranking import Method, RankedCase, Ranking, rank
from review.rules.scoring import display, plain

RESULT_SCHEMA = "ipas-rank-result/1"


def allocate(plan: Plan, candidates: list[Candidate]) -> Allocation:
    """The allocation that a plan asks for."""
    if plan.way is Way.PROPORTIONAL:
        return proportional(candidates, plan.limits, base=plan.base)
    if plan.way is Way.BY_HAND:
        return by_hand(candidates, plan.limits, plan.by_hand, base=plan.base)
    return in_rank_order(candidates, plan.limits, base=plan.base, partial=plan.partial)


def report(file: RankFile) -> dict[str, Any]:
    """Rank and allocate; JSON-ready (``docs/rank-schema.md``). Scores are text, amounts are ints."""
    ranking = rank((case.entry for case in file.cases), file.terms)
    names = {case.entry.case: case.name for case in file.cases}
    answer: dict[str, Any] = {
        "schema": RESULT_SCHEMA,
        "call": file.call,
        "ranking": {
            "method": ranking.method.value,
            "method_label": ranking.method.label,
            "uses_mean_rank": ranking.uses_mean_rank,
            "pass_mark": None if file.terms.pass_mark is None else plain(file.terms.pass_mark),
            "tie_rules": [str(rule) for rule in file.terms.tie_rules],
            "notes": list(ranking.notes),
            "rows": [_ranked(row, names[row.case]) for row in ranking.rows],
        },
        "allocation": None,
    }
    if file.plan:
        answer["allocation"] = _allocated(file, file.plan, ranking)
    return answer


def candidates_of(file: RankFile, ranking: Ranking) -> list[Candidate]:
    """The file's cases with the rank and pass that the ranking gave them."""
    rows = {row.case: row for row in ranking.rows}
    return [
        Candidate(
            case=case.entry.case,
            rank=rows[case.entry.case].rank,
            passed=rows[case.entry.case].passed,
            asks=case.asks,
            cap=case.cap,
            company=case.company,
        )
        for case in file.cases
    ]


def _number(value: Fraction | None) -> str | None:
    return None if value is None else str(display(value))


def _ranked(row: RankedCase, name: str) -> dict[str, Any]:
    total = row.summary.total
    return {
        "number": row.case,
        "name": name,
        "rank": row.rank,
        "passed": row.passed,
        "average": _number(row.average),
        "median": _number(total.median if total else None),
        "spread": _number(total.spread if total else None),
        "deviation": str(total.deviation) if total else None,
        "criteria": {code: _number(stats.mean) for code, stats in row.summary.criteria.items()},
        "totals": {reviewer: _number(value) for reviewer, value in row.summary.totals.items()},
        "reviewer_ranks": {reviewer: plain(value) for reviewer, value in row.reviewer_ranks.items()},
        "rank_sum": None if row.rank_sum is None else plain(row.rank_sum),
        "mean_rank": _number(row.mean_rank),
        "students": row.students,
        "differs": row.summary.differs,
        "differing_criteria": list(row.summary.differing),
        "incomplete_sheets": list(row.summary.incomplete),
        "explanations": list(row.explanations),
    }


def _allocated(file: RankFile, plan: Plan, ranking: Ranking) -> dict[str, Any]:
    candidates = candidates_of(file, ranking)
    result = allocate(plan, candidates)
    requested = {c.case: c.requested for c in candidates}
    findings: list[Finding] = check_allocation(candidates, result, plan.limits, base=plan.base)
    return {
        "way": result.way.value,
        "way_label": result.way.label,
        "unit": plan.limits.unit,
        "full_envelope": plan.full_envelope,
        "cut": f"{plain(plan.cut * 100)}%",
        "envelope": result.envelope,
        "spent": result.spent,
        "remaining": result.remaining,
        "funded": result.funded,
        "ratio": None if result.ratio is None else str(display(result.ratio, 6)),
        "awards": [
            {
                "number": award.case,
                "rank": award.rank,
                "requested": requested[award.case],
                "possible": award.base,
                "amount": award.amount,
                "by_account": dict(award.by_account),
                "reasons": list(award.reasons),
            }
            for award in result.awards
        ],
        "findings": [finding.as_dict() for finding in findings],
    }


def as_text(answer: dict[str, Any]) -> str:
    """The answer of :func:`report` as tables for a terminal."""
    ranking = answer["ranking"]
    by_sum = ranking["method"] == Method.RANK_SUM
    head = ["名次", "案號", "平均", "中位數", "差距", "及格"] + (["序位和", "平均序位"] if by_sum else [])
    rows = []
    for row in ranking["rows"]:
        cells = [row["rank"], row["number"], row["average"], row["median"], row["spread"]]
        cells.append("是" if row["passed"] else "否")
        rows.append(cells + ([row["rank_sum"], row["mean_rank"]] if by_sum else []))
    mark = f"，及格 {ranking['pass_mark']} 分" if ranking["pass_mark"] else ""
    lines = [f"排序（{ranking['method_label']}{mark}）", *_table(head, rows)]
    lines += [f"註：{note}" for note in ranking["notes"]]
    lines += [f"{row['number']}：{text}" for row in ranking["rows"] for text in row["explanations"]]
    lines += [f"{row['number']}：委員評分差距較大。" for row in ranking["rows"] if row["differs"]]
    if allocation := answer["allocation"]:
        lines += ["", *_allocation_text(allocation)]
    return "\n".join(lines) + "\n"


def _allocation_text(allocation: dict[str, Any]) -> list[str]:
    unit = allocation["unit"]
    cut = (
        ""
        if allocation["cut"] == "0%"
        else f"（原 {allocation['full_envelope']:,}，刪減 {allocation['cut']}）"
    )
    rows = [
        [a["rank"], a["number"], f"{a['requested']:,}", f"{a['possible']:,}", f"{a['amount']:,}"]
        for a in allocation["awards"]
    ]
    lines = [
        f"分配（{allocation['way_label']}）：可用 {allocation['envelope']:,} {unit}{cut}"
        f"，已分配 {allocation['spent']:,}，餘 {allocation['remaining']:,}，補助 {allocation['funded']} 案",
        *_table(["名次", "案號", "申請", "可補助", "分配"], rows),
    ]
    lines += [f"{a['number']}：{''.join(a['reasons'])}" for a in allocation["awards"]]
    lines += [f"[{f['rule']} {f['clause']}] {f['message']}{f['remedy']}" for f in allocation["findings"]]
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _table(head: list[str], rows: list[list[Any]]) -> list[str]:
    texts = [head, *([("—" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(_width(row[i]) for row in texts) for i in range(len(head))]
    return [
        "  ".join(
            cell + " " * (widths[i] - _width(cell)) if i == 1 else " " * (widths[i] - _width(cell)) + cell
            for i, cell in enumerate(row)
        ).rstrip()
        for row in texts
    ]
