"""A call's own wording of letters uses the fields' new names, see documents 0005."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import migrations

from documents.migrations._field_names import letters_renamed


def rename(apps: Any, schema_editor: Any) -> None:
    """Terms (what they say stays the same, so their version does), drafts, and try-outs."""
    for terms in apps.get_model("programs", "CallTerms").objects.iterator():
        if letters_renamed(terms.data):
            text = json.dumps(terms.data, sort_keys=True, ensure_ascii=False)
            terms.digest = hashlib.sha256(text.encode()).hexdigest()
            terms.save(update_fields=["data", "digest"])
    for model, name in (("CallDraft", "base"), ("DraftPart", "data"), ("TryOut", "data")):
        for row in apps.get_model("programs", model).objects.iterator():
            if letters_renamed(getattr(row, name)):
                row.save(update_fields=[name])


class Migration(migrations.Migration):
    dependencies = [("programs", "0009_kpi_adds_reports"), ("documents", "0005_field_names")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
