"""Looking at a draft before anybody else does: previews for each audience, trials on an earlier call's cases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.text import storable
from programs import previews, tryouts
from programs.models import Call, TryOut
from programs.rules.terms import TermsError, parse_terms
from programs.views.designer.frame import EDIT, frame, get_draft, links, user_of


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A page as its audience will see it, rendered from the draft and marked as a preview; nothing is written."""
    draft = get_draft(request, pk)
    chosen = previews.find(key)
    if chosen is None:
        raise Http404
    if request.method == "POST":  # a button of the page, pressed without JavaScript
        messages.info(request, "這是預覽，沒有儲存任何內容。")
        return redirect(request.get_full_path())
    try:
        terms = parse_terms(draft.data)
    except TermsError:
        context = {**frame(draft), "problems": links(draft, draft.problems), "preview": chosen}
        return render(request, "programs/designer/no_preview.html", context, status=409)
    pages = chosen.pages(terms)
    page = request.GET.get("page", pages[0][0] if pages else "")
    if pages and page not in dict(pages):
        raise Http404
    mark: dict[str, Any] = {
        "preview": chosen,
        "preview_pages": [(k, label, k == page) for k, label in pages],
        "preview_back": reverse("designer:draft", args=[pk]),
    }
    call = previews.unsaved_call(draft.data, terms, draft.row.slug)
    return chosen.render(request, call, page, mark)


@needs(EDIT)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a trial on the cases of the chosen call."""
    draft = get_draft(request, pk)
    slug = storable(request.POST.get("call", ""))
    call = Call.objects.visible_to(user_of(request)).filter(slug=slug).first()
    try:
        if call is None:
            raise ValidationError("請選擇一個徵案。")
        made = tryouts.ask(
            draft=draft.row, data=draft.data, call=call, actor=user_of(request), now=clock.now()
        )
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("designer:draft", pk)
    return redirect("designer:trial", pk, made.pk)


def _trial(request: HttpRequest, pk: int, trial: int) -> tuple[Any, TryOut]:
    draft = get_draft(request, pk)
    return draft, get_object_or_404(draft.row.tryouts.select_related("call", "asked_by"), pk=trial)


def _bar(draft_pk: int, trial: TryOut) -> dict[str, Any]:
    return {
        "id": "trial",
        "label": f"試算「{trial.call.name}」的案件",
        "done": trial.done,
        "total": trial.total,
        "finished": trial.finished_at is not None,
        "poll_url": reverse("designer:trial_progress", args=[draft_pk, trial.pk]),
        "refresh_url": reverse("designer:trial", args=[draft_pk, trial.pk]),
        "done_url": reverse("designer:trial", args=[draft_pk, trial.pk]),
        "done_label": "看試算結果",
    }


@require_safe
@needs(EDIT)
def trial(request: HttpRequest, pk: int, trial: int) -> HttpResponse:
    """The result of a trial, rule by rule; while it runs, how far it is."""
    draft, row = _trial(request, pk, trial)
    result = row.result or {}
    rules = sorted(result.get("rules", ()), key=lambda r: (-r["then"], r["rule"]))
    context = {
        **frame(draft),
        "trial": row,
        "bar": _bar(pk, row),
        "result": result,
        "broken": [r for r in rules if r["then"]],
        "mended": [r for r in rules if not r["then"]],
        "may_see_cases": user_of(request).has_permission("case.view_all"),
        "is_old": row.data != draft.data,
    }
    return render(request, "programs/designer/trial.html", context)


@require_safe
@needs(EDIT)
def progress(request: HttpRequest, pk: int, trial: int) -> HttpResponse:
    """The progress bar, for htmx."""
    _, row = _trial(request, pk, trial)
    return render(request, "components/progress.html", _bar(pk, row))
