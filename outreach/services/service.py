"""Changing what the service promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from outreach.models import ServiceSettings


@transaction.atomic
def save_settings(*, data: Mapping[str, Any], actor: User, now: datetime) -> ServiceSettings:
    """Store the settings; due days that were counted before stay as they were told to the asker."""
    row = ServiceSettings.objects.select_for_update().filter(pk=1).first() or ServiceSettings(pk=1)
    for name, value in data.items():
        setattr(row, name, value)
    row.save()
    return row
