"""The self-check's ten questions as a form, built from the call's terms."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from core.forms import DollarField, IntField
from programs.rules.selfcheck import MOST_HEADS
from programs.rules.terms import Question, Terms

YES_NO = (("yes", "是"), ("no", "否"))


def _field(question: Question) -> forms.Field:
    if question.answer == "yes_no":
        return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect)
    if question.answer == "choice":
        return forms.ChoiceField(
            choices=[(o.key, o.label) for o in question.options], widget=forms.RadioSelect
        )
    if question.answer == "dollars":
        return DollarField(max_value=1_000_000)
    return IntField(min_value=0, max_value=MOST_HEADS)


class SelfCheckForm(forms.Form):
    """One field for each question; any may stay open, and the result says which did."""

    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms
        for number, question in enumerate(terms.selfcheck, start=1):
            field = _field(question)
            field.required = False
            field.label = f"{number}. {question.text}"
            field.help_text = question.help
            self.fields[question.key] = field
        short = {q.key for q in terms.selfcheck if q.answer == "yes_no"}
        self.helper = FormHelper()
        self.helper.layout = Layout(*(InlineRadios(key) if key in short else key for key in self.fields))
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def answers(self) -> dict[str, Any]:
        """Answers by question key as the rules take them; open questions are None. Call after ``is_valid``."""
        given: dict[str, Any] = {}
        for question in self.terms.selfcheck:
            value = self.cleaned_data.get(question.key)
            if value in ("", None):
                given[question.key] = None
            elif question.answer == "yes_no":
                given[question.key] = value == "yes"
            else:
                given[question.key] = value
        return given
