"""What anybody fills in without a login."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.layout import Column, Div, Layout, Row
from django import forms

from accounts.forms.organisation import EmailField, plain_helper
from core.forms import CleanCharField, CleanTextField, PhoneField
from outreach.enums import InquiryKind
from outreach.forms.publications import FilesField
from outreach.models import Topic
from outreach.services.inquiries import FILE_BYTES, FILE_KINDS


class OpenForm(forms.Form):
    """A form for everybody: a key that tells a replay, and a field that only a machine fills in."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    website = CleanCharField(label="網址（請留空）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = uuid.uuid4
        self.fields["website"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}

    def trap(self) -> Div:
        """Where the machine's field stands: outside the page, and outside the order of the keyboard."""
        return Div("website", css_class="form-trap", aria_hidden="true")

    def clean_form_key(self) -> uuid.UUID:
        """A new key for whoever sends none or a broken one."""
        return self.cleaned_data.get("form_key") or uuid.uuid4()

    def clean_website(self) -> str:
        """Told in words, as an eager browser may have filled it in for a person."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError("這一欄請留空，再送出一次。")
        return ""


class RegistrationForm(OpenForm):
    """Who wants to come."""

    name = CleanCharField(label="姓名", max_length=60)
    email = EmailField(label="電子郵件", max_length=254, help_text="確認信與取消連結會寄到這裡")
    organisation = CleanCharField(label="服務單位", max_length=120, required=False)
    phone = PhoneField(label="聯絡電話", required=False, help_text="臨時異動時聯絡用")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.helper = plain_helper()
        self.helper.layout = Layout("form_key", self.trap(), "name", "email", "organisation", "phone")

    def person(self) -> dict[str, str]:
        """What is kept of the person."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "organisation", "phone")}


class InquiryForm(OpenForm):
    """A question or a complaint."""

    kind = forms.ChoiceField(
        label="類別", choices=InquiryKind.choices, initial=InquiryKind.QUESTION, widget=forms.RadioSelect
    )
    name = CleanCharField(label="姓名", max_length=60)
    email = EmailField(label="電子郵件", max_length=254, help_text="收件通知與答覆通知會寄到這裡")
    topic = forms.ModelChoiceField(
        label="主題", queryset=Topic.objects.all(), required=False, empty_label="不確定"
    )
    case_number = CleanCharField(
        label="案號",
        max_length=40,
        required=False,
        help_text="與某一件申請案有關時填寫，例如收件證明上的號碼",
    )
    subject = CleanCharField(label="主旨", max_length=120)
    text = CleanTextField(
        label="內容", max_length=5_000, help_text="請不要填身分證字號、帳戶或密碼；我們不會向您索取密碼。"
    )
    file = FilesField(
        kinds=FILE_KINDS,
        most=1,
        max_bytes=FILE_BYTES,
        label="附件",
        help_text="一個檔案，10 MB 以內；PDF、Office、ODF 或圖片",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.helper = plain_helper()
        self.helper.layout = Layout(
            "form_key",
            self.trap(),
            "kind",
            Row(Column("name", css_class="col-md-6"), Column("email", css_class="col-md-6")),
            Row(Column("topic", css_class="col-md-6"), Column("case_number", css_class="col-md-6")),
            "subject",
            "text",
            "file",
        )


class AskAgainForm(forms.Form):
    """More on the same inquiry."""

    text = CleanTextField(label="補充或追問", max_length=5_000)
    file = FilesField(
        kinds=FILE_KINDS, most=1, max_bytes=FILE_BYTES, label="附件", help_text="一個檔案，10 MB 以內"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["rows"] = 4
        self.helper = plain_helper()


class RatingForm(forms.Form):
    """Satisfaction with the answer."""

    rating = forms.TypedChoiceField(
        label="這次答覆，您滿意嗎？",
        coerce=int,
        choices=[(5, "5 非常滿意"), (4, "4 滿意"), (3, "3 普通"), (2, "2 不滿意"), (1, "1 非常不滿意")],
        widget=forms.RadioSelect,
        error_messages={"required": "請選 1 到 5 分", "invalid_choice": "請選 1 到 5 分"},
    )
    comment = CleanCharField(label="想補充的話", max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class FindForm(forms.Form):
    """One box."""

    q = CleanCharField(label="想找什麼", required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"class": "form-control", "type": "search"}
