"""The pool of experts: adding, editing, taking out, inviting to log in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit, mail
from accounts.models import Role, User
from accounts.services.errors import Refused
from core.locking import lock_row
from review import permissions
from review.models import Assignment, ReviewerProfile, ReviewerSkill, ReviewerTie

PROFILE_FIELDS = ("title", "organisation_name", "organisation_ubn", "gender", "field", "capacity")
# Those who run the programme, watch over it or keep its accounts never score in it.
STAFF = ("office", "supervisor", "auditor", "administrator")


@dataclass(frozen=True, slots=True)
class TieData:
    """A tie declared once for all."""

    organisation_name: str
    organisation_ubn: str = ""
    note: str = ""


def _require(actor: User) -> None:
    if reason := permissions.manage_refusal(actor):
        raise PermissionDenied(reason)


@transaction.atomic
def add_reviewer(
    *,
    email: str,
    name: str,
    profile: dict[str, Any],
    skills: Iterable[str],
    ties: Sequence[TieData],
    actor: User,
    now: datetime,
) -> ReviewerProfile:
    """Take an expert into the pool; somebody without an account gets one and a mail with a link to set a password.

    ``profile``: the fields of PROFILE_FIELDS. The same address again refuses with the reason. Raises ``Refused``,
    ``PermissionDenied``. Side effects: account, role, profile, one mail.
    """
    _require(actor)
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email__iexact=email).first()
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, None, name=name)
        except IntegrityError:
            raise Refused("這個電子郵件剛剛有人建立了帳號，請再按一次。") from None
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        audit.record(user, actor=actor, event="account_created", roles=["reviewer"])
    elif ReviewerProfile.objects.filter(user=user).exists():
        raise Refused("這個電子郵件已經在委員庫裡了，請在清單搜尋後直接修改。")
    elif user.roles.filter(code__in=STAFF).exists():
        raise Refused("這個電子郵件屬於計畫辦公室、主辦單位、會計查核或系統管理人員，不能擔任審查委員。")
    elif not user.is_active:
        raise Refused("這個帳號已停用，請先請系統管理員啟用。")
    user.roles.add(_role("reviewer"))
    row = ReviewerProfile.objects.create(user=user, **{k: profile[k] for k in PROFILE_FIELDS})
    _write_lists(row, skills, ties)
    send_invitation(profile=row, actor=actor, now=now)
    return row


def _role(code: str) -> Role:
    role = Role.objects.filter(code=code).first()
    if role is None:
        raise Refused("系統還沒有審查委員的角色，請先請系統管理員載入角色設定。")
    return role


def _write_lists(row: ReviewerProfile, skills: Iterable[str], ties: Sequence[TieData]) -> None:
    wanted = list(dict.fromkeys(skills))
    row.skills.exclude(job_role__in=wanted).delete()
    have = set(row.skills.values_list("job_role", flat=True))
    ReviewerSkill.objects.bulk_create(
        ReviewerSkill(reviewer=row, job_role=role) for role in wanted if role not in have
    )
    before = [(t.organisation_name, t.organisation_ubn, t.note) for t in row.ties.all()]
    after = [(t.organisation_name, t.organisation_ubn, t.note) for t in ties]
    if before != after:
        row.ties.all().delete()
        ReviewerTie.objects.bulk_create(
            ReviewerTie(reviewer=row, organisation_name=n, organisation_ubn=u, note=o) for n, u, o in after
        )


@transaction.atomic
def update_reviewer(
    *,
    reviewer: ReviewerProfile,
    name: str,
    profile: dict[str, Any],
    skills: Iterable[str],
    ties: Sequence[TieData],
    actor: User,
    now: datetime,
) -> ReviewerProfile:
    """Change an expert's data. Raises ``PermissionDenied``."""
    _require(actor)
    locked = lock_row(ReviewerProfile.objects.select_related("user"), pk=reviewer.pk)
    for key in PROFILE_FIELDS:
        setattr(locked, key, profile[key])
    locked.save(update_fields=PROFILE_FIELDS)
    if locked.user.name != name:
        locked.user.name = name
        locked.user.save(update_fields=["name"])
    _write_lists(locked, skills, ties)
    return locked


@transaction.atomic
def set_in_pool(
    *, reviewer: ReviewerProfile, active: bool, reason: str, actor: User, now: datetime
) -> ReviewerProfile:
    """Take an expert out of the pool (no new panels or cases) or back in; open work has to be given away first.

    Raises ``Refused`` while he or she holds cases. The reason stays in the log.
    """
    _require(actor)
    locked = lock_row(ReviewerProfile.objects.select_related("user"), pk=reviewer.pk)
    if locked.active == active:
        return locked
    if not active:
        held = (
            Assignment.objects.filter(reviewer=locked, state__in=["assigned", "declared"])
            .exclude(panel_case__panel__state="closed")
            .count()
        )
        if held:
            raise Refused(f"這位委員還有 {held} 件沒有完成，請先改派給其他委員，再停用。")
    locked.active = active
    locked.save(update_fields=["active"])
    audit.record(
        locked,
        actor=actor,
        event="account_enabled" if active else "account_disabled",
        reason=reason,
        scope="reviewer_pool",
    )
    return locked


def send_invitation(*, profile: ReviewerProfile, actor: User, now: datetime) -> None:
    """Tell an expert that he or she is in the pool; without a password yet, with a one-time link to set one."""
    _require(actor)
    user = profile.user
    lines = [f"{user.name} 您好：", "您已列入 iPAS 企業數位人才實作培育補助的審查委員名單，謝謝您的協助。"]
    if user.has_usable_password():
        lines.append(f"請用這個電子郵件登入：\n{mail.link('review:home')}")
    else:
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
        lines.append(
            "請開啟下面的連結設定密碼，之後用這個電子郵件登入（連結只能使用一次；"
            f"逾期時請在登入頁選「忘記密碼」）：\n{settings.PORTAL_URL}{path}"
        )
        audit.record(user, actor=actor, event="password_link_sent")
    mail.send(to=user.email, subject="邀請您加入審查委員名單", lines=lines, now=now)
