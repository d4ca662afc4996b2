"""Paper (S2): the day that counts, who may enter it, and what the submission keeps of it."""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import Organisation
from applications import permissions
from applications.enums import Section
from applications.models import Case, CaseWindowExtension
from applications.selectors.intake import derive_received_on, received_moment, received_on
from applications.services import intake
from applications.services import submission as service
from applications.services.sections import save_section
from core.rocdate import TAIPEI
from core.workdays import WorkCalendar
from documents.models import OutgoingMail
from programs.services import new_terms_version
from tests import factories, personas
from tests.personas import client_for

pytestmark = pytest.mark.django_db


def at(day, hour=10, minute=0):
    return datetime(2025, 3, day, hour, minute, tzinfo=TAIPEI)


def spring(**window):
    """The 114 call with its real window."""
    return factories.make_call(opens_at=at(1), closes_at=at(28, 23, 59).replace(second=59))


def enter(call, user, **paper):
    values = {"channel": "in_person", "posted_on": None, "arrived_at": at(27), "now": at(31)} | paper
    return intake.enter_paper(call=call, organisation=personas.acme(), actor=user, **values)


def fill(case, user, now=None):
    now = now or factories.now()
    for section, content in factories.contents(case.call).items():
        save_section(case=case, section=section, cleaned=content, base_version=0, actor=user, now=now)
    for code in ("D4", "D6", "D7"):
        factories.make_document(case, code, actor=user)
    return Case.objects.get(pk=case.pk)


def hand_in(case, user, now):
    token = service.confirmation_token(case=case, now=now)
    return service.submit(case=case, token=token, actor=user, now=now)


@pytest.mark.parametrize(
    ("channel", "posted", "arrived", "expected"),
    [
        ("registered_post", date(2025, 3, 28), at(31), date(2025, 3, 28)),
        ("registered_post", date(2025, 3, 29), at(31), date(2025, 3, 29)),
        ("in_person", None, at(28, 9, 0), date(2025, 3, 28)),
        ("in_person", None, at(28, 18, 0), date(2025, 3, 28)),
        ("in_person", None, at(28, 18, 1), date(2025, 3, 31)),  # Friday evening → Monday
        ("carrier", None, at(29, 10), date(2025, 3, 31)),  # Saturday → Monday
        ("carrier", date(2025, 3, 20), at(27), date(2025, 3, 27)),  # only Chunghwa Post's postmark counts
    ],
)
def test_S2_the_day_that_counts(channel, posted, arrived, expected):
    terms = spring().terms
    found = derive_received_on(
        terms, channel=channel, posted_on=posted, arrived_at=arrived, calendar=WorkCalendar()
    )
    assert found == expected


def test_S2_paper_keeps_its_day_when_it_is_handed_in_after_the_window(office):
    call = spring()
    case = fill(
        enter(call, office, channel="registered_post", posted_on=date(2025, 3, 28), arrived_at=at(31, 9)),
        office,
    )
    assert received_on(case) == date(2025, 3, 28)
    submission = hand_in(case, office, at(31, 16))
    case.refresh_from_db()
    assert case.received_at.astimezone(TAIPEI).date() == date(2025, 3, 28)
    assert case.submitted_at == at(31, 16)
    assert case.number == "IPAS-114-0001"
    assert submission.snapshot["submission"]["applied_on"] == "2025-03-28"
    assert submission.receipt.context["data"]["received"] == "114/3/28（中華郵政掛號）"


def test_S1_paper_that_came_a_day_late_is_refused(office):
    call = spring()
    case = fill(
        enter(call, office, channel="registered_post", posted_on=date(2025, 3, 29), arrived_at=at(31, 9)),
        office,
    )
    with pytest.raises(ValidationError, match="晚於受理截止日"):
        hand_in(case, office, at(31, 16))


def test_a_late_paper_is_accepted_when_its_window_is_extended(office):
    call = spring()
    case = fill(enter(call, office, arrived_at=at(31, 10)), office)
    CaseWindowExtension.objects.create(
        case=case, closes_at=at(31, 23), reason="颱風停班", created_at=at(31), created_by=office
    )
    assert hand_in(Case.objects.get(pk=case.pk), office, at(31, 16))


def test_the_company_may_complete_its_paper_within_the_window(office, company):
    call = spring()
    last = at(28, 23, 59).replace(second=59)
    case = fill(enter(call, office, now=at(27)), company, now=last)
    hand_in(case, company, last)
    case.refresh_from_db()
    assert received_moment(case) == case.received_at == at(27)


def test_S1_after_the_window_only_those_who_type_paper_complete_it(office, company):
    over = at(29, 0)
    case = fill(enter(spring(), office), office)
    with pytest.raises(PermissionDenied, match="由計畫辦公室依紙本登打"):
        save_section(case=case, section="plan", cleaned={}, base_version=1, actor=company, now=over)
    with pytest.raises(PermissionDenied, match="由計畫辦公室依紙本登打"):
        hand_in(case, company, over)
    assert permissions.editable_sections(company, case, over) == set()
    assert permissions.editable_sections(office, case, over) == set(case.sections)
    CaseWindowExtension.objects.create(
        case=case, closes_at=at(30), reason="颱風停班", created_at=at(28), created_by=office
    )
    case = Case.objects.get(pk=case.pk)
    assert permissions.can_submit(company, case, at(30))
    assert not permissions.can_submit(company, case, at(30) + timedelta(seconds=1))
    assert hand_in(case, office, at(31, 16))


def test_the_company_reads_its_late_paper_and_is_told_why(office, company):
    case = fill(enter(spring(), office), office)
    client = client_for(company)
    for name, more in (("detail", []), ("section", ["plan"]), ("section", ["documents"]), ("submit", [])):
        answer = client.get(reverse(f"cases:{name}", args=[case.pk, *more]))
        assert answer.status_code == 200
        assert "由計畫辦公室依紙本登打" in answer.content.decode(), name
    lost = client.post(
        reverse("cases:section", args=[case.pk, "plan"]), {"goals": "太晚打的字", "version": "1"}
    )
    assert lost.status_code == 409
    assert "太晚打的字" in lost.content.decode()
    for method in (client.get, client.post):
        assert method(reverse("cases:confirm", args=[case.pk])).url == reverse("cases:submit", args=[case.pk])
    assert client.get(reverse("cases:list")).status_code == 200
    page = client_for(office).get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert reverse("cases:submit", args=[case.pk]) in page, "who types it in is led on"


def test_staff_cannot_type_in_what_was_begun_online(office, company):
    case = factories.make_case()
    content = factories.contents(case.call)[Section.PLAN]
    with pytest.raises(PermissionDenied):
        save_section(
            case=case, section="plan", cleaned=content, base_version=1, actor=office, now=factories.now()
        )
    assert client_for(office).get(reverse("cases:detail", args=[case.pk])).status_code == 404


def test_S2_a_draft_asks_for_the_postmark_as_its_own_version_of_the_call_does(office):
    call = spring()
    case = enter(call, office)
    data = copy.deepcopy(call.current_terms.data)
    next(r for r in data["rules"] if r["id"] == "S2")["params"]["postmark_channels"] = []
    new_terms_version(call=call, data=data, change_note="郵戳不再計。", actor=None, now=factories.now())
    call.refresh_from_db()
    assert call.terms.of_kind("received_date")[0].params.postmark_channels == ()
    paper = {"channel": "registered_post", "posted_on": None, "arrived_at": at(27), "now": at(31)}
    with pytest.raises(ValidationError, match="郵戳"):
        intake.correct_paper(case=case, actor=office, **paper)
    with pytest.raises(ValidationError, match="郵戳"):
        enter(call, office, **paper)


def test_an_online_draft_with_content_becomes_paper_only_with_the_company_s_word(office, company):
    colleague = personas.make_colleague()
    case = factories.make_case()
    client = client_for(office)
    paper = FORM | {
        "call": case.call_id,
        "ubn": case.organisation.ubn,
        "posted_on": "",
        "channel": "in_person",
    }
    today = factories.now().astimezone(TAIPEI).date() - timedelta(days=1)
    paper |= {"arrived_on": today.isoformat()}
    plan = reverse("cases:section", args=[case.pk, "plan"])
    for missing, words in (
        ({}, "請先與對方確認"),
        ({"agreed_reason": "來電"}, "請先與對方確認"),
        ({"agreed": "on", "agreed_reason": " "}, "請寫明對方改以紙本送件的理由"),
    ):
        answer = client.post(reverse("cases:intake"), paper | missing)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert client.get(plan).status_code == 404
    assert not OutgoingMail.objects.exists()
    agreed = paper | {"agreed": "on", "agreed_reason": "公司來電確認"}
    for _ in range(2):
        assert client.post(reverse("cases:intake"), agreed).url == reverse(
            "cases:intake_case", args=[case.pk]
        )
    assert client.get(plan).status_code == 200
    entry = LogEntry.objects.get(additional_data__event="paper_agreed")
    assert (entry.object_pk, entry.actor) == (str(case.pk), office)
    assert entry.additional_data["reason"] == "公司來電確認"
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {company.email, colleague.email}
    assert OutgoingMail.objects.count() == 2


def test_an_online_draft_without_content_becomes_paper_at_once(office, company):
    case = factories.make_case(valid=False)
    now = factories.now()
    entered = intake.enter_paper(
        call=case.call,
        organisation=case.organisation,
        channel="in_person",
        posted_on=None,
        arrived_at=now,
        actor=office,
        now=now,
    )
    assert entered.pk == case.pk
    assert not OutgoingMail.objects.exists()


def test_nobody_takes_in_paper_of_the_own_company(company):
    call = spring()
    insider = personas.join(personas.make_office(), personas.acme(), "editor")
    with pytest.raises(PermissionDenied, match="利益迴避"):
        enter(call, insider)
    with pytest.raises(PermissionDenied):
        enter(call, company)


def test_the_same_paper_twice_is_one_draft(office):
    call = spring()
    assert enter(call, office).pk == enter(call, office, arrived_at=at(26)).pk
    assert Case.objects.get().arrived_at == at(26)


@pytest.mark.parametrize(
    "paper",
    [
        {"channel": "online"},
        {"channel": "pigeon"},
        {"arrived_at": None},
        {"arrived_at": at(31) + timedelta(days=1)},
        {"channel": "registered_post"},
        {"channel": "registered_post", "posted_on": date(2025, 3, 28), "arrived_at": at(27)},
    ],
)
def test_what_cannot_be_is_refused(paper, office):
    with pytest.raises(ValidationError):
        enter(spring(), office, **paper)
    assert not Case.objects.exists()


FORM = {
    "ubn": "００５０１５０３",
    "company_name": "紙本示範股份有限公司",
    "channel": "registered_post",
    "posted_on": "114/3/28",
    "arrived_on": "114/3/31",
    "arrived_time": "14:30",
}


def test_the_office_enters_paper_of_a_company_that_is_new(office):
    call = spring()
    answer = client_for(office).post(reverse("cases:intake"), FORM | {"call": call.pk})
    case = Case.objects.get()
    assert answer.url == reverse("cases:intake_case", args=[case.pk])
    assert case.organisation.ubn == "00501503"
    assert case.organisation.name == "紙本示範股份有限公司"
    page = client_for(office).get(answer.url).content.decode()
    assert "114/3/28" in page
    assert "期限內" in page
    assert "紙本示範股份有限公司" in client_for(office).get(reverse("cases:intake")).content.decode()


def test_a_number_that_fails_the_checksum_needs_a_reason(office):
    call = spring()
    client = client_for(office)
    wrong = FORM | {"call": call.pk, "ubn": "12345678"}
    answer = client.post(reverse("cases:intake"), wrong)
    assert answer.status_code == 422
    assert "檢查碼不符" in answer.content.decode()
    assert not Organisation.objects.exists()
    client.post(reverse("cases:intake"), wrong | {"ubn_override_reason": "商工登記公示資料可查"})
    assert Organisation.objects.get().ubn_override_reason == "商工登記公示資料可查"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ubn", "abc"),
        ("posted_on", ""),
        ("posted_on", "114/2/30"),
        ("arrived_on", "明天"),
        ("arrived_on", "199/1/1"),
        ("arrived_time", "25:00"),
        ("arrived_time", "\x00"),
        ("channel", "pigeon"),
        ("company_name", ""),
        ("company_name", "字" * 121),
        ("call", "999999"),
        ("call", "x"),
    ],
)
def test_bad_input_is_told_at_the_field_and_leaves_nothing(field, value, office):
    call = spring()
    answer = client_for(office).post(reverse("cases:intake"), FORM | {"call": call.pk, field: value})
    assert answer.status_code == 422
    assert "錯誤：" in answer.content.decode()
    assert not Case.objects.exists()
    assert not Organisation.objects.exists()


def test_intake_is_for_those_who_take_in_paper(company, auditor, supervisor):
    case = enter(spring(), personas.make_office())
    for user in (company, auditor, supervisor):
        assert client_for(user).get(reverse("cases:intake")).status_code == 403
        assert client_for(user).get(reverse("cases:extend_case")).status_code == 403
        assert client_for(user).get(reverse("cases:intake_case", args=[case.pk])).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_paper_costs_the_same_and_knows_a_longer_window(
    office, count, django_assert_max_num_queries
):
    call = spring()
    ubns = ("04595257", "22099131", "00501503")[:count]
    for number, ubn in enumerate(ubns):
        late = intake.enter_paper(
            call=call,
            organisation=personas.make_organisation(ubn, f"第{number}示範股份有限公司"),
            channel="in_person",
            posted_on=None,
            arrived_at=at(31),
            actor=office,
            now=at(31),
        )
    CaseWindowExtension.objects.create(
        case=late, closes_at=at(31, 23), reason="颱風停班", created_at=at(31), created_by=office
    )
    client = client_for(office)
    with django_assert_max_num_queries(12):
        rows = client.get(reverse("cases:intake")).context["rows"]
    assert [row["case"].pk for row in rows if row["in_time"]] == [late.pk]


def test_one_company_gets_more_time_without_its_draft_being_seen(office, company):
    case = factories.make_case()
    ends = case.closes_at() + timedelta(days=2)
    client = client_for(office)
    data = {
        "call": case.call_id,
        "ubn": "04595257",
        "closes_on": ends.date().isoformat(),
        "closes_time": "17:00",
        "reason": "當日系統維護",
    }
    answer = client.post(reverse("cases:extend_case"), data)
    assert answer.status_code == 302
    extension = CaseWindowExtension.objects.get()
    assert f"{extension.closes_at.astimezone(TAIPEI):%H:%M:%S}" == "17:00:59"
    public = client_for(None).get(reverse("calls:detail", args=["ipas-114"])).content.decode()
    assert "當日系統維護" in public
    assert "範例精密" not in public
    assert client.post(reverse("cases:extend_case"), data).status_code == 422  # not later than now
    assert client.post(reverse("cases:extend_case"), data | {"ubn": "22099131"}).status_code == 422
