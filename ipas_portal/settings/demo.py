"""The embedded default: SQLite, Celery over the file system, mail into files. For trying out, developing."""

from __future__ import annotations

import os

import dj_database_url

from ipas_portal.settings.base import *  # noqa: F403
from ipas_portal.settings.base import SQLITE_OPTIONS, VAR_DIR

DEMO = True
DEBUG = os.environ.get("DEBUG", "") == "1"
SECRET_KEY = "demo-only-" + "x" * 50
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
VAR_DIR.mkdir(exist_ok=True)
PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000")  # in letters, mails and QR codes

DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{VAR_DIR / 'demo.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
    }
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MFA_REQUIRED_FOR_STAFF = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"

_BROKER = VAR_DIR / "broker"
for _name in ("queue", "processed", "control"):
    (_BROKER / _name).mkdir(parents=True, exist_ok=True)
CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT = "ipas_portal.broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(_BROKER / "queue"),
    "data_folder_out": str(_BROKER / "queue"),
    "processed_folder": str(_BROKER / "processed"),
    "control_folder": str(_BROKER / "control"),
    "polling_interval": 0.1,
}
