"""The layers of the architecture, kept by import-linter, and two habits that it cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "documents", "programs", "outreach", "applications", "review")
# What an enum may take from Django: the base class that gives a choice its label.
ENUM_NEEDS = {"django.db.models", "django.db", "django.utils.translation"}


def modules_of(name: str) -> list[Path]:
    """Return the files of every app's module ``name``, be it a file or a folder."""
    found = []
    for app in APPS:
        found += (ROOT / app).glob(f"{name}.py")
        found += sorted((ROOT / app / name).rglob("*.py"))
    return found


def imports_of(path: Path) -> set[str]:
    """Return every module that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_import_contracts_are_kept():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", modules_of("rules"), ids=relative)
def test_rules_know_neither_django_nor_the_clock(path):
    banned = {"django", "time", "celery", "psycopg2", "random"}
    assert not {name for name in imports_of(path) if name.split(".")[0] in banned}
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"today", "now", "utcnow"}, "today and now are arguments of a rule"


@pytest.mark.parametrize("path", modules_of("rules"), ids=relative)
def test_rules_never_count_money_in_floats(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    floats = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is float
    ]
    floats += [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    assert not floats, f"lines {floats}"


@pytest.mark.parametrize("path", modules_of("enums"), ids=relative)
def test_enums_take_only_the_choices_class_from_django(path):
    names = {name for name in imports_of(path) if name.split(".")[0] == "django"}
    assert names <= ENUM_NEEDS


def test_forms_never_save():
    offenders = [
        relative(path)
        for path in modules_of("forms")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "save"
    ]
    assert not offenders
