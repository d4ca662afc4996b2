"""Forms of what the office keeps of a plan. They validate and never save."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import CleanCharField, IntField, RocDateField
from programs.forms.reference import plain_helper
from programs.rules.plans.risks import IMPACT, LIKELIHOOD


class _Seen(forms.Form):
    """A form that carries what its reader has seen, so that nobody's change is overwritten unseen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400, strip=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class MilestoneForm(_Seen):
    """When a milestone was reached."""

    done_on = RocDateField(label="完成日期", required=False, help_text="還沒完成請留空")
    note = CleanCharField(
        label="說明", max_length=300, required=False, help_text="例如完成的數量，或尚未完成的原因"
    )


def _grades(words: dict[int, str]) -> list[tuple[int, str]]:
    return [(grade, f"{grade}　{word}") for grade, word in words.items()]


class RiskForm(_Seen):
    """A risk graded anew."""

    likelihood = forms.TypedChoiceField(label="對策前的可能性", choices=_grades(LIKELIHOOD), coerce=int)
    impact = forms.TypedChoiceField(label="對策前的影響", choices=_grades(IMPACT), coerce=int)
    measures = CleanCharField(label="對策", max_length=2000, required=False, widget=forms.Textarea)
    likelihood_after = forms.TypedChoiceField(label="對策後的可能性", choices=_grades(LIKELIHOOD), coerce=int)
    impact_after = forms.TypedChoiceField(label="對策後的影響", choices=_grades(IMPACT), coerce=int)
    reason = CleanCharField(label="重新評估的理由", max_length=300, help_text="會留在這項風險的紀錄裡")


class ThresholdForm(_Seen):
    """From which percentage of what is due by now a KPI is ahead, on track, behind."""

    ahead = IntField(label="超前（%）", min_value=1, max_value=500)
    on_track = IntField(label="符合進度（%）", min_value=1, max_value=500)
    behind = IntField(label="落後（%）", min_value=1, max_value=500, help_text="低於這個百分比是嚴重落後")
