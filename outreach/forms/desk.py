"""What the office fills in about inquiries, and the settings of the service."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms

from accounts.forms.organisation import EmailField, plain_helper
from core.forms import CleanCharField, CleanTextField, IntField, PhoneField, RocDateField
from outreach.enums import InquiryKind
from outreach.forms.publications import FilesField
from outreach.selectors.inquiries import RESULTS
from outreach.services.inquiries import FILE_BYTES, FILE_KINDS


class QueueForm(forms.Form):
    """Filters of the queue."""

    q = CleanCharField(label="編號、主旨、姓名或案號", required=False, max_length=100)
    kind = forms.ChoiceField(label="類別", required=False, choices=[("", "全部"), *InquiryKind.choices])
    result = forms.ChoiceField(label="結果", required=False, choices=[("", "全部"), *RESULTS.items()])
    since = RocDateField(label="收到日期從", required=False)
    until = RocDateField(label="到", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-select" if name in ("kind", "result") else "form-control"

    def chosen(self) -> dict[str, Any]:
        """What is set and valid."""
        self.is_valid()
        return {k: v for k, v in getattr(self, "cleaned_data", {}).items() if v}


class AnswerForm(forms.Form):
    """The answer."""

    text = CleanTextField(
        label="答覆內容", max_length=10_000, help_text="來信的人會在專屬頁面看到；信裡不會有內容。"
    )
    file = FilesField(kinds=FILE_KINDS, most=1, max_bytes=FILE_BYTES, label="附件")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["rows"] = 8
        self.helper = plain_helper()


class NoteForm(forms.Form):
    """A note among the office."""

    prefix = "note"
    text = CleanTextField(label="註記", help_text="來信的人看不到", max_length=2_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["rows"] = 3
        self.helper = plain_helper()


class AssignForm(forms.Form):
    """Who takes it."""

    to: Any = forms.ModelChoiceField(
        label="改派給",
        queryset=None,
        empty_label="請選擇",
        error_messages={"required": "請選擇承辦人", "invalid_choice": "這位同仁不能承辦這一件"},
    )

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        # The queryset knows every account, the choices only those who may answer; validation asks both.
        self.allowed = {person.pk for person in people}
        to.queryset = type(people[0]).objects.filter(pk__in=self.allowed) if people else _nobody()
        to.choices = [("", "請選擇"), *((person.pk, str(person)) for person in people)]
        self.helper = plain_helper()


class ConcernedForm(forms.Form):
    """Whom of the office a complaint is about."""

    people: Any = forms.ModelMultipleChoiceField(
        label="這件申訴與誰有關",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="勾選的人看不到、也不能答覆這一件。填了案號的申訴，系統會先帶入辦理該案的人。",
    )

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = (
            _nobody() if not people else type(people[0]).objects.filter(pk__in=[p.pk for p in people])
        )
        field.choices = [(person.pk, str(person)) for person in people]
        self.helper = plain_helper()


def _nobody() -> Any:
    from accounts.models import User

    return User.objects.none()


_DAYS: dict[str, Any] = {"min_value": 1, "max_value": 60, "unit": "個工作天"}


class ServiceForm(forms.Form):
    """What the service promises."""

    phone = PhoneField(
        label="免付費諮詢與申訴專線", required=False, help_text="顯示在「聯絡我們」；留空就不顯示"
    )
    mailbox = EmailField(
        label="業務信箱", max_length=254, required=False, help_text="顯示在「聯絡我們」；留空就不顯示"
    )
    hours = CleanCharField(label="服務時間", max_length=100)
    question_days = IntField(label="詢問", **_DAYS)
    complaint_days = IntField(label="申訴", **_DAYS)
    other_days = IntField(label="其他", **_DAYS)
    remind_days = IntField(label="期限前幾天提醒承辦人", **_DAYS)
    close_days = IntField(label="答覆後幾天自動結案", **_DAYS)
    satisfaction_goal = forms.DecimalField(
        label="滿意度目標",
        min_value=1,
        max_value=5,
        max_digits=2,
        decimal_places=1,
        help_text="1 到 5 分；112 年度計畫的品質指標是 4 分",
        error_messages={"invalid": "請填 1 到 5，最多一位小數", "required": "請填寫這一欄"},
    )
    registration_months = IntField(
        label="活動結束後幾個月刪除報名個資", min_value=1, max_value=60, unit="個月"
    )
    inquiry_years = IntField(label="結案後幾年刪除來信者個資", min_value=1, max_value=60, unit="年")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        third = [
            Column(name, css_class="col-md-4") for name in ("question_days", "complaint_days", "other_days")
        ]
        pair = [Column(name, css_class="col-md-6") for name in ("remind_days", "close_days")]
        keep = [Column(name, css_class="col-md-6") for name in ("registration_months", "inquiry_years")]
        self.helper = plain_helper(
            *Layout(
                Fieldset("怎麼找到我們", "phone", "mailbox", "hours"),
                Fieldset("答覆期限（收到次日起算的工作天）", Row(*third), Row(*pair), "satisfaction_goal"),
                Fieldset("個人資料保存期間", Row(*keep)),
            ).fields
        )
