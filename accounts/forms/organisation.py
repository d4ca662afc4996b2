"""A company's data, its invitations and requests."""

from __future__ import annotations

import re
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import MemberRole
from accounts.models import Organisation
from accounts.places import find_township
from core.applicants import ApplicantKind
from core.forms import CleanCharField, CleanTextField, IntField, PhoneField, UbnField
from core.identifiers import is_business_code
from core.text import half_width

MAX_CODES = 200
# What the form takes and shows as the organisation holds it.
AS_TYPED = (
    "kind", "name", "address", "heads", "representative", "contact_name", "contact_phone", "contact_email",
)  # fmt: skip


def plain_helper(*layout: Any) -> FormHelper:
    """A crispy helper without its own form tag; errors stand at the field, the summary above."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = True
    if layout:
        helper.layout = Layout(*layout)
    return helper


class TownshipField(CleanCharField):
    """City and township in one box with suggestions; cleaned to a :class:`accounts.places.Township`."""

    hints = {"list": "townships", "autocomplete": "off", "placeholder": "臺中市西屯區"}

    def clean(self, value: Any) -> Any:
        """The township; a message that lists the candidates when several are meant."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return find_township(half_width(text))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


class EmailField(forms.EmailField):
    """A mail address in small letters."""

    default_error_messages = {
        "required": "請填寫這一欄",
        "invalid": "電子郵件的格式不對，例如 name@example.com.tw",
    }

    def to_python(self, value: Any) -> str:
        """Full-width characters become half-width."""
        return str(super().to_python(half_width(str(value or "")))).lower()


class CompanyForm(forms.Form):
    """The company's data without its number, which never changes."""

    kind = forms.ChoiceField(
        label="單位類別",
        choices=[(kind.value, kind.label) for kind in ApplicantKind],
        initial=ApplicantKind.COMPANY.value,
        required=False,
        help_text="大學、研究機構等也在這裡登錄；哪些單位可以申請，依各徵案的規定",
    )
    name = CleanCharField(label="名稱", max_length=120, help_text="和登記證明文件上的名稱相同")
    place = TownshipField(
        label="縣市與鄉鎮市區", max_length=40, help_text="填幾個字再從清單選；也可以填郵遞區號"
    )
    address = CleanCharField(
        label="街道地址", max_length=200, help_text="路街、巷弄、號、樓，例如 工業區一路 1 號 3 樓"
    )
    heads = IntField(label="員工人數", min_value=1, max_value=999_999, unit="人", help_text="目前投保人數")
    codes = CleanTextField(
        label="所營事業代碼（公司必填）",
        max_length=3000,
        required=False,
        help_text="7 碼，例如 CC01080。多個代碼用空白或換行分開，可以直接從登記資料貼上",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    representative = CleanCharField(label="負責人", max_length=60)
    contact_name = CleanCharField(label="聯絡人", max_length=60)
    contact_phone = PhoneField(label="聯絡電話")
    contact_email = EmailField(label="聯絡電子郵件", max_length=254)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    company_layout: tuple[Any, ...] = (
        Fieldset("公司或單位", "kind", "name", "place", "address", Field("heads", css_class="num"), "codes"),
        Fieldset("負責人與聯絡人", "representative", "contact_name", "contact_phone", "contact_email"),
        "revision",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper(*self.company_layout)

    @classmethod
    def initial_of(cls, organisation: Organisation) -> dict[str, Any]:
        """What the form shows of a registered company."""
        return {name: getattr(organisation, name) for name in AS_TYPED} | {
            "place": f"{organisation.city}{organisation.township}",
            "codes": "\n".join(item.code for item in organisation.business_items.all()),
            "revision": organisation.revision,
        }

    def clean_kind(self) -> str:
        """A company unless something else is chosen."""
        return self.cleaned_data["kind"] or ApplicantKind.COMPANY.value

    def clean_codes(self) -> list[str]:
        """The codes in order, each once. Names beside the codes, as pasted from the register, are skipped.

        Only companies have codes in the register, and need at least one.
        """
        text = half_width(self.cleaned_data["codes"]).upper()
        words = [word for word in re.split(r"[\s,;、，；。|/:：()]+", text) if word]
        coded = [word for word in words if word.isascii()]
        codes = list(dict.fromkeys(coded))
        bad = [code for code in codes if not is_business_code(code)]
        if bad:
            shown = "、".join(code[:20] for code in bad[:5])
            raise ValidationError(
                f"這些不是 7 碼的所營事業代碼：{shown}。正確的例子：CC01080、IG02010", code="invalid"
            )
        if not codes and self.cleaned_data.get("kind", ApplicantKind.COMPANY) == ApplicantKind.COMPANY:
            raise ValidationError("請填至少一個 7 碼的所營事業代碼，例如 CC01080", code="required")
        if len(codes) > MAX_CODES:
            raise ValidationError(f"最多 {MAX_CODES} 個代碼，目前 {len(codes)} 個", code="too_many")
        return codes

    def company(self) -> dict[str, Any]:
        """Values for ``accounts.services.organisations.COMPANY_FIELDS``."""
        data = self.cleaned_data
        place = data["place"]
        return {name: data[name] for name in AS_TYPED} | {
            "city": place.city,
            "township": place.name,
            "postal_code": place.postal_code,
        }


class RegisterForm(CompanyForm):
    """A company registers itself."""

    ubn: forms.Field = UbnField(label="統一編號", help_text="8 位數字")
    field_order = ("ubn",)
    company_layout: tuple[Any, ...] = (
        Fieldset(
            "公司或單位", "ubn", "kind", "name", "place", "address", Field("heads", css_class="num"), "codes"
        ),
        Fieldset("負責人與聯絡人", "representative", "contact_name", "contact_phone", "contact_email"),
    )


class StaffRegisterForm(RegisterForm):
    """Staff register a company for its people, who are invited as owners by mail."""

    ubn = CleanCharField(label="統一編號", max_length=20, help_text="8 位數字")
    ubn_override_reason = CleanCharField(
        label="檢查碼不符的理由",
        max_length=200,
        required=False,
        help_text="只有經查證確實登記、但檢查碼不符的統一編號才填；理由會留下紀錄",
    )
    owner_email = EmailField(
        label="擁有者的電子郵件",
        max_length=254,
        required=False,
        help_text="系統寄邀請信，由對方接受後管理這份資料",
    )
    company_layout = (
        Fieldset(
            "公司或單位",
            "ubn",
            "ubn_override_reason",
            "kind",
            "name",
            "place",
            "address",
            Field("heads", css_class="num"),
            "codes",
        ),
        Fieldset("負責人與聯絡人", "representative", "contact_name", "contact_phone", "contact_email"),
        Fieldset("帳號", HTML("<p class='muted'>紙本送件的單位可以先留白，日後再邀請。</p>"), "owner_email"),
    )

    def clean(self) -> dict[str, Any]:
        """The checksum holds, or there is a reason why not."""
        data = super().clean() or {}
        number = half_width(str(data.get("ubn", ""))).replace(" ", "").replace("-", "")
        if number:
            try:
                data["ubn"] = UbnField().clean(number)
            except ValidationError as error:
                if re.fullmatch(r"[0-9]{8}", number) and data.get("ubn_override_reason"):
                    data["ubn"] = number
                else:
                    self.add_error("ubn", error)
        return data


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = EmailField(label="電子郵件", max_length=254)
    role = forms.ChoiceField(
        label="身分",
        choices=MemberRole.choices,
        initial=MemberRole.EDITOR,
        help_text="擁有者可以管理成員；編輯者可以填寫與送件；檢視者只能看",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class RoleForm(forms.Form):
    """A member's new role."""

    role = forms.ChoiceField(label="身分", choices=MemberRole.choices)


class JoinForm(forms.Form):
    """Asking to be let in."""

    message = CleanCharField(
        label="給擁有者的話", max_length=300, required=False, help_text="例如您的部門與職稱，方便對方確認"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class AnswerJoinForm(forms.Form):
    """The owner's answer."""

    answer = forms.ChoiceField(
        label="您的回覆",
        choices=[("accept", "同意加入"), ("refuse", "婉拒")],
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇同意或婉拒"},
    )
    role = forms.ChoiceField(
        label="同意時的身分", choices=MemberRole.choices, initial=MemberRole.EDITOR, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()
