"""Terms of a call that are being written, part by part, and trials of them on the cases of an earlier call."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.workflow import TransitionRecord
from programs.enums import DraftState
from programs.models.call import Call, CallTerms
from programs.models.plan import PlanPart


class CallDraftQuerySet(models.QuerySet["CallDraft"]):
    def visible_to(self, user: User) -> CallDraftQuerySet:
        """All drafts for those who edit calls, else none."""
        return self if user.is_authenticated and user.has_permission("call.edit") else self.none()

    def open(self) -> CallDraftQuerySet:
        """Drafts that are still being written."""
        return self.filter(state=DraftState.OPEN)


class CallDraft(models.Model):
    """Terms being written: of a new call (``call`` empty), or the next version of a published one.

    ``base`` is what they were copied from, whole, so that both can be compared whatever happens to the source.
    ``slug`` becomes the address of a new call. ``budget_part`` and ``budget_year``: where the envelope comes from.
    """

    call = models.ForeignKey(
        Call,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="drafts",
        verbose_name="改版的徵案",
    )
    source = models.ForeignKey(CallTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source_name = models.CharField("複製自", max_length=160)
    base = models.JSONField()
    slug = models.SlugField("網址代號")
    state = models.CharField(max_length=12, choices=DraftState.choices, default=DraftState.OPEN)
    change_note = models.TextField("公開的修訂說明", blank=True)
    budget_part = models.ForeignKey(
        PlanPart, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="經費來源"
    )
    budget_year = models.PositiveSmallIntegerField("預算年度", null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField()
    published = models.ForeignKey(
        CallTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CallDraftQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(state="open"), name="one_open_draft_for_a_call"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(state="open", call=None), name="one_open_draft_for_an_address"
            ),
            models.CheckConstraint(
                condition=Q(state="published", published__isnull=False)
                | (~Q(state="published") & Q(published=None)),
                name="draft_published_has_terms",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_revision(self) -> bool:
        """Whether it is the next version of a call that is public already."""
        return self.call_id is not None

    @property
    def name(self) -> str:
        """The name as typed so far. Reads the parts (prefetch them for lists)."""
        for part in self.parts.all():
            if part.key == "basics":
                return str(part.data.get("name") or part.data.get("short_name") or self.source_name)
        return self.source_name


class DraftPart(models.Model):
    """One part of a draft, as typed: a page of the designer, or one rule (``key`` "rule", ``number`` its own).

    ``version`` counts saves and is what an editor's page saw; ``tab`` is the open page that saved last.
    """

    draft = models.ForeignKey(CallDraft, on_delete=models.CASCADE, related_name="parts")
    key = models.CharField(max_length=20)
    number = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    tab = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("position", "number")
        constraints = [models.UniqueConstraint(fields=["draft", "key", "number"], name="one_draft_part_each")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.key} {self.number or ''}"


class CallDraftTransition(TransitionRecord):
    """What happened to a draft."""

    subject = models.ForeignKey(CallDraft, on_delete=models.CASCADE, related_name="transitions")


class TryOut(models.Model):
    """A draft's terms tried on the handed-in cases of an earlier call, in the worker.

    ``data``: the terms as they were asked for. ``result``: see ``programs.tryouts``; empty while it runs.
    """

    draft = models.ForeignKey(CallDraft, on_delete=models.CASCADE, related_name="tryouts")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+", verbose_name="徵案")
    data = models.JSONField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result: Any = models.JSONField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"{self.draft_id} × {self.call_id}"
