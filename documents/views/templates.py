"""The wording of letters: list, editor with history, preview as PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from documents import permissions, selectors, services
from documents.contexts import CONTEXTS
from documents.enums import WORDED_KINDS, DocumentKind
from documents.forms import TemplateForm
from documents.models import LetterTemplate


@require_safe
@needs(permissions.VIEW)
def template_list(request: HttpRequest) -> HttpResponse:
    """Every kind with the version in use."""
    return render(
        request,
        "documents/templates.html",
        {
            "templates": selectors.current_templates(),
            "may_edit": request.user.has_permission(permissions.EDIT_TEMPLATE),  # type: ignore[union-attr]
        },
    )


def _versions(kind: str) -> list[LetterTemplate]:
    versions = list(selectors.template_versions(kind)) if kind in WORDED_KINDS else []
    if not versions:
        raise Http404
    return versions


def _edited(request: HttpRequest, kind: str) -> tuple[TemplateForm, list[LetterTemplate]]:
    versions = _versions(kind)
    wanted = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.version) == wanted), versions[0])
    data = request.POST if request.method == "POST" else None
    return TemplateForm(data, template=shown, newest=versions[0].version), versions


@require_http_methods(["GET", "HEAD", "POST"])
@needs(permissions.EDIT_TEMPLATE)
def template_edit(request: HttpRequest, kind: str) -> HttpResponse:
    """Edit the wording; saving makes the next version. ``?version=`` starts from an earlier one."""
    form, versions = _edited(request, kind)
    conflict = False
    if request.method == "POST" and form.is_valid():
        conflict = form.is_outdated
        if not conflict:
            saved = services.save_template(
                kind=kind,
                texts=form.texts(),
                note=form.cleaned_data["note"],
                actor=request.user,
                now=clock.now(),
            )
            messages.success(request, f"已儲存，{saved.get_kind_display()}目前使用第 {saved.version} 版。")
            return redirect("documents:template_edit", kind=kind)
    cls = CONTEXTS[DocumentKind(kind)]
    return render(
        request,
        "documents/template_edit.html",
        {
            "form": form,
            "versions": versions,
            "conflict": versions[0] if conflict else None,
            "newest": versions[0].version,
            "kind": kind,
            "title": DocumentKind(kind).label,
            "fields": cls.named_fields(),
            "tables": cls.named_tables(),
            "takes": ", ".join(f"[name={name}]" for name in services.FILLED),
        },
    )


@require_POST
@needs(permissions.EDIT_TEMPLATE)
def template_preview(request: HttpRequest, kind: str) -> HttpResponse:
    """What is typed, as a PDF with made-up values; nothing is saved."""
    form, _ = _edited(request, kind)
    if not form.is_valid():
        return render(request, "documents/preview_refused.html", {"form": form, "kind": kind}, status=422)
    content = services.preview_template(kind=kind, texts=form.texts(), now=clock.now())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="preview.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
