"""Applicants, their members, and the ways to become one."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.enums import MemberRole, RequestState, SizeBand
from accounts.models.user import User
from core.applicants import ApplicantKind

LARGE_FROM_HEADS = 51


def new_token() -> str:
    """An unguessable token for a mail link."""
    return secrets.token_urlsafe(32)


class CompanyFields(models.Model):
    """What describes a company: shared by the organisation and the copy that a case keeps of it."""

    name = models.CharField("公司名稱", max_length=120, blank=True)
    postal_code = models.CharField("郵遞區號", max_length=6, blank=True)
    city = models.CharField("縣市", max_length=10, blank=True)
    township = models.CharField("鄉鎮市區", max_length=20, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    heads = models.PositiveIntegerField("員工人數", null=True, blank=True)
    representative = models.CharField("負責人", max_length=60, blank=True)
    contact_name = models.CharField("聯絡人", max_length=60, blank=True)
    contact_phone = models.CharField("聯絡電話", max_length=30, blank=True)
    contact_email = models.EmailField("聯絡電子郵件", blank=True)

    class Meta:
        abstract = True

    @property
    def size_band(self) -> SizeBand | None:
        """Size band by heads (5+2: 51 and more, up to 50); None while heads are unknown."""
        if self.heads is None:
            return None
        return SizeBand.LARGE if self.heads >= LARGE_FROM_HEADS else SizeBand.SMALL

    @property
    def full_address(self) -> str:
        """Postal code, city, township and street, as on a letter."""
        return f"{self.postal_code}{self.city}{self.township}{self.address}"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: User) -> OrganisationQuerySet:
        """Organisations that the user is a member of; everything for those who may see all cases."""
        if user.has_permission("case.view_all") or user.has_permission("account.manage"):
            return self
        return self.filter(pk__in=user.organisation_roles)


class Organisation(CompanyFields):
    """A registered applicant, one for each 統一編號: a company (E1), or another kind of body (RA1)."""

    kind = models.CharField(
        "單位類別",
        max_length=20,
        choices=[(kind.value, kind.label) for kind in ApplicantKind],
        default=ApplicantKind.COMPANY.value,
    )
    ubn = models.CharField("統一編號", max_length=8, unique=True)
    ubn_override_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=0)  # optimistic lock of two people editing at once
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("ubn",)
        constraints = [
            models.CheckConstraint(condition=Q(ubn__regex=r"^\d{8}$"), name="organisation_ubn_8_digits")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> ApplicantKind:
        """The kind with the words for it: ``organisation.called.noun``, ``.this``, ``.yours``."""
        return ApplicantKind(self.kind)


class BusinessItem(models.Model):
    """One business item code (所營事業代碼) of an organisation (E4)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="business_items")
    code = models.CharField(max_length=7)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="one_business_item_once")
        ]

    def __str__(self) -> str:
        return self.code


class Membership(models.Model):
    """A user's place in an organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user}（{self.get_role_display()}）"


class Invitation(models.Model):
    """An invitation by mail to join an organisation; the token works once and expires."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("電子郵件")
    role = models.CharField(max_length=10, choices=MemberRole.choices, default=MemberRole.EDITOR)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                name="invitation_accepted_or_revoked_not_both",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="invitation_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"

    def is_open(self, now: Any) -> bool:
        """Whether the invitation can still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


class JoinRequest(models.Model):
    """Somebody registered a number that exists: the owners are asked instead of making a twin."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="join_requests")
    message = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.WAITING)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(answer="waiting"),
                name="one_waiting_join_request",
            ),
            models.CheckConstraint(
                condition=Q(answer="waiting", answered_at=None)
                | Q(~Q(answer="waiting"), answered_at__isnull=False),
                name="join_request_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.organisation}"
