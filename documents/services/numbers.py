"""Gap-free letter numbers and codes nobody can guess."""

from __future__ import annotations

import secrets
from datetime import date

from django.db import transaction

from core import rocdate
from documents.models import NumberSeries, OfficialDocument
from documents.rules.codes import ALPHABET, LENGTH, letter_number


def take_number(*, prefix: str, on: date) -> str:
    """The next letter number of ``prefix`` in the ROC year of ``on``, such as 第1140000123號; see :func:`take_next`."""
    return letter_number(rocdate.roc_year(on), take_next(prefix=prefix, on=on))


def take_next(*, prefix: str, on: date) -> int:
    """The next of ``prefix``'s numbers in the ROC year of ``on``: 1, 2, 3 …

    Must run inside the transaction that writes the document: when that rolls back, so does the number,
    hence no gaps. Others who want the same series wait until then.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A number is taken in the transaction that uses it.")
    year = rocdate.roc_year(on)
    NumberSeries.objects.get_or_create(prefix=prefix, roc_year=year)
    series = NumberSeries.objects.select_for_update().get(prefix=prefix, roc_year=year)
    number = series.next_number
    series.next_number += 1
    series.save(update_fields=["next_number"])
    return number


def new_verify_code() -> str:
    """A code of ten letters and digits that are hard to mix up; not used before."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if not OfficialDocument.objects.filter(verify_code=code).exists():
            return code
