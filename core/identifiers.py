"""Identifiers as Taiwan writes them: checked by their published rules, without a look at any register.

The ``is_…`` functions are strict (half-width, no spaces): form fields clean first, then ask here.
"""

from __future__ import annotations

import re

import phonenumbers

from core.text import half_width

_UBN_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
_EXTENSION_WORDS = re.compile(r"\s*(?:分機|轉|ext\.?|x|＃)\s*", re.IGNORECASE)


def is_ubn(text: str) -> bool:
    """Whether ``text`` is a well-formed 統一編號 (E1), by the checksum in force since 2023-04-01.

    The digits of the weighted products add up to a multiple of 5; where the seventh digit is 7, the sum
    plus one may do so instead. A few registered numbers fail any checksum: staff may override.
    """
    if not re.fullmatch(r"[0-9]{8}", text) or text == "00000000":
        return False
    products = [int(digit) * weight for digit, weight in zip(text, _UBN_WEIGHTS, strict=True)]
    total = sum(product // 10 + product % 10 for product in products)
    return total % 5 == 0 or (text[6] == "7" and (total + 1) % 5 == 0)


def is_business_code(text: str) -> bool:
    """Whether ``text`` has the form of a business item code (營業項目代碼), such as CC01080 or IG02010."""
    return re.fullmatch(r"[A-Z][0-9A-Z][0-9]{5}", text) is not None


def is_postal_code(text: str) -> bool:
    """Whether ``text`` is a postal code of 3, 5 or 6 digits."""
    return re.fullmatch(r"[0-9]{3}(?:[0-9]{2,3})?", text) is not None


def parse_phone(text: str) -> str:
    """The phone number in one national form: ``02-2321-2200#123``, ``0912-345-678``; abroad ``+81 3-…``.

    Accepts full-width characters, brackets and 分機. Raises ValueError with a message for the user.
    """
    problem = "電話號碼不正確，請連同區碼填寫，例如 02-2345-6789#123 或 0912-345-678"
    try:
        number = phonenumbers.parse(_EXTENSION_WORDS.sub("#", half_width(text).strip()), "TW")
    except phonenumbers.NumberParseException as error:
        raise ValueError(problem) from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(problem)
    if number.country_code != 886:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE:
        digits = f"0{number.national_number}"
        national = "-".join((digits[:4], digits[4:7], digits[7:]))
    else:
        plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        national = plain.partition("#")[0].replace(" ", "-")
    return f"{national}#{number.extension}" if number.extension else national


def normalise_city(text: str) -> str:
    """The official spelling of a place: 台 and 臺 are the same, spaces don't count."""
    return re.sub(r"\s", "", half_width(text)).replace("台", "臺")
