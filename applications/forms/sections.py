"""The form of each section, from the call's terms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import Gender
from applications.enums import CourseKind
from applications.forms.fields import (
    BusinessCodesField,
    CityField,
    ListField,
    MoneyField,
    PostalCodeField,
    RowForm,
    SectionForm,
    SignedDollarField,
    YesNoField,
)
from core.forms import (
    CleanCharField,
    CleanTextField,
    HoursField,
    IntField,
    PhoneField,
    RocDateField,
)
from core.money import MAX_DOLLARS
from programs.rules.sections import eligibility_fields, partner_fields, trainee_fields

_OFF: dict[str, Any] = {"required": False}
# What the integer columns of every supported database hold; far above anything real.
MAX_PRICE = 1_000_000_000


class CompanyForm(SectionForm):
    """The company as it applies."""

    widths = {
        "postal_code": "input-short",
        "city": "input-short",
        "township": "input-short",
        "heads": "input-short",
    }

    name = CleanCharField(label="公司名稱", max_length=120, **_OFF)
    business_codes = BusinessCodesField(
        label="所營事業代碼",
        max_length=800,
        help_text="登記證明文件上的 7 碼代碼，以空白或頓號分隔，例如 CC01080、I301010。",
        **_OFF,
    )
    heads = IntField(
        label="員工人數", unit="人", max_value=1_000_000, help_text="投保勞保的人數。", required=False
    )
    postal_code = PostalCodeField(label="郵遞區號", max_length=6, **_OFF)
    city = CityField(label="縣市", max_length=10, **_OFF)
    township = CleanCharField(label="鄉鎮市區", max_length=20, **_OFF)
    address = CleanCharField(label="地址", max_length=200, help_text="路街以下，不含縣市與鄉鎮市區。", **_OFF)
    representative = CleanCharField(label="負責人", max_length=60, **_OFF)
    contact_name = CleanCharField(label="聯絡人", max_length=60, **_OFF)
    contact_phone = PhoneField(label="聯絡電話", help_text="例如 04-2345-6789#123 或 0912-345-678。", **_OFF)
    contact_email = forms.EmailField(
        label="聯絡電子郵件",
        max_length=254,
        required=False,
        error_messages={"invalid": "電子郵件格式不對，例如 name@example.com"},
    )

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = f"{terms.applicant}名稱"
        if not terms.of_kind("code_prefixes"):
            del self.fields["business_codes"]


class EligibilityForm(SectionForm):
    """What the company declares about E1–E4 and D8."""

    widths = dict.fromkeys(("founded_on", "net_worth"), "input-short")

    founded_on = RocDateField(label="公司設立日期", **_OFF)
    bank_rejected = YesNoField(label="公司目前是銀行拒絕往來戶嗎？")
    net_worth = SignedDollarField(
        label="公司淨值（元）",
        help_text="最近一年度財務報告的淨值（權益總額）；負值請加負號。",
        required=False,
    )
    net_worth_basis = ListField(label="淨值依據的文件", choices=())
    positive_after_increase = YesNoField(
        label="淨值曾為負，但申請前已增資轉正嗎？", help_text="淨值一直為正者，選「否」。"
    )
    serves_manufacturing = YesNoField(
        label="最近三年曾對製造業提供技術服務嗎？",
        help_text="只有沒有 C 開頭代碼、以技術服務業申請的公司需要回答。",
    )
    public_servant_related = YesNoField(
        label="申請單位是公職人員或其關係人嗎？",
        help_text="公職人員利益衝突迴避法第 2、3 條；答「是」時要附身分關係揭露表。",
    )
    special_approval = YesNoField(
        label="已經專案核定可以申請嗎？", help_text="只有不屬可直接申請類別的機構需要回答。"
    )
    consultant_visited = YesNoField(
        label="輔導顧問已經進場了解並共同擬訂訓練計畫了嗎？",
        help_text="只有規模較小、須先輔導的公司需要回答。",
    )

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["net_worth_basis"].choices = [  # type: ignore[attr-defined]
            ("", "請選擇"),
            *terms.choices("net_worth_bases"),
        ]
        for name in set(self.fields) - set(eligibility_fields(terms)):
            del self.fields[name]


class PlanForm(SectionForm):
    """The texts of the plan; keys, words and lengths are the call's (T6)."""

    title = CleanCharField(label="計畫名稱", max_length=120, required=False)

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in terms.plan_texts:
            field = CleanTextField(
                label=item.label if item.required else f"{item.label}（選填）",
                help_text=f"{item.prompt}（最多 {item.max_length:,} 字）",
                max_length=item.max_length,
                required=False,
            )
            field.widget.attrs.update({"class": "form-control", "data-field": item.key})
            self.fields[item.key] = field


class PeriodForm(SectionForm):
    """When the plan is carried out (T5)."""

    widths = {"starts_on": "input-short", "ends_on": "input-short"}

    starts_on = RocDateField(label="預定開始日", help_text="預計簽約日。", **_OFF)
    ends_on = RocDateField(label="預定結束日", **_OFF)

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The end is not before the start (the database refuses it as well)."""
        values = super().clean() or {}
        starts, ends = values.get("starts_on"), values.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "結束日不能早於開始日")
        return values


class OutcomesForm(SectionForm):
    """Expected outcomes: one line for each kind that the call names."""

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in terms.outcomes:
            for column, label, most in (
                ("baseline", "現況", 60),
                ("target", "目標", 60),
                ("note", "說明", 300),
            ):
                field = CleanCharField(label=f"{item.label}：{label}", max_length=most, required=False)
                number = " num" if column != "note" and item.better != "text" else ""
                field.widget.attrs.update({"class": f"form-control{number}", "aria-label": field.label})
                self.fields[f"{item.key}-{column}"] = field


class AdvantagesForm(SectionForm):
    """Advantages that the company claims, with what proves them (R5, R6)."""

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in terms.advantages:
            if item.source != "claimed":
                continue
            claimed = forms.BooleanField(label=item.label, required=False)
            claimed.widget.attrs["class"] = "form-check-input"
            note = CleanCharField(label=item.prompt or "說明與佐證", max_length=500, required=False)
            note.widget = forms.Textarea(attrs={"rows": 2, "class": "form-control is-short"})
            self.fields[f"{item.key}-claimed"] = claimed
            self.fields[f"{item.key}-note"] = note


class OtherFundingForm(SectionForm):
    """The declaration that there is none."""

    none = forms.BooleanField(label="本計畫沒有申請或接受其他政府機關的補助", required=False)

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class PartnerForm(RowForm):
    """One body that the plan is carried out with."""

    only = {"kind": "partner_kinds"}

    name = CleanCharField(label="名稱", max_length=120, **_OFF)
    kind = ListField(label="種類", choices=())
    subject = CleanCharField(label="合作內容", max_length=200, **_OFF)
    heads = IntField(label="申請員額", max_value=10_000, **_OFF)
    months = IntField(label="培訓月數", max_value=120, **_OFF)
    practice_months = IntField(label="實習月數", max_value=120, **_OFF)
    bonus = MoneyField(label="每人每年獎金", max_value=MAX_DOLLARS, **_OFF)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(partner_fields(self.terms))


class TraineeForm(RowForm):
    """One person to be trained."""

    only = {"kind": "trainee_kinds"}

    name = CleanCharField(label="姓名", max_length=60, **_OFF)
    kind = ListField(label="身分", choices=(), blank="身分")
    gender = ListField(label="性別", choices=Gender.choices, blank="性別")
    school = CleanCharField(label="學校", max_length=60, **_OFF)
    department = CleanCharField(label="科系", max_length=60, **_OFF)
    level = ListField(label="年級", choices=(), blank="年級")
    post = CleanCharField(label="職稱", max_length=60, **_OFF)
    job_role = ListField(label="iPAS 職務類別", choices=())
    planned_hours = HoursField(label="預計培訓時數", **_OFF)
    hourly_wage = MoneyField(label="時薪", max_value=100_000, **_OFF)
    monthly_wage = MoneyField(label="月薪", max_value=10_000_000, **_OFF)
    insured = YesNoField(label="投保勞保", blank="勞保", yes="已投保", no="未投保")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = [("", "身分"), *self.terms.choices("trainee_kinds")]
        fields["level"].choices = [("", "年級"), *self.terms.choices("student_levels")]
        fields["job_role"].choices = [("", "請選擇"), *self.terms.job_role_choices()]
        for name in ("school", "department", "post"):
            fields[name].widget.attrs["placeholder"] = fields[name].label
        fields["hourly_wage"].widget.attrs["placeholder"] = "時薪"
        fields["monthly_wage"].widget.attrs["placeholder"] = "或月薪"
        self.ask(trainee_fields(self.terms))


class CourseForm(RowForm):
    """One course with its site and lecturer."""

    name = CleanCharField(label="課程名稱", max_length=120, **_OFF)
    kind = ListField(label="類型", choices=CourseKind.choices)
    hours = HoursField(label="時數", **_OFF)
    site = CleanCharField(label="實作場域", max_length=120, **_OFF)
    lecturer = CleanCharField(label="講師", max_length=60, **_OFF)
    lecturer_affiliation = ListField(label="講師來源", choices=())
    fee_per_hour = MoneyField(label="鐘點費", max_value=1_000_000, **_OFF)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["lecturer_affiliation"].choices = [("", "請選擇"), *self.terms.choices("lecturer_kinds")]


class MilestoneForm(RowForm):
    """One bar of the schedule."""

    name = CleanCharField(label="工作項目", max_length=120, **_OFF)
    starts_on = RocDateField(label="開始日", **_OFF)
    ends_on = RocDateField(label="結束日", **_OFF)
    checkpoint = CleanCharField(label="查核點", max_length=200, **_OFF)


class BudgetLineForm(RowForm):
    """One line of an account: quantity × unit price × months (B1, B2)."""

    item = CleanCharField(label="項目", max_length=120, **_OFF)
    unit = CleanCharField(label="單位", max_length=20, **_OFF)
    quantity = IntField(label="數量", max_value=1_000_000, **_OFF)
    unit_price = MoneyField(label="單價", max_value=MAX_PRICE, **_OFF)
    months = IntField(label="月數", max_value=120, **_OFF)
    subsidy = MoneyField(label="補助款", max_value=MAX_DOLLARS, **_OFF)

    def clean(self) -> dict[str, Any]:
        """The product stays within what the portal counts with."""
        values = super().clean() or {}
        factors = [values.get(name) for name in ("quantity", "unit_price", "months")]
        if None not in factors and factors[0] * factors[1] * factors[2] >= MAX_DOLLARS:  # type: ignore[operator]
            raise ValidationError({"unit_price": "數量 × 單價 × 月數的總額太大，請確認單位是「元」"})
        return values


class FundingForm(RowForm):
    """Other public money for the same plan."""

    agency = CleanCharField(label="補助機關", max_length=120, **_OFF)
    programme = CleanCharField(label="計畫名稱", max_length=120, **_OFF)
    amount = MoneyField(label="金額", max_value=MAX_DOLLARS, **_OFF)
    period = CleanCharField(label="期間", max_length=60, **_OFF)


class ReviewerForm(RowForm):
    """Somebody whom the company asks not to have as a reviewer."""

    name = CleanCharField(label="姓名", max_length=60, **_OFF)
    organisation = CleanCharField(label="服務單位", max_length=120, **_OFF)
    reason = CleanCharField(label="理由", max_length=300, **_OFF)
