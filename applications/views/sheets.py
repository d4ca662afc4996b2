"""The trainees as a spreadsheet: the template, the preview of a filled one, the import."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import permissions, selectors
from applications.enums import Section
from applications.forms.editors import MAX_TRAINEES, Editor
from applications.forms.sections import TraineeForm
from applications.models import Case
from applications.services import sections, sheets
from applications.views.cases import user_of
from applications.views.frame import case_frame, section_url
from applications.views.sections import version_of
from core import clock
from core.sheets import SheetRefused
from core.uploads import CONTENT_TYPES

_SALT = "applications.trainees"
_PREVIEW_SECONDS = 4 * 3600


@require_safe
def template(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """The template with the rows that are saved now, as XLSX or ODS."""
    if kind not in ("xlsx", "ods"):
        raise Http404
    case = selectors.get_case(request.user, pk, content=False)
    if not (permissions.is_member(request.user, case) or permissions.types_paper(request.user, case)):
        raise PermissionDenied("名單只提供給申請單位的成員與登打紙本的人員下載。")
    content = sheets.trainee_template(case=case, kind=kind)
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="trainees.{kind}"; '
            f"filename*=UTF-8''%E5%9F%B9%E8%82%B2%E5%B0%8D%E8%B1%A1.{kind}"
        },
    )


def _validator(case: Case) -> Any:
    def validate(values: dict[str, str]) -> dict[str, list[str]]:
        form = TraineeForm(values, terms=case.terms.terms)
        return {name: [str(e) for e in errors] for name, errors in form.errors.items()}

    return validate


@require_POST
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Read a filled sheet and show what it would replace, or every error by row and column. Saves nothing."""
    case = selectors.get_case(request.user, pk)
    if reason := permissions.section_refusal(request.user, case, Section.TRAINEES, clock.now()):
        raise PermissionDenied(reason)
    upload = request.FILES.get("sheet")
    context = case_frame(request, case, clock.now(), current=Section.TRAINEES)
    context |= {"section": Section.TRAINEES.value, "section_label": Section.TRAINEES.label}
    if upload is None:
        problems = ["請先選擇填好的 XLSX 或 ODS 試算表再上傳。"]
        return _refused(request, context, problems, "")
    try:
        rows = sheets.read_trainees(case=case, upload=upload, validate=_validator(case), most=MAX_TRAINEES)
    except SheetRefused as refused:
        problems = [str(problem) for problem in refused.problems]
        if refused.left_out:
            problems.append(f"另外還有 {refused.left_out} 處。")
        return _refused(request, context, problems, str(upload.name))
    context |= _comparison(case, rows)
    context |= {
        "rows": rows,
        "token": signing.dumps(rows, salt=_SALT, compress=True),
        "file_name": upload.name,
    }
    state = selectors.section_states(case).get(Section.TRAINEES)
    context["version"] = state.version if state else 0
    return render(request, "applications/sections/import_preview.html", context)


def _refused(request: HttpRequest, context: dict[str, Any], problems: list[str], name: str) -> HttpResponse:
    context |= {"problems": problems, "file_name": name, "form_errors": True}
    return render(request, "applications/sections/import_refused.html", context, status=422)


def _comparison(case: Case, rows: list[dict[str, str]]) -> dict[str, Any]:
    """The new rows with what happens to each, matched by name in their order, and the rows that go."""
    terms = case.terms.terms
    old: dict[str, list[Any]] = {}
    for trainee in case.trainees.all():
        old.setdefault(trainee.name, []).append(trainee)
    lines = []
    for values in rows:
        form = TraineeForm(values, terms=terms)
        form.is_valid()
        match = old.get(form.cleaned_data["name"], [])
        before = match.pop(0) if match else None
        changed = [
            str(form.fields[name].label)
            for name in sheets.COLUMNS
            if before is not None and (getattr(before, name) or None) != (form.cleaned_data[name] or None)
        ]
        word = "新增" if before is None else "變更" if changed else "不變"
        tone = {"新增": "done", "變更": "mine", "不變": "neutral"}[word]
        shown = [_label(form, name) for name in sheets.COLUMNS]
        lines.append({"word": word, "tone": tone, "changed": "、".join(changed), "cells": shown})
    gone = [trainee for rest in old.values() for trainee in rest]
    return {
        "lines": lines,
        "gone": gone,
        "header": list(sheets.COLUMNS.values()),
        "before_count": case.trainees.count(),
        "new_count": sum(1 for line in lines if line["word"] == "新增"),
        "changed_count": sum(1 for line in lines if line["word"] == "變更"),
    }


def _label(form: Any, name: str) -> Any:
    value = form.cleaned_data[name]
    if isinstance(value, bool):
        return "是" if value else "否"
    for key, label in getattr(form.fields[name], "choices", ()):
        for one, words in label if isinstance(label, (list, tuple)) else [(key, label)]:
            if value and one == value:
                return words
    return value


@require_POST
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Replace the list by the sheet that was previewed; a list that changed meanwhile is compared first."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    try:
        rows = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_PREVIEW_SECONDS)
    except signing.BadSignature:
        messages.error(request, "這次匯入的預覽已經失效，請重新上傳試算表。")
        return redirect("cases:section", case.pk, Section.TRAINEES)
    payload = _payload(case, rows)
    editor = Editor(case, Section.TRAINEES, data=payload)
    base = version_of(request)
    kept: dict[str, Any] = {
        "case": case,
        "section": Section.TRAINEES,
        "payload": payload,
        "actor": user,
        "now": now,
        "tab": "import",
    }
    if not editor.is_valid():  # the terms can't change, so only a hand-made request comes here
        sections.keep_draft(**kept, base_version=base)
        return redirect("cases:section", case.pk, Section.TRAINEES)
    try:
        sections.save_section(
            case=case,
            section=Section.TRAINEES,
            cleaned=editor.cleaned,
            base_version=base,
            actor=user,
            now=now,
        )
    except sections.SectionConflict:
        sections.keep_draft(**kept, base_version=base)
        return redirect("cases:conflict", case.pk, Section.TRAINEES)
    messages.success(request, f"已匯入 {len(rows)} 位受訓者，取代原來的名單。")
    return redirect(f"{section_url(case, Section.TRAINEES)}?saved={Section.TRAINEES.value}")


def _payload(case: Case, rows: list[dict[str, str]]) -> dict[str, str]:
    """The sheet as the section's form would send it; rows of the same name keep their identity."""
    old: dict[str, list[int]] = {}
    for trainee in case.trainees.all():
        old.setdefault(trainee.name, []).append(trainee.pk)
    prefix = Section.TRAINEES.value
    payload = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, values in enumerate(rows):
        known = old.get(values.get("name", "").strip(), [])
        payload[f"{prefix}-{number}-id"] = str(known.pop(0)) if known else ""
        payload |= {f"{prefix}-{number}-{name}": str(values.get(name, "")) for name in sheets.COLUMNS}
    return payload
