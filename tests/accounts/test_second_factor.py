"""Setting up a second factor through the pages, with GETs that never write."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from hashlib import sha1
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.mfa_adapter import MFAAdapter
from accounts.models import User
from tests.personas import PASSWORD, client_for

pytestmark = pytest.mark.django_db


def code(secret: str) -> str:
    """The six digits of this half minute (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def test_an_authenticator_app_is_set_up_used_at_login_and_taken_away(reviewer: User) -> None:
    client = client_for(reviewer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert b"data:image/svg+xml" in page.content
    assert b"style=" not in page.content.split(b"<main", 1)[1]  # the policy forbids inline style
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000"}).status_code == 200
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    for address in (
        "/accounts/2fa/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/download/",
    ):
        assert client.get(address).status_code == 200, address
    assert "已啟用" in client.get("/accounts/2fa/").content.decode()

    client.post("/accounts/logout/")
    answer = client.post("/accounts/login/", {"login": reviewer.email, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/search/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "123"}).status_code == 200

    stored = Authenticator.objects.get(user=reviewer, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored  # encrypted at rest
    recovery = Authenticator.objects.get(user=reviewer, type=Authenticator.Type.RECOVERY_CODES)
    one = recovery.wrap().get_unused_codes()[0]
    assert client.post("/accounts/2fa/authenticate/", {"code": one}).status_code == 302
    assert client.get("/search/").status_code == 200


def test_a_lost_key_makes_codes_wrong_and_no_page_break(settings: Any) -> None:
    locked = MFAAdapter().encrypt("secret")
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert MFAAdapter().decrypt(locked) == ""
    settings.SECRET_KEY_FALLBACKS = [old]
    assert MFAAdapter().decrypt(locked) == "secret"
