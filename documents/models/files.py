"""A file as it was stored: private, named by its hash, never changed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from documents.enums import ScanState


def stored_name(instance: StoredFile, filename: str) -> str:
    """The name below MEDIA_ROOT: two levels by hash, then the row's own id; nothing that a user typed."""
    return f"{instance.sha256[:2]}/{instance.sha256[2:4]}/{instance.pk}"


class StoredFile(models.Model):
    """Bytes with their hash. Never served by a URL of its own; a view checks the permission first.

    ``original_name`` is what the user called it, for display and download only. ``size`` is in bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField(upload_to=stored_name, max_length=120)
    original_name = models.CharField("檔名", max_length=255)
    size = models.PositiveBigIntegerField("大小")
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    scan_state = models.CharField(max_length=20, choices=ScanState, default=ScanState.NOT_SCANNED)

    class Meta:
        ordering = ("created_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="storedfile_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_pdf(self) -> bool:
        """Whether a browser can show it page by page."""
        return self.content_type == "application/pdf"

    @property
    def is_image(self) -> bool:
        """Whether it is one of the picture types that may be handed in."""
        return self.content_type in ("image/jpeg", "image/png")
