"""Events: when, where, how many; and who wants to come."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.rocdate import TAIPEI, roc_datetime
from core.workflow import TransitionRecord
from outreach.enums import EventCategory, RegistrationState
from outreach.models.publications import Publication


def new_token() -> str:
    """The secret part of a personal address."""
    return secrets.token_urlsafe(32)


class Event(models.Model):
    """What a publication of the kind ``event`` has besides its words. Without a window nobody needs to register."""

    publication = models.OneToOneField(
        Publication, primary_key=True, on_delete=models.CASCADE, related_name="event"
    )
    category = models.CharField("類別", max_length=10, choices=EventCategory.choices)
    starts_at = models.DateTimeField("開始")
    ends_at = models.DateTimeField("結束")
    place = models.CharField("地點", max_length=200, blank=True)
    online_url = models.URLField("線上會議網址", max_length=500, blank=True)
    capacity = models.PositiveIntegerField("名額", null=True, blank=True)
    registration_opens_at = models.DateTimeField("報名開始", null=True, blank=True)
    registration_closes_at = models.DateTimeField("報名截止", null=True, blank=True)
    forgotten_at = models.DateTimeField("報名個資刪除時間", null=True, blank=True)

    class Meta:
        ordering = ("starts_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="event_starts_before_it_ends"
            ),
            models.CheckConstraint(condition=Q(capacity=None) | Q(capacity__gte=1), name="event_capacity"),
            models.CheckConstraint(condition=~Q(place="") | ~Q(online_url=""), name="event_is_somewhere"),
            models.CheckConstraint(
                condition=Q(registration_opens_at=None, registration_closes_at=None)
                | Q(
                    registration_opens_at__isnull=False,
                    registration_closes_at__isnull=False,
                    registration_opens_at__lt=F("registration_closes_at"),
                    registration_closes_at__lte=F("ends_at"),
                ),
                name="event_registration_window",
            ),
        ]

    def __str__(self) -> str:
        return self.publication.title

    @property
    def when(self) -> str:
        """From when to when in one line: 114/3/28 14:00–16:00, with the second day where it is another."""
        starts, ends = (moment.astimezone(TAIPEI) for moment in (self.starts_at, self.ends_at))
        until = f"{ends:%H:%M}" if starts.date() == ends.date() else roc_datetime(ends)
        return f"{roc_datetime(starts)}–{until}"

    def registration_refusal(self, now: datetime) -> str:
        """Why nobody can register at ``now``; "" when they can."""
        if self.registration_opens_at is None or self.registration_closes_at is None:
            return "這場活動不需要報名，請直接參加。"
        if now < self.registration_opens_at:
            return f"報名從 {roc_datetime(self.registration_opens_at)} 開始。"
        if now >= self.starts_at:  # nobody moves up any more, so nobody joins the waiting list
            return "活動已經開始，不再接受線上報名。"
        if now > self.registration_closes_at:
            return f"報名已在 {roc_datetime(self.registration_closes_at)} 截止。"
        return ""


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Questions about who comes."""

    def active(self) -> RegistrationQuerySet:
        """Not cancelled."""
        return self.exclude(state=RegistrationState.CANCELLED)

    def in_order(self) -> RegistrationQuerySet:
        """As they came."""
        return self.order_by("registered_at", "pk")


class Registration(models.Model):
    """Somebody who wants to come to an event. ``token`` is the personal address; ``form_key`` tells a replay."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    name = models.CharField("姓名", max_length=60, blank=True)
    email = models.EmailField("電子郵件", blank=True)
    organisation = models.CharField("服務單位", max_length=120, blank=True)
    phone = models.CharField("電話", max_length=30, blank=True)
    state = models.CharField(
        max_length=12, choices=RegistrationState.choices, default=RegistrationState.WAITLISTED
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    form_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    registered_at = models.DateTimeField("報名時間")
    confirmed_at = models.DateTimeField("取得名額時間", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消時間", null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ("registered_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                condition=~Q(state="cancelled") & ~Q(email=""),
                name="one_active_registration_each",
            ),
            models.CheckConstraint(
                condition=~Q(state="registered") | Q(confirmed_at__isnull=False),
                name="registration_confirmed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at=None)),
                name="registration_cancelled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"報名 {self.pk}"

    def get_absolute_url(self) -> str:
        """The personal page: what one registered for, and the way to cancel."""
        return reverse("public:registration", args=[self.token])


class RegistrationTransition(TransitionRecord):
    """What happened to a registration."""

    subject = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="transitions")
