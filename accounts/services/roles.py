"""Roles from their file, and who has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from accounts.models import Role


def roles_file() -> Path:
    """Where the roles are described."""
    return Path(settings.BASE_DIR) / "fixtures" / "roles.yaml"


@transaction.atomic
def load_roles(path: Path | None = None) -> int:
    """Write every role of the file into the database and return how many there are. Idempotent.

    A role that has left the file loses its permissions but stays, because people may still have it.
    """
    rows: list[dict[str, Any]] = yaml.safe_load((path or roles_file()).read_text(encoding="utf-8"))
    for order, row in enumerate(rows):
        Role.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "home": row["home"],
                "needs_mfa": bool(row["needs_mfa"]),
                "permissions": sorted(row["permissions"]),
                "order": order,
            },
        )
    for role in Role.objects.exclude(code__in=[row["code"] for row in rows]).exclude(permissions=[]):
        role.permissions = []
        role.save(update_fields=["permissions"])
    return len(rows)
