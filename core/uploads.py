"""Uploaded files: what they really are, and whether they are safe to keep, before anything else reads them.

Nothing here loads a whole file into memory, follows a reference in it, or trusts its name.
"""

from __future__ import annotations

import hashlib
import logging
import socket
import struct
import threading
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pikepdf
import puremagic
from django.conf import settings
from PIL import Image, ImageFile, UnidentifiedImageError

from core import active_content

log = logging.getLogger(__name__)

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "odt": _ODF + "text",
    "docx": _OOXML + "wordprocessingml.document",
    "ods": _ODF + "spreadsheet",
    "xlsx": _OOXML + "spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "png": "image/png",
}
ALLOWED_KINDS = frozenset(CONTENT_TYPES)

CHUNK = 64 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 2_000
_MAX_DIRECTORY = 1024 * 1024  # bytes of a zip's table of contents: 2,000 members need far less
_MAX_SMALL_PART = 1024 * 1024
_SCAN_TIMEOUT = 30  # seconds
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class UploadRefused(ValueError):
    """The file is not accepted; the message tells the user why and what to do."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """An accepted file: its kind (``pdf`` …), content type by its content, size in bytes, SHA-256 in hex."""

    kind: str
    content_type: str
    size: int
    sha256: str


def inspect_upload(
    file: Any, *, max_bytes: int | None = None, allowed: Collection[str] = ALLOWED_KINDS
) -> Inspected:
    """Check an uploaded file (anything with ``name``, ``read``, ``seek``) and rewind it.

    ``allowed`` holds kinds of :data:`CONTENT_TYPES`; ``max_bytes`` defaults to the setting
    UPLOAD_MAX_BYTES. Asks ClamAV when the setting CLAMAV_ADDRESS names one, and refuses when it doesn't
    answer. Raises :class:`UploadRefused`.
    """
    kind = _kind_by_name(str(getattr(file, "name", "") or ""), allowed)
    size, digest, head = _measure(file, settings.UPLOAD_MAX_BYTES if max_bytes is None else max_bytes)
    _check_content(file, kind, head)
    if settings.CLAMAV_ADDRESS:
        scan(file, settings.CLAMAV_ADDRESS)
    file.seek(0)
    return Inspected(kind, CONTENT_TYPES[kind], size, digest)


def _kind_by_name(name: str, allowed: Collection[str]) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    kind = {"jpeg": "jpg"}.get(suffix, suffix)
    if kind not in allowed:
        kinds = "、".join(known.upper() for known in CONTENT_TYPES if known in allowed)
        raise UploadRefused(f"不收這種檔案，請轉成 {kinds} 再上傳")
    return kind


def _chunks(file: Any) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _measure(file: Any, max_bytes: int) -> tuple[int, str, bytes]:
    """Size, SHA-256 and first bytes, in one pass that stops at the limit."""
    size, digest, head = 0, hashlib.sha256(), b""
    for chunk in _chunks(file):
        head = head or chunk[:4096]
        size += len(chunk)
        if size > max_bytes:
            limit = f"{max_bytes / 1024 / 1024:g} MB"
            raise UploadRefused(f"檔案太大，最多 {limit}。請降低掃描解析度，或分成幾個檔案上傳")
        digest.update(chunk)
    if not size:
        raise UploadRefused("檔案是空的（0 位元組），請確認選對檔案再上傳")
    return size, digest.hexdigest(), head


def _check_content(file: Any, kind: str, head: bytes) -> None:
    mismatch = UploadRefused(
        f"檔案內容不是 {kind.upper()}，請用原來的軟體另存成 {kind.upper()} 再上傳，不要只改副檔名"
    )
    if head.startswith(_OLE) and kind in ("docx", "xlsx"):
        raise UploadRefused("檔案有密碼保護，或是舊版 Office 格式。請取消密碼並另存成新格式再上傳")
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        raise mismatch from None
    if kind in ("pdf", "jpg", "png"):
        if CONTENT_TYPES[kind] not in found:
            raise mismatch
        _check_pdf(file) if kind == "pdf" else _check_image(file, kind)
    elif not head.startswith(b"PK\x03\x04") or archive_kind(file) != kind:
        raise mismatch


def _check_pdf(file: Any) -> None:
    broken = UploadRefused("PDF 檔案不完整或已損壞，請重新產生後再上傳")
    end = file.seek(0, 2)
    file.seek(max(0, end - 2048))
    if b"%%EOF" not in file.read(2048):
        raise broken
    file.seek(0)
    try:
        with pikepdf.open(file) as pdf:
            protected, pages = pdf.is_encrypted, len(pdf.pages)
            acting = "" if protected else active_content.in_pdf(pdf)
    except pikepdf.PasswordError:
        raise UploadRefused("PDF 有密碼保護，請取消密碼後再上傳") from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        raise broken from None
    if protected:
        raise UploadRefused("PDF 有密碼或限制保護，請取消保護後再上傳")
    if not pages:
        raise UploadRefused("PDF 裡沒有任何一頁，請重新產生後再上傳")
    if acting:
        raise UploadRefused(acting)


_decoding = threading.Lock()


@contextmanager
def _strict_decoding() -> Iterator[None]:
    """Have Pillow refuse cut-off pictures, even in a process where WeasyPrint has made it lenient for all."""
    with _decoding:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _check_image(file: Any, kind: str) -> None:
    file.seek(0)
    try:
        with Image.open(file, formats=["JPEG" if kind == "jpg" else "PNG"]) as image:
            if image.width * image.height > (Image.MAX_IMAGE_PIXELS or 0):
                raise Image.DecompressionBombError
            if kind == "png":
                image.verify()
            else:
                image.draft("L", (64, 64))  # decoded at an eighth: cheap, and finds a cut-off file
                with _strict_decoding():
                    image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadRefused("圖片的像素太多，請縮小到 8,000 萬像素以下再上傳") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UploadRefused("圖片檔不完整或已損壞，請重新存檔後再上傳") from None


def archive_kind(file: Any, *, max_unpacked: int = MAX_UNPACKED) -> str:
    """Kind of an office file (odt, docx, ods, xlsx) by its parts, or ``""`` for any other zip.

    Looks at the table of contents before anything is unpacked: too many members, too much or too densely
    packed content, doubled or escaping names, encryption, macros and what else would act when the file is
    opened raise :class:`UploadRefused`.
    """
    broken = UploadRefused("檔案不完整或已損壞，請重新存檔後再上傳")
    if _directory_size(file) > _MAX_DIRECTORY:
        raise UploadRefused("檔案內部的項目太多，無法安全處理，請另存新檔後再上傳")
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), packed=file.seek(0, 2), max_unpacked=max_unpacked)
            kind = _office_kind(archive)
            if kind and (acting := active_content.in_office(archive, kind)):
                raise UploadRefused(acting)
            return kind
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError):
        raise broken from None
    except (KeyError, ValueError, RuntimeError, struct.error) as error:
        raise error if isinstance(error, UploadRefused) else broken from None


def _directory_size(file: Any) -> int:
    """Size in bytes of a zip's table of contents by its end record; huge for zip64, which nobody needs."""
    length = file.seek(0, 2)
    file.seek(max(0, length - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise UploadRefused("檔案不完整或已損壞，請重新存檔後再上傳")
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return 2**32
    return int.from_bytes(tail[at + 12 : at + 16], "little")


def _check_members(members: list[zipfile.ZipInfo], *, packed: int, max_unpacked: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > max_unpacked or unpacked > packed * MAX_RATIO:
        raise UploadRefused("檔案解開後太大或項目太多，無法安全處理。請刪除多餘的內容，另存新檔後再上傳")
    names = [member.orig_filename for member in members]
    if len(set(names)) < len(names) or any(_escapes(name) for name in names):
        raise UploadRefused("檔案的內部結構不正常，請用原來的軟體另存新檔後再上傳")
    if any(member.flag_bits & 1 for member in members):
        raise UploadRefused("檔案有密碼保護，請取消密碼後再上傳")
    if any(_is_macro(name) for name in names):
        raise UploadRefused("檔案含有巨集，為了安全不能接受。請另存成不含巨集的檔案再上傳")


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or any(sign in name for sign in "\\:\0")


def _is_macro(name: str) -> bool:
    folded = name.casefold()
    if folded.endswith("vbaproject.bin"):
        return True
    # LibreOffice writes empty Basic libraries into macro-free files: only modules count.
    script = folded.startswith(("basic/", "scripts/")) and not folded.endswith("/")
    return script and not folded.endswith(("script-lb.xml", "script-lc.xml"))


def _office_kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names:
        declared = _small_part(archive, "mimetype").decode("ascii", "replace").strip()
        if "META-INF/manifest.xml" in names and b"encryption-data" in _small_part(
            archive, "META-INF/manifest.xml"
        ):
            raise UploadRefused("檔案有密碼保護，請取消密碼後再上傳")
        if "content.xml" in names:
            return next((kind for kind in ("odt", "ods") if CONTENT_TYPES[kind] == declared), "")
    elif "[Content_Types].xml" in names:
        types = _small_part(archive, "[Content_Types].xml")
        for kind, part in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")):
            if part in names and f"{CONTENT_TYPES[kind]}.main+xml".encode() in types:
                return kind
    return ""


def _small_part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_MAX_SMALL_PART)


def scan(file: Any, address: str) -> None:
    """Stream ``file`` to ClamAV at ``host:port`` or a socket path (INSTREAM).

    Raises :class:`UploadRefused` for a virus, and also when the scanner can't be reached: an unscanned
    file is never kept where scanning was asked for.
    """
    unavailable = UploadRefused("掃毒服務暫時沒有回應，檔案沒有存入。請稍後再上傳一次")
    try:
        with _connect(address) as connection:
            # clamd hangs up early on a stream over its own limit; its reply says so.
            with suppress(ConnectionError):
                connection.sendall(b"zINSTREAM\0")
                for chunk in _chunks(file):
                    connection.sendall(struct.pack("!I", len(chunk)) + chunk)
                connection.sendall(struct.pack("!I", 0))
            reply = _reply(connection.makefile("rb"))
    except (OSError, ValueError) as error:
        log.error("clamav at %s: %s", address, error)
        raise unavailable from None
    if reply.endswith(" FOUND"):
        log.warning("clamav refused an upload: %s", reply)
        raise UploadRefused("檔案含有病毒，沒有存入。請先掃毒清除，再重新上傳")
    if reply != "stream: OK":
        log.error("clamav at %s answered %r", address, reply)
        raise unavailable


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SCAN_TIMEOUT)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SCAN_TIMEOUT)


def _reply(stream: BinaryIO) -> str:
    with stream:
        return stream.read(1024).rstrip(b"\0\n").decode("utf-8", "replace")
