"""What a browser would send for a page of the designer, from its controls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from programs.forms.designing import Control
from programs.rules.designing.shapes import Shape


def posted(controls: Iterable[Control], **changes: str) -> QueryDict:
    """The POST of the page as it stands, with some fields changed (``name=value``; ``-`` written ``__``)."""
    post = QueryDict(mutable=True)
    for control in controls:
        _add(post, control)
    for name, value in changes.items():
        post[name.replace("__", "-")] = value
    return post


def _add(post: QueryDict, control: Control) -> None:
    if control.shape in (Shape.GROUP, Shape.MAP, Shape.PICKS):
        for child in control.children:
            _add(post, child)
    elif control.shape == Shape.ROWS:
        post[f"{control.name}-TOTAL_FORMS"] = str(control.total)
        for row in control.rows:
            for name, value in row.hidden:
                post[name] = value
            for cell in row.cells:
                _add(post, cell)
    elif control.shape == Shape.CHECK:
        if control.chosen:
            post[control.name] = "on"
    elif control.shape == Shape.CHECKS:
        post.setlist(control.name, [o.value for o in control.options if o.chosen])
    else:
        post[control.name] = control.value


def changed(post: QueryDict, values: dict[str, Any]) -> QueryDict:
    """The same POST with other values by full name."""
    for name, value in values.items():
        post[name] = value
    return post
