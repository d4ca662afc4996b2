"""The designer's pages: drawn, saved by themselves, told what is wrong at its place, and bounded in queries."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.rocdate import TAIPEI
from programs.forms.designing import Drawing
from programs.models import CallDraft
from programs.rules.designing.parts import PARTS, fields_of
from programs.rules.kinds import KINDS
from programs.rules.sections import sections_of
from programs.rules.terms import Terms
from programs.selectors.drafts import read_draft
from programs.services import drafts as service
from tests import factories, personas
from tests.programs.designer.pages import changed, posted
from tests.programs.rules.builders import terms

pytestmark = pytest.mark.django_db
PAGES = [part.key for part in PARTS if part.key != "rules"]


@pytest.fixture
def office():
    return personas.client_for(personas.make_office())


@pytest.fixture
def draft():
    call = factories.make_call()
    return service.start_draft(
        source=call.current_terms,
        name="115年度徵案",
        roc_year=115,
        opens_on=(call.opens_at + timedelta(days=365)).astimezone(TAIPEI).date(),
        actor=personas.make_office(),
        now=factories.now(),
    )


def url(name: str, draft: CallDraft, *more: Any) -> str:
    return reverse(f"designer:{name}", args=[draft.pk, *more])


def page_of(draft: CallDraft, part: str, **changes: str) -> dict[str, Any]:
    """The POST that the page sends, with the version that it was opened with."""
    read = read_draft(CallDraft.objects.get(pk=draft.pk))
    names = [f.name for f in fields_of(part)]
    controls = Drawing(read.data, read.problems).controls(Terms, read.data, "", "", names)
    post = changed(posted(controls), {"version": str(read.parts[part].version), **changes})
    return {name: values if len(values) > 1 else values[0] for name, values in post.lists()}


def autosave(client: Any, draft: CallDraft, part: str, tab: str = "t", **changes: str) -> Any:
    return client.post(
        url("part", draft, part),
        page_of(draft, part, **changes),
        headers={"X-Autosave": "1", "X-Autosave-Tab": tab},
    )


def test_a_call_is_begun_from_an_earlier_one_or_a_scheme(office):
    call = factories.make_call()
    page = office.get(reverse("designer:new")).content.decode()
    assert call.name in page
    assert "scheme:ipas_114" in page
    data = {"source": "scheme:ipas_114", "name": "新徵案", "roc_year": "115", "opens_on": "115/2/9"}
    answer = office.post(reverse("designer:new"), data)
    assert answer["Location"] == url("draft", CallDraft.objects.get())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("source", "", "請選擇要複製的徵案或範本"),
        ("source", "terms:999999", "請選擇"),
        ("name", "", "請填寫這一欄"),
        ("name", "長" * 121, "最多 120 字"),
        ("roc_year", "2026", "最多 200"),
        ("opens_on", "明年", "日期看不懂"),
        ("opens_on", "250/1/1", "100 到 200 年"),
    ],
)
def test_a_wrong_beginning_is_told_at_the_field_and_keeps_the_rest(office, field, value, words):
    data = {"source": "scheme:ipas_114", "name": "新徵案", "roc_year": "115", "opens_on": "115/2/9"}
    answer = office.post(reverse("designer:new"), data | {field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    if field != "source":
        assert words in page
    assert not CallDraft.objects.exists()


@pytest.mark.parametrize("part", PAGES)
def test_every_part_is_drawn_with_a_label_for_every_field(office, draft, part):
    page = office.get(url("part", draft, part)).content.decode()
    fields = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"[^>]*>', page)
    assert len(fields) > 3
    for tag in re.findall(r"<(?:input class|select|textarea)[^>]*>", page):
        ident = re.search(r' id="([^"]+)"', tag)
        assert "aria-label=" in tag or (ident and f'for="{ident[1]}"' in page), tag


def test_every_rule_and_every_kind_has_a_page_in_words(office, draft):
    for part in draft.parts.filter(key="rule"):
        assert office.get(url("rule", draft, part.number)).status_code == 200
    page = office.get(url("rule_add", draft)).content.decode()
    assert all(kind.title in page and kind.says in page for kind in KINDS.values())


def test_each_kind_can_be_added_and_says_what_is_still_to_fill_in(office, draft):
    for name in KINDS:
        answer = office.post(url("rule_add", draft), {"kind": name})
        assert office.get(answer["Location"]).status_code == 200, name
    assert office.post(url("rule_add", draft), {"kind": "no_such_kind"})["Location"] == url("rule_add", draft)
    assert office.get(url("rules", draft)).content.decode().count("請填寫這一欄") >= len(KINDS)


def test_a_page_saves_by_itself_and_says_when(office, draft):
    answer = autosave(office, draft, "basics", summary="新的摘要")
    assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (200, "saved", 1)
    assert "已修改" in answer.json()["fragments"]["#section-nav"]
    assert draft.parts.get(key="basics").data["summary"] == "新的摘要"


def test_weights_of_99_and_a_half_are_kept_and_told_at_their_place(office, draft):
    answer = autosave(office, draft, "criteria", **{"criteria-0-weight": "39.5"})
    told = answer.json()
    assert (answer.status_code, told["status"]) == (422, "kept")
    assert "請填整數，不含小數" in told["fragments"]["#id_criteria-0-weight-notes"]
    page = office.get(url("part", draft, "criteria")).content.decode()
    assert 'value="39.5"' in page
    assert "#id_criteria-0-weight" in page
    assert office.post(url("publish", draft), {"seen": "x"}).status_code == 409


def test_weights_of_99_are_told_at_the_sum(office, draft):
    told = autosave(office, draft, "criteria", **{"criteria-0-weight": "39"}).json()
    assert "合計應為 100，現為 99" in told["fragments"]["#id_criteria-notes"]


def test_two_people_on_one_page_see_where_they_differ_and_nothing_is_lost(office, draft):
    other = personas.client_for(personas.make_administrator())
    mine = page_of(draft, "basics", summary="我的摘要")
    assert autosave(other, draft, "basics", tab="other", summary="別人的摘要").status_code == 200
    quiet = office.post(
        url("part", draft, "basics"), mine, headers={"X-Autosave": "1", "X-Autosave-Tab": "me"}
    )
    assert quiet.status_code == 409
    box = quiet.json()["fragments"]["#conflict"]
    assert "別人的摘要 → 我的摘要" in box
    assert 'data-version="1"' in box
    plain = office.post(url("part", draft, "basics"), mine)
    assert plain.status_code == 409
    assert "我的摘要</textarea>" in plain.content.decode()
    assert draft.parts.get(key="basics").data["summary"] == "別人的摘要"
    again = office.post(url("part", draft, "basics"), mine | {"version": "1", "action": "stay"})
    assert again.status_code == 302
    assert draft.parts.get(key="basics").data["summary"] == "我的摘要"


def test_a_rule_that_somebody_removed_is_told_and_not_made_again(office, draft):
    number = draft.parts.filter(key="rule").first().number
    office.post(url("rule_remove", draft, number))
    answer = office.post(url("rule", draft, number), {"version": "0"}, headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.json()["status"]) == (409, "conflict")
    assert office.get(url("rule", draft, number))["Location"] == url("rules", draft)


@pytest.mark.parametrize(
    "rubbish",
    [
        {"version": "x", "criteria-TOTAL_FORMS": "99999999999"},
        {"version": "0", "criteria-TOTAL_FORMS": "-1"},
        {
            "version": "0",
            "criteria-TOTAL_FORMS": "2",
            "criteria-0-weight": "9" * 400,
            "criteria-1-id": "\x00x",
        },
        {"version": "0", "criteria-TOTAL_FORMS": "3", "criteria-2-weight": "１００"},
        {},
    ],
)
@pytest.mark.parametrize("part", ["criteria", "money", "timetable", "selfcheck", "settings"])
def test_bad_input_is_no_error_of_the_portal(office, draft, part, rubbish):
    data = {name.replace("criteria", part): value for name, value in rubbish.items()}
    for headers in ({}, {"X-Autosave": "1"}):
        assert office.post(url("part", draft, part), data, headers=headers).status_code < 500
    for name in ("draft", "rules", "compare", "publish"):
        assert office.get(url(name, draft)).status_code == 200
    assert office.get(url("part", draft, part)).status_code == 200


def test_a_nul_is_no_error_and_is_not_kept(office, draft):
    """PostgreSQL keeps none in its text; two places took it as it came."""
    answer = office.post(url("try", draft), {"call": "\x00"}, follow=True)
    assert "請選擇一個徵案。" in answer.content.decode()
    read = read_draft(draft)
    row = next(row for row in read.rules if _required(row))
    first = _required(row)[0]
    sent = {"version": str(row.version), "params-required": [f"{first}\x00", "\x00"]}
    for headers in ({}, {"X-Autosave": "1"}):
        assert office.post(url("rule", draft, row.number), sent, headers=headers).status_code < 500
    row.refresh_from_db()
    assert _required(row) == [first]


def _required(row):
    return row.data.get("params", {}).get("required")


def test_publishing_twice_tells_the_second_who_was_first(office, draft):
    page = office.get(url("publish", draft)).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)[1]
    assert office.post(url("publish", draft), {"seen": seen}).status_code == 302
    other = personas.client_for(personas.make_administrator())
    answer = other.post(url("publish", draft), {"seen": seen})
    assert answer.status_code == 409
    assert "已由周承辦" in answer.content.decode()
    assert "公告了這份草稿" in other.get(url("draft", draft)).content.decode()


def test_the_last_check_names_field_and_row_in_the_words_of_the_page(office, draft):
    autosave(office, draft, "criteria", **{"criteria-1-weight": "29.5"})
    page = office.get(url("publish", draft)).content.decode()
    assert "審查項目：審查項目與權重第 2 項 › 權重：請填整數，不含小數" in page
    assert f"{url('part', draft, 'criteria')}#id_criteria-1-weight" in page


def test_a_number_that_was_changed_without_its_words_is_asked_about(office, draft):
    rule = next(r for r in read_draft(draft).rules if r.data["id"] == "T3")
    rule.data["params"]["minimum"] = 150
    rule.save()
    for page in (url("publish", draft), url("rule", draft, rule.number)):
        assert "請確認兩邊一致" in office.get(page).content.decode()
    rule.data["text"] = "每人至少 150 小時。"
    rule.save()
    assert "請確認兩邊一致" not in office.get(url("publish", draft)).content.decode()


def test_a_new_version_proposes_its_changes_as_the_public_note(office):
    call = factories.make_call()
    office.post(reverse("designer:revise", args=[call.slug]))
    draft = CallDraft.objects.get(call=call)
    number = next(r.number for r in read_draft(draft).rules if r.data["id"] == "B3")
    page = office.get(url("rule", draft, number)).content.decode()
    fields = dict(re.findall(r'<input[^>]* type="text" name="([^"]+)"[^>]* value="([^"]*)"', page))
    text = re.search(r'name="rule-text"[^>]*>([^<]*)<', page)[1]
    data = fields | {"rule-text": text, "rule-severity": "error", "version": "0"}
    assert data["params-per_head-student"] == "100,000"
    office.post(url("rule", draft, number), data | {"params-per_head-student": "110,000"})
    page = office.get(url("publish", draft)).content.decode()
    assert "B3 › 每人的補助上限 › 在學學生：100,000 元 → 110,000 元</textarea>" in page
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)[1]
    assert office.post(url("publish", draft), {"seen": seen, "change_note": " "}).status_code == 422
    office.post(url("publish", draft), {"seen": seen, "change_note": "學生每人上限調高為 110,000 元。"})
    public = office.get(reverse("calls:detail", args=[call.slug])).content.decode()
    assert "第 2 版" in public
    assert "學生每人上限調高為 110,000 元。" in public


@pytest.mark.parametrize("key", ["call", "self-check", "sections", "sheet"])
def test_previews_are_marked_and_write_nothing(office, draft, key, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page = office.get(url("preview", draft, key)).content.decode()
    assert "預覽：" in page
    assert "autosave.js" not in page
    assert office.post(url("preview", draft, key)).status_code == 302


@pytest.mark.parametrize("section", sections_of(terms()))
def test_each_section_of_the_applicant_is_previewed_with_the_lists_of_the_draft(office, draft, section):
    answer = office.get(url("preview", draft, "sections"), {"page": section})
    assert answer.status_code == 200
    assert "預覽：申請書各節" in answer.content.decode()
    assert office.get(url("preview", draft, "sections"), {"page": "nonsense"}).status_code == 404


def test_previews_and_parts_lead_nobody_to_what_is_not_theirs(office, draft):
    admin = personas.client_for(personas.make_administrator())
    wording = f'href="{reverse("documents:templates")}"'
    assert wording in office.get(url("part", draft, "letters")).content.decode()
    assert wording not in admin.get(url("part", draft, "letters")).content.decode()
    page = admin.get(url("preview", draft, "sheet")).content.decode()
    assert "我的審查" in page
    assert not re.search(rf'href="{reverse("review:home")}("|assignments)', page)


def test_the_previews_show_what_was_changed(office, draft):
    autosave(office, draft, "criteria", **{"criteria-0-label": "新的審查項目"})
    autosave(office, draft, "plan", **{"plan_texts-0-label": "新的標題"})
    assert "新的審查項目" in office.get(url("preview", draft, "sheet")).content.decode()
    page = office.get(url("preview", draft, "sections"), {"page": "plan"}).content.decode()
    assert "新的標題" in page


def test_a_preview_of_terms_with_problems_says_what_to_mend(office, draft):
    autosave(office, draft, "money", envelope="很多")
    answer = office.get(url("preview", draft, "call"))
    assert answer.status_code == 409
    assert "補助總經費" in answer.content.decode() or "經費：" in answer.content.decode()


def test_a_draft_that_is_over_leads_back_to_its_home(office, draft):
    office.post(url("discard", draft))
    assert office.get(url("part", draft, "basics"))["Location"] == url("draft", draft)
    answer = office.post(url("part", draft, "basics"), page_of(draft, "basics", summary="晚了"))
    assert answer.status_code == 409
    assert "晚了" in answer.content.decode()
    assert reverse("designer:list") in office.get(url("draft", draft)).content.decode()


@pytest.mark.parametrize("name", ["recruit_112", "raise", "size_band"])
def test_a_call_of_another_scheme_is_drawn_and_previewed(office, name):
    data = {"source": f"scheme:{name}", "name": "另一種徵案", "roc_year": "115", "opens_on": "115/2/9"}
    office.post(reverse("designer:new"), data)
    made = CallDraft.objects.get()
    assert read_draft(made).problems == []
    for part in PAGES:
        assert office.get(url("part", made, part)).status_code == 200
    for rule in made.parts.filter(key="rule"):
        assert office.get(url("rule", made, rule.number)).status_code == 200
    for section in sections_of(read_draft(made).terms):
        assert office.get(url("preview", made, "sections"), {"page": section}).status_code == 200
    for key in ("call", "self-check", "sheet"):
        assert office.get(url("preview", made, key)).status_code == 200


def test_the_timetable_is_drawn_as_typed(office, draft):
    page = office.get(url("part", draft, "timetable")).content.decode()
    assert page.count('class="gantt-row"') == 8
    told = autosave(office, draft, "timetable", **{"timetable-0-ends_on": "很久以後"}).json()
    assert told["fragments"]["#timetable-drawing"].count('class="gantt-row"') == 7


def test_a_letter_of_the_call_uses_only_names_that_can_be_filled_in(office, draft):
    typed = {
        "letters-TOTAL_FORMS": "1",
        "letters-0-kind": "return",
        "letters-0-subject": "{補助名稱}退件，{案件編號}",
    }
    told = autosave(office, draft, "letters", **typed)
    assert told.status_code == 422
    assert (
        "沒有「{案件編號}」這個欄位，是不是要用「{案號}」？"
        in told.json()["fragments"]["#id_letters-0-subject-notes"]
    )
    assert office.post(url("part", draft, "letters"), page_of(draft, "letters")).status_code == 302


# Bounded ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_needs_the_same_queries_for_one_draft_and_for_three(
    office, number, django_assert_max_num_queries
):
    call = factories.make_call()
    for n in range(number):
        factories.make_call(slug=f"more-{n}")
        service.start_draft(
            source=call.current_terms,
            name=f"草稿 {n}",
            roc_year=115 + n,
            opens_on=(call.opens_at + timedelta(days=365)).astimezone(TAIPEI).date(),
            actor=personas.make_office(),
            now=factories.now(),
        )
    with django_assert_max_num_queries(12):
        page = office.get(reverse("designer:list")).content.decode()
    assert page.count("繼續編輯") == number


@pytest.mark.parametrize("name", ["draft", "part", "rules", "rule", "compare", "publish", "preview"])
def test_every_page_of_a_draft_needs_few_queries(office, draft, name, django_assert_max_num_queries):
    more = {"part": ["settings"], "rule": [5], "preview": ["call"]}.get(name, [])
    with django_assert_max_num_queries(14):
        assert office.get(url(name, draft, *more)).status_code == 200


def test_only_those_who_edit_calls_come_in(draft):
    for make in (personas.make_company, personas.make_reviewer, personas.make_supervisor):
        client = personas.client_for(make())
        assert client.get(reverse("designer:list")).status_code == 403
        assert client.get(url("draft", draft)).status_code == 403
