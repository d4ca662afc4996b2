"""From a document's row to its HTML, to its PDF with everything that is appended. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from core import clock
from documents import contexts, samples, typesetting
from documents.enums import LETTER_KINDS, DocumentKind
from documents.models import DocumentAttachment, LetterTemplate, OfficialDocument, StoredFile
from documents.rules import gantt, wording
from documents.services.files import read_verified


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every template sees beside its context: how the document is called and verified."""

    kind: str
    title: str
    full_number: str
    dated_on: date
    recipient: contexts.Recipient
    verify_code: str
    verify_url: str
    qr: str
    replaces: str = ""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Annexed:
    """A line of a case book's contents: ``page`` is where it starts in the whole, 0 while unknown."""

    title: str
    name: str
    size: int
    sha256: str
    pages: int
    page: int = 0


def document_pdf(document: OfficialDocument) -> bytes:
    """The document's own pages with its attachments behind them.

    Raises FileDamaged when an attachment is no longer what was stored, ContextError for a broken row.
    """
    context = contexts.load(document.kind, document.context["data"])
    texts = document.context.get("wording")
    sheet = _sheet(document)
    rows = list(document.attachments.select_related("file", "source__file"))
    if not rows:
        return typesetting.html_to_pdf(html(context, sheet, texts))
    parts = [(row, *_attachment_pdf(row)) for row in rows]
    annexed = [
        Annexed(row.title, stored.original_name, stored.size, stored.sha256, typesetting.page_count(content))
        for row, stored, content in parts
    ]
    own = typesetting.html_to_pdf(html(context, sheet, texts, annexed))
    if document.kind == DocumentKind.CASE_BOOK:
        # The contents name page numbers, which depend on how many pages the contents take.
        own = typesetting.html_to_pdf(
            html(context, sheet, texts, _paged(annexed, typesetting.page_count(own)))
        )
    named = [(document.get_kind_display(), own), *((row.title, content) for row, _, content in parts)]
    return typesetting.merge(named, title=sheet.title)


def _paged(annexed: list[Annexed], offset: int) -> list[Annexed]:
    result = []
    page = offset + 1
    for item in annexed:
        result.append(replace(item, page=page))
        page += item.pages
    return result


def _sheet(document: OfficialDocument) -> Sheet:
    url = settings.PORTAL_URL.rstrip("/") + reverse("verify_code", args=[document.verify_code])
    old = document.replaces
    return Sheet(
        kind=document.kind,
        title=document.subject,
        full_number=document.full_number,
        dated_on=document.dated_on,
        recipient=contexts.Recipient(
            document.recipient_name, document.recipient_postal_code, document.recipient_address
        ),
        verify_code=document.spaced_code,
        verify_url=url,
        qr=typesetting.qr_svg(url),
        replaces=(old.full_number or old.spaced_code) if old else "",
    )


def html(
    context: contexts.Context,
    sheet: Sheet,
    texts: dict[str, Any] | None,
    annexed: list[Annexed] | None = None,
) -> str:
    """The HTML that is typeset."""
    kind = DocumentKind(sheet.kind)
    values: dict[str, Any] = {"c": context, "sheet": sheet, "wording": texts, "annexed": annexed or []}
    if texts is not None:
        values["body"] = wording.outline(texts["body"], context.table_codes())
        values["measures"] = wording.outline(texts["measures"], context.table_codes())
        values["contact_lines"] = texts["contact"].splitlines()
        values["copies_to"] = [line for line in texts["copies_to"].splitlines() if line.strip()]
    if isinstance(context, contexts.PlanContext | contexts.PlanReportContext):
        values["chapters"] = _chapters(context)
    if isinstance(context, contexts.ApprovalContext | contexts.RejectionContext):
        values["suggestions"] = _by_criterion(context.suggestions)
    template = "letter" if kind in LETTER_KINDS else kind.value
    return render_to_string(f"pdf/{template}.html", values)


def _by_criterion(items: tuple[contexts.Suggestion, ...]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(item.criterion, []).append(item.text)
    return list(groups.items())


def _chapters(plan: contexts.PlanContext | contexts.PlanReportContext) -> list[dict[str, Any]]:
    """Chapters with numbers in formal characters, and every Gantt block with its geometry."""
    return [
        {
            "number": gantt.chapter_number(position),
            "title": chapter.title,
            "blocks": [
                {
                    "b": block,
                    "chart": gantt.chart(block.starts_on, block.ends_on, block.bars)
                    if block.type == "gantt" and block.starts_on and block.ends_on
                    else None,
                }
                for block in chapter.blocks
            ],
        }
        for position, chapter in enumerate(plan.chapters, 1)
    ]


# ---- attachments --------------------------------------------------------------------------------


def _attachment_pdf(row: DocumentAttachment) -> tuple[StoredFile, bytes]:
    stored = row.file or (row.source.file if row.source else None)
    if stored is None:
        raise ValueError(f"附件「{row.title}」尚未備妥")
    return stored, file_as_pdf(stored, title=row.title)


def file_as_pdf(stored: StoredFile, *, title: str) -> bytes:
    """A stored file as PDF pages: PDFs as they are, pictures on a page, anything else a sheet naming it."""
    content = read_verified(stored)
    picture, reason = "", ""
    if stored.is_pdf:
        try:
            typesetting.page_count(content)
            return content
        except Exception:
            reason = "這個 PDF 檔無法併入（可能有加密或毀損），請另外下載原檔查看。"
    elif stored.is_image:
        try:
            picture = typesetting.picture_data_url(content)
        except (OSError, ValueError):
            reason = "這個圖檔無法顯示，請另外下載原檔查看。"
    else:
        reason = "這是文書或試算表檔，無法直接併入，請另外下載原檔查看。"
    return typesetting.html_to_pdf(
        render_to_string(
            "pdf/attachment.html", {"title": title, "file": stored, "picture": picture, "reason": reason}
        )
    )


# ---- previews -----------------------------------------------------------------------------------


def preview_pdf(template: LetterTemplate, *, now: datetime) -> bytes:
    """A letter of ``template`` with made-up values, marked as a preview."""
    from documents.services.templates import resolve_wording

    context = samples.context(template.kind, today=now.astimezone(clock.TAIPEI).date())
    return preview_context_pdf(
        context,
        samples.RECIPIENT,
        now=now,
        texts=resolve_wording(context=context, template=template).as_json(),
    )


def preview_context_pdf(
    context: contexts.Context,
    recipient: contexts.Recipient,
    *,
    now: datetime,
    texts: dict[str, Any] | None = None,
) -> bytes:
    """Any document as it would look, without a row, a number or a code; ``預覽`` across each page.

    For worded kinds without ``texts`` the current wording is used.
    """
    from documents.enums import WORDED_KINDS
    from documents.services.templates import resolve_wording

    if texts is None and context.kind in WORDED_KINDS:
        texts = resolve_wording(context=context).as_json()
    url = settings.PORTAL_URL.rstrip("/") + reverse("verify")
    sheet = Sheet(
        kind=context.kind,
        title=texts["subject"] if texts else context.title,
        full_number="○○字第○○○○○○○○○○號" if texts else "",
        dated_on=now.astimezone(clock.TAIPEI).date(),
        recipient=recipient,
        verify_code="預覽",
        verify_url=url,
        qr=typesetting.qr_svg(url),
        preview=True,
    )
    return typesetting.html_to_pdf(html(context, sheet, texts))
