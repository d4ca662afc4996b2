"""Deadlines in working days: holidays, extension, reminder, expiry (Q2, Q3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from applications.enums import CaseState, SupplementState
from applications.models import Case, CaseLetter, Supplement
from core.rocdate import TAIPEI
from documents.models import OutgoingMail
from review.services import qualification as service
from tests import factories, personas
from tests.review.qualification.support import (
    BEFORE_HOLIDAYS,
    answer,
    ask_for,
    day_after,
    fresh,
    handed_in,
    settings_with,
)

RECEIVED = datetime(2025, 3, 28, 15, 0, tzinfo=TAIPEI)


def case_with(days: int) -> Case:
    """A case received on 2025-03-28 under terms that give so many working days to supplement."""
    call = factories.make_call(settings=settings_with(supplement_working_days=days))
    return handed_in(call=call, received=RECEIVED)


def subjects() -> list[str]:
    return [mail.subject for mail in OutgoingMail.objects.order_by("created_at", "pk")]


@pytest.mark.parametrize(
    ("days", "due_on"),
    [
        (1, date(2025, 4, 2)),
        (2, date(2025, 4, 7)),  # 3 and 4 April are off, then a weekend
        (3, date(2025, 4, 8)),
        (5, date(2025, 4, 10)),
    ],
)
def test_Q2_the_deadline_counts_working_days_from_the_day_after(
    office: User, days: int, due_on: date
) -> None:
    notice = ask_for(case_with(days), office, "D6", now=BEFORE_HOLIDAYS)
    assert notice.due_on == notice.first_due_on == due_on
    assert notice.notice is not None
    assert notice.notice.context["data"]["due_on"] == due_on.isoformat()


def test_the_day_of_a_notice_is_that_of_taipei(office: User) -> None:
    late_evening = datetime(2025, 4, 1, 23, 30, tzinfo=TAIPEI).astimezone()
    assert ask_for(case_with(3), office, "D6", now=late_evening).due_on == date(2025, 4, 8)


def extended(office: User, days: int, reason: str = "會計師用印需要時間") -> Supplement:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    return service.extend(
        supplement=notice, days=days, reason=reason, actor=office, now=BEFORE_HOLIDAYS + timedelta(days=1)
    )


@pytest.mark.parametrize(("days", "due_on"), [(1, date(2025, 4, 9)), (3, date(2025, 4, 11))])
def test_Q2_an_extension_up_to_three_working_days(office: User, days: int, due_on: date) -> None:
    notice = extended(office, days)
    assert notice.due_on == due_on
    assert notice.first_due_on == date(2025, 4, 8)
    assert any("已展延" in subject for subject in subjects())


@pytest.mark.parametrize("days", [0, -1, 4, 10**9])
def test_Q2_an_extension_of_four_working_days_is_refused(office: User, days: int) -> None:
    with pytest.raises(ValidationError, match="最多展延 3 個工作日"):
        extended(office, days)
    assert Supplement.objects.get().due_on == date(2025, 4, 8)


def test_an_extension_needs_a_reason_and_is_harmless_when_replayed(office: User) -> None:
    with pytest.raises(ValidationError, match="理由"):
        extended(office, 2, "  ")
    notice = Supplement.objects.get()
    for _ in range(2):
        notice = service.extend(supplement=notice, days=2, reason="補用印", actor=office, now=BEFORE_HOLIDAYS)
    assert notice.due_on == date(2025, 4, 10)
    assert sum("已展延" in subject for subject in subjects()) == 2  # one each: contact and owner


def test_an_extension_is_not_for_members_of_the_company(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    member = personas.join(
        personas.make_user("both@example.test", "兼任", roles=("office",)), personas.acme(), "viewer"
    )
    with pytest.raises(PermissionDenied):
        service.extend(supplement=notice, days=1, reason="x", actor=member, now=BEFORE_HOLIDAYS)


def test_a_notice_is_not_over_on_its_last_day_nor_within_the_grace(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    last_minute = datetime(2025, 4, 8, 23, 59, 59, tzinfo=TAIPEI)
    assert service.expire_overdue(now=last_minute) == 0
    assert service.expire_overdue(now=day_after(notice, minutes=14)) == 0
    assert fresh(notice.case).state == CaseState.SUPPLEMENTING


def test_Q3_on_the_day_after_the_case_is_returned_with_a_letter(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    moment = day_after(notice, minutes=15)
    assert moment.date() == date(2025, 4, 9)
    assert service.expire_overdue(now=moment) == 1
    case = fresh(notice.case)
    assert case.state == CaseState.RETURNED
    assert case.supplements.get().state == SupplementState.EXPIRED
    assert case.transitions.get(action="return").actor is None
    letter = CaseLetter.objects.get(case=case, document__kind="return").document
    assert letter.number
    assert "114/4/8" in letter.context["data"]["reasons"][0]["text"]
    assert any("退件通知" in subject for subject in subjects())
    assert service.expire_overdue(now=moment) == 0
    assert CaseLetter.objects.filter(case=case, document__kind="return").count() == 1


def test_an_extension_moves_the_expiry(office: User) -> None:
    notice = extended(office, 3)
    assert service.expire_overdue(now=datetime(2025, 4, 11, 23, 59, tzinfo=TAIPEI)) == 0
    assert service.expire_overdue(now=day_after(notice, minutes=15)) == 1


def test_an_answer_in_time_is_never_expired(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    case = answer(notice.case, now=datetime(2025, 4, 8, 23, 59, tzinfo=TAIPEI))
    assert case.state == CaseState.SUBMITTED
    assert service.expire_overdue(now=day_after(notice, minutes=60)) == 0
    assert not service.expire(supplement=notice, actor=office, now=day_after(notice, minutes=60))
    assert fresh(case).state == CaseState.SUBMITTED


def test_an_officer_may_return_an_overdue_case_by_hand_but_not_before(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    assert not service.expire(supplement=notice, actor=office, now=BEFORE_HOLIDAYS)
    assert service.expire(supplement=notice, actor=office, now=day_after(notice, minutes=15))
    assert fresh(notice.case).transitions.get(action="return").actor == office


def test_the_reminder_comes_once_one_working_day_before(office: User) -> None:
    ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    two_before = datetime(2025, 4, 3, 9, 0, tzinfo=TAIPEI)  # a holiday; 7 and 8 April are left
    assert service.remind(now=two_before) == 0
    one_before = datetime(2025, 4, 7, 9, 0, tzinfo=TAIPEI)
    assert service.remind(now=one_before) == 1
    assert service.remind(now=one_before + timedelta(hours=1)) == 0
    reminders = [m for m in OutgoingMail.objects.all() if "將到" in m.subject]
    assert {m.to for m in reminders} == {"contact@example.test", "company@example.test"}
    assert "還有 1 個工作天" in reminders[0].body


def test_an_extended_deadline_is_reminded_of_again(office: User) -> None:
    notice = ask_for(case_with(3), office, "D6", now=BEFORE_HOLIDAYS)
    moment = datetime(2025, 4, 7, 9, 0, tzinfo=TAIPEI)
    service.remind(now=moment)
    service.extend(supplement=notice, days=3, reason="補用印", actor=office, now=moment)
    assert service.remind(now=datetime(2025, 4, 8, 9, 0, tzinfo=TAIPEI)) == 0
    assert service.remind(now=datetime(2025, 4, 10, 9, 0, tzinfo=TAIPEI)) == 1


def test_beat_knows_both_jobs(settings: object) -> None:
    from ipas_portal.celery import app

    app.loader.import_default_modules()
    wanted = {"review.expire_supplements", "review.remind_supplements"}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}  # type: ignore[attr-defined]
    assert wanted <= scheduled
    assert wanted <= set(app.tasks)
