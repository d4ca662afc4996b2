"""Wording of letters: versions, checking, and resolving it for one document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from documents.contexts import CONTEXTS, Context
from documents.enums import DocumentKind
from documents.models import LetterTemplate
from documents.rules import wording as rules

FIXTURE = "fixtures/letters.yaml"
TEXT_FIELDS = (
    "agency",
    "agency_address",
    "contact",
    "speed",
    "classification",
    "file_code",
    "retention",
    "subject",
    "body",
    "measures",
    "enclosures",
    "copies_to",
    "signature",
)
# Where fields may stand; tables only in the long texts.
FILLED = ("subject", "body", "measures", "enclosures", "copies_to", "signature")
_WITH_TABLES = ("body", "measures")


@dataclass(frozen=True, slots=True)
class Wording:
    """A template's texts with every placeholder replaced; frozen into the document."""

    kind: str
    version: int
    agency: str
    agency_address: str
    contact: str
    speed: str
    classification: str
    file_code: str
    retention: str
    subject: str
    body: str
    measures: str
    enclosures: str
    copies_to: str
    signature: str

    def as_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def check_texts(*, kind: str, texts: dict[str, str]) -> dict[str, str]:
    """Messages by field name for whatever cannot be used, empty when all is well."""
    cls = CONTEXTS[DocumentKind(kind)]
    errors = {}
    for name in FILLED:
        try:
            rules.check(
                texts.get(name, ""), cls.named_fields(), cls.named_tables(), takes_tables=name in _WITH_TABLES
            )
        except rules.WordingRefused as error:
            errors[name] = str(error)
    return errors


def resolve_wording(*, context: Context, template: LetterTemplate | None = None) -> Wording:
    """The current (or given) wording of the context's kind, filled in.

    The call's own texts take the place of the current wording's, not of those of a given template. Raises
    WordingRefused for an unknown field, LetterTemplate.DoesNotExist without a template.
    """
    own = context.own_texts() if template is None else {}
    if template is None:
        template = LetterTemplate.objects.get(kind=context.kind, is_current=True)
    values, tables = context.named_values(), context.named_tables()
    texts = {name: getattr(template, name) for name in TEXT_FIELDS} | own
    for name in FILLED:
        texts[name] = rules.fill(texts[name], values, tables if name in _WITH_TABLES else ())
    return Wording(kind=template.kind, version=template.version, **texts)


def save_template(
    *, kind: str, texts: dict[str, str], note: str, actor: Any, now: datetime
) -> LetterTemplate:
    """Write the next version and make it current; the same texts again return the present version.

    Raises WordingRefused when :func:`check_texts` finds something.
    """
    for message in check_texts(kind=kind, texts=texts).values():
        raise rules.WordingRefused(message)
    values = {name: texts.get(name, "").replace("\r\n", "\n").strip() for name in TEXT_FIELDS}
    with transaction.atomic():
        versions = LetterTemplate.objects.select_for_update().filter(kind=kind)
        current = versions.filter(is_current=True).first()
        if current and all(getattr(current, name) == values[name] for name in TEXT_FIELDS):
            return current
        newest = versions.order_by("-version").first()
        versions.filter(is_current=True).update(is_current=False)
        return LetterTemplate.objects.create(
            kind=kind,
            version=newest.version + 1 if newest else 1,
            is_current=True,
            note=note[:200],
            edited_by=actor,
            edited_at=now,
            **values,
        )


def load_letter_templates(*, now: datetime) -> int:
    """Load ``fixtures/letters.yaml`` for kinds that have no wording yet; how many were created.

    What the office has edited is never overwritten, so it may run at every start.
    """
    data = yaml.safe_load((settings.BASE_DIR / FIXTURE).read_text(encoding="utf-8"))
    created = 0
    for kind, own in data["letters"].items():
        if LetterTemplate.objects.filter(kind=kind).exists():
            continue
        texts = {name: str(value) for name, value in (data["letterhead"] | own).items()}
        save_template(kind=kind, texts=texts, note="預設範本", actor=None, now=now)
        created += 1
    return created


def preview_template(*, kind: str, texts: dict[str, str], now: datetime) -> bytes:
    """A PDF of the wording with made-up values and 預覽 across it. Writes nothing. Raises WordingRefused."""
    from documents import assembling

    for message in check_texts(kind=kind, texts=texts).values():
        raise rules.WordingRefused(message)
    template = LetterTemplate(kind=kind, version=0, edited_at=now, **texts)
    return assembling.preview_pdf(template, now=now)
