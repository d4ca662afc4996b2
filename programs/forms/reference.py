"""Forms of the reference tables and of window extensions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from core.clock import TAIPEI
from core.forms import CleanCharField, IntField, RocDateField
from programs.enums import DayKind
from programs.models import PassRate, Region


def plain_helper() -> FormHelper:
    """A crispy helper without its own form tag; errors stand at the field, the summary above."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class CalendarDayForm(forms.Form):
    """One day that differs from the plain week."""

    date = RocDateField(label="日期")
    kind = forms.ChoiceField(label="類別", choices=DayKind.choices)
    name = CleanCharField(label="名稱", max_length=60, help_text="例如：康芮颱風停止上班")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class RegionForm(forms.ModelForm):
    """One row of the zone table."""

    city = CleanCharField(label="縣市", max_length=10)
    township = CleanCharField(label="鄉鎮市區", max_length=20, required=False, help_text="留空代表整個縣市")

    class Meta:
        model = Region
        fields = ("city", "township", "zone")
        labels = {"zone": "區域"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()

    def clean_city(self) -> str:
        """台 and 臺 are the same."""
        return str(self.cleaned_data["city"]).replace("台", "臺")


class PassRateForm(forms.ModelForm):
    """One exam session's national result."""

    item = CleanCharField(label="鑑定項目", max_length=40)
    level = CleanCharField(label="等級", max_length=10)
    session = CleanCharField(label="梯次", max_length=20)
    sat = IntField(label="到考人數", min_value=0, max_value=9_999_999)
    passed = IntField(label="及格人數", min_value=0, max_value=9_999_999)
    source = CleanCharField(label="資料來源", max_length=200)

    class Meta:
        model = PassRate
        fields = ("item", "level", "session", "sat", "passed", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("passed") or 0) > (cleaned.get("sat") or 0):
            self.add_error("passed", "及格人數不能多於到考人數。")
        return cleaned


class ExtendWindowForm(forms.Form):
    """A later end of the window, to the minute, with the reason that the public reads."""

    closes_on = RocDateField(label="新的截止日期")
    closes_at_time = forms.TimeField(
        label="截止時間", initial="23:59", error_messages={"invalid": "時間請填成 17:00 這樣的格式。"}
    )
    reason = CleanCharField(
        label="公開理由", max_length=300, help_text="會顯示在徵案頁，例如：系統於 3/28 下午中斷 40 分鐘。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()

    def closes_at(self) -> datetime:
        """The end as an aware time in Taipei, with its whole minute. Call after ``is_valid``."""
        moment = datetime.combine(self.cleaned_data["closes_on"], self.cleaned_data["closes_at_time"], TAIPEI)
        return moment.replace(second=59)
