"""Files, numbers, wording, official documents, batches and mail."""

from documents.models.files import StoredFile
from documents.models.letters import LetterTemplate, NumberSeries
from documents.models.mail import OutgoingMail
from documents.models.official import (
    MAX_MERGE_ATTEMPTS,
    Batch,
    DocumentAttachment,
    DocumentTransition,
    OfficialDocument,
)

__all__ = (
    "MAX_MERGE_ATTEMPTS",
    "Batch",
    "DocumentAttachment",
    "DocumentTransition",
    "LetterTemplate",
    "NumberSeries",
    "OfficialDocument",
    "OutgoingMail",
    "StoredFile",
)
