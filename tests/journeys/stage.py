"""A stage is the portal for one journey: a database with a scene in it, web server, worker, files and mails.

The servers are processes of their own, as in the demo, so that pages, autosave and tasks really run beside each other.
A scene is built once a run (by whichever test process comes first) and copied for each stage.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class Stage:
    """A running portal. ``url`` has no slash at its end."""

    folder: Path
    database: str
    url: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What the processes of this stage are told."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
            "DATABASE_URL": self.database,
            "JOURNEY_FOLDER": str(self.folder),
            "PORTAL_URL": self.url or "http://127.0.0.1",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "default",
        }

    def start(self) -> None:
        """Start web and worker; return when the web answers."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        for name in ("queue", "processed", "control", "mail", "files"):
            (self.folder / name).mkdir(exist_ok=True)
        self._run("web", "-m", "gunicorn", "ipas_portal.wsgi:application", "--bind", f"127.0.0.1:{port}",
                  "--worker-class", "gthread", "--threads", "8", "--timeout", "60", "--no-control-socket",
                  "--log-level", "warning")  # fmt: skip
        self._run("worker", "-m", "celery", "--quiet", "-A", "ipas_portal", "worker", "--pool", "solo",
                  "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.processes[0].poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/verify/", timeout=10):
                return
            time.sleep(0.1)
        raise AssertionError(f"the portal did not start:\n{self.log()}")

    def _run(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        self.processes.append(process)

    def play(self, scene: str) -> None:
        """Put a scene into the database, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.journeys.scenes", scene],
            cwd=ROOT,
            env=self.environment() | {"JOURNEY_EAGER": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"the scene {scene} can't be built:\n{done.stdout}\n{done.stderr}"

    def stop(self) -> None:
        """End web and worker."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self) -> str:
        """The last words of web and worker."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"── {log.name}\n{log.read_text(errors='replace')[-6000:]}" for log in logs)

    def complaints(self) -> list[str]:
        """Every error in the logs: what went wrong where no page showed it."""
        found = []
        for log in self.folder.glob("*.log"):
            for line in log.read_text(errors="replace").splitlines():
                if re.match(r"(Traceback|Internal Server Error|\[.*(ERROR|CRITICAL))", line):
                    found.append(f"{log.name}: {line}")
        return found

    def mails(self, address: str) -> list[EmailMessage]:
        """Mails to an address, oldest first."""
        found = []
        for file in sorted((self.folder / "mail").glob("*.log"), key=lambda one: one.stat().st_mtime_ns):
            for part in re.split(rb"\n-{79}\n", file.read_bytes()):
                if not part.strip():
                    continue
                message = email.message_from_bytes(part.lstrip(), policy=email.policy.default)
                if address in str(message["To"]):
                    found.append(message)
        return found

    def wait_for_mail(self, address: str, subject: str = "", seconds: float = 30) -> str:
        """The text of the newest mail to ``address`` whose subject contains ``subject``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.mails(address)):
                if subject in str(message["Subject"]):
                    body = message.get_body()
                    assert body is not None
                    return str(body.get_content())
            time.sleep(0.2)
        got = [str(m["Subject"]) for m in self.mails(address)]
        raise AssertionError(f"no mail to {address} about {subject!r}; there are {got}\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Databases -----------------------------------------------------------------------------------------------


def _server() -> str:
    """The PostgreSQL server of this run, or "" for SQLite."""
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith(("postgres://", "postgresql://")) else ""


def _named(name: str) -> str:
    """A database of our own on that server: what the run's name begins with is swept by bin/services."""
    parts = urlsplit(_server())
    return urlunsplit(parts._replace(path=f"/test_{parts.path.lstrip('/')}_{name}"))


def _execute(statement: str) -> list[tuple[object, ...]]:
    parts = urlsplit(_server())
    with contextlib.closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []


def _database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _drop(url: str) -> None:
    _execute(f'DROP DATABASE IF EXISTS "{_database_name(url)}" WITH (FORCE)')


def _url(name: str, folder: Path) -> str:
    """The address of a database by that name on the server of this run, or in ``folder``."""
    return _named(name) if _server() else f"sqlite:///{folder / 'portal.sqlite3'}"


@contextlib.contextmanager
def _locked(shared: Path, name: str) -> Iterator[None]:
    """Nobody else of this run is inside."""
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(template: Stage, copy: Stage) -> None:
    """Files and rows of one stage for another."""
    ignored = shutil.ignore_patterns("cache", "*.log", "built")
    shutil.copytree(template.folder, copy.folder, ignore=ignored, dirs_exist_ok=True)
    if _server():
        _drop(copy.database)
        source, target = _database_name(template.database), _database_name(copy.database)
        _execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _built(scene: str, shared: Path) -> Stage:
    """A scene, built unless it is there already; all others stand on the empty ``tables``. Callers hold its lock."""
    folder = shared / f"scene-{scene}"
    stage = Stage(folder, _url(f"journey_{scene}", folder))
    if (folder / "built").exists():
        return stage
    folder.mkdir(exist_ok=True)
    if scene != "tables":
        with _locked(shared, "tables"):
            _copy(_built("tables", shared), stage)
    elif _server():
        _drop(stage.database)
        _execute(f'CREATE DATABASE "{_database_name(stage.database)}"')
    stage.play(scene)
    (folder / "built").touch()
    return stage


@contextlib.contextmanager
def staged(scene: str, shared: Path, name: str) -> Iterator[Stage]:
    """A running portal with that scene. ``shared`` is a folder that all test processes of the run see."""
    shared.mkdir(parents=True, exist_ok=True)
    stage = Stage(shared / name, _url(name, shared / name))
    with _locked(shared, scene):
        _copy(_built(scene, shared), stage)
    try:
        stage.start()
        yield stage
        assert not stage.complaints(), stage.log()
    finally:
        stage.stop()
        if _server():
            _drop(stage.database)
        shutil.rmtree(stage.folder / "files", ignore_errors=True)
