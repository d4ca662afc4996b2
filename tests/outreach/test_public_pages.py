"""What anybody sees: only what is shown, in a bounded number of queries; forms that lose nothing and write once."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from documents.models import OutgoingMail
from outreach.models import Inquiry, Publication, Registration, ServiceSettings
from outreach.services import inquiries
from tests import factories, personas
from tests.outreach import builders

pytestmark = pytest.mark.django_db

MOST = 20
PERSON = {"name": "江訪客", "email": "visitor@example.test", "organisation": "", "phone": ""}
ASKED = {
    "kind": "question",
    "name": "江訪客",
    "email": "visitor@example.test",
    "subject": "配合款",
    "text": "問題",
}
NASTY = {
    "too long": "長" * 6000,
    "NUL": "a\x00b",
    "emoji": "😀👩‍👩‍👧",
    "HTML": "<script>alert(1)</script>",
    "bidi": "\u202eabc\u200b",
    "formula": "=cmd|' /C calc'!A0",
}


def page(client: Client, path: str, **data: Any) -> str:
    response = client.get(path, data)
    assert response.status_code == 200, path
    return str(response.content.decode())


def content(response: Any) -> bytes:
    """The bytes of a file that was given out; the test client closes it at its end."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        page(client, path)
    return len(seen)


def _of_each(number: int) -> None:
    for kind in ("news", "faq", "download", "story"):
        row = builders.publication(
            kind, f"{kind} 配合款 {number}", topic=builders.topic(f"topic-{number}", f"主題{number}")
        )
        builders.with_file(row)
    event = builders.event(title=f"說明會 {number}")
    builders.register(event, f"guest{number}@example.test")
    past = builders.event(
        title=f"過去 {number}", days=-10, registration_opens_at=None, registration_closes_at=None
    )
    assert past.pk


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/news/",
        "/news/feed/",
        "/faq/",
        "/downloads/",
        "/stories/",
        "/events/",
        "/find/?q=配合款",
        "/find/?q=無",
    ],
)
def test_pages_take_the_same_few_queries_for_one_row_and_for_three(client, path):
    factories.make_call()
    _of_each(1)
    one = queries(client, path)
    _of_each(2)
    _of_each(3)
    assert queries(client, path) == one <= MOST


@pytest.mark.parametrize(
    "path", ["/news/", "/faq/", "/downloads/", "/stories/", "/events/", "/find/", "/find/?q=x"]
)
def test_an_empty_page_says_why(client, path):
    text = page(client, path)
    assert 'class="empty"' in text or "可以搜尋" in text


@pytest.mark.parametrize("kind", ["news", "faq", "story", "event"])
def test_only_what_is_shown_is_seen(client, kind):
    now = clock.now()
    hour = timedelta(hours=1)
    windows = {
        "草稿": {"published_from": None},
        "還沒": {"published_from": now + hour},
        "過了": {"published_from": now - 2 * hour, "published_until": now - hour},
        "公開": {"published_from": now - hour, "published_until": now + hour},
    }
    rows = {}
    for title, window in windows.items():
        rows[title] = (
            builders.event(title=title, **window).publication
            if kind == "event"
            else builders.publication(kind, title, **window)
        )
    listed = page(client, reverse(f"public:{kind}"))
    found = page(client, "/find/", q="公開") + "".join(
        page(client, "/find/", q=t) for t in windows if t != "公開"
    )
    for title, row in rows.items():
        shown = title == "公開"
        assert (f">{title}<" in listed) == shown, title
        assert (f'href="{row.get_absolute_url()}"' in found) == shown, title
        assert client.get(row.get_absolute_url()).status_code == (200 if shown else 404)
    office = personas.client_for(personas.make_office())
    assert "目前不公開" in page(office, rows["草稿"].get_absolute_url())
    assert client.get(reverse("public:event_calendar", args=[rows["草稿"].pk])).status_code == 404


def test_both_edges_of_the_window():
    now = clock.now()
    row = builders.publication("news", published_from=now, published_until=now + timedelta(hours=1))
    for moment, shown in (
        (now - timedelta(microseconds=1), False),
        (now, True),
        (row.published_until - timedelta(microseconds=1), True),
        (row.published_until, False),
    ):
        assert row.is_shown(moment) == shown
        assert Publication.objects.shown(moment).exists() == shown


def test_pinned_news_comes_first(client):
    now = clock.now()
    builders.publication("news", "舊的置頂", pinned=True, published_from=now - timedelta(days=9))
    builders.publication("news", "新的")
    text = page(client, "/news/")
    assert text.index("舊的置頂") < text.index("新的")


def test_a_file_goes_with_its_publication(client):
    shown, draft = builders.publication("news"), builders.publication("news", published_from=None)
    files = [builders.with_file(row) for row in (shown, draft)]
    response = client.get(reverse("public:file", args=[files[0].pk]))
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert content(response).startswith(b"%PDF")
    assert client.get(reverse("public:file", args=[files[1].pk])).status_code == 404


def test_downloads_tell_format_and_size(client):
    builders.with_file(builders.publication("download", "紀錄表"), "紀錄表.pdf")
    text = page(client, "/downloads/")
    assert "紀錄表.pdf" in text
    assert "PDF" in text


def test_the_search_marks_words_and_finds_rules_and_calls(client):
    factories.make_call()
    builders.publication("faq", "配合款怎麼算", body="各科目的配合款不低於一半")
    text = page(client, "/find/", q="配合款")
    assert "<mark>配合款</mark>怎麼算" in text
    assert "/rules/B2/" in text
    both = page(client, "/find/", q="配合款 一半")
    assert "<mark>一半</mark>" in both
    assert "找不到" in page(client, "/find/", q="配合款 不存在的詞")
    assert "徵案公告" in page(client, "/find/", q="企業數位人才")
    assert "<mark>配合款怎麼算</mark>" in page(client, "/find/", q="配合款怎麼算？")


def test_the_search_takes_both_ways_to_write_taiwan(client):
    builders.event(title="臺中實體說明會")
    assert "<mark>臺中</mark>實體說明會" in page(client, "/find/", q="台中")


def test_news_can_be_subscribed_to_and_nothing_is_told_early(client, settings):
    settings.PORTAL_URL = "https://portal.example.test"
    now = clock.now()
    row = builders.publication("news", "第三梯次 <受理>", body="- 請看 [須知](/calls/)")
    builders.publication("news", "還沒公開", published_from=now + timedelta(hours=1))
    builders.publication("news", "草稿", published_from=None)
    builders.publication("story", "成果")
    feed = client.get("/news/feed/", headers={"Host": "evil.example.test"})
    assert feed["Content-Type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(feed.content).findall("{*}entry")
    assert [entry.findtext("{*}title") for entry in entries] == ["第三梯次 <受理>"]
    assert entries[0].findtext("{*}summary") == "請看 須知"
    assert entries[0].find("{*}link").get("href") == f"https://portal.example.test/news/{row.pk}/"  # type: ignore[union-attr]
    assert "evil" not in feed.content.decode()
    assert 'href="/news/feed/"' in page(client, "/news/")


@pytest.mark.parametrize(
    "question", [*NASTY.values(), "%", "_", "\\", "'; DROP TABLE x;--", "a b c d e f g h", " "]
)
def test_any_question_may_be_asked(client, question):
    builders.publication("faq", "一般的問題")
    for path in ("/find/", "/faq/"):
        response = client.get(path, {"q": question})
        assert response.status_code == 200
        text = response.content.decode()
        assert "<script>alert" not in text
        assert ">一般的問題<" not in text or question == " " or "大家覺得" in text or path == "/faq/"


def test_percent_and_underscore_are_letters(client):
    builders.publication("faq", "補助 50% 上限")
    builders.publication("faq", "別的")
    text = page(client, "/faq/", q="%")
    assert "50%" in text
    assert ">別的<" not in text


def test_a_vote_counts_once_for_each_browser_and_not_without_end(client):
    row = builders.publication("faq")
    path = reverse("public:faq_vote", args=[row.pk])
    for answer in ("yes", "yes", "no", "perhaps"):
        client.post(path, {"helpful": answer})
    row.refresh_from_db()
    assert (row.helpful, row.not_helpful) == (1, 0)
    cache.clear()
    for _ in range(30):
        Client().post(path, {"helpful": "no"})
    row.refresh_from_db()
    assert row.not_helpful == 20
    assert client.get(path).status_code == 405
    assert client.post(reverse("public:faq_vote", args=[builders.publication("news").pk])).status_code == 404


# Events ---------------------------------------------------------------------------------------------------


def test_registering_leads_to_the_personal_page_and_back_out(client):
    event = builders.event(online_url="https://meet.example.test/secret")
    assert "meet.example.test" not in page(client, f"/events/{event.pk}/")
    response = client.post(f"/events/{event.pk}/", PERSON)
    row = Registration.objects.get()
    assert response.url == row.get_absolute_url()
    personal = client.get(response.url)
    assert "no-store" in personal["Cache-Control"]
    assert "meet.example.test/secret" in personal.content.decode()
    assert "取消報名" in page(client, response.url)
    for _ in range(2):
        assert client.post(response.url).url == response.url
    assert "已經取消" in page(client, response.url)
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert client.get("/events/registrations/unknown/").status_code == 404


def test_a_replayed_registration_is_one(client):
    event = builders.event()
    key = str(uuid.uuid4())
    urls = {client.post(f"/events/{event.pk}/", {**PERSON, "form_key": key}).url for _ in range(2)}
    assert len(urls) == 1
    assert Registration.objects.count() == 1
    again = client.post(f"/events/{event.pk}/", {**PERSON, "form_key": str(uuid.uuid4())})
    assert again.status_code == 422
    assert "已經報名" in again.content.decode()
    assert 'value="江訪客"' in again.content.decode()


def test_a_full_event_says_so_and_takes_a_waiting_list(client):
    event = builders.event(capacity=1)
    builders.register(event, "first@example.test")
    assert "名額已滿" in page(client, f"/events/{event.pk}/")
    assert "額滿，可候補" in page(client, "/events/")
    url = client.post(f"/events/{event.pk}/", PERSON).url
    assert "前面還有 0 人" in page(client, url)


def test_an_event_that_is_over_or_closed_takes_nobody(client):
    now = clock.now()
    closed = builders.event(registration_closes_at=now - timedelta(hours=1))
    response = client.post(f"/events/{closed.pk}/", PERSON)
    assert response.status_code == 422
    assert "截止" in response.content.decode()
    past = builders.event(days=-3, registration_opens_at=None, registration_closes_at=None)
    assert "活動已經結束" in page(client, f"/events/{past.pk}/")
    assert not Registration.objects.exists()


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["name", "email", "organisation", "phone", "form_key"])
def test_bad_input_of_a_registration_is_told_and_kept(client, field, nasty):
    event = builders.event()
    response = client.post(f"/events/{event.pk}/", {**PERSON, field: NASTY[nasty]})
    assert response.status_code in (302, 422)
    assert "<script>alert" not in response.content.decode()
    for row in Registration.objects.all():
        assert "\x00" not in row.name + row.organisation
        personal = page(client, row.get_absolute_url())
        assert "<script>alert" not in personal


def test_a_machine_that_fills_everything_is_told_and_writes_nothing(client):
    event = builders.event()
    for path, data in ((f"/events/{event.pk}/", PERSON), ("/inquiries/", ASKED)):
        response = client.post(path, {**data, "website": "https://spam.example"})
        assert response.status_code == 422
        assert "請留空" in response.content.decode()
    assert not Registration.objects.exists()
    assert not Inquiry.objects.exists()


def test_too_many_in_a_short_time_are_told_to_wait(client):
    for _ in range(6):
        client.post("/inquiries/", ASKED)
    response = client.post("/inquiries/", ASKED)
    assert response.status_code == 422
    assert "過幾分鐘再試" in response.content.decode()
    assert 'value="配合款"' in response.content.decode()
    assert Inquiry.objects.count() == 6


def test_a_calendar_file(client):
    event = builders.event(title="說明會")
    response = client.get(f"/events/{event.pk}/event.ics")
    assert response["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:說明會" in response.content.decode()


# Inquiries ------------------------------------------------------------------------------------------------


def test_the_form_tells_periods_addresses_and_what_becomes_of_the_data(client):
    ServiceSettings.objects.create(
        pk=1, phone="0800-000-114", mailbox="service@example.test", complaint_days=7
    )
    text = page(client, "/inquiries/")
    for words in ("0800-000-114", "service@example.test", "7 個工作天內", "個人資料蒐集告知", "結案後 3 年"):
        assert words in text
    assert re.search(r'value="complaint"[^>]*checked', page(client, "/inquiries/", kind="complaint"))


def test_asking_following_asking_again_rating(client):
    office = personas.make_office()
    data = {**ASKED, "file": factories.pdf_upload(), "form_key": str(uuid.uuid4())}
    url = client.post("/inquiries/", data).url
    assert client.post("/inquiries/", {**ASKED, "form_key": data["form_key"]}).url == url
    row = Inquiry.objects.get()
    text = page(client, url)
    assert row.number in text
    assert "以前答覆" in text
    file = re.search(rf"{url}files/\d+/", text)
    assert file
    assert content(client.get(file[0])).startswith(b"%PDF")
    inquiries.note(inquiry=row, text="只給同事看", actor=office, now=clock.now())
    inquiries.answer(inquiry=row, text="請看 [須知](/calls/)。\n\n- <b>甲</b>", actor=office, now=clock.now())
    text = page(client, url)
    assert "只給同事看" not in text
    assert '<a href="/calls/">須知</a>' in text
    assert "<b>甲" not in text
    assert client.post(url, {"action": "ask", "text": "再問"}).url == url
    assert Inquiry.objects.get().state == "assigned"
    refused = client.post(url, {"action": "rate", "rating": "5"})
    assert refused.status_code == 422
    assert "還沒有答覆" in refused.content.decode()
    inquiries.answer(inquiry=row, text="再答", actor=office, now=clock.now())
    for wrong in ("", "0", "6", "五", "5.5"):
        assert client.post(url, {"action": "rate", "rating": wrong}).status_code == 422
    assert client.post(url, {"action": "rate", "rating": "4", "comment": "好"}).url == url
    row.refresh_from_db()
    assert (row.state, row.rating, row.rating_comment) == ("closed", 4, "好")
    late = client.post(url, {"action": "ask", "text": "又問"})
    assert late.status_code == 422


def test_another_persons_page_and_files_stay_closed(client):
    mine, other = builders.inquiry(), builders.inquiry()
    file = builders.with_attachment(other)
    assert client.get(f"{mine.get_absolute_url()}files/{file.pk}/").status_code == 404
    assert client.get("/inquiries/unknown/").status_code == 404
    assert client.get(f"/inquiries/unknown/files/{file.pk}/").status_code == 404


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["kind", "name", "email", "topic", "case_number", "subject", "text"])
def test_bad_input_of_an_inquiry_is_told_and_kept(client, field, nasty):
    response = client.post("/inquiries/", {**ASKED, field: NASTY[nasty]})
    assert response.status_code in (302, 422)
    assert "<script>alert" not in response.content.decode()
    if response.status_code == 302:
        assert "<script>alert" not in page(client, response.url)
    for mail in OutgoingMail.objects.all():
        assert "\n" not in mail.subject


def test_a_file_that_cannot_be_taken_is_told_at_its_field(client):
    bad = factories.pdf_upload()
    bad.name = "photo.exe"
    response = client.post("/inquiries/", {**ASKED, "file": bad})
    assert response.status_code == 422
    assert "不收這種檔案" in response.content.decode()
    assert not Inquiry.objects.exists()


def test_the_landing_page_shows_the_newest_and_the_next(client):
    now = clock.now()
    for n in range(5):
        builders.publication("news", f"消息{n}", published_from=now - timedelta(hours=n + 1))
    builders.event(title="遠的", days=30)
    builders.event(title="近的", days=3)
    text = page(client, "/")
    assert text.index("消息0") < text.index("消息2")
    assert "消息3" not in text
    assert text.index("近的") < text.index("遠的")


def test_people_without_a_role_find_the_public_pages_in_the_menu(client, company):
    for one in (client, personas.client_for(company)):
        text = page(one, "/calls/")
        for label in ("最新消息", "常見問題", "活動", "聯絡我們"):
            assert f">{label}</a>" in text
    nav = page(personas.client_for(personas.make_office()), "/calls/").split("</nav>")[0]
    assert "對外服務" in nav
    assert "最新消息" not in nav
