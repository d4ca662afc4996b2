"""What sign-up asks besides address and password. allauth builds its form on top of this one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from core.forms import CleanCharField


class NameForm(forms.Form):
    """The person's name: letters and notices address people by it."""

    name = CleanCharField(label="姓名", max_length=60, help_text="您本人的姓名，公司或單位的名稱稍後再填")
    name.widget.attrs["autocomplete"] = "name"

    field_order = ("email", "name", "password1", "password2")

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Called by allauth after saving; the adapter has taken the name already."""
