"""What every page of a draft needs: the draft itself, its parts with their problems, who saved last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from core.rocdate import roc_datetime
from programs.forms.designing import Control, Drawing, told
from programs.models import CallDraft, DraftPart
from programs.rules.designing.parts import BY_KEY, PARTS, Problem, fields_of
from programs.rules.designing.shapes import params_class
from programs.rules.terms import RawRule, Terms
from programs.selectors.drafts import Draft, part_list, read_draft

EDIT = "call.edit"


def user_of(request: HttpRequest) -> User:
    """The logged-in user; the middleware lets nobody else in here."""
    assert isinstance(request.user, User)
    return request.user


def get_draft(request: HttpRequest, pk: int) -> Draft:
    """The draft with its parts, or 404. Two queries."""
    drafts = CallDraft.objects.visible_to(user_of(request)).select_related(
        "call", "source", "budget_part__plan", "published"
    )
    row = get_object_or_404(drafts.prefetch_related("parts__saved_by"), pk=pk)
    return read_draft(row)


def part_url(draft: Draft, key: str) -> str:
    """The address of a part."""
    if key == "rules":
        return reverse("designer:rules", args=[draft.row.pk])
    return reverse("designer:part", args=[draft.row.pk, key])


def nav(draft: Draft, current: str = "") -> list[dict[str, Any]]:
    """The task list of the parts, with links."""
    lines = part_list(draft)
    for line in lines:
        line["url"] = part_url(draft, line["key"])
        line["current"] = line["key"] == current
    return lines


def next_url(draft: Draft, key: str) -> str:
    """The page after a part: the next part, at the end the check before publishing."""
    keys = [part.key for part in PARTS]
    place = keys.index(key) + 1
    return (
        part_url(draft, keys[place])
        if place < len(keys)
        else reverse("designer:publish", args=[draft.row.pk])
    )


def frame(draft: Draft, current: str = "") -> dict[str, Any]:
    """Template context of every page of a draft."""
    return {
        "draft": draft,
        "row": draft.row,
        "sections": nav(draft, current),
        "part": BY_KEY.get(current),
        "problem_count": len(draft.problems),
    }


def saved_words(part: DraftPart) -> str:
    """When the part was saved last, and by whom."""
    if part.saved_at is None:
        return ""
    return f"{roc_datetime(part.saved_at)}　{part.saved_by or ''}".rstrip()


def version_of(request: HttpRequest) -> int:
    """The version that the page was opened with; -1 for nonsense, which conflicts rather than overwrites."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def tab_of(request: HttpRequest) -> str:
    """The open page that saves (``js/autosave.js``)."""
    return request.headers.get("X-Autosave-Tab", "")[:40]


def piece(name: str, **context: Any) -> str:
    """One fragment of a page, for an answer to autosave."""
    return render_to_string(f"programs/designer/_{name}.html", context)


def links(draft: Draft, problems: list[Problem]) -> list[dict[str, str]]:
    """Problems as ``components/error_summary.html`` lists them: page, field, words, and where they are mended.

    The words are those of the page itself; what no field there shows is told by the page's name.
    """
    found = []
    for key in dict.fromkeys(problem.part for problem in problems):
        here = [problem for problem in problems if problem.part == key]
        if key == "rules":
            found += _links_of_rules(draft, here)
        else:
            names = [f.name for f in fields_of(key)]
            controls = Drawing(draft.data, here).controls(Terms, draft.data, "", "", names)
            found += _links(BY_KEY[key].title, part_url(draft, key), controls, here)
    return found


def _links_of_rules(draft: Draft, problems: list[Problem]) -> list[dict[str, str]]:
    found = []
    for place, rule in enumerate(draft.rules):
        head = f"rules[{place}]"
        here = [p for p in problems if p.path == head or p.path.startswith(f"{head}.")]
        if here:
            url = reverse("designer:rule", args=[draft.row.pk, rule.number])
            title = f"規則 {rule.data.get('id', '')} {rule.data.get('title', '')}".rstrip()
            found += _links(title, url, rule_controls(draft, place, here), here)
    rest = [p for p in problems if not p.path.startswith("rules[")]
    return found + _links(BY_KEY["rules"].title, part_url(draft, "rules"), [], rest)


def rule_controls(draft: Draft, place: int, problems: list[Problem]) -> list[Control]:
    """The controls of one rule: what every rule has, then the parameters of its kind."""
    rule, path = draft.rules[place].data, f"rules[{place}]"
    drawing = Drawing(draft.data, problems)
    return [
        *drawing.controls(RawRule, rule, path, "rule"),
        *drawing.controls(params_class(rule.get("kind")), rule.get("params"), f"{path}.params", "params"),
    ]


def _links(title: str, url: str, controls: list[Control], problems: list[Problem]) -> list[dict[str, str]]:
    paths = tuple(control.path for control in controls)
    shown = [{"href": f"{url}#{place}", "text": f"{title}：{words}"} for place, words in told(controls)]
    rest = [p for p in problems if not p.path.startswith(paths)]
    return [*shown, *({"href": url, "text": f"{title}：{p.reason}"} for p in rest)]
