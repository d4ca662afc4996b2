"""``manage.py workflows > docs/workflows.md``: every state machine, from the tables that the portal runs by."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models

from applications.enums import APPLICANT_LABELS, CaseState
from core.workflow import Machine

AUDIENCES = {
    "applicant": "company",
    "office": "programme office",
    "reviewer": "reviewer",
    "chair": "chair",
    "supervisor": "ministry",
    "public": "anybody, without a login",
    "system": "the portal itself",
    "": "nobody",
}
APPS = ("programs", "applications", "review", "documents", "outreach")

HEAD = """# Workflows

Several small state machines, not one of twenty states. Made by `manage.py workflows` from the transition tables in each
app's `workflow.py`; a test compares. To change a workflow, change its table and run
`.venv/bin/python manage.py workflows > docs/workflows.md`.

Only `core.workflow.apply()` assigns a state. It locks the row, refuses what the table does not have, saves the fields that belong
to the new state with it, and writes a transition row: from, to, who, when, why.
"""


def machines() -> Iterator[tuple[str, Machine]]:
    """App and machine of every transition table, in the order in which they are written."""
    for app in APPS:
        if find_spec(f"{app}.workflow") is None:
            continue
        for value in vars(import_module(f"{app}.workflow")).values():
            if isinstance(value, Machine):
                yield app, value


def model_of(app: str, machine: Machine) -> type[models.Model]:
    """The model whose ``state`` the machine moves: that of the app with the same states. LookupError without one."""
    for model in apps.get_app_config(app).get_models():
        field = next((f for f in model._meta.fields if f.name == "state"), None)
        if field is not None and {value for value, _ in field.choices or ()} == set(machine.states()):
            return model
    raise LookupError(f"{app}: no model has the states of {machine.name}")


def page() -> str:
    """The whole page as Markdown, with a diagram and two tables for each machine."""
    parts = [HEAD]
    for app, machine in machines():
        parts.append(_section(app, machine))
    return "\n".join(parts)


def _section(app: str, machine: Machine) -> str:
    model = model_of(app, machine)
    labels: dict[str, Any] = dict(model._meta.get_field("state").choices or ())  # type: ignore[union-attr]
    lines = [
        f"## {machine.name.replace('_', ' ').capitalize()}",
        "",
        f"`{app}.models.{model.__name__}`, table `{app}/workflow.py`.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {machine.initial}",
        *(
            f"    {source} --> {t.target}: {t.action}"
            for t in machine.transitions
            for source in sorted(t.sources)
        ),
        "```",
        "",
        *_states(machine, labels),
        "",
        "| action | button or log | from | to | by |",
        "|---|---|---|---|---|",
        *(
            f"| `{t.action}` | {t.label} | {', '.join(sorted(t.sources))} | {t.target} | {AUDIENCES[t.by]} |"
            for t in machine.transitions
        ),
        "",
    ]
    return "\n".join(lines)


def _states(machine: Machine, labels: dict[str, Any]) -> list[str]:
    """The states; a case has a second word for the company."""
    is_case = set(machine.states()) == set(CaseState.values)
    head = "| state | label | whose turn |"
    rows = []
    for state in machine.states():
        words = [str(labels[state]), AUDIENCES[machine.turn.get(state, "")]]
        if is_case:
            words.insert(1, APPLICANT_LABELS.get(state, str(labels[state])))
        rows.append(f"| {' | '.join([state, *words])} |")
    if is_case:
        head = "| state | office reads | company reads | whose turn |"
    return [head, "|---" * head.count(" | ") + "|---|", *rows]


class Command(BaseCommand):
    help = "Print docs/workflows.md: every state machine with its diagram and tables."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
