"""A call for applications and the versions of its terms."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.workflow import TransitionRecord
from programs.enums import CallState
from programs.rules.granting import unit_price
from programs.rules.terms import Terms, parse_terms


class CallQuerySet(models.QuerySet["Call"]):
    def public(self) -> CallQuerySet:
        """Calls that anybody may see."""
        return self.exclude(state=CallState.DRAFT)

    def listed(self) -> CallQuerySet:
        """Public calls that are not put away."""
        return self.public().exclude(state=CallState.ARCHIVED)

    def visible_to(self, user: User) -> CallQuerySet:
        """Public calls, and drafts for those who edit calls."""
        if user.is_authenticated and user.has_permission("call.edit"):
            return self
        return self.public()

    def with_terms(self) -> CallQuerySet:
        """Join the current terms, so that a list needs one query."""
        return self.select_related("current_terms")


class Call(models.Model):
    """One round of a scheme: a window, an envelope, and terms in versions.

    ``closes_at`` is the announced end; ``effective_closes_at`` follows public extensions. ``envelope``
    is in dollars (or in the unit that the terms grant).
    """

    slug = models.SlugField(unique=True)
    name = models.CharField("計畫名稱", max_length=120)
    roc_year = models.PositiveSmallIntegerField("年度")
    state = models.CharField(max_length=12, choices=CallState.choices, default=CallState.DRAFT)
    opens_at = models.DateTimeField("受理開始")
    closes_at = models.DateTimeField("受理截止")
    effective_closes_at = models.DateTimeField("實際受理截止")
    envelope = models.PositiveBigIntegerField("補助總經費")
    budget_promulgated = models.BooleanField("總預算已公布", default=True)
    next_case_number = models.PositiveIntegerField(default=1)
    current_terms = models.ForeignKey("CallTerms", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    results_published_at = models.DateTimeField(null=True, blank=True)
    contact = models.CharField("聯絡方式", max_length=200, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ("-opens_at", "slug")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="call_opens_before_it_closes"
            ),
            models.CheckConstraint(
                condition=Q(effective_closes_at__gte=F("closes_at")), name="call_window_never_shortened"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False), name="call_published_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        """The current terms, parsed."""
        assert self.current_terms is not None
        return self.current_terms.terms

    @property
    def may_award(self) -> bool:
        """Whether awards may still come; a call that is closed keeps no money that it did not award."""
        return self.state in (CallState.DRAFT, CallState.PUBLISHED)

    def dollars(self, units: int) -> int:
        """``units`` of what the call grants in dollars; a head counts at the most that the terms allow (RA3)."""
        return units * unit_price(self.terms)

    def is_open(self, now: datetime) -> bool:
        """Whether applications are accepted at ``now`` (S1); the whole closing second still counts."""
        last = self.effective_closes_at + timedelta(seconds=1)
        return self.state == CallState.PUBLISHED and self.opens_at <= now < last


_PARSED: dict[str, Terms] = {}


class CallTerms(models.Model):
    """One version of a call's terms. Frozen once published: later edits make a new version."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveSmallIntegerField()
    data = models.JSONField()
    digest = models.CharField(max_length=64)
    change_note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("call", "version")
        constraints = [models.UniqueConstraint(fields=["call", "version"], name="one_terms_version_each")]

    def __str__(self) -> str:
        return f"{self.call.slug} 第 {self.version} 版"

    @property
    def terms(self) -> Terms:
        """The parsed terms; parsed once for each distinct content and process."""
        if "_terms" in self.__dict__:  # a preview: in memory only
            return self.__dict__["_terms"]  # type: ignore[no-any-return]
        if self.digest not in _PARSED:
            _PARSED[self.digest] = parse_terms(self.data)
        return _PARSED[self.digest]


class CallTransition(TransitionRecord):
    """What happened to a call."""

    subject = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="transitions")


class WindowExtension(models.Model):
    """The window of a call made longer for everybody; the reason is shown publicly."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="extensions")
    closes_at = models.DateTimeField()
    reason = models.CharField("公開理由", max_length=300)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"{self.call.slug} → {self.closes_at:%Y-%m-%d %H:%M}"
