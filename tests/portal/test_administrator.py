"""The administrator's accounts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.services.administration import disable_idle_accounts
from core.clock import now
from tests.personas import EVERYBODY, client_for, make_user

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"administrator:{name}", args=args)


def role(code: str) -> str:
    return str(Role.objects.get(code=code).pk)


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "administrator"])
def test_the_pages_are_the_administrators_alone(who: str, administrator: User) -> None:
    person = EVERYBODY[who]()
    client = client_for(person)
    for address in (url("home"), url("accounts"), url("account_create"), url("account", administrator.pk)):
        assert client.get(address).status_code == 403
    for name in ("account_roles", "account_active", "account_password"):
        assert client.post(url(name, person.pk), {"roles": role("administrator")}).status_code == 403
    assert not User.objects.get(pk=person.pk).has_permission("account.manage")


def test_the_home_tells_who_needs_a_look(administrator: User, office: User) -> None:
    page = client_for(administrator).get(url("home")).content.decode()
    assert "還沒有設定雙重驗證" in page
    assert office.email in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    count: int, administrator: User, company: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(count - 1):
        make_user(f"r{number}@example.test", f"委員{number}", roles=("reviewer",))
    client = client_for(administrator)
    with django_assert_max_num_queries(10):
        page = client.get(url("accounts"))
    assert len(page.context["page_obj"]) == count + 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "周承辦"}, {"office@example.test"}),
        ({"q": "OFFICE@"}, {"office@example.test"}),
        ({"role": "office"}, {"office@example.test"}),
        ({"role": "applicant"}, {"company@example.test"}),
        ({"state": "disabled"}, set()),
        ({"q": "\x00"}, {"office@example.test", "company@example.test", "administrator@example.test"}),
        ({"role": "nonsense"}, {"office@example.test", "company@example.test", "administrator@example.test"}),
    ],
)
def test_filters(
    query: dict[str, str], expected: set[str], administrator: User, office: User, company: User
) -> None:
    page = client_for(administrator).get(url("accounts"), query)
    assert {account.email for account in page.context["page_obj"]} == expected


def test_a_new_account_gets_a_link_to_set_its_password_and_works(
    administrator: User, django_capture_on_commit_callbacks: Any
) -> None:
    data = {"name": "新承辦", "email": "New@Example.test", "roles": [role("office")]}
    with django_capture_on_commit_callbacks(execute=True):
        response = client_for(administrator).post(url("account_create"), data)
    made = User.objects.get(email="new@example.test")
    assert response.headers["Location"] == url("account", made.pk)
    assert not made.has_usable_password()
    assert [entry.code for entry in made.role_list] == ["office"]
    assert mail.outbox[0].to == ["new@example.test"]

    link = re.search(r"(/accounts/password/reset/key/\S+/)", mail.outbox[0].body)
    assert link
    visitor = Client()
    form = visitor.get(link[1], follow=True)
    target = form.redirect_chain[-1][0]
    chosen = {"password1": "Kittens-7", "password2": "Kittens-7"}
    assert visitor.post(target, chosen).status_code == 302
    visitor.post("/accounts/login/", {"login": made.email, "password": "Kittens-7"})
    assert visitor.get("/").headers["Location"] == "/office/"
    # The link works once.
    assert "password1" not in Client().get(link[1], follow=True).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "office@example.test"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"name": "\x00"}, "name"),
        ({"name": "名" * 61}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["99999"]}, "roles"),
        ({"roles": ["x\x00"]}, "roles"),
    ],
)
def test_a_bad_account_form_is_answered_at_the_field(
    change: dict[str, Any], field: str, administrator: User, office: User
) -> None:
    data = {"name": "新承辦", "email": "new@example.test", "roles": [role("office")]} | change
    page = client_for(administrator).post(url("account_create"), data)
    assert page.status_code == 422
    assert page.context["form"].errors[field]
    assert User.objects.count() == 2


def test_changing_roles_is_logged_with_before_and_after(administrator: User, office: User) -> None:
    client = client_for(administrator)
    for _ in range(2):  # a replay changes nothing and logs nothing
        client.post(url("account_roles", office.pk), {"roles": [role("reviewer"), role("chair")]})
    assert {r.code for r in User.objects.get(pk=office.pk).role_list} == {"reviewer", "chair"}
    entries = LogEntry.objects.get_for_object(office).filter(additional_data__event="roles_changed")
    assert entries.get().additional_data == {
        "event": "roles_changed",
        "before": ["office"],
        "after": ["chair", "reviewer"],
    }
    assert entries.get().actor == administrator
    assert "審查委員" in client.get(url("account", office.pk)).content.decode()


def test_the_last_administrator_cannot_give_the_role_away_nor_lock_oneself_out(administrator: User) -> None:
    client = client_for(administrator)
    page = client.post(url("account_roles", administrator.pk), {"roles": [role("office")]})
    assert page.status_code == 422
    assert "至少要有一位" in page.content.decode()
    page = client.post(url("account_active", administrator.pk), {"active": "0", "reason": "試試"})
    assert "不能停用自己" in page.content.decode()
    assert User.objects.get(pk=administrator.pk).is_active


def test_disabling_needs_a_reason_ends_sessions_and_can_be_undone(administrator: User, office: User) -> None:
    theirs = client_for(office)
    assert theirs.get("/search/").status_code == 200
    client = client_for(administrator)
    address = url("account_active", office.pk)
    assert client.post(address, {"active": "0"}).status_code == 422
    for _ in range(2):
        assert client.post(address, {"active": "0", "reason": "離職"}).status_code == 302
    assert theirs.get("/search/").status_code == 302
    logged = LogEntry.objects.get_for_object(office).get(additional_data__event="account_disabled")
    assert logged.additional_data["reason"] == "離職"
    assert "離職" in client.get(url("account", office.pk)).content.decode()
    client.post(address, {"active": "1", "reason": "回任"})
    assert User.objects.get(pk=office.pk).is_active


def test_a_disabled_account_gets_no_password_link(administrator: User, office: User) -> None:
    User.objects.filter(pk=office.pk).update(is_active=False)
    page = client_for(administrator).post(url("account_password", office.pk), follow=True)
    assert "請先啟用" in page.content.decode()
    assert not mail.outbox


def test_an_account_that_is_not_there_is_not_found(administrator: User) -> None:
    client = client_for(administrator)
    assert client.get(url("account", 9999)).status_code == 404
    assert client.post(url("account_roles", 9999)).status_code == 404


def test_idle_staff_are_disabled_after_ninety_days_applicants_never(
    office: User, company: User, administrator: User
) -> None:
    moment = now()
    old = moment - timedelta(days=91)
    User.objects.update(date_joined=old, last_login=old)
    User.objects.filter(pk=administrator.pk).update(last_login=moment - timedelta(days=89))
    assert disable_idle_accounts(now=moment) == 1
    assert not User.objects.get(pk=office.pk).is_active
    assert User.objects.get(pk=company.pk).is_active
    assert disable_idle_accounts(now=moment) == 0
