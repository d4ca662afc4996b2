from typing import Any

from django.db import migrations, models

import core.queues


def mark_batches(apps: Any, schema_editor: Any) -> None:
    """Letters of batches that are on their way stand in the batches' queue from now on."""
    apps.get_model("documents", "OfficialDocument").objects.exclude(batch=None).update(queue="bulk")


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_plan_reports")]

    operations = [
        migrations.AddField(
            model_name="officialdocument",
            name="queue",
            field=models.CharField(default=core.queues.current, editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="queue",
            field=models.CharField(default=core.queues.current, editable=False, max_length=10),
        ),
        migrations.RunPython(mark_batches, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="officialdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("queue__in", ("prompt", "bulk"))), name="document_queue_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(("queue__in", ("prompt", "bulk"))), name="mail_queue_known"
            ),
        ),
    ]
