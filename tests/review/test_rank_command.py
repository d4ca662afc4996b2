"""``manage.py rank``: the answer, or clear words and exit status 1; no traceback, no database."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

EXAMPLE = Path(__file__).parents[2] / "fixtures/examples/ranking.json"


def run(*args):
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("rank", *args, stdout=out, stderr=err, no_color=True)
    except SystemExit as stop:
        status = stop.code
    return status, out.getvalue(), err.getvalue()


def test_the_example_is_answered_as_json():
    status, out, err = run(str(EXAMPLE))
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert answer["schema"] == "ipas-rank-result/1"
    assert answer["ranking"]["rows"][0]["number"] == "114-002"
    assert answer["allocation"]["spent"] == 2_250_000


def test_text_prints_tables():
    status, out, _ = run(str(EXAMPLE), "--text")
    assert status == 0
    assert "名次  案號" in out
    assert "依排序補助" in out


def test_standard_input_is_a_dash(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + EXAMPLE.read_bytes())))
    assert run("-")[0] == 0


def test_a_bad_file_is_told_by_path(tmp_path):
    data = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    data["cases"][1]["sheets"][0]["scores"]["R1"] = 120
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(data), encoding="utf-8")
    status, out, err = run(str(bad))
    assert (status, out) == (1, "")
    assert "共 1 處須修正" in err
    assert "cases[1].sheets[0].scores.R1：須介於 0 與 100 之間。" in err


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"%PDF-1.7", b"{}", b"[" * 100_000])
def test_a_file_that_is_missing_or_something_else_gets_words(tmp_path, content):
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    status, out, err = run(str(path))
    assert (status, out) == (1, "")
    assert "檔案無法使用" in err


@pytest.mark.parametrize("name", [".", "a\0b", ""])
def test_a_name_that_is_no_file_gets_words(name):
    status, _, err = run(name)
    assert status == 1
    assert "無法讀取" in err


def test_a_file_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("review.management.commands.rank.MOST_BYTES", 10)
    path = tmp_path / "large.json"
    path.write_text(" " * 11, encoding="utf-8")
    assert "檔案超過" in run(str(path))[2]
