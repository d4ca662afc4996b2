"""The documents of a case: the section, uploads, and files behind a permission check."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from applications import permissions, selectors
from applications.enums import Section
from applications.models import Case, CaseDocument
from applications.selectors.asked import following
from applications.services import files
from applications.views.frame import case_frame, next_section
from core import clock
from core.rocdate import roc_datetime
from core.uploads import UploadRefused
from documents.responses import file_response
from documents.services import FileDamaged
from programs.rules.check import required_documents


def section(request: HttpRequest, case: Case) -> HttpResponse:
    """Each document item: whether it is required here and why, its files, their history, and the upload."""
    if request.method == "POST":  # the page's plain "save and go on" button: files are saved already
        editable = permissions.editable_sections(request.user, case, clock.now())
        return redirect(next_section(case, Section.DOCUMENTS, editable))
    return _page(request, case)


def _page(
    request: HttpRequest, case: Case, *, problem: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = page_context(request, case, clock.now(), problem=problem)
    return render(request, "applications/sections/documents.html", context, status=status)


def page_context(
    request: HttpRequest, case: Case, now: datetime, *, problem: dict[str, str] | None = None
) -> dict[str, Any]:
    """Template context of the section."""
    facts = selectors.facts(case)
    found = selectors.findings(case, now, facts=facts)
    context = case_frame(request, case, now, found=found, current=Section.DOCUMENTS)
    mine = selectors.by_section(found).get(Section.DOCUMENTS, [])
    refusal = permissions.section_refusal(request.user, case, Section.DOCUMENTS, now)
    allowed = permissions.editable_documents(request.user, case, now)
    history: dict[str, list[CaseDocument]] = {}
    rows = case.case_documents.select_related("file", "added_by", "ended_by").order_by("added_at", "pk")
    for document in rows:
        history.setdefault(document.item, []).append(document)
    items = []
    for item, required, why in required_documents(case.terms.terms, facts):
        open_here = not refusal and item.made_by == "upload" and (allowed is None or item.code in allowed)
        items.append(
            {
                "item": item,
                "required": required,
                "why": why,
                "open": open_here,
                "findings": [f for f in mine if f.where.split(".")[-1] == item.code],
                "files": [_shown(case, d, open_here) for d in history.get(item.code, []) if not d.ended_at],
                "old": [_shown(case, d, False) for d in history.get(item.code, []) if d.ended_at],
                "accept": ",".join(f".{kind}" for kind in item.accept),
                "kinds": "、".join(kind.upper() for kind in item.accept),
                "problem": (problem or {}).get(item.code, ""),
            }
        )
    context |= {
        "section": Section.DOCUMENTS.value,
        "section_label": Section.DOCUMENTS.label,
        "items": items,
        "refusal": refusal,
        "max_mb": files.max_bytes(case) // (1024 * 1024),
        "errors": [
            {"text": f"{code}：{text}", "href": f"#item-{code}"} for code, text in (problem or {}).items()
        ],
        "form_errors": bool(problem),
        "asked": [i for i in permissions.open_items(case) if i.where.split(".")[0] == Section.DOCUMENTS],
        "following": following(case, Section.DOCUMENTS),
        "next_url": next_section(case, Section.DOCUMENTS, ()),
    }
    return context


def _shown(case: Case, document: CaseDocument, may_change: bool) -> dict[str, Any]:
    url = reverse("cases:file", args=[case.pk, document.pk])
    meta = f"{document.added_by or '（帳號已刪除）'}　{roc_datetime(document.added_at)} 上傳"
    if document.ended_at:
        word = "取代" if document.replaced_by_id else "移除"
        meta += f"，{document.ended_by or ''}　{roc_datetime(document.ended_at)} {word}"
    return {
        "pk": document.pk,
        "name": document.file.original_name,
        "url": f"{url}?inline=1" if document.file.is_pdf or document.file.is_image else url,
        "size": document.file.size,
        "meta": meta,
        "remove_url": reverse("cases:document_remove", args=[case.pk, document.pk]) if may_change else "",
        "replace_url": reverse("cases:document_replace", args=[case.pk, document.pk]) if may_change else "",
    }


@require_POST
def add(request: HttpRequest, pk: uuid.UUID, item: str) -> HttpResponse:
    """Upload one file or several for an item; those that are fine are kept when another is refused."""
    case = selectors.get_case(request.user, pk)
    uploads = request.FILES.getlist("files")
    if not uploads:
        return _page(request, case, problem={item: "請先選擇檔案再上傳。"}, status=422)
    problems, done = [], 0
    for upload in uploads:
        try:
            files.add_document(case=case, item=item, upload=upload, actor=_user(request), now=clock.now())
            done += 1
        except UploadRefused as refused:
            problems.append(f"「{upload.name}」{refused}")
        except ValidationError as refused:
            problems.append("".join(refused.messages))
            break
    if problems:
        if done:
            messages.success(request, f"已上傳 {done} 個檔案，其餘請見下方說明。")
        fresh = selectors.get_case(request.user, pk)
        return _page(request, fresh, problem={item: "；".join(problems)}, status=422)
    messages.success(request, f"已上傳 {done} 個檔案。")
    return redirect(f"{reverse('cases:section', args=[case.pk, Section.DOCUMENTS])}#item-{item}")


@require_POST
def replace(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Put a newer version in the place of a file."""
    case = selectors.get_case(request.user, pk)
    document = get_object_or_404(case.case_documents.select_related("case"), pk=number)
    upload = request.FILES.get("file")
    if upload is None:
        return _page(request, case, problem={document.item: "請先選擇新的檔案再更換。"}, status=422)
    try:
        files.replace_document(document=document, upload=upload, actor=_user(request), now=clock.now())
    except UploadRefused as refused:
        return _page(request, case, problem={document.item: f"「{upload.name}」{refused}"}, status=422)
    except ValidationError as refused:
        return _page(request, case, problem={document.item: "".join(refused.messages)}, status=422)
    messages.success(request, "已更換檔案，舊版本保留在版本紀錄。")
    return redirect(f"{reverse('cases:section', args=[case.pk, Section.DOCUMENTS])}#item-{document.item}")


@require_POST
def remove(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Take a file out; it stays in the history."""
    case = selectors.get_case(request.user, pk, content=False)
    document = get_object_or_404(case.case_documents.select_related("case"), pk=number)
    files.remove_document(document=document, actor=_user(request), now=clock.now())
    messages.success(request, f"已移除「{document.file.original_name}」，紀錄仍保留。")
    return redirect(f"{reverse('cases:section', args=[case.pk, Section.DOCUMENTS])}#item-{document.item}")


@require_safe
def file(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponseBase:
    """One uploaded file, for those who may see the case; ``?inline=1`` shows PDFs and pictures."""
    case = selectors.get_case(request.user, pk, content=False)
    document = get_object_or_404(CaseDocument.objects.select_related("file"), pk=number, case=case)
    if not permissions.can_view(request.user, case):
        raise Http404
    try:
        return file_response(document.file, inline="inline" in request.GET)
    except FileDamaged as damaged:
        return render(request, "documents/damaged.html", {"error": damaged}, status=503)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
