"""The public result: nothing before the confirmation, the same rows in every format afterwards."""

from __future__ import annotations

import csv
import io

import odfdo
import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Case, CaseCompany
from tests.factories import make_call
from tests.review.decision.builders import open_with
from tests.review.decision.test_confirmation import adopted, confirm

pytestmark = pytest.mark.django_db
FORMATS = ("page", "xlsx", "ods", "csv", "json")


def get(name):
    return Client().get(reverse(f"results:{name}", args=["ipas-114"]))


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_public_before_the_confirmation(name):
    make_call()
    open_with([90])
    assert get(name).status_code == 404


@pytest.fixture
def decided(db):
    meeting = adopted(call=make_call(envelope=1_000_000))
    CaseCompany.objects.filter(case__number="IPAS-114-0002").update(name="=HYPERLINK(1)股份有限公司")
    return confirm(meeting)


def test_everybody_sees_the_approved_and_only_them(decided):
    html = get("page").content.decode()
    assert "IPAS-114-0001" in html
    assert "900,000" in html
    assert "1,000,000 元" in html
    assert "IPAS-114-0003" not in html


def test_no_person_appears(decided):
    for name in FORMATS:
        content = get(name).content
        for word in ("林示範", "c1@example.test", "錢督導", "專家", "90.00"):
            assert word.encode() not in content


def test_every_format_has_the_same_rows(decided):
    data = get("json").json()
    expected = [(r["number"], r["plan"], r["approved_subsidy"], r["approved_on"]) for r in data["results"]]
    assert [row[0] for row in expected] == ["IPAS-114-0001", "IPAS-114-0002"]
    assert (data["count"], data["total"], data["schema"]) == (2, 1_000_000, "ipas-results/1")

    lines = list(csv.reader(io.StringIO(get("csv").content.decode("utf-8-sig"))))[1:]
    assert [(a, c, int(d), e) for a, _, c, d, e in lines] == expected

    sheet = openpyxl.load_workbook(io.BytesIO(get("xlsx").content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [(a, c, d, e.isoformat()[:10]) for a, _, c, d, e in rows] == expected

    table = odfdo.Document(io.BytesIO(get("ods").content)).body.get_table(0)
    rows = [row.get_values() for row in table.traverse(start=1)]
    assert [(a, c, int(d), e.isoformat()[:10]) for a, _, c, d, e in rows] == expected


def test_a_name_that_looks_like_a_formula_stays_text(decided):
    rows = list(csv.reader(io.StringIO(get("csv").content.decode("utf-8-sig"))))
    assert rows[2][1] == "'=HYPERLINK(1)股份有限公司"
    sheet = openpyxl.load_workbook(io.BytesIO(get("xlsx").content)).active
    assert sheet["B3"].data_type == "s"


def test_an_unknown_call_is_not_found():
    assert Client().get(reverse("results:page", args=["nothing"])).status_code == 404


def test_the_page_takes_the_same_queries_for_many_rows():
    confirm(adopted([90 - n for n in range(15)], call=make_call(envelope=10**9)))
    assert Case.objects.filter(state="approved").count() == 15
    with CaptureQueriesContext(connection) as queries:
        assert get("page").status_code == 200
    assert len(queries) <= 5
