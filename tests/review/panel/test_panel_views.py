"""The pages: gates, autosave, roles, lists and their queries, what people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents import access
from review.models import Assignment, Panel, PanelMember, ReviewerProfile, SignOff
from review.services import chair, panels
from tests import factories, personas
from tests.review.panel.conftest import Stage, expert


def url(name: str, *args) -> str:
    return reverse(f"review:{name}", args=args)


def sheet_data(**changes: str) -> dict[str, str]:
    data = {f"score-R{n}": "75" for n in range(1, 5)}
    data |= {"amount-personnel": "100,000", "amount-operations": "50000", "amount-equipment": "0"}
    data |= {
        "recommends": "yes",
        "comment_for_applicant": "請補強實作場域。",
        "comment_for_panel": "",
        "version": "0",
    }
    return data | changes


@pytest.fixture
def assigned(stage: Stage) -> Stage:
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.start()
    stage.assign_all(seat)
    return stage


def test_before_the_declaration_only_company_title_and_call_are_shown(assigned: Stage):
    client, row = personas.client_for(assigned.one), assigned.assignment(assigned.one)
    case = assigned.case()
    for name in ("sheet", "submit", "recuse", "sign_off"):
        response = client.get(url(name, row.pk))
        assert response.status_code in (302, 403), name
        text = response.content.decode()
        assert "400,000" not in text
    for name in ("home", "declare"):
        text = client.get(url(name, *([row.pk] if name == "declare" else []))).content.decode()
        assert case.company.name in text
        for secret in (
            case.company.contact_phone,
            case.company.address,
            "學生01",
            "400,000",
            "200,000",
            "智慧生產導論",
        ):
            assert secret not in text
    book = row.panel_case.book
    assert not access.may_read(assigned.one, book)
    assert client.post(url("autosave", row.pk), sheet_data()).status_code == 409
    client.post(url("declare", row.pk), {"has_conflict": "no", "signed_name": "吳委員"})
    assert client.get(url("sheet", row.pk)).status_code == 200
    assert access.may_read(assigned.one, book)


def test_the_search_leads_an_expert_to_the_sheet_by_way_of_the_declaration(assigned: Stage):
    client, row = personas.client_for(assigned.one), assigned.assignment(assigned.one)
    found = client.get(reverse("search"), {"q": assigned.case().number}, follow=True)
    assert found.redirect_chain == [(url("sheet", row.pk), 302), (url("declare", row.pk), 302)]
    listed = client.get(reverse("search"), {"q": assigned.case().organisation.ubn}).content.decode()
    assert url("sheet", row.pk) in listed


def test_the_search_finds_no_case_of_a_panel_that_has_not_started(stage: Stage):
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.assign_all(seat)
    client, address = personas.client_for(stage.one), reverse("search")
    assert seat.case.company.name not in client.get(address, {"q": "IPAS"}).content.decode()
    assert client.get(address, {"q": seat.case.number}).status_code == 200
    stage.start()
    assert client.get(address, {"q": seat.case.number}).status_code == 302


def test_a_wrong_signature_stands_at_the_form(assigned: Stage):
    client, row = personas.client_for(assigned.one), assigned.assignment(assigned.one)
    response = client.post(url("declare", row.pk), {"has_conflict": "no", "signed_name": "某人"})
    assert response.status_code == 422
    assert "請輸入您自己的姓名" in response.content.decode()
    response = client.post(url("declare", row.pk), {"has_conflict": "yes", "signed_name": "吳委員"})
    assert "請簡單說明是什麼關係" in response.content.decode()


def test_the_recused_see_nothing_any_more(assigned: Stage):
    client, row = personas.client_for(assigned.one), assigned.assignment(assigned.one)
    client.post(
        url("declare", row.pk), {"has_conflict": "yes", "explanation": "顧問", "signed_name": "吳委員"}
    )
    assert client.get(url("sheet", row.pk)).status_code == 302
    assert not access.may_read(assigned.one, row.panel_case.book)


def test_nothing_is_visible_before_the_panel_starts(stage: Stage):
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.assign_all(seat)
    client = personas.client_for(stage.one)
    assert client.get(url("declare", stage.assignment(stage.one).pk)).status_code == 404
    assert seat.case.number not in client.get(url("home")).content.decode()


def test_a_sheet_from_empty_to_submitted_without_javascript(scoring: Stage):
    client, row = personas.client_for(scoring.one), scoring.assignment(scoring.one)
    page = client.get(url("sheet", row.pk)).content.decode()
    assert "學生占培訓人數超過 30%" in page
    response = client.post(
        url("sheet", row.pk), sheet_data(then="submit", **{"comment-R2": "時數表再細分。"})
    )
    assert response["Location"] == url("submit", row.pk)
    page = client.get(url("submit", row.pk)).content.decode()
    assert "確定送出評分表" in page
    assert "時數表再細分。" in page, "what goes out under one's name is looked at before it goes"
    for _ in range(2):
        assert client.post(url("submit", row.pk), {"version": "1"}).status_code == 302
    assert scoring.assignment(scoring.one).state == "submitted"
    page = client.get(url("sheet", row.pk)).content.decode()
    assert "已送出" in page
    assert "<textarea" not in page


def test_wrong_values_stay_in_the_form_with_their_words(scoring: Stage):
    client, row = personas.client_for(scoring.one), scoring.assignment(scoring.one)
    response = client.post(
        url("sheet", row.pk), sheet_data(**{"score-R1": "100.1", "amount-personnel": "9999999"})
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "<title>錯誤：" in text
    assert 'value="100.1"' in text
    assert "分數最高 100 分" in text
    assert "超過申請的 200,000 元" in text
    again = client.get(url("sheet", row.pk)).content.decode()
    assert 'value="100.1"' in again
    assert scoring.assignment(scoring.one).sheet.scores.get(criterion="R2").score == 75
    check = client.get(url("submit", row.pk)).content.decode()
    assert "評分表還沒有完成" in check


def test_autosave_speaks_the_protocol(scoring: Stage):
    client, row = personas.client_for(scoring.one), scoring.assignment(scoring.one)
    headers = {"X-Autosave": "1", "X-Autosave-Tab": "aaa"}
    first = client.post(url("autosave", row.pk), sheet_data(), headers=headers)
    assert first.status_code == 200
    assert first.json()["version"] == 1
    assert "75.00" in first.json()["fragments"]["#sheet-total"]
    kept = client.post(
        url("autosave", row.pk), sheet_data(**{"score-R1": "-3", "version": "1"}), headers=headers
    )
    assert kept.status_code == 422
    assert kept.json()["version"] == 2
    assert "負數" in kept.json()["fragments"]["#error-score-R1"]
    other = client.post(
        url("autosave", row.pk),
        sheet_data(**{"score-R1": "60", "version": "1"}),
        headers=headers | {"X-Autosave-Tab": "bbb"},
    )
    assert other.status_code == 409
    assert 'data-version="2"' in other.json()["fragments"]["#conflict"]
    own = client.post(
        url("autosave", row.pk), sheet_data(**{"score-R1": "60", "version": "1"}), headers=headers
    )
    assert own.status_code == 200


def test_autosave_after_the_submission_says_why_not(scoring: Stage):
    row = scoring.submit(scoring.one)
    response = personas.client_for(scoring.one).post(url("autosave", row.pk), sheet_data(version="1"))
    assert response.status_code == 409
    assert "已經送出" in response.json()["fragments"]["#conflict"]


def test_a_stale_page_without_javascript_keeps_what_was_typed(scoring: Stage):
    client, row = personas.client_for(scoring.one), scoring.assignment(scoring.one)
    client.post(url("sheet", row.pk), sheet_data())
    response = client.post(url("sheet", row.pk), sheet_data(**{"score-R1": "66", "version": "0"}))
    text = response.content.decode()
    assert response.status_code == 409
    assert 'value="66"' in text
    assert 'name="version" value="1"' in text


NASTY = ["\x00", "<script>alert(1)</script>", "🙂" * 50, "９９．９", "x" * 200_000, "-1", "1e9", " "]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_breaks_the_sheet(scoring: Stage, text: str):
    client, row = personas.client_for(scoring.one), scoring.assignment(scoring.one)
    data = dict.fromkeys(sheet_data(), text) | {"version": text}
    for name in ("sheet", "autosave"):
        response = client.post(url(name, row.pk), data)
        assert response.status_code in (200, 302, 409, 422)
        assert "<script>alert" not in response.content.decode()
    assert client.get(url("sheet", row.pk)).status_code == 200


@pytest.mark.parametrize(
    "who", ["two", "chair", "office", "company", "supervisor", "auditor", "administrator"]
)
def test_anothers_sheet_is_not_found_or_not_allowed(scoring: Stage, who: str):
    own = {"two": scoring.two, "chair": scoring.chair, "office": scoring.office}
    client = personas.client_for(own.get(who) or personas.EVERYBODY[who]())
    row = scoring.assignment(scoring.one)
    for name in ("sheet", "declare", "submit", "recuse", "sign_off"):
        assert client.get(url(name, row.pk)).status_code in (403, 404), name
        assert client.post(url(name, row.pk), sheet_data()).status_code in (403, 404), name
    assert client.post(url("autosave", row.pk), sheet_data()).status_code in (403, 404)


OFFICE_PAGES = ("panels", "panel_new", "pool", "reviewer_new")


@pytest.mark.parametrize(
    "who", ["reviewer", "chair", "company", "supervisor", "auditor", "administrator", "newcomer"]
)
def test_the_offices_pages_are_the_offices(stage: Stage, who: str):
    client = personas.client_for(personas.EVERYBODY[who]())
    for name in OFFICE_PAGES:
        assert client.get(url(name)).status_code == 403
    assert client.get(url("panel", stage.panel.pk)).status_code == 403
    assert client.post(url("panel_start", stage.panel.pk)).status_code == 403


def test_another_panels_chair_finds_nothing(scoring: Stage):
    other = personas.make_user("chair2@example.test", "另一召集", roles=("chair",))
    client = personas.client_for(other)
    assert client.get(url("chair", scoring.panel.pk)).status_code == 404
    assert client.get(url("chair_case", scoring.seat().pk)).status_code == 404
    assert client.get(url("collect", scoring.seat().pk)).status_code == 404


def test_staff_of_the_applicant_find_no_seat(scoring: Stage):
    insider = personas.join(scoring.office, personas.acme(), "viewer")
    client = personas.client_for(insider)
    assert client.get(url("seat", scoring.seat().pk)).status_code == 404
    assert client.get(url("chair_case", scoring.seat().pk)).status_code == 404


def test_an_expert_s_skills_are_words_in_a_call_that_does_not_list_them(stage):
    other = factories.make_call(slug="other", job_roles=[{"key": "welding", "label": "銲接", "group": "own"}])
    panel = panels.create_panel(call=other, name="另一組", due_on=None, actor=stage.office, now=stage.now)
    client = personas.client_for(stage.office)
    label = stage.call.terms.label("job_roles", "smart_production")
    for page in ("panel_invite", "panel"):
        panels.invite(panel=panel, reviewers=stage.profiles[:1], actor=stage.office, now=stage.now)
        words = client.get(url(page, panel.pk)).content.decode()
        assert label in words
        assert "smart_production" not in words


def test_the_office_forms_a_panel_by_its_pages(stage: Stage):
    client = personas.client_for(stage.office)
    for word in ("請選擇", "委員庫"):
        assert (
            word
            in client.get(url("reviewer_new")).content.decode() + client.get(url("pool")).content.decode()
        )
    data = {
        "name": "柯專家", "email": "ko@school.test", "gender": "male", "organisation_name": "丙大學", "capacity": "5",
        "skills": ["iot"], "ties-TOTAL_FORMS": "2", "ties-INITIAL_FORMS": "0", "ties-0-organisation_name": "某公司",
    }  # fmt: skip
    assert client.post(url("reviewer_new"), data).status_code == 302
    assert client.post(url("reviewer_new"), data).status_code == 422
    made = ReviewerProfile.objects.get(user__email="ko@school.test")
    assert made.ties.get().organisation_name == "某公司"
    assert client.get(url("reviewer", made.pk)).status_code == 200
    assert client.post(url("reviewer_active", made.pk), {"reason": "退休", "wanted": "no"}).status_code == 302
    assert not ReviewerProfile.objects.get(pk=made.pk).active
    response = client.post(
        url("panel_new"), {"call": stage.call.slug, "name": "第九組", "due_on": "114/4/11"}
    )
    assert response.status_code == 302
    panel = Panel.objects.get(name="第九組")
    assert panel.due_on.isoformat() == "2025-04-11"
    assert client.get(url("panel_invite", panel.pk)).status_code == 200
    client.post(url("panel_invite", panel.pk), {"reviewer": [str(stage.profiles[1].pk), "999999"]})
    member = PanelMember.objects.get(panel=panel)
    guest = personas.client_for(stage.one)
    assert "回覆邀請" in guest.get(url("home")).content.decode()
    assert guest.post(url("invitation", member.pk), {"answer": "accept", "note": ""}).status_code == 302
    assert client.post(url("member_chair", member.pk)).status_code == 302
    assert PanelMember.objects.get(pk=member.pk).is_chair
    assert "請先改選召集人" in client.post(url("member_remove", member.pk), follow=True).content.decode()


def test_the_plan_by_its_page(stage: Stage):
    from review.selectors.assignments import plan

    stage.seat_everybody()
    stage.add_cases()
    client = personas.client_for(stage.office)
    page = client.get(url("panel_assign", stage.panel.pk)).content.decode()
    assert "專長相符" in page
    digest = plan(stage.panel).digest
    for _ in range(2):
        assert client.post(url("panel_assign", stage.panel.pk), {"digest": digest}).status_code == 302
    assert Assignment.objects.count() == 3


def test_the_chair_by_the_pages(collected: Stage):
    client, seat = personas.client_for(collected.chair), collected.seat()
    assert "78.76" in client.get(url("chair", collected.panel.pk)).content.decode()
    assert client.post(url("collect", seat.pk), {"reason": ""}).status_code == 302
    for user in (collected.one, collected.two, collected.chair):
        sign = url("sign_off", collected.assignment(user).pk)
        answer = personas.client_for(user).post(sign, {"seen": chair.result_key(seat)})
        assert answer.url == url("home")
    for _ in range(2):
        assert client.post(url("close_case", seat.pk)).status_code == 302
    assert collected.case().state == "reviewed"
    assert "結束小組審查" in client.get(url("chair", collected.panel.pk)).content.decode()
    assert client.post(url("close_panel", collected.panel.pk)).status_code == 302
    assert client.post(url("reopen_case", seat.pk), {"reason": "重看"}).status_code == 302
    assert collected.case().state == "in_review"
    row = collected.assignment(collected.one)
    assert client.post(url("reopen_sheet", row.pk), {"reason": ""}).status_code == 422
    assert client.post(url("reopen_sheet", row.pk), {"reason": "再看"}).status_code == 302
    page = personas.client_for(collected.one).get(url("sheet", row.pk)).content.decode()
    assert "召集人請您重新檢視" in page


# ---- lists with one and three rows -------------------------------------------------------------


def _queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(queries)


def _fill_season(stage: Stage) -> None:
    """Three members, one case with all sheets in; then two more of everything."""
    for user in (stage.one, stage.two, stage.chair):
        stage.submit(user, scores=dict.fromkeys(("R1", "R2", "R3", "R4"), Decimal(80)))


def test_every_list_takes_the_same_queries_for_one_and_three_rows(scoring: Stage):
    _fill_season(scoring)
    seat = scoring.seat()
    one, office, chair = (personas.client_for(u) for u in (scoring.one, scoring.office, scoring.chair))
    pages = [
        (office, url("panels")),
        (office, url("pool")),
        (office, url("panel", scoring.panel.pk)),
        (office, url("panel_invite", scoring.panel.pk)),
        (office, url("panel_cases", scoring.panel.pk)),
        (office, url("panel_assign", scoring.panel.pk)),
        (office, url("seat", seat.pk)),
        (office, url("reviewer", scoring.profiles[1].pk)),
        (one, url("home")),
        (one, url("sheet", scoring.assignment(scoring.one, seat).pk)),
        (chair, url("chair", scoring.panel.pk)),
        (chair, url("chair_case", seat.pk)),
    ]
    before = [_queries(client, address) for client, address in pages]
    for seat_ in scoring.add_cases(2):
        scoring.assign_all(seat_)
        for user in (scoring.one, scoring.two, scoring.chair):
            scoring.declare(user, seat_)
            scoring.submit(user, seat_)
    extra = [expert(n) for n in range(2)]
    panels.invite(panel=scoring.panel, reviewers=extra, actor=scoring.office, now=scoring.now)
    for name in ("第二組", "第三組"):
        panels.create_panel(call=scoring.call, name=name, due_on=None, actor=scoring.office, now=scoring.now)
    after = [_queries(client, address) for client, address in pages]
    seen = {address: (b, a) for (_, address), b, a in zip(pages, before, after, strict=True)}
    assert {k: v for k, v in seen.items() if v[1] > v[0]} == {}
    assert {k: v for k, v in seen.items() if v[1] > 20} == {}


def test_the_scoring_page_of_an_open_sheet_stays_within_the_limit(scoring: Stage):
    scoring.fill(scoring.one)
    assert _queries(personas.client_for(scoring.one), url("sheet", scoring.assignment(scoring.one).pk)) <= 20


def test_empty_pages_say_what_fills_them(stage: Stage):
    stage.panel.delete()
    ReviewerProfile.objects.all().delete()
    client = personas.client_for(stage.office)
    assert "還沒有審查小組" in client.get(url("panels")).content.decode()
    assert "委員庫還沒有人" in client.get(url("pool")).content.decode()
    assert "目前沒有需要您審查的案件" in personas.client_for(stage.one).get(url("home")).content.decode()


def test_the_office_takes_a_case_back_by_its_page(scoring: Stage):
    client, row = personas.client_for(scoring.office), scoring.assignment(scoring.one)
    assert client.post(url("assignment_remove", row.pk), {"reason": ""}).status_code == 422
    assert (
        client.post(url("assignment_remove", row.pk), {"reason": "出國", "reviewer": ""}).status_code == 302
    )
    assert scoring.assignment(scoring.one).state == "removed"
    assert personas.client_for(scoring.one).get(url("sheet", row.pk)).status_code == 404
    for _ in range(2):
        client.post(url("assign", scoring.seat().pk), {"reviewer": str(scoring.profiles[1].pk)})
    assert scoring.assignment(scoring.one).state == "assigned"
    assert client.post(url("assign", scoring.seat().pk), {"reviewer": "x"}).status_code == 404


def test_nobody_signs_a_result_that_was_collected_anew_since_the_page_was_opened(collected: Stage):
    seat, row = collected.seat(), collected.assignment(collected.two)
    client, sign = personas.client_for(collected.two), url("sign_off", row.pk)
    collected.collect(seat)
    old = {"seen": chair.result_key(seat)}
    assert f'name="seen" value="{old["seen"]}"' in client.get(sign).content.decode()
    # Meanwhile one sheet goes back, comes in with other scores, and the result is collected again.
    chair.reopen_sheet(
        assignment=collected.assignment(collected.one), reason="x", actor=collected.chair, now=collected.now
    )
    collected.submit(collected.one)
    collected.collect(collected.seat())
    for stale in (old, {}):
        answer = client.post(sign, stale, follow=True)
        assert "重新收齊了" in answer.content.decode()
    assert not SignOff.objects.exists()
    assert client.post(sign, {"seen": chair.result_key(seat)}).url == url("home")
    assert SignOff.objects.count() == 1


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "\x00", ""])
def test_a_reviewer_key_that_is_none_is_not_found(assigned: Stage, number: str):
    client = personas.client_for(assigned.office)
    assert client.post(url("assign", assigned.seat().pk), {"reviewer": number}).status_code == 404


def test_what_waits_comes_first_on_the_reviewers_home(stage: Stage):
    stage.seat_everybody()
    first, second = stage.add_cases(2)
    stage.start()
    for seat in (first, second):
        stage.assign_all(seat)
        stage.declare(stage.one, seat)
    stage.submit(stage.one, first)
    text = personas.client_for(stage.one).get(url("home")).content.decode()
    waiting, done = text.split("已處理（1 件）")
    assert "等您處理（1 件）" in waiting
    assert f"下一件：{second.case.number}（評分）" in waiting
    assert f'<span class="case-title">{second.case.number}' in waiting
    assert f'<span class="case-title">{first.case.number}' not in waiting
    assert f'<span class="case-title">{first.case.number}' in done


def test_the_chair_is_told_which_cases_wait_and_goes_from_one_to_the_next(stage: Stage):
    stage.seat_everybody()
    seats = stage.add_cases(3)
    stage.start()
    everybody = (stage.chair, stage.one, stage.two)
    for seat in seats:
        stage.assign_all(seat)
        for user in everybody:
            stage.declare(user, seat)
    client = personas.client_for(stage.chair)
    assert "請再請委員確認結果" not in client.get(url("home")).content.decode()
    for seat in seats[:2]:
        for user in everybody:
            stage.submit(user, seat)
    text = client.get(url("home")).content.decode()
    assert text.count("再請委員確認結果") == 2, "the third is still being scored"
    page = client.get(url("chair_case", seats[0].pk)).content.decode()
    assert f"下一件 {seats[1].case.number}（評分已收齊）" in page
    stage.collect(seats[0])
    for user in everybody:
        stage.sign(user, seats[0])
    text = client.get(url("home")).content.decode()
    assert "委員都已確認" in text
    assert text.count("再請委員確認結果") == 1
    assert "再請委員確認結果" not in personas.client_for(stage.one).get(url("home")).content.decode()


def test_a_case_that_the_chair_keeps_away_from_does_not_wait_for_the_chair(stage: Stage):
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.start()
    stage.assign_all(seat)
    stage.declare(stage.chair, conflict=True)
    for user in (stage.one, stage.two):
        stage.declare(user)
        stage.submit(user)
    assert "評分已收齊" not in personas.client_for(stage.chair).get(url("home")).content.decode()


def test_the_chairs_home_takes_no_more_queries_with_more_cases(stage: Stage):
    stage.seat_everybody()
    seats = stage.add_cases(3)
    stage.start()
    client, counts = personas.client_for(stage.chair), []
    for seat in seats:
        stage.assign_all(seat)
        for user in (stage.chair, stage.one, stage.two):
            stage.declare(user, seat)
            stage.submit(user, seat)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(url("home"))
        counts.append(len(seen))
    assert counts[0] == counts[-1] <= 20
