"""``manage.py check_case``: the pages' findings from a file, and clear words for files that are none."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from applications import casefiles, selectors
from applications.models import Case
from applications.services import submission as service
from tests import factories

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[3] / "fixtures" / "examples" / "case.json"


def run(path, *args):
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("check_case", str(path), *args, stdout=out, stderr=err)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return status, out.getvalue(), err.getvalue()


def as_on_the_page(case, now):
    found = [f.as_dict() for f in selectors.findings(case, now)]
    return json.loads(json.dumps(found, default=str))


def export(case, tmp_path):
    path = tmp_path / "case.json"
    path.write_bytes(casefiles.as_bytes(casefiles.export(case)))
    return path


@pytest.mark.parametrize(
    "made", [{}, {"documents": False}, {"valid": False}, {"students": 1}, {"subsidy": 900_000}]
)
def test_the_file_of_a_draft_gives_the_findings_of_its_page(made, company, tmp_path):
    case = factories.make_case(**made)
    now = factories.now()
    status, out, _ = run(export(case, tmp_path), "--call", "ipas-114", "--at", now.isoformat())
    answer = json.loads(out)
    assert answer["findings"] == as_on_the_page(Case.objects.get(pk=case.pk), now)
    assert answer["terms_version"] == 1
    assert answer["stops_submission"] is bool(status) is bool(made)


def test_the_file_of_a_submitted_case_keeps_its_moment(company, tmp_path):
    case = factories.make_case()
    now = factories.now()
    service.submit(case=case, token=service.confirmation_token(case=case, now=now), actor=company, now=now)
    case = Case.objects.get(pk=case.pk)
    status, out, _ = run(export(case, tmp_path))
    assert status == 0
    assert json.loads(out)["findings"] == as_on_the_page(case, now)


def test_other_cases_of_the_company_count_as_on_the_page(company, tmp_path):
    call = factories.make_call()
    first = factories.make_case(call=call)
    now = factories.now()
    service.submit(case=first, token=service.confirmation_token(case=first, now=now), actor=company, now=now)
    second = factories.make_case(call=call, subsidy=100_000)
    _, out, _ = run(export(second, tmp_path), "--at", now.isoformat())
    assert json.loads(out)["findings"] == as_on_the_page(Case.objects.get(pk=second.pk), now)
    assert json.loads(export(second, tmp_path).read_text())["submission"]["other_subsidy"] == 400_000


def test_the_example_passes_without_any_call_in_the_database():
    status, out, err = run(EXAMPLE, "--call", "ipas-114")
    assert (status, err) == (0, "")
    assert json.loads(out)["stops_submission"] is False


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是正確的 JSON"),
        (b"{", "第 1 行"),
        (b"[]", "應為一組欄位"),
        (b"null", "應為一組欄位"),
        (b'{"schema": "ipas-case/1", "call": 5}', "call"),
        (b'{"schema": "ipas-case/1", "nonsense": 1}', "nonsense: 不認得的欄位"),
        (b'{"schema": "ipas-case/9"}', "schema"),
        (b'{"schema": "ipas-case/1", "schema": "ipas-case/1"}', "出現兩次"),
        (b'{"schema": "ipas-case/1", "budget": [{"subsidy": 1.5}]}', "budget[0].subsidy"),
        (b'{"schema": "ipas-case/1", "budget": [{"subsidy": NaN}]}', "budget[0].subsidy"),
        (b'{"schema": "ipas-case/1", "company": {"name": "\\u0000"}}', "company.name"),
        (b'{"schema": "ipas-case/1", "company": {"name": "\\ud800"}}', "無法使用的字元"),
        (b'{"schema": "ipas-case/1", "company": {"heads": ' + b"9" * 5000 + b"}}", "數字"),
        (b"[" * 100_000, "太深"),
        (b"\xff\xfe\x00", "不是 UTF-8"),
        (b" " * (casefiles.MOST_BYTES + 1), "超過 20 MB"),
    ],
)
def test_a_bad_file_is_explained_in_words(content, words, tmp_path):
    path = tmp_path / "case.json"
    path.write_bytes(content)
    status, out, err = run(path, "--call", "ipas-114")
    assert status == 1
    assert out == ""
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--call", "nope"], "沒有代碼為「nope」的徵案"),
        (["--call", "../secret"], "沒有代碼為"),
        (["--call", "ipas-114", "--at", "soon"], "--at"),
    ],
)
def test_bad_arguments_are_explained(args, words):
    status, out, err = run(EXAMPLE, *args)
    assert (status, out) == (1, "")
    assert words in err


def test_a_missing_file_is_explained():
    status, _, err = run("/nowhere/case.json", "--call", "ipas-114")
    assert status == 1
    assert "找不到" in err
