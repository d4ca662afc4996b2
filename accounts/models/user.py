"""User accounts and roles. A role is data: a code, a name and the permissions it gives."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property


class Role(models.Model):
    """A named list of permission codes (``case.view_all``, ``letter.issue`` …), loaded from ``fixtures/roles.yaml``.

    ``home`` names the home page that people of this role land on; ``needs_mfa`` marks roles that must
    use a second factor where ``MFA_REQUIRED_FOR_STAFF`` is on.
    """

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=40)
    permissions = models.JSONField(default=list)
    home = models.CharField(max_length=60)
    needs_mfa = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Accounts are named by their mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an account; the address is lower-cased, so that one mailbox is one account."""
        if not email:
            raise ValueError("email is required")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a technical account for the Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Applicants act through memberships, everybody else through roles."""

    email = models.EmailField(
        "電子郵件", unique=True, error_messages={"unique": "這個電子郵件已經註冊過了。"}
    )
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("電話", max_length=30, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    roles = models.ManyToManyField(Role, blank=True, related_name="users")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def role_list(self) -> list[Role]:
        """The account's roles, read once for each request."""
        return list(self.roles.all())

    @cached_property
    def permission_codes(self) -> frozenset[str]:
        """Every permission code that the account's roles give."""
        return frozenset(code for role in self.role_list for code in role.permissions)

    def has_permission(self, code: str) -> bool:
        """Whether one of the roles gives ``code``. Inactive accounts have none."""
        return self.is_active and code in self.permission_codes

    @cached_property
    def membership_list(self) -> list[Any]:
        """Memberships with their organisations, read once for each request."""
        return list(self.memberships.select_related("organisation").order_by("pk"))

    @cached_property
    def organisation_roles(self) -> dict[int, str]:
        """Organisation pk → the member role that the account has there."""
        return {m.organisation_id: m.role for m in self.membership_list}

    def read_seats_anew(self) -> None:
        """Forget what was read of the account's organisations: they may have changed while it waited for a lock."""
        for name in ("membership_list", "organisation_roles"):
            self.__dict__.pop(name, None)


class PasswordHistory(models.Model):
    """A hash that the account once used; the newest few may not come back (``accounts.validators``)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_history")
    hash = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
