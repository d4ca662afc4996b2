"""The office's pages: writing, publishing, lists with one and three rows, the queue, the report, the settings."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core import clock
from core.rocdate import roc_datetime
from outreach.models import Inquiry, Publication, ServiceSettings
from outreach.services import inquiries
from tests import factories, personas
from tests.outreach import builders

pytestmark = pytest.mark.django_db

MOST = 20


@pytest.fixture
def office(db: None) -> Client:
    return personas.client_for(personas.make_office())


def page(client: Client, path: str, **data: Any) -> str:
    response = client.get(path, data)
    assert response.status_code == 200, path
    return str(response.content.decode())


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        page(client, path)
    return len(seen)


def png() -> SimpleUploadedFile:
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return SimpleUploadedFile("圖.png", out.getvalue(), "image/png")


def test_lists_take_the_same_few_queries_for_one_row_and_for_three(office):
    event = builders.event(capacity=50)

    def add(number: int) -> None:
        builders.publication("faq", f"問題 {number}")
        builders.event(title=f"活動 {number}")
        builders.register(event, f"guest{number}@example.test")
        row = builders.inquiry(subject=f"來信 {number}")
        inquiries.answer(inquiry=row, text="答", actor=personas.make_office(), now=clock.now())
        builders.inquiry(subject=f"待答 {number}")

    paths = (
        "/outreach/",
        f"/outreach/events/{event.pk}/attendees/",
        "/outreach/inquiries/?view=all",
        "/outreach/inquiries/report/",
    )
    add(1)
    detail = reverse("outreach:inquiry", args=[builders.inquiry(kind="complaint").pk])
    one = {path: queries(office, path) for path in (*paths, detail)}
    add(2)
    add(3)
    assert {path: queries(office, path) for path in one} == one
    assert max(one.values()) <= MOST, one


def test_a_draft_is_written_published_and_taken_down(office, client):
    response = office.post("/outreach/new/news/", {"title": "開辦公告", "body": "內文"})
    row = Publication.objects.get()
    assert response.url == reverse("outreach:edit", args=[row.pk])
    assert row.published_from is None
    assert "開辦公告" not in page(client, "/news/")
    data = {"title": "開辦公告", "body": "內文二", "version": row.version, "action": "publish"}
    assert office.post(response.url, data).status_code == 302
    assert "開辦公告" in page(client, "/news/")
    for _ in range(2):
        office.post(reverse("outreach:take_down", args=[row.pk]))
    assert "開辦公告" not in page(client, "/news/")
    row.refresh_from_db()
    assert row.published_from is not None
    assert row.updated_by == personas.make_office()


def test_what_is_planned_can_be_a_draft_again(office):
    later = clock.now() + timedelta(days=3)
    row = builders.publication("news", published_from=later, published_until=later + timedelta(days=1))
    assert "取消排定" in page(office, reverse("outreach:edit", args=[row.pk]))
    office.post(reverse("outreach:take_down", args=[row.pk]))
    row.refresh_from_db()
    assert (row.published_from, row.published_until) == (None, None)


def test_two_who_edit_the_same_lose_nothing(office):
    row = builders.publication("news")
    path = reverse("outreach:edit", args=[row.pk])
    first = {"title": "甲的", "body": "甲", "version": 1, "published_from": roc_datetime(row.published_from)}
    assert office.post(path, first).status_code == 302
    late = office.post(path, {**first, "title": "乙的", "body": "乙寫了很久"})
    assert late.status_code == 422
    text = late.content.decode()
    assert "有人先儲存" in text
    assert "乙寫了很久" in text
    row.refresh_from_db()
    assert row.title == "甲的"


EVENT = {
    "title": "說明會", "body": "說明", "category": "briefing", "starts_at": "130/3/1 14:00", "ends_at": "130/3/1 16:00",
    "place": "臺中", "capacity": "30", "registration_opens_at": "114/1/1", "registration_closes_at": "130/2/28",
}  # fmt: skip


def test_an_event_with_its_times_as_people_type_them(office, client):
    assert office.post("/outreach/new/event/", {**EVENT, "action": "publish"}).status_code == 302
    event = Publication.objects.get().event
    assert event.when == "130/3/1 14:00–16:00"
    assert roc_datetime(event.registration_closes_at) == "130/2/28 23:59"
    assert "報名中" in page(client, "/events/")
    assert 'value="130/3/1 14:00"' in page(office, reverse("outreach:edit", args=[event.pk]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"starts_at": "明天"}, "日期看不懂"),
        ({"starts_at": "130/3/1 25:00"}, "時間看不懂"),
        ({"ends_at": "130/3/1 13:00"}, "結束要晚於開始"),
        ({"place": ""}, "請填地點"),
        ({"capacity": "0"}, "至少 1"),
        ({"capacity": "三十"}, "請填整數"),
        ({"registration_opens_at": ""}, "一起填"),
        ({"registration_closes_at": "130/3/2"}, "不能晚於活動結束"),
        ({"online_url": "javascript:alert(1)"}, "請填完整的網址"),
        ({"category": "party"}, "party"),
        ({"title": ""}, "請填寫這一欄"),
        ({"title": "長" * 121}, "最多 120 字"),
        ({"body": "長" * 20_001}, "最多 20,000 字"),
        ({"published_from": "130/1/2", "published_until": "130/1/1 10:00"}, "下架時間要晚於公開時間"),
        ({"published_until": "130/1/1"}, "也要填公開時間"),
    ],
)
def test_a_wrong_event_is_told_at_its_field_and_nothing_is_kept(office, wrong, words):
    response = office.post("/outreach/new/event/", {**EVENT, **wrong})
    assert response.status_code == 422
    text = response.content.decode()
    assert words in text
    assert "錯誤：" in text
    assert not Publication.objects.exists()


def test_pictures_need_words_and_downloads_a_file_in_an_open_format(office, client):
    story = {"title": "成果", "body": "內文", "figures": "人次：24 人", "action": "publish"}
    refused = office.post("/outreach/new/story/", {**story, "uploads": png()})
    assert refused.status_code == 422
    assert "請用一句話說明圖片" in refused.content.decode()
    office.post("/outreach/new/story/", {**story, "uploads": png(), "alt": "學生在操作機台"})
    row = Publication.objects.get()
    text = page(client, row.get_absolute_url())
    assert 'alt="學生在操作機台"' in text
    assert "<dd>24 人</dd>" in text
    picture = client.get(reverse("public:file", args=[row.files.get().pk]), {"inline": "1"})
    assert picture["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")

    download = {"title": "表", "topic": builders.topic().pk, "order": "10"}
    empty = office.post("/outreach/new/download/", {**download, "action": "publish"})
    assert "至少要有一個檔案" in empty.content.decode()
    assert (
        "不收這種檔案"
        in office.post("/outreach/new/download/", {**download, "uploads": png()}).content.decode()
    )
    office.post(
        "/outreach/new/download/", {**download, "uploads": factories.pdf_upload(), "action": "publish"}
    )
    row = Publication.objects.get(kind="download")
    office.post(reverse("outreach:file_remove", args=[row.files.get().pk]))
    assert row.files.count() == 1, "the last file of a shown download stays"
    office.post(reverse("outreach:take_down", args=[row.pk]))
    for _ in range(2):
        office.post(reverse("outreach:file_remove", args=[row.files.first().pk if row.files.exists() else 0]))
    assert not row.files.exists()


def test_filters_of_the_list(office):
    now = clock.now()
    builders.publication("news", "公開的")
    builders.publication("news", "草稿的", published_from=None)
    builders.publication("faq", "排定的", published_from=now + timedelta(days=1))
    builders.publication(
        "news", "下架的", published_from=now - timedelta(days=2), published_until=now - timedelta(days=1)
    )
    for stage, title in (("shown", "公開的"), ("draft", "草稿的"), ("planned", "排定的"), ("over", "下架的")):
        text = page(office, "/outreach/", stage=stage)
        assert text.count("outreach:edit") == 0
        assert [t for t in ("公開的", "草稿的", "排定的", "下架的") if f">{t}</a>" in text] == [title]
    assert ">排定的</a>" not in page(office, "/outreach/", kind="news")
    assert "沒有符合條件" in page(office, "/outreach/", q="不存在")
    assert page(office, "/outreach/", kind="x", stage="y", page="z")


def test_the_list_of_those_who_come_as_a_file_is_safe_and_logged(office):
    event = builders.event()
    builders.register(event, "guest@example.test", name="=cmd|' /C calc'!A0")
    for kind in ("xlsx", "ods"):
        response = office.post(reverse("outreach:attendees_export", args=[event.pk]), {"format": kind})
        assert response.status_code == 200
        if kind == "xlsx":
            sheet = load_workbook(BytesIO(response.content)).active
            assert sheet["C2"].value.startswith("'=")
            assert sheet["C2"].data_type == "s"
    assert LogEntry.objects.filter(additional_data__event="attendees_exported").count() == 2
    assert "=cmd" in page(office, reverse("outreach:attendees", args=[event.pk]))


def test_the_office_cancels_for_somebody_and_the_next_moves_up(office):
    event = builders.event(capacity=1)
    first, second = builders.register(event, "a@example.test"), builders.register(event, "b@example.test")
    office.post(reverse("outreach:registration_cancel", args=[first.pk]))
    second.refresh_from_db()
    assert second.state == "registered"


# Inquiries ------------------------------------------------------------------------------------------------


def test_from_the_queue_to_an_answer_and_an_faq(office, client):
    faq = builders.publication("faq", "配合款怎麼算", body="各科目不低於一半")
    row = builders.inquiry(topic=builders.topic())
    path = reverse("outreach:inquiry", args=[row.pk])
    assert path in page(office, "/outreach/inquiries/")
    office.post(reverse("outreach:take", args=[row.pk]))
    assert row.number in page(office, "/outreach/inquiries/?view=mine")
    assert "各科目不低於一半</textarea>" in page(office, path, faq=faq.pk)
    empty = office.post(path, {"text": " "})
    assert empty.status_code == 422
    assert office.post(path, {"text": "不可以高於一半"}).url == path
    again = office.post(path, {"text": "再答一次"})
    assert again.status_code == 422
    assert "狀態已經改變" in again.content.decode()
    new = f"{reverse('outreach:new', args=['faq'])}?inquiry={row.pk}"
    assert new.replace("&", "&amp;") in page(office, path)
    form = page(office, new)
    assert "配合款怎麼算" in form
    assert "不可以高於一半</textarea>" in form
    data = {
        "title": "配合款可以低於一半嗎",
        "body": "不可以",
        "topic": builders.topic().pk,
        "order": 5,
        "inquiry": row.pk,
    }
    assert office.post("/outreach/new/faq/", data).status_code == 302
    assert Publication.objects.get(origin=row).published_from is None
    assert "配合款可以低於一半嗎" in page(office, path)


def test_notes_and_giving_away(office):
    other = personas.make_user("office2@example.test", "鄧同仁", roles=("office",))
    row = builders.inquiry()
    path = reverse("outreach:inquiry", args=[row.pk])
    assert office.post(f"{path}note/", {"note-text": "先問會計"}).url == path
    assert "先問會計" in page(office, path)
    assert office.post(f"{path}note/", {"note-text": ""}).status_code == 422
    office.post(f"{path}assign/", {"to": other.pk})
    row.refresh_from_db()
    assert row.assignee == other
    for wrong in ("", "x", personas.make_reviewer().pk, 10**12):
        office.post(f"{path}assign/", {"to": wrong})
        row.refresh_from_db()
        assert row.assignee == other


def test_who_is_concerned_finds_nothing_anywhere(office):
    me = personas.make_office()
    other = personas.make_user("office2@example.test", "鄧同仁", roles=("office",))
    row = builders.inquiry(kind="complaint", subject="對承辦人的申訴")
    file = builders.with_attachment(row)
    path = reverse("outreach:inquiry", args=[row.pk])
    response = office.post(f"{path}concerned/", {"people": [me.pk]})
    assert response.url == reverse("outreach:inquiries")
    for gone in (path, f"{path}files/{file.pk}/"):
        assert office.get(gone).status_code == 404
    for act in ("take", "assign", "note", "concerned"):
        assert office.post(f"{path}{act}/", {"to": me.pk, "note-text": "x"}).status_code == 404
    assert "對承辦人的申訴" not in page(office, "/outreach/inquiries/?view=all")
    assert "對承辦人的申訴" not in page(office, f"/outreach/new/faq/?inquiry={row.pk}")
    assert "這一年沒有來信" in page(office, "/outreach/inquiries/report/")
    second = personas.client_for(other)
    assert "對承辦人的申訴" in page(second, "/outreach/inquiries/")
    text = page(second, path)
    assert f'<option value="{me.pk}"' not in text
    question = builders.inquiry()
    assert office.post(reverse("outreach:concerned", args=[question.pk]), {"people": []}).status_code == 404


def test_the_supervisor_comes_to_what_was_escalated(office):
    supervisor = personas.client_for(personas.make_supervisor())
    row = builders.inquiry(subject="逾期的")
    assert "逾期的" not in page(supervisor, "/outreach/inquiries/")
    inquiries.watch(now=clock.now() + timedelta(days=60))
    assert "逾期的" in page(supervisor, "/outreach/inquiries/")
    path = reverse("outreach:inquiry", args=[row.pk])
    assert supervisor.post(path, {"text": "由主辦機關答覆"}).url == path
    assert Inquiry.objects.get().state == "answered"
    assert "整理成常見問題" not in page(supervisor, path)


def test_filters_of_the_queue(office):
    row = builders.inquiry(subject="找得到", case_number="IPAS-114-0009")
    for asked in ({"q": row.number}, {"q": "0009"}, {"kind": "question"}, {"since": "114/1/1"}):
        assert "找得到" in page(office, "/outreach/inquiries/", **asked)
    for asked in ({"q": "無"}, {"kind": "complaint"}, {"until": "114/1/1"}, {"result": "rated"}):
        assert "沒有符合條件" in page(office, "/outreach/inquiries/", **asked)
    nasty = {
        "view": "x",
        "kind": "x",
        "result": "x",
        "since": "x",
        "until": "\x00",
        "q": "\x00😀" * 99,
        "page": "-1",
    }
    assert page(office, "/outreach/inquiries/", **nasty)


def test_the_report_and_its_files(office):
    row = builders.inquiry()
    inquiries.answer(inquiry=row, text="答", actor=personas.make_office(), now=clock.now())
    inquiries.rate(inquiry=row, rating=3, comment="", now=clock.now())
    text = page(office, "/outreach/inquiries/report/")
    assert "100 %" in text
    assert "3.00" in text
    assert "未達" in text
    for year in ("abc", "999", "000", "１１４", "12345"):
        assert office.get("/outreach/inquiries/report/", {"year": year}).status_code == 200
    sheet = load_workbook(
        BytesIO(office.get("/outreach/inquiries/report/", {"format": "xlsx"}).content)
    ).active
    assert sheet["A1"].value == "期間"
    assert office.get("/outreach/inquiries/report/", {"format": "ods"}).content.startswith(b"PK")


def test_settings_are_kept_and_count_from_the_next_one(office):
    before = builders.inquiry()
    data = {
        "phone": "0800-000-114", "mailbox": "service@example.test", "hours": "週一至週五", "question_days": "1",
        "complaint_days": "10", "other_days": "5", "remind_days": "1", "close_days": "10", "satisfaction_goal": "4.5",
        "registration_months": "6", "inquiry_years": "3",
    }  # fmt: skip
    assert office.post("/outreach/settings/", data).status_code == 302
    assert ServiceSettings.objects.get().question_days == 1
    assert builders.inquiry().due_on < before.due_on
    for wrong in (
        {"question_days": "0"},
        {"question_days": "61"},
        {"satisfaction_goal": "5.1"},
        {"mailbox": "x"},
        {"phone": "1"},
    ):
        assert office.post("/outreach/settings/", data | wrong).status_code == 422


def test_the_homes_tell_how_many_wait(office):
    builders.inquiry()
    assert "待答覆來信" in page(office, reverse("office:home"))
    supervisor = personas.client_for(personas.make_supervisor())
    assert "逾期未答" not in page(supervisor, reverse("supervisor:home"))
    inquiries.watch(now=clock.now() + timedelta(days=60))
    assert "1 件逾期未答，等待督導" in page(supervisor, reverse("supervisor:home"))
