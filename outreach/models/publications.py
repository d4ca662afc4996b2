"""What the office publishes: news, questions and answers, downloads, result stories, events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from documents.models import StoredFile
from outreach.enums import PublicationKind


class Topic(models.Model):
    """What something is about: groups questions, downloads and inquiries. Loaded from ``fixtures/topics.yaml``."""

    code = models.SlugField(unique=True)
    name = models.CharField("主題", max_length=40)
    source = models.CharField("出處", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("順序", default=0)

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Who may see which publication."""

    def shown(self, now: datetime) -> PublicationQuerySet:
        """Public at ``now``: begun and not over. A draft has no beginning."""
        return self.filter(published_from__lte=now).filter(
            Q(published_until=None) | Q(published_until__gt=now)
        )

    def visible_to(self, user: Any, now: datetime) -> PublicationQuerySet:
        """What is shown; editors see drafts and what is over as well."""
        if user.is_authenticated and user.has_permission("outreach.edit"):
            return self
        return self.shown(now)


class Publication(models.Model):
    """One thing that the office tells everybody.

    Whether it is public follows from its two times, so that nothing can contradict them: no beginning is a
    draft, a beginning to come is planned, an end that has passed is over.
    """

    kind = models.CharField("種類", max_length=10, choices=PublicationKind.choices)
    title = models.CharField("標題", max_length=120)
    body = models.TextField("內容", blank=True, max_length=20_000)
    topic = models.ForeignKey(
        Topic,
        verbose_name="主題",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="publications",
    )
    figures = models.TextField("關鍵數字", blank=True, max_length=1_000)
    pinned = models.BooleanField("置頂", default=False)
    order = models.PositiveSmallIntegerField("順序", default=100)
    published_from = models.DateTimeField("公開時間", null=True, blank=True)
    published_until = models.DateTimeField("下架時間", null=True, blank=True)
    helpful = models.PositiveIntegerField("有幫助", default=0)
    not_helpful = models.PositiveIntegerField("沒有幫助", default=0)
    origin = models.ForeignKey(
        "outreach.Inquiry", null=True, blank=True, on_delete=models.SET_NULL, related_name="publications"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField("更新時間")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("-pinned", F("published_from").desc(nulls_first=True), "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(published_until=None) | Q(published_until__gt=F("published_from")),
                name="publication_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["faq", "download"], topic__isnull=False)
                | Q(kind__in=["news", "story", "event"]),
                name="publication_faq_and_download_have_a_topic",
            ),
        ]
        indexes = [models.Index(fields=["kind", "published_from"], name="publication_shown")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its public page; a download stands in the list of all."""
        if self.kind == PublicationKind.DOWNLOAD:
            return f"{reverse('public:download')}#download-{self.pk}"
        return reverse(f"public:{self.kind}_detail", args=[self.pk])

    def is_shown(self, now: datetime) -> bool:
        """Whether everybody sees it at ``now``; the same as the queryset's ``shown``."""
        begun = self.published_from is not None and self.published_from <= now
        return begun and (self.published_until is None or self.published_until > now)

    def stage(self, now: datetime) -> tuple[str, str]:
        """Where it stands, as a word and a tone for the office's list."""
        if self.published_from is None:
            return "草稿", "neutral"
        if self.published_from > now:
            return "排定公開", "waiting"
        return ("公開中", "done") if self.is_shown(now) else ("已下架", "neutral")

    @property
    def figure_list(self) -> list[tuple[str, str]]:
        """The key figures as (name, value), one a line with ``：`` between them."""
        rows = (line.replace(":", "：", 1).partition("：") for line in self.figures.splitlines())
        return [(name.strip(), value.strip()) for name, _, value in rows if value.strip()]


class PublicationFile(models.Model):
    """A file that everybody may have while its publication is shown. A picture says in ``alt`` what it shows."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    alt = models.CharField("圖片說明", max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.file.original_name

    @property
    def format(self) -> str:
        """The kind of file in capitals: PDF, ODT."""
        return self.file.original_name.rpartition(".")[2].upper()
