"""What pages about organisations show, in a bounded number of queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.enums import MemberRole, RequestState
from accounts.models import Invitation, JoinRequest, Organisation, User
from accounts.permissions import verified_addresses


def organisation_for(user: User, pk: int) -> Organisation | None:
    """The organisation with its codes, if the user may know of it. Two queries."""
    return Organisation.objects.visible_to(user).prefetch_related("business_items").filter(pk=pk).first()


def members(organisation: Organisation, now: datetime) -> dict[str, Any]:
    """Members, open invitations and waiting requests. Three queries."""
    return {
        "memberships": list(organisation.memberships.select_related("user").order_by("since", "pk")),
        "invitations": list(
            organisation.invitations.filter(
                accepted_at=None, revoked_at=None, expires_at__gt=now
            ).select_related("invited_by")
        ),
        "requests": list(
            organisation.join_requests.filter(answer=RequestState.WAITING).select_related("user")
        ),
    }


def invitations_to(user: User, now: datetime) -> list[Invitation]:
    """Open invitations to one of the account's verified addresses. Two queries."""
    wanted = Q()
    for email in verified_addresses(user):
        wanted |= Q(email__iexact=email)
    if not wanted:
        return []
    return list(
        Invitation.objects.filter(wanted, accepted_at=None, revoked_at=None, expires_at__gt=now)
        .exclude(organisation__in=user.organisation_roles)
        .select_related("organisation", "invited_by")
        .order_by("created_at")
    )


def requests_to_answer(user: User) -> list[JoinRequest]:
    """Requests to join that wait for this owner, oldest first. One query."""
    owned = [pk for pk, role in user.organisation_roles.items() if role == MemberRole.OWNER]
    if not owned:
        return []
    return list(
        JoinRequest.objects.filter(organisation__in=owned, answer=RequestState.WAITING)
        .select_related("organisation", "user")
        .order_by("created_at")
    )


def requests_of(user: User) -> list[JoinRequest]:
    """The user's own requests that wait for an owner. One query."""
    return list(
        JoinRequest.objects.filter(user=user, answer=RequestState.WAITING).select_related("organisation")
    )


def accounts_list(*, q: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Accounts for the administrator, by name; roles and memberships prefetched."""
    found = User.objects.order_by("name", "email").prefetch_related("roles", "memberships__organisation")
    if q:
        found = found.filter(Q(name__icontains=q) | Q(email__icontains=q))
    if role == "applicant":
        found = found.filter(roles=None)
    elif role:
        found = found.filter(roles__code=role)
    if state:
        found = found.filter(is_active=state == "active")
    return found
