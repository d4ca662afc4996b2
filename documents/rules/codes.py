"""Letter numbers and verify codes as they are written."""

from __future__ import annotations

# No 0/O, 1/I/L, 8/B, 5/S, 2/Z, U/V: a code is read aloud on the telephone.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 10


def letter_number(roc_year: int, serial: int) -> str:
    """第1140000123號: ROC year in three digits, a serial of seven. ValueError when it runs over."""
    if not 1 <= serial <= 9_999_999 or not 1 <= roc_year <= 999:
        raise ValueError("a letter number holds a three-digit year and a serial up to 9,999,999")
    return f"第{roc_year:03d}{serial:07d}號"


def tidy_code(text: str) -> str:
    """What somebody typed as a code: upper case, without blanks and hyphens; "" when it cannot be one."""
    code = "".join(ch for ch in text.upper() if ch not in " -－　")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
