"""People, roles and organisations."""

from accounts.models.organisation import (
    BusinessItem,
    CompanyFields,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
)
from accounts.models.user import Role, User

__all__ = [
    "BusinessItem",
    "CompanyFields",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organisation",
    "Role",
    "User",
]
