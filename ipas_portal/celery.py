"""The Celery application; workers run prefork (WeasyPrint must not be shared between threads)."""

import os
from typing import Any

from celery import Celery, Task
from django.conf import settings

from core import queues

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipas_portal.settings.demo")


class PortalTask(Task):
    """A task whose papers and mails stand in the queue that CELERY_TASK_ROUTES gives to itself."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with queues.using(settings.CELERY_TASK_ROUTES[self.name]["queue"]):
            return super().__call__(*args, **kwargs)


app = Celery("ipas_portal", task_cls=PortalTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
