"""A scheme file becomes a call, and a changed file its next version."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from programs.models import Call
from tests import factories

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("load_call", *words, stdout=out)
    return out.getvalue()


def written(tmp_path: Path, **settings: Any) -> str:
    data = factories.scheme()
    data["settings"] |= settings
    file = tmp_path / "terms.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return str(file)


def test_the_shipped_scheme_becomes_the_114_call() -> None:
    run("fixtures/schemes/ipas_114.yaml")
    call = Call.objects.get(slug="ipas-114")
    assert call.state == "published"
    assert call.current_terms.frozen_at is not None
    assert call.closes_at == datetime.fromisoformat("2025-03-28T23:59:59+08:00")


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path)
    run(file)
    assert "already" in run(file)
    assert Call.objects.get().versions.count() == 1


def test_a_changed_file_needs_a_note_and_leaves_begun_cases_alone(tmp_path: Path) -> None:
    run(written(tmp_path))
    begun = Call.objects.get().current_terms
    changed = written(tmp_path, pass_mark=75)
    with pytest.raises(CommandError, match="--note"):
        run(changed)
    run(changed, "--note", "及格分數改為 75 分")
    call = Call.objects.get()
    assert call.terms.settings.pass_mark == 75
    assert call.current_terms.version == 2
    begun.refresh_from_db()
    assert begun.terms.settings.pass_mark == 70


def test_terms_that_do_not_hold_together_are_refused_with_their_path(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"settings\.pass_mark"):
        run(written(tmp_path, pass_mark=175))
    assert not Call.objects.exists()


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(str(tmp_path / "nothing.yaml"))
