"""Text as people type and paste it, made fit to store, compare, count and typeset."""

from __future__ import annotations

import re

# Full-width ASCII (U+FF01–FF5E) and the ideographic space, to their half-width twins.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# In running Chinese text the punctuation stays full-width: only digits and letters change.
_HALF_WIDTH_ALNUM = {full: half for full, half in _HALF_WIDTH.items() if chr(half).isalnum()}

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Control characters but tab and newline; invisible marks that reorder or hide text (bidi, zero-width
# space, BOM); lone surrogates and noncharacters, which neither UTF-8 nor XML can hold. The zero-width
# joiner and the variation selectors stay: emoji and rare names need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")

_COMPANY_KINDS = (
    "股份有限公司",
    "有限公司",
    "兩合公司",
    "無限公司",
    "公司",
    "企業社",
    "工作室",
    "商行",
    "行號",
)


def storable(text: str) -> str:
    """As typed, without the two things that PostgreSQL keeps in no text: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def half_width(text: str) -> str:
    """Every full-width ASCII character and the ideographic space in half width: for numbers and codes."""
    return text.translate(_HALF_WIDTH)


def clean(text: str) -> str:
    """Text fit to store: half-width digits and letters, ``\\n`` newlines, nothing invisible, ends trimmed.

    Chinese punctuation, emoji and inner blank lines are kept as typed. Idempotent.
    """
    text = _NEWLINES.sub("\n", text)
    return _UNWANTED.sub("", text).translate(_HALF_WIDTH_ALNUM).strip()


def clean_line(text: str) -> str:
    """As :func:`clean`, on one line: every run of white space becomes one space. Idempotent."""
    return _SPACES.sub(" ", clean(text))


def unfold(text: str) -> str:
    """Lines of one sentence put together: between two Chinese characters or marks stands no space."""
    return re.sub(r"(?<=[\u2e80-\uffef])\s+(?=[\u2e80-\uffef])", "", text).strip()


def mask_name(name: str) -> str:
    """A person's name with all but its first and last character hidden: 王小明 → 王○明, 王明 → 王○."""
    name = clean_line(name)
    if len(name) <= 2:
        return name[: len(name) - 1] + "○" if name else ""
    return name[0] + "○" * (len(name) - 2) + name[-1]


def mask_company(name: str) -> str:
    """A company's name with its middle hidden and its legal form kept: 範例科技有限公司 → 範例○○有限公司."""
    name = clean_line(name)
    kind = next((kind for kind in _COMPANY_KINDS if name.endswith(kind) and name != kind), "")
    core = name.removesuffix(kind)
    shown = min(2, len(core) // 2)
    return core[:shown] + "○" * (len(core) - shown) + kind
