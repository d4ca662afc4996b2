"""Panels, their members and cases, and the declarations."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.organisation import plain_helper
from core.forms import CleanCharField, RocDateField
from programs.models import Call
from review.enums import PanelState


class PanelFilterForm(forms.Form):
    """Filters of the list of panels."""

    call = forms.ChoiceField(label="徵案", required=False)
    state = forms.ChoiceField(label="狀態", required=False, choices=[("", "全部"), *PanelState.choices])

    def __init__(self, *args: Any, calls: list[Call], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", "全部"), *((c.slug, c.name) for c in calls)]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def chosen(self) -> dict[str, str]:
        """What is set and valid."""
        self.is_valid()
        return {k: v for k, v in getattr(self, "cleaned_data", {}).items() if v}


class PanelForm(forms.Form):
    """A new panel."""

    call = forms.ChoiceField(label="徵案", error_messages={"invalid_choice": "請從清單選擇徵案"})
    name = CleanCharField(label="小組名稱", max_length=60, help_text="例如：智慧製造組、第一組")
    due_on = RocDateField(label="評分期限", required=False, help_text="開始評分前要訂好，例如 114/4/11")

    def __init__(self, *args: Any, calls: list[Call], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [(c.slug, c.name) for c in calls]  # type: ignore[attr-defined]
        self.helper = plain_helper()


class PanelEditForm(forms.Form):
    """Name, due date and the reason for a missing third."""

    name = CleanCharField(label="小組名稱", max_length=60)
    due_on = RocDateField(label="評分期限", required=False, help_text="例如 114/4/11")
    gender_reason = CleanCharField(
        label="性別比例未達三分之一的理由",
        required=False,
        max_length=300,
        help_text="任一性別少於三分之一、又無法再增聘時才填；理由會留存備查",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class DeclareForm(forms.Form):
    """The signed declaration."""

    has_conflict = forms.ChoiceField(
        label="我與這件申請案",
        choices=[
            ("no", "沒有利益關係，願意公正審查並保守秘密"),
            ("yes", "有利益關係或有其他應迴避的情形，我要迴避"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇其中一項", "invalid_choice": "請選擇其中一項"},
    )
    explanation = CleanCharField(
        label="迴避的原因", required=False, max_length=300, help_text="要迴避時必填，例如：曾任該公司顧問"
    )
    signed_name = CleanCharField(label="簽名（請輸入您的姓名）", max_length=60)

    def __init__(self, *args: Any, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_name"].help_text = f"輸入「{name}」即視同親自簽署，系統會記錄時間"
        self.fields["signed_name"].widget.attrs["autocomplete"] = "off"
        self.helper = plain_helper()


class RecuseForm(DeclareForm):
    """Stepping back while scoring: the choice is made already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["has_conflict"]
        self.fields["explanation"].required = True


class InvitationForm(forms.Form):
    """The answer to an invitation."""

    answer = forms.ChoiceField(
        label="您的回覆",
        choices=[("accept", "接受邀請"), ("decline", "這次無法參與")],
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇其中一項", "invalid_choice": "請選擇其中一項"},
    )
    note = CleanCharField(label="要告訴計畫辦公室的話", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class ReplaceForm(forms.Form):
    """Taking a case back, and perhaps giving it to somebody else at once."""

    reason = CleanCharField(label="理由", max_length=300, help_text="留存備查，例如：委員因公無法如期完成")
    reviewer = forms.ChoiceField(
        label="改派給", required=False, error_messages={"invalid_choice": "這位委員不能審這件，請重新選擇"}
    )

    def __init__(self, *args: Any, candidates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].choices = [("", "先不改派"), *candidates]  # type: ignore[attr-defined]
        self.helper = plain_helper()


class OptionalReasonForm(forms.Form):
    """A reason that is only needed in the case that its help text names."""

    reason = CleanCharField(label="理由", required=False, max_length=300)

    def __init__(self, *args: Any, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = help_text
        self.helper = plain_helper()
