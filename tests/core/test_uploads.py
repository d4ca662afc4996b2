"""What an upload may be, and every way in which one is refused."""

from __future__ import annotations

import hashlib
import io
import logging
import socket
import struct
import threading
import zipfile

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from core.uploads import ALLOWED_KINDS, CHUNK, CONTENT_TYPES, UploadRefused, inspect_upload
from tests.core.conftest import DOCX_TYPES, docx, image, odt, pdf, zipped

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refused(name: str, content: bytes, **options) -> str:
    with pytest.raises(UploadRefused) as caught:
        inspect_upload(upload(name, content), **options)
    return str(caught.value)


@pytest.mark.parametrize("kind", sorted(ALLOWED_KINDS))
def test_a_good_file_of_each_kind_is_accepted_and_measured(kind, samples):
    content = samples[kind]
    file = upload(f"檔案.{kind.upper()}", content)
    found = inspect_upload(file)
    assert (found.kind, found.content_type, found.size) == (kind, CONTENT_TYPES[kind], len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert file.read() == content  # rewound


def test_a_file_that_django_keeps_on_disk_is_accepted(samples):
    with TemporaryUploadedFile("a.pdf", "application/pdf", 0, None) as file:
        file.write(samples["pdf"])
        assert inspect_upload(file).size == len(samples["pdf"])


def test_jpeg_is_the_same_as_jpg(samples):
    assert inspect_upload(upload("a.jpeg", samples["jpg"])).kind == "jpg"


@pytest.mark.parametrize("content", sorted(ALLOWED_KINDS))
@pytest.mark.parametrize("name", sorted(ALLOWED_KINDS))
def test_content_that_is_not_its_name_is_refused(name, content, samples):
    if name != content:
        message = refused(f"a.{name}", samples[content])
        assert f"檔案內容不是 {name.upper()}" in message
        assert "另存成" in message


@pytest.mark.parametrize("kind", sorted(ALLOWED_KINDS))
@pytest.mark.parametrize(
    "content", [b"hello", b"<html><script>alert(1)</script>", b"MZ\x90\0" * 30, b"\0" * 5000]
)
def test_other_content_is_refused_under_every_name(kind, content):
    assert "內容不是" in refused(f"a.{kind}", content)


@pytest.mark.parametrize("name", ["a.exe", "a.doc", "a.xlsm", "a", "", "pdf", "a.pdf.html", "a.svg"])
def test_other_names_are_refused_with_the_kinds_that_are_taken(name):
    file = io.BytesIO(b"x")
    file.name = name
    with pytest.raises(UploadRefused, match="請轉成 PDF、ODT、DOCX"):
        inspect_upload(file)


def test_only_the_allowed_kinds_are_taken(samples):
    assert "請轉成 PDF 再上傳" in refused("a.png", samples["png"], allowed={"pdf"})


def test_an_empty_file_is_refused():
    assert "空的" in refused("a.pdf", b"")


def test_the_size_limit_holds_to_the_byte(samples):
    content = samples["pdf"]
    assert inspect_upload(upload("a.pdf", content), max_bytes=len(content)).size == len(content)
    assert "檔案太大" in refused("a.pdf", content, max_bytes=len(content) - 1)
    assert "最多 1 MB" in refused("a.pdf", b"x" * (1024 * 1024 + 1), max_bytes=1024 * 1024)


def test_reading_stops_at_the_limit():
    class Endless(io.RawIOBase):
        name, taken = "a.pdf", 0

        def seek(self, *_):
            return 0

        def read(self, size=-1):
            self.taken += size
            return b"x" * size

    file = Endless()
    with pytest.raises(UploadRefused, match="太大"):
        inspect_upload(file, max_bytes=10 * CHUNK)
    assert file.taken <= 12 * CHUNK


@pytest.mark.parametrize("user", ["secret", ""])
def test_a_protected_pdf_is_refused(user):
    message = refused("a.pdf", pdf(encryption=pikepdf.Encryption(owner="owner", user=user)))
    assert "保護" in message
    assert "取消" in message


def test_a_pdf_without_pages_is_refused():
    assert "沒有任何一頁" in refused("a.pdf", pdf(pages=0))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_off_pdf_is_refused(share):
    content = pdf(pages=20)
    assert "已損壞" in refused("a.pdf", content[: int(len(content) * share)])


def test_a_pdf_of_noise_is_refused():
    assert "PDF" in refused("a.pdf", b"%PDF-1.7\n" + b"noise " * 100 + b"\n%%EOF")


@pytest.mark.parametrize("lenient", [False, True], ids=["alone", "beside WeasyPrint"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cut_off_image_is_refused(kind, lenient, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", lenient)
    content = image(kind, (300, 300))
    assert "已損壞" in refused("a.jpg" if kind == "JPEG" else "a.png", content[: len(content) // 2])


def test_an_image_of_too_many_pixels_is_refused():
    content = bytearray(image("PNG"))
    content[16:24] = struct.pack("!II", 40_000, 40_000)
    content[29:33] = struct.pack("!I", __import__("zlib").crc32(content[12:29]))
    assert "像素太多" in refused("a.png", bytes(content))


def test_a_bomb_in_xlsx_clothing_is_refused(samples):
    content = io.BytesIO(samples["xlsx"])
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * (30 * 1024 * 1024))
    assert "無法安全處理" in refused("a.xlsx", content.getvalue())


def test_the_unpacked_total_is_limited_at_any_density(monkeypatch):
    monkeypatch.setattr("core.uploads.archive_kind.__kwdefaults__", {"max_unpacked": 100_000})
    noise = bytes(hashlib.shake_256(b"x").digest(100_001))
    assert "無法安全處理" in refused("a.docx", docx(**{"word/a.bin": noise}))


def test_too_many_members_are_refused():
    assert "無法安全處理" in refused("a.docx", docx(**{f"a/{n}": b"" for n in range(2_000)}))


def test_a_huge_table_of_contents_is_refused_unread():
    assert "項目太多" in refused("a.docx", docx(**{f"{'a' * 60}{n}": b"" for n in range(10_000)}))


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "C:evil", "a\\..\\b"])
def test_escaping_names_are_refused(name):
    assert "內部結構不正常" in refused("a.docx", docx(**{name: b""}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubled_names_are_refused():
    content = io.BytesIO(docx())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("word/document.xml", b"<other/>")
    assert "內部結構不正常" in refused("a.docx", content.getvalue())


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "word/VBAPROJECT.BIN", "xl/vbaProject.bin"])
def test_macros_in_docx_are_refused(name):
    assert "巨集" in refused("a.docx", docx(**{name: b"x"}))


def test_macros_in_odt_are_refused_but_empty_libraries_are_not():
    assert "巨集" in refused("a.odt", odt(**{"Basic/Standard/Module1.xml": b"x"}))
    assert inspect_upload(upload("a.odt", odt(**{"Basic/Standard/script-lb.xml": b"x"}))).kind == "odt"


def test_macro_enabled_documents_are_refused_by_their_declared_type():
    types = DOCX_TYPES.replace(b"openxmlformats-officedocument", b"ms-word").replace(
        b"main", b"macroEnabled.main"
    )
    content = zipped({"[Content_Types].xml": types, "word/document.xml": b"<w/>"})
    assert "內容不是 DOCX" in refused("a.docx", content)


def test_protected_office_files_are_refused():
    assert "密碼" in refused("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    manifest = b"<manifest:encryption-data/>"
    assert "密碼" in refused("a.odt", odt(**{"META-INF/manifest.xml": manifest}))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_off_office_file_is_refused(share, samples):
    content = samples["xlsx"]
    assert "已損壞" in refused("a.xlsx", content[: int(len(content) * share)])


class FakeClamd(threading.Thread):
    """A clamd on loopback that finds only the EICAR test string; ``reply`` overrides its verdict."""

    def __init__(self, reply: bytes | None = None):
        super().__init__(daemon=True)
        self.reply, self.received = reply, b""
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"

    def run(self):
        connection, _ = self.server.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack("!I", stream.read(4))[0]:
                self.received += stream.read(length)
            verdict = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in self.received else b"stream: OK\0"
            connection.sendall(self.reply or verdict)


@pytest.fixture
def clamd(settings):
    servers = []

    def start(reply=None):
        server = FakeClamd(reply)
        servers.append(server)
        server.start()
        settings.CLAMAV_ADDRESS = server.address
        return server

    yield start
    for server in servers:
        server.join(5)
        server.server.close()


def test_a_clean_file_is_scanned_whole(clamd, samples):
    server = clamd()
    content = samples["pdf"] + b"\n" * (2 * CHUNK)
    content += b"%%EOF\n"
    inspect_upload(upload("a.pdf", content))
    server.join(5)
    assert server.received == content


def test_the_virus_test_file_is_refused(clamd, samples, caplog):
    clamd()
    with caplog.at_level(logging.CRITICAL):
        assert "病毒" in refused("a.odt", odt(**{"Pictures/a": b"x"}) + EICAR)


@pytest.mark.parametrize(
    "reply", [b"INSTREAM size limit exceeded. ERROR\0", b"nonsense", b"stream: X ERROR\0"]
)
def test_an_odd_answer_of_the_scanner_refuses_the_file(clamd, reply, samples):
    clamd(reply)
    assert "掃毒服務" in refused("a.pdf", samples["pdf"])


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nonexistent.sock", "nonsense"])
def test_a_scanner_out_of_reach_refuses_the_file(settings, address, samples):
    settings.CLAMAV_ADDRESS = address
    assert "請稍後再上傳" in refused("a.pdf", samples["pdf"])
