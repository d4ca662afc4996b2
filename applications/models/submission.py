"""What was handed in, exactly; and notices that ask for supplements."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enums import SubmissionKind, SupplementState
from applications.models.case import Case
from core.workflow import TransitionRecord
from documents.models import OfficialDocument, StoredFile


class Submission(models.Model):
    """One handing-in: the whole case as data (``docs/case-schema.md``) and the files, as they were.

    ``token`` is that of the confirmation page: a replayed POST finds its submission instead of making another.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="submissions")
    sequence = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=SubmissionKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=150)
    snapshot = models.JSONField()
    token = models.CharField(max_length=64)
    receipt = models.OneToOneField(OfficialDocument, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("sequence",)
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="one_submission_sequence"),
            models.UniqueConstraint(fields=["case", "token"], name="one_submission_for_each_confirmation"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.sequence}"


class SubmissionFile(models.Model):
    """A file that was part of a submission, with name, size and hash as they were read again at that moment."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    item = models.CharField(max_length=10)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("item", "pk")

    def __str__(self) -> str:
        return f"{self.item} {self.name}"


class Supplement(models.Model):
    """A supplement notice (Q2). ``due_on`` is the last day that counts, in working days from the notice."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="supplements")
    sequence = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SupplementState.choices, default=SupplementState.OPEN)
    note = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    first_due_on = models.DateField()
    due_on = models.DateField()
    extension_reason = models.CharField(max_length=300, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    notice = models.OneToOneField(OfficialDocument, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("sequence",)
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="one_supplement_sequence"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="open"), name="one_open_supplement"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="supplement_end_has_time",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("first_due_on")), name="supplement_only_extended"
            ),
            models.CheckConstraint(
                condition=Q(due_on=models.F("first_due_on")) | ~Q(extension_reason=""),
                name="supplement_extension_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} 補件 {self.sequence}"


class SupplementTransition(TransitionRecord):
    """What happened to a supplement notice."""

    subject = models.ForeignKey(Supplement, on_delete=models.CASCADE, related_name="transitions")


class SupplementItem(models.Model):
    """One thing asked for: a section, or one document (``documents.D6``); only these may be changed."""

    supplement = models.ForeignKey(Supplement, on_delete=models.CASCADE, related_name="items")
    where = models.CharField(max_length=60)
    rule = models.CharField(max_length=10)
    reason = models.TextField()
    # Not asked for by the office: opened because mending what was asked for broke ``rule`` here.
    follows = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"
