"""Questions and complaints, and what was said about them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.workflow import TransitionRecord
from documents.models import StoredFile
from outreach.enums import (
    ASKER_LABELS,
    TONES,
    WAITING_STATES,
    InquiryKind,
    InquirySource,
    InquiryState,
    MessageKind,
)
from outreach.models.events import new_token
from outreach.models.publications import Topic


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    """Who may know of which inquiry."""

    def visible_to(self, user: Any) -> InquiryQuerySet:
        """Those who answer and those who supervise see all but what concerns themselves; nobody else any."""
        if user.has_permission("inquiry.answer") or user.has_permission("inquiry.supervise"):
            return self.exclude(concerned=user.pk)
        return self.none()

    def waiting(self) -> InquiryQuerySet:
        """Not answered yet."""
        return self.filter(state__in=WAITING_STATES)

    def overdue(self, today: date) -> InquiryQuerySet:
        """Waiting although the period is over."""
        return self.waiting().filter(due_on__lt=today)


class Inquiry(models.Model):
    """Something that somebody asks or complains about.

    ``due_on`` is the last day of the period (counted in working days when it came). ``late`` tells that an answer
    came after its day and never turns back. ``concerned`` are people of the office whom it is about: they can
    neither see nor answer it. ``token`` is the asker's personal address; ``form_key`` tells a replayed form.
    """

    number = models.CharField("編號", max_length=20, unique=True)
    kind = models.CharField("類別", max_length=10, choices=InquiryKind.choices)
    source = models.CharField(
        "來源", max_length=10, choices=InquirySource.choices, default=InquirySource.FORM
    )
    topic = models.ForeignKey(
        Topic, verbose_name="主題", null=True, blank=True, on_delete=models.PROTECT, related_name="inquiries"
    )
    subject = models.CharField("主旨", max_length=120)
    case_number = models.CharField("案號", max_length=60, blank=True)
    name = models.CharField("姓名", max_length=60, blank=True)
    email = models.EmailField("電子郵件", blank=True)
    state = models.CharField(max_length=12, choices=InquiryState.choices, default=InquiryState.RECEIVED)
    received_at = models.DateTimeField("收到時間")
    due_on = models.DateField("答覆期限")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="承辦人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    concerned: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="被申訴的人員", blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField("提報時間", null=True, blank=True)
    answered_at = models.DateTimeField("答覆時間", null=True, blank=True)
    late = models.BooleanField("逾期答覆", default=False)
    closed_at = models.DateTimeField("結案時間", null=True, blank=True)
    rating = models.PositiveSmallIntegerField("滿意度", null=True, blank=True)
    rating_comment = models.CharField("滿意度意見", max_length=500, blank=True)
    rated_at = models.DateTimeField("評分時間", null=True, blank=True)
    forgotten_at = models.DateTimeField("個資刪除時間", null=True, blank=True)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    form_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "received_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(assignee__isnull=False),
                name="inquiry_assigned_to_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="escalated") | Q(escalated_at__isnull=False),
                name="inquiry_escalated_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "closed"])
                | Q(answered_at__isnull=False, assignee__isnull=False),
                name="inquiry_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="inquiry_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(rating=None, rated_at=None)
                | Q(rating__gte=1, rating__lte=5, rated_at__isnull=False, answered_at__isnull=False),
                name="inquiry_rating_1_to_5",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="inquiry_queue")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The personal page of whoever asked."""
        return reverse("public:inquiry", args=[self.token])

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still due."""
        return self.state in WAITING_STATES

    @property
    def asker_label(self) -> str:
        """The state in the asker's words."""
        return ASKER_LABELS[self.state]

    @property
    def asker_tone(self) -> str:
        """The asker's badge: as long as it waits, it is somebody else's turn."""
        return "waiting" if self.is_waiting else self.tone

    @property
    def tone(self) -> str:
        """The badge's tone."""
        return TONES[self.state]


class InquiryMessage(models.Model):
    """One thing said: by the asker, to the asker, or among the office. Never changed afterwards."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    text = models.TextField("內容", max_length=10_000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    # A mail's own number: the same mail piped in twice is one message.
    mail_id = models.CharField(max_length=250, null=True, blank=True, unique=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.inquiry_id} {self.get_kind_display()}"


class InquiryFile(models.Model):
    """A file that came with a message."""

    message = models.ForeignKey(InquiryMessage, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.file.original_name


class InquiryTransition(TransitionRecord):
    """What happened to an inquiry."""

    subject = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="transitions")
