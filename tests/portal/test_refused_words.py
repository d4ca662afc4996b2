"""A form that is refused as a whole gives back what was written into it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories, personas

pytestmark = pytest.mark.django_db

WORDS = "第一段意見，\n第二段 <b>意見</b>"
SHOWN = "第一段意見，\n第二段 &lt;b&gt;意見&lt;/b&gt;"


def refused(status: int) -> tuple[Client, str]:
    """Somebody and an address that answers a POST with the status."""
    if status == 404:
        return personas.client_for(personas.make_outsider()), reverse(
            "cases:withdraw", args=[factories.make_case().pk]
        )
    return personas.client_for(personas.make_company()), reverse("review:panel_new")


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_gives_the_words_back(status):
    client, url = refused(status)
    answer = client.post(url, {"reason": WORDS, "version": "12", "key": "0b5c-11", "password": "我的密碼 1"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'<p class="typed-text">{SHOWN}</p>' in page
    assert page.count('class="typed-text"') == 1, "neither what the page itself sent along nor a password"


def test_a_page_that_stood_too_long_gives_them_back_too():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("public:contact"), {"text": WORDS})
    assert (answer.status_code, SHOWN in answer.content.decode()) == (403, True)


def test_a_login_that_ran_out_gives_them_back_and_leads_to_the_page_again():
    page = reverse("cases:withdraw", args=[factories.make_case().pk])
    answer = Client().post(
        page, {"reason": WORDS, "password": "我的密碼 1"}, headers={"Referer": f"http://testserver{page}"}
    )
    text = answer.content.decode()
    assert (answer.status_code, SHOWN in text, "我的密碼" in text) == (401, True, False)
    login = re.search(r'href="(/accounts/login/[^"]*)"', text.split("<main")[1])[1]
    assert parse_qs(urlsplit(unescape(login)).query) == {"next": [f"http://testserver{page}"]}
    personas.make_company()
    there = Client().post(unescape(login), {"login": "company@example.test", "password": personas.PASSWORD})
    assert there.url == f"http://testserver{page}"


def test_a_login_that_ran_out_without_words_or_by_script_leads_straight_to_it():
    page = reverse("cases:withdraw", args=[factories.make_case().pk])
    for sent, headers in (({"version": "1"}, {}), ({"reason": WORDS}, {"HX-Request": "true"})):
        answer = Client().post(page, sent, headers=headers)
        assert answer.url.startswith(f"{reverse('account_login')}?next=")


def test_what_another_site_sends_is_not_repeated():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("public:contact"), {"text": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, "第一段意見" in answer.content.decode()) == (403, False)


def test_without_words_the_page_says_nothing_of_them():
    client, url = refused(403)
    assert "剛才輸入" not in client.post(url, {"version": "1"}).content.decode()
    assert "剛才輸入" not in client.get(url, {"reason": WORDS}).content.decode()
