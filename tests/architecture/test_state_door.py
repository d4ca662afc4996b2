"""State changes have one door, ``core.workflow.apply``; and every table of transitions is whole."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from core.workflow import Machine, TransitionRecord
from ipas_portal.management.commands.workflows import AUDIENCES, machines, model_of, page

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "documents", "programs", "outreach", "applications", "review", "ipas_portal")
# The door itself; and the demo, which writes thousands of finished histories at once, transitions included.
DOORS = ("core/workflow.py", "ipas_portal/demo/")
# Models with a field ``state`` whose changes no transition rows record, and why not.
WITHOUT_TRANSITIONS: dict[str, str] = {}
# What is like a state but has another name, so that nobody looks for its transitions.
OTHER_NAMES = {
    "accounts.JoinRequest.answer": "answered once, with time and person in the same row",
    "documents.StoredFile.scan_state": "a fact about a file, told once when it is stored",
}
# Machine → actions that nothing takes yet, because the stage that needs them is not built.
NOT_YET_TAKEN: dict[str, tuple[str, ...]] = {}
TABLES = list(machines())
names = [f"{app}.{machine.name}" for app, machine in TABLES]


def sources() -> list[Path]:
    """Every module of ours that could bypass the door."""
    found = []
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "/migrations/" not in name and not name.startswith(DOORS):
                found.append(path)
    return found


def _in_init(tree: ast.AST) -> set[int]:
    """Lines inside ``__init__``: an object that is being made has no state to change yet."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def bypasses(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and way of each change of a ``state`` outside the door."""
    found = []
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr == "state":
                    found.append((node.lineno, "assigns .state"))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        texts = [arg.value for arg in ast.walk(node) if isinstance(arg, ast.Constant)]
        if name == "update" and any(keyword.arg == "state" for keyword in node.keywords):
            found.append((node.lineno, "update(state=…)"))
        if name in ("setattr", "__setattr__", "bulk_update") and "state" in texts:
            found.append((node.lineno, f"{name}(… state …)"))
        if name == "update_or_create" and "state" in texts:
            found.append((node.lineno, "update_or_create(… state …)"))
    quiet = _in_init(tree)
    return [(line, how) for line, how in found if line not in quiet]


def test_nobody_changes_a_state_but_the_door():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {how}"
        for path in sources()
        for line, how in bypasses(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "code",
    [
        "case.state = 'approved'",
        "case.state, case.closed_at = 'approved', now",
        "Case.objects.filter(pk=1).update(state='approved')",
        "setattr(case, 'state', 'approved')",
        "Case.objects.bulk_update(cases, ['state'])",
        "Case.objects.update_or_create(pk=1, defaults={'state': 'approved'})",
    ],
)
def test_the_scan_sees_every_way_around_the_door(code):
    assert bypasses(ast.parse(code))


def own_models() -> list[type[models.Model]]:
    """Every concrete model of ours."""
    return [
        model for app in APPS if apps.is_installed(app) for model in apps.get_app_config(app).get_models()
    ]


def test_every_model_with_a_state_keeps_its_transitions_or_says_why_not():
    for model in own_models():
        if not any(field.name == "state" for field in model._meta.fields):
            continue
        if model._meta.label in WITHOUT_TRANSITIONS:
            continue
        kept = getattr(model, "transitions", None)
        assert kept is not None, f"{model._meta.label} has a state, but no transitions"
        assert issubclass(kept.rel.related_model, TransitionRecord)


def test_every_model_with_a_state_has_one_machine():
    moved = [model_of(app, machine) for app, machine in TABLES]
    assert len(moved) == len(set(moved))
    stateful = {model for model in own_models() if any(field.name == "state" for field in model._meta.fields)}
    assert set(moved) == {model for model in stateful if model._meta.label not in WITHOUT_TRANSITIONS}


def test_fields_like_a_state_under_another_name_are_known():
    found = {
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.fields
        if field.name.endswith("_state") and not issubclass(model, TransitionRecord)
    }
    assert found <= set(OTHER_NAMES)
    for label in OTHER_NAMES:
        app, model, field = label.split(".")
        assert apps.get_model(app, model)._meta.get_field(field)


@pytest.mark.parametrize(("app", "machine"), TABLES, ids=names)
def test_a_machine_starts_where_its_model_starts(app: str, machine: Machine):
    field = model_of(app, machine)._meta.get_field("state")
    assert field.default == machine.initial  # type: ignore[union-attr]


@pytest.mark.parametrize(("app", "machine"), TABLES, ids=names)
def test_every_transition_has_a_label_and_somebody_who_takes_it(app: str, machine: Machine):
    for transition in machine.transitions:
        assert transition.label.strip()
        assert transition.by in AUDIENCES
        assert transition.sources
    pairs = [(source, t.action) for t in machine.transitions for source in t.sources]
    assert len(pairs) == len(set(pairs)), "an action leads from one state to two"


@pytest.mark.parametrize(("app", "machine"), TABLES, ids=names)
def test_every_state_can_be_reached(app: str, machine: Machine):
    reached, before = {str(machine.initial)}, set()
    while reached != before:
        before = set(reached)
        reached |= {t.target for t in machine.transitions if t.sources & before}
    assert reached == set(machine.states())
    assert set(machine.turn) <= reached
    assert set(machine.turn.values()) <= set(AUDIENCES)


@pytest.mark.parametrize(("app", "machine"), TABLES, ids=names)
def test_every_action_is_taken_somewhere(app: str, machine: Machine):
    """A transition that no code takes is a promise that nobody keeps."""
    table = import_module(f"{app}.workflow")
    constant = next(name for name, value in vars(table).items() if value is machine)
    code = [path.read_text(encoding="utf-8") for path in sources() if path != ROOT / app / "workflow.py"]
    code = [text for text in code if re.search(rf"\b{constant}\b", text)]
    unused = {t.action for t in machine.transitions if not any(f'"{t.action}"' in text for text in code)}
    assert unused == set(NOT_YET_TAKEN.get(machine.name, ()))


def test_the_page_of_the_workflows_is_the_one_that_the_tables_give():
    out = StringIO()
    call_command("workflows", stdout=out)
    written = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    assert out.getvalue() == page() == written, (
        "Run: .venv/bin/python manage.py workflows > docs/workflows.md"
    )
