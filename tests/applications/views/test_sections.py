"""The pages of the sections: shown, saved, kept, compared, and closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import CaseState, Section
from applications.forms.editors import SPECS, Editor
from applications.models import Case, SectionDraft, SectionState, Trainee
from applications.selectors.content import read_section
from applications.services.sections import MOST_DRAFTS
from tests import factories, personas

pytestmark = pytest.mark.django_db
SECTIONS = [s for s in Section.values if s != Section.PARTNERS]  # the 114 call asks for no partners
AUTOSAVE = {"HTTP_X_AUTOSAVE": "1", "HTTP_X_AUTOSAVE_TAB": "tab-1"}


def url(case: Case, section: str) -> str:
    return reverse("cases:section", args=[case.pk, section])


def version(case: Case, section: str) -> int:
    state = SectionState.objects.filter(case=case, section=section).first()
    return state.version if state else 0


def payload(case: Case, section: str, **changes: Any) -> dict[str, Any]:
    """What the browser would send for the section as it is saved, with ``changes``."""
    fresh = Case.objects.get(pk=case.pk)
    return Editor(fresh, section).payload() | {"version": version(case, section)} | changes


@pytest.fixture
def case(db: None) -> Case:
    return factories.make_case()


@pytest.fixture
def client_company(case: Case) -> Client:
    return personas.client_for(personas.make_company())


@pytest.fixture
def client_colleague(case: Case) -> Client:
    return personas.client_for(personas.make_colleague())


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_for_writing_and_reading(case: Case, section: str) -> None:
    for make, writes in ((personas.make_company, True), (personas.make_viewer, False)):
        response = personas.client_for(make()).get(url(case, section))
        assert response.status_code == 200
        page = response.content.decode()
        assert ("檢視者" in page) is not writes
    assert personas.client_for(personas.make_outsider()).get(url(case, section)).status_code == 404
    assert personas.client_for(personas.make_office()).get(url(case, section)).status_code == 404


@pytest.mark.parametrize("section", [s for s in SPECS if s in SECTIONS])
def test_saving_what_is_there_changes_nothing(case: Case, client_company: Client, section: str) -> None:
    fresh = Case.objects.get(pk=case.pk)
    before, number = read_section(fresh, section), version(case, section)
    response = client_company.post(url(case, section), payload(case, section))
    assert response.status_code == 302, response.content.decode()
    assert read_section(Case.objects.get(pk=case.pk), section) == before
    assert version(case, section) == number


def test_plain_post_saves_and_goes_to_the_next_section(case: Case, client_company: Client) -> None:
    data = payload(case, "plan", title="新的計畫名稱", action="next")
    response = client_company.post(url(case, "plan"), data)
    assert response.headers["Location"].startswith(url(case, "trainees"))
    assert Case.objects.get(pk=case.pk).title == "新的計畫名稱"


def test_autosave_says_saved_and_gives_the_new_version(case: Case, client_company: Client) -> None:
    answer = client_company.post(url(case, "plan"), payload(case, "plan", title="甲"), **AUTOSAVE)
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "saved"
    assert body["version"] == version(case, "plan") == 2
    assert "#section-nav" in body["fragments"]


def test_one_bad_cell_keeps_everything_that_was_typed(case: Case, client_company: Client) -> None:
    """Nothing of the table is lost, and nothing half-saved: the cell says what is wrong when one returns."""
    data = payload(
        case, "trainees", **{"trainees-0-planned_hours": "一百二十", "trainees-1-school": "新學校"}
    )
    answer = client_company.post(url(case, "trainees"), data, **AUTOSAVE)
    assert (answer.status_code, answer.json()["status"]) == (422, "kept")
    assert "時數請填整數" in answer.json()["fragments"]["#trainees-0-notes"]
    assert not Trainee.objects.filter(case=case, school="新學校").exists()
    page = client_company.get(url(case, "trainees")).content.decode()
    assert "一百二十" in page
    assert "新學校" in page
    assert "時數請填整數" in page
    assert "錯誤：" in page
    # Mended, it is saved and the draft is used up.
    data["trainees-0-planned_hours"] = "１２０"
    assert client_company.post(url(case, "trainees"), data, **AUTOSAVE).json()["status"] == "saved"
    assert Trainee.objects.filter(case=case, school="新學校").exists()
    assert not SectionDraft.objects.exists()


def test_unsaved_input_stands_in_the_way_of_a_submission(case: Case, client_company: Client) -> None:
    from applications import selectors

    client_company.post(url(case, "budget"), payload(case, "budget", **{"personnel-0-subsidy": "-1"}))
    found = selectors.findings(Case.objects.get(pk=case.pk), factories.now())
    assert [f.section for f in found if f.severity.stops_submission] == ["budget"]
    client_company.post(
        reverse("cases:discard", args=[case.pk, "budget"]), {"draft": SectionDraft.objects.get().pk}
    )
    found = selectors.findings(Case.objects.get(pk=case.pk), factories.now())
    assert not [f for f in found if f.severity.stops_submission]


BAD = [
    ("plan", "title", "長" * 121, "最多 120 字"),
    ("plan", "goals", "字" * 5001, "最多 5,000 字"),
    ("company", "heads", "-3", "不能是負數"),
    ("company", "heads", "99999999999", "最多"),
    ("company", "contact_email", "not a mail", "電子郵件格式不對"),
    ("company", "postal_code", "4a7", "郵遞區號"),
    ("eligibility", "founded_on", "114/13/40", ""),
    ("eligibility", "net_worth", "1.5", "不含小數"),
    ("eligibility", "net_worth_basis", "nonsense", "不在清單中"),
    ("budget", "personnel-0-unit_price", "12.5", "不含小數"),
    ("budget", "personnel-0-unit_price", "9" * 30, "金額太大"),
    ("budget", "personnel-0-quantity", "99999999999999", "最多"),
    ("trainees", "trainees-0-kind", "boss", "不在清單中"),
    ("trainees", "trainees-0-planned_hours", "99999999", "最多"),
    ("schedule", "ends_on", "114/1/1", "結束日不能早於開始日"),
    ("courses", "courses-0-hours", "-1", "不能是負數"),
    ("other_funding", "other_funding-0-amount", "9999999999999999", "金額"),
]


@pytest.mark.parametrize(("section", "name", "value", "message"), BAD)
def test_bad_input_gets_a_message_at_the_field_and_is_kept(
    case: Case, client_company: Client, section: str, name: str, value: str, message: str
) -> None:
    response = client_company.post(url(case, section), payload(case, section, **{name: value}))
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert value in page


@pytest.mark.parametrize(
    "value",
    ["全形１２３ＡＢＣ", "emoji 🙂👨‍👩‍👧", "<script>alert(1)</script>", "前\x00後", "\ud800壞字"],
    ids=["full-width", "emoji", "html", "nul", "surrogate"],
)
def test_odd_text_is_stored_and_shown_safely(case: Case, client_company: Client, value: str) -> None:
    data = payload(case, "plan", goals=value.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert client_company.post(url(case, "plan"), data).status_code == 302
    page = client_company.get(url(case, "plan")).content.decode()
    assert "<script>alert" not in page
    assert "\x00" not in page


def test_ten_megabytes_of_text_are_kept_and_told_of(case: Case, client_company: Client) -> None:
    body = "a" * (10 * 1024 * 1024)
    response = client_company.post(url(case, "plan"), payload(case, "plan", goals=body), **AUTOSAVE)
    assert response.status_code == 422
    assert "10,485,760 字" in response.json()["fragments"]["#id_goals-notes"]
    assert len(SectionDraft.objects.get().payload["goals"]) == len(body)


def test_more_rows_than_allowed_are_refused_but_kept(case: Case, client_company: Client) -> None:
    data = payload(case, "trainees")
    data["trainees-TOTAL_FORMS"] = "203"
    data |= {f"trainees-{n}-name": f"人{n}" for n in range(6, 203)}
    response = client_company.post(url(case, "trainees"), data)
    assert response.status_code == 422
    assert "最多 200 列" in response.content.decode()


def test_a_tampered_management_form_is_no_server_error(case: Case, client_company: Client) -> None:
    for total in ("x", "", "-5", "999999999"):
        data = payload(case, "trainees", **{"trainees-TOTAL_FORMS": total})
        assert client_company.post(url(case, "trainees"), data).status_code in (302, 422)


def test_a_row_id_of_another_case_makes_a_new_row(case: Case, client_company: Client) -> None:
    other = factories.make_case(organisation=personas.rival(), actor=personas.make_outsider())
    theirs = other.trainees.first()
    data = payload(case, "trainees", **{"trainees-0-id": theirs.pk, "trainees-0-name": "改名"})
    client_company.post(url(case, "trainees"), data)
    theirs.refresh_from_db()
    assert theirs.name != "改名"
    assert theirs.case_id == other.pk
    assert case.trainees.count() == 6


# Two members ----------------------------------------------------------------------------------------------


def test_two_members_lose_no_word(case: Case, client_company: Client, client_colleague: Client) -> None:
    first, second = payload(case, "plan", title="甲案"), payload(case, "plan", title="乙案", goals="乙的目標")
    assert client_company.post(url(case, "plan"), first).status_code == 302
    response = client_colleague.post(url(case, "plan"), second)
    compare = response.headers["Location"]
    draft = SectionDraft.objects.get().pk
    assert compare == f"{reverse('cases:conflict', args=[case.pk, 'plan'])}?draft={draft}"
    page = client_colleague.get(compare).content.decode()
    for words in ("甲案", "乙案", "乙的目標", "王業主"):
        assert words in page
    # Until it is decided, the section leads to the comparison again.
    assert client_colleague.get(url(case, "plan")).headers["Location"] == compare
    choice = {"version": version(case, "plan"), "pick-title": "theirs", "pick-goals": "both"}
    assert client_colleague.post(compare, choice).headers["Location"].startswith(url(case, "plan"))
    merged = read_section(Case.objects.get(pk=case.pk), "plan")["fields"]
    assert merged["title"] == "甲案"
    assert merged["goals"].startswith("乙的目標\n\n培育目標")
    assert not SectionDraft.objects.exists()


def test_rows_of_two_members_are_merged_row_by_row(
    case: Case, client_company: Client, client_colleague: Client
) -> None:
    first = payload(case, "trainees", **{"trainees-0-name": "甲改"})
    second = payload(case, "trainees", **{"trainees-1-name": "乙改", "trainees-6-name": "乙加"})
    client_company.post(url(case, "trainees"), first)
    compare = client_colleague.post(url(case, "trainees"), second).headers["Location"]
    page = client_colleague.get(compare).content.decode()
    assert "甲改" in page
    assert "乙改" in page
    choice = {"version": version(case, "trainees"), "pick-row-trainees-1": "theirs"}
    client_colleague.post(compare, choice)
    names = list(case.trainees.values_list("name", flat=True))
    assert names[:2] == ["甲改", "乙改"]
    assert "乙加" in names


def test_what_one_has_not_touched_is_not_taken_back(
    case: Case, client_company: Client, client_colleague: Client
) -> None:
    """The comparison ticks the colleague's words where one changed nothing, so that plain agreement loses nothing."""
    base = client_colleague.get(url(case, "plan")).context["base"]
    client_company.post(url(case, "plan"), payload(case, "plan", title="甲案"))
    mine = payload(case, "plan", title="精密加工智慧生產人才培育計畫", goals="乙的目標", version=1, base=base)
    compare = client_colleague.post(url(case, "plan"), mine).headers["Location"]
    client_colleague.post(compare, {"version": version(case, "plan")})
    fields = read_section(Case.objects.get(pk=case.pk), "plan")["fields"]
    assert (fields["title"], fields["goals"]) == ("甲案", "乙的目標")


def test_a_conflict_by_autosave_is_told_without_losing_the_text(
    case: Case, client_company: Client, client_colleague: Client
) -> None:
    second = payload(case, "plan", title="乙案")
    client_company.post(url(case, "plan"), payload(case, "plan", title="甲案"))
    answer = client_colleague.post(url(case, "plan"), second, **AUTOSAVE)
    assert answer.status_code == 409
    assert "王業主" in json.dumps(answer.json(), ensure_ascii=False)
    assert SectionDraft.objects.get().payload["title"] == "乙案"


def test_saves_of_one_page_never_conflict_with_each_other(case: Case, client_company: Client) -> None:
    data = payload(case, "plan", title="一")
    client_company.post(url(case, "plan"), data, **AUTOSAVE)
    late = client_company.post(url(case, "plan"), data | {"title": "二"}, **AUTOSAVE)
    assert late.json()["status"] == "saved"


def test_one_is_told_that_a_colleague_is_editing(
    case: Case, client_company: Client, client_colleague: Client
) -> None:
    client_company.post(url(case, "plan"), payload(case, "plan", title="甲案"))
    assert "王業主剛剛也在編輯這一節" in client_colleague.get(url(case, "plan")).content.decode()
    assert "也在編輯" not in client_company.get(url(case, "plan")).content.decode()


def test_a_colleague_can_take_over_unsaved_input(
    case: Case, client_company: Client, client_colleague: Client
) -> None:
    client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 130))
    draft = SectionDraft.objects.get()
    page = client_colleague.get(f"{url(case, 'plan')}?draft={draft.pk}").content.decode()
    assert "長" * 130 in page
    mended = payload(case, "plan", title="短", draft=draft.pk)
    client_colleague.post(url(case, "plan"), mended)
    assert not SectionDraft.objects.exists()


# One person, several tabs --------------------------------------------------------------------------------


def tab(name: str) -> dict[str, str]:
    return {"HTTP_X_AUTOSAVE": "1", "HTTP_X_AUTOSAVE_TAB": name}


def test_three_tabs_keep_three_drafts(case: Case, client_company: Client) -> None:
    """No tab's words take the place of another's; each can be opened, and saving one leaves the others."""
    for name in ("a", "b", "c"):
        data = payload(case, "plan", title="長" * 121 + name)
        assert client_company.post(url(case, "plan"), data, **tab(name)).json()["status"] == "kept"
    drafts = {draft.tab: draft for draft in SectionDraft.objects.all()}
    assert {name: draft.payload["title"][-1] for name, draft in drafts.items()} == {n: n for n in "abc"}
    page = client_company.get(url(case, "plan"))
    assert page.context["draft"] == drafts["c"], "the latest is opened"
    assert [d.tab for d in page.context["other_drafts"]] == ["a", "b"]
    assert "這一節還有 2 份沒存入申請書的輸入" in page.content.decode()
    opened = client_company.get(f"{url(case, 'plan')}?draft={drafts['a'].pk}")
    assert "長" * 121 + "a" in opened.content.decode()
    # Mended in a new tab: the draft it began with is used up, the others stay.
    mended = payload(case, "plan", title="改短了", draft=drafts["a"].pk)
    assert client_company.post(url(case, "plan"), mended, **tab("d")).json()["status"] == "saved"
    assert set(SectionDraft.objects.values_list("tab", flat=True)) == {"b", "c"}


def test_keeping_again_replaces_the_tabs_own_words_only(case: Case, client_company: Client) -> None:
    for words in ("一", "二"):
        data = payload(case, "plan", title="長" * 121 + words)
        client_company.post(url(case, "plan"), data, **tab("a"))
    first = SectionDraft.objects.get()
    assert first.payload["title"].endswith("二")
    # Another tab that began with this draft has its own, for the first may still be open.
    data = payload(case, "plan", title="長" * 121 + "三", draft=first.pk)
    client_company.post(url(case, "plan"), data, **tab("b"))
    assert set(SectionDraft.objects.values_list("tab", flat=True)) == {"a", "b"}
    # The first tab types on: its newer words are not thrown away by the id of the older ones.
    client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 121 + "四"), **tab("a"))
    client_company.post(reverse("cases:discard", args=[case.pk, "plan"]), {"draft": first.pk})
    saved = client_company.post(url(case, "plan"), data | {"title": "三"}, **tab("b"))
    assert saved.json()["status"] == "saved"
    assert SectionDraft.objects.get().payload["title"].endswith("四")


def test_saving_uses_up_the_drafts_that_its_words_came_from(case: Case, client_company: Client) -> None:
    """Opened, changed and left, twice over: the words saved in the end come from all of these drafts."""
    opened = 0
    for name in ("a", "b", "c"):
        data = payload(case, "plan", title="長" * 121 + name, draft=opened)
        client_company.post(url(case, "plan"), data, **tab(name))
        opened = SectionDraft.objects.get(tab=name).pk
    client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 121), **tab("apart"))
    client_company.post(url(case, "plan"), payload(case, "plan", title="短", draft=opened), **tab("d"))
    assert SectionDraft.objects.get().tab == "apart"


def test_a_refused_form_stays_the_same_tab(case: Case, client_company: Client) -> None:
    name = client_company.get(url(case, "plan")).context["tab"]
    bad = payload(case, "plan", title="長" * 121, tab=name)
    response = client_company.post(url(case, "plan"), bad)
    assert response.context["tab"] == name
    client_company.post(url(case, "plan"), bad | {"draft": response.context["draft"].pk})
    assert SectionDraft.objects.count() == 1


def test_a_form_sent_by_hand_names_its_tab(case: Case, client_company: Client) -> None:
    """Without JavaScript each page has its own name in a hidden field."""
    pages = [client_company.get(url(case, "plan")).context["tab"] for _ in range(2)]
    assert pages[0] != pages[1]
    for name in pages:
        client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 121, tab=name))
    assert set(SectionDraft.objects.values_list("tab", flat=True)) == set(pages)
    assert "tab" not in SectionDraft.objects.first().payload


def test_the_comparison_takes_one_draft_after_the_other(case: Case, client_company: Client) -> None:
    old = payload(case, "plan")
    client_company.post(url(case, "plan"), old | {"title": "已存"}, **tab("a"))
    for name in ("b", "c"):
        answer = client_company.post(url(case, "plan"), old | {"title": f"分頁{name}"}, **tab(name))
        assert answer.status_code == 409
        assert "從另一個分頁存了這一節" in answer.json()["fragments"]["#conflict"]
    for name in ("c", "b"):
        compare = client_company.get(url(case, "plan")).headers["Location"]
        page = client_company.get(compare).content.decode()
        assert f"分頁{name}" in page
        assert "您的另一個分頁" in page
        client_company.post(compare, {"version": version(case, "plan"), "pick-title": "mine"})
        assert Case.objects.get(pk=case.pk).title == f"分頁{name}"
    assert not SectionDraft.objects.exists()


def test_the_number_of_drafts_is_bounded_and_the_words_stay_in_the_page(
    case: Case, client_company: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(MOST_DRAFTS):
        client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 121), **tab(f"t{number}"))
    extra = payload(case, "plan", title="長" * 121 + "第十一份")
    answer = client_company.post(url(case, "plan"), extra, **tab("one-more"))
    assert answer.status_code == 409
    assert "已經有 10 份" in answer.json()["fragments"]["#conflict"]
    response = client_company.post(url(case, "plan"), extra | {"tab": "one-more"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "第十一份" in page
    assert "這一頁的輸入還沒有存進系統" in page
    assert SectionDraft.objects.count() == MOST_DRAFTS
    with django_assert_max_num_queries(20):
        client_company.get(url(case, "plan"))
    # A tab that has a draft may go on keeping, and a valid form is saved whatever the number.
    again = client_company.post(url(case, "plan"), payload(case, "plan", title="長" * 122), **tab("t3"))
    assert again.json()["status"] == "kept"
    saved = client_company.post(url(case, "plan"), payload(case, "plan", title="短"), **tab("one-more"))
    assert saved.json()["status"] == "saved"


# Closed doors -----------------------------------------------------------------------------------------------


def test_viewers_and_strangers_cannot_write(case: Case) -> None:
    data = payload(case, "plan", title="偷改")
    assert personas.client_for(personas.make_viewer()).post(url(case, "plan"), data).status_code == 403
    assert personas.client_for(personas.make_outsider()).post(url(case, "plan"), data).status_code == 404
    assert Case.objects.get(pk=case.pk).title != "偷改"


def test_after_submission_nothing_changes_and_the_words_come_back(case: Case, client_company: Client) -> None:
    data = payload(case, "plan", title="同事送出後才存的標題")
    factories.advance(case, CaseState.SUBMITTED)
    response = client_company.post(url(case, "plan"), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "同事送出後才存的標題" in page
    assert "不能再修改" in page
    answer = client_company.post(url(case, "plan"), data, **AUTOSAVE)
    assert answer.status_code == 409
    assert Case.objects.get(pk=case.pk).title != data["title"]


def test_a_supplement_opens_only_what_it_asks_for(client_company: Client) -> None:
    case = factories.make_case(call=factories.make_call(slug="other"), state=CaseState.SUPPLEMENTING)
    factories.open_supplement(case, "trainees", "documents.D6")
    opened = {s for s in SECTIONS if 'id="section-form"' in client_company.get(url(case, s)).content.decode()}
    assert opened == {"trainees"}
    documents = client_company.get(url(case, "documents")).content.decode()
    assert "files-D6" in documents
    assert "files-D4" not in documents
    assert client_company.post(url(case, "plan"), payload(case, "plan", title="x")).status_code == 409


# A login that ran out ---------------------------------------------------------------------------------------


def test_words_typed_after_the_login_ran_out_are_there_after_the_next_login(case: Case) -> None:
    client = Client()
    data = payload(case, "plan", title="登入逾時前打的字")
    response = client.post(url(case, "plan"), data)
    assert response.status_code == 302
    assert url(case, "plan") in response.headers["Location"]
    client.force_login(personas.make_company(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(url(case, "plan")).content.decode()
    assert "登入逾時前打的字" in page
    assert "還沒有存入申請書" in page
    assert client.post(url(case, "plan"), data).status_code == 302
    assert Case.objects.get(pk=case.pk).title == "登入逾時前打的字"
    assert "登入逾時前輸入" not in client.get(url(case, "plan")).content.decode()


def test_what_was_kept_shows_to_nobody_who_may_not_see_the_case(case: Case) -> None:
    client = Client()
    client.post(url(case, "plan"), payload(case, "plan", title="秘密"))
    client.force_login(
        personas.make_outsider(), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(url(case, "plan")).status_code == 404


def test_autosave_without_login_says_so(case: Case) -> None:
    answer = Client().post(url(case, "plan"), payload(case, "plan"), **AUTOSAVE)
    assert (answer.status_code, answer.json()["status"]) == (401, "login")


def test_keeping_needs_a_csrf_token_and_has_a_limit(case: Case) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url(case, "plan"), payload(case, "plan")).status_code == 403
    client = Client()
    client.post(url(case, "plan"), payload(case, "plan", goals="x" * 100_000))
    assert "kept_sections" not in client.session
    for section in ("plan", "company", "eligibility"):
        client.post(url(case, section), payload(case, section))
    kept = client.session["kept_sections"]
    assert list(kept) == [url(case, "company"), url(case, "eligibility")], "the latest two"


# Queries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS)
def test_queries_do_not_grow_with_rows(
    section: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    small = factories.make_case(students=2, employees=1)
    large = factories.make_case(call=factories.make_call(slug="large"), students=40, employees=20)
    client = personas.client_for(personas.make_company())
    with django_assert_max_num_queries(20) as counted:
        client.get(url(small, section))
    with django_assert_num_queries(len(counted)):
        assert client.get(url(large, section)).status_code == 200


def test_what_waits_beside_a_mistake_is_not_asked_for_again(company: Any) -> None:
    case = factories.make_case(valid=False)
    typed = {"bank_rejected": "false", "net_worth": "五千萬", "version": "0", "tab": "one"}
    page = personas.client_for(company).post(url(case, "eligibility"), typed).content.decode()
    assert "請說明公司是否為銀行拒絕往來戶" not in page
    assert "請選擇淨值的證明文件" in page, "what is empty is still asked for"
    assert "待填寫" in page
