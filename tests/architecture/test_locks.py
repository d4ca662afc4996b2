"""A row is locked in a statement of its own, without joins: ``core.locking`` says why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("accounts", "applications", "core", "documents", "outreach", "programs", "review")


def names_of_chain(node: ast.AST) -> set[str]:
    """``a.b().c()``: the names b and c."""
    found = set()
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return found


def joined_locks(source: str) -> list[int]:
    """Lines with a query that both locks and joins."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and {"select_for_update", "select_related"} <= names_of_chain(node)
    ]


def test_what_the_rule_finds():
    assert joined_locks("A.objects.select_for_update(of=('self',)).select_related('b').get(pk=1)")
    assert not joined_locks(
        "A.objects.select_for_update().get(pk=1)\nA.objects.select_related('b').get(pk=1)"
    )


@pytest.mark.parametrize("app", APPS)
def test_no_query_locks_and_joins(app):
    found = {
        f"{path.relative_to(settings.BASE_DIR)}:{line}"
        for path in Path(settings.BASE_DIR / app).rglob("*.py")
        for line in joined_locks(path.read_text(encoding="utf-8"))
    }
    assert not found, "use core.locking.lock_row"
