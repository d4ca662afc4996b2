"""The probe that proxy, containers and operators ask; and the broker and a worker behind it, for real."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.urls import reverse

from ipas_portal import health

ROOT = Path(__file__).resolve().parents[2]


def test_healthz_needs_no_login_and_says_that_all_is_well(client, db):
    answer = client.get(reverse("healthz"))
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "broker": "ok", "storage": "ok"},
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["database", "broker", "storage"])
def test_healthz_names_what_failed_but_not_why(client, db, monkeypatch, name):
    def fail() -> None:
        raise ConnectionError("password of the server: hunter2")

    monkeypatch.setitem(health.CHECKS, name, fail)
    answer = client.get(reverse("healthz"))
    assert answer.status_code == 503
    assert answer.json()["checks"][name] == "failed"
    assert "hunter2" not in answer.content.decode()


def test_healthz_sees_a_missing_folder_of_files(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "gone"
    assert client.get(reverse("healthz")).json()["checks"]["storage"] == "failed"


def test_healthz_is_only_for_reading(client, db):
    assert client.post(reverse("healthz")).status_code == 405


@pytest.mark.skipif(
    "REDIS_URL" not in os.environ, reason="bin/services gives Redis (the second run of make test)"
)
def test_a_worker_takes_its_work_from_redis():
    # A queue of its own, so that runs side by side on one server don't answer each other.
    name = f"probe{os.getpid()}"
    command = [sys.executable, "-m", "celery", "-A", "ipas_portal"]
    worker = subprocess.Popen(
        [
            *command,
            "worker",
            "--pool",
            "solo",
            "--hostname",
            f"{name}@here",
            "--queues",
            name,
            "--loglevel",
            "ERROR",
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ping = [*command, "inspect", "ping", "--timeout", "2", "--destination", f"{name}@here"]
        for _ in range(15):
            run = subprocess.run(ping, cwd=ROOT, capture_output=True, text=True, check=False)
            if "pong" in run.stdout:
                break
            time.sleep(0.5)
        assert "pong" in run.stdout, run.stdout + run.stderr
    finally:
        worker.terminate()
        worker.wait(20)
