"""Password rules of the 資通系統防護基準 (middle grade): three of four kinds of characters, none of the last three."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

REMEMBERED = 3
MINIMUM_KINDS = 3
MAXIMUM_LENGTH = 128


class ThreeKindsValidator:
    """At least three of: capital letters, small letters, digits, other characters. At most 128 characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with what is missing."""
        if len(password) > MAXIMUM_LENGTH:
            raise ValidationError(f"密碼最多 {MAXIMUM_LENGTH} 個字元。", code="password_too_long")
        kinds = {
            "大寫英文字母": any(c.isascii() and c.isupper() for c in password),
            "小寫英文字母": any(c.isascii() and c.islower() for c in password),
            "數字": any(c.isascii() and c.isdigit() for c in password),
            "符號": any(not (c.isascii() and c.isalnum()) for c in password),
        }
        if sum(kinds.values()) < MINIMUM_KINDS:
            missing = "、".join(kind for kind, there in kinds.items() if not there)
            raise ValidationError(
                f"密碼要包含大寫英文字母、小寫英文字母、數字、符號當中的三種；目前沒有：{missing}。",
                code="password_too_simple",
            )

    def get_help_text(self) -> str:
        """Shown below the field."""
        return "包含大寫英文字母、小寫英文字母、數字、符號當中的三種。"


class NotOneOfTheLastValidator:
    """Not one of the last three passwords. ``password_changed`` (called by Django on save) remembers the new one."""

    def validate(self, password: str, user: Any = None) -> None:
        """Compare with the remembered hashes; a new account has none."""
        if user is None or user.pk is None:
            return
        hashes = set(user.password_history.values_list("hash", flat=True)[:REMEMBERED])
        if any(check_password(password, known) for known in {*hashes, user.password} if known):
            raise ValidationError(
                f"新密碼不可以和最近 {REMEMBERED} 次用過的密碼相同。", code="password_reused"
            )

    def get_help_text(self) -> str:
        """Shown below the field."""
        return f"不可以和最近 {REMEMBERED} 次用過的密碼相同。"

    def password_changed(self, password: str, user: Any = None) -> None:
        """Remember the hash and forget all but the newest. Side effect: writes rows."""
        if user is None or user.pk is None or not user.has_usable_password():
            return
        user.password_history.create(hash=user.password)
        keep = user.password_history.values_list("pk", flat=True)[:REMEMBERED]
        user.password_history.exclude(pk__in=list(keep)).delete()
