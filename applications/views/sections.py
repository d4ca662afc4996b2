"""Reading and writing one section of a case, by hand and by autosave."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from applications import permissions, selectors
from applications.enums import Section
from applications.forms.editors import SPECS, Editor, payload_of
from applications.models import Case, SectionDraft, SectionState
from applications.selectors.asked import following
from applications.services import sections as service
from applications.views import documents, extras, keeping
from applications.views.cases import user_of
from applications.views.frame import case_frame, next_section, section_url, sections_nav
from core import clock
from core.rocdate import TAIPEI, roc_datetime
from core.text import storable

PRESENCE = timedelta(minutes=10)


def version_of(request: HttpRequest) -> int:
    """The version that the page was opened with; 0 for nonsense, which conflicts rather than overwrites."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def draft_of(request: HttpRequest) -> int:
    """The draft that the page began with, or that it names; 0 for none."""
    text = request.POST.get("draft", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def tab_of(request: HttpRequest) -> str:
    """The open page that sends this: the header of autosave, or the form's own field. "" when it names none."""
    return storable(request.headers.get("X-Autosave-Tab") or request.POST.get("tab", ""))[:40]


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: uuid.UUID, section: str) -> HttpResponse:
    """One section. POST saves; with the header X-Autosave it answers in JSON (docs/design-system.md)."""
    if section not in Section.values:
        raise Http404
    if not request.user.is_authenticated:
        return (
            keeping.keep_for_login(request) if request.method == "POST" else redirect_to_login(request.path)
        )
    case = selectors.get_case(request.user, pk)
    if section not in case.sections:
        raise Http404("這個徵案的申請書沒有這一節。")
    if section == Section.DOCUMENTS:
        return documents.section(request, case)
    if request.method == "POST":
        return _save(request, case, section)
    return _show(request, case, section)


# Reading -----------------------------------------------------------------------------------------------


def _show(request: HttpRequest, case: Case, section: str) -> HttpResponse:
    user, now = user_of(request), clock.now()
    if permissions.section_refusal(user, case, section, now):
        return render(request, "applications/sections/readonly.html", page(request, case, section, now))
    kept = keeping.kept_for(request)
    if kept is not None:
        editor = Editor(case, section, data=kept["payload"])
        editor.is_valid()
        context = page(request, case, section, now, editor=editor)
        context |= {
            "kept_at": kept["at"],
            "kept_words": f"這是您在 {roc_datetime(kept['at'])} 輸入的內容，還沒有存入申請書。請確認後按「儲存」。",
            "form_version": kept["version"] or context["version"],
        }
        return render(request, "applications/sections/section.html", context)
    draft = _draft(request, case, section)
    if draft is None:
        return render(request, "applications/sections/section.html", page(request, case, section, now))
    state = selectors.section_states(case).get(section)
    if state is not None and state.version != draft.base_version and draft.user_id == user.pk:
        return redirect(conflict_url(case, section, draft))
    editor = Editor(case, section, data=draft.payload)
    editor.is_valid()
    return render(
        request,
        "applications/sections/section.html",
        page(request, case, section, now, editor=editor, draft=draft),
    )


def _draft(request: HttpRequest, case: Case, section: str) -> SectionDraft | None:
    """The unsaved input that the address names (``?draft=``, anybody's), else the latest of one's own."""
    here = [d for d in selectors.open_drafts(case) if d.section == section]
    wanted = request.GET.get("draft", "")
    named = [d for d in here if str(d.pk) == wanted]
    own = [d for d in here if d.user_id == request.user.pk]
    return next(iter([*named, *reversed(own)]), None)


def conflict_url(case: Case, section: str, draft: SectionDraft) -> str:
    """Where this draft is compared with what is saved."""
    return f"{reverse('cases:conflict', args=[case.pk, section])}?draft={draft.pk}"


def page(
    request: HttpRequest,
    case: Case,
    section: str,
    now: datetime,
    *,
    editor: Editor | None = None,
    draft: SectionDraft | None = None,
) -> dict[str, Any]:
    """Template context of a section, for reading and for writing."""
    user = user_of(request)
    facts = selectors.facts(case)
    found = selectors.findings(case, now, facts=facts)
    context = case_frame(request, case, now, found=found, current=section)
    state = selectors.section_states(case).get(section)
    editor = editor or Editor(case, section)
    mine = selectors.by_section(found).get(section, [])
    arranged = editor.arrange([f for f in mine if f.rule])
    others = [d for d in selectors.open_drafts(case) if d.section == section and d != draft]
    context |= {
        "section": section,
        "section_label": case.section_label(section),
        "editor": editor,
        "groups": arranged.groups,
        "tables": arranged.tables,
        "general": arranged.general,
        "state": state,
        "version": state.version if state else 0,
        "form_version": draft.base_version if draft else (state.version if state else 0),
        "base": editor.data.get("base", "") if editor.data is not None else extras.fingerprints(editor),
        "saved_words": f"{roc_datetime(state.saved_at)}" if state else "",
        "presence": presence(state, user, now),
        "draft": draft,
        "tab": tab_of(request) or secrets.token_urlsafe(12),
        "other_drafts": others,
        "has_errors": editor.data is not None and not editor.is_valid(),
        "form_errors": editor.data is not None and not editor.is_valid(),
        "asked": [
            item
            for item in permissions.open_items(case)
            if item.where.replace("[", ".").split(".")[0] == section
        ],
        "following": following(case, section),
        "refusal": permissions.section_refusal(user, case, section, now),
        "is_wide": bool(SPECS[section].row) if section in SPECS else False,
    }
    if context["has_errors"]:
        context["error_forms"] = [form for form in editor.forms if form.errors]
    if context["refusal"]:
        context["answers"] = extras.answers(Editor(case, section))
    saved = request.GET.get("saved", "")
    if saved in Section.values:
        # The words are in the application now: the browser may forget its copy of them.
        context["forget_path"] = section_url(case, saved)
    views = {view.bound.name: view for view in arranged.fields}
    return context | extras.of(section, case=case, facts=facts, editor=editor, views=views, now=now)


def presence(state: SectionState | None, user: Any, now: datetime) -> str:
    """陳小姐 2 分鐘前也在編輯這一節, when somebody else saved lately."""
    if state is None or state.saved_by_id in (None, user.pk) or now - state.saved_at > PRESENCE:
        return ""
    minutes = int((now - state.saved_at).total_seconds() // 60)
    when = f"{minutes} 分鐘前" if minutes else "剛剛"
    return f"{state.saved_by}{when}也在編輯這一節。兩個人的內容都會保留，存檔時若有不同，會請您並排確認。"


# Writing -----------------------------------------------------------------------------------------------


def _save(request: HttpRequest, case: Case, section: str) -> HttpResponse:
    user, now = user_of(request), clock.now()
    quiet = bool(request.headers.get("X-Autosave"))
    if reason := permissions.section_refusal(user, case, section, now):
        return _moved_on(request, case, section, now, reason, quiet)
    editor = Editor(case, section, data=request.POST)
    base, tab, opened = version_of(request), tab_of(request), draft_of(request)

    def keep() -> SectionDraft:
        draft = service.keep_draft(
            case=case,
            section=section,
            payload=editor.payload(),
            base_version=base,
            actor=user,
            now=now,
            tab=tab,
            opened=opened,
        )
        keeping.forget(request)
        return draft

    if not editor.is_valid():
        try:
            draft = keep()
        except service.TooManyDrafts as full:
            return _not_kept(request, case, section, now, str(full), quiet)
        if quiet:
            return _answer(request, case.pk, section, now, status="kept", version=base)
        fresh = selectors.get_case(user, case.pk)
        context = page(
            request, fresh, section, now, editor=Editor(fresh, section, data=request.POST), draft=draft
        )
        return render(request, "applications/sections/section.html", context, status=422)
    try:
        state = service.save_section(
            case=case,
            section=section,
            cleaned=editor.cleaned,
            base_version=base,
            actor=user,
            now=now,
            tab=tab,
            opened=opened,
        )
    except service.SectionConflict as conflict:
        try:
            draft = keep()
        except service.TooManyDrafts as full:
            return _not_kept(request, case, section, now, str(full), quiet)
        return _conflict(request, case, section, conflict.state, draft, quiet)
    keeping.forget(request)
    if quiet:
        return _answer(request, case.pk, section, now, status="saved", version=state.version)
    messages.success(request, f"「{case.section_label(section)}」已儲存。")
    if request.POST.get("action") == "next":
        target = next_section(case, section, permissions.editable_sections(user, case, now))
    else:
        target = section_url(case, section)
    return HttpResponseRedirect(f"{target}?saved={section}")


def _not_kept(
    request: HttpRequest, case: Case, section: str, now: datetime, reason: str, quiet: bool
) -> HttpResponse:
    """There is no room for another draft: the words stay in the page (and in the browser), and it says so."""
    drafts = f"{section_url(case, section)}?draft={selectors.open_drafts(case)[-1].pk}"
    if quiet:
        box = _part("_not_kept", {"reason": reason, "drafts_url": drafts, "version": version_of(request)})
        return JsonResponse({"status": "conflict", "fragments": {"#conflict": box}}, status=409)
    context = page(request, case, section, now, editor=Editor(case, section, data=request.POST))
    context |= {"not_kept": reason, "form_version": version_of(request)}
    return render(request, "applications/sections/section.html", context, status=422)


def _moved_on(
    request: HttpRequest, case: Case, section: str, now: datetime, reason: str, quiet: bool
) -> HttpResponse:
    """The state or the person does not allow it (any more): say so, and give every typed word back."""
    if quiet:
        # Stops the page from trying again; its own button then leads to the page below.
        box = _part("_refused", {"reason": reason})
        return JsonResponse({"status": "conflict", "fragments": {"#conflict": box}}, status=409)
    if permissions.write_refusal(request.user, case):
        raise PermissionDenied(reason)
    context = page(request, case, section, now)
    sent = payload_of(request.POST)
    context["typed"] = [v for name, v in sent.items() if len(v.strip()) > 1 and "_FORMS" not in name]
    context["moved_on"] = reason
    return render(request, "applications/sections/readonly.html", context, status=409)


def _conflict(
    request: HttpRequest, case: Case, section: str, state: SectionState, draft: SectionDraft, quiet: bool
) -> HttpResponse:
    if not quiet:
        return redirect(conflict_url(case, section, draft))
    box = _part("_conflict", {"state": state, "user": request.user})
    answer = {"status": "conflict", "version": state.version, "fragments": {"#conflict": box}}
    return JsonResponse(answer, status=409)


def _answer(
    request: HttpRequest,
    pk: uuid.UUID,
    section: str,
    now: datetime,
    *,
    status: str,
    version: int,
) -> JsonResponse:
    """What autosave shows: the time, and everything that the rulebook says about the new content."""
    user = user_of(request)
    case = selectors.get_case(user, pk)
    found = selectors.findings(case, now)
    # The rows of the page stay where they are; only what is said about them changes.
    shown = Editor(case, section, data=request.POST)
    shown.is_valid()
    mine = [f for f in selectors.by_section(found).get(section, []) if f.rule]
    arranged = shown.arrange(mine)
    base = {"rule_base": selectors.rule_base(case), "terms": case.terms.terms, "case": case}
    nav = sections_nav(case, found, section)
    fragments = {
        "#section-nav": _part("_nav", {**base, "sections": nav}),
        "#section-findings": _part("_general", {**base, "general": arranged.general}),
        "#presence": _part("_presence", {}),
        "#following": _part("_following", {**base, "following": following(case, section)}),
    }
    for view in arranged.fields:
        fragments[f"#{view.bound.auto_id}-notes"] = _part("_notes", {**base, "view": view})
    for table in arranged.tables:
        key = table.prefix
        fragments[f"#{key}-table-notes"] = _part("_table_notes", {**base, "table": table})
        for row in table.rows:
            name = f"#{key}-{row.number - 1}-notes"
            fragments[name] = _part("_row_notes", {**base, "row": row, "table": table})
    return JsonResponse(
        {
            "status": status,
            "version": version,
            "saved_at": f"{now.astimezone(TAIPEI):%H:%M}",
            "fragments": fragments,
        },
        status=200 if status == "saved" else 422,
    )


def _part(name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"applications/sections/{name}.html", context)


# Drafts and conflicts ----------------------------------------------------------------------------------


@require_POST
def discard(request: HttpRequest, pk: uuid.UUID, section: str) -> HttpResponse:
    """Throw away the unsaved input that the form names, one's own or a colleague's."""
    case = selectors.get_case(request.user, pk, content=False)
    service.discard_draft(
        case=case, section=section, draft_id=draft_of(request), actor=user_of(request), now=clock.now()
    )
    keeping.forget(request, section_url(case, section))
    messages.success(request, "已捨棄未儲存的輸入，頁面顯示的是申請書裡的內容。")
    return redirect(f"{section_url(case, section)}?saved={section}")


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest, pk: uuid.UUID, section: str) -> HttpResponse:
    """Two versions of a section side by side; the reader picks place by place, and the result is saved."""
    if section not in SPECS:
        raise Http404
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    if reason := permissions.section_refusal(user, case, section, now):
        raise PermissionDenied(reason)
    own = SectionDraft.objects.filter(case=case, section=section, user=user).order_by("-saved_at", "-pk")
    wanted = request.GET.get("draft", "")
    draft = next((d for d in own if str(d.pk) == wanted), next(iter(own), None))
    if draft is None:
        return redirect("cases:section", case.pk, section)
    state = selectors.section_states(case).get(section)
    theirs = Editor(case, section)
    differences = extras.differences(theirs, draft.payload)
    if request.method == "POST" and state is not None:
        merged = extras.merge(theirs, draft.payload, differences, request.POST)
        return _save_merged(request, case, section, merged, draft)
    context = case_frame(request, case, now, current=section)
    context |= {
        "section": section,
        "section_label": case.section_label(section),
        "differences": differences,
        "draft": draft,
        "state": state,
        "saved_at": roc_datetime(state.saved_at) if state else "",
    }
    return render(request, "applications/sections/conflict.html", context, status=200)


def _save_merged(
    request: HttpRequest, case: Case, section: str, merged: dict[str, str], draft: SectionDraft
) -> HttpResponse:
    user, now, base = user_of(request), clock.now(), version_of(request)
    common: dict[str, Any] = {
        "case": case,
        "section": section,
        "actor": user,
        "now": now,
        "tab": draft.tab,
        "opened": draft.pk,
    }
    editor = Editor(case, section, data=merged)
    valid = editor.is_valid()
    if valid:
        try:
            service.save_section(**common, cleaned=editor.cleaned, base_version=base)
        except service.SectionConflict:
            messages.warning(request, "您在比對的時候，這一節又有人存了一次。請再確認一次。")
        else:
            messages.success(request, f"「{case.section_label(section)}」已依您的選擇合併並儲存。")
            return redirect(f"{section_url(case, section)}?saved={section}")
    state = selectors.section_states(case)[section]
    # Merged upon the version that was shown; if that is old by now, the page compares again.
    keep = base if valid else state.version
    kept = service.keep_draft(**common, payload=merged, base_version=keep)
    return redirect(
        conflict_url(case, section, kept) if valid else f"{section_url(case, section)}?draft={kept.pk}"
    )
