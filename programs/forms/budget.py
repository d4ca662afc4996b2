"""Forms of a plan's money: where a call's envelope comes from, the subsidy of a part, measures, bookings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from core import text
from core.forms import CleanCharField, DollarField, IntField, RocDateField
from core.money import MAX_DOLLARS
from programs.enums import EntryKind, MeasureKind
from programs.forms.reference import plain_helper
from programs.models import Call, Plan, PlanPart

MAX_THOUSANDS = MAX_DOLLARS // 1000


class _Plain(forms.Form):
    """Errors stand at the field, the summary above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class PercentField(CleanCharField):
    """A share in percent with at most two decimals: ``10``, ``33.33%``, full-width digits."""

    hints = {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        """A Decimal above 0 and up to 100; None when empty."""
        raw = text.half_width(super().clean(value) or "").strip().removesuffix("%").strip()
        if not raw:
            return None
        if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", raw):
            raise forms.ValidationError("比例請填數字，最多兩位小數，例如 10 或 33.33。")
        share = Decimal(raw)
        if not 0 < share <= 100:
            raise forms.ValidationError("比例請填大於 0、不超過 100 的數字。")
        return share


class FundingForm(_Plain):
    """A part and year (``part:year``, from the table of what is free) and how much the call takes."""

    place = forms.CharField(error_messages={"required": "請從表中選擇計畫項目與年度。"})

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = call.terms.grant.unit
        self.fields["amount"] = (
            IntField(label=f"匡列額度（{unit}）", unit=unit, min_value=1, max_value=MAX_DOLLARS)
            if not call.terms.in_dollars
            else DollarField(label="匡列額度（元）")
        )

    def clean_place(self) -> tuple[PlanPart, int]:
        """The part and the year."""
        found = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,3})", self.cleaned_data["place"])
        part = PlanPart.objects.select_related("plan").filter(pk=found[1]).first() if found else None
        if found is None or part is None:
            raise forms.ValidationError("請從表中選擇計畫項目與年度。")
        return part, int(found[2])


class SubsidyForm(_Plain):
    """How much of a part's budget is subsidy; empty: all of it."""

    amount = IntField(
        label="補助款（千元）",
        unit="千元",
        max_value=MAX_THOUSANDS,
        required=False,
        help_text="這個項目的核定經費中，可以給徵案的補助款。留空表示核定經費全數可給徵案。",
    )
    source = CleanCharField(
        label="依據", max_length=200, required=False, help_text="例如：預算書頁次、核定函文字號。"
    )


class MeasureForm(_Plain):
    """A freeze or cut by a share or by an amount."""

    kind = forms.ChoiceField(label="措施", choices=MeasureKind.choices, widget=forms.RadioSelect)
    part = forms.ModelChoiceField(
        label="計畫項目",
        queryset=PlanPart.objects.none(),
        error_messages={
            "required": "請選擇計畫項目。",
            "invalid_choice": "這個計畫沒有這個項目，請重新選擇。",
        },
    )
    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        error_messages={"required": "請選擇年度。", "invalid_choice": "年度不在計畫期間內，請重新選擇。"},
    )
    percent = PercentField(
        label="比例（%）", required=False, help_text="核定經費的百分之幾，最多兩位小數。與金額擇一填寫。"
    )
    amount = DollarField(
        label="金額（元）", required=False, help_text="核定經費中的金額。下層項目依核定經費的比例承擔。"
    )
    reason = CleanCharField(
        label="依據與理由",
        max_length=300,
        help_text="例如：立法院審議決議、函文日期與字號。受影響的徵案會在公告頁公開這段文字。",
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].queryset = plan.parts.all()  # type: ignore[attr-defined]
        self.fields["year"].choices = [(year, f"{year} 年度") for year in plan.years]  # type: ignore[attr-defined]


class ReasonForm(_Plain):
    """A reason that goes into the history."""

    reason = CleanCharField(label="依據與理由", max_length=300)


class EntryForm(_Plain):
    """Money paid or returned."""

    kind = forms.ChoiceField(label="類別", choices=EntryKind.choices)
    on = RocDateField(label="日期")
    amount = DollarField(label="金額（元）")
    reference = CleanCharField(label="傳票或憑證號碼", max_length=60)
    note = CleanCharField(label="說明", max_length=300, required=False)
