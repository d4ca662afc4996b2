"""What an applicant gives back."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import CleanCharField, IntField
from programs.rules.terms import Grant
from review.forms.meetings import plain_helper


class GiveBackForm(forms.Form):
    """How much of a grant, and why. Without ``partly`` all of it; a place on the reserve list has no amount."""

    reason = CleanCharField(
        label="理由",
        max_length=300,
        help_text="例如：逾期未簽約視同放棄、未能足額錄取。申請單位看得到案件狀態。",
    )

    def __init__(self, *args: Any, granted: int, grant: Grant, partly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.granted = granted
        if granted and partly:
            self.fields["amount"] = IntField(
                label=f"釋出的{grant.noun}",
                unit=grant.unit,
                min_value=1,
                max_value=granted,
                help_text=f"最多 {grant.say(granted)}；全部釋出就是放棄。",
            )
            self.order_fields(["amount", "reason"])
        self.helper = plain_helper(*self.fields)

    def amount(self) -> int:
        """Units given back; all of them where nobody may choose."""
        return int(self.cleaned_data.get("amount") or self.granted)
