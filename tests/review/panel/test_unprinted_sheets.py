"""A score sheet whose PDF fails for good: seen and made again by the office and the chair, without any score."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from core import clock
from documents.models import OfficialDocument
from documents.services import rendering
from tests import personas
from tests.review.panel.conftest import MARKS, Stage


def fail(stage: Stage, user: Any) -> OfficialDocument:
    document = stage.assignment(user).sheet.document
    OfficialDocument.objects.filter(pk=document.pk).update(
        state="failed", error=f"KeyError: {MARKS[0]}", file=None, issued_at=None, sha256=""
    )
    document.refresh_from_db()
    return document


def test_the_office_sees_and_retries_it_before_scores_are_open(scoring: Stage, client_of: Any) -> None:
    scoring.submit(scoring.one, marks=True)
    document = fail(scoring, scoring.one)
    office = client_of(scoring.office)
    page = office.get(reverse("documents:list"), {"view": "failed"})
    assert [row.pk for row in page.context["page_obj"].object_list] == [document.pk]
    assert {v["label"]: v["count"] for v in page.context["views"]}["失敗"] == 1
    assert "有 1 份文件製作失敗" in office.get(reverse("office:home")).content.decode()
    detail = office.get(reverse("documents:detail", args=[document.pk])).content.decode()
    assert "沒有製作成功" in detail
    assert not [mark for mark in MARKS if mark in detail]
    retry = reverse("documents:retry", args=[document.pk])
    assert [office.post(retry).status_code for _ in range(2)] == [302, 302]
    document.refresh_from_db()
    assert document.state == "pending"
    assert office.get(reverse("documents:detail", args=[document.pk])).status_code == 404
    assert (
        not office.get(reverse("documents:list"), {"view": "all", "kind": "score_sheet"})
        .context["page_obj"]
        .object_list
    )


def test_the_chair_sees_it_in_list_and_case_and_retries(collected: Stage, client_of: Any) -> None:
    document = fail(collected, collected.two)
    chair, seat = client_of(collected.chair), collected.seat()
    assert (
        "1 份評分表 PDF 製作失敗"
        in chair.get(reverse("review:chair", args=[collected.panel.pk])).content.decode()
    )
    page = chair.get(reverse("review:chair_case", args=[seat.pk])).content.decode()
    assert "有 1 份評分表的 PDF 沒有製作成功" in page
    retry = reverse("review:retry_sheet", args=[collected.assignment(collected.two).pk])
    assert retry in page
    assert [chair.post(retry).status_code for _ in range(2)] == [302, 302]
    document.refresh_from_db()
    assert document.state == "pending"
    assert "沒有製作成功" not in chair.get(reverse("review:chair_case", args=[seat.pk])).content.decode()


@pytest.mark.parametrize("who", ["company", "outsider", "reviewer2", "auditor"])
def test_nobody_else_retries_a_sheet(collected: Stage, client_of: Any, who: str) -> None:
    document = fail(collected, collected.two)
    retry = reverse("review:retry_sheet", args=[collected.assignment(collected.two).pk])
    assert client_of(personas.EVERYBODY[who]()).post(retry).status_code in (403, 404)
    document.refresh_from_db()
    assert document.state == "failed"


def test_its_writer_is_told_that_others_see_to_it(collected: Stage, client_of: Any) -> None:
    fail(collected, collected.two)
    page = (
        client_of(collected.two)
        .get(reverse("review:sheet", args=[collected.assignment(collected.two).pk]))
        .content.decode()
    )
    assert "召集人與計畫辦公室會重新製作" in page


def test_the_error_brings_no_score_into_history_or_log(scoring: Stage) -> None:
    """It may quote what was being typeset, and accounting and the administrator read the log."""
    scoring.submit(scoring.one, marks=True)
    document = scoring.assignment(scoring.one).sheet.document
    OfficialDocument.objects.filter(pk=document.pk).update(state="pending", file=None, issued_at=None)
    with mock.patch.object(rendering, "typeset", side_effect=KeyError(MARKS[0])):
        assert rendering.render_document(pk=str(document.pk), now=clock.now()) == "retry"
    document.refresh_from_db()
    assert "KeyError" in document.error
    told = [document.error, *(t.reason for t in document.transitions.all())]
    told += [str(entry.changes) for entry in LogEntry.objects.all()]
    assert not [words for words in told if MARKS[0] in words]
