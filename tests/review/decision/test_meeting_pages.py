"""The pages of the decision meeting: who sees what, saving while two people type, and the way to the letters."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import CaseOutcome
from documents.models import OfficialDocument
from documents.services import load_letter_templates
from review.models import DecisionMeeting
from review.services import confirmation, scenarios
from tests import personas
from tests.factories import make_call, now
from tests.personas import client_for
from tests.review.decision.builders import keep_record, open_with, reviewed_cases
from tests.review.decision.test_confirmation import adopt, adopted, confirm

pytestmark = pytest.mark.django_db
STRANGERS = ("company", "reviewer", "chair", "auditor", "administrator", "newcomer")


def office():
    return client_for(personas.make_office())


def page(client, name, *args, status=200, **query):
    response = client.get(reverse(f"meetings:{name}", args=args), query)
    assert response.status_code == status
    return response.content.decode()


def autosave(client, scenario, version, **fields):
    return client.post(
        reverse("meetings:scenario", args=[scenario.meeting_id, scenario.pk]),
        {"version": version} | fields,
        headers={"X-Autosave": "1"},
    )


def cell(scenario, number, account="equipment"):
    return scenario.allocations.get(case__number=number, account=account)


@pytest.mark.parametrize("who", STRANGERS)
def test_only_office_and_supervisor_see_meetings(who):
    meeting = open_with([90])
    client = client_for(personas.EVERYBODY[who]())
    page(client, "list", status=403)
    page(client, "detail", meeting.pk, status=403)
    page(client, "scenario", meeting.pk, meeting.scenarios.get().pk, status=403)
    page(client, "letters", meeting.pk, "approval", status=403)


def test_the_supervisor_reads_and_changes_nothing():
    meeting = keep_record(open_with([90]))
    scenario = meeting.scenarios.get()
    client = client_for(personas.make_supervisor())
    assert "data-board" not in page(client, "scenario", meeting.pk, scenario.pk)
    for name, args in (
        ("refresh", [meeting.pk]),
        ("recompute", [meeting.pk, scenario.pk]),
        ("scenario_delete", [meeting.pk, scenario.pk]),
        ("adopt", [meeting.pk, scenario.pk]),
        ("scenario", [meeting.pk, scenario.pk]),
        ("record", [meeting.pk]),
        ("scenario_add", [meeting.pk]),
        ("open", []),
    ):
        assert client.post(reverse(f"meetings:{name}", args=args)).status_code == 403, name


def test_a_meeting_is_opened_and_a_replay_finds_it():
    call = make_call()
    reviewed_cases([90, 80])
    client = office()
    assert "待決審 2 案" in page(client, "open")
    data = {"call": call.pk, "name": "第 1 次決審會議"}
    first = client.post(reverse("meetings:open"), data)
    again = client.post(reverse("meetings:open"), data)
    assert first.url == again.url == reverse("meetings:detail", args=[DecisionMeeting.objects.get().pk])
    assert "第 1 次決審會議" in page(client, "list")


def test_the_list_filters():
    open_with([90])
    client = office()
    assert "第 1 次決審會議" not in page(client, "list", state="confirmed")
    assert "第 1 次決審會議" in page(client, "list", q="第 1", call="ipas-114", state="preparing")


def test_the_ranking_shows_its_reasons():
    html = page(office(), "detail", open_with([80, 80, 60]).pk)
    assert "同為 80.00 分，依『送件時間較早』排序在前" in html
    assert "未達及格分數" in html
    assert "專家" not in html


def test_another_meetings_scenario_is_not_found():
    meeting = open_with([90])
    other = open_with([90], name="第二場", first=30)
    page(office(), "scenario", meeting.pk, other.scenarios.get().pk, status=404)
    page(office(), "adopt", meeting.pk, other.scenarios.get().pk, status=404)


def test_typing_saves_and_answers_with_the_envelope_and_broken_rules():
    scenario = open_with([90, 85], call=make_call(envelope=1_000_000)).scenarios.get()
    target = cell(scenario, "IPAS-114-0002")
    answer = autosave(
        office(), scenario, 1, **{f"a{target.pk}": "１００,000", f"wa{target.pk}": str(target.amount)}
    )
    data = answer.json()
    assert (answer.status_code, data["status"], data["version"]) == (200, "saved", 2)
    assert "補助合計 1,088,889 元，超過可用經費 1,000,000 元" in data["fragments"]["#board-findings"]
    assert "超過 88,889" in data["fragments"]["#board-summary"]
    target.refresh_from_db()
    assert target.amount == 100_000


def test_a_broken_rule_stands_at_its_row():
    scenario = open_with([90]).scenarios.get()
    target = cell(scenario, "IPAS-114-0001")
    data = autosave(office(), scenario, 1, **{f"a{target.pk}": "100001"}).json()
    assert data["broken"] == ["IPAS-114-0001"]
    assert "高於申請的 100,000 元" in data["rows"]["IPAS-114-0001"][0]
    assert "高於申請的 100,000 元" in page(office(), "scenario", scenario.meeting_id, scenario.pk)


@pytest.mark.parametrize("typed", ["abc", "-5", "1.5", "1,00", "9" * 30, "<b>", "\x00", "①"])
def test_what_is_no_amount_is_named_and_the_rest_is_saved(typed):
    scenario = open_with([90]).scenarios.get()
    bad, good = cell(scenario, "IPAS-114-0001"), cell(scenario, "IPAS-114-0001", "personnel")
    answer = autosave(office(), scenario, 1, **{f"a{bad.pk}": typed, f"a{good.pk}": "7"})
    assert (answer.status_code, answer.json()["status"]) == (422, "kept")
    assert list(answer.json()["cell_errors"]) == [f"a{bad.pk}"]
    good.refresh_from_db()
    assert good.amount == 7


def test_two_people_in_one_cell_get_a_calm_conflict_with_both_values():
    scenario = open_with([90]).scenarios.get()
    target = cell(scenario, "IPAS-114-0001")
    field, seen = f"a{target.pk}", {f"wa{target.pk}": "100000"}
    autosave(office(), scenario, 1, **{field: "80000"} | seen)
    answer = autosave(office(), scenario, 1, **{field: "70000"} | seen)
    data = answer.json()
    assert (answer.status_code, data["status"], data["theirs"]) == (409, "conflict", {field: 80_000})
    html = data["fragments"]["#conflict"]
    assert "70,000" in html
    assert "80,000" in html
    assert "周承辦" in html
    resolved = autosave(office(), scenario, data["version"], **{field: "70000", f"wa{target.pk}": "80000"})
    assert resolved.status_code == 200


def test_two_people_in_different_cells_both_save():
    scenario = open_with([90]).scenarios.get()
    one, two = cell(scenario, "IPAS-114-0001"), cell(scenario, "IPAS-114-0001", "personnel")
    autosave(office(), scenario, 1, **{f"a{one.pk}": "80000", f"wa{one.pk}": "100000"})
    data = autosave(office(), scenario, 1, **{f"a{two.pk}": "1", f"wa{two.pk}": "500000"}).json()
    assert (data["status"], data["others"][f"a{one.pk}"]) == ("saved", 80_000)


def test_the_whole_table_saves_without_javascript_and_keeps_what_clashes():
    scenario = open_with([90]).scenarios.get()
    client, url = office(), reverse("meetings:scenario", args=[scenario.meeting_id, scenario.pk])
    fields = {f"a{a.pk}": str(a.amount) for a in scenario.allocations.all()}
    target = f"a{cell(scenario, 'IPAS-114-0001').pk}"
    assert client.post(url, fields | {target: "60000", "version": 1}).status_code == 302
    stale = client.post(url, fields | {target: "50000", "version": 1})
    assert stale.status_code == 409
    html = stale.content.decode()
    assert "50,000" in html
    assert "60,000" in html
    assert client.post(url, fields | {target: "50000", "version": 2}).status_code == 302
    wrong = client.post(url, fields | {target: "x", "version": 3})
    assert wrong.status_code == 422
    assert 'value="x"' in wrong.content.decode()


def test_after_adoption_a_late_save_is_told_so():
    meeting = adopted()
    scenario = meeting.adopted
    target = cell(scenario, "IPAS-114-0001")
    answer = autosave(office(), scenario, scenario.version, **{f"a{target.pk}": "1"})
    assert answer.status_code == 409
    assert "會議已採用方案" in answer.json()["fragments"]["#conflict"]


def test_settings_recompute_and_a_stale_one_says_so():
    scenario = open_with([90, 85]).scenarios.get()
    url = reverse("meetings:recompute", args=[scenario.meeting_id, scenario.pk])
    data = {
        "name": "刪一成",
        "method": "proportional",
        "base": "median",
        "last_case": "nothing",
        "cut_percent": "１０%",
    }
    client = office()
    assert client.post(url, data | {"version": 1}).status_code == 302
    scenario.refresh_from_db()
    assert (scenario.name, scenario.method, scenario.cut_percent, scenario.version) == (
        "刪一成",
        "proportional",
        10,
        2,
    )
    stale = client.post(url, data | {"version": 1}, follow=True)
    assert "剛才有別人改過" in stale.content.decode()
    for cut in ("101", "-1", "abc", "1.234"):
        assert client.post(url, data | {"version": 2, "cut_percent": cut}).status_code == 422, cut


def test_scenarios_are_added_copied_compared_and_deleted():
    meeting = open_with([90, 85], call=make_call(envelope=1_000_000))
    client = office()
    url = reverse("meetings:scenario_add", args=[meeting.pk])
    data = {
        "name": "刪減一半",
        "method": "in_rank_order",
        "base": "mean",
        "last_case": "remainder",
        "cut_percent": "50",
    }
    made = client.post(url, data)
    assert client.post(url, data).url == made.url
    copy = client.post(url, {**data, "name": "副本", "copy_of": meeting.scenarios.first().pk})
    assert copy.status_code == 302
    html = page(
        client, "compare", meeting.pk, a=meeting.scenarios.all()[0].pk, b=meeting.scenarios.all()[1].pk
    )
    assert "落選" in html
    assert "減少 500,000 元" in html
    assert "完全相同" in page(
        client,
        "compare",
        meeting.pk,
        a=meeting.scenarios.all()[0].pk,
        b=meeting.scenarios.all()[2].pk,
        only="1",
    )
    gone = reverse("meetings:scenario_delete", args=[meeting.pk, meeting.scenarios.last().pk])
    assert client.post(gone).status_code == client.post(gone).status_code == 302
    assert meeting.scenarios.count() == 2


def record(version=0, **changes):
    return {
        "version": version,
        "held_on": "115/1/20",
        "held_time": "１４：００",
        "place": "第一會議室",
        "chaired_by": "方召集人",
        "recorded_by": "周承辦",
        "minutes_text": "討論如上。",
        "people-TOTAL_FORMS": "3",
        "people-INITIAL_FORMS": "0",
        "people-MIN_NUM_FORMS": "3",
        "people-MAX_NUM_FORMS": "60",
        "people-0-name": "方召集人",
        "people-0-title": "教授",
        "people-0-present": "on",
        "people-1-name": "",
        "people-1-title": "",
        "people-2-name": "葉委員",
    } | changes


def test_the_record_autosaves_and_two_people_see_each_other():
    meeting = open_with([90])
    client, url = office(), reverse("meetings:record", args=[meeting.pk])
    answer = client.post(url, record(), headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    meeting.refresh_from_db()
    assert f"{meeting.held_time:%H:%M}" == "14:00"
    assert [(a.name, a.present) for a in meeting.attendance.all()] == [("方召集人", True), ("葉委員", False)]
    stale = client.post(url, record(place="別處"), headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    assert "第一會議室" in stale.json()["fragments"]["#conflict"]
    assert client.post(url, record(place="別處")).status_code == 409
    assert client.post(url, record(1, place="別處")).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("held_on", "115/13/1"),
        ("held_time", "25:00"),
        ("held_time", "下午"),
        ("place", "長" * 121),
        ("minutes_text", "字" * 10_001),
    ],
)
def test_a_wrong_record_is_named_at_the_field(field, value):
    meeting = open_with([90])
    url = reverse("meetings:record", args=[meeting.pk])
    assert office().post(url, record(**{field: value})).status_code == 422
    answer = office().post(url, record(**{field: value}), headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.json()["status"]) == (422, "kept")


def test_adopting_confirming_and_issuing_by_the_pages(django_capture_on_commit_callbacks):
    load_letter_templates(now=now())
    meeting = keep_record(open_with([90, 85, 60], call=make_call(envelope=1_000_000)))
    scenario = meeting.scenarios.get()
    staff, boss = office(), client_for(personas.make_supervisor())
    url = reverse("meetings:adopt", args=[meeting.pk, scenario.pk])
    assert "採用並送核定" in page(staff, "adopt", meeting.pk, scenario.pk)
    assert staff.post(url, {"version": 0}).status_code == 422
    assert staff.post(url, {"version": 1}).status_code == 302
    assert staff.post(url, {"version": 1}).status_code == 302
    confirm_url = reverse("meetings:confirm", args=[meeting.pk])
    assert staff.post(confirm_url).status_code == 403
    assert "核定並公告" in page(boss, "confirm", meeting.pk)
    meeting.refresh_from_db()
    seen = {"seen": confirmation.decision_key(meeting)}
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(confirm_url, seen).status_code == 302
        assert boss.post(confirm_url, seen).status_code == 302
    assert CaseOutcome.objects.count() == 3
    assert boss.get(confirm_url).status_code == 302
    html = page(staff, "letters", meeting.pk, "approval")
    assert "發出核定補助函" in html
    assert "發出核定補助函" not in page(boss, "letters", meeting.pk, "approval")
    cases = list(CaseOutcome.objects.filter(result="approved").values_list("case", flat=True))
    letters_url = reverse("meetings:letters", args=[meeting.pk, "approval"])
    assert boss.post(letters_url, {"case": cases}).status_code == 403
    first = staff.post(letters_url, {"case": cases})
    assert first.url.startswith("/documents/batches/")
    assert staff.post(letters_url, {"case": cases}).url == first.url
    assert OfficialDocument.objects.filter(kind="approval").count() == 2
    assert staff.post(letters_url, {"case": ["nonsense"]}).status_code == 302
    preview = staff.get(reverse("meetings:letter_preview", args=[meeting.pk, "contract", cases[0]]))
    assert preview["Content-Type"] == "application/pdf"
    assert page(staff, "letters", meeting.pk, "minutes", status=404)


def test_a_refused_adoption_tells_every_reason():
    meeting = open_with([90])
    html = (
        office()
        .post(reverse("meetings:adopt", args=[meeting.pk, meeting.scenarios.get().pk]), {"version": 1})
        .content.decode()
    )
    assert "會議紀錄還沒有填「開會日期」" in html


def test_sending_back_needs_a_reason():
    meeting = adopted()
    boss, url = client_for(personas.make_supervisor()), reverse("meetings:send_back", args=[meeting.pk])
    assert boss.post(url, {"reason": ""}).status_code == 422
    assert boss.post(url, {"reason": "請說明第二案"}).status_code == 302
    assert "請說明第二案" in page(office(), "detail", meeting.pk)
    assert boss.post(url, {"reason": "再一次"}).status_code == 302


def test_letters_wait_for_the_confirmation():
    meeting = adopted()
    url = reverse("meetings:letters", args=[meeting.pk, "approval"])
    assert office().get(url).status_code == 302
    case = meeting.meeting_cases.first().case_id
    assert (
        office().get(reverse("meetings:letter_preview", args=[meeting.pk, "approval", case])).status_code
        == 404
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_with_one_and_three_rows_takes_the_same_queries(count):
    for n in range(count):
        open_with([90], name=f"第 {n} 次", first=n * 10 + 1)
    client = office()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        assert page(client, "list").count('<th scope="row">') == count
    assert len(queries) <= 14


def counted(client, name, *args, **query):
    with CaptureQueriesContext(connection) as queries:
        page(client, name, *args, **query)
    return len(queries)


def test_no_page_of_a_thousand_cases_takes_more_than_twenty_queries():
    meeting = open_with([100 - n % 40 for n in range(1000)], call=make_call(envelope=400_000_000), students=9)
    second = scenarios.add_scenario(meeting=meeting, name="二", actor=personas.make_office(), now=now())
    client = office()
    first = meeting.scenarios.first().pk
    assert counted(client, "list") <= 20
    assert counted(client, "detail", meeting.pk) <= 20
    assert counted(client, "scenario", meeting.pk, first) <= 20
    assert counted(client, "compare", meeting.pk, a=first, b=second.pk) <= 20
    keep_record(meeting)
    assert counted(client, "adopt", meeting.pk, first) <= 20


def test_pages_after_the_decision_take_few_queries():
    load_letter_templates(now=now())
    meeting = confirm(
        adopt(keep_record(open_with([90 - n for n in range(40)], call=make_call(envelope=400_000_000))))
    )
    client = office()
    for kind in ("approval", "rejection", "contract"):
        assert counted(client, "letters", meeting.pk, kind) <= 20
    assert counted(client, "detail", meeting.pk) <= 20
    assert counted(client, "scenario", meeting.pk, meeting.adopted_id) <= 20


def test_refreshing_shows_only_where_something_changed():
    meeting = open_with([90])
    assert "名單要更新才能採用方案" not in page(office(), "detail", meeting.pk)
    reviewed_cases([70], first=40)
    assert "名單要更新才能採用方案" in page(office(), "detail", meeting.pk)
    assert office().post(reverse("meetings:refresh", args=[meeting.pk])).status_code == 302
    assert meeting.meeting_cases.count() == 2
    assert confirmation.record_gaps(meeting)


def test_the_supervisor_confirms_only_what_stood_on_the_page(django_capture_on_commit_callbacks):
    meeting = adopted()
    boss, staff = client_for(personas.make_supervisor()), personas.make_office()
    url = reverse("meetings:confirm", args=[meeting.pk])
    old = {"seen": confirmation.decision_key(meeting)}
    assert old["seen"] in boss.get(url).content.decode()
    # Meanwhile the office takes it back and adopts other amounts.
    meeting = confirmation.reconsider(meeting=meeting, reason="金額有誤", actor=staff, now=now())
    scenario = meeting.scenarios.get()
    row = scenario.allocations.order_by("-amount").first()
    scenarios.save_amounts(
        scenario=scenario,
        amounts={row.pk: row.amount - 1},
        base_version=scenario.version,
        actor=staff,
        now=now(),
    )
    meeting = adopt(DecisionMeeting.objects.get(pk=meeting.pk))
    for stale in (old, {}):
        answer = boss.post(url, stale)
        assert answer.status_code == 422
        assert "重新採用了方案" in answer.content.decode()
    assert not CaseOutcome.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(url, {"seen": confirmation.decision_key(meeting)}).status_code == 302
    assert CaseOutcome.objects.count() == 3


@pytest.mark.parametrize("make", [personas.make_office, personas.make_supervisor])
def test_who_belongs_to_an_applicant_reads_no_score_or_amount_of_the_meeting(make):
    meeting = confirm(adopted())
    case = meeting.meeting_cases.first().case
    person = personas.join(make(), case.organisation, "viewer")
    client = client_for(person)
    scenario = meeting.scenarios.get().pk
    for name, args in (
        ("detail", ()),
        ("scenario", (scenario,)),
        ("compare", ()),
        ("letters", ("approval",)),
        ("letter_preview", ("approval", case.pk)),
    ):
        answer = client.get(reverse(f"meetings:{name}", args=[meeting.pk, *args]))
        assert (answer.status_code, "利益迴避" in answer.content.decode()) == (403, True), name


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "1e3", "\x00", "１"])
def test_a_number_that_is_none_never_breaks_a_page(number):
    meeting = keep_record(open_with([90]))
    scenario = meeting.scenarios.get()
    client = office()
    for name, args, data in (
        ("open", (), {"call": number, "name": "第 1 次\x00會議"}),
        ("record", (meeting.pk,), {"version": number}),
        ("scenario", (meeting.pk, scenario.pk), {"version": number, f"a{number}": "1", f"wa{number}": "1"}),
        ("recompute", (meeting.pk, scenario.pk), {"version": number, "name": "甲"}),
        ("adopt", (meeting.pk, scenario.pk), {"version": number}),
    ):
        answer = client.post(
            reverse(f"meetings:{name}", args=args),
            urlencode(data),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (302, 409, 422), name
    scenario.refresh_from_db()
    assert scenario.version == 1
