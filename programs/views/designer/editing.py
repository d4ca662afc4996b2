"""The pages of a draft on which its terms are written: each part, and each rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from documents.contexts import CONTEXTS
from documents.enums import DocumentKind
from documents.permissions import may_see_list
from programs.forms.designing import Control, Drawing, flat, told
from programs.forms.typed import Typed
from programs.models import DraftPart
from programs.rules.designing.differences import differences
from programs.rules.designing.parts import BY_KEY, Data, fields_of, group_of
from programs.rules.designing.shapes import params_class
from programs.rules.granting import unit_price
from programs.rules.kinds import KINDS
from programs.rules.kinds.registry import GROUPS
from programs.rules.term_parts import LETTERS
from programs.rules.terms import RawRule, Terms
from programs.selectors.drafts import RULE, Draft, drawing_of
from programs.services import drafts as service
from programs.views.designer.frame import (
    EDIT,
    frame,
    get_draft,
    links,
    next_url,
    part_url,
    piece,
    rule_controls,
    saved_words,
    tab_of,
    user_of,
    version_of,
)


class Page:
    """One page of a draft: how it is drawn, what is read from a POST, and where it leads."""

    def __init__(self, draft: Draft, stored: DraftPart, url: str, after: str, part: str) -> None:
        self.draft, self.stored, self.url, self.after, self.part = draft, stored, url, after, part

    def controls(self, draft: Draft) -> list[Control]:
        """The controls with the problems of ``draft`` (the same, or as it would be after a save)."""
        raise NotImplementedError

    def typed(self, request: HttpRequest) -> Data:
        """The data of the part as typed."""
        raise NotImplementedError

    def with_data(self, data: Data) -> Draft:
        """The draft as if ``data`` were saved; nothing is written."""
        shown = Draft(self.draft.row, dict(self.draft.parts), list(self.draft.rules))
        self.put(shown, DraftPart(key=self.stored.key, number=self.stored.number, data=data))
        return shown

    def put(self, draft: Draft, part: DraftPart) -> None:
        """Put another content in the place of the stored one."""
        raise NotImplementedError


class PartPage(Page):
    """A part of the terms other than the rules."""

    def controls(self, draft: Draft) -> list[Control]:
        names = [f.name for f in fields_of(self.part)]
        return Drawing(draft.data, draft.problems).controls(Terms, draft.data, "", "", names)

    def typed(self, request: HttpRequest) -> Data:
        names = [f.name for f in fields_of(self.part)]
        return Typed(request.POST, self.draft.data).data(Terms, self.stored.data, "", names)

    def put(self, draft: Draft, part: DraftPart) -> None:
        draft.parts[self.part] = part


class RulePage(Page):
    """One rule with the parameters of its kind."""

    @property
    def place(self) -> int:
        return self.draft.place_of_rule(self.stored.number)

    def controls(self, draft: Draft) -> list[Control]:
        return rule_controls(draft, self.place, draft.problems_of_rule(self.place))

    def typed(self, request: HttpRequest) -> Data:
        rule = self.stored.data
        typed = Typed(request.POST, self.draft.data)
        params = params_class(rule.get("kind"))
        return {
            **typed.data(RawRule, rule, "rule"),
            "params": typed.data(params, rule.get("params"), "params"),
        }

    def put(self, draft: Draft, part: DraftPart) -> None:
        draft.rules[self.place] = part


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One part. POST saves as typed; with the header X-Autosave it answers in JSON (docs/design-system.md)."""
    draft = get_draft(request, pk)
    if part not in draft.parts:
        raise Http404
    page = PartPage(draft, draft.parts[part], part_url(draft, part), next_url(draft, part), part)
    shows = {"may_see_wording": may_see_list(user_of(request))}
    return _serve(
        request, page, "programs/designer/part.html", lambda page, shown: shows | _extras_of_part(page, shown)
    )


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One rule: its ID, clause and words, and the parameters of its kind."""
    draft = get_draft(request, pk)
    stored = next((r for r in draft.rules if r.number == number), None)
    if stored is None:
        if request.headers.get("X-Autosave"):
            return _stopped("這條規則已被移除；您輸入的內容保留在這台電腦上。")
        messages.warning(request, "這條規則已被移除。")
        return redirect("designer:rules", pk)
    url = reverse("designer:rule", args=[pk, number])
    page = RulePage(draft, stored, url, part_url(draft, "rules"), "rules")
    return _serve(request, page, "programs/designer/rule.html", _extras_of_rule)


Extras = Callable[[Page, Draft], dict[str, Any]]


def _extras_of_part(page: Page, shown: Draft) -> dict[str, Any]:
    extras: dict[str, Any] = {"lead": BY_KEY[page.part].lead}
    if page.part == "letters":
        extras["letter_names"] = [
            (kind, label, cls.named_fields(), cls.named_tables())
            for kind, label in LETTERS.items()
            for cls in [CONTEXTS[DocumentKind(kind)]]
        ]
    if page.part == "money":
        extras["room"], terms = shown.room, shown.terms
        extras["price"] = unit_price(terms) if terms is not None and not terms.in_dollars else 0
    if page.part == "timetable":
        extras["gantt"] = drawing_of(shown.data)
    return extras


def _extras_of_rule(page: Page, shown: Draft) -> dict[str, Any]:
    kind = KINDS.get(str(page.stored.data.get("kind")))
    return {
        "kind": kind,
        "number": page.stored.number,
        "rule": page.stored.data,
        "is_silent": _is_silent(page, shown),
    }


def _is_silent(page: Page, shown: Draft) -> bool:
    """Whether the page is a rule whose numbers changed and whose words did not."""
    return isinstance(page, RulePage) and shown.rules[page.place].data.get("id") in shown.silent


def _serve(request: HttpRequest, page: Page, template: str, extras: Extras) -> HttpResponse:
    if request.method == "POST":
        return _save(request, page, template, extras)
    if page.draft.row.state != "open":
        messages.info(request, "這份草稿已經結束，不能再修改。")
        return redirect("designer:draft", page.draft.row.pk)
    return render(request, template, _context(page, page.draft, page.stored, extras))


def _context(page: Page, shown: Draft, stored: DraftPart, extras: Extras) -> dict[str, Any]:
    return {
        **frame(shown, page.part),
        "controls": page.controls(shown),
        "version": stored.version,
        "saved": saved_words(stored),
        "next_url": page.after,
        "field_problems": _problems_of(page, shown),
        "differences": _changes(page, shown),
        **extras(page, shown),
    }


def _problems_of(page: Page, shown: Draft) -> list[dict[str, str]]:
    """The problems of the page, each linked to its field where one shows it."""
    return [{"href": f"#{place}", "text": words} for place, words in told(page.controls(shown))]


def _changes(page: Page, shown: Draft) -> list[Any]:
    if isinstance(page, RulePage):
        code = str(shown.rules[page.place].data.get("id", ""))
        return [d for d in shown.differences if d.part == "rules" and d.place.split(" › ")[0] == code]
    return [d for d in shown.differences if d.part == page.part]


# Saving ------------------------------------------------------------------------------------------------


def _save(request: HttpRequest, page: Page, template: str, extras: Extras) -> HttpResponse:
    now, quiet = clock.now(), bool(request.headers.get("X-Autosave"))
    data = page.typed(request)
    try:
        saved = service.save_part(
            draft=page.draft.row,
            key=page.stored.key,
            number=page.stored.number,
            data=data,
            base_version=version_of(request),
            actor=user_of(request),
            now=now,
            tab=tab_of(request),
        )
    except (TransitionRefused, DraftPart.DoesNotExist) as refused:
        reason = str(refused) if isinstance(refused, TransitionRefused) else "這條規則剛被移除。"
        if quiet:
            return _stopped(reason)
        context = _context(page, page.with_data(data), page.stored, extras)
        return render(request, template, {**context, "stopped": reason}, status=409)
    except service.DraftConflict as conflict:
        return _conflict(request, page, data, conflict.part, template, extras, quiet)
    if quiet:
        return _answer(request, page, now, saved.version)
    messages.success(request, "已儲存。")
    return redirect(page.after if request.POST.get("action") == "next" else page.url)


def _stopped(reason: str) -> JsonResponse:
    box = piece("stopped", reason=reason)
    return JsonResponse({"status": "conflict", "fragments": {"#conflict": box}}, status=409)


def _conflict(
    request: HttpRequest,
    page: Page,
    data: Data,
    theirs: DraftPart,
    template: str,
    extras: Extras,
    quiet: bool,
) -> HttpResponse:
    """Both contents are shown where they differ; what was typed stays in the form until its author decides."""
    mine, stored = page.with_data(data), page.with_data(theirs.data)
    context = {
        "theirs": theirs,
        "who": theirs.saved_by,
        "changes": differences(stored.data, mine.data),
        "quiet": quiet,
    }
    if quiet:
        answer = {
            "status": "conflict",
            "version": theirs.version,
            "fragments": {"#conflict": piece("conflict", **context)},
        }
        return JsonResponse(answer, status=409)
    return render(
        request, template, {**_context(page, mine, theirs, extras), "conflict": context}, status=409
    )


def _answer(request: HttpRequest, page: Page, now: datetime, version: int) -> JsonResponse:
    """What autosave shows: the time, and everything that is wrong with what was typed, at its place."""
    fresh = get_draft(request, page.draft.row.pk)
    controls = page.controls(fresh)
    fragments = {
        "#section-nav": piece("nav", **frame(fresh, page.part)),
        "#conflict": '<div id="conflict"></div>',
        "#timetable-drawing": piece("timetable", gantt=drawing_of(fresh.data)),
        "#changes": piece(
            "changes", differences=_changes(page, fresh), draft=fresh, is_silent=_is_silent(page, fresh)
        ),
    }
    wrong = False
    for control in flat(controls):
        fragments[f"#{control.id}-notes"] = piece("notes", control=control)
        wrong = wrong or bool(control.problems)
        for row in control.rows:
            fragments[f"#{row.name}-notes"] = piece("row_notes", line=row)
            wrong = wrong or bool(row.problems)
    return JsonResponse(
        {
            "status": "kept" if wrong else "saved",
            "version": version,
            "saved_at": f"{now.astimezone(TAIPEI):%H:%M}",
            "fragments": fragments,
        },
        status=422 if wrong else 200,
    )


# Rules -------------------------------------------------------------------------------------------------


@require_safe
@needs(EDIT)
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules by subject, each with its clause, its kind in words and its problems."""
    draft = get_draft(request, pk)
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, stored in enumerate(draft.rules):
        data = stored.data
        kind = KINDS.get(str(data.get("kind")))
        groups.setdefault(group_of(data), []).append(
            {
                "number": stored.number,
                "data": data,
                "kind": kind.title if kind else "",
                "problems": draft.problems_of_rule(place),
            }
        )
    context = {
        **frame(draft, "rules"),
        "groups": [
            {"title": GROUPS.get(key, f"其他（{key}）"), "rules": found} for key, found in groups.items()
        ],
        "next_url": next_url(draft, "rules"),
        "field_problems": links(draft, draft.problems_of("rules")),
        "is_open": draft.row.state == "open",
    }
    return render(request, "programs/designer/rules.html", context)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def rule_add(request: HttpRequest, pk: int) -> HttpResponse:
    """The kinds of rules in plain words, by subject; choosing one adds a rule and opens it."""
    draft = get_draft(request, pk)
    if request.method == "POST":
        try:
            added = service.add_rule(
                draft=draft.row, kind=request.POST.get("kind", ""), actor=user_of(request), now=clock.now()
            )
        except (ValidationError, TransitionRefused) as refused:
            messages.error(
                request, refused.messages[0] if isinstance(refused, ValidationError) else str(refused)
            )
            return redirect("designer:rule_add", pk)
        messages.success(request, "已加入一條規則，請填寫條次與參數。")
        return redirect("designer:rule", pk, added.number)
    catalogue = [
        {"title": title, "kinds": [k for k in KINDS.values() if k.group == letter]}
        for letter, title in GROUPS.items()
    ]
    context = {**frame(draft, "rules"), "catalogue": [group for group in catalogue if group["kinds"]]}
    return render(request, "programs/designer/rule_add.html", context)


@needs(EDIT)
@require_POST
def rule_remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take a rule out of the draft."""
    return _arranged(request, pk, number, service.remove_rule, "已移除這條規則。")


@needs(EDIT)
@require_POST
def rule_up(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Move a rule one place up within its subject."""
    return _arranged(request, pk, number, service.move_rule, "")


def _arranged(
    request: HttpRequest, pk: int, number: int, act: Callable[..., None], words: str
) -> HttpResponse:
    draft = get_draft(request, pk)
    try:
        act(draft=draft.row, number=number, now=clock.now())
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        if words:
            messages.success(request, words)
    return redirect("designer:rules", pk)


__all__ = ["RULE", "part", "rule", "rule_add", "rule_remove", "rule_up", "rules"]
