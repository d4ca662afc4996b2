"""The office's pages: who may see them, what stands on them, how many queries they take."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from applications.enums import CaseState
from applications.models import Case, SubmissionFile
from core.rocdate import roc
from documents.models import OfficialDocument
from programs.selectors import work_calendar
from review.models import QualificationItem
from review.selectors import qualification as read
from review.services import qualification as service
from tests import factories, personas
from tests.review.qualification.support import answer, ask_for, fresh, handed_in, look, pass_all, say

MAX_QUERIES = 20
HTMX = {"HX-Request": "true"}


def queries(count: Any, client: Client, url: str) -> Any:
    with count(MAX_QUERIES):
        response = client.get(url)
    assert response.status_code == 200, url
    return response


@pytest.fixture
def desk(office: User) -> Client:
    return personas.client_for(office)


def url(name: str, case: Case, *args: Any) -> str:
    return reverse(f"office:{name}", args=[case.pk, *args])


def company_number(number: int) -> Organisation:
    numbers = ("22099131", "04595257", "12345675")
    return personas.make_organisation(numbers[number], f"第{number}家股份有限公司")


# ---- who ----------------------------------------------------------------------------------------

READERS = {"office", "supervisor", "auditor"}


@pytest.mark.parametrize("who", sorted(personas.EVERYBODY))
def test_every_page_for_every_role(case: Case, who: str) -> None:
    client = personas.client_for(personas.EVERYBODY[who]())
    read = 200 if who in READERS else 403
    act = 200 if who == "office" else 403
    assert client.get(reverse("office:home")).status_code == act
    for address in (
        reverse("office:cases"),
        url("case", case),
        url("qualification", case),
        url("file", case, case.submissions.get().files.first().file_id),
    ):
        response = client.get(address)
        response.getvalue()  # read to the end, a file closes itself
        assert response.status_code == read, address
    page = url("document", case)
    assert client.get(page, headers=HTMX).status_code == read
    for name in ("qualify", "request_supplement", "return", "extend_supplement"):
        expected = 302 if who == "office" else 403  # nothing is judged yet: back with words
        assert client.get(url(name, case)).status_code == expected, name
    assert client.get(url("letter_preview", case)).status_code == (404 if who == "office" else 403)
    if who != "office":
        for name in ("qualify", "request_supplement", "return", "take", "expire_supplement"):
            assert client.post(url(name, case)).status_code == 403, name
        assert client.post(url("qualification", case), {"E1-verdict": "pass"}).status_code == 403
        assert client.post(url("judge", case, "E1"), {"E1-verdict": "pass"}).status_code == 403
        assert not QualificationItem.objects.exists()


def test_a_visitor_is_asked_to_log_in(case: Case) -> None:
    response = Client().get(url("case", case))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_a_draft_and_an_unknown_case_are_not_found(desk: Client) -> None:
    draft = factories.make_case()
    for name in ("case", "qualification", "qualify", "letter_preview"):
        assert desk.get(url(name, draft)).status_code == 404, name
    assert desk.get("/office/cases/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_file_of_another_case_is_not_found(case: Case, desk: Client) -> None:
    other = handed_in(organisation=personas.rival())
    foreign = other.submissions.get().files.first().file_id
    assert desk.get(url("file", case, foreign)).status_code == 404
    response = desk.get(url("file", other, foreign) + "?inline=1")
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF")


def test_a_member_of_the_company_may_read_but_not_act(case: Case) -> None:
    member = personas.join(
        personas.make_user("both@example.test", "兼任", roles=("office",)), personas.acme(), "viewer"
    )
    client = personas.client_for(member)
    assert "利益迴避" in client.get(url("qualification", case)).content.decode()
    assert client.post(url("judge", case, "E1"), {"E1-verdict": "pass"}).status_code == 403
    refused = client.post(url("qualification", case), {"E1-verdict": "pass"})
    assert refused.status_code == 403
    assert "利益迴避" in refused.content.decode()


# ---- lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_home_and_list_take_the_same_queries_for_one_and_three(
    desk: Client, office: User, number: int, django_assert_max_num_queries: Any
) -> None:
    made = [handed_in(organisation=company_number(n)) for n in range(number)]
    home = queries(django_assert_max_num_queries, desk, reverse("office:home")).content.decode()
    listed = queries(django_assert_max_num_queries, desk, reverse("office:cases")).content.decode()
    for case in made:
        assert case.number in home
        assert case.number in listed
        assert case.organisation.ubn in listed


def test_pages_of_a_case_stay_within_the_queries(
    case: Case, desk: Client, office: User, django_assert_max_num_queries: Any
) -> None:
    ask_for(case, office, "D6")
    for name in ("case", "qualification"):
        queries(django_assert_max_num_queries, desk, url(name, case))


@pytest.mark.parametrize("files", [True, False])
def test_what_was_handed_in_is_read_without_the_companys_rows(
    case: Case, desk: Client, office: User, django_assert_max_num_queries: Any, files: bool
) -> None:
    ask_for(case, office, "D6")
    answer(case)
    if not files:
        SubmissionFile.objects.filter(submission__case=case).delete()
    found = Case.objects.select_related("terms").get(pk=case.pk)
    with django_assert_max_num_queries(3):
        assert bool(read.handed_in(found).files)
    for name in ("case", "qualification"):
        queries(django_assert_max_num_queries, desk, url(name, case))


def test_views_and_filters_stand_in_the_address(case: Case, desk: Client, office: User) -> None:
    other = handed_in(organisation=personas.rival())
    ask_for(other, office, "D6")

    def numbers(query: str) -> set[str]:
        rows = desk.get(reverse("office:cases") + query).context["rows"]
        return {row["case"].number for row in rows}

    both = {case.number, other.number}
    assert numbers("") == both
    assert numbers("?view=to_check") == {case.number}
    assert numbers("?view=supplementing") == {other.number}
    assert numbers("?view=nonsense") == both
    assert numbers("?state=supplementing") == {other.number}
    assert numbers(f"?q={other.organisation.ubn}") == {other.number}
    assert numbers("?q=對照科技") == {other.number}
    assert numbers("?q=%00%F0%9F%98%80") == set()
    assert numbers(f"?officer={office.pk}") == {other.number}
    assert numbers("?officer=none") == {case.number}
    assert numbers("?officer=abc&state=x&call=y&sort=z&page=9999") == both
    assert numbers("?call=ipas-114") == both


def test_the_order_may_be_turned_round(case: Case, desk: Client) -> None:
    handed_in(organisation=personas.rival())
    page = reverse("office:cases")
    ascending = [r["case"].number for r in desk.get(page + "?sort=number").context["rows"]]
    descending = [r["case"].number for r in desk.get(page + "?sort=-number").context["rows"]]
    assert ascending == sorted(ascending)
    assert descending == ascending[::-1]


def test_empty_lists_say_why(desk: Client) -> None:
    assert "今天沒有待辦" in desk.get(reverse("office:home")).content.decode()
    assert "公司送件之後" in desk.get(reverse("office:cases")).content.decode()
    assert "清除篩選條件" in desk.get(reverse("office:cases") + "?q=x").content.decode()


def test_an_overdue_notice_and_a_failed_letter_have_their_views(
    case: Case, desk: Client, office: User
) -> None:
    from datetime import timedelta

    notice = ask_for(case, office, "D6")
    type(notice).objects.filter(pk=notice.pk).update(
        first_due_on=notice.due_on - timedelta(days=30), due_on=notice.due_on - timedelta(days=30)
    )
    OfficialDocument.objects.filter(pk=notice.notice_id).update(state="failed", error="x")
    for key in ("overdue", "failed"):
        rows = desk.get(reverse("office:cases") + f"?view={key}").context["rows"]
        assert [row["case"].pk for row in rows] == [case.pk], key
    page = desk.get(url("case", case)).content.decode()
    assert "逾期退件" in page
    desk.post(url("expire_supplement", case))
    assert fresh(case).state == CaseState.RETURNED


# ---- the screen ---------------------------------------------------------------------------------


def test_a_verdict_by_htmx_answers_with_item_letter_and_panel(case: Case, desk: Client) -> None:
    values = {"D6-verdict": "supplement", "D6-reason": "缺簽章頁", "D6-version": "0"}
    response = desk.post(url("judge", case, "D6"), values, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "缺簽章頁" in page
    assert 'id="check-summary"' in page
    assert 'id="letter-draft"' in page
    assert page.count("hx-swap-oob") == 2
    assert QualificationItem.objects.get().opens == ["documents.D6"]


def test_a_missing_reason_is_told_and_nothing_is_written(case: Case, desk: Client) -> None:
    page = desk.post(url("judge", case, "D6"), {"D6-verdict": "fail"}, headers=HTMX).content.decode()
    assert "請寫明理由" in page
    assert "is-shown" in page
    assert not QualificationItem.objects.exists()


def test_a_ready_made_reason_is_one_press(case: Case, desk: Client) -> None:
    values = {"E3a-verdict": "supplement", "E3a-reason": "", "E3a-snippet": "0"}
    desk.post(url("judge", case, "E3a"), values, headers=HTMX)
    assert "合併財務報告" in QualificationItem.objects.get().reason


@pytest.mark.parametrize(
    "values",
    [
        {"E1-verdict": "pass", "E1-version": "-1"},
        {"E1-verdict": "pass", "E1-version": "x"},
        {"E1-verdict": "fail", "E1-reason": "字" * 2001},
        {"E1-verdict": "x" * 5000},
        {"E1-verdict": "supplement", "E1-reason": "a", "E1-opens-shown": "1", "E1-opens": "../etc"},
    ],
)
def test_bad_input_gets_words(case: Case, desk: Client, values: dict[str, str]) -> None:
    response = desk.post(url("judge", case, "E1"), values, headers=HTMX)
    assert response.status_code == 200
    assert "field-error" in response.content.decode()
    assert not QualificationItem.objects.exists()


def test_odd_characters_are_kept_as_text(case: Case, desk: Client) -> None:
    reason = "<b>缺</b>頁😀\x00"
    desk.post(url("judge", case, "D6"), {"D6-verdict": "fail", "D6-reason": reason}, headers=HTMX)
    page = desk.get(url("qualification", case)).content.decode()
    assert "&lt;b&gt;缺&lt;/b&gt;頁😀" in page
    assert "<b>缺</b>" not in page


def test_an_unknown_item_is_not_found(case: Case, desk: Client) -> None:
    assert desk.post(url("judge", case, "Z9"), {"Z9-verdict": "pass"}).status_code == 404


def test_a_conflict_shows_the_other_verdict_and_keeps_mine(
    case: Case, desk: Client, second_officer: User
) -> None:
    say(case, second_officer, "D6", "fail", "不是這家公司的報告")
    values = {"D6-verdict": "supplement", "D6-reason": "我寫的理由", "D6-version": "0"}
    page = desk.post(url("judge", case, "D6"), values, headers=HTMX).content.decode()
    for words in ("吳承辦", "不是這家公司的報告", "我寫的理由", "改成我的判定"):
        assert words in page
    assert QualificationItem.objects.get().verdict == "fail"
    version = str(look(case).item("D6").version)
    desk.post(url("judge", case, "D6"), values | {"D6-version": version}, headers=HTMX)
    assert QualificationItem.objects.get().reason == "我寫的理由"


def test_one_button_saves_all_without_javascript(case: Case, desk: Client) -> None:
    values = {"E1-verdict": "pass", "E2-verdict": "pass", "D7-verdict": "supplement", "D7-reason": "請用印"}
    assert desk.post(url("qualification", case), values).status_code == 302
    assert QualificationItem.objects.count() == 3
    refused = desk.post(url("qualification", case), {"E4-verdict": "fail", "E3-verdict": "pass"})
    assert refused.status_code == 422
    assert "錯誤：" in refused.content.decode()
    assert look(case).item("E3").value == "pass"
    assert look(case).item("E4").value == ""


def test_without_javascript_a_conflict_is_told_too(case: Case, desk: Client, second_officer: User) -> None:
    say(case, second_officer, "D6", "fail", "不是這家公司的報告")
    response = desk.post(url("qualification", case), {"D6-verdict": "pass", "D6-version": "0"})
    assert response.status_code == 409
    assert "不是這家公司的報告" in response.content.decode()


def test_verdicts_after_the_check_are_refused_with_words(case: Case, desk: Client, office: User) -> None:
    ask_for(case, office, "D6")
    response = desk.post(url("judge", case, "D6"), {"D6-verdict": "pass", "D6-version": "99"}, headers=HTMX)
    assert response["HX-Redirect"] == url("qualification", case)
    assert "目前不在資格初審" in desk.get(url("qualification", case)).content.decode()


def test_the_way_to_a_supplement_through_the_pages(case: Case, desk: Client, office: User) -> None:
    pass_all(case, office, but=("D6",))
    say(case, office, "D6", "supplement", "缺會計師簽章頁")
    page = desk.get(url("request_supplement", case))
    assert "缺會計師簽章頁" in page.content.decode()
    preview = desk.get(url("letter_preview", case))
    assert preview["Content-Type"] == "application/pdf"
    values = {"version": look(case).version, "note": "請儘早補件"}
    assert desk.post(url("request_supplement", case), values).status_code == 302
    again = desk.post(url("request_supplement", case), values)
    assert again.status_code == 302
    assert fresh(case).supplements.count() == 1
    page = desk.get(url("case", case)).content.decode()
    assert "請儘早補件" in page
    assert "展延期限" in page


def test_a_decision_upon_changed_verdicts_goes_back_to_the_question(
    case: Case, desk: Client, office: User, second_officer: User
) -> None:
    version = pass_all(case, office)
    say(case, second_officer, "D7", "fail", "x")
    say(case, second_officer, "D7", "pass")
    response = desk.post(url("qualify", case), {"version": version}, follow=True)
    assert "有變動" in response.content.decode()
    assert fresh(case).state == CaseState.SUBMITTED
    desk.post(url("qualify", case), {"version": look(case).version})
    assert fresh(case).state == CaseState.QUALIFIED


def test_the_page_of_extension_refuses_four_days_at_the_field(case: Case, desk: Client, office: User) -> None:
    notice = ask_for(case, office, "D6")
    response = desk.post(url("extend_supplement", case), {"days": "4", "reason": "會計師出差"})
    assert response.status_code == 422
    assert "最多展延 3 個工作日" in response.content.decode()
    assert desk.post(url("extend_supplement", case), {"days": "3", "reason": "會計師出差"}).status_code == 302
    notice.refresh_from_db()
    assert notice.due_on > notice.first_due_on


def test_the_days_of_an_extension_are_offered_as_dates(case: Case, desk: Client, office: User) -> None:
    notice = ask_for(case, office, "D6")
    text = desk.get(url("extend_supplement", case)).content.decode()
    for days in (1, 2, 3):
        assert f"{roc(work_calendar().add(notice.first_due_on, days))}（{days} 個工作日）" in text
    assert text.count('type="radio"') == 3


def test_the_next_case_of_the_queue_is_one_click_away(
    case: Case, desk: Client, office: User, second_officer: User
) -> None:
    def following(of: Case) -> str:
        page = desk.get(url("qualification", of)).content.decode()
        return next((c.number for c in (case, second, third) if f"下一件 {c.number}" in page), "")

    second, third = (handed_in(call=case.call, organisation=company_number(n)) for n in (0, 1))
    assert [following(c) for c in (case, second, third)] == [second.number, third.number, case.number]
    service.take_over(case=second, actor=second_officer, now=factories.now())
    assert following(case) == third.number, "a colleague works on the second"
    desk.post(url("qualify", case), {"version": pass_all(case, office)})
    page = desk.get(url("case", case)).content.decode()
    assert f"下一件待初審 {third.number}" in page
    assert f"下一件待初審 {case.number}" not in desk.get(url("qualification", third)).content.decode()


def test_before_and_after_of_a_supplement(case: Case, desk: Client, office: User) -> None:
    from applications.services.sections import save_section
    from tests.review.qualification.support import answer

    pass_all(case, office, but=("E3", "D6"))
    say(case, office, "E3", "supplement", "淨值與報告不一致", opens=("eligibility", "documents.D6"))
    say(case, office, "D6", "supplement", "缺頁")
    from review.services import qualification as service

    service.send_supplement(case=case, version=look(case).version, note="", actor=office, now=factories.now())
    owner = personas.make_company()
    content = factories.contents(case.call)["eligibility"]
    content["fields"]["net_worth"] = 48_000_000
    save_section(
        case=fresh(case),
        section="eligibility",
        cleaned=content,
        base_version=1,
        actor=owner,
        now=factories.now(),
    )
    factories.make_document(case, "D6", name="補正後.pdf", content=factories.pdf_bytes("new"), actor=owner)
    answer(case)
    page = desk.get(url("qualification", case)).content.decode()
    for words in ("補件改了什麼", "52,000,000", "48,000,000", "補正後.pdf", "上次要求補正"):
        assert words in page
    assert 'title="補正後.pdf" aria-current="true"' in page, "what came in is open at once"


def test_taking_over_is_shown_and_may_be_repeated(case: Case, desk: Client) -> None:
    for _ in range(2):
        assert desk.post(url("take", case)).status_code == 302
    assert "周承辦" in desk.get(url("case", case)).content.decode()
