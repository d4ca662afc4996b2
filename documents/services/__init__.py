"""Use cases of documents. Keyword-only; ``actor`` and ``now`` are passed in; tasks start on commit."""

from documents.services.batches import merge_batch, request_batch, retry_batch
from documents.services.files import FileDamaged, open_verified, store_bytes, store_file
from documents.services.mail import forget_mail, queue_mail, send_mail
from documents.services.numbers import take_next, take_number
from documents.services.rendering import render_document
from documents.services.requests import (
    Attachment,
    LetterRequest,
    reissue,
    request_document,
    retry_document,
)
from documents.services.sweeping import sweep
from documents.services.templates import (
    FILLED,
    load_letter_templates,
    preview_template,
    resolve_wording,
    save_template,
)

__all__ = (
    "FILLED",
    "Attachment",
    "FileDamaged",
    "LetterRequest",
    "forget_mail",
    "load_letter_templates",
    "merge_batch",
    "open_verified",
    "preview_template",
    "queue_mail",
    "reissue",
    "render_document",
    "request_batch",
    "request_document",
    "resolve_wording",
    "retry_batch",
    "retry_document",
    "save_template",
    "send_mail",
    "store_bytes",
    "store_file",
    "sweep",
    "take_next",
    "take_number",
)
