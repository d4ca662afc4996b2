"""Handing a case in: every rule checked, every file read again, a gap-free number, a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Organisation, User
from applications import letters, permissions, selectors
from applications.enums import CaseState, Channel, SubmissionKind, SupplementState
from applications.models import Case, CaseDocument, Submission, SubmissionFile, Supplement
from applications.selectors.intake import received_moment, received_on
from applications.services.supplements import end_answered
from applications.workflow import CASE
from core import workflow
from core.findings import Finding
from core.locking import lock_row
from core.rocdate import TAIPEI, roc, roc_datetime
from documents.services import open_verified
from programs.enums import CallState
from programs.models import Call
from programs.rules.casefile import to_json

_SALT = "applications.submission"
_SECOND = timedelta(seconds=1)


class SubmissionRefused(Exception):
    """Findings stop the submission; ``findings`` are those with severity error."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("申請內容還有需要修正的地方。")
        self.findings = list(findings)


def confirmation_token(*, case: Case, now: datetime) -> str:
    """What the confirmation page carries: which case it was opened for, at which step, and when (signed).

    The step is the number of submissions so far: a page left open cannot hand in a second time by mistake.
    """
    data = {"case": str(case.pk), "step": case.submissions.count(), "at": now.isoformat()}
    return signing.dumps(data, salt=_SALT, compress=True)


def began_at(*, case: Case, token: str) -> datetime:
    """When the confirmation page was opened. Raises ``ValidationError`` for a token that isn't this case's."""
    try:
        data = signing.loads(token, salt=_SALT)
    except signing.BadSignature as bad:
        raise ValidationError("這個確認頁已經失效，請重新開啟「檢查與送出」。") from bad
    if data["case"] != str(case.pk):
        raise ValidationError("這個確認頁屬於另一件申請，請重新開啟「檢查與送出」。")
    if data["step"] != case.submissions.count():
        raise ValidationError("這個確認頁是上一次送件時開啟的，請重新開啟「檢查與送出」。")
    return datetime.fromisoformat(data["at"])


def grace(case: Case) -> timedelta:
    """How long a submission that began in time may take to end."""
    return timedelta(minutes=case.terms.terms.settings.grace_minutes)


def in_window(*, case: Case, began: datetime, now: datetime) -> bool:
    """S1 to the second: begun within the window (its last second whole), ended within the call's grace."""
    last = case.closes_at() + _SECOND
    return (
        case.call.state == CallState.PUBLISHED
        and case.call.opens_at <= began < last
        and now < last + grace(case)
    )


def submit(*, case: Case, token: str, actor: User, now: datetime) -> Submission:
    """Hand in a draft, or answer an open supplement notice; returns the submission with its receipt on the way.

    The same ``token`` again finds the first submission, so a double click or a replay does no harm. Raises
    ``PermissionDenied``, ``SubmissionRefused`` (findings), ``ValidationError`` (window, token),
    ``documents.services.FileDamaged``. Side effects: number, transition, snapshot, file manifest, documents, mail.
    """
    digest = signing.Signer(salt=_SALT).signature(token)[:64]
    with transaction.atomic():
        # The company's row first: its cases are handed in one after another, each seeing what the others ask
        # for (B4). Whoever starts a draft or enters paper takes the same lock before the case's.
        Organisation.objects.select_for_update().get(pk=case.organisation_id)
        case = lock_row(Case.objects.select_related("terms", "organisation", "call"), pk=case.pk)
        earlier = Submission.objects.filter(case=case, token=digest).first()
        if earlier:
            return earlier
        permissions.require_submit(actor, case, now)
        supplement = case.supplements.filter(state=SupplementState.OPEN).first()
        began = began_at(case=case, token=token)
        _require_time(case, supplement, began=began, now=now)
        facts = selectors.facts(case)
        # The moment that counts is the one at which the handing-in began, not the end of its work.
        findings = selectors.findings(case, began, facts=facts)
        if errors := stopping(case, findings, actor=actor, now=now):
            raise SubmissionRefused(errors)
        files = _verified_files(case)

        if supplement is not None:
            end_answered(supplement=supplement, actor=actor, now=now)
        else:
            # The call's row is locked last and for moments only, so that at the last minute companies do not
            # queue behind each other's files; a rollback gives the number back, so that none is ever missing.
            case = _number_and_submit(case=case, began=began, actor=actor, now=now)
        case = Case.objects.select_related("terms", "organisation", "call", "company").get(pk=case.pk)
        facts = selectors.facts(case)
        submission = Submission.objects.create(
            case=case,
            sequence=case.submissions.count() + 1,
            kind=SubmissionKind.SUPPLEMENT if supplement else SubmissionKind.INITIAL,
            at=now,
            by=actor,
            by_name=str(actor),
            snapshot=to_json(facts, call=case.call.slug, number=case.number or ""),
            token=digest,
        )
        for row in files:
            row.submission = submission
        SubmissionFile.objects.bulk_create(files)
        letters.request_submission_papers(
            submission=submission, facts=facts, findings=findings, actor=actor, now=now
        )
    return submission


def stopping(case: Case, findings: Sequence[Finding], *, actor: User, now: datetime) -> list[Finding]:
    """The findings that stop a submission; of a supplement's answer only those about what may be changed."""
    errors = [f for f in findings if f.severity.stops_submission]
    if case.state == CaseState.SUPPLEMENTING:
        editable = permissions.editable_sections(actor, case, now)
        errors = [f for f in errors if f.section in editable]
    return errors


def _require_time(case: Case, supplement: Supplement | None, *, began: datetime, now: datetime) -> None:
    terms = case.terms.terms
    if supplement is not None:
        if not in_supplement_time(supplement=supplement, began=began, now=now, grace=grace(case)):
            raise ValidationError(
                f"補件期限是 {roc(supplement.due_on)}，已經過了，無法再送出{terms.cite_rule('Q3')}。請聯絡計畫辦公室。"
            )
        if now.astimezone(TAIPEI).date() > supplement.due_on:
            _require_unchanged(case, began)
    elif case.channel != Channel.ONLINE:
        _require_paper_time(case)
    elif not in_window(case=case, began=began, now=now):
        if began < case.call.opens_at:
            raise ValidationError(f"受理自 {roc_datetime(case.call.opens_at)} 開始，現在還不能送出（S1）。")
        raise ValidationError(
            f"受理時間已於 {roc_datetime(case.closes_at())} 截止，無法再送出{terms.cite_rule('S1')}。"
        )
    elif now >= case.closes_at() + _SECOND:
        _require_unchanged(case, began)


def _require_unchanged(case: Case, began: datetime) -> None:
    """The grace is for what was ready in time, not for going on with the work behind an open confirmation page."""
    if case.updated_at > began:
        raise ValidationError(
            f"截止後的寬限只給截止前已經開始送出的內容；這件在 {roc_datetime(case.updated_at)} 又有修改，"
            "無法再送出。如有不可歸責的事由，請聯絡計畫辦公室。"
        )


def in_supplement_time(*, supplement: Supplement, began: datetime, now: datetime, grace: timedelta) -> bool:
    """Begun on the last day at the latest (Taipei), ended within the grace (Q2, Q3)."""
    over = datetime.combine(supplement.due_on + timedelta(days=1), time(), TAIPEI)
    return began < over and now < over + grace


def _require_paper_time(case: Case) -> None:
    day = received_on(case)
    last = case.closes_at().astimezone(TAIPEI).date()
    if day > last:
        raise ValidationError(
            f"紙本收件日期是 {roc(day)}，晚於受理截止日 {roc(last)}，不能送出{case.terms.terms.cite_rule('S1')}。"
        )
    if day < case.call.opens_at.astimezone(TAIPEI).date():
        raise ValidationError(f"紙本收件日期 {roc(day)} 早於受理開始日，請核對收件資料（S1、S2）。")


def _number_and_submit(*, case: Case, began: datetime, actor: User, now: datetime) -> Case:
    call = Call.objects.select_for_update().get(pk=case.call_id)
    number = f"{call.slug.upper()}-{call.next_case_number:04d}"
    call.next_case_number += 1
    call.save(update_fields=["next_case_number"])
    # Paper counts from what S2 derives; online from the moment at which the handing-in began.
    received_at = began if case.channel == Channel.ONLINE else received_moment(case)
    return workflow.apply(
        CASE, case, "submit", actor=actor, at=now, number=number, submitted_at=now, received_at=received_at
    )


def _verified_files(case: Case) -> list[SubmissionFile]:
    """Every current file, opened and read again: its size and hash are those of this moment."""
    rows = []
    for document in CaseDocument.objects.current().filter(case=case).select_related("file"):
        with open_verified(document.file):
            rows.append(
                SubmissionFile(
                    item=document.item,
                    file=document.file,
                    name=document.file.original_name,
                    size=document.file.size,
                    sha256=document.file.sha256,
                )
            )
    return rows


def is_late(case: Case, now: datetime) -> bool:
    """Whether an online draft can no longer be handed in."""
    return (
        case.state == CaseState.DRAFT and case.channel == Channel.ONLINE and now >= case.closes_at() + _SECOND
    )
