"""Conflicts of interest that the data shows by itself, before any reviewer has declared anything.

Everything here is a reason to keep a reviewer from a case; a person may still know of more (the declaration).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: Domains that say nothing about where somebody works, and the names reserved for examples (RFC 2606).
# fmt: off
PUBLIC_MAIL_DOMAINS = frozenset((
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.tw", "ymail.com", "hotmail.com",
    "hotmail.com.tw", "outlook.com", "outlook.com.tw", "live.com", "live.com.tw", "msn.com",
    "icloud.com", "me.com", "mac.com", "hinet.net", "pchome.com.tw", "seed.net.tw", "kimo.com",
    "so-net.net.tw", "giga.net.tw", "xuite.net", "proton.me", "protonmail.com", "qq.com", "163.com",
    "126.com", "aol.com", "gmx.com", "zoho.com", "mail.com", "example.com", "example.net", "example.org",
    "example.test", "demo.test",
))
# fmt: on
_SECOND_LEVEL = frozenset(("com", "org", "net", "edu", "gov", "idv", "mil", "co", "ac", "or", "ne", "go"))
_LEGAL_PREFIXES = ("財團法人", "社團法人", "國立", "私立", "臺灣區")
_LEGAL_SUFFIX = re.compile(
    r"(股份有限公司|有限公司|股份公司|公司|co\.?,?ltd\.?|corporation|corp\.?|inc\.?|ltd\.?)$"
)
_TITLES = re.compile(r"(助理教授|副教授|教授|博士|老師|先生|女士|小姐|主任|院長|所長|委員|經理|總經理)$")


class ConflictKind(StrEnum):
    """Why a reviewer should not see a case."""

    UBN = "ubn"
    ORGANISATION = "organisation"
    MAIL_DOMAIN = "mail_domain"
    TIE = "tie"
    AVOIDED = "avoided"

    @property
    def label(self) -> str:
        return {
            ConflictKind.UBN: "統一編號相同",
            ConflictKind.ORGANISATION: "服務單位相同",
            ConflictKind.MAIL_DOMAIN: "電子郵件網域相同",
            ConflictKind.TIE: "委員已申報關係",
            ConflictKind.AVOIDED: "申請單位請求迴避",
        }[self]


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie that a reviewer declared once for all; ``note`` says which."""

    organisation: str = ""
    ubn: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewerFacts:
    """What is known of a reviewer. Several organisations where somebody has several posts."""

    key: str
    name: str
    organisations: tuple[str, ...] = ()
    ubns: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True, slots=True)
class Avoided:
    """Somebody whom the applicant asks to be kept away, as a person, an organisation, or both."""

    name: str = ""
    organisation: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseSide:
    """What is known of the applicant's side. ``partners``: cooperating schools and lecturers' employers."""

    case: str
    organisation: str
    ubn: str = ""
    emails: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    avoided: tuple[Avoided, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason, in words for the office; ``matched`` is what was found to be the same."""

    case: str
    reviewer: str
    kind: ConflictKind
    reason: str
    matched: str


def normalise_organisation(name: str) -> str:
    """A name to compare by: 台 as 臺, without width, case, marks and legal form.

    A university loses its department, a company its branch: 國立臺灣大學電機系 and 臺灣大學 are the same house, and so
    are 示範股份有限公司研發部 and 示範(股)公司.
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("台", "臺")
    text = text.replace("(股)公司", "股份有限公司").replace("(有)公司", "有限公司")
    text = re.sub(r"[(（][^()（）]*[)）]", "", text) or text
    text = re.sub(r"[\s・·\-_/、,，。'\"]+", "", text)
    bare = _LEGAL_SUFFIX.sub("", text)
    text = bare or text
    for prefix in _LEGAL_PREFIXES:
        if len(text) > len(prefix) + 1:
            text = text.removeprefix(prefix)
    if company := re.match(r"(.{2,}?)(?:股份)?有限公司.", text):
        text = company.group(1)
    school = re.match(r".{2,}?大學", text)
    return school.group() if school else text


def normalise_person(name: str) -> str:
    """A person's name to compare by, without spaces and titles."""
    text = re.sub(r"[\s・·]+", "", unicodedata.normalize("NFKC", name)).casefold()
    return _TITLES.sub("", text) or text


def mail_domain(address: str) -> str:
    """The registrable domain of an address (``x@ee.school.edu.tw`` → ``school.edu.tw``), "" without one."""
    domain = unicodedata.normalize("NFKC", address).rpartition("@")[2].strip().rstrip(".").casefold()
    parts = domain.split(".")
    if "@" not in address or len(parts) < 2 or not all(parts):
        return ""
    deep = len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SECOND_LEVEL
    return ".".join(parts[-3:] if deep else parts[-2:])


def find_conflicts(
    reviewer: ReviewerFacts, case: CaseSide, *, public_domains: frozenset[str] = PUBLIC_MAIL_DOMAINS
) -> tuple[Conflict, ...]:
    """Every conflict between a reviewer and a case, strongest kind first; empty when the data shows none."""
    found = [
        *_by_ubn(reviewer, case),
        *_by_organisation(reviewer, case),
        *_by_mail(reviewer, case, public_domains),
        *_by_tie(reviewer, case),
        *_by_wish(reviewer, case),
    ]
    return tuple(Conflict(case.case, reviewer.key, kind, reason, matched) for kind, reason, matched in found)


def conflict_pairs(
    reviewers: Iterable[ReviewerFacts],
    cases: Iterable[CaseSide],
    *,
    public_domains: frozenset[str] = PUBLIC_MAIL_DOMAINS,
) -> dict[tuple[str, str], tuple[Conflict, ...]]:
    """All conflicts by (case, reviewer), for the assignment; pairs without any are left out."""
    experts = list(reviewers)
    pairs = {}
    for case in cases:
        for reviewer in experts:
            if found := find_conflicts(reviewer, case, public_domains=public_domains):
                pairs[case.case, reviewer.key] = found
    return pairs


Found = Iterable[tuple[ConflictKind, str, str]]


def _digits(ubn: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", ubn))


def _by_ubn(reviewer: ReviewerFacts, case: CaseSide) -> Found:
    own = _digits(case.ubn)
    if own and own in {_digits(ubn) for ubn in reviewer.ubns}:
        yield ConflictKind.UBN, f"委員服務單位的統一編號 {own} 與申請單位相同。", own


def _by_organisation(reviewer: ReviewerFacts, case: CaseSide) -> Found:
    sides = {normalise_organisation(name): (name, "合作單位") for name in case.partners if name.strip()}
    if case.organisation.strip():
        sides[normalise_organisation(case.organisation)] = (case.organisation, "申請單位")
    for name in dict.fromkeys(reviewer.organisations):
        if name.strip() and (match := sides.get(normalise_organisation(name))):
            yield ConflictKind.ORGANISATION, f"委員任職於「{name}」，與{match[1]}「{match[0]}」相同。", name


def _by_mail(reviewer: ReviewerFacts, case: CaseSide, public: frozenset[str]) -> Found:
    theirs = {mail_domain(address) for address in case.emails}
    for domain in sorted({mail_domain(address) for address in reviewer.emails} & theirs - public - {""}):
        yield ConflictKind.MAIL_DOMAIN, f"委員與申請單位的電子郵件同為 {domain} 網域。", domain


def _by_tie(reviewer: ReviewerFacts, case: CaseSide) -> Found:
    name, ubn = normalise_organisation(case.organisation), _digits(case.ubn)
    for tie in reviewer.ties:
        same_ubn = bool(ubn) and _digits(tie.ubn) == ubn
        same_name = (
            bool(tie.organisation.strip() and name) and normalise_organisation(tie.organisation) == name
        )
        if same_ubn or same_name:
            note = f"：{tie.note}" if tie.note else ""
            yield (
                ConflictKind.TIE,
                f"委員已申報與「{case.organisation}」有關係{note}。",
                tie.organisation or ubn,
            )


def _by_wish(reviewer: ReviewerFacts, case: CaseSide) -> Found:
    own = {normalise_organisation(name) for name in reviewer.organisations if name.strip()}
    for wish in case.avoided:
        why = f"，理由：{wish.reason.strip().rstrip('。')}" if wish.reason.strip() else ""
        works_there = bool(wish.organisation.strip()) and normalise_organisation(wish.organisation) in own
        if wish.name.strip():
            if normalise_person(wish.name) != normalise_person(reviewer.name):
                continue
            doubt = (
                ""
                if works_there or not wish.organisation.strip()
                else "（所填服務單位不同，請確認是否為同一人）"
            )
            yield (
                ConflictKind.AVOIDED,
                f"申請單位請求委員「{wish.name.strip()}」迴避{doubt}{why}。",
                wish.name,
            )
        elif works_there:
            text = f"申請單位請求任職於「{wish.organisation.strip()}」的委員迴避{why}。"
            yield ConflictKind.AVOIDED, text, wish.organisation
