"""Labels that the library left without a translation."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn import forms as webauthn

NAME = "金鑰的名稱"


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new security key or passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = NAME
        self.fields["name"].help_text = "取一個認得出來的名稱，例如「辦公室電腦」。"


class EditWebAuthnForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = NAME
