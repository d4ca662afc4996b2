"""Forms beside the sections: withdrawing, copying, paper that came in, a longer window for one case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from applications.enums import Channel
from core.forms import CleanCharField, CleanTextField, RocDateField
from core.identifiers import is_ubn
from core.rocdate import TAIPEI
from core.text import half_width
from programs.models import Call


class PlainForm(forms.Form):
    """A form whose tag and button are the page's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class WithdrawForm(PlainForm):
    """Why the case is taken back."""

    reason = CleanTextField(
        label="撤案原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="會寫在案件紀錄，計畫辦公室看得到。",
    )


class CopyForm(PlainForm):
    """Which call the copy is for: the case's own, the only one that there is, else one that is chosen."""

    call = forms.ModelChoiceField(
        label="要申請的徵案",
        queryset=Call.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇要申請的徵案"},
    )

    def __init__(self, *args: Any, calls: Sequence[Call], own: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["call"]
        field.queryset = Call.objects.filter(pk__in=[call.pk for call in calls])
        known = [call.pk for call in calls]
        field.initial = own if own in known else known[0] if len(known) == 1 else None


class ClockField(CleanCharField):
    """A time of the day such as 14:30 or 1430."""

    default_error_messages = {"invalid": "時間看不懂，請寫成 14:30"}

    def clean(self, value: Any) -> Any:
        """The time, None when empty."""
        text = half_width(super().clean(value) or "")
        if not text:
            return None
        match = re.fullmatch(r"([0-9]{1,2})[:.]?([0-9]{2})", text)
        if not match or int(match[1]) > 23 or int(match[2]) > 59:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return time(int(match[1]), int(match[2]))


class ArrivalForm(PlainForm):
    """How and when paper came (S2)."""

    channel = forms.ChoiceField(
        label="送達方式",
        choices=[(value, label) for value, label in Channel.choices if value != Channel.ONLINE],
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇送達方式", "invalid_choice": "請選擇送達方式"},
    )
    posted_on = RocDateField(
        label="郵戳日期", required=False, help_text="中華郵政掛號必填，收件日期以郵戳為準。"
    )
    arrived_on = RocDateField(label="送達日期")
    arrived_time = ClockField(
        label="送達時間",
        max_length=5,
        help_text="24 小時制，例如 14:30。星期一至星期五 09:00 至 18:00 以外送達，以次一個收件日計。",
    )

    def clean(self) -> dict[str, Any]:
        """``arrived_at`` in Taipei time; the postmark where the channel asks for it."""
        data = super().clean() or {}
        if data.get("arrived_on") and data.get("arrived_time"):
            data["arrived_at"] = datetime.combine(data["arrived_on"], data["arrived_time"], TAIPEI)
        registered = data.get("channel") == Channel.REGISTERED_POST
        if registered and not data.get("posted_on") and "posted_on" not in self.errors:
            self.add_error("posted_on", "中華郵政掛號以郵戳為準，請填寫郵戳日期")
        if not registered and data.get("channel"):
            data["posted_on"] = None
        return data


class IntakeForm(ArrivalForm):
    """Paper of a company for a call; the company is made when the portal does not know it yet."""

    field_order = ("call", "ubn", "company_name", "ubn_override_reason", "channel")

    call = forms.ModelChoiceField(
        label="徵案",
        queryset=Call.objects.none(),
        empty_label=None,
        error_messages={"required": "請選擇徵案", "invalid_choice": "請選擇徵案"},
    )
    ubn = CleanCharField(label="統一編號", max_length=12)
    company_name = CleanCharField(
        label="單位名稱",
        max_length=120,
        required=False,
        help_text="系統還沒有這個統一編號時必填，會一併建立。",
    )
    ubn_override_reason = CleanCharField(
        label="統一編號檢查碼不符的理由",
        max_length=200,
        required=False,
        help_text="少數依法登記的單位檢查碼不符。查證後才填，例如「經濟部商工登記公示資料可查」。",
    )

    agreed = forms.BooleanField(
        label="已與申請單位確認改以紙本送件",
        required=False,
        help_text="申請單位在這個徵案已有線上草稿時才需要。登錄後會寄信通知它的每一位成員。",
    )
    agreed_reason = CleanCharField(
        label="改以紙本送件的理由",
        max_length=200,
        required=False,
        help_text="與上一項一起填，會留在操作紀錄。例如「對方來電確認，電子檔以紙本為準」。",
    )

    def __init__(self, *args: Any, calls: Sequence[Call], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["call"]
        field.queryset = Call.objects.filter(pk__in=[call.pk for call in calls])
        field.initial = calls[0].pk if calls else None

    def clean_ubn(self) -> str:
        """Eight digits; the checksum is judged together with the reason."""
        digits = re.sub(r"[ -]", "", half_width(self.cleaned_data["ubn"]))
        if not re.fullmatch(r"[0-9]{8}", digits):
            raise forms.ValidationError("統一編號是 8 位數字，請核對後重填")
        return digits

    def clean(self) -> dict[str, Any]:
        """A number that fails the checksum needs a reason (E1)."""
        data = super().clean()
        ubn = data.get("ubn")
        if ubn and not is_ubn(ubn) and not data.get("ubn_override_reason"):
            self.add_error("ubn", "統一編號的檢查碼不符，請核對；確定無誤時，請在下面寫明查證的理由")
        return data


class ExtendCaseForm(PlainForm):
    """A longer window for the draft of one company."""

    field_order = ("call", "ubn")

    call = forms.ModelChoiceField(
        label="徵案",
        queryset=Call.objects.none(),
        empty_label=None,
        error_messages={"required": "請選擇徵案", "invalid_choice": "請選擇徵案"},
    )
    ubn = CleanCharField(label="統一編號", max_length=12)
    closes_on = RocDateField(label="新的截止日期")
    closes_time = ClockField(label="新的截止時間", max_length=5, help_text="24 小時制，例如 17:00。")
    reason = CleanTextField(
        label="公開理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="會公開在徵案頁，不會顯示單位名稱。",
    )

    def __init__(self, *args: Any, calls: Sequence[Call], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["call"]
        field.queryset = Call.objects.filter(pk__in=[call.pk for call in calls])
        field.initial = calls[0].pk if calls else None

    def clean_ubn(self) -> str:
        """Digits only."""
        return re.sub(r"[ -]", "", half_width(self.cleaned_data["ubn"]))

    def clean(self) -> dict[str, Any]:
        """``closes_at``: the whole minute belongs to the window."""
        data = super().clean() or {}
        if data.get("closes_on") and data.get("closes_time"):
            data["closes_at"] = datetime.combine(data["closes_on"], data["closes_time"], TAIPEI).replace(
                second=59
            )
        return data
