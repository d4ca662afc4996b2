"""Form fields that forgive how people type (full-width digits, commas, odd pastes) and say what is wrong.

They render as plain text inputs with hints for phones; lengths are checked here and not cut off by the
browser, so that nothing that somebody pasted is lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from core import identifiers, money, rocdate, text

REQUIRED = "請填寫這一欄"
MAX_DIGITS = 15


class CountedMaxLengthValidator(MaxLengthValidator):
    """Maximal length with the count in the message: 最多 2,000 字，目前 2,013 字."""

    def __call__(self, value: Any) -> None:
        if len(value) > self.limit_value:
            message = f"最多 {self.limit_value:,} 字，目前 {len(value):,} 字，請刪減後再送出"
            raise ValidationError(message, code=self.code)


class CleanCharField(forms.CharField):
    """One line of text, cleaned by :func:`core.text.clean_line`."""

    default_error_messages = {"required": REQUIRED}
    hints: dict[str, str] = {}
    _clean_text: Callable[[str], str] = staticmethod(text.clean_line)

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        self.counted_length = max_length
        super().__init__(**kwargs)
        if max_length is not None:
            self.validators.append(CountedMaxLengthValidator(max_length))

    def to_python(self, value: Any) -> str:
        """Cleaned text; white space and invisible characters alone count as empty."""
        if value in self.empty_values:
            return str(self.empty_value)
        return self._clean_text(str(value)) or str(self.empty_value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Hints for phones; ``data-max-length`` lets a script count without cutting anything off."""
        attrs = super().widget_attrs(widget) | self.hints
        if self.counted_length is not None:
            attrs["data-max-length"] = str(self.counted_length)
        return attrs


class CleanTextField(CleanCharField):
    """Long text with paragraphs, cleaned by :func:`core.text.clean`; a newline counts as one character."""

    widget = forms.Textarea(attrs={"rows": 6})
    _clean_text = staticmethod(text.clean)


class _ParsedField(forms.Field):
    """A text input whose value :meth:`parse` makes, raising ValueError with a message for the user."""

    widget = forms.TextInput
    default_error_messages = {"required": REQUIRED}
    hints: dict[str, str] = {}

    def parse(self, raw: str) -> Any:
        """The value that the cleaned, non-empty text stands for."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        """None when empty; ValidationError carries the parser's message."""
        if value in self.empty_values:
            return None
        raw = text.half_width(text.clean_line(str(value)))
        if not raw:
            return None
        try:
            return self.parse(raw)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared by value: ``2,500,000`` is no change to 2500000."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Hints for phones and browsers."""
        return super().widget_attrs(widget) | self.hints


class IntField(_ParsedField):
    """A whole number between two bounds; ``unit`` (人, 小時 …) is named in the messages."""

    hints = {"inputmode": "numeric", "autocomplete": "off"}
    noun = "數字"

    def __init__(
        self, *, min_value: int = 0, max_value: int | None = None, unit: str = "", **kwargs: Any
    ) -> None:
        self.min_value, self.max_value, self.unit = min_value, max_value, unit
        super().__init__(**kwargs)

    def parse(self, raw: str) -> int:
        """The number; refuses decimals, words, wrong commas and what is out of bounds."""
        number = self.parse_number(raw)
        unit = f" {self.unit}" if self.unit else ""
        if number < self.min_value:
            if self.min_value == 0:
                raise ValueError(f"{self.noun}不能是負數，請填 0 或正整數")
            raise ValueError(f"{self.noun}至少 {self.min_value:,}{unit}")
        if self.max_value is not None and number > self.max_value:
            raise ValueError(f"{self.noun}最多 {self.max_value:,}{unit}")
        return number

    def parse_number(self, raw: str) -> int:
        """The number without a look at the bounds."""
        if self.unit:
            raw = raw.removesuffix(self.unit).rstrip()
        if re.fullmatch(r"-?[0-9,]*\.[0-9]*", raw):
            raise ValueError(f"{self.noun}請填整數，不含小數")
        if not re.fullmatch(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)", raw):
            raise ValueError(f"{self.noun}請填整數，只用阿拉伯數字，例如 12")
        if len(raw) > MAX_DIGITS:
            raise ValueError(f"{self.noun}太大，請再確認")
        return int(raw.replace(",", ""))


class NumberField(_ParsedField):
    """A number of 0 or more with up to ``places`` decimals, as Decimal; commas and full-width digits are understood."""

    hints = {"inputmode": "decimal", "autocomplete": "off"}
    max_whole_digits = 12

    def __init__(self, *, places: int = 4, **kwargs: Any) -> None:
        self.places = places
        super().__init__(**kwargs)

    def parse(self, raw: str) -> Decimal:
        """The number; refuses words, negatives, wrong commas and more digits than are stored."""
        if re.fullmatch(r"[-−–(].*", raw):
            raise ValueError("數字不能是負數，請填 0 或正數")
        match = re.fullmatch(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?", raw)
        if match is None:
            raise ValueError("請填數字，只用阿拉伯數字，例如 12 或 4.5")
        whole, fraction = match[1].replace(",", "").lstrip("0"), (match[2] or "").rstrip("0")
        if len(whole) > self.max_whole_digits:
            raise ValueError("數字太大，請確認單位")
        if len(fraction) > self.places:
            raise ValueError(f"小數最多 {self.places} 位" if self.places else "請填整數，不含小數")
        return Decimal(f"{whole or 0}.{fraction or 0}").normalize() + 0

    def prepare_value(self, value: Any) -> Any:
        """Decimals are shown without trailing zeros; what somebody typed stays as typed."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class HoursField(IntField):
    """Whole hours, 0 to 9,999 unless told otherwise."""

    noun = "時數"

    def __init__(self, *, max_value: int = 9_999, **kwargs: Any) -> None:
        super().__init__(max_value=max_value, unit="小時", **kwargs)


class DollarField(IntField):
    """Whole New Taiwan dollars as int; commas, ``NT$`` and 元 are accepted."""

    noun = "金額"

    def __init__(self, *, max_value: int = money.MAX_DOLLARS, **kwargs: Any) -> None:
        super().__init__(max_value=max_value, unit="元", **kwargs)

    def parse_number(self, raw: str) -> int:
        """Dollars by :func:`core.money.parse_dollars`."""
        return money.parse_dollars(raw)


class RocDateField(_ParsedField):
    """A date, shown and typed in ROC years; AD dates such as 2025-03-28 are understood as well."""

    hints = {"autocomplete": "off", "placeholder": "114/3/28", "data-roc-date": ""}

    def parse(self, raw: str) -> date:
        """The date by :func:`core.rocdate.parse_date`."""
        return rocdate.parse_date(raw)

    def to_python(self, value: Any) -> Any:
        """Dates pass through; a datetime gives its day in Taipei."""
        if isinstance(value, datetime):
            return (value.astimezone(rocdate.TAIPEI) if value.tzinfo else value).date()
        return value if isinstance(value, date) else super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Dates are shown as 114/3/28; what somebody typed stays as typed."""
        return rocdate.roc(value) if isinstance(value, date) else value


class RocMomentField(_ParsedField):
    """A date and a minute in Taipei, such as ``114/3/28 09:00``; the day alone means ``at``."""

    hints = {"autocomplete": "off", "placeholder": "114/3/28 09:00"}

    def __init__(self, *, at: time = time(0, 0), **kwargs: Any) -> None:
        self.at = at
        super().__init__(**kwargs)

    def parse(self, raw: str) -> datetime:
        """The day by :func:`core.rocdate.parse_date`, then the clock; refuses anything else."""
        day, _, clock = raw.partition(" ")
        if not clock:
            return datetime.combine(rocdate.parse_date(day), self.at, rocdate.TAIPEI)
        found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", clock.strip())
        if not found:
            raise ValueError("時間看不懂，請照 114/3/28 09:00 的樣子填（24 小時制）")
        return datetime.combine(rocdate.parse_date(day), time(int(found[1]), int(found[2])), rocdate.TAIPEI)

    def to_python(self, value: Any) -> Any:
        """A datetime passes through."""
        return value if isinstance(value, datetime) else super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """A datetime is shown as 114/3/28 09:00; what somebody typed stays as typed."""
        return rocdate.roc_datetime(value) if isinstance(value, datetime) else value


class _StringField(_ParsedField):
    """A parsed field whose value is text, empty text when empty (as a CharField column wants it)."""

    def to_python(self, value: Any) -> str:
        """Empty text instead of None."""
        return super().to_python(value) or ""


class PhoneField(_StringField):
    """A phone number in the national form of :func:`core.identifiers.parse_phone`."""

    hints = {"inputmode": "tel", "autocomplete": "tel", "placeholder": "02-2345-6789#123"}

    def parse(self, raw: str) -> str:
        """The number in one form."""
        return identifiers.parse_phone(raw)


class UbnField(_StringField):
    """A 統一編號 of eight digits with a valid checksum (E1)."""

    hints = {"inputmode": "numeric", "autocomplete": "off"}

    def parse(self, raw: str) -> str:
        """The eight digits; spaces and hyphens between them are dropped."""
        digits = re.sub(r"[ -]", "", raw)
        if not re.fullmatch(r"[0-9]{8}", digits):
            raise ValueError("統一編號是 8 位數字，請核對後重填")
        if not identifiers.is_ubn(digits):
            raise ValueError("統一編號的檢查碼不符，請核對 8 位數字有沒有打錯")
        return digits
