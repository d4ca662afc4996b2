"""Locking a row and reading it with what belongs to it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

RowT = TypeVar("RowT", bound=models.Model)


def lock_row(rows: models.QuerySet[RowT], *, pk: Any) -> RowT:
    """The row of ``rows`` with this key, locked until the transaction ends, with what ``rows`` joins to it as it is now.

    In one statement PostgreSQL would read only the locked row anew after waiting for somebody else: what is joined
    would be as before the wait, and a row that points elsewhere since would come without it, or not at all. So the
    lock is a statement of its own. Two queries. Raises ``DoesNotExist``.
    """
    rows.model._base_manager.select_for_update().get(pk=pk)
    return rows.get(pk=pk)
