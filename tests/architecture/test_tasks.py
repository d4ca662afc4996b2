"""Background work: every task has a name, is found by the worker, and is called by beat or by the code."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from core import queues
from ipas_portal.celery import app
from tests.workers import in_demo, in_production

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "documents", "programs", "outreach", "applications", "review", "ipas_portal")


def tasks() -> dict[str, str]:
    """Name → module and function of every ``@shared_task``; a task without a name counts as "?"."""
    found = {}
    for app_name in APPS:
        for path in sorted((ROOT / app_name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.FunctionDef):
                    continue
                for mark in node.decorator_list:
                    call = mark.func if isinstance(mark, ast.Call) else mark
                    if getattr(call, "id", getattr(call, "attr", "")) != "shared_task":
                        continue
                    words = mark.keywords if isinstance(mark, ast.Call) else []
                    given = [
                        w.value.value for w in words if w.arg == "name" and isinstance(w.value, ast.Constant)
                    ]
                    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                    found[str(given[0]) if given else f"?{node.name}"] = f"{module}:{node.name}"
    return found


TASKS = tasks()
SCHEDULED = {str(entry["task"]): entry for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def code() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for name in APPS for path in sorted((ROOT / name).rglob("*.py"))
    )


def test_tasks_have_a_name_of_their_own():
    assert TASKS
    assert not [name for name in TASKS if name.startswith("?")], "name=… outlives a moved module"
    for name, place in TASKS.items():
        assert name.split(".")[0] == place.split(".")[0], f"{name} is in {place}"
        assert place.split(":")[0].endswith(".tasks"), f"{place}: the worker looks into tasks.py only"


@pytest.mark.parametrize("name", TASKS)
def test_the_worker_knows_the_task(name):
    app.loader.import_default_modules()
    module, function = TASKS[name].split(":")
    assert app.tasks[name].__module__ == module
    assert getattr(import_module(module), function).name == name


def test_each_task_and_nothing_else_has_a_queue():
    assert settings.CELERY_TASK_ROUTES.keys() == TASKS.keys(), "who waits for it? see core/queues.py"


@pytest.mark.parametrize("name", TASKS)
def test_a_message_goes_into_the_queue_of_its_task(name):
    queue = app.amqp.router.route({}, name)["queue"].name
    assert queue == settings.CELERY_TASK_ROUTES[name]["queue"]
    assert queue in queues.QUEUES
    for given in queues.QUEUES:
        assert app.amqp.router.route({"queue": given}, name)["queue"].name == given, "the row's goes before"


def test_beat_keeps_nobody_waiting():
    """What beat does by itself stands with the bulk, but for the sweeps of what somebody waits for."""
    prompt = {name for name in SCHEDULED if settings.CELERY_TASK_ROUTES[name]["queue"] == queues.PROMPT}
    assert prompt == {"documents.sweep_documents", "review.sweep_confirmations"}


@pytest.mark.parametrize("name", TASKS)
def test_what_a_task_asks_for_stands_in_its_queue(name, monkeypatch):
    app.loader.import_default_modules()
    monkeypatch.setattr(app.tasks[name], "run", queues.current)
    assert app.tasks[name]() == settings.CELERY_TASK_ROUTES[name]["queue"]
    assert queues.current() == queues.PROMPT


@pytest.mark.parametrize("workers", [in_production(), in_demo()])
def test_each_queue_has_a_worker_of_its_own(workers):
    taken = [options[options.index("--queues") + 1] for options in workers]
    assert sorted(taken) == sorted(queues.QUEUES)


def test_beat_calls_only_tasks_that_exist_and_need_nothing():
    for name, entry in SCHEDULED.items():
        assert name in TASKS, f"beat calls {name}, which is no task"
        module, function = TASKS[name].split(":")
        run = getattr(import_module(module), function).run
        assert not inspect.signature(run).parameters, f"beat gives {name} nothing"
        assert float(entry["schedule"]) >= 10  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_called_by_beat_or_by_code(name):
    module, function = TASKS[name].split(":")
    run = getattr(import_module(module), function).run
    if inspect.signature(run).parameters:
        # It works on one row, so somebody must hand over which one.
        assert code().count(function) > 1, f"nothing calls {name}"
    else:
        assert name in SCHEDULED, f"{name} takes no argument, so beat should call it"


def test_tasks_may_run_twice():
    """A worker that dies gives its task back; the broker hands it to another one."""
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_TASK_IGNORE_RESULT, "results are rows, never the broker's"


def test_commands_can_be_imported_and_say_what_they_do():
    for name, owner in get_commands().items():
        if owner in APPS:
            command = import_module(f"{owner}.management.commands.{name}").Command
            assert command.help.strip(), name
