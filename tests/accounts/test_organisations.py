"""Registering a company, looking at it, changing it."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core import mail
from django.urls import reverse

from accounts.models import Invitation, JoinRequest, Membership, Organisation, User
from accounts.places import find_township, townships
from tests.personas import acme, client_for, make_office

pytestmark = pytest.mark.django_db

COMPANY = {
    "ubn": "10458574",
    "name": "嶄新機械股份有限公司",
    "place": "台中市西屯區",
    "address": "工業區二路 8 號",
    "heads": "５１",
    "codes": "CC01080 其他機械\nig02010，F113010",
    "representative": "林示範",
    "contact_name": "陳範例",
    "contact_phone": "（０４）2345-6789",
    "contact_email": "Contact@Example.test",
}
REGISTER = reverse("organisation:register")


def test_registering_makes_the_person_owner_and_understands_how_people_type(newcomer: User) -> None:
    response = client_for(newcomer).post(REGISTER, COMPANY, follow=True)
    made = Organisation.objects.get()
    assert (made.ubn, made.city, made.township, made.postal_code) == ("10458574", "臺中市", "西屯區", "407")
    assert (made.heads, made.contact_email) == (51, "contact@example.test")
    assert [item.code for item in made.business_items.all()] == ["CC01080", "F113010", "IG02010"]
    assert Membership.objects.get().role == "owner"
    assert "您是這家公司的擁有者" in response.content.decode()
    assert LogEntry.objects.get_for_object(made).get().actor == newcomer


def test_the_same_post_again_leads_to_the_company_and_makes_no_twin(newcomer: User) -> None:
    client = client_for(newcomer)
    first, second = client.post(REGISTER, COMPANY), client.post(REGISTER, COMPANY)
    assert first.headers["Location"] == second.headers["Location"]
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("ubn", "10458576", "檢查碼"),
        ("ubn", "123", "8 位數字"),
        ("name", "", "請填寫"),
        ("name", "長" * 121, "最多 120 字"),
        ("name", "\x00", "請填寫"),
        ("place", "火星市", "找不到"),
        ("place", "大安區", "請連縣市一起填"),
        ("heads", "-3", "至少"),
        ("heads", "12.5", "整數"),
        ("heads", "9" * 30, "太大"),
        ("codes", "ABC", "7 碼"),
        ("codes", "😀", "至少一個"),
        ("contact_phone", "12", "電話"),
        ("contact_email", "no-mail", "格式"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_nothing_is_saved(
    newcomer: User, field: str, value: str, says: str
) -> None:
    response = client_for(newcomer).post(REGISTER, COMPANY | {field: value})
    assert response.status_code == 422
    assert says in " ".join(response.context["form"].errors[field])
    assert not Organisation.objects.exists()


def test_html_and_emoji_are_kept_as_text(newcomer: User) -> None:
    response = client_for(newcomer).post(REGISTER, COMPANY | {"name": "<b>粗體</b>😀公司"}, follow=True)
    assert "&lt;b&gt;粗體&lt;/b&gt;😀公司" in response.content.decode()


def test_a_ten_megabyte_text_is_refused_kindly(newcomer: User) -> None:
    response = client_for(newcomer).post(REGISTER, COMPANY | {"address": "長" * 3_400_000})
    assert response.status_code == 422
    assert "最多 200 字" in " ".join(response.context["form"].errors["address"])


def test_a_number_that_exists_shows_a_masked_name_and_offers_to_ask_the_owner(
    newcomer: User, company: User
) -> None:
    page = client_for(newcomer).post(REGISTER, COMPANY | {"ubn": acme().ubn}).content.decode()
    assert "已經登錄" in page
    assert acme().name not in page
    assert "王業主" not in page
    assert company.email not in page


def test_asking_to_join_mails_the_owners_once_and_an_owner_lets_in(
    newcomer: User, company: User, colleague: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_for(newcomer)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            client.post(reverse("organisation:join"), {"ubn": acme().ubn, "message": "我是財務"})
    assert [message.to for message in mail.outbox] == [[company.email]]
    assert newcomer.name not in mail.outbox[0].body  # no personal data in mail
    asked = JoinRequest.objects.get()
    assert "輪到您的事" in client_for(company).get("/").content.decode()

    url = reverse("organisation:answer_join", args=[asked.pk])
    assert client_for(colleague).get(url).status_code == 403
    assert client_for(newcomer).get(url).status_code == 404
    owner = client_for(company)
    assert owner.post(url, {}).status_code == 422
    for _ in range(2):
        owner.post(url, {"answer": "accept", "role": "viewer"})
    assert Membership.objects.get(user=newcomer).role == "viewer"
    refused = owner.post(url, {"answer": "refuse"}, follow=True)
    assert "已經回覆過" in refused.content.decode()
    assert Membership.objects.filter(user=newcomer).exists()


def test_a_refused_person_learns_it_and_sees_nothing(
    newcomer: User, company: User, django_capture_on_commit_callbacks: Any
) -> None:
    client_for(newcomer).post(reverse("organisation:join"), {"ubn": acme().ubn})
    url = reverse("organisation:answer_join", args=[JoinRequest.objects.get().pk])
    with django_capture_on_commit_callbacks(execute=True):
        client_for(company).post(url, {"answer": "refuse"})
    assert mail.outbox[-1].to == [newcomer.email]
    assert acme().name not in mail.outbox[-1].body
    assert client_for(newcomer).get(reverse("organisation:detail", args=[acme().pk])).status_code == 404


def test_a_company_without_owner_sends_to_the_office(newcomer: User) -> None:
    response = client_for(newcomer).post(reverse("organisation:join"), {"ubn": acme().ubn}, follow=True)
    assert "聯絡計畫推動辦公室" in response.content.decode()


@pytest.mark.parametrize("ubn", ["", "\x00", "99999999", "abc", "１２"])
def test_asking_for_a_number_that_nobody_registered_is_not_found(newcomer: User, ubn: str) -> None:
    assert client_for(newcomer).post(reverse("organisation:join"), {"ubn": ubn}).status_code == 404


def test_members_see_the_company_others_do_not(
    company: User, viewer: User, outsider: User, office: User
) -> None:
    url = reverse("organisation:detail", args=[acme().pk])
    for person in (company, viewer, office):
        assert client_for(person).get(url).status_code == 200
    assert client_for(outsider).get(url).status_code == 404
    assert (
        client_for(outsider).post(reverse("organisation:edit", args=[acme().pk]), COMPANY).status_code == 404
    )


def test_the_plain_address_leads_to_the_only_company(company: User, newcomer: User) -> None:
    assert acme().name in client_for(company).get(reverse("organisation:detail")).content.decode()
    assert "還沒有加入任何公司" in client_for(newcomer).get(reverse("organisation:detail")).content.decode()


def test_editors_change_the_data_viewers_and_the_office_are_told_why_not(
    colleague: User, viewer: User, office: User
) -> None:
    url = reverse("organisation:edit", args=[acme().pk])
    client = client_for(colleague)
    assert client.get(url).status_code == 200
    assert client.post(url, COMPANY | {"revision": "0", "name": "改名精密股份有限公司"}).status_code == 302
    changed = acme()
    assert (changed.name, changed.ubn, changed.revision) == ("改名精密股份有限公司", "04595257", 1)
    for person in (viewer, office):
        refused = client_for(person).post(url, COMPANY)
        assert refused.status_code == 403
        assert "擁有者或編輯者" in refused.content.decode()


def test_two_people_editing_at_once_are_told_and_lose_no_word(company: User, colleague: User) -> None:
    url = reverse("organisation:edit", args=[acme().pk])
    client_for(company).post(url, COMPANY | {"revision": "0", "name": "先存的公司"})
    late = client_for(colleague).post(url, COMPANY | {"revision": "0", "name": "後存的公司"})
    assert late.status_code == 422
    assert "後存的公司" in late.content.decode()
    assert acme().name == "先存的公司"


def test_staff_register_a_number_whose_checksum_fails_only_with_a_reason(office: User, company: User) -> None:
    url = reverse("organisation:register_for_others")
    odd = COMPANY | {"ubn": "12345678"}
    client = client_for(office)
    assert client.post(url, odd).status_code == 422
    assert client.post(url, odd | {"ubn_override_reason": "經查商工登記確有此號"}).status_code == 302
    made = Organisation.objects.get(ubn="12345678")
    assert made.ubn_override_reason == "經查商工登記確有此號"
    assert not made.memberships.exists()
    changes = LogEntry.objects.get_for_object(made).get()
    assert "經查商工登記確有此號" in str(changes.changes)
    assert client_for(company).post(url, odd).status_code == 403
    again = client.post(url, odd | {"ubn_override_reason": "再一次"})
    assert "不需要再登錄" in again.content.decode()


def test_staff_invite_the_first_owner_of_a_company(django_capture_on_commit_callbacks: Any) -> None:
    url = reverse("organisation:register_for_others")
    with django_capture_on_commit_callbacks(execute=True):
        client_for(make_office()).post(url, COMPANY | {"owner_email": "boss@example.test"})
    assert Invitation.objects.get().role == "owner"
    assert mail.outbox[0].to == ["boss@example.test"]


def test_every_township_has_a_postal_code_and_is_found_by_its_label() -> None:
    assert len(townships()) == 368
    assert len({place.city for place in townships()}) == 22
    for place in townships():
        assert find_township(place.label) == place
        assert len(place.postal_code) == 3


@pytest.mark.parametrize(
    "text", ["407 台中市西屯區", "西屯區", "407", "臺中市 西屯區", "台中市西屯區工業區一路1號"]
)
def test_a_township_is_understood_in_many_spellings(text: str) -> None:
    assert find_township(text).label == "臺中市西屯區"


def test_too_many_lookups_of_numbers_are_stopped(newcomer: User, settings: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login": "1000/m/ip"}
    client = client_for(newcomer)
    codes = [client.post(REGISTER, {}).status_code for _ in range(21)]
    assert codes[:20] == [422] * 20
    assert codes[20] == 403


def test_each_code_says_whether_it_counts_under_the_call(company: User) -> None:
    from accounts.business_items import Judged, use_judge
    from ipas_portal.apps import _judge

    page = client_for(company).get(reverse("organisation:detail", args=[acme().pk]))
    assert page.status_code == 200  # without any call there is nobody to judge, and no error
    use_judge(lambda codes: [Judged(code, "製造業" if code.startswith("C") else "", "E4") for code in codes])
    try:
        page = client_for(company).get(reverse("organisation:detail", args=[acme().pk]))
        assert "1 個代碼屬於製造業" in page.content.decode()
    finally:
        use_judge(_judge)
