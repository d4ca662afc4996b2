"""The pool's filters and an expert's data."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import Gender
from accounts.forms.organisation import EmailField, plain_helper
from core.forms import CleanCharField, IntField, UbnField

MAX_TIES = 12


class PoolFilterForm(forms.Form):
    """Filters of the pool; all optional."""

    q = CleanCharField(label="姓名、單位、專長或電子郵件", required=False, max_length=100)
    skill = forms.ChoiceField(label="可審職務類別", required=False)
    gender = forms.ChoiceField(label="性別", required=False, choices=[("", "全部"), *Gender.choices])
    active = forms.ChoiceField(
        label="狀態", required=False, choices=[("yes", "在庫"), ("no", "已停用"), ("all", "全部")]
    )

    def __init__(self, *args: Any, skills: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skill"].choices = [("", "全部"), *skills]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "q" else "form-select"

    def chosen(self) -> dict[str, str]:
        """What is set and valid, ready for ``selectors.people.pool``."""
        self.is_valid()
        picked = {k: v for k, v in getattr(self, "cleaned_data", {}).items() if v}
        return {"active": "yes"} | picked


class ReviewerForm(forms.Form):
    """An expert. The address names the account and can't be changed here."""

    name = CleanCharField(label="姓名", max_length=60, help_text="簽署利益迴避聲明時須輸入相同的姓名")
    email = EmailField(label="電子郵件", max_length=254, help_text="邀請信與密碼設定連結會寄到這裡")
    gender = forms.ChoiceField(
        label="性別",
        choices=[("", "請選擇"), *Gender.choices],
        help_text="用於檢查小組任一性別不少於三分之一",
        error_messages={
            "required": "請選擇性別，無法得知時選「其他／不透露」",
            "invalid_choice": "請從清單選擇",
        },
    )
    title = CleanCharField(label="職稱", required=False, max_length=60)
    organisation_name = CleanCharField(label="服務單位", max_length=120)
    organisation_ubn = UbnField(
        label="單位統一編號", required=False, help_text="有填的話，可以自動查出同一單位的申請案"
    )
    field = CleanCharField(
        label="專長領域", required=False, max_length=200, help_text="例如：智慧製造、製程改善"
    )
    capacity = IntField(label="可審件數上限", min_value=1, max_value=500, unit="件", initial=40)
    skills = forms.MultipleChoiceField(
        label="可審的職務類別",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "沒有這個職務類別"},
    )

    def __init__(
        self, *args: Any, skill_choices: list[Any], fixed_email: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skills"].choices = skill_choices  # type: ignore[attr-defined]
        if fixed_email:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "電子郵件就是帳號，不能在這裡變更"
        self.helper = plain_helper()
        self.helper.layout = Layout(
            Row(Column("name", css_class="col-md-6"), Column("email", css_class="col-md-6")),
            Row(Column("gender", css_class="col-md-6"), Column("title", css_class="col-md-6")),
            Row(
                Column("organisation_name", css_class="col-md-6"),
                Column("organisation_ubn", css_class="col-md-6"),
            ),
            Row(Column("field", css_class="col-md-6"), Column("capacity", css_class="col-md-6")),
            HTML('<div class="check-columns">'),
            "skills",
            HTML("</div>"),
        )


class TieForm(forms.Form):
    """One tie declared once for all; an empty row is no tie."""

    organisation_name = CleanCharField(label="單位名稱", required=False, max_length=120)
    organisation_ubn = UbnField(label="統一編號", required=False)
    note = CleanCharField(label="關係", required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs["aria-label"] = str(
                field.label
            )  # the column's head stands too far away to be read

    def clean(self) -> dict[str, Any]:
        """A row says which company; a relation alone is not enough."""
        data: dict[str, Any] = super().clean() or {}
        empty = not any(data.get(k) for k in ("organisation_name", "organisation_ubn", "note"))
        if not empty and not self.errors and not data.get("organisation_name"):
            raise ValidationError({"organisation_name": "請填單位名稱"})
        return data


TieFormSet = forms.formset_factory(TieForm, extra=2, can_delete=True, max_num=MAX_TIES, validate_max=True)
TieFormSet.default_error_messages = {  # type: ignore[attr-defined]
    **TieFormSet.default_error_messages,
    "too_many_forms": f"最多填 {MAX_TIES} 項關係。",
    "missing_management_form": "表單不完整，請重新整理頁面後再試。",
}


class ReasonForm(forms.Form):
    """A reason that stays in the history."""

    reason = CleanCharField(label="理由", max_length=300)

    def __init__(self, *args: Any, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = help_text
        self.helper = plain_helper()
