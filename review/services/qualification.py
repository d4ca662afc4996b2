"""The qualification check: verdicts, and the three decisions that they lead to (Q1, Q2, Q3).

Locks are always taken in the same order: case, check, supplement. Every use case may be repeated: the same
POST again finds its work done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from applications.enums import CaseState, SupplementState
from applications.models import Case, Supplement
from applications.services import progress
from applications.services import supplements as notices
from applications.services.guard import require_office
from applications.services.submission import grace
from core import workflow
from core.locking import lock_row
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents.contexts import ReturnContext, SupplementContext
from programs.selectors import work_calendar
from review import letters
from review.enums import CheckState, Verdict
from review.models import QualificationCheck, QualificationItem
from review.selectors.qualification import Item, Sheet, due_after, sheet
from review.workflow import CHECK

PERMISSION = "qualification.decide"
NOT_OPEN = "這件案件目前不在資格初審，不能再判定。請重新整理頁面，確認目前的狀態。"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an officer says of one item. ``base_version``: the version of the item that was on the screen."""

    code: str
    verdict: str
    reason: str = ""
    opens: tuple[str, ...] = ()
    base_version: int = 0


class VerdictConflict(Exception):
    """Somebody else judged the item since the page was opened; ``item`` is what stands now."""

    def __init__(self, item: QualificationItem) -> None:
        super().__init__("這一項剛剛由另一位承辦人判定。")
        self.item = item


class CheckChanged(Exception):
    """Verdicts changed since the decision page was opened, so that it no longer shows what would be decided."""

    def __init__(self) -> None:
        super().__init__("判定在您開啟這一頁之後有變動，請確認最新的內容後再送出。")


def _lock(case: Case) -> Case:
    return lock_row(Case.objects.select_related("organisation", "call", "terms", "company"), pk=case.pk)


def _locked_check(case: Case, *, actor: User, now: datetime) -> QualificationCheck:
    """The case's check, locked; opened, or reopened after a supplement, when that is due."""
    check, _ = QualificationCheck.objects.select_for_update().get_or_create(
        case=case, defaults={"opened_at": now, "officer": actor}
    )
    if check.state == CheckState.DECIDED:
        check = workflow.apply(CHECK, check, "reopen", actor=actor, at=now, decided_at=None)
    return check


def judge(*, case: Case, judgement: Judgement, actor: User, now: datetime) -> QualificationItem:
    """Write the verdict on one item (Q1); the same verdict again changes nothing.

    Raises ``PermissionDenied``, ``TransitionRefused`` (not at this stage), ``ValidationError`` (reason missing,
    no such item), :class:`VerdictConflict`. Side effects: the check is opened or reopened when needed.
    """
    results = judge_many(case=case, judgements=[judgement], actor=actor, now=now)
    if results.refused:
        raise results.refused[judgement.code]
    return results.saved[judgement.code]


@dataclass(slots=True)
class Results:
    """What became of several judgements, by code."""

    saved: dict[str, QualificationItem]
    refused: dict[str, ValidationError | VerdictConflict]


@transaction.atomic
def judge_many(*, case: Case, judgements: Iterable[Judgement], actor: User, now: datetime) -> Results:
    """Write several verdicts; each stands or falls by itself. Raises ``PermissionDenied``, ``TransitionRefused``."""
    require_office(actor, PERMISSION, case)
    case = _lock(case)
    if case.state != CaseState.SUBMITTED:
        raise TransitionRefused(NOT_OPEN)
    check = _locked_check(case, actor=actor, now=now)
    present = sheet(case)
    results = Results({}, {})
    for judgement in judgements:
        try:
            item = present.item(judgement.code)
            results.saved[judgement.code] = _write(check, item, present, judgement, actor=actor, now=now)
        except KeyError:
            results.refused[judgement.code] = ValidationError("這件案件沒有這個查核項目。")
        except (ValidationError, VerdictConflict) as refusal:
            results.refused[judgement.code] = refusal
    return results


def _write(
    check: QualificationCheck, item: Item, present: Sheet, said: Judgement, *, actor: User, now: datetime
) -> QualificationItem:
    if said.verdict not in Verdict.values:
        raise ValidationError("請選擇符合、需補件或不符合。")
    verdict = Verdict(said.verdict)
    reason = "" if verdict == Verdict.PASS else said.reason.strip()
    opens = list(_opens(item, said)) if verdict == Verdict.SUPPLEMENT else []
    stands = item.verdict
    same = stands is not None and (stands.verdict, stands.reason, list(stands.opens)) == (
        verdict,
        reason,
        opens,
    )
    if stands is not None and same:
        return stands
    if stands is not None and stands.version > said.base_version:
        raise VerdictConflict(stands)
    if verdict != Verdict.PASS and not reason:
        raise ValidationError("請寫明理由；申請單位會在公文上讀到這段文字。")
    if verdict == Verdict.SUPPLEMENT and not opens:
        raise ValidationError("請至少勾選一個開放修改的範圍，申請單位才能補正。")
    check.version += 1
    if check.officer_id is None:
        check.officer = actor
    check.save(update_fields=["version", "officer"])
    written, _ = QualificationItem.objects.update_or_create(
        check_of=check,
        code=item.code,
        sequence=present.handed.sequence,
        defaults={
            "verdict": verdict,
            "reason": reason,
            "opens": opens,
            "version": check.version,
            "judged_at": now,
            "judged_by": actor,
        },
    )
    # Later judgements of the same call are compared with what stands now.
    item.verdict = written
    return written


def _opens(item: Item, said: Judgement) -> Sequence[str]:
    """Chosen places that this item may open; a document of the upload kind always opens itself."""
    if len(item.line.places) == 1:
        return item.line.places
    return [place for place in item.line.places if place in said.opens]


@transaction.atomic
def take_over(*, case: Case, actor: User, now: datetime) -> QualificationCheck:
    """Become the officer who handles the case's check. Raises ``PermissionDenied``."""
    require_office(actor, PERMISSION, case)
    case = _lock(case)
    check, _ = QualificationCheck.objects.select_for_update().get_or_create(
        case=case, defaults={"opened_at": now, "officer": actor}
    )
    if check.officer_id != actor.pk:
        check.officer = actor
        check.save(update_fields=["officer"])
    return check


# ---- decisions ----------------------------------------------------------------------------------


def _ready(case: Case, *, wanted: str, version: int) -> Sheet:
    """The sheet of a locked case whose verdicts lead to ``wanted``; raises what stands against it."""
    present = sheet(case)
    if present.tally.missing or not present.tally.needed:
        raise ValidationError(
            f"還有 {present.tally.missing} 項沒有判定，全部判定後才能做決定{case.terms.terms.cite_rule('Q1')}。"
        )
    if present.version != version:
        raise CheckChanged
    if present.tally.decision != wanted:
        words = {"qualify": "初審符合", "supplement": "通知補件", "return": "退件"}
        raise ValidationError(f"依目前的判定，應該辦理的是「{words[present.tally.decision]}」。")
    return present


def _decide(case: Case, *, actor: User, now: datetime) -> None:
    """Close the check. A check that had no verdict to change since a supplement is still decided: reopened first."""
    check = _locked_check(case, actor=actor, now=now)
    workflow.apply(CHECK, check, "decide", actor=actor, at=now, decided_at=now, version=check.version + 1)


@transaction.atomic
def qualify(*, case: Case, version: int, actor: User, now: datetime) -> Case:
    """Every item passes: the case is qualified (Q1). ``version``: that of the check on the screen.

    Raises ``PermissionDenied``, ``TransitionRefused``, ``ValidationError`` (a verdict is missing or says
    otherwise), :class:`CheckChanged`. Again: nothing happens.
    """
    require_office(actor, PERMISSION, case)
    case = _lock(case)
    if case.state == CaseState.QUALIFIED:
        return case
    if case.state != CaseState.SUBMITTED:
        raise TransitionRefused(NOT_OPEN)
    _ready(case, wanted="qualify", version=version)
    _decide(case, actor=actor, now=now)
    return progress.qualify(case=case, actor=actor, now=now)


def draft_supplement(present: Sheet, now: datetime) -> SupplementContext:
    """The notice as it would be sent now: what the verdicts say, due in the call's working days (Q2)."""
    case = present.case
    today = now.astimezone(TAIPEI).date()
    due_on = due_after(today, case.terms.terms.settings.supplement_working_days)
    return letters.supplement_context(case, present.against, due_on=due_on)


def draft_return(present: Sheet) -> ReturnContext:
    """The return letter as it would be sent now."""
    return letters.return_context(present.case, letters.reasons_of(present.case, present.against))


@transaction.atomic
def send_supplement(*, case: Case, version: int, note: str, actor: User, now: datetime) -> Supplement:
    """Ask for what the verdicts say is missing or wrong: notice, numbered letter, mail (Q2).

    ``note`` is shown to the company on its page, beside the items. Raises as :func:`qualify`. Again: the
    notice that is already open.
    """
    require_office(actor, PERMISSION, case)
    case = _lock(case)
    if case.state == CaseState.SUPPLEMENTING:
        return case.supplements.get(state=SupplementState.OPEN)
    if case.state != CaseState.SUBMITTED:
        raise TransitionRefused(NOT_OPEN)
    present = _ready(case, wanted="supplement", version=version)
    asked = [
        notices.Asked(where=place, rule=item.code, reason=item.verdict.reason)
        for item in present.against
        if item.verdict
        for place in item.verdict.opens
    ]
    _decide(case, actor=actor, now=now)
    supplement = notices.request_supplement(case=case, items=asked, note=note.strip(), actor=actor, now=now)
    context = letters.supplement_context(case, present.against, due_on=supplement.due_on)
    supplement.notice = letters.issue(case=case, context=context, actor=actor, now=now)
    supplement.save(update_fields=["notice"])
    letters.tell_supplement(supplement, now=now)
    return supplement


@transaction.atomic
def send_return(*, case: Case, version: int, actor: User, now: datetime) -> Case:
    """Return a case that fails: letter with the reasons, mail (Q3). Raises as :func:`qualify`. Again: nothing."""
    require_office(actor, PERMISSION, case)
    case = _lock(case)
    if case.state == CaseState.RETURNED:
        return case
    if case.state != CaseState.SUBMITTED:
        raise TransitionRefused(NOT_OPEN)
    present = _ready(case, wanted="return", version=version)
    reasons = letters.reasons_of(present.case, present.against)
    _decide(case, actor=actor, now=now)
    returned = progress.return_case(
        case=case, reason="；".join(f"{r.rule} {r.text}" for r in reasons), actor=actor, now=now
    )
    letters.issue(case=case, context=letters.return_context(case, reasons), actor=actor, now=now)
    letters.tell_return(case, now=now)
    return returned


# ---- deadlines ----------------------------------------------------------------------------------


@transaction.atomic
def extend(*, supplement: Supplement, days: int, reason: str, actor: User, now: datetime) -> Supplement:
    """Move the deadline by up to the allowed working days from the first one (Q2), and tell the company.

    The reminder comes again before the new deadline. Raises ``PermissionDenied``, ``ValidationError``. The same
    extension again changes nothing.
    """
    case = _lock(supplement.case)
    supplement = Supplement.objects.select_for_update().get(pk=supplement.pk)
    supplement.case = case
    require_office(actor, PERMISSION, case)
    due_on = work_calendar().add(supplement.first_due_on, days) if 0 < days <= 365 else None
    if (
        supplement.state == SupplementState.OPEN
        and due_on == supplement.due_on
        and supplement.extension_reason == reason.strip()
    ):
        return supplement
    if (
        due_on is not None
        and supplement.state == SupplementState.OPEN
        and due_on < now.astimezone(TAIPEI).date()
    ):
        raise ValidationError({"days": "展延後的期限也已經過了，請依規定退件。"})
    supplement = notices.extend_supplement(
        supplement=supplement, days=days, reason=reason, actor=actor, now=now
    )
    supplement.reminded_at = None
    supplement.save(update_fields=["reminded_at"])
    supplement.case = case
    letters.tell_extension(supplement, now=now)
    return supplement


def is_over(supplement: Supplement, now: datetime) -> bool:
    """Whether the last day has ended, and with it the grace that an answer begun in time is given (Q3)."""
    end = datetime.combine(supplement.due_on + timedelta(days=1), time(), TAIPEI)
    return now >= end + grace(supplement.case)


@transaction.atomic
def expire(*, supplement: Supplement, actor: User | None, now: datetime) -> bool:
    """Return the case of a notice whose deadline has passed (Q3): letter, mail. False when there is nothing to do.

    ``actor`` None is beat; an officer may do the same by hand. Raises ``PermissionDenied``.
    """
    case = _lock(supplement.case)
    if actor is not None:
        require_office(actor, PERMISSION, case)
    supplement = Supplement.objects.select_for_update().get(pk=supplement.pk)
    supplement.case = case
    if supplement.state != SupplementState.OPEN or not is_over(supplement, now):
        return False
    reasons = letters.reasons_of_expiry(supplement)
    reason = f"逾期未補件（期限 {supplement.due_on:%Y-%m-%d}）"
    progress.return_case(case=case, reason=reason, actor=actor, now=now)
    letters.issue(case=case, context=letters.return_context(case, reasons), actor=actor, now=now)
    letters.tell_return(case, now=now)
    return True


def expire_overdue(*, now: datetime) -> int:
    """Beat: return every case whose deadline has passed, each in a transaction of its own; how many."""
    today = now.astimezone(TAIPEI).date()
    return sum(expire(supplement=s, actor=None, now=now) for s in notices.overdue(today))


@transaction.atomic
def _remind(supplement: Supplement, *, days: int, now: datetime) -> bool:
    locked = Supplement.objects.select_for_update().get(pk=supplement.pk)
    # Extended since the list was made: its time comes before the new deadline.
    moved = locked.due_on != supplement.due_on
    if locked.state != SupplementState.OPEN or locked.reminded_at is not None or moved:
        return False
    locked.reminded_at = now
    locked.save(update_fields=["reminded_at"])
    letters.tell_reminder(supplement, days=days, now=now)
    return True


def remind(*, now: datetime) -> int:
    """Beat: remind companies whose deadline is near, once for each deadline; how many."""
    today = now.astimezone(TAIPEI).date()
    due = notices.to_remind(today)
    if not due:
        return 0
    calendar = work_calendar()
    return sum(_remind(s, days=calendar.between(today, s.due_on), now=now) for s in due)
