"""Eligibility kinds: E1, E2, E4, E4a. The applicant, its declarations, its business."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.applicants import ApplicantKind
from core.findings import Finding
from core.identifiers import is_business_code, is_ubn
from programs.rules.conditions import serves_others_only
from programs.rules.facts import CaseFacts, Company, Eligibility
from programs.rules.kinds.registry import Context, NoParams, holds, kind, missing, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import Rule, Terms

COMPANY_LABELS = {
    "kind": "單位類別",
    "name": "申請單位名稱",
    "ubn": "統一編號",
    "postal_code": "郵遞區號",
    "city": "縣市",
    "township": "鄉鎮市區",
    "address": "地址",
    "heads": "員工人數",
    "representative": "負責人",
    "contact_name": "聯絡人姓名",
    "contact_phone": "聯絡電話",
    "contact_email": "聯絡人電子郵件",
}
#: The yes/no statements of the eligibility section that a rule may ask for.
DECLARATIONS = {
    "bank_rejected": "是否為銀行拒絕往來戶",
    "positive_after_increase": "增資後淨值是否轉正",
    "serves_manufacturing": "是否服務過製造業",
    "public_servant_related": "是否為公職人員或其關係人",
    "special_approval": "是否經專案核定",
    "consultant_visited": "輔導顧問是否已進場",
}


def _known(cls: type, names: tuple[str, ...], prefix: str) -> list[str]:
    return [f"{prefix}: 沒有欄位「{n}」" for n in names if n not in cls.__dataclass_fields__]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class RegisteredCompanyParams:
    """``required``: fields of the company that the application plan names."""

    required: tuple[str, ...] = field(
        default=("name", "ubn"),
        metadata=words("必填的公司資料", "勾選的欄位沒有填，申請就不能送出。", options=COMPANY_LABELS),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        return _known(Company, self.required, "required")


@kind(
    "registered_company",
    RegisteredCompanyParams,
    title="依法登記的公司",
    says="檢查統一編號是否有效，並要求填寫下面勾選的公司資料。",
    group="E",
)
def registered_company(
    params: RegisteredCompanyParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """The applicant is a company with a valid 統一編號; its particulars are complete."""
    company = facts.company
    findings: list[Finding] = []
    if company.registered is False or company.kind not in (None, ApplicantKind.COMPANY):
        findings.append(
            problem(
                rule,
                "company.ubn" if company.registered is False else "company.kind",
                "申請單位不是國內依法登記的公司。",
                "請以已登記、有統一編號的公司申請。",
            )
        )
    findings += particulars(rule, company, params.required, full=context.full)
    if findings or not (company.registered or company.ubn):
        return findings
    return [
        holds(rule, "company.ubn", f"統一編號 {company.ubn} 有效。" if company.ubn else "依法登記的公司。")
    ]


def particulars(rule: Rule, company: Company, required: tuple[str, ...], *, full: bool) -> list[Finding]:
    """What is wrong or missing about the applicant's number, heads and the particulars that are asked for."""
    findings: list[Finding] = []
    if company.ubn and not is_ubn(company.ubn) and not company.ubn_override:
        findings.append(
            problem(
                rule,
                "company.ubn",
                f"統一編號 {company.ubn} 的檢查碼不符。",
                "請對照登記證明文件重新輸入 8 位數字；確認無誤仍不通過時，請洽計畫辦公室。",
                {"ubn": company.ubn},
            )
        )
    if company.heads is not None and company.heads < 1:
        findings.append(problem(rule, "company.heads", "員工人數至少 1 人。", "請填目前投保勞保的人數。"))
    if full:
        findings += [
            missing(rule, f"company.{name}", f"請填寫{COMPANY_LABELS.get(name, name)}。")
            for name in required
            if getattr(company, name) in (None, "")
        ]
    return findings


@dataclass(frozen=True, slots=True)
class DeclarationParams:
    """A yes/no of the eligibility section that must be ``expected``, with the words for each outcome."""

    expected: bool = field(
        metadata=words("符合資格的答案", "勾選表示要回答「是」才符合；不勾表示要回答「否」。")
    )
    ask: str = field(metadata=words("還沒回答時的提醒", "例如：請說明公司是否為銀行拒絕往來戶。"))
    problem: str = field(metadata=words("不符合時的說明", "說明哪裡不符合。"))
    remedy: str = field(metadata=words("不符合時怎麼辦", "告訴申請單位可以怎麼做，會接在說明後面。"))
    ok: str = field(metadata=words("符合時的說明", "例如：公司非銀行拒絕往來戶。"))
    # Last, since its name hides the function from what follows in this class.
    field: str = field(
        metadata=words("聲明的事項", "申請單位在「申請資格」那一節回答的題目。", options=DECLARATIONS)
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        return _known(Eligibility, (self.field,), "field")


@kind(
    "declaration",
    DeclarationParams,
    title="要申請單位聲明的是非題",
    says="申請單位要回答一個是非題，答案必須是您指定的那一個；答錯時顯示您寫的說明。",
    group="E",
)
def declaration(params: DeclarationParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """A yes/no statement of the applicant has the answer that the clause wants."""
    value, where = getattr(facts.eligibility, params.field), f"eligibility.{params.field}"
    if value is None:
        return [missing(rule, where, params.ask)] if context.full else []
    if value is not params.expected:
        return [problem(rule, where, params.problem, params.remedy)]
    return [holds(rule, where, params.ok)]


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A line of business and how its codes begin. ``needs_proof``: only with proof of service (E4a)."""

    label: str = field(metadata=words("行業", "例如：製造業。", not_empty=True))
    prefixes: tuple[str, ...] = field(metadata=words("代碼開頭", "一行一個，例如 C、I1。", not_empty=True))
    needs_proof: bool = field(
        default=False, metadata=words("須附服務實績", "只靠這類代碼申請的公司，要附服務製造業的實績。")
    )


@dataclass(frozen=True, slots=True)
class CodePrefixesParams:
    """``groups``: at least one code of the company begins with a prefix of one of them."""

    groups: tuple[CodeGroup, ...] = field(
        metadata=words("可申請的行業", "符合其中一類就可以申請。", not_empty=True)
    )


@kind(
    "code_prefixes",
    CodePrefixesParams,
    title="所營事業代碼",
    says="公司登記的所營事業代碼，至少有一個要以下列開頭之一開始。",
    group="E",
)
def code_prefixes(
    params: CodePrefixesParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """One of the company's business item codes lies in a line of business that the call supports."""
    codes = facts.company.codes
    if not codes:
        known_empty = codes is not None and not context.full
        wanted = "、".join(f"{'／'.join(g.prefixes)} 開頭（{g.label}）" for g in params.groups)
        if known_empty:
            return [problem(rule, "company.codes", f"所營事業代碼沒有 {wanted}。", "不符合申請資格。")]
        return (
            [missing(rule, "company.codes", "請填寫登記的所營事業代碼，例如 CC01080。")]
            if context.full
            else []
        )
    findings: list[Finding] = []
    for i, code in enumerate(codes):
        if not is_business_code(code):
            findings.append(
                problem(
                    rule,
                    f"company.codes[{i}]",
                    f"所營事業代碼「{code}」格式不對。",
                    "代碼共 7 碼，第一碼為英文字母、最後 5 碼為數字，例如 CC01080、I301010。",
                )
            )
    for group in params.groups:
        match = next((c for c in codes if is_business_code(c) and c.startswith(group.prefixes)), None)
        if match is not None:
            findings.append(
                holds(rule, "company.codes", f"所營事業代碼 {match} 屬{group.label}。", {"code": match})
            )
            return findings
    wanted = "；".join(f"{group.label}：{'、'.join(group.prefixes)} 開頭" for group in params.groups)
    findings.append(
        problem(
            rule,
            "company.codes",
            f"所營事業代碼（{'、'.join(codes)}）都不在補助範圍（{wanted}）。",
            "若登記證明文件另有符合的代碼，請補上。",
        )
    )
    return findings


@dataclass(frozen=True, slots=True)
class ServiceProofParams:
    """``years``: how far back the services may lie."""

    years: int = field(metadata=words("實績年限", "最近幾年內的服務才算。", unit="年", min=1, max=50))


@kind(
    "service_proof",
    ServiceProofParams,
    title="技術服務的實績",
    says="只靠「須附實績」的行業代碼申請的公司，要聲明最近幾年確實服務過製造業。",
    group="E",
)
def service_proof(
    params: ServiceProofParams, rule: Rule, facts: CaseFacts, context: Context
) -> list[Finding]:
    """A technical-services company has really served manufacturing (the proof itself is document D5)."""
    if not serves_others_only(context.terms, facts):
        return []
    served, where = facts.eligibility.serves_manufacturing, "eligibility.serves_manufacturing"
    if served is None:
        ask = f"公司沒有製造業代碼，請說明最近 {params.years} 年是否對製造業提供過技術服務。"
        return [missing(rule, where, ask)] if context.full else []
    if not served:
        return [
            problem(
                rule,
                where,
                f"技術服務業須有最近 {params.years} 年對製造業提供服務的實績。",
                "請準備合約與發票，或雙方用印的報價單與發票影本；沒有實績者不符合申請資格。",
            )
        ]
    return [holds(rule, where, f"最近 {params.years} 年曾對製造業提供技術服務，須附實績證明。")]


@kind(
    "notice",
    NoParams,
    title="只公告、由人執行的規定",
    says="系統不會自動檢查，只把條文列在徵案頁與規定全文，由承辦人員遵照辦理。",
    group="Q",
)
def notice(params: NoParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """A rule for reading: people follow it, or another part of the portal enforces it."""
    return []
