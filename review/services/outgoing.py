"""Letters after the decision (A2, C1, C3): approval, rejection and contract, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from applications import letters
from applications.enums import OutcomeResult
from applications.models import AwardLine, CaseLetter, CaseOutcome
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents import contexts as c
from documents.enums import DocumentKind, DocumentState
from documents.models import Batch, OfficialDocument
from documents.services import Attachment, LetterRequest, queue_mail, request_batch
from review.enums import MeetingState
from review.models import DecisionMeeting, MeetingAsk
from review.services.guard import require_meeting

ISSUE = "letter.issue"
KINDS = (DocumentKind.APPROVAL, DocumentKind.REJECTION, DocumentKind.CONTRACT)
CONTRACT_SERIES = "契"


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One case of a kind of letter: what it may get and what it has. ``hindrance``: why it can't be issued yet."""

    outcome: CaseOutcome
    company: str
    document: OfficialDocument | None
    hindrance: str = ""

    @property
    def issuable(self) -> bool:
        return self.document is None and not self.hindrance


def letter_rows(meeting: DecisionMeeting, kind: str) -> list[LetterRow]:
    """The meeting's cases that the kind is for, in rank order, with the letter that they have. Two queries."""
    result = OutcomeResult.REJECTED if kind == DocumentKind.REJECTION else OutcomeResult.APPROVED
    outcomes = (
        CaseOutcome.objects.filter(case__meeting_cases__meeting=meeting, result=result)
        .select_related("case__organisation", "case__company", "case__call", "case__terms")
        .order_by("rank", "pk")
    )
    found: dict[Any, dict[str, OfficialDocument]] = {}
    for letter in (
        CaseLetter.objects.filter(case__meeting_cases__meeting=meeting, document__kind__in=KINDS)
        .select_related("document__batch")
        .defer("document__context")
        .order_by("pk")
    ):
        found.setdefault(letter.case_id, {})[letter.document.kind] = letter.document
    rows = []
    for outcome in outcomes:
        own = found.get(outcome.case_id, {})
        hindrance = ""
        if kind == DocumentKind.CONTRACT and DocumentKind.APPROVAL not in own:
            hindrance = "請先發核定補助函，契約要引用它的文號。"
        rows.append(LetterRow(outcome, letters.recipient(outcome.case).name, own.get(kind), hindrance))
    return rows


def letter_counts(meeting: DecisionMeeting) -> dict[str, tuple[int, int]]:
    """Kind → (letters issued or on their way, cases that it is for). Two queries."""
    results = list(
        CaseOutcome.objects.filter(case__meeting_cases__meeting=meeting).values_list("case", "result")
    )
    have = set(
        CaseLetter.objects.filter(case__meeting_cases__meeting=meeting, document__kind__in=KINDS).values_list(
            "document__kind", "case"
        )
    )
    approved = sum(result == OutcomeResult.APPROVED for _, result in results)
    wanted = {
        DocumentKind.APPROVAL: approved,
        DocumentKind.REJECTION: len(results) - approved,
        DocumentKind.CONTRACT: approved,
    }
    return {kind.value: (sum(k == kind for k, _ in have), wanted[kind]) for kind in KINDS}


@transaction.atomic
def issue_letters(
    *, meeting: DecisionMeeting, kind: str, cases: Collection[Any], actor: User, now: datetime
) -> Batch:
    """Issue one kind of letter to the chosen cases in one batch, attached to the cases; mail follows each.

    An approval begins the signing period (C1). A case that has its letter keeps it: pressing twice, or two people at once, makes no second one, and when
    nothing is left the batch of the first is returned. Raises ``PermissionDenied``, ``TransitionRefused`` before
    the confirmation, ``ValidationError`` when nothing can be issued, ``ContextError``, ``WordingRefused``.
    """
    require_meeting(actor, ISSUE, meeting)
    meeting = (
        DecisionMeeting.objects.select_for_update(of=("self",))
        .select_related("call__current_terms")
        .get(pk=meeting.pk)
    )
    if meeting.state != MeetingState.CONFIRMED:
        raise TransitionRefused("核定之後才能發函。")
    if kind not in KINDS:
        raise ValidationError("沒有這種公文。")
    chosen = {str(case) for case in cases}
    rows = [row for row in letter_rows(meeting, kind) if str(row.outcome.case_id) in chosen]
    if not rows:
        raise ValidationError("還沒有選擇案件。")
    todo = [row for row in rows if row.issuable]
    if not todo:
        earlier = [row.document for row in rows if row.document is not None and row.document.batch_id]
        if earlier:
            batch = earlier[-1].batch
            assert batch is not None
            return batch
        raise ValidationError(rows[0].hindrance or "選擇的案件都已經發過這種公文。")
    if kind == DocumentKind.APPROVAL:
        for row in todo:
            row.outcome.sign_by = signing_deadline(meeting, now)
            row.outcome.save(update_fields=["sign_by"])
    prefix = CONTRACT_SERIES if kind == DocumentKind.CONTRACT else meeting.call.terms.settings.letter_prefix
    batch = request_batch(
        title=f"{DocumentKind(kind).label}：{meeting.name}"[:120],
        requests=_requests(meeting, kind, todo, actor),
        actor=actor,
        now=now,
        numbered=prefix,
    )
    documents = batch.documents.order_by("batch_position")
    CaseLetter.objects.bulk_create(
        CaseLetter(case=row.outcome.case, document=document)
        for row, document in zip(todo, documents, strict=True)
    )
    return batch


def signing_deadline(meeting: DecisionMeeting, now: datetime) -> date:
    """The last day for signing (C1): the letter sets the period, which therefore runs from the letter's day."""
    return now.astimezone(TAIPEI).date() + timedelta(days=meeting.call.terms.settings.days_to_sign)


def preview(
    *, meeting: DecisionMeeting, kind: str, case: Any, now: datetime
) -> tuple[c.Context, c.Recipient]:
    """What :func:`issue_letters` would typeset for one case; nothing is written. Raises ``ValidationError``."""
    rows = [row for row in letter_rows(meeting, kind) if str(row.outcome.case_id) == str(case)]
    if not rows:
        raise ValidationError("這件案件沒有這種公文。")
    if kind == DocumentKind.APPROVAL and rows[0].document is None:
        rows[0].outcome.sign_by = signing_deadline(meeting, now)
    request = _requests(meeting, kind, rows[:1], None)[0]
    return request.context, request.recipient


def _requests(
    meeting: DecisionMeeting, kind: str, rows: list[LetterRow], actor: User | None
) -> list[LetterRequest]:
    grants = _amounts(meeting, [row.outcome for row in rows])
    passed = dict(meeting.meeting_cases.values_list("case", "passed"))
    approvals: dict[Any, OfficialDocument] = {}
    if kind == DocumentKind.CONTRACT:
        for letter in CaseLetter.objects.filter(
            case__in=[row.outcome.case_id for row in rows], document__kind=DocumentKind.APPROVAL
        ).select_related("document"):
            approvals[letter.case_id] = letter.document
    requests = []
    for row in rows:
        case = row.outcome.case
        if kind == DocumentKind.REJECTION:
            context: c.Context = _rejection(meeting, row.outcome, passed=passed[case.pk])
        elif kind == DocumentKind.APPROVAL:
            context = _approval(meeting, row.outcome, grants[case.pk])
        else:
            context = _contract(row.outcome, grants[case.pk], approvals.get(case.pk))
        attachments: list[Attachment] = []
        if kind == DocumentKind.CONTRACT and case.pk in approvals:
            attachments.append(Attachment("核定補助函", document=approvals[case.pk]))
        requests.append(LetterRequest(context, letters.recipient(case), attachments))
    return requests


def _amounts(
    meeting: DecisionMeeting, outcomes: Iterable[CaseOutcome]
) -> dict[Any, tuple[c.AccountAmount, ...]]:
    """Case → approved subsidy and company share by account. The share is the one applied for: it stands. Two queries."""
    asks = {
        (case, account): (requested, total)
        for case, account, requested, total in MeetingAsk.objects.filter(
            meeting_case__meeting=meeting
        ).values_list("meeting_case__case", "account", "requested", "total")
    }
    labels = {account.key: account.label for account in meeting.call.terms.accounts}
    found: dict[Any, list[c.AccountAmount]] = {}
    for line in AwardLine.objects.filter(outcome__in=[o.pk for o in outcomes]).select_related("outcome"):
        case = line.outcome.case_id
        requested, total = asks.get((case, line.account), (line.requested, line.requested))
        share = max(0, total - requested)
        if line.approved or share:
            label = labels.get(line.account, line.account)
            found.setdefault(case, []).append(c.AccountAmount(label, line.approved, share))
    return {case: tuple(lines) for case, lines in found.items()}


def _suggestions(outcome: CaseOutcome) -> tuple[c.Suggestion, ...]:
    labels = {criterion.id: criterion.label for criterion in outcome.case.terms.terms.criteria}
    return tuple(
        c.Suggestion(item["text"], labels.get(item.get("criterion", ""), item.get("criterion", "")))
        for item in outcome.suggestions
        if item.get("text")
    )


def _held_on(meeting: DecisionMeeting, outcome: CaseOutcome) -> Any:
    return meeting.held_on or outcome.decided_at.astimezone(TAIPEI).date()


def _period(outcome: CaseOutcome) -> dict[str, Any]:
    """From the signing day (T5) to the end that the plan names."""
    case = outcome.case
    ends_on = case.ends_on or max(stage.ends_on for stage in case.terms.terms.timetable)
    return {"starts_on": None, "ends_on": ends_on}


def _approval(
    meeting: DecisionMeeting, outcome: CaseOutcome, amounts: tuple[c.AccountAmount, ...]
) -> c.ApprovalContext:
    return c.ApprovalContext(
        **letters.heads_of_paper(outcome.case),  # type: ignore[arg-type]
        amounts=amounts,
        **_period(outcome),
        meeting_on=_held_on(meeting, outcome),
        sign_by=outcome.sign_by,  # type: ignore[arg-type]
        suggestions=_suggestions(outcome),
    )


def _rejection(meeting: DecisionMeeting, outcome: CaseOutcome, *, passed: bool) -> c.RejectionContext:
    # As the list says: a stored average is rounded, and may look like a pass that it is not.
    if not passed:
        text = f"經專業審查，平均分數未達及格分數 {meeting.pass_mark} 分。"
    else:
        text = "經專業審查及決審，依排序及經費額度，本次未能核列補助。"
    reason = c.Reason(
        text, "A1", meeting.call.terms.rule("A1").clause if meeting.call.terms.has_rule("A1") else ""
    )
    return c.RejectionContext(
        **letters.heads_of_paper(outcome.case),
        meeting_on=_held_on(meeting, outcome),
        reasons=(reason,),
        suggestions=_suggestions(outcome),
    )


def _contract(
    outcome: CaseOutcome, amounts: tuple[c.AccountAmount, ...], approval: OfficialDocument | None
) -> c.ContractContext:
    case = outcome.case
    company = getattr(case, "company", None) or case.organisation
    return c.ContractContext(
        **letters.heads_of_paper(case),  # type: ignore[arg-type]
        amounts=amounts,
        **_period(outcome),
        ubn=case.organisation.ubn,
        representative=company.representative,
        company_address=company.full_address,
        sign_by=outcome.sign_by,  # type: ignore[arg-type]
        approval_number=approval.full_number if approval else "",
        annexes=tuple(item.label for item in case.terms.terms.contract_documents),
    )


def announce(document: OfficialDocument, *, now: datetime) -> None:
    """Tell the company that a letter of this module is there, once it is issued; the paper stays behind the login.

    Called in the transaction that issues the document. The mail names the case and nothing of its content.
    """
    if document.kind not in KINDS or document.state != DocumentState.ISSUED:
        return
    letter = (
        CaseLetter.objects.filter(document=document, for_applicant=True)
        .select_related("case__organisation", "case__company", "case__call")
        .first()
    )
    if letter is None:
        return
    case = letter.case
    company = getattr(case, "company", None) or case.organisation
    address = company.contact_email or case.organisation.contact_email
    if not address:
        return
    link = f"{settings.PORTAL_URL.rstrip('/')}{reverse('documents:detail', args=[document.pk])}"
    queue_mail(
        to=address,
        subject=f"{case.number}：有一份公文請您登入查收",
        body=(
            f"您好：\n\n{case.call.name}\n案號 {case.number} 有一份公文已經發出，請登入後閱讀及下載：\n{link}\n\n"
            "為保護貴公司資料，公文內容不放在信件中。本信由系統寄出，請勿直接回覆。\n"
        ),
        now=now,
        once_key=f"letter:{document.pk}",
    )


__all__ = ["KINDS", "LetterRow", "announce", "issue_letters", "letter_counts", "letter_rows", "preview"]
