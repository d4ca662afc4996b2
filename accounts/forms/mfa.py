"""Labels that the library left without a translation; and answers of no security key, told without an error."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError

NAME = "金鑰的名稱"
UNREADABLE = "讀不懂金鑰傳回的資料，請再試一次。"
# What the library raises for JSON that is no answer of a key; anybody may send it, without a login.
_MALFORMED = (TypeError, ValueError, LookupError, AttributeError, RecursionError)


class CredentialField(forms.JSONField):
    """A key's answer. Numbers of thousands of digits and endless nesting are no JSON for us either."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The parsed answer; ``ValidationError`` for what cannot be read."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as broken:
            raise ValidationError(UNREADABLE) from broken


class _Answer:
    """Shared by the forms that take the answer of a key that is known already."""

    def clean_credential(self) -> Any:
        """As the library has it, with a message instead of its exceptions."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except _MALFORMED as broken:
            raise ValidationError(UNREADABLE) from broken


class AuthenticateWebAuthnForm(_Answer, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of a login."""

    credential = CredentialField()


class LoginWebAuthnForm(_Answer, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """A login by passkey alone."""

    credential = CredentialField()


class ReauthenticateWebAuthnForm(_Answer, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Proving once more who one is."""

    credential = CredentialField()


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new security key or passkey."""

    credential = CredentialField()

    def clean(self) -> Any:
        """As the library has it, with a message instead of its exceptions."""
        try:
            return super().clean()
        except _MALFORMED as broken:
            raise ValidationError(UNREADABLE) from broken

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = NAME
        self.fields["name"].help_text = "取一個認得出來的名稱，例如「辦公室電腦」。"


class EditWebAuthnForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = NAME
