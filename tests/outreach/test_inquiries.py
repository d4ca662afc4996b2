"""Inquiries: numbers, due days, who may answer, escalation, asking again, rating, erasing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.services.errors import Refused
from core import clock
from core.rocdate import roc_year
from core.workflow import TransitionRefused
from documents.models import OutgoingMail
from outreach import concern
from outreach.enums import InquiryKind, InquiryState, MessageKind
from outreach.models import Inquiry, InquiryFile, ServiceSettings
from outreach.permissions import answer_refusal
from outreach.selectors import inquiries as selectors
from outreach.services import inquiries as services
from programs.models import CalendarDay
from programs.selectors import work_calendar
from tests import factories, personas
from tests.outreach import builders

pytestmark = pytest.mark.django_db


def mails_to(address: str) -> list[str]:
    return list(
        OutgoingMail.objects.filter(to=address).order_by("created_at").values_list("subject", flat=True)
    )


def test_numbers_have_no_gap_and_begin_anew_each_year():
    now = clock.now()
    year = roc_year(now.date())
    first, second = builders.inquiry(now=now), builders.inquiry(now=now)
    assert [first.number, second.number] == [f"Q-{year}-0001", f"Q-{year}-0002"]
    with transaction.atomic():
        builders.inquiry(now=now)
        transaction.set_rollback(True)
    assert builders.inquiry(now=now).number == f"Q-{year}-0003"
    assert builders.inquiry(now=now.replace(year=now.year + 1, day=1)).number == f"Q-{year + 1}-0001"


def test_the_due_day_is_counted_in_working_days_by_kind():
    now = clock.now()
    ServiceSettings.objects.create(pk=1, question_days=3, complaint_days=10, other_days=5)
    holiday = work_calendar().add(now.date(), 2)
    CalendarDay.objects.create(date=holiday, kind="off", name="颱風")
    days = work_calendar()
    for kind, count in ((InquiryKind.QUESTION, 3), (InquiryKind.COMPLAINT, 10), (InquiryKind.OTHER, 5)):
        row = builders.inquiry(kind=kind, now=now)
        assert days.between(now.date(), row.due_on) == count
        assert row.due_on > holiday


def test_the_asker_gets_the_number_and_the_personal_address_and_no_word_of_the_question():
    row = builders.inquiry()
    mail = OutgoingMail.objects.get(to="asker@example.test")
    assert row.number in mail.subject
    assert row.token in mail.body
    assert row.subject not in mail.subject + mail.body
    assert "配合款" not in mail.body


def test_the_same_form_twice_is_one_inquiry():
    key = uuid.uuid4()
    asked = services.Asked(name="許來信", email="a@example.test", kind="question", subject="問", text="問")
    rows = [services.receive(asked=asked, form_key=key, now=clock.now()) for _ in range(2)]
    assert rows[0] == rows[1]
    assert Inquiry.objects.count() == 1
    # Back to the form, where the browser still has its key, and something else asked: no word may be lost.
    other = services.receive(asked=replace(asked, text="另一件事"), form_key=key, now=clock.now())
    assert other != rows[0]
    assert other.messages.get().text == "另一件事"


def test_the_same_form_twice_at_once_is_one_inquiry_too(monkeypatch):
    asked = services.Asked(name="許來信", email="a@example.test", kind="question", subject="問", text="問")
    once = services._receive

    def while_another_does(*given):
        once(*given)
        return once(*given)

    monkeypatch.setattr(services, "_receive", while_another_does)
    row = services.receive(asked=asked, form_key=uuid.uuid4(), now=clock.now())
    assert Inquiry.objects.get() == row
    assert row.number.endswith("-0001")


def test_from_the_question_to_the_rating():
    office = personas.make_office()
    row = builders.inquiry()
    now = clock.now()
    row = services.answer(inquiry=row, text="不可以，每一科目都不能高於一半。", actor=office, now=now)
    assert (row.state, row.assignee, row.late) == (InquiryState.ANSWERED, office, False)
    assert [t.action for t in row.transitions.all()] == ["assign", "answer"]
    assert "已答覆" in mails_to("asker@example.test")[-1]
    row = services.rate(inquiry=row, rating=5, comment="很快", now=now)
    assert (row.state, row.rating) == (InquiryState.CLOSED, 5)
    row = services.rate(inquiry=row, rating=4, comment="", now=now)
    assert row.rating == 4
    with pytest.raises(TransitionRefused):
        services.ask_again(inquiry=row, text="還有", now=now)


def test_an_answer_on_the_due_day_is_in_time_and_one_a_day_later_is_late():
    office = personas.make_office()
    now = clock.now()
    in_time, late = builders.inquiry(now=now), builders.inquiry(now=now)
    on_the_day = now + (in_time.due_on - now.date())
    assert not services.answer(inquiry=in_time, text="答", actor=office, now=on_the_day).late
    assert services.answer(inquiry=late, text="答", actor=office, now=on_the_day + timedelta(days=1)).late


def test_two_answers_at_once_are_one():
    office = personas.make_office()
    row = builders.inquiry()
    services.answer(inquiry=row, text="答", actor=office, now=clock.now())
    with pytest.raises(TransitionRefused):
        services.answer(inquiry=row, text="再答", actor=office, now=clock.now())
    assert row.messages.filter(kind=MessageKind.ANSWER).count() == 1


def test_asking_again_begins_a_new_period_and_the_one_in_charge_is_told():
    office = personas.make_office()
    now = clock.now()
    row = services.answer(inquiry=builders.inquiry(now=now), text="答", actor=office, now=now)
    later = now + timedelta(days=20)
    row = services.ask_again(inquiry=row, text="還是不懂", now=later)
    assert row.state == InquiryState.ASSIGNED
    assert row.due_on > later.date()
    assert any("請您答覆" in subject for subject in mails_to(office.email))
    services.ask_again(inquiry=row, text="補充", now=later)
    assert row.messages.filter(kind=MessageKind.QUESTION).count() == 3


def test_asking_again_in_the_same_words_is_said_once():
    row = builders.inquiry()
    for _ in range(2):
        services.ask_again(inquiry=row, text="補充", now=clock.now())
    assert [message.text for message in row.messages.all()][1:] == ["補充"]


@pytest.mark.parametrize("why", ["concerned", "left"])
def test_asking_again_does_not_lie_with_somebody_who_may_not_answer_any_more(why):
    office, supervisor = personas.make_office(), personas.make_supervisor()
    row = services.answer(
        inquiry=builders.inquiry(kind=InquiryKind.COMPLAINT), text="答", actor=office, now=clock.now()
    )
    if why == "concerned":
        services.set_concerned(inquiry=row, people=[office], actor=office, now=clock.now())
    else:
        office.is_active = False
        office.save()
    row = services.ask_again(inquiry=row, text="他自己的事", now=clock.now())
    assert row.state == InquiryState.ESCALATED
    assert "請您答覆" not in str(mails_to(office.email))
    assert any("督導" in subject for subject in mails_to(supervisor.email))


def test_reminders_go_once_to_the_one_in_charge_or_to_all_who_answer():
    office, second = (
        personas.make_office(),
        personas.make_user("office2@example.test", "鄧同仁", roles=("office",)),
    )
    now = clock.now()
    ServiceSettings.objects.create(pk=1, question_days=5, remind_days=2)
    free, taken = builders.inquiry(now=now), builders.inquiry(now=now)
    services.assign(inquiry=taken, to=office, actor=office, now=now)
    days = work_calendar()
    early = now + (days.add(free.due_on, -3) - now.date())
    assert services.watch(now=early)["reminded"] == 0
    day = now + (days.add(free.due_on, -2) - now.date())
    assert services.watch(now=day)["reminded"] == 3
    assert services.watch(now=day + timedelta(hours=1))["reminded"] == 0
    assert len([s for s in mails_to(office.email) if "期限將到" in s]) == 2
    assert len([s for s in mails_to(second.email) if "期限將到" in s]) == 1


def test_overdue_is_escalated_once_and_the_supervisor_may_answer():
    supervisor, office = personas.make_supervisor(), personas.make_office()
    now = clock.now()
    row = builders.inquiry(now=now)
    on_the_day = now + (row.due_on - now.date())
    assert services.watch(now=on_the_day)["escalated"] == 0
    with pytest.raises(Refused, match="期限內"):
        services.answer(inquiry=row, text="答", actor=supervisor, now=on_the_day)
    after = on_the_day + timedelta(days=1)
    assert services.watch(now=after)["escalated"] == 1
    assert services.watch(now=after)["escalated"] == 0
    row.refresh_from_db()
    assert row.state == InquiryState.ESCALATED
    assert any("逾期未答覆" in subject for subject in mails_to(supervisor.email))
    row = services.assign(inquiry=row, to=office, actor=supervisor, now=after)
    assert services.watch(now=after)["escalated"] == 0
    assert services.answer(inquiry=row, text="答", actor=supervisor, now=after).late


def test_an_answered_one_is_closed_after_its_days():
    office = personas.make_office()
    now = clock.now()
    ServiceSettings.objects.create(pk=1, close_days=10)
    row = services.answer(inquiry=builders.inquiry(now=now), text="答", actor=office, now=now)
    days = work_calendar()
    last = now + (days.add(now.date(), 10) - now.date())
    assert services.watch(now=last)["closed"] == 0
    over = now + (days.add(now.date(), 11) - now.date())
    assert services.watch(now=over)["closed"] == 1
    row.refresh_from_db()
    assert row.state == InquiryState.CLOSED
    assert row.rating is None


def test_whom_a_complaint_concerns_neither_sees_nor_answers_it(monkeypatch):
    office = personas.make_office()
    other = personas.make_user("office2@example.test", "鄧同仁", roles=("office",))
    monkeypatch.setattr(
        concern, "_sources", [lambda number: {office.pk} if number == "IPAS-114-0001" else set()]
    )
    row = builders.inquiry(kind=InquiryKind.COMPLAINT, case_number="IPAS-114-0001")
    assert not Inquiry.objects.visible_to(office).exists()
    assert Inquiry.objects.visible_to(other).get() == row
    for act in (
        lambda: services.answer(inquiry=row, text="答", actor=office, now=clock.now()),
        lambda: services.assign(inquiry=row, to=office, actor=other, now=clock.now()),
    ):
        with pytest.raises(Refused, match="迴避"):
            act()
    assert office not in selectors.answerers(row)
    assert other in selectors.answerers(row)
    services.watch(now=clock.now() + timedelta(days=60))
    assert not [s for s in mails_to(office.email) if row.number in s]
    # A question about the same case concerns nobody.
    assert not builders.inquiry(case_number="IPAS-114-0001").concerned.exists()


def test_a_complaint_that_concerns_everybody_goes_to_the_supervisor_at_once(monkeypatch):
    office, supervisor = personas.make_office(), personas.make_supervisor()
    monkeypatch.setattr(concern, "_sources", [lambda number: {office.pk}])
    row = builders.inquiry(kind=InquiryKind.COMPLAINT, case_number="IPAS-114-0001")
    assert row.state == InquiryState.ESCALATED
    assert any("請督導處理" in subject for subject in mails_to(supervisor.email))
    row = services.answer(inquiry=row, text="由主辦機關答覆", actor=supervisor, now=clock.now())
    assert not row.late
    # The same when the office says so later.
    monkeypatch.setattr(concern, "_sources", [])
    later = builders.inquiry(kind=InquiryKind.COMPLAINT)
    assert later.state == InquiryState.RECEIVED
    row = services.set_concerned(inquiry=later, people=[office], actor=office, now=clock.now())
    assert row.state == InquiryState.ESCALATED


def test_one_who_has_it_in_hand_gives_it_away_before_it_concerns_them():
    office = personas.make_office()
    other = personas.make_user("office2@example.test", "鄧同仁", roles=("office",))
    now = clock.now()
    row = services.assign(inquiry=builders.inquiry(kind="complaint"), to=office, actor=office, now=now)
    with pytest.raises(Refused, match="改派"):
        services.set_concerned(inquiry=row, people=[office], actor=other, now=now)
    services.assign(inquiry=row, to=other, actor=office, now=now)
    services.set_concerned(inquiry=row, people=[office], actor=other, now=now)
    assert not Inquiry.objects.visible_to(office).exists()


def test_the_office_behind_a_case_is_found_by_its_number():
    from review.models import QualificationCheck

    office = personas.make_office()
    case = factories.make_case(state="submitted")
    QualificationCheck.objects.create(case=case, officer=office, opened_at=clock.now())
    assert concern.people_behind(case.number) == {office.pk}
    assert concern.people_behind(case.number.lower()) == {office.pk}
    assert concern.people_behind("") == concern.people_behind("IPAS-000") == set()
    row = builders.inquiry(kind=InquiryKind.COMPLAINT, case_number=case.number)
    assert list(row.concerned.all()) == [office]


@pytest.mark.parametrize("who", ["reviewer", "chair", "auditor", "administrator", "company", "newcomer"])
def test_nobody_else_sees_any(who):
    builders.inquiry(kind=InquiryKind.COMPLAINT)
    user = personas.EVERYBODY[who]()
    assert not Inquiry.objects.visible_to(user).exists()
    assert answer_refusal(user, Inquiry.objects.get())


def test_a_note_is_for_the_office_alone():
    row = builders.inquiry()
    services.note(inquiry=row, text="先問會計", actor=personas.make_office(), now=clock.now())
    assert [m.kind for m in selectors.thread(row, notes=False)] == [MessageKind.QUESTION]
    assert len(selectors.thread(row, notes=True)) == 2


def test_files_are_looked_at_and_a_bad_one_leaves_nothing():
    asked = services.Asked(name="許", email="a@example.test", kind="question", subject="問", text="問")
    services.receive(asked=asked, uploads=[factories.pdf_upload()], now=clock.now())
    assert InquiryFile.objects.count() == 1
    from core.uploads import UploadRefused

    bad = factories.pdf_upload()
    bad.name = "photo.exe"
    with pytest.raises(UploadRefused):
        services.receive(asked=asked, uploads=[bad], now=clock.now())
    assert Inquiry.objects.count() == 1


def test_who_asked_is_erased_years_after_closing():
    office = personas.make_office()
    now = clock.now()
    ServiceSettings.objects.create(pk=1, inquiry_years=1)
    row = services.answer(inquiry=builders.inquiry(now=now), text="答", actor=office, now=now)
    row = services.rate(inquiry=row, rating=3, comment="", now=now)
    assert services.forget(now=now + timedelta(days=360)) == 0
    assert services.forget(now=now + timedelta(days=400)) == 1
    assert services.forget(now=now + timedelta(days=400)) == 0
    row.refresh_from_db()
    assert (row.name, row.email, row.rating) == ("", "", 3)
    assert mails_to("asker@example.test") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "assigned"},
        {"state": "answered"},
        {"state": "escalated"},
        {"state": "closed"},
        {"rating": 6},
        {"rating": 3},
    ],
)
def test_the_database_refuses_inquiries_that_cannot_be(wrong):
    row = builders.inquiry()
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=row.pk).update(**wrong)


def test_every_number_of_the_report_is_its_rows():
    office = personas.make_office()
    now = clock.now().replace(month=6, day=15, hour=12)
    in_time, late, open_late, rated = (builders.inquiry(now=now) for _ in range(4))
    services.answer(inquiry=in_time, text="答", actor=office, now=now)
    services.answer(inquiry=late, text="答", actor=office, now=now + timedelta(days=30))
    services.answer(inquiry=rated, text="答", actor=office, now=now)
    services.rate(inquiry=rated, rating=4, comment="", now=now)
    builders.inquiry(now=now.replace(month=7), kind="complaint")
    today = now.date() + timedelta(days=60)
    lines, total = selectors.report(office, kind="", year=now.year, today=today)
    june = lines[5]
    assert (june.received, june.on_time, june.late, june.overdue, june.rated) == (4, 2, 1, 1, 1)
    assert str(june.rate) == "1/2"
    assert str(june.average) == "4.00"
    assert total.received == 5
    assert open_late.due_on < today
    from urllib.parse import parse_qs

    from outreach.forms.desk import QueueForm

    for line in [*lines, total]:
        for name, link in line.links.items():
            asked = {key: values[0] for key, values in parse_qs(link).items()}
            form = QueueForm(asked)
            rows = selectors.queue(office, view=asked["view"], today=today, **form.chosen())
            assert rows.count() == getattr(line, name), (line.label, name)
    assert selectors.report(office, kind="complaint", year=now.year, today=today)[1].received == 1
    assert selectors.report_rows([june])[0][6] == 50
