"""What the office writes for everybody: plain text with paragraphs, lists and links, made into safe HTML.

Everything is escaped first of all; there is no way to write HTML. A blank line begins a paragraph, lines that
begin with ``- `` or ``1. `` are a list, ``[words](address)`` and bare web addresses are links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_BULLET = re.compile(r"[-•*]\s+(?P<words>.+)")
_NUMBER = re.compile(r"\d{1,3}[.、)]\s*(?P<words>.+)")
# Addresses of the web, of mail, or of a page here; anything else in brackets stays as it was typed.
_LINK = re.compile(
    r"\[(?P<words>[^\[\]\n]{1,200})\]\((?P<to>(?:https?://|mailto:|/(?!/))[^\s()<>\"'\\]{1,500})\)"
    r"|(?P<bare>https?://[^\s<>\"'\\()（）「」『』，。；、！？]{1,500})"
)


def _inline(line: str) -> SafeString:
    """One line with its links."""
    parts: list[SafeString] = []
    done = 0
    for found in _LINK.finditer(line):
        parts.append(escape(line[done : found.start()]))
        address = found["to"] or found["bare"]
        parts.append(format_html('<a href="{}">{}</a>', address, found["words"] or address))
        done = found.end()
    parts.append(escape(line[done:]))
    return SafeString("".join(parts))


def _kind(line: str) -> str:
    if _BULLET.fullmatch(line):
        return "ul"
    return "ol" if _NUMBER.fullmatch(line) else "p"


def _groups(block: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Runs of lines of one kind; a line below a list item that is none itself begins a paragraph."""
    run: list[str] = []
    kind = ""
    for line in block:
        if _kind(line) != kind and run:
            yield kind, run
            run = []
        kind = _kind(line)
        run.append(line)
    if run:
        yield kind, run


def render(text: str) -> SafeString:
    """The text as HTML: ``<p>``, ``<ul>``, ``<ol>``, ``<a>``, ``<br>`` and nothing else."""
    html: list[SafeString] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        for kind, run in _groups(lines):
            if kind == "p":
                html.append(format_html("<p>{}</p>", mark_safe("<br>".join(map(_inline, run)))))  # noqa: S308
                continue
            pattern = _BULLET if kind == "ul" else _NUMBER
            words = [found["words"] for line in run if (found := pattern.fullmatch(line))]
            items = format_html_join("", "<li>{}</li>", ((_inline(word),) for word in words))
            html.append(format_html("<{}>{}</{}>", kind, items, kind))
    return SafeString("\n".join(html))


def plain(text: str) -> str:
    """The text on one line without the marks of links and lists: for excerpts and descriptions."""
    words = _LINK.sub(lambda found: found["words"] or found["bare"], text)
    return " ".join(re.sub(r"(?m)^\s*[-•*]\s+", "", words).split())
