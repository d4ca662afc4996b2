"""Who belongs to an organisation: invitations, requests to join, roles, leaving."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts import mail, permissions
from accounts.enums import MemberRole, RequestState
from accounts.models import Invitation, JoinRequest, Membership, Organisation, User
from accounts.services.errors import Refused
from core.locking import lock_row
from core.text import mask_name

INVITATION_LIFE = timedelta(days=7)
MAX_OPEN_INVITATIONS = 30


def _locked(organisation_id: int, actor: User) -> Organisation:
    """The organisation under a lock (its members change one at a time), if the actor may manage it."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    # The actor's seat may be gone since the request began: who was removed while waiting manages nobody any more.
    actor.read_seats_anew()
    if reason := permissions.why_not_manage_members(actor, organisation):
        raise PermissionDenied(reason)
    return organisation


def _owners(organisation: Organisation) -> list[User]:
    return list(
        User.objects.filter(
            is_active=True, memberships__organisation=organisation, memberships__role=MemberRole.OWNER
        )
    )


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, actor: User, now: datetime) -> Invitation:
    """Invite by mail; the link works once, for seven days, for that address only.

    An open invitation to the same address is kept instead of a second one made (its role follows the
    new wish). Raises Refused for somebody who is a member already. Side effects: a row, a mail.
    """
    return _invite(_locked(organisation.pk, actor), email=email, role=role, actor=actor, now=now)


@transaction.atomic
def invite_first_owner(*, organisation: Organisation, email: str, actor: User, now: datetime) -> Invitation:
    """Staff who registered a company for its people invite its owner. Refused when it has one."""
    if not permissions.may_register_for_others(actor):
        raise PermissionDenied("只有計畫辦公室與系統管理員可以替申請單位邀請擁有者。")
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if _owners(organisation):
        raise Refused(f"{organisation.called.this}已經有擁有者，請由擁有者邀請成員。")
    return _invite(organisation, email=email, role=MemberRole.OWNER, actor=actor, now=now)


def _invite(organisation: Organisation, *, email: str, role: str, actor: User, now: datetime) -> Invitation:
    email = email.strip().lower()
    if Membership.objects.filter(organisation=organisation, user__email__iexact=email).exists():
        raise Refused("這個電子郵件的使用者已經是成員了。")
    open_ones = Invitation.objects.filter(
        organisation=organisation, accepted_at=None, revoked_at=None, expires_at__gt=now
    )
    invitation = open_ones.filter(email__iexact=email).first()
    if invitation is not None:
        if invitation.role == role:
            return invitation
        invitation.role = role
        invitation.save(update_fields=["role"])
        return invitation
    if open_ones.count() >= MAX_OPEN_INVITATIONS:
        raise Refused(f"等待回覆的邀請已有 {MAX_OPEN_INVITATIONS} 份，請先撤回不需要的邀請。")
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    mail.send(
        to=email,
        subject="邀請您加入補助申請團隊",
        lines=[
            f"{organisation.name} 邀請您一起處理補助申請，身分是「{invitation.get_role_display()}」。",
            "請在 7 天內開啟下面的連結，用這個電子郵件登入或註冊後接受邀請：\n"
            + mail.link("organisation:accept_invitation", invitation.token),
            f"如果您不認識{organisation.called.this}，不必理會這封信。",
        ],
        now=now,
    )
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User, now: datetime) -> Invitation:
    """Take an open invitation back; nothing happens when it is not open any more."""
    _locked(invitation.organisation_id, actor)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at is None and locked.revoked_at is None:
        locked.revoked_at = now
        locked.save(update_fields=["revoked_at"])
    return locked


@transaction.atomic
def accept_invitation(*, token: str, actor: User, now: datetime) -> Membership:
    """Join by an invitation. The same person may press twice; nobody else and no other address gets in.

    Raises Invitation.DoesNotExist for an unknown token, Refused with the reason otherwise.
    """
    invitation = Invitation.objects.get(token=token)
    # The organisation first, as whoever answers a request to join or takes the invitation back does.
    Organisation.objects.select_for_update().get(pk=invitation.organisation_id)
    invitation = lock_row(Invitation.objects.select_related("organisation"), pk=invitation.pk)
    mine = Membership.objects.filter(organisation=invitation.organisation, user=actor).first()
    if reason := permissions.why_not_accept(actor, invitation, now):
        if mine is not None:
            return mine
        raise Refused(reason)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    if mine is not None:
        return mine
    JoinRequest.objects.filter(
        organisation=invitation.organisation, user=actor, answer=RequestState.WAITING
    ).update(answer=RequestState.ACCEPTED, answered_at=now, answered_by=invitation.invited_by)
    return Membership.objects.create(organisation=invitation.organisation, user=actor, role=invitation.role)


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: User, now: datetime) -> Membership:
    """Give a member another role. Raises Refused when the last owner would be gone."""
    _locked(membership.organisation_id, actor)
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    if locked.role == role:
        return locked
    if locked.role == MemberRole.OWNER:
        _keep_an_owner(locked)
    locked.role = role
    locked.save(update_fields=["role"])
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, actor: User, now: datetime) -> None:
    """Remove a member (owners), or leave (anybody, oneself). Raises Refused for the last owner."""
    if membership.user_id != actor.pk:
        _locked(membership.organisation_id, actor)
    else:
        Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    locked = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if locked is None:
        return
    if locked.role == MemberRole.OWNER:
        _keep_an_owner(locked)
    locked.delete()


def _keep_an_owner(leaving: Membership) -> None:
    """Another active owner must remain, else nobody could ever manage the organisation again."""
    others = Membership.objects.filter(
        organisation_id=leaving.organisation_id, role=MemberRole.OWNER, user__is_active=True
    ).exclude(pk=leaving.pk)
    if not others.exists():
        raise Refused("至少要有一位擁有者。請先把另一位成員改為擁有者。")


@transaction.atomic
def request_to_join(*, organisation: Organisation, message: str, actor: User, now: datetime) -> JoinRequest:
    """Ask the owners to be let in; asking again while one waits returns the first request.

    Without an active owner the programme office has to help: Refused says so. Side effects: a row, a mail
    to every owner.
    """
    if Membership.objects.filter(organisation=organisation, user=actor).exists():
        raise Refused(f"您已經是{organisation.called.this}的成員。")
    waiting = JoinRequest.objects.filter(organisation=organisation, user=actor, answer=RequestState.WAITING)
    if (existing := waiting.first()) is not None:
        return existing
    owners = _owners(organisation)
    if not owners:
        raise Refused(f"{organisation.called.this}目前沒有可以回覆的擁有者，請聯絡計畫推動辦公室。")
    try:
        with transaction.atomic():
            request = JoinRequest.objects.create(
                organisation=organisation, user=actor, message=message, created_at=now
            )
    except IntegrityError:
        return waiting.get()
    for owner in owners:
        mail.send(
            to=owner.email,
            subject=f"有人申請加入{organisation.called.yours}的補助申請團隊",
            lines=[
                f"{mask_name(actor.name)} 想加入 {organisation.name} 的補助申請團隊，等待您回覆。",
                "請登入後確認對方身分，再決定同意或婉拒：\n"
                + mail.link("organisation:answer_join", request.pk),
            ],
            now=now,
        )
    return request


@transaction.atomic
def answer_join_request(
    *, request: JoinRequest, accept: bool, role: str, actor: User, now: datetime
) -> JoinRequest:
    """Let somebody in with a role, or refuse. The first answer counts; a second raises Refused.

    Side effects: a membership when accepted, a mail to the person either way.
    """
    organisation = _locked(request.organisation_id, actor)
    locked = lock_row(JoinRequest.objects.select_related("user"), pk=request.pk)
    wanted = RequestState.ACCEPTED if accept else RequestState.REFUSED
    if locked.answer != RequestState.WAITING:
        if locked.answer == wanted and locked.answered_by_id == actor.pk:
            return locked
        raise Refused(f"這份申請已經回覆過了（{locked.get_answer_display()}）。")
    locked.answer = wanted
    locked.answered_at = now
    locked.answered_by = actor
    locked.save(update_fields=["answer", "answered_at", "answered_by"])
    if accept:
        Membership.objects.get_or_create(organisation=organisation, user=locked.user, defaults={"role": role})
        words = f"{organisation.name} 的擁有者同意了您的加入申請。登入後就可以開始：\n{mail.link('home')}"
    else:
        words = f"{organisation.called.noun}的擁有者婉拒了您的加入申請。如有疑問，請直接與對方聯絡。"
    mail.send(to=locked.user.email, subject="您的加入申請有回覆了", lines=[words], now=now)
    return locked
