"""Drafts as wholes: the list, beginning one, its home, comparing, publishing, giving up; and the end of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.workflow import TransitionRefused
from programs import previews, tryouts
from programs.enums import CallState
from programs.forms.drafts import BudgetForm, NewDraftForm, NoteForm, ReasonForm
from programs.models import Call, CallDraft
from programs.selectors import drafts as read
from programs.services import drafts as service
from programs.services import publishing
from programs.views.designer.frame import EDIT, frame, get_draft, links, user_of

MOST_NOTE = 480


@require_safe
@needs(EDIT)
def draft_list(request: HttpRequest) -> HttpResponse:
    """Open drafts, and every call with what can be done with it."""
    shown = "archived" if request.GET.get("view") == "archived" else "current"
    calls = Call.objects.visible_to(user_of(request)).select_related("current_terms")
    archived = calls.filter(state=CallState.ARCHIVED)
    context = {
        "drafts": CallDraft.objects.visible_to(user_of(request))
        .open()
        .select_related("call", "created_by")
        .prefetch_related("parts"),
        "calls": archived if shown == "archived" else calls.exclude(state=CallState.ARCHIVED),
        "views": [
            {"label": "目前的徵案", "url": "?", "active": shown == "current", "count": None},
            {
                "label": "已封存",
                "url": "?view=archived",
                "active": shown == "archived",
                "count": archived.count(),
            },
        ],
        "shown": shown,
    }
    return render(request, "programs/designer/list.html", context)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_new(request: HttpRequest) -> HttpResponse:
    """Begin a new call from an earlier one or from a scheme."""
    form = NewDraftForm(
        request.POST or None, user=user_of(request), initial={"source": request.GET.get("source", "")}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            draft = service.start_draft(
                source=form.source_of(),
                name=data["name"],
                roc_year=data["roc_year"],
                opens_on=data["opens_on"],
                actor=user_of(request),
                now=clock.now(),
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "已複製一份草稿。請逐頁確認；每一頁會自動儲存。")
            return redirect("designer:draft", draft.pk)
    return render(
        request,
        "programs/designer/new.html",
        {"form": form},
        status=422 if form.is_bound and form.errors else 200,
    )


@require_safe
@needs(EDIT)
def draft_home(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's parts and how far each is; what was changed; previews, trials, publishing."""
    draft = get_draft(request, pk)
    context = {
        **frame(draft),
        "is_open": draft.row.state == "open",
        "changes": len(draft.differences),
        "previews": previews.all_of(),
        "tryouts": list(draft.row.tryouts.select_related("call").defer("data")[:5]),
        "trial_calls": tryouts.calls(user_of(request)),
        "ended": draft.row.transitions.last(),
    }
    return render(request, "programs/designer/draft.html", context)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the envelope comes from."""
    draft = get_draft(request, pk)
    initial = {"budget_part": draft.row.budget_part, "budget_year": draft.row.budget_year}
    form = BudgetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            service.choose_budget(
                draft=draft.row,
                part=form.cleaned_data["budget_part"],
                year=form.cleaned_data["budget_year"],
                now=clock.now(),
            )
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return redirect("designer:draft", pk)
        messages.success(request, "已記下經費來源；公告時才會從預算匡列。")
        return redirect("designer:part", pk, "money")
    context = {**frame(draft, "money"), "form": form}
    return render(request, "programs/designer/budget.html", context, status=422 if form.errors else 200)


@require_safe
@needs(EDIT)
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Every change against what the draft was copied from, part by part."""
    draft = get_draft(request, pk)
    return render(request, "programs/designer/compare.html", {**frame(draft), "groups": _by_part(draft)})


def _by_part(draft: read.Draft) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for change in draft.differences:
        groups.setdefault(change.part_title, []).append(change)
    return list(groups.items())


def note_of(draft: read.Draft) -> str:
    """The draft of the public note: the changes, one a line, cut where it gets long."""
    lines: list[str] = []
    for change in draft.differences:
        text = change.text if len(change.text) <= 120 else f"{change.place}有修改"
        if sum(len(line) + 1 for line in lines) + len(text) > MOST_NOTE:
            lines.append("其餘修改見條文。")
            break
        lines.append(text)
    return "\n".join(lines)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything once more: what is still wrong, what was changed, what happens; then publish."""
    draft = get_draft(request, pk)
    form = NoteForm(request.POST or None, initial={"change_note": note_of(draft)})
    form.fields["change_note"].required = draft.row.is_revision
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                version = publishing.publish_draft(
                    draft=draft.row,
                    seen=request.POST.get("seen", ""),
                    change_note=form.cleaned_data["change_note"] if draft.row.is_revision else "",
                    actor=user_of(request),
                    now=clock.now(),
                )
            except publishing.DraftMoved:
                form.add_error(None, "您打開這一頁之後，內容又有人修改。下面是最新的內容，請確認後再公告。")
                status = 409
            except publishing.DraftRefused as refused:
                for problem in links(draft, refused.problems)[:20]:
                    form.add_error(None, problem["text"])
            except TransitionRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(
                    request, f"已公告「{version.call.name}」第 {version.version} 版，條件從現在起凍結。"
                )
                return redirect("designer:draft", pk)
        draft = get_draft(request, pk)
    context = {
        **frame(draft, "publish"),
        "form": form,
        "groups": _by_part(draft),
        "problems": links(draft, draft.problems),
        "seen": publishing.stamp(draft),
        "silent": [rule for rule in draft.rules if rule.data.get("id") in draft.silent],
        "is_open": draft.row.state == "open",
    }
    return render(request, "programs/designer/publish.html", context, status=status)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the draft up, after asking."""
    draft = get_draft(request, pk)
    if request.method == "POST":
        try:
            service.discard_draft(draft=draft.row, actor=user_of(request), now=clock.now())
        except TransitionRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "已捨棄這份草稿。")
        return redirect("designer:list")
    context = {
        "title": "捨棄這份草稿？",
        "intro": draft.row.name,
        "consequences": ["草稿不會公告，也不能再修改。", "已公告的徵案與案件不受影響。"],
        "submit_label": "捨棄草稿",
        "danger": True,
        "cancel_url": reverse("designer:draft", args=[pk]),
    }
    return render(request, "components/confirm.html", context)


# Calls that are public -----------------------------------------------------------------------------------


def _call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(Call.objects.visible_to(user_of(request)), slug=slug)


@needs(EDIT)
@require_POST
def revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the working copy of a public call's terms."""
    try:
        draft = service.revise_call(call=_call(request, slug), actor=user_of(request), now=clock.now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("designer:list")
    return redirect("designer:draft", draft.pk)


_ENDS: dict[str, tuple[str, list[str], str, Callable[..., Call], bool]] = {
    "close": (
        "結案這個徵案？",
        ["條件不能再改版，受理時間也不能再延長。", "核定案件的執行、撥款與追蹤照常進行。"],
        "結案",
        publishing.close_call,
        False,
    ),
    "reopen": ("恢復為公告中？", ["恢復後可以再改版。"], "恢復", publishing.reopen_call, True),
    "archive": (
        "封存這個徵案？",
        ["不再列在徵案公告；知道網址的人仍看得到，案件與紀錄都保留。"],
        "封存",
        publishing.archive_call,
        False,
    ),
    "unarchive": ("取消封存？", ["會再列在徵案公告。"], "取消封存", publishing.unarchive_call, False),
}


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Close, reopen, archive or list again a call, after asking."""
    call = _call(request, slug)
    title, consequences, label, act, with_reason = _ENDS[action]
    form = ReasonForm(request.POST or None) if with_reason else None
    if request.method == "POST" and (form is None or form.is_valid()):
        more = {"reason": form.cleaned_data["reason"]} if form else {}
        try:
            act(call=call, actor=user_of(request), now=clock.now(), **more)
        except (ValidationError, TransitionRefused) as refused:
            messages.error(
                request, refused.messages[0] if isinstance(refused, ValidationError) else str(refused)
            )
        else:
            messages.success(request, f"「{call.name}」已{label}。")
        return redirect("designer:list")
    context = {
        "title": title,
        "intro": call.name,
        "consequences": consequences,
        "submit_label": label,
        "form": form,
        "cancel_url": reverse("designer:list"),
    }
    return render(request, "components/confirm.html", context, status=422 if form and form.errors else 200)
