"""Forms of the office: filters of the list, verdicts, the three decisions. They validate and never save."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from applications.enums import CaseState
from core.forms import CleanCharField, CleanTextField, IntField
from core.text import clean
from programs.models import Call
from review.selectors.cases import SORTS, officers, view
from review.selectors.qualification import Item
from review.services.qualification import Judgement

REASON_MAX = 2000
STATES = [(s.value, s.label) for s in CaseState if s != CaseState.DRAFT]


def helper() -> FormHelper:
    """Fields only: the page brings the form tag and the buttons."""
    made = FormHelper()
    made.form_tag = False
    return made


class CaseFilter(forms.Form):
    """Filters of the list of cases; whatever is not understood is ignored."""

    q = CleanCharField(label="案號、計畫名稱、公司或統編", required=False)
    call = forms.ChoiceField(label="徵案", required=False)
    state = forms.ChoiceField(label="狀態", required=False, choices=[("", "全部"), *STATES])
    officer = forms.ChoiceField(label="承辦", required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        calls = [(call.slug, call.name) for call in Call.objects.public()]
        people = [(str(person.pk), person.name) for person in officers()]
        self.fields["call"].choices = [("", "全部"), *calls]  # type: ignore[attr-defined]
        self.fields["officer"].choices = [("", "全部"), ("none", "尚未分派"), *people]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs |= {"class": "form-control", "type": "search"}
        for name in ("call", "state", "officer"):
            self.fields[name].widget.attrs |= {"class": "form-select", "data-submit": ""}

    def chosen(self) -> dict[str, str]:
        """The valid ones, by name."""
        self.is_valid()
        values = {name: str(self.cleaned_data.get(name, "") or "") for name in self.fields}
        values["q"] = values["q"][:100]
        return values

    @property
    def view(self) -> str:
        """The saved view of the address."""
        return view(str(self.data.get("view", ""))).key

    @property
    def sort(self) -> str:
        """The order of the address: a column, with ``-`` in front when reversed."""
        wanted = str(self.data.get("sort", ""))
        return wanted if wanted.removeprefix("-") in SORTS else "since"


class VerdictForm(forms.Form):
    """One item of the checklist; its fields are named ``<code>-verdict`` and so on."""

    verdict = forms.CharField(required=False, max_length=20)
    reason = CleanTextField(required=False, max_length=REASON_MAX)
    snippet = forms.CharField(required=False)
    version = IntField(required=False)

    def __init__(self, data: QueryDict, item: Item) -> None:
        super().__init__(data, prefix=item.code)
        self.item = item

    @property
    def touched(self) -> bool:
        """Whether a verdict was chosen at all."""
        return bool(self.data.get(self.add_prefix("verdict")))

    def opens(self) -> tuple[str, ...]:
        """The places that were ticked; none were sent at all: the usual ones."""
        name = self.add_prefix("opens")
        if self.add_prefix("opens-shown") in self.data:
            return tuple(self.data.getlist(name))  # type: ignore[attr-defined]
        return tuple(self.item.opens)

    def judgement(self) -> Judgement:
        """What to write. Call after ``is_valid``. A reason that is not given is the rulebook's own, where it objects."""
        data = self.cleaned_data
        reason = data["reason"]
        snippets = self.item.line.snippets
        picked = data["snippet"]
        if picked.isascii() and picked.isdigit() and int(picked[:4]) < len(snippets):
            words = snippets[int(picked)]
            reason = words if not reason or reason in snippets else f"{reason}\n{words}"
        if not reason and data["verdict"] != "pass" and self.item.line.objected:
            reason = snippets[0]
        return Judgement(
            code=self.item.code,
            verdict=data["verdict"],
            reason=reason,
            opens=self.opens(),
            base_version=data["version"] or 0,
        )

    def typed(self) -> dict[str, Any]:
        """What somebody typed, to show again."""
        return {
            "verdict": str(self.data.get(self.add_prefix("verdict"), ""))[:20],
            "reason": clean(str(self.data.get(self.add_prefix("reason"), "")))[: REASON_MAX * 2],
            "opens": self.opens(),
        }


class VersionForm(forms.Form):
    """A decision: the version of the check that stood on the screen."""

    version = IntField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()


class SupplementForm(VersionForm):
    """The notice: a note beside the items, if wanted."""

    note = CleanTextField(
        label="給申請單位的補充說明（選填）",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="顯示在申請單位的補件頁，不會印在公文上。",
    )


class ExtendForm(forms.Form):
    """A longer deadline (Q2)."""

    days = forms.TypedChoiceField(label="展延到哪一天", coerce=int, widget=forms.RadioSelect)
    reason = CleanCharField(
        label="展延理由", max_length=300, help_text="會留在案件紀錄，例如：會計師用印需要時間。"
    )

    def __init__(self, *args: Any, options: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.fields["days"]
        days.choices = options  # type: ignore[attr-defined]
        days.help_text = f"從原期限起算，最多 {len(options)} 個工作日（Q2）。"
        days.error_messages |= {
            "required": "請選擇展延到哪一天。",
            "invalid_choice": f"最多展延 {len(options)} 個工作日（Q2），請從列出的日期選一個。",
        }
        self.helper = helper()
