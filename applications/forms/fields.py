"""Fields and form bases of the sections.

Nothing is required here: what is missing is the rulebook's matter. A form only refuses what cannot be stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from core import identifiers
from core.forms import CleanCharField, DollarField
from core.money import fmt, parse_dollars
from core.text import clean_line, half_width

BLANK = "請選擇"


class ListField(forms.ChoiceField):
    """One of a list of the call's terms; says which value is not in it."""

    default_error_messages = {"invalid_choice": "「%(value)s」不在清單中，請重新選擇"}

    def __init__(self, *, choices: Iterable[Any], blank: str = BLANK, **kwargs: Any) -> None:
        super().__init__(choices=[("", blank), *choices], required=False, **kwargs)


class YesNoField(forms.TypedChoiceField):
    """是, 否 or not answered yet (None)."""

    default_error_messages = {"invalid_choice": "請選「是」或「否」"}

    def __init__(self, *, yes: str = "是", no: str = "否", blank: str = BLANK, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", blank), ("true", yes), ("false", no)],
            coerce=lambda value: value == "true",
            empty_value=None,
            required=False,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """True and False as the options name them."""
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


class MoneyField(DollarField):
    """Whole dollars, shown with thousands separators; what somebody typed stays as typed."""

    def prepare_value(self, value: Any) -> Any:
        """2,500,000 for a saved amount."""
        return fmt(value) if isinstance(value, int) and not isinstance(value, bool) else value


class SignedDollarField(MoneyField):
    """Whole dollars that may be negative, such as a company's net worth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_value = -(10**12)

    def parse_number(self, raw: str) -> int:
        """A minus sign in any of its shapes, or brackets as accountants write them."""
        match = re.fullmatch(r"[-−–]\s*(.+)|\((.+)\)", raw)
        return -parse_dollars(match[1] or match[2]) if match else parse_dollars(raw)


class BusinessCodesField(CleanCharField):
    """所營事業代碼, however separated; stored with single spaces."""

    def to_python(self, value: Any) -> str:
        """Upper case, half width, each code once, in the order typed."""
        typed = half_width(super().to_python(value)).upper()
        codes = [code for code in re.split(r"[\s,;、，；/]+", typed) if code]
        return " ".join(dict.fromkeys(codes))


class PostalCodeField(CleanCharField):
    """Three, five or six digits."""

    def to_python(self, value: Any) -> str:
        """Digits in half width."""
        return half_width(super().to_python(value))

    def validate(self, value: Any) -> None:
        """Refuse what is no postal code."""
        super().validate(value)
        if value and not identifiers.is_postal_code(value):
            raise ValidationError("郵遞區號是 3 碼、5 碼或 6 碼數字，例如 407 或 407619")


class CityField(CleanCharField):
    """縣市; 台 is written 臺."""

    def to_python(self, value: Any) -> str:
        """The official name."""
        return identifiers.normalise_city(super().to_python(value))


class RowIdField(forms.Field):
    """The row's own id in the database; a hint only, so that anything odd counts as a new row."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """The id, or None."""
        text = clean_line(str(value or ""))
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """A row that holds nothing but its id is blank."""
        return False


class SectionForm(forms.Form):
    """A form of a section, dressed for the page. ``widths``: field name → CSS class of its input."""

    widths: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name, field in self.fields.items():
            dress(field, self.widths.get(name, ""))
            field.widget.attrs.setdefault("data-field", name)


def dress(field: forms.Field, css: str = "") -> None:
    """Give the field's widget the classes of the design."""
    widget = field.widget
    if isinstance(widget, forms.HiddenInput):
        return
    if isinstance(widget, forms.CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, forms.Select):
        kind = "form-select"
    else:
        kind = "form-control"
    numeric = "num" if hasattr(field, "parse_number") else ""
    widget.attrs["class"] = " ".join(part for part in (kind, numeric, css) if part)


class RowForm(SectionForm):
    """One row of a table. Its labels are read aloud, since the column's head stands far above.

    ``only``: field → list of the terms that it is one of; with a single entry nobody has to choose.
    """

    only: dict[str, str] = {}

    id = RowIdField()

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        self.terms = terms
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("aria-label", str(field.label or ""))

    def ask(self, names: Iterable[str]) -> None:
        """Leave only these fields, without those that have a single possible value."""
        self.given = {
            name: self.terms.choices(entries)[0][0]
            for name, entries in self.only.items()
            if len(self.terms.choices(entries)) == 1
        }
        for name in set(self.fields) - {*names, "id", "DELETE"} | set(self.given):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A row in which something is typed has the single possible values as well."""
        values = super().clean() or {}
        if any(value not in (None, "") for name, value in values.items() if name not in ("id", "DELETE")):
            values |= getattr(self, "given", {})
        return values


class RowFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The rows of a table. Any row may be blank, and a blank row is no row; none counts as "initial"."""

    default_error_messages = {
        "too_many_forms": "最多 %(num)d 列，請刪除多餘的列再儲存。",
        "missing_management_form": "表單不完整，請重新整理頁面後再儲存。",
    }

    def initial_form_count(self) -> int:
        """None: the rows carry their ids themselves, so that rows may be removed and added freely."""
        return 0

    def total_form_count(self) -> int:
        """The rows that were really sent, whatever number the page claims; else the saved ones and some blank."""
        if self.is_bound:
            total = self.management_form.cleaned_data.get("TOTAL_FORMS") or 0
            return int(min(total, self._sent, self.absolute_max))
        return max(len(self.initial or ()) + self.extra, self.min_num)

    @cached_property
    def _sent(self) -> int:
        """One more than the highest number of a row in the data."""
        row = re.compile(rf"{re.escape(str(self.prefix))}-([0-9]{{1,9}})-")
        return max((int(found[1]) + 1 for name in self.data if (found := row.match(name))), default=0)

    def rows(self) -> list[tuple[int, dict[str, Any]]]:
        """(number of the form, cleaned values) of every row that is kept."""
        kept = []
        for number, form in enumerate(self.forms):
            values = dict(getattr(form, "cleaned_data", {}))
            if not values or values.pop("DELETE", False):
                continue
            if all(value in (None, "") for name, value in values.items() if name != "id"):
                continue
            kept.append((number, values))
        return kept


def row_formset(form: type[RowForm], *, extra: int, most: int) -> type[RowFormSet]:
    """A formset class for ``form`` with ``extra`` blank rows and at most ``most`` filled ones.

    A page with too many comes back with 50 more than that, since each row costs time; all of its words are kept
    in the draft.
    """
    made: Any = forms.formset_factory(
        form,
        formset=RowFormSet,
        extra=extra,
        can_delete=True,
        max_num=most,
        absolute_max=most + 50,
        validate_max=True,
    )
    return cast("type[RowFormSet]", made)


def flat(choices: Sequence[Any]) -> list[tuple[str, str]]:
    """Grouped choices without their groups."""
    pairs: list[tuple[str, str]] = []
    for key, label in choices:
        pairs.extend(label if isinstance(label, (list, tuple)) else [(key, label)])
    return pairs
