"""Positions of the plans' charts in percent of their width, as text with a point, for SVG attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction
#: A part of a bar that is narrower than this (percent) has no room for its label.
ROOM = 7


def percent(value: Number, whole: Number) -> str:
    """``value`` of ``whole`` in percent with two decimals, between 0 and 100; 0 of nothing."""
    if not whole:
        return "0"
    exact = max(Fraction(0), min(Fraction(100), Fraction(value) * 100 / Fraction(whole)))
    hundredths = round(exact * 100)
    return f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target on one zero-based scale; marks that a KPI lacks are ""."""

    value: str = ""
    target: str = ""
    due: str = ""
    challenge: str = ""


def bullet(
    value: Number | None,
    target: Number | None,
    *,
    due: Number | None = None,
    challenge: Number | None = None,
) -> Bullet | None:
    """Where value, target, what is due by now and the challenge stand; None when there is nothing to draw."""
    known = [n for n in (value, target, due, challenge) if n is not None]
    top = max((Fraction(n) for n in known), default=Fraction(0))
    if not top:
        return None
    whole = top * Fraction(26, 25)  # a mark at the very end stays in sight

    def at(number: Number | None) -> str:
        return "" if number is None else percent(number, whole)

    return Bullet(at(value), at(target), at(due) if due != target else "", at(challenge))


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar. ``short``: its label inside, "" where there is no room."""

    label: str
    amount: int
    start: str
    width: str
    tone: int
    short: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in parts, on the same scale as its neighbours."""

    label: str
    total: int
    end: str
    pieces: tuple[Piece, ...] = field(default=())


def stacks(rows: Iterable[tuple[str, Sequence[int]]], names: Sequence[tuple[str, str]]) -> list[Bar]:
    """Bars of amounts by part; ``names``: (short, label) of each part, whose tones repeat after six."""
    rows = list(rows)
    top = max((sum(amounts) for _, amounts in rows), default=0)
    bars = []
    for label, amounts in rows:
        start, pieces = 0, []
        for i, (amount, (short, name)) in enumerate(zip(amounts, names, strict=True)):
            if amount:
                room = bool(top) and amount * 100 >= ROOM * top
                pieces.append(
                    Piece(
                        name,
                        amount,
                        percent(start, top),
                        percent(amount, top),
                        i % 6 + 1,
                        short if room else "",
                    )
                )
            start += amount
        bars.append(Bar(label, start, percent(start, top), tuple(pieces)))
    return bars
