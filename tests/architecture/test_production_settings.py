"""Production starts with a safe, complete environment, and with nothing less."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from ipas_portal.logs import JsonFormatter

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy/env.example"
KEY = "k3y-of-the-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABC"

SHOW = """
import json
from ipas_portal.settings import production as p
print(json.dumps({name: getattr(p, name) for name in dir(p) if name.isupper()}, default=str))
"""


@pytest.fixture
def complete(tmp_path) -> dict[str, str]:
    """A whole environment, every value made up."""
    return {
        "PORTAL_URL": "https://portal.example.org",
        "ALLOWED_HOSTS": "portal.example.org",
        "SECRET_KEY": KEY,
        "DATABASE_URL": "postgres://portal:secret-word@db:5432/portal",
        "REDIS_URL": "redis://redis:6379/0",
        "EMAIL_URL": "smtp+tls://user:mail-word@mail.example.org:587",
        "DEFAULT_FROM_EMAIL": "portal@example.org",
        "FILES_DIR": str(tmp_path),
    }


def start(environment: dict[str, str], code: str = SHOW) -> subprocess.CompletedProcess[str]:
    """Run Python with that environment and nothing else."""
    keep = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=keep | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(environment: dict[str, str]) -> dict[str, object]:
    run = start(environment)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def problems_of(environment: dict[str, str]) -> list[str]:
    run = start(environment)
    assert run.returncode != 0, "it started"
    assert "ImproperlyConfigured: The portal cannot start" in run.stderr
    return re.findall(r"^  - (.*)$", run.stderr, re.MULTILINE)


def test_an_empty_environment_is_told_everything_that_is_missing_at_once():
    problems = problems_of({})
    for name in (
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "PORTAL_URL",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "FILES_DIR",
    ):
        assert f"{name} is missing" in problems


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", KEY[:49], "50 characters"),
        ("SECRET_KEY", "a" * 60, "not random"),
        ("SECRET_KEY", "demo-only-" + KEY, "everybody knows"),
        ("SECRET_KEY_FALLBACKS", "short", "SECRET_KEY_FALLBACKS must have 50"),
        ("ALLOWED_HOSTS", "*", "without wildcards"),
        ("ALLOWED_HOSTS", "portal.example.org,.example.org", "without wildcards"),
        ("ALLOWED_HOSTS", "other.example.org", "PORTAL_URL must lead to one of ALLOWED_HOSTS"),
        ("PORTAL_URL", "http://portal.example.org", "https://"),
        ("PORTAL_URL", "https://portal.example.org/portal", "without a path"),
        ("DATABASE_URL", "sqlite:////tmp/portal.sqlite3", "PostgreSQL"),
        ("DATABASE_URL", "mysql://portal:secret-word@db/portal", "PostgreSQL"),
        ("DATABASE_URL", "postgres://portal:@db:5432/portal", "no password"),
        ("DATABASE_CONN_MAX_AGE", "for ever", "DATABASE_CONN_MAX_AGE must be a whole number"),
        ("REDIS_URL", "memory://", "redis://"),
        ("CACHE_URL", "redis://redis:6379/0", "broker's database"),
        ("EMAIL_URL", "consolemail://", "smtp"),
        ("DEFAULT_FROM_EMAIL", "no-reply@portal.invalid", "receive an answer"),
        ("FILES_DIR", "files", "absolute"),
        ("FILES_DIR", "/nowhere/at/all", "folder we may write to"),
        ("CLAMAV_ADDRESS", "clamav", "host:3310"),
        ("HSTS_SECONDS", "0", "HSTS_SECONDS"),
        ("TRUSTED_PROXY_COUNT", "0", "TRUSTED_PROXY_COUNT"),
        ("LOG_LEVEL", "CHATTY", "LOG_LEVEL"),
    ],
)
def test_one_unsafe_value_stops_the_start_and_is_named(complete, name, value, complaint):
    problems = problems_of(complete | {name: value})
    assert any(complaint in problem for problem in problems), problems


def test_no_secret_is_repeated_in_the_complaint(complete):
    run = start(complete | {"SECRET_KEY": "short-secret", "PORTAL_URL": "http://x"})
    assert "short-secret" not in run.stderr
    assert "secret-word" not in run.stderr
    assert "mail-word" not in run.stderr


def test_a_complete_environment_gives_safe_settings(complete):
    got = settings_of(complete)
    assert got["DEBUG"] is False
    assert got["DEMO"] is False
    assert got["SESSION_COOKIE_SECURE"] is True
    assert got["CSRF_COOKIE_SECURE"] is True
    assert got["SECURE_SSL_REDIRECT"] is True
    assert got["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert got["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert got["MFA_REQUIRED_FOR_STAFF"] is True
    assert got["CSRF_TRUSTED_ORIGINS"] == ["https://portal.example.org"]
    database = got["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["CONN_MAX_AGE"] == 60
    assert database["CONN_HEALTH_CHECKS"] is True
    assert got["CELERY_BROKER_URL"] == "redis://redis:6379/0"
    assert got["CACHES"]["default"]["LOCATION"] == "redis://redis:6379/1"
    assert got["SESSION_ENGINE"] == "django.contrib.sessions.backends.db"
    assert "Manifest" in got["STORAGES"]["staticfiles"]["BACKEND"]
    assert got["EMAIL_USE_TLS"] is True
    assert "unsafe-inline" not in json.dumps(got["CONTENT_SECURITY_POLICY"])


def test_the_example_documents_every_variable_that_the_settings_read():
    source = (ROOT / "ipas_portal/settings/production.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:_required|_number|env\.\w+)\(\s*"([A-Z_]+)"', source))
    told = set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(read) > 12
    assert read <= told
    # The rest is for docker-compose.yml.
    assert told - read == {"PORTAL_ENV_FILE", "POSTGRES_PASSWORD"}


def test_the_example_holds_no_usable_secret():
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "DATABASE_URL"):
        assert re.search(rf"^{name}=$", text, re.MULTILINE)


def record(message: str, *arguments: object) -> dict[str, object]:
    line = JsonFormatter().format(
        logging.LogRecord("portal", logging.ERROR, "f.py", 1, message, arguments, None)
    )
    assert "\n" not in line
    return json.loads(line)


@pytest.mark.parametrize(
    "personal",
    ["wang.daming@example.test", "A123456789", "0912-345-678", "0912345678", "+886912345678"],
)
def test_a_log_line_holds_no_personal_data(personal):
    assert personal not in record("Refused %s at the door", personal)["message"]


def test_a_log_line_keeps_case_numbers_paths_and_times():
    assert record("Case IPAS-114-0012 at /cases/12/ took 0.25 s")["message"] == (
        "Case IPAS-114-0012 at /cases/12/ took 0.25 s"
    )


def test_a_database_error_is_logged_without_the_row():
    try:
        raise ValueError("duplicate key\nDETAIL:  Key (name)=(王小明) already exists.")
    except ValueError:
        line = logging.LogRecord("portal", logging.ERROR, "f.py", 1, "Failed", (), sys.exc_info())
    assert "王小明" not in JsonFormatter().format(line)


def compose_command() -> list[str] | None:
    """Return the Compose that this machine has; 1.29 needs no engine to validate a file."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if (
        shutil.which("docker")
        and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    ):
        return ["docker", "compose"]
    return None


def compose_config(*arguments: str, environment: dict[str, str] | None = None) -> str:
    command = compose_command()
    if command is None:
        pytest.skip("neither docker-compose nor docker compose is installed (bin/setup --test installs it)")
    run = subprocess.run(
        [*command, *arguments, "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | (environment or {}),
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_compose_file_is_valid_and_whole():
    import yaml

    services = yaml.safe_load(compose_config())["services"]
    assert {"web", "worker", "beat", "migrate", "postgres", "redis", "nginx"} <= services.keys()
    without = {name for name, service in services.items() if "healthcheck" not in service}
    assert without == {"migrate"}, "a one-shot needs no health check; everything else has one"
    for name in ("postgres", "redis"):
        assert services[name].get("ports") is None, f"{name} is not reachable from outside"


def test_the_compose_file_passes_the_database_password_on():
    assert "postgres://portal:pass-of-the-test@postgres:5432/portal" in compose_config(
        environment={"POSTGRES_PASSWORD": "pass-of-the-test"}
    )


def test_the_virus_scanner_is_an_option():
    assert "profiles" in (ROOT / "docker-compose.yml").read_text(encoding="utf-8").split("clamav:", 1)[1]


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("organisation:accept_invitation", {"token": "secret"}),
        ("account_reset_password_from_key", {"uidb36": "1", "key": "secret"}),
        ("account_confirm_email", {"key": "secret"}),
        ("public:registration", {"token": "secret"}),
        ("public:inquiry", {"token": "secret"}),
        ("public:inquiry_file", {"token": "secret", "pk": 1}),
    ],
)
def test_the_access_log_of_the_proxy_never_holds_a_link_that_lets_somebody_in(name, kwargs):
    config = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert " $uri " not in config.split("log_format", 1)[1].split(";", 1)[0]
    (rule,) = re.findall(r'"~(\^\S+)" \$place-;', config)
    found = re.match(rule.replace("?<place>", "?P<place>"), reverse(name, kwargs=kwargs))
    assert found
    assert "secret" not in found["place"]
