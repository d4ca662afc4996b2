"""Letters of the qualification check: the supplement notice (Q2) and the return letter (Q3), with their mails.

A mail has one purpose and one link, and names the case by its number only; the letter is fetched after login.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from accounts.models import User
from applications.letters import attach, case_address, heads_of_paper
from applications.models import Case, Supplement
from core.rocdate import TAIPEI, roc
from documents import contexts as c
from documents.models import OfficialDocument
from documents.services import queue_mail
from review.selectors.qualification import Item


def _received_on(case: Case) -> date:
    moment = case.received_at or case.submitted_at
    assert moment is not None
    return moment.astimezone(TAIPEI).date()


def supplement_context(case: Case, items: Iterable[Item], *, due_on: date) -> c.SupplementContext:
    """The notice as the verdicts write it. Raises ``ContextError`` without any item."""
    return c.SupplementContext(
        **heads_of_paper(case),
        received_on=_received_on(case),
        due_on=due_on,
        items=tuple(
            c.SupplementItem(i.code, i.line.title, i.verdict.reason, case.terms.terms.cite(i.line.clause))
            for i in items
            if i.verdict
        ),
        extension_days=case.terms.terms.settings.extension_working_days_max,
    )


def reasons_of(case: Case, items: Iterable[Item]) -> list[c.Reason]:
    """Why a case is returned, as the verdicts say."""
    return [
        c.Reason(i.verdict.reason, i.code, case.terms.terms.cite(i.line.clause)) for i in items if i.verdict
    ]


def reasons_of_expiry(supplement: Supplement) -> list[c.Reason]:
    """Why a case is returned when its deadline has passed: each thing that was asked for, once."""
    terms = supplement.case.terms.terms
    cited = terms.cite(terms.rule("Q3").clause) if terms.has_rule("Q3") else ""
    asked = dict.fromkeys((row.rule, row.reason) for row in supplement.items.all() if not row.follows)
    return [
        c.Reason(f"通知於 {roc(supplement.due_on)} 前補正，逾期未補：{reason}", rule, cited)
        for rule, reason in asked
    ]


def return_context(case: Case, reasons: Sequence[c.Reason]) -> c.ReturnContext:
    """The return letter. Raises ``ContextError`` without a reason."""
    return c.ReturnContext(**heads_of_paper(case), received_on=_received_on(case), reasons=tuple(reasons))


def issue(*, case: Case, context: c.Context, actor: User | None, now: datetime) -> OfficialDocument:
    """Have a numbered letter made that the company may fetch. Side effects: number, document, case letter."""
    prefix = case.terms.terms.settings.letter_prefix
    return attach(case=case, context=context, actor=actor, now=now, numbered=prefix)


# ---- mail ---------------------------------------------------------------------------------------


def addresses(case: Case) -> list[str]:
    """The company's contact and its members who can log in, each once. Two queries at most."""
    company = getattr(case, "company", None) or case.organisation
    members = case.organisation.memberships.filter(user__is_active=True).order_by("pk")
    found = [company.contact_email, *members.values_list("user__email", flat=True)]
    return list(dict.fromkeys(address.lower() for address in found if address))


def tell(case: Case, *, subject: str, text: str, key: str, now: datetime) -> None:
    """One mail to everybody of the company who should know; the same ``key`` never writes twice."""
    for address in addresses(case):
        queue_mail(
            to=address,
            subject=f"{case.number}：{subject}",
            body=f"您好：\n\n{text}\n\n請登入後查看：\n{case_address(case)}\n\n本信由系統寄出，請勿直接回覆。\n",
            now=now,
            once_key=f"{key}:{address}",
        )


def tell_supplement(supplement: Supplement, *, now: datetime) -> None:
    """Something has to be mended, and by when."""
    case = supplement.case
    tell(
        case,
        subject="請補件",
        text=(
            f"案號 {case.number} 經資格初審，有資料需要補正，請於 {roc(supplement.due_on)} 前在入口完成補件並送出。"
            "\n補正事項與補件通知函登入後可見。"
        ),
        key=f"supplement:{supplement.pk}",
        now=now,
    )


def tell_extension(supplement: Supplement, *, now: datetime) -> None:
    """The deadline was moved."""
    case = supplement.case
    tell(
        case,
        subject="補件期限已展延",
        text=f"案號 {case.number} 的補件期限已展延到 {roc(supplement.due_on)}，請在期限前完成補件並送出。",
        key=f"supplement-extended:{supplement.pk}:{supplement.due_on}",
        now=now,
    )


def tell_reminder(supplement: Supplement, *, days: int, now: datetime) -> None:
    """The deadline is near. ``days``: working days that are left."""
    case = supplement.case
    left = "今天截止" if days <= 0 else f"還有 {days} 個工作天"
    tell(
        case,
        subject="補件期限將到",
        text=(
            f"案號 {case.number} 的補件期限是 {roc(supplement.due_on)}（{left}）。\n"
            "還沒有送出補件的話，請在期限前完成；逾期將依規定退件。"
        ),
        key=f"supplement-reminder:{supplement.pk}:{supplement.due_on}",
        now=now,
    )


def tell_return(case: Case, *, now: datetime) -> None:
    """The case was returned; why stands in the letter."""
    tell(
        case,
        subject="退件通知",
        text=f"案號 {case.number} 經資格初審退件。理由見退件函，登入後可下載；案件資料仍可查閱。",
        key=f"return:{case.pk}",
        now=now,
    )
