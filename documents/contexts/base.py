"""What every context has: checks on construction, placeholders, and its JSON form."""

from __future__ import annotations

import types
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from documents.contexts.names import FIELDS, TABLES
from documents.enums import DocumentKind


class ContextError(ValueError):
    """A context that would make a wrong document; the message says which value."""


def require(ok: bool, message: str) -> None:
    """Raise ContextError with ``message`` unless ``ok``."""
    if not ok:
        raise ContextError(message)


def filled(instance: Any, *names: str) -> None:
    """Raise ContextError when one of the fields is empty or blank."""
    for name in names:
        value = getattr(instance, name)
        ok = bool(value.strip() if isinstance(value, str) else value)
        require(ok, f"{type(instance).__name__}.{name} 不可空白")


def dollars(*amounts: int) -> None:
    """Raise ContextError unless each amount is a whole number of dollars, zero or more."""
    for amount in amounts:
        require(isinstance(amount, int) and not isinstance(amount, bool), "金額須為整數（元）")
        require(amount >= 0, "金額不可為負數")


@dataclass(frozen=True)
class Context:
    """Base of every kind. ``reference`` is the case number (or the meeting's name) for lists and mail."""

    kind: ClassVar[DocumentKind]
    PLACEHOLDERS: ClassVar[tuple[str, ...]] = ()
    BLOCKS: ClassVar[tuple[str, ...]] = ()

    @property
    def reference(self) -> str:
        """What the office finds the document by."""
        return str(getattr(self, "case_number", ""))

    @property
    def title(self) -> str:
        """The document's subject when no wording gives one."""
        parts = (getattr(self, "company_name", ""), self.kind.label)
        return " ".join(part for part in parts if part)

    def values(self) -> dict[str, str]:
        """The text for each of ``PLACEHOLDERS``, by its code."""
        return {}

    def named_values(self) -> dict[str, str]:
        """The same by the names that the wording uses."""
        values = self.values()
        return {FIELDS[code].name: values[code] for code in self.PLACEHOLDERS}

    @classmethod
    def named_fields(cls) -> dict[str, str]:
        """The names that this kind's wording may use, each with what it is."""
        return dict(FIELDS[code] for code in cls.PLACEHOLDERS)

    @classmethod
    def named_tables(cls) -> dict[str, str]:
        """The tables that may stand on a line of their own, each with what it is."""
        return dict(TABLES[code] for code in cls.BLOCKS)

    @classmethod
    def table_codes(cls) -> dict[str, str]:
        """What a template calls each table, by the name that the wording uses."""
        return {TABLES[code].name: code for code in cls.BLOCKS}

    def own_texts(self) -> dict[str, str]:
        """Texts that take the place of the kind's general wording, by field of ``LetterTemplate``; none here."""
        return {}

    def as_json(self) -> dict[str, Any]:
        """JSON-ready, read back by :func:`load`."""
        plain = dump(self)
        assert isinstance(plain, dict)
        return plain


CASE_WORDS = ("case_number", "company_name", "call_name", "plan_title", "regulation", "you")


@dataclass(frozen=True)
class OwnWording:
    """A call's own texts for one kind of letter; an empty text leaves the general wording as it is."""

    kind: str
    subject: str = ""
    body: str = ""
    measures: str = ""
    enclosures: str = ""
    signature: str = ""


@dataclass(frozen=True)
class OwnLetterhead:
    """The agency of a call whose letters are not the general wording's; all of it holds, or nothing (no agency)."""

    agency: str = ""
    agency_address: str = ""
    contact: str = ""
    signature: str = ""
    party: str = ""

    def texts(self, kind: str) -> dict[str, str]:
        """Its texts by field of ``LetterTemplate``; a contract names the party where that is another body."""
        if not self.agency.strip():
            return {}
        agency = (self.party if kind == DocumentKind.CONTRACT else "") or self.agency
        return {
            "agency": agency,
            "agency_address": self.agency_address,
            "contact": self.contact,
            "signature": self.signature if self.signature and kind != DocumentKind.CONTRACT else agency,
        }


@dataclass(frozen=True)
class CaseContext(Context):
    """Base of what concerns one case.

    ``regulation``, ``applicant``, ``letterhead`` and ``wordings`` are the call's own words.
    """

    case_number: str
    company_name: str
    call_name: str
    plan_title: str
    regulation: str = field(default="申請須知", kw_only=True)
    applicant: str = field(default="公司", kw_only=True)
    letterhead: OwnLetterhead = field(default_factory=OwnLetterhead, kw_only=True)
    wordings: tuple[OwnWording, ...] = field(default=(), kw_only=True)

    def own_texts(self) -> dict[str, str]:
        """The call's own texts for this kind, as far as it has any."""
        return self.letterhead.texts(self.kind) | {
            f.name: getattr(own, f.name)
            for own in self.wordings
            if own.kind == self.kind
            for f in fields(own)
            if f.name != "kind" and getattr(own, f.name).strip()
        }

    @property
    def you(self) -> str:
        """How the letter speaks to the applicant."""
        return "貴公司" if self.applicant == "公司" else "貴單位"

    def __post_init__(self) -> None:
        filled(self, "case_number", "company_name", "call_name")

    def values(self) -> dict[str, str]:
        """Case number, company, call and plan."""
        return {name: str(getattr(self, name)) for name in CASE_WORDS}


T = TypeVar("T")
_hints: dict[type, dict[str, Any]] = {}


def dump(value: Any) -> Any:
    """``value`` as JSON knows it; floats and decimals are refused: print them first."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: dump(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [dump(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        raise ContextError("文件內容的數字須先寫成文字或整數（元）")
    return value


def read(wanted: Any, value: Any) -> Any:
    """A JSON value as the type hint ``wanted``."""
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return read(next(a for a in get_args(wanted) if a is not type(None)), value)
    if origin is tuple:
        return tuple(read(get_args(wanted)[0], item) for item in value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return build(wanted, value)
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is date:
        return date.fromisoformat(value)
    return value


def build(cls: type[T], data: dict[str, Any]) -> T:
    """A dataclass from its JSON; raises TypeError for missing fields, ContextError for wrong ones."""
    if cls not in _hints:
        _hints[cls] = get_type_hints(cls)
    return cls(**{f.name: read(_hints[cls][f.name], data[f.name]) for f in fields(cls) if f.name in data})  # type: ignore[arg-type]
