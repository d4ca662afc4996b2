"""Secrets of second factors, encrypted at rest: a copy of the database alone lets nobody in."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _key(secret: object) -> Fernet:
    """A key of its own, derived from the site's secret."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"accounts.mfa:{secret}".encode()).digest()))


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts with ``SECRET_KEY``; old keys in ``SECRET_KEY_FALLBACKS`` still decrypt."""

    def _box(self) -> MultiFernet:
        return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])

    def encrypt(self, text: str) -> str:
        """Encrypted text."""
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text; "" when the key is gone, so that the code is wrong instead of the page broken."""
        try:
            return self._box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""
