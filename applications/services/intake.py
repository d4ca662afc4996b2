"""Paper that came by post or by hand (S2): staff write down how and when, the portal says which day counts."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Organisation, User
from applications.enums import CaseState, Channel
from applications.letters import case_address
from applications.models import Case
from applications.selectors.intake import derive_received_on, has_content
from applications.services.cases import new_case
from applications.services.guard import require_office
from core.locking import lock_row
from core.rocdate import TAIPEI, roc
from documents.services import queue_mail
from programs.enums import CallState
from programs.models import Call
from programs.rules.terms import Terms


@transaction.atomic
def enter_paper(
    *,
    call: Call,
    organisation: Organisation,
    channel: str,
    posted_on: date | None,
    arrived_at: datetime | None,
    actor: User,
    now: datetime,
    agreed: bool = False,
    agreed_reason: str = "",
) -> Case:
    """Enter an application on paper; returns a draft that staff or the company complete.

    The same paper entered twice (same call, company and way) returns the first draft, with the times as given
    now. A draft that the company has begun online becomes the paper's draft, so that there are never two; since
    staff may then read and change it, one with content needs ``agreed`` (the company has said yes) and the reason.
    Raises ``PermissionDenied`` and ``ValidationError``. Side effects: one case with the company's particulars;
    where an online draft was taken over, an entry in the log and a mail to every member.
    """
    require_office(actor, "case.intake_paper", Case(organisation=organisation))
    if call.state != CallState.PUBLISHED or call.current_terms is None:
        raise ValidationError("這個徵案目前不是公告中，不能登錄紙本申請。")
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    case = Case.objects.filter(call=call, organisation=organisation, state=CaseState.DRAFT).first()
    if case is not None:
        case = lock_row(Case.objects.select_related("terms", "organisation"), pk=case.pk)
        if not case.is_draft:  # handed in, or withdrawn, while this waited for it
            case = None
    terms = case.terms.terms if case else call.terms
    _check(terms, channel=channel, posted_on=posted_on, arrived_at=arrived_at, now=now)
    if case is None:
        case = new_case(call, organisation, actor=actor, now=now)
    elif case.channel == Channel.ONLINE and has_content(case):
        _take_over(case, agreed=agreed, reason=agreed_reason.strip(), actor=actor, now=now)
    case.channel, case.posted_on, case.arrived_at = channel, posted_on, arrived_at
    case.updated_at = now
    case.save(update_fields=["channel", "posted_on", "arrived_at", "updated_at"])
    return case


def _take_over(case: Case, *, agreed: bool, reason: str, actor: User, now: datetime) -> None:
    if not agreed:
        raise ValidationError(
            {
                "agreed": "這個單位在這個徵案已有線上填寫中的草稿，登錄紙本後計畫辦公室就看得到、也改得了。"
                "請先與對方確認，確認後勾選這一項並寫明理由。"
            }
        )
    if not reason:
        raise ValidationError({"agreed_reason": "請寫明對方改以紙本送件的理由。"})
    record(case, actor=actor, event="paper_agreed", reason=reason)
    yours = case.organisation.called.yours
    members = User.objects.filter(memberships__organisation=case.organisation_id, is_active=True)
    for member in members.order_by("pk"):
        queue_mail(
            to=member.email,
            subject=f"{case.call.name}：申請草稿改以紙本送件",
            body=(
                f"您好：\n\n{case.call.name}\n計畫辦公室收到{yours}的紙本申請，並登記已與{yours}確認改以紙本送件。"
                f"{yours}線上填寫中的草稿已轉為這件紙本的草稿，內容都保留；計畫辦公室會依紙本登打並送出，"
                f"也看得到草稿內容。\n如果{yours}並未同意，請立即聯絡計畫辦公室。\n\n草稿：\n{case_address(case)}\n\n"
                "本信由系統寄出，請勿直接回覆。\n"
            ),
            now=now,
            once_key=f"paper:{case.pk}:{member.pk}",
        )


@transaction.atomic
def correct_paper(
    *,
    case: Case,
    channel: str,
    posted_on: date | None,
    arrived_at: datetime | None,
    actor: User,
    now: datetime,
) -> Case:
    """Correct how and when paper came, before it is handed in. Raises ``PermissionDenied``, ``ValidationError``."""
    case = lock_row(Case.objects.select_related("call", "terms"), pk=case.pk)
    require_office(actor, "case.intake_paper", case)
    if case.state != CaseState.DRAFT or case.channel == Channel.ONLINE:
        raise ValidationError("這件案件已經送出，收件資料不能再改。")
    _check(case.terms.terms, channel=channel, posted_on=posted_on, arrived_at=arrived_at, now=now)
    case.channel, case.posted_on, case.arrived_at = channel, posted_on, arrived_at
    case.save(update_fields=["channel", "posted_on", "arrived_at"])
    return case


def _check(
    terms: Terms, *, channel: str, posted_on: date | None, arrived_at: datetime | None, now: datetime
) -> None:
    if channel not in Channel.values or channel == Channel.ONLINE:
        raise ValidationError({"channel": "請選擇紙本送達的方式。"})
    if arrived_at is None:
        raise ValidationError({"arrived_at": "請填寫送達計畫辦公室的日期與時間。"})
    if arrived_at > now:
        raise ValidationError({"arrived_at": "送達時間不能晚於現在。"})
    if posted_on is not None and posted_on > arrived_at.astimezone(TAIPEI).date():
        raise ValidationError(
            {"posted_on": f"郵戳日期不能晚於送達日期 {roc(arrived_at.astimezone(TAIPEI))}。"}
        )
    try:
        derive_received_on(terms, channel=channel, posted_on=posted_on, arrived_at=arrived_at)
    except ValueError as error:
        raise ValidationError({"posted_on": str(error)}) from error
