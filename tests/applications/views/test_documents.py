"""Documents: uploaded, checked by content, replaced, removed, and given out to those who may see them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.enums import CaseState
from applications.models import Case, CaseDocument
from tests import factories, personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db: None) -> Case:
    return factories.make_case(documents=False)


@pytest.fixture
def client_company(case: Case) -> Client:
    return personas.client_for(personas.make_company())


def add(client: Client, case: Case, item: str, *uploads: SimpleUploadedFile) -> Any:
    return client.post(reverse("cases:document_add", args=[case.pk, item]), {"files": list(uploads)})


def encrypted_pdf() -> bytes:
    pdf = pikepdf.open(io.BytesIO(factories.pdf_bytes()))
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 80_000_000)
    return out.getvalue()


def test_several_files_are_stored_with_their_hash(case: Case, client_company: Client) -> None:
    response = add(
        client_company, case, "D4", factories.pdf_upload("一.pdf", "1"), factories.pdf_upload("二.pdf", "2")
    )
    assert response.status_code == 302
    names = {d.file.original_name for d in case.case_documents.all()}
    assert names == {"一.pdf", "二.pdf"}
    page = client_company.get(reverse("cases:section", args=[case.pk, "documents"])).content.decode()
    assert "必備，已上傳" in page
    assert "系統會依您填寫的內容排版" in page


def test_the_page_leads_to_the_blank_forms(case: Case, client_company: Client) -> None:
    page = client_company.get(reverse("cases:section", args=[case.pk, "documents"])).content.decode()
    assert f'href="{reverse("public:download")}#topic-documents"' in page


def test_the_same_file_twice_is_one(case: Case, client_company: Client) -> None:
    for _ in range(2):
        add(client_company, case, "D4", factories.pdf_upload())
    assert CaseDocument.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.exe", b"MZ", "不收這種檔案"),
        ("a.pdf", b"hello", "檔案內容不是 PDF"),
        ("a.pdf", b"", "空的"),
        ("a.pdf", encrypted_pdf(), "密碼"),
        ("a.pdf", factories.pdf_bytes()[:200], "損壞"),
        ("a.xlsx", zip_bomb(), "解開後太大"),
    ],
    ids=["kind", "content", "empty", "encrypted", "broken", "bomb"],
)
def test_wrong_files_are_refused_with_the_reason(
    case: Case, client_company: Client, name: str, content: bytes, message: str
) -> None:
    response = add(client_company, case, "D3", SimpleUploadedFile(name, content))
    # Django drops an empty file before the view sees it.
    assert response.status_code == 422
    assert message in response.content.decode() or "請先選擇檔案" in response.content.decode()
    assert not CaseDocument.objects.exists()


def test_what_is_fine_is_kept_when_another_file_is_refused(case: Case, client_company: Client) -> None:
    response = add(client_company, case, "D4", factories.pdf_upload(), SimpleUploadedFile("x.pdf", b"no"))
    assert response.status_code == 422
    assert CaseDocument.objects.count() == 1


def test_items_of_the_portal_and_unknown_ones_take_no_file(case: Case, client_company: Client) -> None:
    for item in ("D1", "D2", "D99"):
        assert add(client_company, case, item, factories.pdf_upload()).status_code == 422
    assert not CaseDocument.objects.exists()


def test_replaced_and_removed_files_stay_in_the_history(case: Case, client_company: Client) -> None:
    add(client_company, case, "D4", factories.pdf_upload("舊.pdf", "old"))
    old = CaseDocument.objects.get()
    replace = reverse("cases:document_replace", args=[case.pk, old.pk])
    client_company.post(replace, {"file": factories.pdf_upload("新.pdf", "new")})
    old.refresh_from_db()
    assert old.replaced_by.file.original_name == "新.pdf"
    client_company.post(replace, {"file": factories.pdf_upload("新.pdf", "new")})  # replayed
    assert CaseDocument.objects.count() == 2
    remove = reverse("cases:document_remove", args=[case.pk, old.replaced_by_id])
    for _ in range(2):
        assert client_company.post(remove).status_code == 302
    assert not CaseDocument.objects.current().exists()
    page = client_company.get(reverse("cases:section", args=[case.pk, "documents"])).content.decode()
    assert "舊.pdf" in page
    assert "新.pdf" in page
    assert "2 個舊檔" in page


def test_files_go_only_to_those_who_may_see_the_case(case: Case, client_company: Client) -> None:
    document = factories.make_document(case, "D4", name="=機密.pdf")
    address = reverse("cases:file", args=[case.pk, document.pk])
    shown = client_company.get(f"{address}?inline=1")
    assert shown.status_code == 200
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(shown.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    saved = client_company.get(address)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    saved.getvalue()
    assert personas.client_for(personas.make_outsider()).get(address).status_code == 404
    assert personas.client_for(personas.make_office()).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    other = factories.make_case(organisation=personas.rival(), actor=personas.make_outsider())
    crossed = reverse("cases:file", args=[other.pk, document.pk])
    assert personas.client_for(personas.make_outsider()).get(crossed).status_code == 404


def test_viewers_and_a_closed_case_take_no_files(case: Case, client_company: Client) -> None:
    viewer = personas.client_for(personas.make_viewer())
    assert add(viewer, case, "D4", factories.pdf_upload()).status_code == 403
    factories.advance(case, CaseState.SUBMITTED)
    assert add(client_company, case, "D4", factories.pdf_upload()).status_code == 403
    assert not CaseDocument.objects.exists()


def test_a_supplement_opens_only_the_document_it_names(client_company: Client) -> None:
    case = factories.make_case(call=factories.make_call(slug="other"), state=CaseState.SUPPLEMENTING)
    factories.open_supplement(case, "documents.D6")
    assert add(client_company, case, "D4", factories.pdf_upload("x.pdf", "x")).status_code == 403
    assert add(client_company, case, "D6", factories.pdf_upload("y.pdf", "y")).status_code == 302
    old = case.case_documents.get(item="D4")
    assert client_company.post(reverse("cases:document_remove", args=[case.pk, old.pk])).status_code == 403
