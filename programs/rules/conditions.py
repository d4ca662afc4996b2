"""When a document is required: named conditions that a call's document list refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.identifiers import is_business_code
from programs.rules.facts import CaseFacts

if TYPE_CHECKING:
    from programs.rules.terms import DocumentItem, Terms

#: (required or None when not known yet, why in the user's words)
Verdict = tuple[bool | None, str]


def serves_others_only(terms: Terms, facts: CaseFacts) -> bool | None:
    """Whether the company qualifies only by codes that need proof of service (E4a); None: codes unknown."""
    codes = facts.company.codes
    if codes is None:
        return None
    groups = [group for rule in terms.of_kind("code_prefixes") for group in rule.params.groups]
    valid = [code for code in codes if is_business_code(code)]
    free = any(c.startswith(g.prefixes) for g in groups if not g.needs_proof for c in valid)
    bound = any(c.startswith(g.prefixes) for g in groups if g.needs_proof for c in valid)
    return bound and not free


def _always(terms: Terms, facts: CaseFacts) -> Verdict:
    return True, "每件申請都要附"


def _optional(terms: Terms, facts: CaseFacts) -> Verdict:
    return False, "可依需要附上"


def _technical_service(terms: Terms, facts: CaseFacts) -> Verdict:
    only = serves_others_only(terms, facts)
    if only is None:
        return None, "填寫所營事業代碼後才能判斷"
    if only:
        return True, "公司沒有製造業（C）代碼，以技術服務業申請"
    return False, "有製造業（C）代碼者免附"


def _public_servant(terms: Terms, facts: CaseFacts) -> Verdict:
    related = facts.eligibility.public_servant_related
    if related is None:
        return None, "回答是否為公職人員或關係人後才能判斷"
    if related:
        return True, "申請單位為公職人員或關係人"
    return False, "申請單位非公職人員或關係人，免附"


def _special_approval(terms: Terms, facts: CaseFacts) -> Verdict:
    kinds = {key for rule in terms.of_kind("applicant_kinds") for key in rule.params.kinds}
    if facts.company.kind is None:
        return None, "選擇申請單位的類別後才能判斷"
    if facts.company.kind in kinds:
        return False, "申請單位屬可直接申請的類別，免附"
    return True, "申請單位經專案核定後申請"


CONDITIONS: dict[str, Callable[[Terms, CaseFacts], Verdict]] = {
    "always": _always,
    "optional": _optional,
    "technical_service": _technical_service,
    "public_servant": _public_servant,
    "special_approval": _special_approval,
}


#: What office staff read when they choose a condition.
CONDITION_WORDS = {
    "always": "每件申請都要附",
    "optional": "可以附，也可以不附",
    "technical_service": "以須附實績的行業代碼申請時",
    "public_servant": "申請單位為公職人員或關係人時",
    "special_approval": "申請單位須經專案核定時",
}


def document_required(terms: Terms, item: DocumentItem, facts: CaseFacts) -> Verdict:
    """Whether ``item`` is required of this case, and why."""
    return CONDITIONS[item.condition](terms, facts)
