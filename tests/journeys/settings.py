"""Settings of the journeys' server: the test settings with a real worker, mails in files, everything in one folder."""

from __future__ import annotations

import os
from pathlib import Path

from ipas_portal.settings.test import *  # noqa: F403

FOLDER = Path(os.environ["JOURNEY_FOLDER"])
PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1")
MEDIA_ROOT = FOLDER / "files"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = FOLDER / "mail"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": FOLDER / "cache",
    }
}

CELERY_TASK_ALWAYS_EAGER = os.environ.get("JOURNEY_EAGER") == "1"  # while a scene is built
if redis_url := os.environ.get("REDIS_URL"):
    CELERY_BROKER_URL = redis_url
    # A stage has queues of its own: two stages that run at once must not do each other's work.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"journey-{FOLDER.name}:"}
else:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "ipas_portal.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "processed_folder": str(FOLDER / "processed"),
        "control_folder": str(FOLDER / "control"),
        "polling_interval": 0.1,
    }

# What the server has to complain about stands in its log, where the journeys look at their end.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}},  # a refusal is no fault; the journeys see its status
}
