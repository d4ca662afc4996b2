"""Real workers on a real broker: what production starts, beside a test or a bench."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def in_production() -> list[list[str]]:
    """The options of each worker that docker-compose.yml starts."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    commands = [service.get("command", []) for service in services.values()]
    return [command[command.index("worker") + 1 :] for command in commands if "worker" in command]


def in_demo() -> list[list[str]]:
    """The options of each worker that bin/demo starts."""
    script = (ROOT / "bin/demo").read_text(encoding="utf-8")
    return [line.split() for line in re.findall(r"^worker (.*)$", script, re.M)]


@contextlib.contextmanager
def running(options: Sequence[Sequence[str]], *, database: str, folder: Path) -> Iterator[None]:
    """Workers with these options, in the settings and with the queues of the stage in ``folder``."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
        "DATABASE_URL": database,
        "JOURNEY_FOLDER": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "ipas_portal", "worker"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    started = []
    try:
        for number, own in enumerate(options):
            with open(folder / f"worker-{number}.log", "ab") as log:
                started.append(
                    subprocess.Popen(
                        [*command, *own, *quiet, "--hostname", f"{number}-{folder.name}@here"],
                        cwd=ROOT, env=environment, stdout=log, stderr=log,
                    )
                )  # fmt: skip
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
