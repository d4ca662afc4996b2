"""The fields of letters are called as clerks call them: ``{{case_number}}`` is ``{案號}``."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from documents.migrations._field_names import TEXTS, renamed, tables_renamed


def rename(apps: Any, schema_editor: Any) -> None:
    """Every version of the wording, and what waits to be typeset; issued documents stay as they are."""
    for template in apps.get_model("documents", "LetterTemplate").objects.iterator():
        before = {name: getattr(template, name) for name in TEXTS}
        after = {name: renamed(text) for name, text in before.items()}
        if after != before:
            for name, text in after.items():
                setattr(template, name, text)
            template.save(update_fields=TEXTS)
    waiting = apps.get_model("documents", "OfficialDocument").objects.exclude(state="issued")
    for document in waiting.iterator():
        wording = document.context.get("wording")
        if not wording:
            continue
        before = dict(wording)
        for name in ("body", "measures"):
            wording[name] = tables_renamed(wording[name])
        if wording != before:
            document.save(update_fields=["context"])


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_queues")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
