"""Official documents and the batches that they were issued in."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core import queues
from core.workflow import TransitionRecord
from documents.enums import VERIFIABLE_KINDS, DocumentKind, DocumentState
from documents.models.files import StoredFile

MAX_MERGE_ATTEMPTS = 4


class Batch(models.Model):
    """Documents requested together, and one merged PDF of them for printing.

    ``merged_count`` says how many documents the merged file holds, so that a retried failure can be
    told from a merge that is up to date. Totals are always counted from the documents.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField("批次名稱", max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    merged = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merged_count = models.PositiveIntegerField(default=0)
    merge_attempts = models.PositiveSmallIntegerField(default=0)
    merge_error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(merged=None, merged_count=0) | Q(merged__isnull=False, merged_count__gt=0),
                name="batch_merged_file_and_count",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The batch's progress page."""
        return reverse("documents:batch", args=[self.pk])

    def merge_given_up(self, now: datetime) -> bool:
        """Whether nobody merges any more: it failed, or killed its worker, as often as it is tried."""
        return self.merge_attempts >= MAX_MERGE_ATTEMPTS and not (self.lease_until and self.lease_until > now)


class DocumentQuerySet(models.QuerySet["OfficialDocument"]):
    """Questions that pages and sweeps ask."""

    def open(self) -> DocumentQuerySet:
        """On their way: neither issued nor failed."""
        return self.filter(state__in=(DocumentState.PENDING, DocumentState.RENDERING))

    def issued(self) -> DocumentQuerySet:
        """Issued ones."""
        return self.filter(state=DocumentState.ISSUED)

    def verifiable(self) -> DocumentQuerySet:
        """What the public page may confirm."""
        return self.issued().filter(kind__in=VERIFIABLE_KINDS)


class OfficialDocument(models.Model):
    """A letter, contract, receipt, plan book …: its frozen context, then its one PDF.

    ``context`` is the JSON of one class of ``documents.contexts`` under ``data`` and the resolved
    wording under ``wording``; neither changes after the request. A correction is a new document whose
    ``replaces`` names the old one. ``number`` reads 第1140000123號, ``series`` is the 字 before it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("種類", max_length=20, choices=DocumentKind)
    state = models.CharField(
        "狀態", max_length=20, choices=DocumentState, default=DocumentState.PENDING, db_index=True
    )
    series = models.CharField("字", max_length=20, null=True, blank=True)  # noqa: DJ001
    number = models.CharField("號", max_length=30, null=True, blank=True)  # noqa: DJ001
    dated_on = models.DateField("發文日期")
    reference = models.CharField("案號", max_length=40, blank=True, db_index=True)
    subject = models.CharField("主旨", max_length=500)
    recipient_name = models.CharField("受文者", max_length=150, blank=True)
    recipient_postal_code = models.CharField("郵遞區號", max_length=6, blank=True)
    recipient_address = models.CharField("地址", max_length=200, blank=True)
    context = models.JSONField()
    template_kind = models.CharField(max_length=20, blank=True)
    template_version = models.PositiveIntegerField(null=True, blank=True)
    verify_code = models.CharField("查驗碼", max_length=10, unique=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    error = models.TextField("失敗原因", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replacements"
    )
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    batch_position = models.PositiveIntegerField(default=0)
    queue = models.CharField(max_length=10, default=queues.current, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=DocumentState.ISSUED,
                    file__isnull=False,
                    issued_at__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                )
                | (~Q(state=DocumentState.ISSUED) & Q(file=None, issued_at=None, sha256="")),
                name="document_issued_has_file_hash_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.RENDERING) | Q(lease_until__isnull=False),
                name="document_rendering_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.FAILED) | ~Q(error=""), name="document_failure_says_why"
            ),
            models.CheckConstraint(
                condition=Q(series=None, number=None) | Q(series__isnull=False, number__isnull=False),
                name="document_number_with_series",
            ),
            models.UniqueConstraint(fields=["series", "number"], name="document_number_once"),
            models.CheckConstraint(condition=Q(queue__in=queues.QUEUES), name="document_queue_known"),
        ]
        indexes = [
            models.Index(fields=["kind", "state"], name="document_kind_state"),
            models.Index(fields=["batch", "state"], name="document_batch_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.full_number or self.reference}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert, or save named fields: a whole-row save could overwrite what is frozen."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            raise ValueError("An official document is changed only through documents.services.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The document's page for those who may read it."""
        return reverse("documents:detail", args=[self.pk])

    @property
    def full_number(self) -> str:
        """產發字第1140000123號, or empty for documents without a number."""
        return f"{self.series}字{self.number}" if self.number else ""

    @property
    def is_open(self) -> bool:
        """On its way: neither issued nor failed."""
        return self.state in (DocumentState.PENDING, DocumentState.RENDERING)

    @property
    def is_issued(self) -> bool:
        """Whether the PDF is there."""
        return self.state == DocumentState.ISSUED

    @property
    def spaced_code(self) -> str:
        """The verify code as printed: two groups of five."""
        return f"{self.verify_code[:5]}-{self.verify_code[5:]}"

    @property
    def filename(self) -> str:
        """What the download is called: kind, then number or case number."""
        name = "-".join(part for part in (self.get_kind_display(), self.number or self.reference) if part)
        return f"{name}.pdf"


class DocumentTransition(TransitionRecord):
    """What happened to a document's state, when, and by whom."""

    subject = models.ForeignKey(OfficialDocument, on_delete=models.CASCADE, related_name="transitions")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"

    @property
    def from_label(self) -> str:
        """The state before, in words."""
        return DocumentState(self.from_state).label

    @property
    def to_label(self) -> str:
        """The state after, in words."""
        return DocumentState(self.to_state).label


class DocumentAttachment(models.Model):
    """A file, or another document's PDF, that is appended behind a document's own pages.

    A document waits for the documents that it appends: it is rendered after them.
    """

    document = models.ForeignKey(OfficialDocument, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(
        OfficialDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="appended_to"
    )

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="attachment_position"),
            models.CheckConstraint(
                condition=Q(file__isnull=False, source=None) | Q(file=None, source__isnull=False),
                name="attachment_file_or_source",
            ),
        ]

    def __str__(self) -> str:
        return self.title
