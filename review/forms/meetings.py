"""Forms of the decision meeting: they validate and never save."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError

from core import money, text
from core.forms import CleanCharField, CleanTextField, RocDateField
from programs.models import Call
from review.enums import AllocationBase, AllocationMethod, LastCase, MeetingState
from review.models import Scenario


def plain_helper(*fields: Any) -> FormHelper:
    """A crispy helper without its own form tag and token."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    if fields:
        helper.layout = Layout(*fields)
    return helper


class PercentField(forms.DecimalField):
    """0 to 100 with at most two decimals; full-width digits and a percent sign are fine."""

    default_error_messages = {"invalid": "請填 0 到 100 的數字，例如 10 或 12.5", "required": "請填寫這一欄"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=5, decimal_places=2, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        self.error_messages |= {"min_value": "刪減比例最少 0", "max_value": "刪減比例最多 100"}
        for validator in self.validators:
            validator.message = "請填 0 到 100，最多兩位小數"  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> Any:
        """Half-width, without the sign; empty is nothing cut."""
        if isinstance(value, str):
            value = text.half_width(text.clean_line(value)).replace("%", "").strip()
        return super().to_python(value)


class ClockField(CleanCharField):
    """A time of day such as 14:00 (also １４：００, 1400, 下午 2:00 is not understood)."""

    hints = {"placeholder": "14:00", "inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        """A ``time``, or None when empty."""
        raw = str(super().clean(value) or "")
        digits = text.half_width(raw).replace("：", ":").replace(":", "").strip()
        if not raw:
            return None
        if not (digits.isascii() and digits.isdigit() and len(digits) in (3, 4)):
            raise ValidationError("時間請用 24 小時制填寫，例如 14:00")
        hour, minute = int(digits[:-2]), int(digits[-2:])
        if hour > 23 or minute > 59:
            raise ValidationError("沒有這個時間，請用 24 小時制填寫，例如 14:00")
        return time(hour, minute)

    def prepare_value(self, value: Any) -> Any:
        """14:00 without seconds."""
        return f"{value:%H:%M}" if isinstance(value, time) else value


class MeetingFilter(forms.Form):
    """Filters of the list; whatever is not understood is ignored."""

    q = forms.CharField(label="會議名稱、徵案", required=False, max_length=100)
    call = forms.ChoiceField(label="徵案", required=False)
    state = forms.ChoiceField(label="狀態", required=False, choices=[("", "全部"), *MeetingState.choices])

    def __init__(self, *args: Any, calls: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", "全部"), *calls]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["class"] = "form-control"
        for name in ("call", "state"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def chosen(self) -> dict[str, str]:
        """The valid ones."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("q", "call", "state")}


class OpenForm(forms.Form):
    """Which call, and what the meeting is called. ``waiting``: call pk → reviewed cases."""

    call = forms.ModelChoiceField(label="徵案", queryset=Call.objects.none(), empty_label=None)
    name = CleanCharField(label="會議名稱", max_length=120, help_text="會印在會議紀錄上")

    def __init__(self, *args: Any, waiting: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["call"]
        field.queryset = Call.objects.filter(pk__in=waiting).with_terms()
        field.label_from_instance = lambda call: f"{call.name}（待決審 {waiting.get(call.pk, 0)} 案）"
        self.helper = plain_helper()


class ScenarioForm(forms.Form):
    """Name and way of a scenario."""

    name = CleanCharField(label="方案名稱", max_length=60)
    method = forms.ChoiceField(label="分配方式", choices=AllocationMethod.choices)
    base = forms.ChoiceField(label="分配基準", choices=AllocationBase.choices)
    last_case = forms.ChoiceField(label="經費用罄時", choices=LastCase.choices, help_text="依名次分配時適用")
    cut_percent = PercentField(
        label="經費刪減（%）", required=False, help_text="占補助總經費的比例；0 為不刪減"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper(
            Row(Column("name"), Column("method"), Column("base"), Column("last_case"), Column("cut_percent"))
        )

    def clean_cut_percent(self) -> Decimal:
        """Empty means nothing cut."""
        return self.cleaned_data.get("cut_percent") or Decimal(0)


class NewScenarioForm(ScenarioForm):
    """As ``ScenarioForm``, and possibly with the amounts of another one."""

    copy_of = forms.ModelChoiceField(
        label="沿用金額",
        queryset=Scenario.objects.none(),
        required=False,
        empty_label="不沿用，依分配方式計算",
        help_text="沿用某一方案的金額與設定，再逐案調整",
    )

    def __init__(self, *args: Any, scenarios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["copy_of"]
        field.queryset = scenarios
        self.helper = plain_helper("name", "copy_of", "method", "base", "last_case", "cut_percent")


class ReasonForm(forms.Form):
    """A reason that the other side reads."""

    reason = CleanTextField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class RecordForm(forms.Form):
    """The record of the meeting; it may be incomplete until a scenario is adopted."""

    held_on = RocDateField(label="開會日期", required=False)
    held_time = ClockField(label="開會時間", required=False)
    place = CleanCharField(label="地點", max_length=120, required=False)
    chaired_by = CleanCharField(label="主席", max_length=60, required=False)
    recorded_by = CleanCharField(label="紀錄", max_length=60, required=False)
    minutes_text = CleanTextField(
        label="討論紀要",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="一段一行。提會案數、分配金額與各案明細會自動寫入紀錄，不必再抄。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper(
            Row(Column("held_on"), Column("held_time"), Column("place")),
            Row(Column("chaired_by"), Column("recorded_by")),
        )
        self.text_helper = plain_helper("minutes_text")


class PersonForm(forms.Form):
    """One person of the attendance; an empty row is left out."""

    name = CleanCharField(label="姓名", max_length=60, required=False)
    title = CleanCharField(label="單位職稱", max_length=120, required=False)
    present = forms.BooleanField(label="出席", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "title"):
            self.fields[name].widget.attrs["class"] = "form-control"
        self.fields["present"].widget.attrs["class"] = "form-check-input"
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(
                field.label
            )  # the column's head stands too far away to be read

    def clean(self) -> dict[str, Any]:
        """A title needs a name."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("title") and not data.get("name"):
            self.add_error("name", "請填姓名，或清空這一列")
        return data


PersonFormSet = forms.formset_factory(
    PersonForm, extra=0, min_num=3, max_num=60, validate_max=True, can_delete=True
)


def people(formset: Any) -> list[dict[str, Any]]:
    """The filled rows of a valid formset."""
    return [
        {"name": form["name"], "title": form["title"], "present": form["present"]}
        for form in formset.cleaned_data
        if form.get("name") and not form.get("DELETE")
    ]


class AdoptForm(forms.Form):
    """Warnings have to be read and explained."""

    acknowledged = forms.BooleanField(label="我確認以上情形已在討論紀要說明理由", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


LONGEST_NAME = 20  # "wa" and the digits of any primary key; longer ones are nobody's cell


def read_amounts(data: Any) -> tuple[dict[int, int], dict[int, int], dict[str, str]]:
    """Typed amounts from ``a<pk>`` and what was seen from ``wa<pk>``: (amounts, seen, errors by field name)."""
    amounts: dict[int, int] = {}
    seen: dict[int, int] = {}
    errors: dict[str, str] = {}
    for name, raw in data.items():
        if len(name) > LONGEST_NAME:
            continue
        if name.startswith("a") and name[1:].isascii() and name[1:].isdigit():
            try:
                amounts[int(name[1:])] = money.parse_dollars(raw) if raw.strip() else 0
            except ValueError as error:
                errors[name] = str(error)
        elif (
            name.startswith("wa")
            and name[2:].isascii()
            and name[2:].isdigit()
            and raw.isascii()
            and raw.isdigit()
        ):
            seen[int(name[2:])] = int(raw[:15])
    return amounts, seen, errors
