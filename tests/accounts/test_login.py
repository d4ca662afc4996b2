"""Sign-up, login, passwords, lockout, second factor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from auditlog.models import LogEntry
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.validators import NotOneOfTheLastValidator, ThreeKindsValidator
from tests import personas
from tests.personas import PASSWORD, client_for, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def login(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def events(user: User) -> list[str]:
    return [
        (entry.additional_data or {}).get("event")
        for entry in LogEntry.objects.get_for_object(user).order_by("pk")
        if (entry.additional_data or {}).get("event")
    ]


def test_somebody_signs_up_proves_the_address_and_logs_in(client: Client) -> None:
    form = {
        "email": "Fresh@Example.test",
        "name": "新同仁",
        "password1": "Kittens-7",
        "password2": "Kittens-7",
    }
    assert client.post("/accounts/signup/", form).status_code == 302
    user = User.objects.get()
    assert (user.email, user.name) == ("fresh@example.test", "新同仁")
    assert login(client, user.email, "Kittens-7").headers["Location"] == "/accounts/confirm-email/"

    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+/)", mail.outbox[0].body)
    assert link
    assert client.get(link[1]).status_code == 200  # looking confirms nothing: mail scanners open links
    assert not user.emailaddress_set.get().verified
    client.post(link[1])
    assert user.emailaddress_set.get().verified
    login(client, user.email, "Kittens-7")
    assert client.get("/organisation/register/").status_code == 200
    assert {"signup", "email_confirmed", "login"} <= set(events(user))


@pytest.mark.parametrize("name", ["", "\x00", "名" * 61])
def test_sign_up_asks_a_real_name(client: Client, name: str) -> None:
    form = {"email": "a@example.test", "name": name, "password1": "Kittens-7", "password2": "Kittens-7"}
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 200
    assert response.context["form"].errors["name"]
    assert not User.objects.exists()


def test_signing_up_twice_with_one_address_tells_nothing_and_makes_one_account(
    client: Client, company: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the time it takes: a password is hashed either way."""
    hashed: list[str] = []
    monkeypatch.setattr("accounts.adapter.make_password", hashed.append)
    form = {"email": company.email, "name": "冒名", "password1": "Kittens-7", "password2": "Kittens-7"}
    assert client.post("/accounts/signup/", form).status_code == 302
    assert len(hashed) == 1
    assert User.objects.filter(email=company.email).count() == 1


@pytest.mark.parametrize("password", ["abcdefg1", "ABCDEFG1", "12345678", "密碼密碼密碼密碼", "Ab1-" * 33])
def test_a_password_of_fewer_than_three_kinds_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        ThreeKindsValidator().validate(password)


@pytest.mark.parametrize("password", ["Abcdefg1", "abcdef-1", "ABCDEF-1", "Abcdef-密"])
def test_a_password_of_three_kinds_passes(password: str) -> None:
    ThreeKindsValidator().validate(password)


def test_the_last_three_passwords_may_not_come_back_the_fourth_may(company: User) -> None:
    for word in ("Second-22", "Third-333", "Fourth-44"):
        company.set_password(word)
        company.save()
    check = NotOneOfTheLastValidator().validate
    for word in ("Second-22", "Third-333", "Fourth-44"):
        with pytest.raises(ValidationError, match="最近 3 次"):
            check(word, company)
    check(PASSWORD, company)
    assert company.password_history.count() == 3


def test_changing_the_password_in_the_page_remembers_it(company: User) -> None:
    client = client_for(company)
    change = {"oldpassword": PASSWORD, "password1": "Second-22", "password2": "Second-22"}
    assert client.post("/accounts/password/change/", change).status_code == 302
    company.refresh_from_db()
    assert company.check_password("Second-22")
    back = {"oldpassword": "Second-22", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/accounts/password/change/", back)
    assert "最近 3 次" in response.content.decode()
    assert "password_changed" in events(company)


def test_five_failures_lock_the_account_for_a_while(client: Client, company: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "100/m/ip,5/15m/key"}
    for _ in range(4):
        assert login(client, company.email, "wrong").status_code == 200
    assert login(client, company.email, PASSWORD).status_code == 302  # the fifth try is still free
    client.post("/accounts/logout/")
    for _ in range(5):
        login(client, company.email, "wrong")
    locked = login(client, company.email, PASSWORD)
    assert locked.status_code == 200
    assert "15 分鐘後再試" in locked.content.decode()
    assert events(company).count("login_failed") >= 5


def test_a_disabled_account_cannot_log_in(client: Client, company: User) -> None:
    company.is_active = False
    company.save()
    login(client, company.email)
    assert client.get("/search/").status_code == 302


@pytest.mark.parametrize("email", ["a\x00b@example.test", "x" * 5000, "<script>", "😀@example.test"])
def test_strange_addresses_are_answered_in_the_form(client: Client, email: str) -> None:
    assert login(client, email).status_code == 200
    assert client.post("/accounts/password/reset/", {"email": email}).status_code in (200, 302)


def test_staff_must_set_up_a_second_factor_where_the_setting_says_so(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = True
    office = make_office()
    client = client_for(office)
    assert client.get("/search/").headers["Location"] == "/accounts/2fa/"
    assert client.post("/organisation/register-for-others/", {}).headers["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/healthz").status_code in (200, 503)

    Authenticator.objects.create(user=office, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/search/").status_code == 200


def test_the_second_factor_is_not_asked_of_applicants_nor_where_it_is_off(
    company: User, settings: Any
) -> None:
    assert client_for(make_office()).get("/search/").status_code == 200
    settings.MFA_REQUIRED_FOR_STAFF = True
    assert client_for(company).get("/search/").status_code == 200


def test_secrets_never_reach_the_log(company: User) -> None:
    company.set_password("Second-22")
    company.save()
    Authenticator.objects.create(user=company, type=Authenticator.Type.TOTP, data={"secret": "TOPSECRET"})
    text = " ".join(str(entry.changes) for entry in LogEntry.objects.all())
    assert "TOPSECRET" not in text
    assert company.password not in text


def test_somebody_who_went_away_is_logged_out_but_work_keeps_one_in(company: User, settings: Any) -> None:
    settings.IDLE_LOGOUT_SECONDS = 1800
    client = client_for(company)
    assert client.get("/search/").status_code == 200

    def pretend(seconds: int) -> None:
        session = client.session
        session["last_seen"] = session["last_seen"] - seconds
        session.save()

    pretend(1700)
    assert client.get("/search/").status_code == 200
    pretend(1900)
    assert client.get("/search/").headers["Location"].startswith("/accounts/login/")
    assert "logout" in events(company)


# The idle logout ---------------------------------------------------------------------------------------------


def test_saying_that_one_is_still_here_counts_anew(settings, monkeypatch, db):
    from accounts import middleware

    settings.IDLE_LOGOUT_SECONDS = 1800
    moment = 1_000_000
    monkeypatch.setattr(middleware, "_seconds", lambda: moment)
    client = personas.client_for(personas.make_office())
    client.get("/office/")
    moment += 1790
    answer = client.post("/session/keep/")
    assert (answer.status_code, answer.json()) == (200, {"left": 1800})
    moment += 1790
    assert client.get("/office/").status_code == 200
    moment += 1801
    assert client.post("/session/keep/").status_code == 302, "it is over: to the login"


def test_a_page_that_polls_keeps_nobody_logged_in(settings, monkeypatch, db):
    from accounts import middleware

    settings.IDLE_LOGOUT_SECONDS = 1800
    moment = 1_000_000
    monkeypatch.setattr(middleware, "_seconds", lambda: moment)
    client = personas.client_for(personas.make_office())
    client.get("/office/")
    for _ in range(4):
        moment += 600
        answer = client.get("/office/", headers={"X-Background": "1"})
    assert answer.status_code == 302


def test_the_warning_is_for_those_who_are_logged_in(settings, client, db):
    page = personas.client_for(personas.make_office()).get("/office/").content.decode()
    assert 'data-idle="1800"' in page
    assert "idle.js" in page
    assert "idle" not in client.get("/").content.decode()
