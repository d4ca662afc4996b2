"""Tests: SQLite unless DATABASE_URL names another server; tasks run in place unless a test has a worker."""

from __future__ import annotations

import os
import tempfile

import dj_database_url

from ipas_portal.settings.base import *  # noqa: F403
from ipas_portal.settings.base import SQLITE_OPTIONS

DEMO = True
SECRET_KEY = "test-only"  # noqa: S105
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": dj_database_url.config(default="sqlite://:memory:")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = tempfile.mkdtemp(prefix="ipas-test-")
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "memory://")
MFA_REQUIRED_FOR_STAFF = False
ACCOUNT_RATE_LIMITS = False
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = True
