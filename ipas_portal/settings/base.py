"""Settings that hold everywhere; demo, test and production only add to them."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from core import queues

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "core",
    "accounts",
    "documents",
    "programs",
    "outreach",
    "applications",
    "review",
    "ipas_portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "accounts.middleware.IdleLogoutMiddleware",
    "core.web.PrivatePagesMiddleware",
    "core.web.ReadOnlyGetMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "accounts.middleware.RequireSecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "ipas_portal.urls"
WSGI_APPLICATION = "ipas_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ipas_portal.context.navigation",
            ],
            "builtins": ["core.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

LANGUAGE_CODE = "zh-hant"
TIME_ZONE = "Asia/Taipei"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]  # our words for the account pages, over those of django-allauth
USE_TZ = True

# What the document viewer reads for scans and for fonts that a PDF does not carry.
_PDFJS_PARTS = ("cmaps", "standard_fonts", "wasm")
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", BASE_DIR / "node_modules/bootstrap/dist"),
    ("vendor/htmx", BASE_DIR / "node_modules/htmx.org/dist"),
    ("vendor/pdfjs", BASE_DIR / "node_modules/pdfjs-dist/build"),
    *((f"vendor/pdfjs/{part}", BASE_DIR / f"node_modules/pdfjs-dist/{part}") for part in _PDFJS_PARTS),
]

# Uploaded and issued files: private, never reachable by a URL of their own.
MEDIA_ROOT = VAR_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# More than the fullest honest page sends: a decision of 5,000 cases in three accounts (tests/portal/test_too_large.py).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
CLAMAV_ADDRESS = ""  # "host:3310"; empty means that uploads are not scanned

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.signup.NameForm"
ACCOUNT_CHANGE_EMAIL = True  # one address for each account; the new one counts once it is verified
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/15m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "accounts.mfa_adapter.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.forms.mfa.AddWebAuthnForm",
    "authenticate_webauthn": "accounts.forms.mfa.AuthenticateWebAuthnForm",
    "login_webauthn": "accounts.forms.mfa.LoginWebAuthnForm",
    "reauthenticate_webauthn": "accounts.forms.mfa.ReauthenticateWebAuthnForm",
    "edit_webauthn": "accounts.forms.mfa.EditWebAuthnForm",
}
MFA_TOTP_ISSUER = "iPAS 補助申請入口"
MFA_REQUIRED_FOR_STAFF = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.ThreeKindsValidator"},
    {"NAME": "accounts.validators.NotOneOfTheLastValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
IDLE_LOGOUT_SECONDS = 30 * 60
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

AUDITLOG_INCLUDE_ALL_MODELS = True
# Second factors and passwords are announced by signals (accounts/signals.py), never with their secrets.
# Scores stay out of the log: whoever reads it would see them before everybody has submitted. The log tells who saved
# a sheet and when; what was scored is in the sheet, and each submitted one is kept as a PDF with its hash.
AUDITLOG_EXCLUDE_TRACKING_MODELS = (
    "sessions",
    "auditlog",
    "contenttypes",
    "mfa",
    "accounts.PasswordHistory",
    "review.CriterionScore",
    "review.RecommendedAmount",
)
AUDITLOG_INCLUDE_TRACKING_MODELS = (
    {"model": "review.ScoreSheet", "include_fields": ["assignment", "version", "saved_at"]},
    # Mails hold one-time links: an auditor sees that one went out, never what would let anybody in.
    {"model": "documents.OutgoingMail", "exclude_fields": ["body"]},
    # Input that is not saved yet, written anew at every pause of typing: the log keeps what was saved.
    {"model": "applications.SectionDraft", "exclude_fields": ["payload"]},
    # What people ask, complain about and who they are stays with those who answer; the log tells what was done.
    {
        "model": "outreach.Inquiry",
        "exclude_fields": ["subject", "name", "email", "rating_comment", "token", "form_key"],
    },
    {"model": "outreach.InquiryMessage", "exclude_fields": ["text", "mail_id"]},
    {
        "model": "outreach.Registration",
        "exclude_fields": ["name", "email", "organisation", "phone", "token", "form_key"],
    },
)
AUDITLOG_EXCLUDE_TRACKING_FIELDS = ("password", "last_login", "token", "context")

# From this day of a month on, owners of KPIs who have not reported the month before are reminded by mail.
KPI_REPORT_DUE_DAY = 10

CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {name: {} for name in queues.QUEUES}
CELERY_TASK_DEFAULT_QUEUE = queues.BULK
# Every task is named here; a document's or a mail's own row goes before (its ``queue``). A sweep stands in the queue that it
# mends: what was queued before it is done when its turn comes, so that a long batch is not queued a second time, and what
# somebody waits for is found again however long the batch is.
CELERY_TASK_ROUTES: dict[str, dict[str, str]] = {
    "documents.render_document": {"queue": queues.PROMPT},
    "documents.send_mail": {"queue": queues.PROMPT},
    "documents.sweep_documents": {"queue": queues.PROMPT},
    "review.confirm_meeting": {"queue": queues.PROMPT},
    "review.sweep_confirmations": {"queue": queues.PROMPT},
    "accounts.clear_sessions": {"queue": queues.BULK},
    "accounts.disable_idle_accounts": {"queue": queues.BULK},
    "documents.merge_batch": {"queue": queues.BULK},
    "documents.sweep_bulk": {"queue": queues.BULK},
    "outreach.forget_people": {"queue": queues.BULK},
    "outreach.watch_inquiries": {"queue": queues.BULK},
    "programs.remind_kpi_owners": {"queue": queues.BULK},
    "programs.run_tryout": {"queue": queues.BULK},  # takes as long as the earlier call had cases
    "programs.sweep_tryouts": {"queue": queues.BULK},
    "review.expire_supplements": {"queue": queues.BULK},
    "review.remind_supplements": {"queue": queues.BULK},
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # Whatever a lost broker, a killed worker or a mail server's outage left undone is taken up again.
    "sweep-documents": {"task": "documents.sweep_documents", "schedule": 30.0},
    "sweep-bulk": {"task": "documents.sweep_bulk", "schedule": 30.0},
    "sweep-confirmations": {"task": "review.sweep_confirmations", "schedule": 30.0},
    "sweep-tryouts": {"task": "programs.sweep_tryouts", "schedule": 60.0},
    "disable-idle-accounts": {"task": "accounts.disable_idle_accounts", "schedule": 86_400.0},
    "clear-sessions": {"task": "accounts.clear_sessions", "schedule": 86_400.0},
    # Supplement deadlines (Q2, Q3): a notice is over at midnight in Taipei; running twice does no harm.
    "expire-supplements": {"task": "review.expire_supplements", "schedule": 20 * 60.0},
    # Inquiries: reminders, escalation and closing are counted in days; personal data goes when its period is over.
    "watch-inquiries": {"task": "outreach.watch_inquiries", "schedule": 60 * 60.0},
    "forget-people": {"task": "outreach.forget_people", "schedule": 86_400.0},
    "remind-supplements": {"task": "review.remind_supplements", "schedule": 60 * 60.0},
    "remind-kpi-owners": {"task": "programs.remind_kpi_owners", "schedule": 12 * 60 * 60.0},
}

DEFAULT_FROM_EMAIL = "iPAS 補助申請入口 <no-reply@portal.invalid>"
PORTAL_URL = "http://127.0.0.1:8000"
DEMO = False

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

# The Django admin is a technical back door; no role of the portal needs it.
DJANGO_ADMIN_ENABLED = False
