"""HTML to PDF, merging, pictures to pages: the one module that imports WeasyPrint, and only when used.

One font configuration and one parsed style sheet a process, used by one thread only: sharing them
between threads aborts the process, making them for each call eats memory and time. Nothing is fetched
but the project's own ``static/pdf`` and its fonts; no network, no file that a template could name.
"""

from __future__ import annotations

import atexit
import base64
import functools
import io
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import pikepdf

PDF_VARIANT = "pdf/ua-1"
SUBSET_NAME = "TW-Kai-subset.ttf"
# What a picture is scaled down to before it becomes a page: enough for A4 at 200 dots an inch.
MAX_PIXELS = (1700, 2300)

_lock = threading.Lock()
_engines: dict[int, ThreadPoolExecutor] = {}
_state: dict[int, tuple[Any, Any, Any, Any]] = {}
# Before the interpreter takes WeasyPrint's libraries apart.
atexit.register(_state.clear)


class FetchRefused(ValueError):
    """A template asked for something outside static/pdf and the fonts."""


def static_dir() -> Path:
    """Where the style sheets and pictures of PDFs are."""
    return Path(settings.BASE_DIR) / "static" / "pdf"


def font_dir() -> Path:
    """Where ``manage.py prepare_fonts`` puts the subset."""
    return Path(getattr(settings, "FONT_DIR", Path(settings.BASE_DIR) / "var" / "fonts"))


def resolve(url: str) -> Path:
    """The file behind ``pdf-static:name`` or ``pdf-font:name``; raises :class:`FetchRefused` for all else."""
    scheme, _, name = url.partition(":")
    folders = {"pdf-static": static_dir, "pdf-font": font_dir}
    if scheme not in folders:
        raise FetchRefused(f"PDF templates may not fetch {url[:80]}")
    folder = folders[scheme]().resolve()
    path = (folder / name.split("?")[0].split("#")[0].lstrip("/")).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise FetchRefused(f"no such file for PDF templates: {url[:80]}")
    return path


def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        """Own files only; data: URLs carry the pictures that a document embeds."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            return URLFetcherResponse(url, resolve(url).read_bytes())

    return Fetcher(allowed_protocols=("data",), allow_redirects=False)


def _css_source() -> str:
    source = (static_dir() / "documents.css").read_text(encoding="utf-8")
    if (font_dir() / SUBSET_NAME).is_file():
        face = f'@font-face {{ font-family: "TW-Kai Subset"; src: url("pdf-font:{SUBSET_NAME}"); }}\n'
        source = face + source
    return source


def _load() -> tuple[Any, Any, Any, Any]:
    pid = os.getpid()
    if pid not in _state:
        # Quiet: WeasyPrint and fontTools tell every table of every font.
        for name in ("weasyprint", "fontTools"):
            logging.getLogger(name).setLevel(logging.ERROR)
        from weasyprint import CSS
        from weasyprint.css.counters import CounterStyle
        from weasyprint.text.fonts import FontConfiguration

        fonts, fetcher, counters = FontConfiguration(), _fetcher(), CounterStyle()
        css = CSS(string=_css_source(), font_config=fonts, counter_style=counters, url_fetcher=fetcher)
        _state.clear()
        _state[pid] = (fonts, css, fetcher, counters)
    return _state[pid]


def _on_engine(work: Callable[[], bytes]) -> bytes:
    """Run ``work`` on this process's one typesetting thread (a fork gets its own)."""
    pid = os.getpid()
    with _lock:
        if pid not in _engines:
            _engines.clear()
            _engines[pid] = ThreadPoolExecutor(max_workers=1, thread_name_prefix="typesetting")
        engine = _engines[pid]
    return engine.submit(work).result()


def html_to_pdf(html: str) -> bytes:
    """Typeset one HTML document with the project's style sheet to PDF/UA bytes."""

    def work() -> bytes:
        from weasyprint import HTML

        fonts, css, fetcher, counters = _load()
        page = HTML(string=html, base_url="pdf-static:", url_fetcher=fetcher)
        content = page.write_pdf(
            stylesheets=[css], font_config=fonts, counter_style=counters, pdf_variant=PDF_VARIANT
        )
        assert isinstance(content, bytes)
        return content

    return _on_engine(work)


@functools.lru_cache(maxsize=256)
def qr_svg(text: str) -> str:
    """A QR code as inline SVG; medium error correction, quiet zone of two modules."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, svgclass="qr", lineclass=None, omitsize=True,
        title=None,
    )  # fmt: skip
    return out.getvalue().decode()


def page_count(content: bytes) -> int:
    """How many pages a PDF has. Raises pikepdf.PdfError or pikepdf.PasswordError."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


def merge(parts: Sequence[tuple[str, bytes]], *, title: str) -> bytes:
    """One PDF of all parts in order, a bookmark for each that opens its first page.

    Bookmarks that a part already has (a plan's chapters) are kept below its own.
    """
    import pikepdf

    with pikepdf.new() as result:
        with result.open_outline() as outline:
            for name, content in parts:
                with pikepdf.open(io.BytesIO(content)) as part:
                    first = len(result.pages)
                    inner = _outline_of(part)
                    result.add_pages_from(part, forms="strip")
                    item = pikepdf.OutlineItem(name, first)
                    item.children.extend(pikepdf.OutlineItem(t, first + n) for t, n in inner)
                    item.is_closed = True
                    outline.root.append(item)
        result.docinfo["/Title"] = title
        result.Root.PageMode = pikepdf.Name.UseOutlines
        result.Root.Lang = "zh-Hant-TW"
        result.remove_unreferenced_resources()
        out = io.BytesIO()
        result.save(out, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _outline_of(pdf: pikepdf.Pdf) -> list[tuple[str, int]]:
    """Top bookmarks of a part with their page numbers (from 0), as far as they can be told."""
    import pikepdf

    found = []
    numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages)}
    try:
        with pdf.open_outline() as outline:
            for item in outline.root:
                target: Any = item.destination
                if target is None and item.action is not None:
                    target = item.action.get("/D")
                if isinstance(target, pikepdf.Array) and target[0].objgen in numbers:
                    found.append((item.title, numbers[target[0].objgen]))
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError):
        return []  # somebody else's odd bookmarks are no reason to refuse their file
    return found


def picture_data_url(content: bytes) -> str:
    """A JPEG or PNG, turned upright and scaled down, as a data: URL. Raises OSError when it is broken."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as original:
        picture: Any = ImageOps.exif_transpose(original)
        picture.thumbnail(MAX_PIXELS)
        if picture.mode not in ("RGB", "L"):
            # Transparent parts are paper, not black.
            flat = Image.new("RGB", picture.size, "white")
            flat.paste(picture.convert("RGBA"), mask=picture.convert("RGBA").getchannel("A"))
            picture = flat
        out = io.BytesIO()
        picture.save(out, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
