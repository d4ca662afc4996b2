"""Production: PostgreSQL, Redis, HTTPS behind a proxy; what differs between sites comes from the environment.

``deploy/env.example`` documents every variable. What is missing or unsafe is collected and told in one list
at the start (``ImproperlyConfigured``): a portal for public money must not run half configured. Values are
never repeated in that list, because it ends up in logs.
"""

from __future__ import annotations

import os
import tempfile
from email.utils import formataddr, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from ipas_portal.settings.base import *  # noqa: F403

env = environ.Env()
_problems: list[str] = []


def _required(name: str) -> str:
    """Return a variable's text; when it is missing or empty, note that and return ''."""
    value: str = env.str(name, default="").strip()
    if not value:
        _problems.append(f"{name} is missing")
    return value


def _demand(condition: bool, message: str) -> None:
    if not condition:
        _problems.append(message)


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    """Return a whole number between two bounds, both allowed; note anything else and return the default."""
    try:
        value: int = env.int(name, default=default)
    except (ValueError, ImproperlyConfigured):
        value = lowest - 1
    _demand(lowest <= value <= highest, f"{name} must be a whole number from {lowest} to {highest}")
    return value if lowest <= value <= highest else default


DEBUG = False
DEMO = False

# ── Secrets and addresses ──────────────────────────────────────────────────────────────────────────────────
SECRET_KEY = _required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # old keys while one is being exchanged
for _name, _keys in (("SECRET_KEY", [SECRET_KEY]), ("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS)):
    for _key in filter(None, _keys):
        _demand(len(_key) >= 50, f"{_name} must have 50 characters or more")
        _demand(len(set(_key)) >= 10, f"{_name} is not random")
        _demand(
            not _key.startswith(("demo-only", "test-only", "django-insecure")),
            f"{_name} is one that everybody knows",
        )

ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS", default=[]) if host.strip()]
_demand(bool(ALLOWED_HOSTS), "ALLOWED_HOSTS is missing")
_demand(
    not any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS),
    "ALLOWED_HOSTS must name each host in full, without wildcards",
)

PORTAL_URL = _required("PORTAL_URL").rstrip("/")  # in letters, mails and QR codes
if PORTAL_URL:
    _address = urlsplit(PORTAL_URL)
    _demand(_address.scheme == "https", "PORTAL_URL must begin with https://")
    _demand(_address.hostname in ALLOWED_HOSTS, "PORTAL_URL must lead to one of ALLOWED_HOSTS")
    _demand(not (_address.path or _address.query), "PORTAL_URL must be the bare address, without a path")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL] if PORTAL_URL.startswith("https://") else []

# ── Database ───────────────────────────────────────────────────────────────────────────────────────────────
_database_url = _required("DATABASE_URL")
DATABASES: dict[str, dict[str, object]] = {"default": {}}
if _database_url:
    if urlsplit(_database_url).scheme in ("postgres", "postgresql"):
        DATABASES = {"default": env.db_url("DATABASE_URL")}
        DATABASES["default"]["CONN_MAX_AGE"] = _number("DATABASE_CONN_MAX_AGE", 60, 0, 3600)
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
        _demand(bool(DATABASES["default"].get("PASSWORD")), "DATABASE_URL has no password")
        _demand(bool(DATABASES["default"].get("NAME")), "DATABASE_URL names no database")
    else:
        _problems.append("DATABASE_URL must be PostgreSQL's (postgres://…)")

# ── Redis: broker in one logical database, cache in another, so that clearing the cache loses no task ──────
CELERY_BROKER_URL = _required("REDIS_URL")
_cache_url = env.str("CACHE_URL", default="")
if CELERY_BROKER_URL:
    _redis = urlsplit(CELERY_BROKER_URL)
    _demand(_redis.scheme in ("redis", "rediss"), "REDIS_URL must begin with redis:// or rediss://")
    if not _cache_url:
        _number_text = _redis.path.strip("/") or "0"
        _demand(_number_text.isdecimal(), "REDIS_URL must end with the number of a database, such as /0")
        _next = int(_number_text) + 1 if _number_text.isdecimal() else 1
        _cache_url = _redis._replace(path=f"/{_next}").geturl()
    _demand(_cache_url != CELERY_BROKER_URL, "CACHE_URL must not be the broker's database")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "ipas",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a flushed cache must not log anybody out in mid-form
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800}  # seconds; longer than any task of ours

# ── Mail ───────────────────────────────────────────────────────────────────────────────────────────────────
_email_url = _required("EMAIL_URL")
if _email_url:
    if urlsplit(_email_url).scheme in ("smtp", "smtps", "smtp+tls", "smtp+ssl"):
        _mail = env.email_url("EMAIL_URL")
        EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
        EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
        EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
        EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
        _demand(bool(EMAIL_HOST), "EMAIL_URL names no host")
    else:
        _problems.append("EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://")
EMAIL_TIMEOUT = 20  # seconds
_sender_name, _sender = parseaddr(_required("DEFAULT_FROM_EMAIL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = formataddr((_sender_name or "iPAS 補助申請入口", _sender))
if _sender:
    _demand(
        "@" in _sender and not _sender.endswith((".invalid", ".test", ".example", "@localhost")),
        "DEFAULT_FROM_EMAIL must hold an address that can receive an answer",
    )

# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────
_files = _required("FILES_DIR")
MEDIA_ROOT = Path(_files) if _files else Path(tempfile.gettempdir())
if _files:
    _demand(MEDIA_ROOT.is_absolute(), "FILES_DIR must be an absolute path")
    _demand(
        MEDIA_ROOT.is_dir() and os.access(MEDIA_ROOT, os.W_OK), "FILES_DIR must be a folder we may write to"
    )
UPLOAD_MAX_BYTES = _number("UPLOAD_MAX_MEGABYTES", 20, 1, 200) * 1024 * 1024
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="")
if CLAMAV_ADDRESS:
    _host, _, _port = CLAMAV_ADDRESS.rpartition(":")
    _demand(bool(_host) and _port.isdecimal(), "CLAMAV_ADDRESS must look like host:3310")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ── HTTPS, behind a proxy that ends TLS and overwrites X-Forwarded-* (deploy/nginx.conf does) ──────────────
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked for inside the container, where there is no TLS
SECURE_HSTS_SECONDS = _number("HSTS_SECONDS", 31_536_000, 3600, 63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # preloading binds the whole parent domain for years: its owner decides that
    "security.W019",  # our own pages show case files in frames; nobody else may (as frame-ancestors says)
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_AGE = _number("SESSION_HOURS", 10, 1, 24) * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = _number("TRUSTED_PROXY_COUNT", 1, 1, 5)  # for limits by address
MFA_REQUIRED_FOR_STAFF = True

# ── Logs: one JSON line an event on standard output, without personal data; no error mails with contents ────
_level = env.str("LOG_LEVEL", default="INFO").upper()
_demand(_level in ("DEBUG", "INFO", "WARNING", "ERROR"), "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "ipas_portal.logs.JsonFormatter"}},
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"},
    },
    "root": {"handlers": ["stdout"], "level": _level if _level in ("INFO", "WARNING", "ERROR") else "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Statements and their parameters hold whole applications: never below INFO.
        "django.db.backends": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
        "pikepdf": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},  # its warnings quote the document
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

if _problems:
    raise ImproperlyConfigured(
        "The portal cannot start; mend these settings (deploy/env.example explains each):\n"
        + "\n".join(f"  - {problem}" for problem in dict.fromkeys(_problems))
    )
