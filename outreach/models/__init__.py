"""Publications, events and their registrations, inquiries, and the settings of the service."""

from outreach.models.events import Event, Registration, RegistrationTransition
from outreach.models.inquiries import Inquiry, InquiryFile, InquiryMessage, InquiryTransition
from outreach.models.publications import Publication, PublicationFile, Topic
from outreach.models.service import ServiceSettings

__all__ = [
    "Event",
    "Inquiry",
    "InquiryFile",
    "InquiryMessage",
    "InquiryTransition",
    "Publication",
    "PublicationFile",
    "Registration",
    "RegistrationTransition",
    "ServiceSettings",
    "Topic",
]
