"""Kinds about who may apply, and what an applicant's size changes: RA1, and the bands of the 5+2 policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from core.applicants import ApplicantKind
from core.findings import Finding
from core.money import fmt
from programs.rules.facts import CaseFacts, Company
from programs.rules.kinds.budget import percent, share_findings
from programs.rules.kinds.eligibility import COMPANY_LABELS, particulars
from programs.rules.kinds.registry import Context, caution, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

_KINDS = tuple(k.value for k in ApplicantKind)


@dataclass(frozen=True, slots=True)
class ApplicantKindsParams:
    """``kinds`` may apply; others only ``by_approval``, case by case. ``required``: particulars asked for."""

    kinds: tuple[str, ...] = field(
        metadata=words(
            "可以申請的單位類別",
            "勾選的類別可以直接申請。",
            options={k.value: k.label for k in ApplicantKind},
            not_empty=True,
            choices=_KINDS,
        )
    )
    by_approval: bool = field(
        default=False,
        metadata=words("其他單位可專案核定", "沒有勾選的類別，先經主管機關專案核定也可以申請。"),
    )
    required: tuple[str, ...] = field(
        default=("name", "ubn"),
        metadata=words("必填的單位資料", "勾選的欄位沒有填，申請就不能送出。", options=COMPANY_LABELS),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        known = Company.__dataclass_fields__
        return [f"required: 沒有欄位「{name}」" for name in self.required if name not in known]


@kind(
    "applicant_kinds",
    ApplicantKindsParams,
    title="可以申請的單位類別",
    says="只有勾選的類別（大學、研究機構等）可以申請；檢查統一編號並要求填寫單位資料。",
    group="E",
)
def applicant_kinds(
    params: ApplicantKindsParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """The applicant is of a kind that may apply, or was approved case by case; its particulars are complete."""
    findings = particulars(rule, facts.company, params.required, full=context.full)
    given, where = facts.company.kind, "company.kind"
    if given is None:
        ask = "請選擇申請單位的類別。"
        return [*findings, missing(rule, where, ask)] if context.full else findings
    labels = "、".join(ApplicantKind(k).label for k in params.kinds)
    said = ApplicantKind(given).label if given in _KINDS else given
    if given in params.kinds:
        return findings or [holds(rule, where, f"申請單位為{said}，符合申請資格。", {"kind": given})]
    text = f"申請單位為{said}，不在可申請的類別（{labels}）內。"
    approved, place = facts.eligibility.special_approval, "eligibility.special_approval"
    if not params.by_approval:
        return [*findings, problem(rule, where, text, "請以符合資格的單位申請。", {"kind": given})]
    if approved is None:
        ask = f"{text}請說明是否已經專案核定。"
        told = missing(rule, place, ask) if context.full else caution(rule, place, text, "須先經專案核定。")
        return [*findings, told]
    if not approved:
        return [*findings, problem(rule, place, text, "請先取得專案核定，再提出申請。", {"kind": given})]
    return findings or [holds(rule, place, f"申請單位為{said}，已經專案核定。", {"kind": given})]


@dataclass(frozen=True, slots=True)
class SizeBand:
    """Applicants of ``min_heads`` to ``max_heads`` people: the share that is carried, and how it goes there."""

    label: str = field(metadata=words("名稱", "例如 小型企業。", not_empty=True))
    min_heads: int = field(metadata=words("最少人數", "這一級從幾個人起。", unit="人", min=0))
    max_heads: int | None = field(
        default=None, metadata=words("最多人數", "空白表示沒有上限。", unit="人", min=0)
    )
    ratio: Fraction = field(
        kw_only=True,
        metadata=words(
            "補助比例上限", "各科目補助款的比例，寫成 50% 或 1/2；全額負擔寫 100%。", min=0, max=1
        ),
    )
    procedure: str = field(
        default="", metadata=words("辦理方式", "告訴申請單位這個規模怎麼辦理。", wide=True)
    )
    consultant_first: bool = field(
        default=False, metadata=words("須先由輔導顧問進場", "申請單位要聲明顧問已經進場了解。")
    )

    @property
    def span(self) -> str:
        """The heads in words."""
        if self.max_heads is None:
            return f"{fmt(self.min_heads)} 人以上"
        return (
            f"{fmt(self.max_heads)} 人以下"
            if self.min_heads <= 1
            else f"{self.min_heads}–{self.max_heads} 人"
        )


@dataclass(frozen=True, slots=True)
class SizeBandsParams:
    """``bands``: from small to large, without gap or overlap; the last one has no upper end."""

    bands: tuple[SizeBand, ...] = field(
        metadata=words("規模級距", "由小到大相連，最後一級不設人數上限。", not_empty=True)
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        problems = []
        for i, (band, after) in enumerate(zip(self.bands, self.bands[1:], strict=False)):
            if band.max_heads is None or after.min_heads != band.max_heads + 1:
                problems.append(f"bands[{i + 1}].min_heads: 級距要由小到大相連，不可重疊或中斷")
        if self.bands[-1].max_heads is not None:
            problems.append(f"bands[{len(self.bands) - 1}].max_heads: 最後一個級距不設人數上限")
        return problems

    def band(self, heads: int) -> SizeBand | None:
        """The band of an applicant with so many people; None below the first."""
        fits = [
            b for b in self.bands if b.min_heads <= heads and (b.max_heads is None or heads <= b.max_heads)
        ]
        return fits[0] if fits else None


@kind(
    "size_bands",
    SizeBandsParams,
    title="依公司規模的補助方式",
    says="員工人數落在哪一級，就用那一級的補助比例與辦理方式。",
    group="B",
)
def size_bands(params: SizeBandsParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """The applicant's size decides the share of each account that is carried, and the procedure."""
    heads, where = facts.company.heads, "company.heads"
    if heads is None:
        return [missing(rule, where, "請填寫員工人數，補助方式依人數而定。")] if context.full else []
    band = params.band(heads)
    if band is None:
        text = f"員工 {fmt(heads)} 人，不在補助的規模內。"
        return [problem(rule, where, text, f"須有 {params.bands[0].span}。", {"heads": heads})]
    findings = share_findings(band.ratio, rule, facts, context)
    visited, place = facts.eligibility.consultant_visited, "eligibility.consultant_visited"
    if band.consultant_first and visited is False:
        text = f"{band.label}（{band.span}）先由輔導顧問進場了解，再擬訂訓練計畫。"
        findings.append(problem(rule, place, text, "請先聯絡計畫辦公室安排輔導顧問，再提出申請。"))
    elif band.consultant_first and visited is None and context.full:
        findings.append(missing(rule, place, "請說明輔導顧問是否已經進場了解並共同擬訂訓練計畫。"))
    carried = "由補助款全額負擔" if band.ratio == 1 else f"補助款最多 {percent(band.ratio)}"
    text = f"員工 {fmt(heads)} 人，屬{band.label}（{band.span}），訓練費用{carried}。{band.procedure}"
    return [holds(rule, where, text, {"heads": heads, "ratio": str(band.ratio)}), *findings]
