"""Net worth kinds: E3, E3a, E3b. That it is positive, what proves it, and what a capital increase changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from core.findings import Finding
from core.money import fmt
from core.rocdate import roc
from programs.rules.facts import CaseFacts
from programs.rules.kinds.registry import Context, caution, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms


@dataclass(frozen=True, slots=True)
class NetWorthParams:
    """``minimum``: least net worth in dollars (1 = positive)."""

    minimum: int = field(default=1, metadata=words("淨值至少", "填 1 表示淨值要大於零。", unit="元", min=0))


@kind(
    "net_worth",
    NetWorthParams,
    title="公司淨值下限",
    says="最近一年度的公司淨值不得低於這個金額；徵案若有「增資後轉正」的規則，增資轉正者視同符合。",
    group="E",
)
def net_worth(params: NetWorthParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """Net worth is positive, or counts as positive after a capital increase (where the call has E3b)."""
    declared = facts.eligibility
    where = "eligibility.net_worth"
    increase = next(iter(context.terms.of_kind("capital_increase")), None)
    numbers = {"net_worth": declared.net_worth, "minimum": params.minimum}
    if declared.net_worth is None:
        if declared.positive_after_increase and increase is not None:
            return [holds(rule, where, f"增資後淨值轉正，視同符合（{increase.id}）。")]
        return [missing(rule, where, "請填寫最近一年度的公司淨值（元）。")] if context.full else []
    if declared.net_worth >= params.minimum:
        return [holds(rule, where, f"公司淨值 {fmt(declared.net_worth)} 元，為正值。", numbers)]
    if declared.positive_after_increase and increase is not None:
        return [holds(rule, where, f"增資後淨值轉正，視同符合（{increase.id}）。", numbers)]
    text = f"公司淨值 {fmt(declared.net_worth)} 元，須至少 {fmt(params.minimum)} 元（正值）。"
    remedy = (
        "若申請前已增資轉正，請勾選「增資後轉正」並附期中財務報表。" if increase else "請於淨值轉正後再申請。"
    )
    return [problem(rule, where, text, remedy, numbers)]


@dataclass(frozen=True, slots=True)
class NetWorthEvidenceParams:
    """``new_company_basis``: the evidence that only a newly registered company may use.

    It is made of several ``new_company_papers``, which are all handed in as the ``document``.
    """

    new_company_basis: str = field(
        default="",
        metadata=words(
            "限新設公司使用的文件",
            "選定後，只有新設立、還沒有完整年度財務報告的公司可以用這一種。",
            refers="net_worth_bases",
            blank="沒有這種限制",
        ),
    )
    document: str = field(
        default="",
        metadata=words(
            "上傳在哪一份文件",
            "新設公司的替代文件上傳在應備文件的哪一項。",
            refers="documents",
            blank="不檢查份數",
        ),
    )
    new_company_papers: tuple[str, ...] = field(
        default=(),
        metadata=words("新設公司要附齊的文件", "一行一份；上傳的檔案比較少時，系統會提醒。"),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        problems = []
        if self.new_company_basis not in {b.key for b in terms.net_worth_bases} | {""}:
            problems.append("new_company_basis: 不在 net_worth_bases 內")
        if self.document not in {d.code for d in terms.documents} | {""}:
            problems.append(f"document: 沒有文件「{self.document}」")
        return problems


@kind(
    "net_worth_evidence",
    NetWorthEvidenceParams,
    title="淨值的證明文件",
    says="申請單位要選一種證明淨值的文件；只有新設立的公司可以用您指定的那一種。",
    group="E",
)
def net_worth_evidence(
    params: NetWorthEvidenceParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """Which statement proves the net worth, and whether this company may use it."""
    basis, founded = facts.eligibility.net_worth_basis, facts.eligibility.founded_on
    where = "eligibility.net_worth_basis"
    if not basis:
        return [missing(rule, where, "請選擇淨值的證明文件。")] if context.full else []
    known = {b.key: b.label for b in context.terms.net_worth_bases}
    if basis not in known:
        return [
            problem(
                rule,
                where,
                f"淨值的證明「{basis}」不在可用的文件內。",
                f"請從{'、'.join(known.values())}擇一。",
            )
        ]
    if basis != params.new_company_basis:
        return [holds(rule, where, f"淨值以「{known[basis]}」證明。")]
    if founded is None:
        ask = "請填寫公司設立日期，以確認可用新設公司的替代文件。"
        return [missing(rule, "eligibility.founded_on", ask)] if context.full else []
    day = context.reference_date(facts)
    if founded > day:
        return [
            problem(
                rule,
                "eligibility.founded_on",
                f"設立日期 {roc(founded)} 晚於申請日 {roc(day)}。",
                "請更正設立日期。",
            )
        ]
    if founded <= date(day.year - 1, 1, 1):
        return [
            problem(
                rule,
                where,
                f"公司於 {roc(founded)} 設立，已有完整年度的財務報告，不適用新設公司的替代文件。",
                "請改附會計師簽證查核報告書，或營所稅結算申報書的資產負債表。",
            )
        ]
    if founded.year < day.year and _a_year_before(day) >= founded:
        # Over a year old, yet without one whole fiscal year: the clause can be read both ways.
        return [
            caution(
                rule,
                where,
                f"公司於 {roc(founded)} 設立，已滿一年但沒有完整年度的財務報告。",
                "若已有會計師簽證報告或營所稅結算申報書，請優先檢附；計畫辦公室會再確認。",
            ),
            *_papers(params, rule, facts),
        ]
    used = holds(rule, where, f"公司於 {roc(founded)} 設立，可用「{known[basis]}」。")
    return [used, *_papers(params, rule, facts)]


def _papers(params: NetWorthEvidenceParams, rule: Rule, facts: CaseFacts) -> list[Finding]:
    """A reminder while fewer files are there than papers wanted: one scan may hold several, so nothing is stopped."""
    wanted = len(params.new_company_papers)
    if not params.document or facts.documents is None:
        return []
    files = sum(d.files for d in facts.documents if d.code == params.document)
    if files >= wanted:
        return []
    listed = "；".join(f"{number}. {paper}" for number, paper in enumerate(params.new_company_papers, 1))
    return [
        caution(
            rule,
            f"documents.{params.document}",
            f"新設公司的證明要附齊 {wanted} 份：{listed}。目前有 {files} 個檔案。",
            "請把缺的一併上傳；已經合併成一個檔案的話，可以直接送出。",
            {"files": files, "wanted": wanted},
        )
    ]


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True, slots=True)
class CapitalIncreaseParams:
    """``basis``: the evidence that shows the net worth after the increase."""

    basis: str = field(
        metadata=words("增資後的證明文件", "增資轉正的公司要選這一種文件並上傳。", refers="net_worth_bases")
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = {b.key for b in terms.net_worth_bases}
        return [] if self.basis in known else ["basis: 不在 net_worth_bases 內"]


@kind(
    "capital_increase",
    CapitalIncreaseParams,
    title="增資後淨值轉正",
    says="淨值曾為負、增資後轉正的公司，要用您指定的文件證明。",
    group="E",
)
def capital_increase(
    params: CapitalIncreaseParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """A net worth that turned positive by a capital increase is shown by interim statements, and only that.

    Interim statements are no free choice: without an increase the latest whole year counts (E3a).
    """
    declared = facts.eligibility
    if declared.net_worth_basis == params.basis and not declared.positive_after_increase:
        label = context.terms.label("net_worth_bases", params.basis)
        return [
            problem(
                rule,
                "eligibility.net_worth_basis",
                f"「{label}」只適用於淨值原為負、申請前已增資轉正的公司。",
                "請改附最近一年度的財務報告；確實是增資轉正的話，請勾選「增資後轉正」。",
            )
        ]
    if not declared.positive_after_increase or (declared.net_worth is not None and declared.net_worth > 0):
        return []
    label = context.terms.label("net_worth_bases", params.basis)
    if not declared.net_worth_basis:
        return []  # the evidence rule asks for it
    if declared.net_worth_basis != params.basis:
        return [
            problem(
                rule,
                "eligibility.net_worth_basis",
                "增資後轉正須由增資後的報表證明。",
                f"請把淨值的證明改為「{label}」並上傳。",
            )
        ]
    return [holds(rule, "eligibility.positive_after_increase", f"增資後淨值轉正，以「{label}」證明。")]
