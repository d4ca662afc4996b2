"""Papers of a case: plan (D2), self-check list (D1), receipt, and the parts of the case book for reviewers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from applications import planbook, selectors
from applications.enums import SubmissionKind
from applications.models import Case, CaseLetter, Submission
from applications.selectors.record import received_words
from core.findings import Finding
from core.rocdate import TAIPEI, roc, roc_datetime
from documents import contexts as c
from documents.enums import DocumentKind
from documents.models import OfficialDocument
from documents.services import Attachment, queue_mail, request_document
from programs.rules.check import advantage_facts, requested_subsidy
from programs.rules.facts import CaseFacts
from programs.rules.granting import requested
from programs.rules.terms import Terms
from programs.selectors import zones

DRAFT_NUMBER = "（尚未送出）"
SNAPSHOT_CODE = "資料"


def case_address(case: Case) -> str:
    """The full address of the case's page, for mails."""
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse('cases:detail', args=[case.pk])}"


def recipient(case: Case) -> c.Recipient:
    """The company of the case as the addressee of papers and letters."""
    company = getattr(case, "company", None) or case.organisation
    address = f"{company.city}{company.township}{company.address}"
    return c.Recipient(company.name or case.organisation.name, company.postal_code, address)


def heads_of_paper(case: Case) -> dict[str, Any]:
    """What every context of a case begins with; a case without a number says that it is not handed in."""
    head = case.terms.terms.letterhead
    return {
        "case_number": case.number or DRAFT_NUMBER,
        "company_name": recipient(case).name or "（未填公司名稱）",
        "call_name": case.call.name,
        "plan_title": case.title,
        "regulation": case.terms.terms.regulation,
        "applicant": case.terms.terms.applicant,
        "letterhead": c.OwnLetterhead(
            head.agency, head.agency_address, head.contact, head.signature, head.party
        ),
        "wordings": tuple(
            c.OwnWording(w.kind, w.subject, w.body, w.measures, w.enclosures, w.signature)
            for w in case.terms.terms.letters
        ),
    }


def plan_context(case: Case, facts: CaseFacts) -> c.PlanContext:
    """The plan book of a case, without contact data and without reviewers to avoid. One query (regions)."""
    terms = case.terms.terms
    ends_on = facts.ends_on or max(stage.ends_on for stage in terms.timetable)
    starts_on = facts.starts_on if facts.starts_on and facts.starts_on <= ends_on else None
    return c.PlanContext(
        **heads_of_paper(case),
        starts_on=starts_on,
        ends_on=ends_on,
        cover=planbook.cover(terms, facts),
        chapters=planbook.plan_chapters(terms, facts, advantage_facts(terms, facts, zones())),
    )


def self_check_context(
    case: Case, facts: CaseFacts, findings: Sequence[Finding], now: datetime
) -> c.SelfCheckContext:
    """The self-check list as the rulebook answers it (D1)."""
    return c.SelfCheckContext(
        **heads_of_paper(case),
        groups=planbook.self_check_groups(case.terms.terms, facts, findings),
        declared_by=facts.company.representative or "",
        declared_on=now.astimezone(TAIPEI).date(),
    )


def snapshot_bytes(submission: Submission) -> bytes:
    """The entered data exactly as handed in, as a file: the same bytes whenever and wherever it is asked for."""
    return json.dumps(submission.snapshot, ensure_ascii=False, indent=2, sort_keys=True).encode()


def receipt_context(submission: Submission, facts: CaseFacts) -> c.ReceiptContext:
    """What was handed in: the entered data as a file, and each uploaded file, with size and SHA-256."""
    case = submission.case
    labels = {item.code: item.label for item in case.terms.terms.documents}
    data = snapshot_bytes(submission)
    files = [
        c.ReceiptFile(
            code=SNAPSHOT_CODE,
            title="線上填寫的全部內容（可由案件頁下載 JSON）",
            name=snapshot_name(submission),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )
    ]
    files += [
        c.ReceiptFile(f.item, labels.get(f.item, f.item), f.name, f.size, f.sha256)
        for f in submission.files.all()
    ]
    return c.ReceiptContext(
        **heads_of_paper(case),
        submitted_at=submission.at.astimezone(TAIPEI),
        submitted_by=submission.by_name,
        files=tuple(files),
        ubn=facts.company.ubn or "",
        subsidy=requested_subsidy(facts),
        request=_request(case.terms.terms, facts),
        version=submission.sequence,
        received=received_words(case) if submission.kind == SubmissionKind.INITIAL else "",
    )


def _request(terms: Terms, facts: CaseFacts) -> str:
    """培訓員額 10 名; "" where money is what is asked for."""
    return "" if terms.in_dollars else f"{terms.grant.noun} {terms.grant.say(requested(terms, facts))}"


def snapshot_name(submission: Submission) -> str:
    """The name of the submission's data file."""
    return f"{submission.case.number}-{submission.sequence}.json"


def request_submission_papers(
    *, submission: Submission, facts: CaseFacts, findings: Sequence[Finding], actor: User, now: datetime
) -> None:
    """Have plan, self-check list and receipt made for a submission, attach them to the case, tell the contact.

    Side effects: three documents (rendered after commit), ``submission.receipt``, one mail.
    """
    case = submission.case
    for context in (
        plan_context(case, facts),
        self_check_context(case, facts, findings, now),
        receipt_context(submission, facts),
    ):
        document = attach(case=case, context=context, actor=actor, now=now)
        if context.kind == DocumentKind.RECEIPT:
            submission.receipt = document
            submission.save(update_fields=["receipt"])
    _tell(submission, now=now)


def attach(
    *, case: Case, context: c.Context, actor: Any, now: datetime, for_applicant: bool = True, **options: Any
) -> OfficialDocument:
    """Request a document about a case and write down that it belongs to it. ``options``: of request_document."""
    document = request_document(context=context, recipient=recipient(case), actor=actor, now=now, **options)
    CaseLetter.objects.create(case=case, document=document, for_applicant=for_applicant)
    return document


def _tell(submission: Submission, *, now: datetime) -> None:
    case = submission.case
    company = getattr(case, "company", None) or case.organisation
    addresses = dict.fromkeys(
        address for address in (company.contact_email, getattr(submission.by, "email", "")) if address
    )
    supplement = submission.kind == SubmissionKind.SUPPLEMENT
    word, when = ("補件", roc_datetime(submission.at)) if supplement else ("申請", received_words(case))
    for address in addresses:
        queue_mail(
            to=address,
            subject=f"{case.number}：{word}已送達",
            body=(
                f"您好：\n\n{case.call.name}\n案號 {case.number} 的{word}已送達，收件時間 {when}。\n"
                f"收件回條與後續進度請登入後查看：\n{case_address(case)}\n\n本信由系統寄出，請勿直接回覆。\n"
            ),
            now=now,
            once_key=f"submission:{submission.pk}:{address}",
        )


# ---- for review ---------------------------------------------------------------------------------


def case_book_context(case: Case) -> c.CaseBookContext:
    """Cover of the merged case for reviewers: no contact person, phone, mail or reviewer to avoid."""
    facts = selectors.facts(case)
    received = case.received_at.astimezone(TAIPEI) if case.received_at else None
    return c.CaseBookContext(
        **heads_of_paper(case),
        cover=(
            *planbook.cover(case.terms.terms, facts),
            *([c.Pair("收件日期", roc(received))] if received else []),
        ),
        note="本卷供審查委員審查使用，內容包含營業與個人資料，請勿轉傳、複製或另作他用。",
    )


def case_book_parts(*, case: Case, actor: User | None, now: datetime) -> list[Attachment]:
    """What the case book holds, in order: the newest plan, then every file of the last submission.

    A case that has no plan document yet gets one (side effect: one document). Give the list to
    ``request_document(attachments=…)``.
    """
    letter = (
        CaseLetter.objects.filter(case=case, document__kind=DocumentKind.PLAN)
        .select_related("document")
        .order_by("-pk")
        .first()
    )
    plan = (
        letter.document
        if letter
        else attach(case=case, context=plan_context(case, selectors.facts(case)), actor=actor, now=now)
    )
    labels = {item.code: item.label for item in case.terms.terms.documents}
    parts = [Attachment("申請計畫書", document=plan)]
    submission = case.submissions.order_by("-sequence").first()
    if submission is not None:
        parts += [
            Attachment(f"{f.item} {labels.get(f.item, '')}：{f.name}"[:200], file=f.file)
            for f in submission.files.select_related("file")
        ]
    return parts
