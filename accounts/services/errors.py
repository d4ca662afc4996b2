"""Why a use case was refused, in words for the person who asked."""

from __future__ import annotations

from accounts.models import Organisation


class Refused(Exception):
    """The message is for the user: what is in the way and what to do."""


class OrganisationExists(Exception):
    """The number is registered; the caller may offer to ask the owners."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(organisation.ubn)
        self.organisation = organisation


class Outdated(Refused):
    """Somebody else has saved in the meantime."""
