"""Letters loaded, a fixed clock, a reader of PDFs, and the people of these tests."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from core.clock import TAIPEI
from documents import services, typesetting

NOW = datetime(2025, 3, 3, 10, 0, tzinfo=TAIPEI)


@pytest.fixture(scope="session", autouse=True)
def private_files(tmp_path_factory):
    """Stored files of this run in a folder of their own."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(autouse=True)
def _settings(settings, private_files):
    settings.MEDIA_ROOT = private_files
    settings.CLAMAV_ADDRESS = ""
    settings.PORTAL_URL = "https://portal.example.test"


@pytest.fixture
def now():
    """A Monday in March 114."""
    return NOW


@pytest.fixture
def letters(db, now):
    """The default wording."""
    services.load_letter_templates(now=now)


@pytest.fixture
def quick_pdf(monkeypatch):
    """Typesetting replaced by one real, tiny PDF: for tests of states, not of looks."""
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    content = out.getvalue()
    monkeypatch.setattr(typesetting, "html_to_pdf", lambda html: content)
    return content


def pdf_text(content: bytes, tmp_path: Path) -> str:
    """The text as pdftotext reads it, without white space (line breaks fall anywhere)."""
    path = tmp_path / "document.pdf"
    path.write_bytes(content)
    found = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return "".join(found.stdout.decode().split())


@pytest.fixture
def read_pdf(tmp_path):
    """``read_pdf(bytes) -> text`` without white space."""
    return lambda content: pdf_text(content, tmp_path)


@pytest.fixture
def make_user(db):
    """``make_user("letter.view", …)``: an account whose one role gives these permissions."""
    from accounts.models import Role, User

    def make(*codes: str):
        number = User.objects.count() + 1
        user = User.objects.create_user(email=f"person{number}@example.test", name=f"人員{number}")
        if codes:
            role = Role.objects.create(
                code=f"role{number}", name="角色", permissions=list(codes), home="home"
            )
            user.roles.add(role)
        return user

    return make


@pytest.fixture
def office(make_user):
    """Somebody of the program office."""
    return make_user("letter.view", "letter.issue", "letter.edit_template")
