"""Handing a case in: every rule checked, every file read again, a gap-free number, a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from applications import letters, permissions, selectors
from applications.enums import CaseState, SubmissionKind, SupplementState
from applications.models import Case, CaseDocument, Submission, SubmissionFile
from applications.services.supplements import end_answered
from applications.workflow import CASE
from core import workflow
from core.findings import Finding
from core.rocdate import roc_datetime
from documents.services import open_verified
from programs.models import Call
from programs.rules.casefile import to_json

_SALT = "applications.submission"


class SubmissionRefused(Exception):
    """Findings stop the submission; ``findings`` are those with severity error."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("申請內容還有需要修正的地方。")
        self.findings = list(findings)


def confirmation_token(*, case: Case, now: datetime) -> str:
    """What the confirmation page carries: which case it was opened for, and when (signed)."""
    return signing.dumps({"case": str(case.pk), "at": now.isoformat()}, salt=_SALT, compress=True)


def began_at(*, case: Case, token: str) -> datetime:
    """When the confirmation page was opened. Raises ``ValidationError`` for a token that isn't this case's."""
    try:
        data = signing.loads(token, salt=_SALT)
    except signing.BadSignature as bad:
        raise ValidationError("這個確認頁已經失效，請重新開啟「檢查與送出」。") from bad
    if data["case"] != str(case.pk):
        raise ValidationError("這個確認頁屬於另一件申請，請重新開啟「檢查與送出」。")
    return datetime.fromisoformat(data["at"])


def in_window(*, case: Case, began: datetime, now: datetime) -> bool:
    """S1 to the second: begun within the window, and finished within the grace that the call gives."""
    closes_at = case.closes_at()
    grace = timedelta(minutes=case.terms.terms.settings.grace_minutes)
    return case.call.opens_at <= began < closes_at + timedelta(seconds=1) and now < closes_at + grace


def submit(*, case: Case, token: str, actor: User, now: datetime) -> Submission:
    """Hand in a draft, or answer an open supplement notice; returns the submission with its receipt on the way.

    The same ``token`` again finds the first submission, so a double click or a replay does no harm. Raises
    ``PermissionDenied``, ``SubmissionRefused`` (findings), ``ValidationError`` (window, token),
    ``documents.services.FileDamaged``. Side effects: number, transition, snapshot, file manifest, documents, mail.
    """
    digest = signing.Signer(salt=_SALT).signature(token)[:64]
    with transaction.atomic():
        # The call's row is the lock that keeps numbers gap-free; the case's row is locked after it, always in this order.
        call = Call.objects.select_for_update().get(pk=case.call_id)
        case = Case.objects.select_for_update().select_related("terms", "organisation").get(pk=case.pk)
        case.call = call
        earlier = Submission.objects.filter(case=case, token=digest).first()
        if earlier:
            return earlier
        permissions.require_submit(actor, case)
        supplement = case.supplements.filter(state=SupplementState.OPEN).first()
        began = began_at(case=case, token=token)
        if supplement is None and not in_window(case=case, began=began, now=now):
            raise ValidationError(f"受理時間已於 {roc_datetime(case.closes_at())} 截止，無法再送出（S1，須知 貳.六(一)）。")
        if supplement is not None and began.date() > supplement.due_on:
            raise ValidationError("補件期限已過，無法再送出（Q3，須知 參.一）。請聯絡計畫辦公室。")
        facts = selectors.facts(case)
        errors = [f for f in selectors.findings(case, now, facts=facts) if f.severity.stops_submission]
        if supplement is not None:
            editable = permissions.editable_sections(actor, case)
            errors = [f for f in errors if f.section in editable]
        if errors:
            raise SubmissionRefused(errors)

        submission = Submission.objects.create(
            case=case,
            sequence=case.submissions.count() + 1,
            kind=SubmissionKind.SUPPLEMENT if supplement else SubmissionKind.INITIAL,
            at=now,
            by=actor,
            by_name=str(actor),
            snapshot=to_json(facts),
            token=digest,
        )
        _record_files(submission)
        if supplement is not None:
            end_answered(supplement=supplement, actor=actor, now=now)
        else:
            case = _number_and_submit(case=case, call=call, began=began, actor=actor, now=now)
        submission.case = case
        letters.request_submission_papers(submission=submission, facts=facts, actor=actor, now=now)
    return submission


def _number_and_submit(*, case: Case, call: Call, began: datetime, actor: User, now: datetime) -> Case:
    number = f"{call.slug.upper()}-{call.next_case_number:04d}"
    call.next_case_number += 1
    call.save(update_fields=["next_case_number"])
    # Paper keeps the received date that S2 gave it at the intake; online it is the moment at which the handing-in began.
    received_at = case.received_at or began
    return workflow.apply(
        CASE, case, "submit", actor=actor, at=now, number=number, submitted_at=now, received_at=received_at
    )


def _record_files(submission: Submission) -> None:
    """Read every current file again, compare its hash, and write down what was handed in."""
    rows = []
    for document in CaseDocument.objects.current().filter(case=submission.case).select_related("file"):
        with open_verified(document.file):
            rows.append(
                SubmissionFile(
                    submission=submission,
                    item=document.item,
                    file=document.file,
                    name=document.file.original_name,
                    size=document.file.size,
                    sha256=document.file.sha256,
                )
            )
    SubmissionFile.objects.bulk_create(rows)


def is_late(case: Case, now: datetime) -> bool:
    """Whether a draft can no longer be handed in."""
    return case.state == CaseState.DRAFT and not case.call.is_open(now) and now > case.closes_at()
