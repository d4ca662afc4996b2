"""Log lines as JSON, with what looks like personal data taken out before it leaves the process."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_PERSONAL = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[mail]"),
    (re.compile(r"(?<![A-Za-z0-9])[A-Z][1289A-D]\d{8}(?!\d)"), "[person-id]"),
    (re.compile(r"(?<!\d)(?:\+886-?|0)9\d{2}-?\d{3}-?\d{3}(?!\d)"), "[phone]"),
    # PostgreSQL repeats the row in its errors: "DETAIL:  Key (email)=(…) already exists."
    (re.compile(r"(DETAIL:\s*).*"), r"\1[row]"),
    (re.compile(r"(\?)[^\s\"']+=[^\s\"']*"), r"\1[query]"),
)


def redact(text: str) -> str:
    """Return ``text`` without mail addresses, identity and mobile numbers, database rows, query strings."""
    for pattern, replacement in _PERSONAL:
        text = pattern.sub(replacement, text)
    return text


class JsonFormatter(logging.Formatter):
    """One line of JSON: time (UTC), level, logger, message, traceback (never local values)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if (status := getattr(record, "status_code", None)) is not None:
            line["status"] = status
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
