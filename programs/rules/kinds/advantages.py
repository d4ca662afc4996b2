"""The advantages kind (R5, R6): facts computed from the case, and claims with what proves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from core.findings import Finding
from core.identifiers import normalise_city
from core.money import fmt
from programs.rules.facts import CaseFacts
from programs.rules.kinds.registry import Context, kind, problem
from programs.rules.reader import words

if TYPE_CHECKING:
    from programs.rules.terms import AdvantageItem, Rule, Terms

#: (city, township) → zones; ("臺中市", "") stands for the whole city
Regions = Mapping[tuple[str, str], Set[str]]

ZONE_LABELS = {"centre": "中部", "south": "南部", "offshore": "離島"}


@dataclass(frozen=True, slots=True)
class AdvantageFactParams:
    """Thresholds of a computed fact: strictly ``above``; in one of ``zones``; outcomes at least so much."""

    above: Fraction | None = field(
        default=None, metadata=words("要高於", "比例寫成 30%，金額寫整數；等於門檻不算。")
    )
    zones: tuple[str, ...] = field(
        default=(), metadata=words("公司所在地區", "位於勾選的地區就算符合。", options=ZONE_LABELS)
    )
    outcomes: dict[str, int] = field(
        default_factory=dict,
        metadata=words("預期成效至少", "承諾的數字要達到門檻；留空表示不看這一項。", refers="outcomes"),
    )


@dataclass(frozen=True, slots=True)
class AdvantagesParams:
    """``facts``: thresholds by advantage key."""

    facts: dict[str, AdvantageFactParams] = field(
        default_factory=dict,
        metadata=words(
            "由系統計算的優勢", "每一項的門檻；沒有門檻的項目留空。", refers="computed_advantages"
        ),
    )

    def validate(self, terms: Terms) -> list[str]:
        """Problems of these parameters within ``terms``."""
        computed = {a.key for a in terms.advantages if a.source == "computed"}
        known = {o.key for o in terms.outcomes}
        problems = [f"facts.{key}: 沒有這項由系統計算的優勢" for key in self.facts if key not in computed]
        for key, fact in self.facts.items():
            problems += [
                f"facts.{key}.outcomes.{o}: 沒有這項預期成效" for o in fact.outcomes if o not in known
            ]
        return problems


@kind(
    "advantages",
    AdvantagesParams,
    title="審查優勢",
    says="列給審查委員看的優勢；有門檻的由系統依申請內容計算，其餘由申請單位主張並附說明。",
    group="R",
)
def advantages(params: AdvantagesParams, rule: Rule, facts: CaseFacts, context: Context) -> list[Finding]:
    """A claimed advantage exists in the call and says what proves it. Advantages never stop a submission."""
    items = {a.key: a for a in context.terms.advantages}
    first = next((r.id for r in context.terms.of_kind("advantages")), rule.id)
    findings: list[Finding] = []
    for i, claim in enumerate(facts.advantages or ()):
        where = f"advantages[{i}]"
        item = items.get(claim.key)
        if item is None:
            if rule.id == first:  # several rules share the section; one of them speaks
                text = f"優勢項目「{claim.key}」不在清單內。"
                findings.append(problem(rule, f"{where}.key", text, "請從清單選擇。"))
            continue
        if item.rule != rule.id or not claim.claimed or item.source != "claimed" or claim.note.strip():
            continue
        text = f"主張「{item.label}」，但沒有寫佐證。"
        findings.append(problem(rule, f"{where}.note", text, f"請填寫{item.prompt or '佐證'}。"))
    return findings


@dataclass(frozen=True, slots=True)
class AdvantageFact:
    """One advantage as reviewers see it. ``holds``: None when the case does not say enough."""

    key: str
    rule: str
    group: str
    label: str
    source: str
    holds: bool | None
    text: str


def advantage_facts(terms: Terms, facts: CaseFacts, regions: Regions) -> list[AdvantageFact]:
    """Every advantage of the call (R5, R6), computed from the case or as claimed, in the call's order.

    ``regions``: zones (``centre``, ``south``, ``offshore``) by (city, township) or (city, "").
    """
    claims = {a.key: a for a in facts.advantages or ()}
    result: list[AdvantageFact] = []
    for item in terms.advantages:
        claim = claims.get(item.key)
        if item.source == "computed":
            held, text = _computed(terms, item, facts, regions)
        elif claim is None:
            held, text = (False, "未主張") if facts.advantages is not None else (None, "尚未填寫")
        else:
            held, text = claim.claimed, (claim.note.strip() or "未附說明") if claim.claimed else "未主張"
        result.append(AdvantageFact(item.key, item.rule, item.group, item.label, item.source, held, text))
    return result


def _computed(
    terms: Terms, item: AdvantageItem, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    params = terms.rule(item.rule).params.facts.get(item.key, AdvantageFactParams())
    compute = _COMPUTED.get(item.key)
    if compute is None:
        return None, "須人工判斷"
    return compute(terms, params, facts, regions)


def _student_list(
    terms: Terms, params: AdvantageFactParams, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    students = [t for t in facts.trainees or () if t.kind == "student"]
    if not students:
        return None, "尚未填寫學生"
    named = sum(1 for t in students if t.name and t.school and t.department and t.level)
    return named == len(students), f"{len(students)} 位學生中 {named} 位資料完整"


def _student_share(
    terms: Terms, params: AdvantageFactParams, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    total = len(facts.trainees or ())
    if not total:
        return None, "尚未填寫受訓者"
    students = sum(1 for t in facts.trainees or () if t.kind == "student")
    share = Fraction(students, total)
    tenths = share * 1000
    # Round down for display, so that a share at the threshold never reads as if it were above.
    shown = f"{int(tenths) // 10}.{int(tenths) % 10}%"
    threshold = params.above if params.above is not None else Fraction(0)
    return share > threshold, f"學生 {students} 位，占 {total} 位的 {shown}"


def _location(
    terms: Terms, params: AdvantageFactParams, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    if not facts.company.city:
        return None, "尚未填寫公司地址"
    city, township = normalise_city(facts.company.city), facts.company.township or ""
    zones = set(regions.get((city, ""), ())) | set(regions.get((city, township), ()))
    zones &= set(params.zones)
    place = f"{city}{township}"
    if not zones:
        return False, f"{place}不在{'、'.join(ZONE_LABELS.get(z, z) for z in params.zones)}"
    return True, f"{place}屬{'、'.join(ZONE_LABELS.get(z, z) for z in params.zones if z in zones)}"


def _student_wage(
    terms: Terms, params: AdvantageFactParams, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    wages = [t.hourly_wage for t in facts.trainees or () if t.kind == "student"]
    known = [w for w in wages if w is not None]
    if not wages or len(known) < len(wages):
        return None, "學生時薪尚未填寫完整"
    least = min(known)
    threshold = params.above if params.above is not None else Fraction(0)
    return least > threshold, f"學生最低時薪 {fmt(least)} 元"


def _starting_pay(
    terms: Terms, params: AdvantageFactParams, facts: CaseFacts, regions: Regions
) -> tuple[bool | None, str]:
    from programs.rules.kinds.promises import as_number

    if facts.outcomes is None:
        return None, "尚未填寫預期成效"
    promised = {o.key: as_number(o.target) for o in facts.outcomes}
    parts: list[str] = []
    verdicts: list[bool] = []
    for key, least in params.outcomes.items():
        pay = promised.get(key)
        if pay is None:
            continue
        verdicts.append(pay >= least)
        parts.append(f"{terms.outcome(key).label} {pay:,f} 元（門檻 {fmt(least)} 元）")
    if not verdicts:
        return False, "未承諾獲證後起薪"
    # Every pay that the company promises has to reach its threshold.
    return all(verdicts), "；".join(parts)


_COMPUTED: dict[str, Callable[[Terms, AdvantageFactParams, CaseFacts, Regions], tuple[bool | None, str]]] = {
    "student_list": _student_list,
    "student_share": _student_share,
    "location": _location,
    "student_wage": _student_wage,
    "starting_pay": _starting_pay,
}
#: Keys of the advantages that the portal can work out, with the words of the call designer.
COMPUTED_WORDS = {
    "student_list": "學生名單是否完整",
    "student_share": "學生占受訓者的比例",
    "location": "公司所在地區",
    "student_wage": "學生最低時薪",
    "starting_pay": "承諾的獲證後起薪",
}
