"""Files that a test can build in a line: PDFs, office files, images."""

from __future__ import annotations

import io
import zipfile

import pikepdf
import pytest
from PIL import Image

from core.sheets import write_ods, write_xlsx

DOCX_TYPES = (
    b'<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def pdf(pages: int = 1, **save) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(out, **save)
    return out.getvalue()


def image(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 80).save(out, kind)
    return out.getvalue()


def docx(**extra: bytes) -> bytes:
    return zipped({"[Content_Types].xml": DOCX_TYPES, "word/document.xml": b"<w/>", **extra})


def odt(**extra: bytes) -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": b"<office/>", **extra})


@pytest.fixture
def samples() -> dict[str, bytes]:
    """One good file of each accepted kind."""
    return {
        "pdf": pdf(),
        "odt": odt(),
        "docx": docx(),
        "ods": write_ods(["a"], [["b"]]),
        "xlsx": write_xlsx(["a"], [["b"]]),
        "jpg": image("JPEG"),
        "png": image("PNG"),
    }


def pdf_with(change) -> bytes:
    """A PDF of one page after ``change(pdf)``."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        change(document)
        document.save(out)
    return out.getvalue()
