"""One event as a file for calendars (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar needs to know; times are aware."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    url: str
    changed_at: datetime
    sequence: int


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes; the rest follows on lines that begin with a space, no character cut in two."""
    lines: list[str] = []
    current = ""
    for sign in line:
        if len((current + sign).encode()) > (75 if not lines else 74):
            lines.append(current)
            current = ""
        current += sign
    return "\r\n ".join([*lines, current])


def calendar_file(entry: Entry) -> str:
    """The file's text, lines ended by CRLF."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//iPAS//portal//ZH-TW",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_utc(entry.changed_at)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTART:{_utc(entry.starts_at)}",
        f"DTEND:{_utc(entry.ends_at)}",
        f"SUMMARY:{_text(entry.title)}",
        f"LOCATION:{_text(entry.place)}",
        f"URL:{entry.url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)
