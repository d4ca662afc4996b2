"""The terms of a call: everything that differs from scheme to scheme and from year to year, as frozen data.

Read from a dict (``fixtures/schemes/*.yaml`` or the JSON stored with a call). ``parse_terms`` refuses terms
that do not hold together and names every problem with its path, so that the office's editor can show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeVar

from core.findings import Severity
from programs.rules.kinds import KINDS
from programs.rules.kinds.registry import GROUPS
from programs.rules.reader import ReadError, read, words
from programs.rules.term_parts import (
    Account,
    AdvantageItem,
    Aspect,
    Choice,
    ContractDocument,
    Criterion,
    DocumentItem,
    Grant,
    Instalment,
    JobRole,
    Letterhead,
    LetterWording,
    OutcomeItem,
    PlanText,
    Question,
    Settings,
    Stage,
    Window,
)

__all__ = [
    "SCHEMA",
    "TIE_RULES",
    "Account",
    "AdvantageItem",
    "Aspect",
    "Choice",
    "ContractDocument",
    "Criterion",
    "DocumentItem",
    "Grant",
    "Instalment",
    "JobRole",
    "LetterWording",
    "Letterhead",
    "OutcomeItem",
    "PlanText",
    "Question",
    "Rule",
    "Settings",
    "Stage",
    "Terms",
    "TermsError",
    "Window",
    "parse_terms",
]

T = TypeVar("T")

SCHEMA = "ipas-terms/1"
#: The one line in which a call that grants head-count asks for it, decides on it and awards it.
HEADS = "heads"


class TermsError(ReadError):
    """Terms that cannot be used; ``problems`` lists each one as ``path: reason``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the call: ID, clause, kind with typed parameters, and words for the public page."""

    id: str
    kind: str
    clause: str
    title: str
    text: str
    severity: Severity
    params: Any
    group: str = ""  # which checks and lists it stands among: E, T, B, D, …

    @property
    def enforced(self) -> bool:
        """Whether the rulebook itself checks it (False: a rule that people follow, listed for reading)."""
        return self.kind != "notice"


@dataclass(frozen=True, slots=True)
class RawRule:
    """A rule as it stands in the data, without its parameters (their class depends on the kind)."""

    id: str = field(metadata=words("編號", "字母是類別，例如 T3；同一徵案不可重複。", not_empty=True))
    kind: str = field(metadata=words("規則種類", made=True))
    clause: str = field(metadata=words("條次", "須知裡的條次，例如：貳.三(二)。", not_empty=True))
    title: str = field(metadata=words("規則名稱", "一句短語，顯示在徵案頁與檢查結果。", not_empty=True))
    text: str = field(
        metadata=words(
            "白話說明", "寫給申請單位看的一兩句話；數字請和下面的參數一致。", long=True, not_empty=True
        )
    )
    severity: Severity = field(
        default=Severity.ERROR,
        metadata=words(
            "不符合時",
            "擋下送件，或只提醒。",
            labels={"error": "不能送出", "warning": "提醒，仍可送出", "info": "僅供閱讀", "ok": "符合"},
        ),
    )
    group: str = field(
        default="",
        metadata=words(
            "類別",
            "列在哪一類；編號沿用法規自己的號碼（例如 RA3）時才需要指定。",
            choices=("", *GROUPS),
            labels={"": "依編號的第一個字母", **GROUPS},
        ),
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one version of a call. Money in whole dollars."""

    schema: str = field(metadata=words("格式", made=True, part="basics", choices=(SCHEMA,)))
    code: str = field(metadata=words("代號", made=True, part="basics", not_empty=True))
    name: str = field(
        metadata=words("計畫全名", "公文與公告使用的完整名稱，含年度。", part="basics", not_empty=True)
    )
    short_name: str = field(metadata=words("簡稱", "列表與標題使用。", part="basics"))
    roc_year: int = field(metadata=words("年度", "民國年。", part="basics", min=100, max=200))
    authority: str = field(metadata=words("主辦單位", "核定補助名單的機關。", part="basics"))
    operator: str = field(metadata=words("執行單位", "計畫辦公室所屬的單位。", part="basics"))
    operator_address: str = field(metadata=words("送件地址", "紙本申請寄送的地址。", part="basics"))
    website: str = field(metadata=words("網站", "計畫網站的網址。", part="basics"))
    legal_basis: str = field(metadata=words("法規依據", "補助依據的法規名稱。", part="basics"))
    summary: str = field(
        metadata=words("摘要", "兩三句話說明補助誰、做什麼、最多補助多少。", part="basics", long=True)
    )
    window: Window = field(metadata=words("受理期間", "只有這段時間收申請。", part="timetable"))
    timetable: tuple[Stage, ...] = field(
        metadata=words(
            "時程", "公告到結案的各階段；徵案頁依日期畫成時間線。", part="timetable", not_empty=True
        )
    )
    envelope: int = field(
        metadata=words(
            "補助總經費",
            "決審會議可以核定的總額；不可超過分項計畫尚可運用的預算。",
            part="money",
            unit="元",
            unit_of="grant",
            min=1,
        )
    )
    trainee_kinds: tuple[Choice, ...] = field(
        metadata=words(
            "培訓對象", "可以補助的受訓者種類；申請時沒有受訓者名單的徵案可以留空。", part="people"
        )
    )
    student_levels: tuple[Choice, ...] = field(
        metadata=words("學制年級", "學生可以是哪些年級。", part="people")
    )
    lecturer_kinds: tuple[Choice, ...] = field(metadata=words("講師種類", "課程講師的來源。", part="people"))
    job_role_groups: tuple[Choice, ...] = field(
        metadata=words("職務群組", "職務清單的分組標題。", part="people")
    )
    job_roles: tuple[JobRole, ...] = field(
        metadata=words("數位人才職務", "受訓者可以對應的職務。", part="people")
    )
    net_worth_bases: tuple[Choice, ...] = field(
        metadata=words("淨值的證明文件", "申請單位可以用哪些文件證明淨值。", part="people")
    )
    plan_texts: tuple[PlanText, ...] = field(
        metadata=words("計畫書的文字", "申請單位要寫的各段文字。", part="plan")
    )
    accounts: tuple[Account, ...] = field(
        metadata=words("會計科目", "經費可以編列的科目與項目。", part="money")
    )
    criteria: tuple[Criterion, ...] = field(
        metadata=words(
            "審查項目與權重",
            "審查委員依這些項目評分；權重合計 100。",
            part="criteria",
            sum_of="weight",
            makes=100,
            not_empty=True,
        )
    )
    advantages: tuple[AdvantageItem, ...] = field(
        metadata=words("審查優勢", "列給審查委員參考，不單獨計分。", part="advantages")
    )
    documents: tuple[DocumentItem, ...] = field(
        metadata=words("應備文件", "申請時要附的文件與條件。", part="documents")
    )
    outcomes: tuple[OutcomeItem, ...] = field(
        metadata=words("預期成效", "申請單位承諾的成效項目。", part="plan")
    )
    contract_documents: tuple[ContractDocument, ...] = field(
        metadata=words("簽約文件", "核定後簽約要備齊的文件。", part="documents")
    )
    instalments: tuple[Instalment, ...] = field(
        metadata=words("撥款期別", "分幾期撥款、各撥多少。", part="money")
    )
    selfcheck: tuple[Question, ...] = field(
        metadata=words("資格自我檢測", "民眾在徵案頁回答的題目。", part="selfcheck")
    )
    settings: Settings = field(
        metadata=words("設定", "須知沒有規定、由計畫辦公室決定的數字。", part="settings")
    )
    notes: tuple[str, ...] = field(
        default=(), metadata=words("請留意", "顯示在徵案頁，一行一則。", part="basics", long=True)
    )
    grant: Grant = field(
        default_factory=Grant,
        metadata=words("核給的標的", "補助款（元）或員額；審查、決審與公文都用這個單位。", part="money"),
    )
    partner_kinds: tuple[Choice, ...] = field(
        default=(),
        metadata=words("合作單位的種類", "合作單位一節可以選的種類，例如大專校院、合作廠商。", part="people"),
    )
    regulation: str = field(
        default="申請須知",
        metadata=words(
            "規定的名稱", "寫在條次之前，例如 申請須知、作業要點。", part="basics", not_empty=True
        ),
    )
    letterhead: Letterhead = field(
        default_factory=Letterhead,
        metadata=words("函頭與署名", "由其他機關發函的徵案才要填；發文的「字」在「設定」。", part="letters"),
    )
    letters: tuple[LetterWording, ...] = field(
        default=(),
        metadata=words("公文用語", "只寫和通用範本不同的公文；沒有寫的沿用通用範本。", part="letters"),
    )
    rules: tuple[Rule, ...] = field(
        default=(), metadata=words("規則", "系統依這些規則檢查申請。", part="rules", computed=True)
    )

    def rule(self, rule_id: str) -> Rule:
        """The rule with this ID. Raises KeyError when the call has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def has_rule(self, rule_id: str) -> bool:
        """Whether the call has a rule with this ID."""
        return any(rule.id == rule_id for rule in self.rules)

    def of_kind(self, *kinds: str) -> list[Rule]:
        """The rules of these kinds, in the call's order."""
        return [rule for rule in self.rules if rule.kind in kinds]

    @property
    def award_lines(self) -> tuple[Account, ...]:
        """The lines in which the call grants: the budget's accounts, or one line of head-count."""
        return self.accounts if self.in_dollars else (Account(HEADS, self.grant.noun),)

    @property
    def in_dollars(self) -> bool:
        """Whether what is granted is money."""
        return self.grant.in_dollars

    def cite(self, clause: str) -> str:
        """A clause with the short name of the regulation before it: 須知貳.三(二), 作業要點七."""
        return f"{self.regulation.removeprefix('申請')}{clause}"

    def cite_rule(self, rule_id: str) -> str:
        """A rule with its clause for the end of a sentence: （S1，須知貳.六(一)）; only the ID of a rule that the call lacks."""
        clause = f"，{self.cite(self.rule(rule_id).clause)}" if self.has_rule(rule_id) else ""
        return f"（{rule_id}{clause}）"

    @property
    def applicant(self) -> str:
        """What an applicant is called: 公司 where only companies may apply, else 申請單位."""
        return "申請單位" if self.of_kind("applicant_kinds") else "公司"

    def document(self, code: str) -> DocumentItem:
        """The document item with this code. Raises KeyError."""
        return _by(self.documents, "code", code)

    def account(self, key: str) -> Account:
        """The account with this key. Raises KeyError."""
        return _by(self.accounts, "key", key)

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion with this ID. Raises KeyError."""
        return _by(self.criteria, "id", criterion_id)

    def outcome(self, key: str) -> OutcomeItem:
        """The outcome item with this key. Raises KeyError."""
        return _by(self.outcomes, "key", key)

    def label(self, list_name: str, key: str | None) -> str:
        """What people read for ``key`` of a list such as ``"job_roles"``; an unknown key itself."""
        for entry in getattr(self, list_name):
            if entry.key == key:
                return str(entry.label)
        return key or ""

    def choices(self, list_name: str) -> list[tuple[str, str]]:
        """(key, label) pairs of a list such as ``"student_levels"``, for form fields."""
        return [(entry.key, entry.label) for entry in getattr(self, list_name)]

    def job_role_choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Job roles grouped as T4 groups them: [(group label, [(key, label), …]), …]."""
        return [
            (g.label, [(r.key, r.label) for r in self.job_roles if r.group == g.key])
            for g in self.job_role_groups
        ]


def _by(entries: Iterable[T], attribute: str, key: str) -> T:
    for entry in entries:
        if getattr(entry, attribute) == key:
            return entry
    raise KeyError(key)


def parse_terms(data: Mapping[str, Any]) -> Terms:
    """Read and validate terms. Raises TermsError listing every problem with its path. No side effects."""
    problems: list[str] = []
    if not isinstance(data, Mapping):
        raise TermsError(["（檔案）: 應為一組欄位（物件）"])
    raw_rules = data.get("rules")
    rules, places = _rules(raw_rules, problems)
    terms = read(Terms, {k: v for k, v in data.items() if k != "rules"}, problems)
    if terms is None:
        raise TermsError(problems)
    terms = replace(terms, rules=tuple(rules))
    # Rules that could not be read are named already; what refers to them is not wrong as well.
    named = {str(r.get("id")) for r in raw_rules or () if isinstance(r, Mapping)} if rules else None
    _hold_together(terms, named, places, problems)
    if problems:
        raise TermsError(problems)
    return terms


def _rules(data: object, problems: list[str]) -> tuple[list[Rule], list[int]]:
    """The rules that can be read, and where each stands in ``data``."""
    if not isinstance(data, (list, tuple)) or not data:
        problems.append("rules: 應為規則清單，至少一條")
        return [], []
    rules: list[Rule] = []
    places: list[int] = []
    for i, entry in enumerate(data):
        path = f"rules[{i}]"
        if not isinstance(entry, Mapping):
            problems.append(f"{path}: 應為一組欄位（物件）")
            continue
        raw = read(RawRule, {k: v for k, v in entry.items() if k != "params"}, problems, path)
        kind = KINDS.get(str(entry.get("kind")))
        if kind is None:
            if raw is not None:
                problems.append(
                    f"{path}.kind: 沒有「{raw.kind}」這種規則；可用的有 {'、'.join(sorted(KINDS))}"
                )
            continue
        params = read(kind.params, entry.get("params") or {}, problems, f"{path}.params")
        if raw is not None and params is not None:
            rules.append(
                Rule(
                    raw.id,
                    raw.kind,
                    raw.clause,
                    raw.title,
                    raw.text,
                    raw.severity,
                    params,
                    raw.group or raw.id[:1],
                )
            )
            places.append(i)
    return rules, places


def _hold_together(terms: Terms, ids: set[str] | None, places: list[int], problems: list[str]) -> None:
    """Checks across fields: unique keys, sums, and references that lead somewhere.

    ``ids``: of rules, readable or not. ``places``: where each readable rule stands in the data.
    """
    from programs.rules.conditions import CONDITIONS

    for name, attribute in (
        ("rules", "id"),
        ("timetable", "key"),
        ("trainee_kinds", "key"),
        ("partner_kinds", "key"),
        ("student_levels", "key"),
        ("lecturer_kinds", "key"),
        ("job_role_groups", "key"),
        ("job_roles", "key"),
        ("net_worth_bases", "key"),
        ("plan_texts", "key"),
        ("accounts", "key"),
        ("criteria", "id"),
        ("advantages", "key"),
        ("documents", "code"),
        ("outcomes", "key"),
        ("contract_documents", "key"),
        ("selfcheck", "key"),
        ("letters", "kind"),
    ):
        _unique(name, attribute, getattr(terms, name), problems, places if name == "rules" else None)
    weight = sum(c.weight for c in terms.criteria)
    if weight != 100:
        problems.append(f"criteria: 各審查項目權重合計應為 100，現為 {weight}")
    share = sum((i.share for i in terms.instalments), Fraction(0))
    if terms.instalments and share != 1:
        problems.append(f"instalments: 各期撥款比例合計應為 100%，現為 {share}")
    if terms.window.closes_at <= terms.window.opens_at:
        problems.append("window.closes_at: 截止時間應晚於開始時間")
    for i, stage in enumerate(terms.timetable):
        if stage.ends_on < stage.starts_on:
            problems.append(f"timetable[{i}].ends_on: 結束日不可早於開始日")
    for name in ("advantages", "instalments", "selfcheck"):
        for i, entry in enumerate(getattr(terms, name)):
            if ids is not None and entry.rule not in ids:
                problems.append(f"{name}[{i}].rule: 沒有規則 {entry.rule}")
    head = terms.letterhead
    if not head.agency.strip() and any((head.agency_address, head.contact, head.signature, head.party)):
        problems.append("letterhead.agency: 填了函頭的其他欄位，就要填機關全銜")
    groups = {g.key for g in terms.job_role_groups}
    for i, role in enumerate(terms.job_roles):
        if role.group not in groups:
            problems.append(f"job_roles[{i}].group: 沒有群組 {role.group}")
    for i, item in enumerate(terms.documents):
        if item.condition not in CONDITIONS:
            problems.append(f"documents[{i}].condition: 只能是 {'、'.join(sorted(CONDITIONS))}")
    criteria = {c.id for c in terms.criteria}
    for i, tie in enumerate(terms.settings.tie_rules):
        if tie not in TIE_RULES and not (tie.startswith("criterion:") and tie[10:] in criteria):
            problems.append(f"settings.tie_rules[{i}]: 不認得的同分規則「{tie}」")
    for i, rule in enumerate(terms.rules):
        validate = getattr(rule.params, "validate", None)
        if validate is not None:
            problems.extend(f"rules[{places[i]}].params.{message}" for message in validate(terms))


#: Tie rules besides ``criterion:<ID>`` (the mark in that criterion), with the words of the call designer.
TIE_RULES = {
    "students": "學生較多者在前",
    "smaller_request": "申請金額較小者在前",
    "earlier_submission": "較早送件者在前",
}


def _unique(
    name: str, attribute: str, entries: tuple[Any, ...], problems: list[str], places: list[int] | None = None
) -> None:
    seen: set[str] = set()
    for i, entry in enumerate(entries):
        key = getattr(entry, attribute)
        if key in seen:
            problems.append(f"{name}[{places[i] if places else i}].{attribute}: 「{key}」重複了")
        seen.add(key)
