"""Topics from their file."""

from __future__ import annotations

from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from outreach.models import Topic


@transaction.atomic
def load_topics() -> int:
    """Write every topic of ``fixtures/topics.yaml``; how many there are. One that left the file stays. Idempotent."""
    path = Path(settings.BASE_DIR) / "fixtures" / "topics.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    for order, row in enumerate(rows, start=1):
        Topic.objects.update_or_create(
            code=row["code"], defaults={"name": row["name"], "source": row["source"], "order": order * 10}
        )
    return len(rows)
