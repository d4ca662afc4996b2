"""Every page, message and mail of one's account speaks our Chinese: no English sentence of the library is left."""

from __future__ import annotations

import ast
import gettext
import re
from html import unescape
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from tests import personas

pytestmark = pytest.mark.django_db

ENGLISH = re.compile(r"[A-Za-z']{2,}(?:[ ,]+[A-Za-z']{2,}){2,}")
ODD = (
    "令牌",
    "token",
    "代碼",
    "恢復碼",
    "二階",
    "網頁身份驗證",
    "請求",
    "您的主要",
    "authenticator",
    "Authenticator",
    "註冊帳戶",
)
LOCALE = Path(__file__).resolve().parents[2] / "locale" / "zh_Hant" / "LC_MESSAGES"
# Addresses of allauth that show no page of their own, or that our settings leave out.
NO_PAGE = {
    "account_reset_password_from_key": "the link in the mail, looked at by way of it",
    "account_confirm_login_code": "no login by code",
    "account_request_login_code": "no login by code",
    "account_signup_by_passkey": "no sign-up by passkey",
    "account_set_password": "every account has a password",
    "mfa_login_webauthn": "JSON for the browser",
    "mfa_reauthenticate_webauthn": "JSON for the browser",
    "mfa_signup_webauthn": "no sign-up by passkey",
    "mfa_download_recovery_codes": "a text file of codes",
    "mfa_trust": "no browser is trusted",
}


def words(html: str) -> str:
    """What one reads: the page's main part without scripts, addresses and codes."""
    main = html.split("<main", 1)[-1].split("</main>", 1)[0]
    main = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", main)
    labels = " ".join(re.findall(r'(?:alt|title|placeholder|aria-label)="([^"]*)"', main))
    text = unescape(re.sub(r"<[^>]+>", " ", main) + " " + labels)
    return re.sub(r"https?://\S+|\S+@\S+", " ", text)


def labels(html: str) -> list[str]:
    """The words of every label, button and heading of the main part."""
    main = html.split("<main", 1)[-1].split("</main>", 1)[0]
    found = re.findall(r"(?s)<(?:label|button|h1|h2|th)\b[^>]*>(.*?)</(?:label|button|h1|h2|th)>", main)
    return [text for one in found if (text := unescape(re.sub(r"<[^>]+>", " ", one)).strip())]


def check(text: str, where: str) -> None:
    assert not ENGLISH.search(text), f"{where}: {ENGLISH.search(text)}"
    for one in ODD:
        assert one not in text, f"{where}: {one}"


def look(client: Client, url: str, data: dict[str, Any] | None = None, **extra: Any) -> str:
    """The words of the page (or of the page that a POST ends at), checked."""
    response = (
        client.post(url, data, follow=True, **extra)
        if data is not None
        else client.get(url, follow=True, **extra)
    )
    assert response.status_code in (200, 401, 403, 422, 429), f"{url}: {response.status_code}"
    html = response.content.decode()
    text = words(html)
    check(text, url)
    for label in labels(html):
        assert re.search(r"[\u4e00-\u9fff]", label) or "@" in label, f"{url}: {label}"
    return text


def mails() -> list[str]:
    """Every mail so far, checked."""
    for message in mail.outbox:
        check(message.subject, "subject")
        check(re.sub(r"https?://\S+|\S+@\S+", " ", message.body), message.subject)
        assert "example.com" not in message.body
    return [message.subject for message in mail.outbox]


def code(secret: str) -> str:
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"


@pytest.fixture(autouse=True)
def _mail_of_every_change(settings: Any) -> None:
    """The library's notices are off in the portal; their words are ours all the same."""
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True


@pytest.fixture
def company(db: None) -> Any:
    return personas.make_company()


@pytest.fixture
def logged_in(company: Any) -> Client:
    """Through the login page, so that the account has just proved who it is."""
    client = Client()
    look(client, reverse("account_login"), {"login": company.email, "password": personas.PASSWORD})
    return client


def test_pages_before_the_login() -> None:
    client = Client()
    personas.make_company()
    assert "登入" in look(client, reverse("account_login"))
    assert "密碼不正確" in look(
        client, reverse("account_login"), {"login": "company@example.test", "password": "x"}
    )
    look(client, reverse("account_login"), {})
    look(client, reverse("account_signup"))
    assert "兩次輸入的密碼不一樣" in look(
        client, reverse("account_signup"),
        {"email": "new@example.test", "name": "新", "password1": "Abc-12345-xyz", "password2": "Abc-12345-xyy"},
    )  # fmt: skip
    look(
        client,
        reverse("account_signup"),
        {"email": "new@example.test", "password1": "123", "password2": "123"},
    )
    good = {
        "email": "new@example.test",
        "name": "新同仁",
        "password1": "Abc-12345-xyz",
        "password2": "Abc-12345-xyz",
    }
    assert "驗證信已寄到" in look(client, reverse("account_signup"), good)
    look(Client(), reverse("account_signup"), good | {"email": "company@example.test"})
    look(client, reverse("account_email_verification_sent"))
    look(client, reverse("account_inactive"))
    address = EmailAddress.objects.get(email="new@example.test")
    assert "確認" in look(client, reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]))
    assert "無效或已經過期" in look(client, reverse("account_confirm_email", args=["nonsense"]))
    look(client, reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]), {})
    assert {"請確認您的電子郵件", "這個電子郵件已經有帳號"} <= set(mails())


def test_a_forgotten_password(company: Any) -> None:
    client = Client()
    look(client, reverse("account_reset_password"))
    look(client, reverse("account_reset_password"), {"email": "nonsense"})
    assert "信已寄出" in look(client, reverse("account_reset_password"), {"email": company.email})
    look(client, reverse("account_reset_password"), {"email": "nobody@example.test"})
    look(client, reverse("account_reset_password_done"))
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)
    assert link
    assert "新密碼" in look(client, link[1])
    form = client.get(link[1], follow=True).request["PATH_INFO"]
    look(client, form, {"password1": "Abc-98765-xyz", "password2": "different"})
    assert "密碼已經變更" in look(client, form, {"password1": "Abc-98765-xyz", "password2": "Abc-98765-xyz"})
    look(client, reverse("account_reset_password_from_key_done"))
    assert "連結無效" in look(client, link[1])
    assert {"重設密碼", "這個電子郵件沒有帳號", "密碼已重設"} <= set(mails())


def test_the_pages_of_ones_own_account(company: Any, logged_in: Client) -> None:
    look(logged_in, reverse("account_email"))
    look(logged_in, reverse("account_email"), {"action_add": "", "email": "nonsense"})
    assert "驗證信已寄到" in look(
        logged_in, reverse("account_email"), {"action_add": "", "email": "other@example.test"}
    )
    look(logged_in, reverse("account_email"), {"action_send": "", "email": "other@example.test"})
    address = EmailAddress.objects.get(email="other@example.test")
    look(logged_in, reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]), {})
    look(logged_in, reverse("account_change_password"))
    wrong = {"oldpassword": "x", "password1": "Abc-98765-xyz", "password2": "Abc-98765-xyy"}
    assert "請輸入目前的密碼" in look(logged_in, reverse("account_change_password"), wrong)
    good = {"oldpassword": personas.PASSWORD, "password1": "Abc-98765-xyz", "password2": "Abc-98765-xyz"}
    assert "密碼已經變更" in look(logged_in, reverse("account_change_password"), good)
    look(logged_in, reverse("account_logout"))
    assert "已經登出" in look(logged_in, reverse("account_logout"), {})
    assert {"電子郵件已變更", "密碼已變更"} <= set(mails())


def test_a_second_factor_from_set_up_to_removal(company: Any, logged_in: Client) -> None:
    look(logged_in, reverse("mfa_index"))
    assert "確認是您本人" in look(logged_in, reverse("mfa_activate_totp"))
    look(logged_in, reverse("account_reauthenticate"), {"password": personas.PASSWORD})
    look(logged_in, reverse("mfa_activate_totp"))
    assert "驗證碼不正確" in look(logged_in, reverse("mfa_activate_totp"), {"code": "000000"})
    secret = logged_in.session["mfa.totp.secret"]
    assert "還沒用過的復原碼" in look(logged_in, reverse("mfa_activate_totp"), {"code": code(secret)})
    for name in (
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
    ):
        look(logged_in, reverse(name))
    look(logged_in, reverse("mfa_generate_recovery_codes"), {})
    assert logged_in.get(reverse("mfa_download_recovery_codes")).status_code == 200
    look(logged_in, reverse("mfa_list_webauthn"))
    look(logged_in, reverse("mfa_add_webauthn"))
    look(logged_in, reverse("mfa_add_webauthn"), {"name": "", "credential": "x"})
    key = Authenticator.objects.create(
        user=company, type=Authenticator.Type.WEBAUTHN, data={"name": "金鑰", "credential": {}}
    )
    look(logged_in, reverse("mfa_list_webauthn"))
    look(logged_in, reverse("mfa_edit_webauthn", args=[key.pk]))
    look(logged_in, reverse("mfa_remove_webauthn", args=[key.pk]))
    look(logged_in, reverse("mfa_remove_webauthn", args=[key.pk]), {})
    assert "驗證器已停用" in look(logged_in, reverse("mfa_deactivate_totp"), {})
    assert "驗證器已停用" in mails()


def test_the_login_with_a_second_factor_and_proving_it_again(company: Any) -> None:
    TOTP.activate(company, generate_totp_secret())
    RecoveryCodes.activate(company)
    client = Client()
    assert "六位數字" in look(
        client, reverse("account_login"), {"login": company.email, "password": personas.PASSWORD}
    )
    assert "驗證碼不正確" in look(client, reverse("mfa_authenticate"), {"code": "123"})
    old = personas.client_for(company)
    session = old.session
    session["account_authentication_methods"] = []
    session.save()
    assert "確認是您本人" in look(old, reverse("account_reauthenticate"))
    look(old, reverse("account_reauthenticate"), {"password": "x"})
    look(old, reverse("mfa_reauthenticate"))
    look(old, reverse("mfa_reauthenticate"), {"code": "x"})


LIBRARY = Path(allauth.__file__).parent / "templates"
MAILS = sorted(
    f"{path.parent.parent.name}/email/{path.name.removesuffix('_message.txt')}"
    for app in ("account", "mfa")
    for path in (LIBRARY / app / "email").glob("*_message.txt")
    if not path.name.startswith("base_")
)


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_of_the_library_in_our_words(name: str, company: Any, rf: Any) -> None:
    context = {
        "user": company, "email": company.email, "code": "123456", "ip": "192.0.2.1", "user_agent": "Firefox",
        "timestamp": "115/11/25", "from_email": "a@example.test", "to_email": "b@example.test",
        "deleted_email": "a@example.test", "password_reset_url": "https://portal.test/r/",
        "activate_url": "https://portal.test/a/", "signup_url": "https://portal.test/s/", "request": rf.get("/"),
        "current_site": {"name": "example.com", "domain": "example.com"}, "user_display": company.name,
    }  # fmt: skip
    message = get_adapter().render_mail(name, company.email, context)
    check(message.subject, name)
    check(re.sub(r"https?://\S+|\S+@\S+", " ", str(message.body)), name)
    assert "example.com" not in f"{message.subject}{message.body}"
    assert str(message.body).startswith("您好：")


def test_every_address_of_the_account_is_looked_at() -> None:
    """A new page of the library is to be added above, or to be named as none."""
    source = Path(__file__).read_text(encoding="utf-8")
    names = {
        name
        for name in get_resolver("allauth.urls").reverse_dict
        if isinstance(name, str) and name.startswith(("account_", "mfa_"))
    }
    assert {name for name in names if f'"{name}"' not in source} == set()


# The file of words ------------------------------------------------------------------------------------------


def _entries() -> dict[str, str]:
    text = (LOCALE / "django.po").read_text(encoding="utf-8")
    string = r'(?:"(?:[^"\\]|\\.)*"\s*)+'

    def read(raw: str) -> str:
        return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', raw))

    found = {}
    for block in text.split("\n\n")[1:]:
        context = re.search(rf"msgctxt ({string})", block)
        source = re.search(rf"msgid ({string})", block)
        translated = re.search(rf"msgstr(?:\[0\])? ({string})", block)
        assert source
        assert translated
        key = read(source[1])
        found[f"{read(context[1])}\x04{key}" if context else key] = read(translated[1])
    return found


def test_the_compiled_words_are_those_that_one_reads() -> None:
    """Run: msgfmt -o locale/zh_Hant/LC_MESSAGES/django.mo locale/zh_Hant/LC_MESSAGES/django.po"""
    with (LOCALE / "django.mo").open("rb") as handle:
        compiled: dict[Any, str] = gettext.GNUTranslations(handle)._catalog  # type: ignore[attr-defined]
    flat = {key[0] if isinstance(key, tuple) else key: value for key, value in compiled.items() if key}
    assert flat == _entries()
