"""People, roles and organisations."""

from accounts.models.organisation import (
    BusinessItem,
    CompanyFields,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
)
from accounts.models.user import PasswordHistory, Role, User

__all__ = [
    "BusinessItem",
    "CompanyFields",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organisation",
    "PasswordHistory",
    "Role",
    "User",
]
