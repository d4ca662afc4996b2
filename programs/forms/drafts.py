"""Forms around a draft: beginning one, where its money comes from, its public note."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings

from accounts.models import User
from core.forms import CleanCharField, CleanTextField, IntField, RocDateField
from core.rocdate import roc_year
from programs.models import CallTerms, PlanPart
from programs.selectors.drafts import MOST_NAME
from programs.services.calls import read_scheme


def scheme_files() -> dict[str, Path]:
    """The scheme files of the installation by name."""
    return {path.stem: path for path in sorted((settings.BASE_DIR / "fixtures" / "schemes").glob("*.yaml"))}


class _Plain(forms.Form):
    """Laid out by crispy inside the page's own form tag."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class NewDraftForm(_Plain):
    """What a new call is copied from, what it is called, and when it opens."""

    source = forms.ChoiceField(
        label="從哪裡開始",
        help_text="整份複製過來，再逐頁修改。",
        error_messages={"required": "請選擇要複製的徵案或範本。"},
    )
    name = CleanCharField(
        label="新徵案的全名",
        max_length=MOST_NAME,
        help_text="例如：115年度經濟部產業人才能力鑑定(iPAS)企業數位人才實作培育補助。",
    )
    roc_year = IntField(label="年度", min_value=100, max_value=200, help_text="民國年，例如 115。")
    opens_on = RocDateField(
        label="受理開始日", help_text="複製來的所有日期，會跟著這一天一起往後移；之後可以逐一修改。"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = (
            CallTerms.objects.filter(call__current_terms__isnull=False, frozen_at__isnull=False)
            .select_related("call")
            .defer("data", "call__contact")
            .order_by("-call__opens_at", "-version")[:60]
        )
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            ("", "請選擇"),
            ("辦過的徵案", [(f"terms:{v.pk}", f"{v.call.name} 第 {v.version} 版") for v in versions]),
            ("範本", [(f"scheme:{name}", _scheme_name(path)) for name, path in scheme_files().items()]),
        ]

    def source_of(self) -> CallTerms | Path:
        """The chosen version or scheme file. Call after ``is_valid``."""
        kind, _, key = self.cleaned_data["source"].partition(":")
        if kind == "scheme":
            return scheme_files()[key]
        return CallTerms.objects.get(pk=int(key))

    def clean_opens_on(self) -> date:
        """Far dates are slips of the finger."""
        day: date = self.cleaned_data["opens_on"]
        if not 100 <= roc_year(day) <= 200:
            raise forms.ValidationError("年份請填民國 100 到 200 年之間。")
        return day


def _scheme_name(path: Path) -> str:
    return str(read_scheme(path)["name"])


class _PartField(forms.ModelChoiceField):
    """Parts of all plans, each with the number of its plan."""

    def label_from_instance(self, obj: Any) -> str:
        """112-1402-11-20-01 3 細部計畫三."""
        return f"{obj.plan.code} {obj}"


class BudgetForm(_Plain):
    """From which part of a plan, and which year, the envelope comes."""

    budget_part = _PartField(
        PlanPart.objects.select_related("plan").order_by("plan", "position"),
        label="從哪一個計畫項目支應",
        required=False,
        empty_label="還沒有決定",
    )
    budget_year = IntField(
        label="預算年度", min_value=100, max_value=200, required=False, help_text="民國年。"
    )

    def clean(self) -> dict[str, Any]:
        """A part needs a year of its plan."""
        data = super().clean() or {}
        part, year = data.get("budget_part"), data.get("budget_year")
        if part and not year and "budget_year" not in self.errors:
            self.add_error("budget_year", "請填預算年度。")
        if part and year and year not in part.plan.years:
            self.add_error(
                "budget_year", f"{year} 年不在計畫期間內（{part.plan.from_year}–{part.plan.to_year} 年）。"
            )
        return data


class NoteForm(_Plain):
    """The public note of a new version."""

    change_note = CleanTextField(
        label="公開的修訂說明",
        max_length=500,
        help_text="顯示在徵案頁的「修訂紀錄」。已依修改內容擬好草稿，請改成民眾看得懂的話。",
    )


class ReasonForm(_Plain):
    """Why something is taken back."""

    reason = CleanCharField(label="理由", max_length=300, help_text="會留在操作紀錄。")
