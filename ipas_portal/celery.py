"""The Celery application; workers run prefork (WeasyPrint must not be shared between threads)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipas_portal.settings.demo")

app = Celery("ipas_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
