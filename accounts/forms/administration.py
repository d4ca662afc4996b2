"""Accounts, roles and the administrator's filters."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from accounts.forms.organisation import EmailField, plain_helper
from accounts.models import Role, User
from core.forms import CleanCharField


class AccountFilterForm(forms.Form):
    """Filters of the account list; all optional."""

    q = CleanCharField(label="姓名或電子郵件", required=False, max_length=100)
    role = forms.ChoiceField(label="角色", required=False)
    state = forms.ChoiceField(
        label="狀態", required=False, choices=[("", "全部"), ("active", "啟用中"), ("disabled", "已停用")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.code, role.name) for role in Role.objects.all()]
        self.fields["role"].choices = [("", "全部"), ("applicant", "申請單位"), *roles]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["class"] = "form-control"
        self.fields["role"].widget.attrs["class"] = "form-select"
        self.fields["state"].widget.attrs["class"] = "form-select"


def _role_field() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label="角色",
        queryset=Role.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "沒有這個角色", "invalid_pk_value": "沒有這個角色"},
    )


class AccountForm(forms.Form):
    """A new account."""

    name = CleanCharField(label="姓名", max_length=60)
    email = EmailField(label="電子郵件", max_length=254, help_text="密碼設定信會寄到這裡，連結只能使用一次")
    roles = _role_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = plain_helper()
        self.helper.layout = Layout("name", "email", "roles")
        self.fields["roles"].required = True
        self.fields["roles"].error_messages["required"] = (
            "請至少勾選一個角色。申請單位的人員請自行註冊，不需要角色"
        )


class RolesForm(forms.Form):
    """The roles of an existing account; none at all for somebody who left."""

    roles = _role_field()

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"roles": [role.pk for role in account.role_list]})
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class ActiveForm(forms.Form):
    """Why an account is disabled or enabled; the reason stays in the log."""

    reason = CleanCharField(label="理由", max_length=200, help_text="例如：離職、權責調整")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()
