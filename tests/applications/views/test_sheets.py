"""Trainees as a spreadsheet: out, in again, and every mistake by row and column."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Case
from applications.services.sheets import COLUMNS
from core.sheets import write_ods, write_xlsx
from tests import factories, personas

pytestmark = pytest.mark.django_db
HEADER = list(COLUMNS.values())
ROW = ["新學生", "在學學生", "女", "示範科大", "電機系", "大四", "", "物聯網", 130, 255, None, "是"]


@pytest.fixture
def case(db: None) -> Case:
    return factories.make_case()


@pytest.fixture
def client_company(case: Case) -> Client:
    return personas.client_for(personas.make_company())


def preview(client: Client, case: Case, content: bytes, name: str = "名單.xlsx") -> Any:
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("cases:sheet_preview", args=[case.pk]), {"sheet": upload})


def confirm(client: Client, case: Case, shown: Any) -> Any:
    data = {"token": shown.context["token"], "version": shown.context["version"]}
    return client.post(reverse("cases:sheet_confirm", args=[case.pk]), data)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_template_comes_back_as_it_went_out(case: Case, client_company: Client, kind: str) -> None:
    before = list(case.trainees.order_by("position").values())
    content = client_company.get(reverse("cases:sheet_template", args=[case.pk, kind])).content
    shown = preview(client_company, case, content, f"名單.{kind}")
    assert shown.status_code == 200, shown.content.decode()
    assert "新增 0 位、變更 0 位、移除 0 位" in shown.content.decode()
    assert confirm(client_company, case, shown).status_code == 302
    assert list(case.trainees.order_by("position").values()) == before


def test_the_xlsx_template_offers_lists_and_instructions(case: Case, client_company: Client) -> None:
    content = client_company.get(reverse("cases:sheet_template", args=[case.pk, "xlsx"])).content
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames[:2] == ["培育對象", "填寫說明"]
    assert len(book["培育對象"].data_validations.dataValidation) == 5


@pytest.mark.parametrize(("write", "kind"), [(write_xlsx, "xlsx"), (write_ods, "ods")])
def test_a_filled_sheet_replaces_the_list_after_a_preview(
    case: Case, client_company: Client, write: Any, kind: str
) -> None:
    rows = [ROW, [*ROW[:1], *ROW[1:]], ["學生01", *ROW[1:]]]
    rows[1][0] = "另一位"
    shown = preview(client_company, case, write(HEADER, rows), f"x.{kind}")
    assert "共 3 位，將取代目前的 6 位：新增 2 位、變更 1 位、移除 5 位" in shown.content.decode()
    assert case.trainees.count() == 6
    confirm(client_company, case, shown)
    assert list(case.trainees.values_list("name", flat=True)) == ["新學生", "另一位", "學生01"]
    assert case.trainees.first().job_role == "iot"
    confirm(client_company, case, shown)  # replayed: nothing happens twice
    assert case.trainees.count() == 3


def test_mistakes_are_named_by_row_and_column_and_nothing_is_imported(
    case: Case, client_company: Client
) -> None:
    bad = [*ROW]
    bad[1], bad[8], bad[9] = "老闆", "一百", -5
    response = preview(client_company, case, write_xlsx(HEADER, [ROW, bad]))
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("第 3 列 B 欄", "「老闆」不在清單中", "第 3 列 I 欄", "第 3 列 J 欄", "不能是負數"):
        assert words in page
    assert case.trainees.count() == 6


def test_other_files_and_empty_sheets_are_refused(case: Case, client_company: Client) -> None:
    for content, words in (
        (b"no sheet", "試算表"),
        (write_xlsx(HEADER, []), "沒有任何受訓者"),
        (write_xlsx(["姓名"], [["甲"]]), "缺少欄位"),
        (write_xlsx(HEADER, [ROW] * 201), "最多 200 列"),
    ):
        response = preview(client_company, case, content)
        assert response.status_code == 422
        assert words in response.content.decode()
    empty = client_company.post(reverse("cases:sheet_preview", args=[case.pk]))
    assert "請先選擇" in empty.content.decode()


def test_a_list_that_changed_after_the_preview_is_compared_first(case: Case, client_company: Client) -> None:
    shown = preview(client_company, case, write_xlsx(HEADER, [ROW]))
    from applications.forms.editors import Editor

    data = Editor(Case.objects.get(pk=case.pk), "trainees").payload()
    data |= {"version": "1", "trainees-0-name": "同事改的"}
    colleague = personas.client_for(personas.make_colleague())
    colleague.post(reverse("cases:section", args=[case.pk, "trainees"]), data)
    response = confirm(client_company, case, shown)
    assert response.headers["Location"] == reverse("cases:conflict", args=[case.pk, "trainees"])
    assert case.trainees.filter(name="同事改的").exists()


def test_a_forged_token_imports_nothing(case: Case, client_company: Client) -> None:
    response = client_company.post(
        reverse("cases:sheet_confirm", args=[case.pk]), {"token": "forged", "version": "1"}
    )
    assert response.status_code == 302
    assert case.trainees.count() == 6


def test_viewers_read_but_do_not_import_and_strangers_see_nothing(case: Case) -> None:
    address = reverse("cases:sheet_template", args=[case.pk, "xlsx"])
    viewer = personas.client_for(personas.make_viewer())
    assert viewer.get(address).status_code == 200
    assert preview(viewer, case, write_xlsx(HEADER, [ROW])).status_code == 403
    office = personas.client_for(personas.make_office())
    assert office.get(address).status_code == 404
    Case.objects.filter(pk=case.pk).update(channel="in_person")
    assert office.get(address).status_code == 200, "who types paper in may use the sheet"
    outsider = personas.client_for(personas.make_outsider())
    assert outsider.get(address).status_code == 404
    assert preview(outsider, case, write_xlsx(HEADER, [ROW])).status_code == 404
