"""More than one request may hold: said in words, with the way back; and no honest page comes near it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.forms.editors import SPECS, Editor
from tests import factories, personas

pytestmark = pytest.mark.django_db

SEASON = 5_000  # cases of the largest season that the portal is made for


@pytest.fixture
def client(db):
    return personas.client_for(personas.make_company())


def section(case, name="trainees"):
    return reverse("cases:section", args=[case.pk, name])


def test_too_many_fields_are_answered_with_what_to_do(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
    url = section(factories.make_case())
    answer = client.post(url, {f"x{n}": "" for n in range(51)}, HTTP_REFERER=f"http://testserver{url}")
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "一次送出的內容太多" in page
    assert "50 個欄位" in page
    assert f'href="http://testserver{url}"' in page
    assert "王業主" in page, "the frame of somebody who is logged in"


def test_too_much_text_is_answered_likewise(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
    url = section(factories.make_case(), "plan")
    answer = client.post(url, {"goals": "x" * (2 * 1024 * 1024 + 1)}, HTTP_REFERER="https://evil.test/")
    assert answer.status_code == 413
    assert "文字合計 2 MB" in answer.content.decode()
    assert "evil.test" not in answer.content.decode()
    assert f'href="{url}"' in answer.content.decode()


def test_autosave_is_told_in_json(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
    answer = client.post(
        section(factories.make_case()), {f"x{n}": "" for n in range(51)}, headers={"X-Autosave": "1"}
    )
    assert (answer.status_code, answer.json()["status"]) == (413, "too_large")
    assert "50 個欄位" in answer.json()["limit"]


def test_too_many_files_have_words_of_their_own(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    case = factories.make_case()
    files = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.4") for n in range(3)]
    answer = client.post(reverse("cases:document_add", args=[case.pk, "D3"]), {"files": files})
    assert answer.status_code == 413
    assert "分成幾次上傳" in answer.content.decode()


def test_another_bad_request_has_the_general_page(client, rf):
    from ipas_portal.errors import bad_request

    request = rf.get("/")
    answer = bad_request(request, ValueError("broken"))
    assert answer.status_code == 400
    assert "無法讀取" in answer.content.decode()


@pytest.mark.parametrize("name", list(SPECS))
def test_the_fullest_section_stays_far_below_the_limits(name):
    """Every row that the section takes, every field of it filled to its maximum, percent-encoded as browsers send it."""
    case = factories.make_case()
    editor = Editor(case, name)
    spec = SPECS[name]
    fields = len(editor.form.fields) if editor.form else 0
    size = sum(_most(field) for field in editor.form.fields.values()) if editor.form else 0
    for formset in editor.formsets.values():
        columns = formset.empty_form.fields
        fields += (spec.most + spec.extra) * len(columns) + 4
        size += (spec.most + spec.extra) * sum(_most(field) for field in columns.values())
    assert fields < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS / 4
    assert size < settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2


def _most(field) -> int:
    """Bytes of the longest value: a Chinese character is nine of them in a form; 40 for the name."""
    return 9 * (getattr(field, "max_length", None) or 100) + 40


def test_the_decision_of_the_largest_season_fits():
    accounts = len(factories.make_call().terms.accounts)
    assert SEASON * (accounts + 1) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
