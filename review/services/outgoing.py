"""Letters after the decision (A2, C1, C3): approval, rejection and contract, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from applications import letters
from applications.enums import OutcomeResult
from applications.models import AwardLine, Case, CaseLetter, CaseOutcome
from core.locking import lock_row
from core.money import floor_ratio
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents import contexts as c
from documents.enums import DocumentKind, DocumentState
from documents.models import Batch, OfficialDocument
from documents.services import Attachment, LetterRequest, queue_mail, request_batch
from programs.models import Call
from programs.rules import granting
from programs.rules.terms import Terms
from review.enums import MeetingState
from review.models import Allocation, DecisionMeeting, MeetingAsk
from review.services.guard import require_meeting

ISSUE = "letter.issue"
KINDS = (DocumentKind.APPROVAL, DocumentKind.REJECTION, DocumentKind.RESERVE, DocumentKind.CONTRACT)
_RESULTS = {
    DocumentKind.APPROVAL: OutcomeResult.APPROVED,
    DocumentKind.CONTRACT: OutcomeResult.APPROVED,
    DocumentKind.REJECTION: OutcomeResult.REJECTED,
    DocumentKind.RESERVE: OutcomeResult.RESERVED,
}
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


def kinds_of(meeting: DecisionMeeting) -> tuple[DocumentKind, ...]:
    """The letters that a meeting of this call leads to: a reserve list and a contract only where it has rules of them."""
    terms = meeting.call.terms
    without = set()
    if not granting.refills(terms):
        without.add(DocumentKind.RESERVE)
    if not terms.of_kind("promises"):
        without.add(DocumentKind.CONTRACT)
    return tuple(kind for kind in KINDS if kind not in without)


def _decided_by(meeting: DecisionMeeting) -> QuerySet[CaseOutcome]:
    """Outcomes that this meeting made: its first decisions, and those that it filled up."""
    gets = Allocation.objects.filter(scenario=meeting.adopted_id, case=OuterRef("case"), amount__gt=0)
    first = Q(decided_at__gte=meeting.confirmed_at or meeting.created_at) & ~Q(result=OutcomeResult.APPROVED)
    return CaseOutcome.objects.filter(case__meeting_cases__meeting=meeting).filter(
        first | (Q(result=OutcomeResult.APPROVED) & Q(Exists(gets)))
    )


def _letters(meeting: DecisionMeeting) -> QuerySet[CaseLetter]:
    """Letters to the meeting's cases since its confirmation; one that was filled up has an earlier approval too."""
    return CaseLetter.objects.filter(
        case__meeting_cases__meeting=meeting,
        document__kind__in=KINDS,
        document__requested_at__gte=meeting.confirmed_at or meeting.created_at,
    )


def letter_rows(meeting: DecisionMeeting, kind: str) -> list[LetterRow]:
    """The meeting's cases that the kind is for, in rank order, with the letter that they have. Three queries."""
    outcomes = (
        _decided_by(meeting)
        .filter(result=_RESULTS[DocumentKind(kind)])
        .select_related("case__organisation", "case__company", "case__call", "case__terms")
        .prefetch_related("awards")
        .order_by("rank", "pk")
    )
    found: dict[Any, dict[str, OfficialDocument]] = {}
    for letter in (
        _letters(meeting).select_related("document__batch").defer("document__context").order_by("pk")
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
    results = dict(_decided_by(meeting).values_list("case", "result"))
    have = set(_letters(meeting).values_list("document__kind", "case"))
    return {
        kind.value: (
            sum(k == kind and case in results for k, case in have),
            sum(result == _RESULTS[kind] for result in results.values()),
        )
        for kind in kinds_of(meeting)
    }


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
    Call.objects.select_for_update().get(pk=meeting.call_id)  # what is given back is not written to any more
    meeting = lock_row(DecisionMeeting.objects.select_related("call__current_terms"), pk=meeting.pk)
    if meeting.state != MeetingState.CONFIRMED:
        raise TransitionRefused("核定之後才能發函。")
    if kind not in kinds_of(meeting):
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
            row.outcome.sign_by = signing_deadline(row.outcome.case, now)
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


def signing_deadline(case: Case, now: datetime) -> date:
    """The last day for signing (C1): the letter sets the period, which therefore runs from the letter's day."""
    return now.astimezone(TAIPEI).date() + timedelta(days=case.terms.terms.settings.days_to_sign)


def preview(
    *, meeting: DecisionMeeting, kind: str, case: Any, now: datetime
) -> tuple[c.Context, c.Recipient]:
    """What :func:`issue_letters` would typeset for one case; nothing is written. Raises ``ValidationError``."""
    rows = [row for row in letter_rows(meeting, kind) if str(row.outcome.case_id) == str(case)]
    if not rows:
        raise ValidationError("這件案件沒有這種公文。")
    if kind == DocumentKind.APPROVAL and rows[0].document is None:
        rows[0].outcome.sign_by = signing_deadline(rows[0].outcome.case, now)
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
    places = refill_order(meeting.call) if kind == DocumentKind.RESERVE else {}
    requests = []
    for row in rows:
        case = row.outcome.case
        if kind == DocumentKind.REJECTION:
            context: c.Context = _rejection(meeting, row.outcome, passed=passed[case.pk])
        elif kind == DocumentKind.RESERVE:
            context = _reserve(meeting, row.outcome, places)
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
    outcomes = list(outcomes)
    terms = meeting.call.terms
    if not terms.in_dollars:
        return {
            o.case_id: (
                c.AccountAmount(
                    f"{terms.grant.noun}{terms.grant.print(o.granted)}之培訓經費", o.approved_total, 0
                ),
            )
            for o in outcomes
        }
    labels = {
        o.case_id: {account.key: account.label for account in o.case.terms.terms.accounts} for o in outcomes
    }
    found: dict[Any, list[c.AccountAmount]] = {}
    for line in AwardLine.objects.filter(outcome__in=[o.pk for o in outcomes]).select_related("outcome"):
        case = line.outcome.case_id
        requested, total = asks.get((case, line.account), (line.requested, line.requested))
        share = max(0, total - requested)
        if line.approved or share:
            label = labels[case].get(line.account, line.account)
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
        **_granted(outcome),
        amounts=amounts,
        **_period(outcome),
        meeting_on=_held_on(meeting, outcome),
        sign_by=outcome.sign_by,  # type: ignore[arg-type]
        suggestions=_suggestions(outcome),
    )


def _granted(outcome: CaseOutcome) -> dict[str, Any]:
    """What a letter says of the grant besides the money: heads, reserve list, payments, appeal (RA5, RA8)."""
    terms = outcome.case.terms.terms
    grant = terms.grant
    said: dict[str, Any] = {
        "instalments": _instalments(terms, outcome.approved_total),
        "appeal": _appeal(terms),
        "keeps_promises": bool(terms.of_kind("promises")),
    }
    if not terms.in_dollars:
        asked = sum(line.requested for line in outcome.awards.all())
        said |= {
            "heads": grant.print(outcome.granted),
            "heads_asked": grant.print(asked),
            "heads_noun": grant.noun,
        }
    if places := granting.reserve_places(terms, outcome.granted):
        said["reserve_places"] = grant.print(places)
        said["heads_noun"] = grant.noun
    return said


def _instalments(terms: Terms, subsidy: int) -> tuple[c.InstalmentPart, ...]:
    """The payments of the terms (P1, P2): each share rounded down, the last one is the rest."""
    parts, left = [], subsidy
    for number, item in enumerate(terms.instalments, 1):
        amount = left if number == len(terms.instalments) else floor_ratio(subsidy, item.share)
        left -= amount
        parts.append(c.InstalmentPart(item.label, amount, item.condition))
    return tuple(parts)


def _appeal(terms: Terms) -> str:
    """That the result can't be appealed, where the call says so (RA5)."""
    return "".join(
        f"{rule.text.rstrip('。')}（{terms.cite(rule.clause)}）。" for rule in terms.of_kind("no_appeal")
    )


def refill_order(call: Call) -> dict[Any, int]:
    """Case → its place among those that wait for what others leave unused, in the order of the review. One query."""
    waiting = CaseOutcome.objects.filter(case__call=call, result=OutcomeResult.RESERVED).order_by(
        "rank", "pk"
    )
    return {case: place for place, case in enumerate(waiting.values_list("case", flat=True), 1)}


def _reserve(meeting: DecisionMeeting, outcome: CaseOutcome, places: Mapping[Any, int]) -> c.ReserveContext:
    terms = outcome.case.terms.terms
    asked = sum(line.requested for line in outcome.awards.all())
    return c.ReserveContext(
        **letters.heads_of_paper(outcome.case),  # type: ignore[arg-type]
        meeting_on=_held_on(meeting, outcome),
        place=places[outcome.case_id],
        asked=terms.grant.print(asked),
        noun=terms.grant.noun,
        suggestions=_suggestions(outcome),
        appeal=_appeal(terms),
    )


def _rejection(meeting: DecisionMeeting, outcome: CaseOutcome, *, passed: bool) -> c.RejectionContext:
    # As the list says: a stored average is rounded, and may look like a pass that it is not.
    terms = outcome.case.terms.terms
    if not passed:
        text = f"經專業審查，平均分數未達及格分數 {terms.settings.pass_mark} 分。"
    else:
        text = f"經專業審查及決審，依排序及{terms.grant.pool}額度，本次未能核列{terms.grant.verb}。"
    reason = c.Reason(text, "A1", terms.cite(terms.rule("A1").clause) if terms.has_rule("A1") else "")
    return c.RejectionContext(
        **letters.heads_of_paper(outcome.case),
        meeting_on=_held_on(meeting, outcome),
        reasons=(reason,),
        appeal=_appeal(terms),
        suggestions=_suggestions(outcome),
    )


def _contract(
    outcome: CaseOutcome, amounts: tuple[c.AccountAmount, ...], approval: OfficialDocument | None
) -> c.ContractContext:
    case = outcome.case
    company = getattr(case, "company", None) or case.organisation
    return c.ContractContext(
        **letters.heads_of_paper(case),  # type: ignore[arg-type]
        **_granted(outcome),
        amounts=amounts,
        **_period(outcome),
        ubn=case.organisation.ubn,
        representative=company.representative,
        company_address=company.full_address,
        sign_by=outcome.sign_by,  # type: ignore[arg-type]
        approval_number=approval.full_number if approval else "",
        # The contract is one of the nine papers of C3, but no annex of itself.
        annexes=tuple(item.label for item in case.terms.terms.contract_documents if item.key != "contract"),
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
