"""Models and migrations say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "documents", "programs", "outreach", "applications", "review")


@pytest.mark.django_db
def test_no_model_waits_for_a_migration(settings):
    settings.MIGRATION_MODULES = {}  # read them also where the tables come from the models
    call_command("makemigrations", "--check", "--dry-run", "--noinput", verbosity=0)


@pytest.mark.parametrize("app", APPS)
def test_migrations_form_one_line(app):
    names = sorted(path.stem for path in (ROOT / app / "migrations").glob("[0-9]*.py"))
    assert names
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_migrations_carry_no_time_of_a_machine():
    for path in ROOT.glob("*/migrations/0*.py"):
        text = path.read_text(encoding="utf-8")
        assert "datetime.datetime(" not in text, f"{path}: a default that was computed while it was written"
        assert not re.search(r"/home/|/root/|/work/", text)
