"""Taiwan's townships: from what somebody types to city, township and postal code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from core.identifiers import normalise_city

_FILE = Path(__file__).resolve().parents[1] / "fixtures" / "townships.yaml"


@dataclass(frozen=True, slots=True)
class Township:
    """One township; ``postal_code`` is its first three digits."""

    city: str
    name: str
    postal_code: str

    @property
    def label(self) -> str:
        """臺中市西屯區."""
        return f"{self.city}{self.name}"


@cache
def townships() -> tuple[Township, ...]:
    """All of them, in the order of the file. Read once for each process."""
    cities = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Township(city, name, str(code)) for city, places in cities.items() for name, code in places.items()
    )


def find_township(text: str) -> Township:
    """The township that the text names: "407 台中市西屯區", "西屯區", "407".

    Raises ValueError with a message for the user: unknown, or which of several is meant.
    """
    typed = normalise_city(text)
    if re.fullmatch(r"\d{3}", typed):
        found = [place for place in townships() if place.postal_code == typed]
    else:
        typed = re.sub(r"^\d{3,6}", "", typed)
        found = [place for place in townships() if typed in (place.label, place.name)]
        if not found and typed:
            # A whole address pasted in: the longest township that it begins with.
            found = sorted(
                (p for p in townships() if typed.startswith(p.label)), key=lambda p: -len(p.label)
            )[:1]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"「{text}」有好幾個，請連縣市一起填，例如 {'、'.join(p.label for p in found[:6])}")
    raise ValueError("找不到這個鄉鎮市區。請填縣市與鄉鎮市區，例如 臺中市西屯區")
