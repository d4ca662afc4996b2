"""The public self-check: a handful of answers into partial facts, checked by the same rules as a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.applicants import ApplicantKind
from core.findings import Finding, Severity
from core.workdays import add_months
from programs.rules.budget_sums import heads_of, max_subsidy_for, requested_heads
from programs.rules.check import check
from programs.rules.conditions import serves_others_only
from programs.rules.facts import CaseFacts, Company, Eligibility, Outcome, Partner, Trainee

if TYPE_CHECKING:
    from programs.rules.terms import Terms

#: More heads than this in one application are a slip of the finger, and would only cost time.
MOST_HEADS = 1000
HEAD_COUNTS = ("students", "employees", "asked_heads")
#: A plan of more months than this is a slip as well.
MOST_MONTHS = 120

#: Keys of the questions that the self-check understands: words of the call designer, and how each is answered.
QUESTIONS = {
    "registered": ("是否為依法登記的公司", "yes_no"),
    "bank_rejected": ("是否為銀行拒絕往來戶", "yes_no"),
    "net_worth": ("公司淨值是否為正", "choice"),
    "industry": ("所營事業代碼的開頭", "choice"),
    "serves_manufacturing": ("是否服務過製造業", "yes_no"),
    "students": ("要培訓的學生人數", "count"),
    "employees": ("要培訓的在職員工人數", "count"),
    "hours": ("每人培訓時數", "count"),
    "student_wage": ("學生時薪", "dollars"),
    "finishes_in_time": ("能否在最後執行日前完成", "yes_no"),
    "applicant_kind": ("申請單位的類別", "choice"),
    "special_approval": ("是否已經專案核定", "yes_no"),
    "company_heads": ("員工人數", "count"),
    "consultant_visited": ("輔導顧問是否已進場", "yes_no"),
    "has_partner": ("是否已有合作單位", "yes_no"),
    "asked_heads": ("申請員額", "count"),
    "partner_bonus": ("合作單位每人每年獎金", "dollars"),
    "practice_months": ("在合作單位實習幾個月", "count"),
    "period_months": ("培育期幾個月", "count"),
    "starting_pay": ("職缺平均月薪", "dollars"),
}
#: Keys of the answers to choose from, besides the beginnings of business codes.
ANSWERS = {
    "positive": "淨值為正",
    "after_increase": "增資後轉正",
    "negative": "淨值為零或負",
    "none": "以上都沒有",
    **{kind.value: kind.label for kind in ApplicantKind},
}

#: A valid code of each line of business, to stand for "we have a code that begins with …".
_CODE_SUFFIX = "0000000"


class SelfCheckError(ValueError):
    """Answers that cannot be used; ``problems`` maps the question's key to a message for the user."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(self.problems.values()))


@dataclass(frozen=True, slots=True)
class SelfCheckResult:
    """``eligible``: nothing found against it; ``unanswered``: keys of questions left open.

    ``maximum``: the highest subsidy in dollars for the head-count (None: unknown); ``ceilings``: its working.
    """

    findings: tuple[Finding, ...]
    eligible: bool
    unanswered: tuple[str, ...]
    maximum: int | None
    ceilings: tuple[tuple[str, int], ...]


def answers_to_facts(terms: Terms, answers: Mapping[str, object]) -> CaseFacts:
    """Partial facts from answers by question key; missing keys and None stay unknown.

    yes_no takes bool, count and dollars take int, choice takes an option's key. Raises SelfCheckError.
    """
    given = _validated(terms, answers)
    starts_on, ends_on = _period(terms, given)
    net_worth = {"positive": 1, "negative": 0}.get(str(given.get("net_worth")))
    industry = given.get("industry")
    codes: tuple[str, ...] | None = None
    if isinstance(industry, str):
        codes = () if industry == "none" else (_code(industry),)
    return CaseFacts(
        company=Company(
            registered=_bool(given.get("registered")),
            kind=_text(given.get("applicant_kind")),
            heads=_int(given.get("company_heads")),
            codes=codes,
        ),
        eligibility=Eligibility(
            bank_rejected=_bool(given.get("bank_rejected")),
            net_worth=net_worth,
            positive_after_increase=True if given.get("net_worth") == "after_increase" else None,
            serves_manufacturing=_bool(given.get("serves_manufacturing")),
            special_approval=_bool(given.get("special_approval")),
            consultant_visited=_bool(given.get("consultant_visited")),
        ),
        partners=_partners(terms, given),
        trainees=_trainees(given),
        outcomes=_outcomes(given),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _trainees(given: Mapping[str, object]) -> tuple[Trainee, ...] | None:
    students, employees = _int(given.get("students")), _int(given.get("employees"))
    if students is None and employees is None:
        return None
    hours, wage = _int(given.get("hours")), _int(given.get("student_wage"))
    student = Trainee(kind="student", planned_hours=hours, hourly_wage=wage)
    employee = Trainee(kind="employee", planned_hours=hours)
    return (student,) * (students or 0) + (employee,) * (employees or 0)


def _partners(terms: Terms, given: Mapping[str, object]) -> tuple[Partner, ...] | None:
    """One partner that stands for all: of the kind that the call asks for, with the heads asked for."""
    if given.get("has_partner") is False:
        return ()
    if not {"has_partner", "asked_heads", "partner_bonus", "practice_months"} & set(given):
        return None
    kinds = [rule.params.kind for rule in terms.of_kind("partners")]
    return (
        Partner(
            kind=kinds[0] if kinds else None,
            heads=_int(given.get("asked_heads")),
            practice_months=_int(given.get("practice_months")),
            bonus=_int(given.get("partner_bonus")),
        ),
    )


def _outcomes(given: Mapping[str, object]) -> tuple[Outcome, ...] | None:
    pay = _int(given.get("starting_pay"))
    return None if pay is None else (Outcome("starting_pay", target=str(pay)),)


def _period(terms: Terms, given: Mapping[str, object]) -> tuple[date | None, date | None]:
    """First and last day of a plan that ends in time (or a day late) and lasts as many months as answered."""
    finishes = given.get("finishes_in_time")
    latest = max((rule.params.latest_end for rule in terms.of_kind("plan_period")), default=None)
    ends_on = None
    if latest is not None and finishes is not None:
        ends_on = latest if finishes else latest + timedelta(days=1)
    months = _int(given.get("period_months"))
    if months is None:
        return None, ends_on
    last = ends_on or latest or terms.window.closes_at.date()
    if months == 0:
        return last, last  # a day: shorter than any period
    start = add_months(last + timedelta(days=1), -months)
    while add_months(start, months) <= last:  # a short month cut the period
        start += timedelta(days=1)
    return start, last


def selfcheck(terms: Terms, answers: Mapping[str, object]) -> SelfCheckResult:
    """The verdict on a set of answers: one finding a rule (the gravest), and the highest subsidy (B3, B4).

    Raises SelfCheckError for answers of the wrong kind.
    """
    facts = answers_to_facts(terms, answers)
    asked = {q.rule for q in terms.selfcheck}
    gravest: dict[str, Finding] = {}
    order = list(Severity)
    for finding in check(terms, facts, full=False):
        if finding.rule not in asked:
            continue
        known = gravest.get(finding.rule)
        if known is None or order.index(finding.severity) > order.index(known.severity):
            gravest[finding.rule] = finding
    findings = tuple(gravest.values())
    maximum: int | None = None
    ceilings: list[tuple[str, int]] = []
    if facts.trainees is not None or any(p.heads is not None for p in facts.partners or ()):
        top, ceilings = max_subsidy_for(terms, heads_of(terms, facts), requested_heads(facts))
        maximum = top if ceilings else None
    return SelfCheckResult(
        findings=findings,
        eligible=not any(f.severity is Severity.ERROR for f in findings),
        unanswered=tuple(
            q.key for q in terms.selfcheck if answers.get(q.key) is None and not _spared(terms, q.key, facts)
        ),
        maximum=maximum,
        ceilings=tuple(ceilings),
    )


def _spared(terms: Terms, key: str, facts: CaseFacts) -> bool:
    """Questions that another answer makes needless: proof of service for a manufacturer, approval for a university."""
    if key == "special_approval":
        return any(facts.company.kind in rule.params.kinds for rule in terms.of_kind("applicant_kinds"))
    if key == "consultant_visited" and facts.company.heads is not None:
        bands = [rule.params.band(facts.company.heads) for rule in terms.of_kind("size_bands")]
        return not any(band is not None and band.consultant_first for band in bands)
    return key == "serves_manufacturing" and serves_others_only(terms, facts) is False


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _code(prefix: str) -> str:
    return (prefix + _CODE_SUFFIX)[:7] if len(prefix) > 1 else f"{prefix}A{_CODE_SUFFIX}"[:7]


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _validated(terms: Terms, answers: Mapping[str, object]) -> dict[str, object]:
    questions = {q.key: q for q in terms.selfcheck}
    problems: dict[str, str] = {}
    given: dict[str, object] = {}
    for key, value in answers.items():
        question = questions.get(key)
        if question is None:
            problems[key] = f"沒有「{key}」這個問題"
            continue
        if value is None:
            continue
        if question.answer == "yes_no" and not isinstance(value, bool):
            problems[key] = "請選擇是或否"
        elif question.answer == "choice" and value not in {o.key for o in question.options}:
            problems[key] = "請從選項中擇一"
        elif question.answer in ("count", "dollars") and (_int(value) is None or (_int(value) or 0) < 0):
            problems[key] = "請填 0 以上的整數"
        elif key in HEAD_COUNTS and (_int(value) or 0) > MOST_HEADS:
            problems[key] = f"人數請填 {MOST_HEADS:,} 以內"
        elif key == "period_months" and (_int(value) or 0) > MOST_MONTHS:
            problems[key] = f"月數請填 {MOST_MONTHS} 以內"
        else:
            given[key] = value
    if problems:
        raise SelfCheckError(problems)
    return given
