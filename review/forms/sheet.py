"""The score sheet: every field stands alone, so that one wrong value never keeps the others from being saved."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import CleanTextField, DollarField
from core.money import fmt
from core.text import clean_line, half_width, storable
from programs.rules.terms import Grant, Terms
from review.selectors.reviewing import SheetValues
from review.services.sheets import SheetInput

MAX_COMMENT = 3000


class ScoreField(forms.Field):
    """A score from 0 to ``scale`` with at most one decimal; full-width digits are accepted."""

    widget = forms.TextInput

    def __init__(self, *, scale: int, **kwargs: Any) -> None:
        self.scale = scale
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        """The score, None when empty; messages say what is right."""
        raw = half_width(clean_line(str(value or ""))).removesuffix("分").strip()
        if not raw:
            return None
        if re.fullmatch(r"[-−–]\s*[0-9.]+", raw):
            raise ValidationError(f"分數不能是負數，請填 0 到 {self.scale}", code="invalid")
        if re.fullmatch(r"[0-9]{1,6}\.[0-9]{2,}", raw):
            raise ValidationError("分數最多一位小數，例如 82.5", code="invalid")
        if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9])?", raw):
            raise ValidationError(f"分數請填 0 到 {self.scale} 的數字，例如 82.5", code="invalid")
        score = Decimal(raw)
        if score > self.scale:
            raise ValidationError(f"分數最高 {self.scale} 分，目前是 {raw}", code="invalid")
        return score


class AmountField(DollarField):
    """A recommended amount that never exceeds what was asked for."""

    noun = "建議補助款"

    def __init__(self, *, requested: int, grant: Grant, **kwargs: Any) -> None:
        self.requested, self.grant = requested, grant
        self.noun = f"建議{grant.noun}"
        super().__init__(**kwargs)

    def parse(self, raw: str) -> int:
        """The amount; above the request it says by how much."""
        amount = super().parse(raw)
        if amount > self.requested:
            raise ValueError(
                f"超過申請的 {self.grant.say(self.requested)}，請減少 {self.grant.say(amount - self.requested)}"
            )
        return amount


class SheetForm(forms.Form):
    """Criteria with score and comment, the recommendation by account, two comments."""

    recommends = forms.ChoiceField(
        label="是否建議補助",
        required=False,
        choices=[("yes", "建議補助"), ("no", "不建議補助")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "請選擇其中一項"},
    )
    comment_for_applicant = CleanTextField(label="給申請單位的建議", required=False, max_length=MAX_COMMENT)
    comment_for_panel = CleanTextField(label="給審查小組的意見", required=False, max_length=MAX_COMMENT)

    def __init__(self, *args: Any, terms: Terms, requested: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms
        scale = terms.settings.scoring_scale
        for criterion in terms.criteria:
            self.fields[f"score-{criterion.id}"] = ScoreField(
                scale=scale, label=f"{criterion.label}的分數", required=False
            )
            self.fields[f"comment-{criterion.id}"] = CleanTextField(
                label=f"{criterion.label}的意見", required=False, max_length=1000
            )
        for line in terms.award_lines:
            label = f"{line.label}建議補助款" if terms.in_dollars else f"建議{line.label}"
            self.fields[f"amount-{line.key}"] = AmountField(
                requested=requested.get(line.key, 0), grant=terms.grant, label=label, required=False
            )

    @staticmethod
    def initial_from(values: SheetValues) -> dict[str, Any]:
        """What the fields show: stored values, and over them what could not be stored."""
        sheet = values.sheet
        data: dict[str, Any] = {f"score-{k}": _score_text(v) for k, v in values.scores.items()}
        data |= {f"comment-{k}": v for k, v in values.comments.items()}
        data |= {f"amount-{k}": fmt(v) for k, v in values.amounts.items()}
        if sheet is not None:
            data["comment_for_applicant"] = sheet.comment_for_applicant
            data["comment_for_panel"] = sheet.comment_for_panel
            data["recommends"] = {True: "yes", False: "no", None: ""}[sheet.recommends]
            data |= sheet.draft
        return data

    def understood(self) -> SheetInput:
        """Everything that is a value, and as a draft what is not. Call it on a bound form, valid or not."""
        self.is_valid()
        good = self.cleaned_data
        bad = {name: storable(str(self.data.get(name, ""))[:100_000]) for name in self.errors}
        return SheetInput(
            scores={c.id: good.get(f"score-{c.id}") for c in self.terms.criteria},
            comments={c.id: good.get(f"comment-{c.id}", "") for c in self.terms.criteria},
            amounts={a.key: good.get(f"amount-{a.key}") for a in self.terms.award_lines},
            comment_for_applicant=good.get("comment_for_applicant", ""),
            comment_for_panel=good.get("comment_for_panel", ""),
            recommends={"yes": True, "no": False}.get(good.get("recommends", "")),
            draft=bad,
        )


def _score_text(score: Decimal) -> str:
    """82.5, but 82 rather than 82.0."""
    return f"{score:f}".removesuffix(".0")
