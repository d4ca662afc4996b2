"""Forms of KPI reporting: one row for each KPI, the period, its lock, and who reports."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from core.forms import CleanCharField, CleanTextField, IntField, NumberField
from core.rocdate import roc_year
from programs.forms.reference import plain_helper
from programs.models import Kpi, KpiValue, Plan
from programs.rules.plans.kpis import PERIODS, months_of, period_label
from programs.services.kpis import Entry, Reported

PEOPLE = {"men": "男", "women": "女", "other": "其他／未揭露"}


def last_ended(plan: Plan, today: date) -> tuple[int, int]:
    """Year and month that the plan last finished; its first month while none is."""
    year, month = roc_year(today), today.month - 1
    if not month:
        year, month = year - 1, 12
    if year > plan.to_year:
        return plan.to_year, 12
    return (year, month) if year >= plan.from_year else (plan.from_year, 1)


class PeriodForm(forms.Form):
    """Which year and period, in the address; what makes no sense becomes the one that ended last."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    period = forms.TypedChoiceField(label="期別", coerce=int)

    def __init__(self, data: Any, *, plan: Plan, today: date) -> None:
        year, month = last_ended(plan, today)
        super().__init__({"year": data.get("year") or year, "period": data.get("period") or month})
        self.default = year, month
        self.fields["year"].choices = [(y, f"{y} 年") for y in plan.years]  # type: ignore[attr-defined]
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (p, period_label(p)) for p in sorted(PERIODS, key=lambda p: (months_of(p), p))
        ]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def chosen(self) -> tuple[int, int]:
        """Year and period."""
        if not self.is_valid():
            self.data = dict(zip(("year", "period"), self.default, strict=True))
            return self.default
        return self.cleaned_data["year"], self.cleaned_data["period"]


class ReportRowForm(forms.Form):
    """One KPI of one period. A fed KPI has no field for a value, one without gender none for people."""

    value = NumberField(label="實際值", required=False)
    men = IntField(label="男", required=False, max_value=10**9)
    women = IntField(label="女", required=False, max_value=10**9)
    other = IntField(label="其他／未揭露", required=False, max_value=10**9)
    note = CleanTextField(label="說明", required=False, max_length=1000)
    cause = CleanTextField(label="落後原因", required=False, max_length=2000)
    remedy = CleanTextField(label="改善措施", required=False, max_length=2000)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, data: Any, *, kpi: Kpi, current: KpiValue | None) -> None:
        initial: dict[str, Any] = {"version": current.version if current else 0}
        if current:
            initial |= {name: getattr(current, name) for name in Reported.__slots__}
        super().__init__(data, prefix=f"kpi{kpi.pk}", initial=initial)
        self.kpi, self.current = kpi, current
        self.newer: KpiValue | None = None
        hidden = [] if kpi.takes_values else ["value"]
        hidden += [] if kpi.by_gender and kpi.takes_values else list(PEOPLE)
        for name in hidden:
            del self.fields[name]
        for name, field in self.fields.items():
            if name in ("note", "cause", "remedy"):
                field.widget.attrs |= {"class": "form-control", "rows": 1 if name == "note" else 3}
            elif name != "version":
                field.widget.attrs["class"] = "form-control num"
            field.widget.attrs["aria-label"] = f"{kpi.code} {field.label}"

    @property
    def is_blank(self) -> bool:
        """Nothing typed and nothing there before."""
        said = (self.cleaned_data.get(name) for name in Reported.__slots__)
        return self.current is None and not any(one not in (None, "") for one in said)

    @property
    def shows_words(self) -> bool:
        """Whether cause and remedy are to be seen: asked for, or something is in them."""
        return any(self.errors.get(n) or self[n].value() for n in ("cause", "remedy"))

    def entry(self) -> Entry:
        """What was typed, for the service. Call after ``is_valid``."""
        said: dict[str, Any] = {
            name: self.cleaned_data.get(name) for name in Reported.__slots__ if name in self.fields
        }
        return Entry(Reported(**said), self.cleaned_data.get("version") or 0)

    def meet_newer(self, newer: KpiValue) -> None:
        """Somebody else reported meanwhile: the next submission corrects their value, knowingly."""
        self.current = self.newer = newer
        self.data = {**self.data.dict(), self.add_prefix("version"): str(newer.version)}  # type: ignore[attr-defined]

    def refuse(self, problems: dict[str, str]) -> None:
        """Put the service's words at the fields; what has no field stands at the row."""
        for name, words in problems.items():
            self.add_error(name if name in self.fields else None, words)


class LockForm(forms.Form):
    """Why a period is locked; optional."""

    reason = CleanCharField(
        label="鎖定說明（選填）",
        max_length=300,
        required=False,
        help_text="填報人要更正時會看到，例如：已報部。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class ReopenForm(forms.Form):
    """Why a locked period takes values again."""

    reason = CleanCharField(label="重新開放的理由", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class OwnerForm(forms.Form):
    """Who reports a KPI: any account, by its mail address."""

    email = forms.EmailField(
        label="填報人的電子郵件",
        required=False,
        help_text="任何已註冊的帳號都可以；留空則由計畫辦公室填報。",
        error_messages={"invalid": "電子郵件格式不對，例如 name@example.tw。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()
        self.owner: User | None = None

    def clean_email(self) -> str:
        """An account that exists and is active."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if email:
            self.owner = User.objects.filter(email__iexact=email, is_active=True).first()
            if self.owner is None:
                raise forms.ValidationError(
                    "沒有這個電子郵件的帳號，請先請對方註冊，或請系統管理員建立帳號。"
                )
        return email
